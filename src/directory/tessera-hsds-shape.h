/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hsds-shape.h: how the objects of HSDS 3 JSON hang together, for the reader and the writer alike.
 *
 * HSDS 3 serializes a service as a tree: what are rows of their own here are nested objects there (Open
 * Referral, Human Services Data Specification 3.0, "Serialization" and "Schema reference"). Field names come
 * from the registry; this table says only where a nested object may stand and which reference the nesting
 * replaces.
 */
#pragma once

#include "tessera-registry.h"

G_BEGIN_DECLS

/**
 * TesseraHsdsNest:
 * @parent: entity of the outer object
 * @member: member of the outer object
 * @child: entity of the nested object or objects
 * @many: a list of objects, else one object
 * @back: (nullable): field of the child that names the parent
 * @forward: (nullable): field of the parent that names the child
 * @shared: the same child may stand under several parents; copies collapse into one row
 * @write: the writer nests it here (others are read only: they would repeat what stands elsewhere)
 */
typedef struct {
  const char *parent;
  const char *member;
  const char *child;
  gboolean many;
  const char *back;
  const char *forward;
  gboolean shared;
  gboolean write;
} TesseraHsdsNest;

/** tessera_hsds_nests: ends with an entry whose parent is %NULL. */
extern const TesseraHsdsNest tessera_hsds_nests[];

/** tessera_hsds_find_nest: (nullable) */
const TesseraHsdsNest *tessera_hsds_find_nest (const char *parent, const char *member);

/** tessera_hsds_find_field: index of the field that @member of an object of @entity fills, or -1 for one we
 * do not know: the same name, or the name of a reference with "_id". */
int tessera_hsds_find_field (const TesseraEntity *entity, const char *member);

/** tessera_hsds_member_name: (transfer full): the member that holds @field in HSDS. */
char *tessera_hsds_member_name (const TesseraField *field);

/** TESSERA_HSDS_ORIGINAL_ID: unknown member that keeps an id which was not a UUID. */
#define TESSERA_HSDS_ORIGINAL_ID "tessera_original_id"

/** tessera_hsds_canonical_id: (transfer full): @text in lower case if it is a UUID, else the UUIDv5 of entity
 * and text, so that the same foreign id always becomes the same row. @ret_derived (out) (optional): which of
 * the two. */
char *tessera_hsds_canonical_id (const char *entity, const char *text, gboolean *ret_derived);

G_END_DECLS
