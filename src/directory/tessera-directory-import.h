/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-import.h: stores a directory file; the same ids in a second language become translations.
 *
 * It never deletes and never sets a service inactive by itself: absence from a complete file is only proposed
 * to the person who keeps the directory, because referrals keep pointing to services.
 */
#pragma once

#include "tessera-hsds-reader.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/**
 * TesseraAbsentService: a service that a complete file no longer has.
 * @id: of the service
 * @name: in the base language
 */
typedef struct {
  char *id;
  char *name;
} TesseraAbsentService;

/**
 * TesseraDirectorySummary: what an import did.
 * @language: the language the file was taken to be in
 * @base: base language of the directory
 * @services: services in the file
 * @organizations: organizations in the file
 * @locations: places in the file
 * @added: rows of any kind that are new
 * @changed: rows that differ now
 * @translations: texts added or changed in @language
 * @warnings: (element-type utf8): sentences: those of the reader and of the import
 * @absent: (element-type TesseraAbsentService): proposed to be set inactive; only for complete imports
 */
typedef struct {
  char *language;
  char *base;
  guint services;
  guint organizations;
  guint locations;
  guint added;
  guint changed;
  guint translations;
  GPtrArray *warnings;
  GPtrArray *absent;
} TesseraDirectorySummary;

void tessera_directory_summary_free (TesseraDirectorySummary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraDirectorySummary, tessera_directory_summary_free)

/** tessera_directory_summary_to_json: (transfer full): `language base services organizations locations added
 * changed translations warnings absent`. */
JsonObject *tessera_directory_summary_to_json (TesseraDirectorySummary *self);

/**
 * tessera_directory_import:
 * @hsds: what tessera_hsds_read_file() gave
 * @language: (nullable): language of the file; %NULL guesses (tessera_hsds_guess_language(), else the base
 *   language, unless most names differ from the stored ones: then the import is refused and asks for the
 *   language)
 * @complete: the file lists every service: those it lacks are proposed in the summary
 * @ret_summary: (out) (optional) (transfer full)
 *
 * The first import decides the base language of the directory. A file in the base language adds rows and
 * changes those that differ; a member the file leaves out keeps its stored value, a service the store knows
 * from a later `last_modified` is left as it is, and `assured_date` never goes back. A file in another
 * language adds translations of the texts that differ and leaves the base rows alone; rows whose ids change
 * with the language (lists of documents) are paired by their place under the same owner; new services come in
 * with their texts as they are.
 *
 * All of it belongs to the transaction: when it fails nothing was imported.
 */
gboolean tessera_directory_import (TesseraTransaction *transaction, TesseraHsds *hsds, const char *language,
                                   gboolean complete, TesseraDirectorySummary **ret_summary, GError **error);

/** tessera_directory_set_inactive: what the keeper agreed to: sets the services with @ids (element-type utf8)
 * inactive. */
gboolean tessera_directory_set_inactive (TesseraTransaction *transaction, GPtrArray *ids, GError **error);

G_END_DECLS
