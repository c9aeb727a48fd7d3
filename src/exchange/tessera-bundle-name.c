/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bundle-name.c: what a carrier gets to see of a bundle: its name and its size.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-base32.h"
#include "tessera-bundle-private.h"

char *
tessera_bundle_name_of_hash (const guint8 *hash)
{
  g_autofree char *name = tessera_base32_encode (hash, 32);

  return g_strconcat (name, TESSERA_BUNDLE_SUFFIX, NULL);
}

char *
tessera_bundle_name (GBytes *file)
{
  guint8 hash[32];
  gsize size;
  gconstpointer data = g_bytes_get_data (file, &size);

  crypto_generichash (hash, sizeof hash, data, size, NULL, 0);

  return tessera_bundle_name_of_hash (hash);
}

gboolean
tessera_bundle_is_name (const char *name)
{
  return strlen (name) == TESSERA_BUNDLE_NAME_CHARACTERS + strlen (TESSERA_BUNDLE_SUFFIX)
         && strspn (name, TESSERA_BASE32_ALPHABET) == TESSERA_BUNDLE_NAME_CHARACTERS
         && g_str_has_suffix (name, TESSERA_BUNDLE_SUFFIX);
}

static gboolean
hash_stream (GInputStream *source, guint8 *hash, GError **error)
{
  crypto_generichash_state state;
  g_autofree guint8 *block = g_malloc (TESSERA_AGE_CHUNK_SIZE);
  g_autoptr (GError) cause = NULL;
  gsize got;
  guint64 total = 0;

  crypto_generichash_init (&state, NULL, 0, 32);
  do {
    if (!g_input_stream_read_all (source, block, TESSERA_AGE_CHUNK_SIZE, &got, NULL, &cause)) {
      g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
                   _("The bundle cannot be read (%s); try again or copy it to this computer first."), cause->message);
      return FALSE;
    }
    total += got;
    if (total > TESSERA_BUNDLE_MAX_FILE) {
      g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                           _("This file is larger than a bundle may be; it was not opened."));
      return FALSE;
    }
    crypto_generichash_update (&state, block, got);
  } while (got == TESSERA_AGE_CHUNK_SIZE);
  crypto_generichash_final (&state, hash, 32);

  return TRUE;
}

char *
tessera_bundle_name_of_stream (GInputStream *source, GError **error)
{
  guint8 hash[32];

  return hash_stream (source, hash, error) ? tessera_bundle_name_of_hash (hash) : NULL;
}

gboolean
tessera_bundle_check_name (const char *name, GInputStream *source, GError **error)
{
  guint8 hash[32];
  g_autofree char *expected = NULL;

  if (!tessera_bundle_is_name (name)) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE,
                         _("This file does not have the name of a bundle; import it by hand if you expect one."));
    return FALSE;
  }
  if (!hash_stream (source, hash, error))
    return FALSE;
  expected = tessera_bundle_name_of_hash (hash);
  if (strcmp (expected, name) != 0) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TRUNCATED,
                         _("This bundle has not arrived completely; it will be fetched again later."));
    return FALSE;
  }

  return TRUE;
}

guint64
tessera_bundle_padded_size (guint64 size)
{
  guint exponent;
  guint kept;
  guint64 mask;

  size = MAX (size, TESSERA_BUNDLE_MIN_ARCHIVE);
  /* Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019): a
   * size keeps as many leading bits as its exponent has digits; the others become zero, rounding up. */
  exponent = g_bit_storage (size) - 1;
  kept = g_bit_storage (exponent);
  mask = (G_GUINT64_CONSTANT (1) << (exponent - kept)) - 1;

  return (size + mask) & ~mask;
}
