/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-withdrawing.c: bundles of ours that carry somebody who was erased are taken back.
 *
 * Files first, then what the books say: if the transaction fails, a missing file is found again, a forgotten one is not.
 */
#include "config.h"
#include <glib/gstdio.h>

#include "tessera-contents.h"
#include "tessera-erasing.h"
#include "tessera-erasure.h"
#include "tessera-identifier.h"
#include "tessera-merge.h"
#include "tessera-team-private.h"

#define UNDER_WAY "direction = 'out' AND state IN ('spooled', 'on_carrier')"
/* What was erased left empty numbers in the log, which still name the row or whose it was. */
#define CARRIES "WHERE " UNDER_WAY " AND flow = 'team' AND EXISTS (SELECT 1 FROM change c JOIN stream s ON s.sid = c.sid" \
  " WHERE (c.subject = ?1 OR c.row = ?1) AND lower(hex(s.id)) = bundle.stream AND c.seq BETWEEN bundle.first AND bundle.number)"
#define CONTENTS "WHERE " UNDER_WAY " AND manifest_id IN (SELECT bundle FROM content_sent" \
  " WHERE \"row\" IN (SELECT row FROM change WHERE subject = ?1))"
#define SNAPSHOTS "WHERE " UNDER_WAY " AND flow = 'snapshot'"
/* Letters about a referral that is no longer here. */
#define LETTERS "WHERE " UNDER_WAY " AND flow = 'referral' AND referral IS NOT NULL" \
  " AND NOT EXISTS (SELECT 1 FROM referral r WHERE r.id = bundle.referral)" \
  " AND NOT EXISTS (SELECT 1 FROM erasure_request r WHERE r.referral = bundle.referral AND r.number <= bundle.number)"

static gboolean
withdraw_bundle (TesseraTransaction *transaction, const char *outbox, TesseraRecord *bundle, GError **error) {
  const char *name = tessera_record_get (bundle, "file_name");
  g_autofree char *path = name ? g_build_filename (outbox, name, NULL) : NULL;

  if (path)
    g_unlink (path);
  tessera_record_set (bundle, "state", "withdrawn");
  return tessera_transaction_save (transaction, bundle, error);
}

static gboolean
withdraw_changes (TesseraTransaction *transaction, const char *outbox, const char *subject, GError **error) {
  g_autoptr (GPtrArray) bundles = tessera_transaction_select_records (transaction, "bundle", CARRIES, subject, error);

  if (!bundles)
    return FALSE;
  for (guint i = 0; i < bundles->len; i++) {
    TesseraRecord *bundle = bundles->pdata[i];

    if (!withdraw_bundle (transaction, outbox, bundle, error)
        || !tessera_team_note_withdrawn (transaction, tessera_record_get (bundle, "mailbox"),
                                         tessera_record_get (bundle, "stream"),
                                         tessera_record_get_integer (bundle, "first"), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
withdraw_contents (TesseraTransaction *transaction, const char *outbox, const char *subject, GError **error) {
  g_autoptr (GPtrArray) bundles = tessera_transaction_select_records (transaction, "bundle", CONTENTS, subject, error);

  if (!bundles)
    return FALSE;
  for (guint i = 0; i < bundles->len; i++)
    if (!withdraw_bundle (transaction, outbox, bundles->pdata[i], error)
        || !tessera_transaction_note_contents_withdrawn (transaction, tessera_record_get (bundles->pdata[i], "manifest_id"),
                                                         error))
      return FALSE;
  return TRUE;
}

/* A snapshot has everybody in it; one that has arrived is noted as such by an acknowledgement. */
static gboolean
withdraw_snapshots (TesseraTransaction *transaction, const char *outbox, GError **error) {
  g_autoptr (GPtrArray) bundles = tessera_transaction_select_records (transaction, "bundle", SNAPSHOTS, NULL, error);

  if (!bundles)
    return FALSE;
  for (guint i = 0; i < bundles->len; i++)
    if (!withdraw_bundle (transaction, outbox, bundles->pdata[i], error)
        || !tessera_team_note_snapshot_withdrawn (transaction, tessera_record_get (bundles->pdata[i], "mailbox"), error))
      return FALSE;
  return TRUE;
}

static gboolean
withdraw_letters (TesseraTransaction *transaction, const char *outbox, GError **error) {
  g_autoptr (GPtrArray) bundles = tessera_transaction_select_records (transaction, "bundle", LETTERS, NULL, error);

  if (!bundles)
    return FALSE;
  for (guint i = 0; i < bundles->len; i++)
    if (!withdraw_bundle (transaction, outbox, bundles->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* Who erased knows whom to ask, unless we sent something that they had not heard of. Only a sender's first letter goes
 * before the partner's. */
static gboolean
ask_partners (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT referral, partner, max(number) FROM bundle b WHERE direction = 'out' AND flow = 'referral'"
                 " AND referral IS NOT NULL AND partner IS NOT NULL"
                 " AND NOT EXISTS (SELECT 1 FROM referral r WHERE r.id = b.referral)"
                 " AND NOT EXISTS (SELECT 1 FROM erasure_request r WHERE r.referral = b.referral)"
                 " AND (SELECT direction FROM bundle f WHERE f.referral = b.referral ORDER BY _rowid LIMIT 1) = 'out'"
                 " GROUP BY referral, partner", error);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  while (tessera_statement_step (statement, &local_error)) {
    gint64 number = tessera_statement_get_integer (statement, 2);

    g_ptr_array_add (found, tessera_statement_get_id (statement, 0));
    g_ptr_array_add (found, tessera_statement_get_id (statement, 1));
    g_array_append_val (numbers, number);
  }
  for (guint i = 0; !local_error && i < numbers->len; i++)
    tessera_erasure_note_request (transaction, found->pdata[2 * i], found->pdata[2 * i + 1], "out",
                                  g_array_index (numbers, gint64, i), NULL, &local_error);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
withdraw (TesseraTransaction *transaction, gpointer data, GError **error) {
  const char *outbox = data;
  g_autofree char *erased = tessera_transaction_get_setting (transaction, TESSERA_ERASE_SETTING_BUNDLES);
  g_auto (GStrv) ids = g_strsplit (erased ? erased : "", ",", -1);

  if (!erased)
    return TRUE;
  for (guint i = 0; ids[i]; i++)
    if (!withdraw_changes (transaction, outbox, ids[i], error) || !withdraw_contents (transaction, outbox, ids[i], error))
      return FALSE;
  return withdraw_snapshots (transaction, outbox, error) && ask_partners (transaction, error)
         && withdraw_letters (transaction, outbox, error)
         && tessera_transaction_drop_setting (transaction, TESSERA_ERASE_SETTING_BUNDLES, error);
}

gboolean
tessera_exchange_withdraw (TesseraStore *store, GError **error) {
  const char *folder = tessera_vault_get_folder (tessera_store_get_vault (store));
  g_autofree char *outbox = g_build_filename (folder, "outbox", NULL);

  return tessera_store_write (store, withdraw, outbox, error);
}
