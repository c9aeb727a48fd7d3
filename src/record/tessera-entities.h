/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-entities.h: the built-in tables, one file per subject; only tessera-registry.c reads them.
 *
 * A field is written {name, label, type, category, share, merge, flags, of}. The short names below keep one field on
 * one line; they exist only for these tables.
 */
#pragma once

#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-registry.h"

#define TEXT TESSERA_FIELD_TEXT
#define INTEGER TESSERA_FIELD_INTEGER
#define NUMBER TESSERA_FIELD_NUMBER
#define DATE TESSERA_FIELD_DATE
#define INSTANT TESSERA_FIELD_INSTANT
#define BOOLEAN TESSERA_FIELD_BOOLEAN
#define CHOICE TESSERA_FIELD_CHOICE
#define LANGUAGE TESSERA_FIELD_LANGUAGE
#define REFERENCE TESSERA_FIELD_REFERENCE
#define SET TESSERA_FIELD_SET
#define BLOB TESSERA_FIELD_BLOB

#define NONE TESSERA_CATEGORY_NONE
#define IDENTITY TESSERA_CATEGORY_IDENTITY
#define CONTACT TESSERA_CATEGORY_CONTACT
#define HOUSEHOLD TESSERA_CATEGORY_HOUSEHOLD
#define NEEDS TESSERA_CATEGORY_NEEDS
#define PATHWAY TESSERA_CATEGORY_PATHWAY
#define VISITS TESSERA_CATEGORY_VISITS
#define NOTES TESSERA_CATEGORY_NOTES
#define HEALTH TESSERA_CATEGORY_HEALTH
#define PROTECTION TESSERA_CATEGORY_PROTECTION
#define HOUSING TESSERA_CATEGORY_HOUSING
#define WORK TESSERA_CATEGORY_WORK
#define DOCUMENTS TESSERA_CATEGORY_DOCUMENTS
#define STORY TESSERA_CATEGORY_STORY

#define NEVER TESSERA_SHARE_NEVER
#define CONSENT TESSERA_SHARE_CONSENT
#define REFERRAL TESSERA_SHARE_REFERRAL
#define PUBLIC TESSERA_SHARE_PUBLIC

#define LAST TESSERA_MERGE_LAST_WRITER
#define APPEND TESSERA_MERGE_APPEND_ONLY
#define MEMBERS TESSERA_MERGE_SET
#define CONFLICT TESSERA_MERGE_CONFLICT

#define PLAIN TESSERA_FIELD_PLAIN
#define REQUIRED TESSERA_FIELD_REQUIRED
#define SEARCHED TESSERA_FIELD_SEARCHED
#define LONG TESSERA_FIELD_LONG
#define TRANSLATED TESSERA_FIELD_TRANSLATED
#define AUTOMATIC TESSERA_FIELD_AUTOMATIC
#define INDEXED TESSERA_FIELD_INDEXED

/* Entity numbers are part of the change log format: never reuse one. */
#define TESSERA_ENTITY(name, label, number, flags, subject) \
  { #name, label, number, flags, subject, name##_fields, G_N_ELEMENTS (name##_fields) }

extern const TesseraEntity tessera_people_entities[];
extern const guint tessera_n_people_entities;
extern const TesseraEntity tessera_pathway_entities[];
extern const guint tessera_n_pathway_entities;
extern const TesseraEntity tessera_sharing_entities[];
extern const guint tessera_n_sharing_entities;
extern const TesseraEntity tessera_directory_entities[];
extern const guint tessera_n_directory_entities;
