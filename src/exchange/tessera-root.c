/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-root.c: see the header. A sheet has the form of a vault's recovery key, with its check characters.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-identity-private.h"
#include "tessera-recovery-key.h"
#include "tessera-root.h"
#include "tessera-roster-table.h"

G_STATIC_ASSERT (TESSERA_RECOVERY_KEY_BYTES == TESSERA_MINISIGN_SEED_SIZE);

static gboolean
fail (GError **error, TesseraBundleError code, const char *message) {
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, (gint) code, message);
  return FALSE;
}

static void
mix (TesseraSecret *into, const TesseraSecret *other) {
  guint8 *bytes = tessera_secret_get_writable (into);

  for (guint i = 0; i < TESSERA_MINISIGN_SEED_SIZE; i++)
    bytes[i] ^= tessera_secret_get_data (other)[i];
}

GPtrArray *
tessera_root_split (const TesseraSecret *seed, guint n_sheets) {
  GPtrArray *sheets = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_secret_free);
  g_autoptr (TesseraSecret) rest = tessera_secret_copy (seed);

  for (guint i = 1; i < n_sheets; i++) {
    g_autoptr (TesseraSecret) pad = tessera_secret_new_random (TESSERA_MINISIGN_SEED_SIZE);

    mix (rest, pad);
    g_ptr_array_add (sheets, tessera_recovery_key_format (pad));
  }
  g_ptr_array_add (sheets, tessera_recovery_key_format (rest));
  return sheets;
}

TesseraSecret *
tessera_root_join (GPtrArray *sheets, GError **error) {
  g_autoptr (TesseraSecret) seed = tessera_secret_new (TESSERA_MINISIGN_SEED_SIZE);

  for (guint i = 0; i < sheets->len; i++) {
    g_autoptr (TesseraSecret) part = tessera_recovery_key_parse (sheets->pdata[i], error);

    if (!part)
      return NULL;
    mix (seed, part);
  }
  return g_steal_pointer (&seed);
}

GPtrArray *
tessera_root_print (TesseraTransaction *transaction, gboolean split, GError **error) {
  g_autoptr (TesseraSecret) root = NULL;
  g_autoptr (TesseraSecret) seed = NULL;

  if (!tessera_roster_check_supervisor (transaction, error))
    return NULL;
  root = tessera_identity_get_root (transaction, error);
  if (!root || !tessera_transaction_set_setting (transaction, "root.printed", split ? "2" : "1", error)
      || !tessera_transaction_audit (transaction, "root-print", NULL, NULL, split ? "sheets=2" : "sheets=1", error))
    return NULL;
  seed = tessera_secret_new_from_bytes (tessera_secret_get_data (root), TESSERA_MINISIGN_SEED_SIZE);
  return tessera_root_split (seed, split ? TESSERA_ROOT_MAX_SHEETS : 1);
}

static gboolean
check_is_ours (TesseraTransaction *transaction, const TesseraSecret *root, guint n_sheets, GError **error) {
  guint8 ours[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  guint8 theirs[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  if (!tessera_identity_get_root_key (transaction, ours, error))
    return FALSE;
  tessera_minisign_key_get_public (root, theirs);
  if (memcmp (ours, theirs, sizeof ours) == 0)
    return TRUE;
  return fail (error, TESSERA_BUNDLE_ERROR_INVALID,
               n_sheets == 1 ? _("This sheet is not the root key of this organization; if it is one of two, the other is "
                                 "needed as well.")
                             : _("These sheets together are not the root key of this organization; were they printed at "
                                 "the same time?"));
}

gboolean
tessera_root_restore (TesseraTransaction *transaction, GPtrArray *sheets, GError **error) {
  g_autoptr (TesseraSecret) seed = NULL;
  g_autoptr (TesseraSecret) root = NULL;

  if (!tessera_roster_check_supervisor (transaction, error))
    return FALSE;
  if (sheets->len < 1 || sheets->len > TESSERA_ROOT_MAX_SHEETS)
    return fail (error, TESSERA_BUNDLE_ERROR_INVALID, _("The root key is on one sheet or on two."));
  if (tessera_identity_has_root (transaction))
    return fail (error, TESSERA_BUNDLE_ERROR_INVALID, _("This device holds the organization's root key already."));
  seed = tessera_root_join (sheets, error);
  root = seed ? tessera_minisign_key_from_seed (seed) : NULL;
  return root && check_is_ours (transaction, root, sheets->len, error)
         && tessera_transaction_put_secret (transaction, "organization.root", root, error)
         && tessera_transaction_set_setting (transaction, "root.printed", sheets->len == 1 ? "1" : "2", error)
         && tessera_transaction_audit (transaction, "root-restore", NULL, NULL, NULL, error);
}

gboolean
tessera_root_remove (TesseraTransaction *transaction, GError **error) {
  g_autofree char *printed = tessera_transaction_get_setting (transaction, "root.printed");
  g_autoptr (TesseraSecret) root = NULL;
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  g_autofree char *text = NULL;

  if (!tessera_roster_check_supervisor (transaction, error))
    return FALSE;
  root = tessera_identity_get_root (transaction, error);
  if (!root)
    return FALSE;
  if (!printed)
    return fail (error, TESSERA_BUNDLE_ERROR_INVALID,
                 _("The root key was never printed here; without a sheet it would be lost for ever. Print it first."));
  tessera_minisign_key_get_public (root, key);
  text = tessera_minisign_public_key_to_text (key);
  return tessera_transaction_set_setting (transaction, "organization.root_key", text, error)
         && tessera_transaction_drop_secret (transaction, "organization.root", error)
         && tessera_transaction_audit (transaction, "root-remove", NULL, NULL, NULL, error);
}
