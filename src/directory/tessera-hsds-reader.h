/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hsds-reader.h: a service directory file as rows, checked and not yet stored.
 *
 * Reads Human Services Data Specification 3 JSON (Open Referral): one service, a list, an API page
 * (`contents`), JSON lines; services, organizations, services at a place and places. What is nested becomes
 * rows that name each other; copies collapse. The reader touches no store, so it may run in any thread, and a
 * refused file has changed nothing.
 *
 * Texts stay plain text: HTML and Markdown in them are never interpreted, here or later.
 */
#pragma once

#include "tessera-record.h"

G_BEGIN_DECLS

/** TESSERA_HSDS_FILE_LIMIT: largest file in bytes; a national directory has a few MiB. */
#define TESSERA_HSDS_FILE_LIMIT (64 * 1024 * 1024)
/** TESSERA_HSDS_DEPTH_LIMIT: deepest nesting; HSDS needs about 12. */
#define TESSERA_HSDS_DEPTH_LIMIT 64
/** TESSERA_HSDS_VALUE_LIMIT: most JSON values of a file, which bounds the memory reading takes. */
#define TESSERA_HSDS_VALUE_LIMIT 2000000

/**
 * TesseraHsdsRow:
 * @record: canonical values; members we do not know are in its field `extra` as a JSON object
 * @owner: (nullable): id of the row it was nested in and belongs to
 * @owner_entity: (nullable): entity of @owner
 * @incomplete: a required field is missing; it is left out of the store (a warning says so)
 * @modified: `last_modified` of the service it was found under, milliseconds, or 0
 */
typedef struct {
  TesseraRecord *record;
  char *owner;
  const char *owner_entity;
  gboolean incomplete;
  gint64 modified;
} TesseraHsdsRow;

/**
 * TesseraHsds: what a file said. Read only.
 * @name: base name of the file
 * @rows: (element-type TesseraHsdsRow): in the order of the file, each entity and id once
 * @warnings: (element-type utf8): translated sentences: what was read with a reservation
 * @partial: the file says that it is one page of several
 */
typedef struct {
  char *name;
  GPtrArray *rows;
  GPtrArray *warnings;
  gboolean partial;
  /*< private >*/
  GHashTable *by_key;
  GHashTable *services;
  guint n_warnings;
} TesseraHsds;

void tessera_hsds_free (TesseraHsds *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraHsds, tessera_hsds_free)

/**
 * tessera_hsds_read_file:
 *
 * Reads @path. A file above %TESSERA_HSDS_FILE_LIMIT is refused before any of it is read.
 *
 * Ids that are no UUID become UUIDv5 ones made of entity and id, and are kept as `tessera_original_id`. The
 * same service twice is refused unless both say the same; copies of organizations, places and terms collapse,
 * the one under the service changed last wins, and a warning tells. Impossible coordinates and unknown codes
 * are kept in `extra` with a warning; an impossible date, a wrong type or a missing id refuses the whole
 * file.
 *
 * Returns: (transfer full) (nullable): or %NULL with %TESSERA_DIRECTORY_ERROR
 */
TesseraHsds *tessera_hsds_read_file (TesseraRegistry *registry, const char *path, GError **error);

/** tessera_hsds_read_text: the same for a text at hand; @name is used in messages. */
TesseraHsds *tessera_hsds_read_text (TesseraRegistry *registry, const char *name, const char *text,
                                     gsize length, GError **error);

/** tessera_hsds_find: (nullable): the row of @entity with the (canonical) @id. */
TesseraHsdsRow *tessera_hsds_find (TesseraHsds *self, const char *entity, const char *id);

/** tessera_hsds_count: rows of @entity. */
guint tessera_hsds_count (TesseraHsds *self, const char *entity);

/**
 * tessera_hsds_guess_language: (transfer full) (nullable):
 *
 * The language the texts are in: what most taxonomy terms say, else what the script of most names tells if
 * one script means one language of the regions we work with (Arabic, Georgian, Armenian, Greek, Hebrew,
 * Amharic …); %NULL when neither tells (Latin and Cyrillic script without a hint).
 */
char *tessera_hsds_guess_language (TesseraHsds *self);

G_END_DECLS
