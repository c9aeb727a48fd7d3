/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-disagreement.h: fields that two laptops wrote without knowing of each other, and what a person decides.
 *
 * A row of `conflict` (made and closed by merging, see tessera-merge.h) with everything a person needs to decide: whom it
 * is about, which field, which versions, whose and from when. It knows nothing of screens.
 */
#pragma once

#include "tessera-casework-error.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

/** TESSERA_DISAGREEMENT_KEPT_DAYS: what was decided is shown for so long. */
#define TESSERA_DISAGREEMENT_KEPT_DAYS 30

/**
 * TesseraVersion: one of the values.
 * @value: (nullable): canonical text; %NULL: it was emptied
 * @text: (nullable): the same as people read it now
 * @device: (nullable): who wrote it (UUID of `device`)
 * @at: when, in milliseconds, as that laptop's clock says
 * @mine: written on this laptop
 * @shown: the one the record shows until somebody decides
 */
typedef struct {
  char *value;
  char *text;
  char *device;
  gint64 at;
  gboolean mine;
  gboolean shown;
} TesseraVersion;

/**
 * TesseraDisagreement:
 * @id: of the row of `conflict`; the same on every laptop
 * @client: (nullable): whom it is about (merges followed)
 * @row: id of the row of @entity
 * @versions: (element-type TesseraVersion): the shown one first
 * @opened_at, @resolved_at: milliseconds; @resolved_at 0 while it is open
 * @resolved_on: (nullable): the device on which it was decided
 */
typedef struct {
  char *id;
  TesseraRecord *client;
  const TesseraEntity *entity;
  const TesseraField *field;
  char *row;
  GPtrArray *versions;
  gint64 opened_at;
  gint64 resolved_at;
  char *resolved_on;
} TesseraDisagreement;

void tessera_disagreement_free (TesseraDisagreement *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraDisagreement, tessera_disagreement_free)

/** tessera_disagreement_list: (transfer full) (element-type TesseraDisagreement): the open ones, oldest first, at most
 * @limit. @client: (nullable): only about this client, which may be a merged id */
GPtrArray *tessera_disagreement_list (TesseraTransaction *transaction, const char *client, guint limit, GError **error);

/** tessera_disagreement_list_settled: (transfer full) (element-type TesseraDisagreement): decided in the last
 * %TESSERA_DISAGREEMENT_KEPT_DAYS days, newest first, at most @limit; each with the value that now holds. */
GPtrArray *tessera_disagreement_list_settled (TesseraTransaction *transaction, guint limit, GError **error);

/** tessera_disagreement_count: open ones. */
guint tessera_disagreement_count (TesseraTransaction *transaction);

/** tessera_disagreement_load: (transfer full): the one of id @id, open or decided. */
TesseraDisagreement *tessera_disagreement_load (TesseraTransaction *transaction, const char *id, GError **error);

/** tessera_disagreement_check_open: %FALSE with an error when it was decided before it was loaded. */
gboolean tessera_disagreement_check_open (const TesseraDisagreement *self, GError **error);

/** tessera_disagreement_may_write: whether another value than one of the versions can be given. */
gboolean tessera_disagreement_may_write (const TesseraDisagreement *self);

/** tessera_disagreement_join: (transfer full) (nullable): all versions in one text; %NULL where that makes no sense, as
 * with two dates of birth. */
char *tessera_disagreement_join (const TesseraDisagreement *self);

/**
 * tessera_disagreement_get_mine:
 * @ret_value: (out) (transfer none) (nullable)
 *
 * The value that was written on this laptop; %FALSE with an error when none was.
 */
gboolean tessera_disagreement_get_mine (const TesseraDisagreement *self, const char **ret_value, GError **error);

/** tessera_disagreement_get_theirs: the one that was not; %FALSE with an error that shows the values when there are
 * several, or none. @ret_value: (out) (transfer none) (nullable) */
gboolean tessera_disagreement_get_theirs (const TesseraDisagreement *self, const char **ret_value, GError **error);

/**
 * tessera_disagreement_settle:
 * @value: (nullable): canonical text of the field
 *
 * Writes @value as what holds from now on, on every laptop.
 */
gboolean tessera_disagreement_settle (TesseraTransaction *transaction, const TesseraDisagreement *self, const char *value,
                                      GError **error);

/** tessera_disagreement_ask: leaves it open, and makes a task of asking the client; once, however often it is called. */
gboolean tessera_disagreement_ask (TesseraTransaction *transaction, const TesseraDisagreement *self, GError **error);

G_END_DECLS
