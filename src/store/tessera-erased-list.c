/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-erased-list.c: writing and reading the list of what was erased.
 *
 * It is sealed under a key that the vault keeps for life, so that a backup from before a change of the data key can read
 * it. Whoever could ever unlock the vault could read and write it; what they would read are random ids.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "tessera-backup.h"
#include "tessera-erased-list.h"
#include "tessera-identifier.h"
#include "tessera-merge-private.h"
#include "tessera-vault-file.h"

#define HEAD "tessera-erased 1\n"
#define MOST_SIZE (16 * 1024 * 1024)
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES

/* ---- writing ---- */

/* A line for each: id, what it is, reason. What it is: the number of the entity when this device said so; 0: a client of
 * whom another device said so; -1: a row that went along. */
static char *
collect (TesseraConnection *self, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self, "SELECT e.subject, CASE WHEN e.sid <= 0 THEN e.sid WHEN c.subject IS NOT e.subject THEN -1"
          " WHEN s.device = (SELECT device FROM stream WHERE sid = 1) THEN c.entity"
          " WHEN c.entity = 4 THEN 0 ELSE -1 END, e.reason FROM erased e LEFT JOIN stream s ON s.sid = e.sid"
          " LEFT JOIN change c ON c.sid = e.sid AND c.seq = e.seq ORDER BY e.subject", NULL, error);
  g_autoptr (GString) text = g_string_new (NULL);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  while (tessera_statement_step (statement, &local_error)) {
    g_autofree char *id = tessera_statement_get_id (statement, 0);
    const char *reason = tessera_statement_get_text (statement, 2);

    g_string_append_printf (text, "%s %" PRId64 " %s\n", id, tessera_statement_get_integer (statement, 1),
                            reason ? reason : "-");
  }
  if (!local_error)
    return g_string_free (g_steal_pointer (&text), FALSE);
  g_propagate_error (error, local_error);
  return NULL;
}

static char *
seal (TesseraConnection *self, const char *text) {
  gsize length = strlen (text);
  g_autofree guint8 *sealed = g_malloc (NONCE + length + TAG);
  g_autofree char *encoded = NULL;

  randombytes_buf (sealed, NONCE);
  crypto_aead_xchacha20poly1305_ietf_encrypt (sealed + NONCE, NULL, (const guint8 *) text, length, (const guint8 *) HEAD,
                                              strlen (HEAD), NULL, sealed,
                                              tessera_secret_get_data (self->erased_key));
  encoded = g_base64_encode (sealed, NONCE + length + TAG);
  return g_strconcat (HEAD, encoded, "\n", NULL);
}

/* A stick that is not plugged in, or cannot be written, keeps its old list: whoever restores can name the vault's. */
static void
put_beside (const char *backup, const char *text) {
  g_autofree char *folder = g_path_get_dirname (backup);
  g_autofree char *base = g_path_get_basename (backup);
  g_autofree char *name = g_strconcat (base, TESSERA_ERASED_SUFFIX, NULL);

  if (g_file_test (backup, G_FILE_TEST_IS_REGULAR))
    tessera_vault_file_replace (folder, name, text, NULL);
}

gboolean
tessera_erased_list_save (TesseraConnection *self, GError **error) {
  TesseraTransaction transaction = { .connection = self };
  g_autofree char *text = NULL;
  g_autofree char *sealed = NULL;
  g_autoptr (TesseraBackupState) state = NULL;

  if (!self->erased_key)
    return TRUE;
  text = collect (self, error);
  sealed = text ? seal (self, text) : NULL;
  if (!sealed || !tessera_vault_file_replace (self->folder, TESSERA_ERASED_LIST, sealed, error))
    return FALSE;
  state = tessera_transaction_get_backup_state (&transaction);
  if (state->outside)
    put_beside (state->outside->path, sealed);
  if (state->elsewhere)
    put_beside (state->elsewhere->path, sealed);
  return TRUE;
}

/* ---- reading ---- */

static gboolean
set_damaged (GError **error) {
  g_set_error_literal (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
                       _("The list of erased clients is damaged or of another vault; find the right one, or remove it from "
                         "beside the backup if you know what was erased."));
  return FALSE;
}

char *
tessera_erased_list_load (const char *path, GError **error) {
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  GError *local_error = NULL;
  gsize size;
  char *text = tessera_vault_file_read (folder, name, MOST_SIZE, &size, &local_error);

  if (text && strlen (text) == size)
    return text;
  g_free (text);
  if (!text && g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    g_clear_error (&local_error);
    return NULL;
  }
  g_clear_error (&local_error);
  set_damaged (error);
  return NULL;
}

static char *
open_list (TesseraConnection *self, const char *text) {
  g_autofree guint8 *sealed = NULL;
  g_autofree char *plain = NULL;
  gsize size;

  if (!g_str_has_prefix (text, HEAD))
    return NULL;
  sealed = g_base64_decode (text + strlen (HEAD), &size);
  if (size < NONCE + TAG)
    return NULL;
  plain = g_malloc0 (size - NONCE - TAG + 1);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt ((guint8 *) plain, NULL, NULL, sealed + NONCE, size - NONCE,
                                                  (const guint8 *) HEAD, strlen (HEAD), sealed,
                                                  tessera_secret_get_data (self->erased_key)) != 0)
    return NULL;
  return g_steal_pointer (&plain);
}

/* What this device erased it says again, since nobody else may have heard of it; what others erased is only forgotten
 * here, and their change says the rest when it comes. */
static gboolean
apply_line (TesseraTransaction *transaction, char **words, guint *ret_count, GError **error) {
  TesseraRegistry *registry = transaction->connection->registry;
  const char *reason = strcmp (words[2], "-") == 0 ? NULL : words[2];
  TesseraDot unknown = { 0 };
  gint64 number;
  guint8 id[16];
  gboolean erased;

  if (!tessera_uuid_parse (words[0], id) || !g_ascii_string_to_signed (words[1], 10, -1, G_MAXINT16, &number, NULL)
      || (number > 0 && !tessera_registry_get_entity_by_number (registry, (guint) number)))
    return set_damaged (error);
  if (!tessera_erase_is_erased (transaction, id, &erased, error))
    return FALSE;
  if (erased)
    return TRUE;
  (*ret_count)++;
  if (number > 0)
    return tessera_transaction_erase_row (transaction,
                                          tessera_registry_get_entity_by_number (registry, (guint) number)->name,
                                          words[0], reason, error);
  unknown.sid = number;
  return tessera_erase_apply (transaction, id, &unknown, reason, error);
}

gboolean
tessera_erased_list_apply (TesseraTransaction *transaction, const char *text, guint *ret_count, GError **error) {
  g_autofree char *plain = open_list (transaction->connection, text);
  g_auto (GStrv) lines = NULL;

  if (!plain)
    return set_damaged (error);
  lines = g_strsplit (plain, "\n", -1);
  for (guint i = 0; lines[i] && *lines[i]; i++) {
    g_auto (GStrv) words = g_strsplit (lines[i], " ", 3);

    if (g_strv_length (words) != 3)
      return set_damaged (error);
    if (!apply_line (transaction, words, ret_count, error))
      return FALSE;
  }
  return TRUE;
}
