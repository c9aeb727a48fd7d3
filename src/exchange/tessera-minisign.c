/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-minisign.c: signatures in the minisign format. Layout of its files: minisign's own documentation,
 * "Signature format" and "Public key format".
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-base64.h"
#include "tessera-minisign.h"

#define UNTRUSTED_LABEL "untrusted comment: "
#define TRUSTED_LABEL "trusted comment: "
#define ALGORITHM_SIZE 2
#define PUBLIC_SIZE (ALGORITHM_SIZE + TESSERA_MINISIGN_NUMBER_SIZE + TESSERA_MINISIGN_PUBLIC_KEY_SIZE)
#define SIGNATURE_SIZE (ALGORITHM_SIZE + TESSERA_MINISIGN_NUMBER_SIZE + crypto_sign_BYTES)
#define HASH_SIZE 64

TesseraSecret *
tessera_minisign_key_generate (void)
{
  TesseraSecret *key = tessera_secret_new (TESSERA_MINISIGN_SECRET_KEY_SIZE);
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  crypto_sign_keypair (public_key, tessera_secret_get_writable (key));

  return key;
}

TesseraSecret *
tessera_minisign_key_from_seed (const TesseraSecret *seed)
{
  TesseraSecret *key;
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  g_return_val_if_fail (tessera_secret_get_size (seed) == TESSERA_MINISIGN_SEED_SIZE, NULL);

  key = tessera_secret_new (TESSERA_MINISIGN_SECRET_KEY_SIZE);
  crypto_sign_seed_keypair (public_key, tessera_secret_get_writable (key), tessera_secret_get_data (seed));

  return key;
}

void
tessera_minisign_key_get_public (const TesseraSecret *key, guint8 *public_key)
{
  g_return_if_fail (tessera_secret_get_size (key) == TESSERA_MINISIGN_SECRET_KEY_SIZE);

  crypto_sign_ed25519_sk_to_pk (public_key, tessera_secret_get_data (key));
}

void
tessera_minisign_key_number (const guint8 *public_key, guint8 *number)
{
  guint8 hash[32];

  crypto_generichash (hash, sizeof hash, public_key, TESSERA_MINISIGN_PUBLIC_KEY_SIZE, NULL, 0);
  memcpy (number, hash, TESSERA_MINISIGN_NUMBER_SIZE);
}

char *
tessera_minisign_public_key_to_text (const guint8 *public_key)
{
  guint8 bytes[PUBLIC_SIZE] = { 'E', 'd' };

  tessera_minisign_key_number (public_key, bytes + ALGORITHM_SIZE);
  memcpy (bytes + ALGORITHM_SIZE + TESSERA_MINISIGN_NUMBER_SIZE, public_key, TESSERA_MINISIGN_PUBLIC_KEY_SIZE);

  return g_base64_encode (bytes, sizeof bytes);
}

char *
tessera_minisign_public_key_to_file (const guint8 *public_key)
{
  g_autofree char *text = tessera_minisign_public_key_to_text (public_key);
  guint8 number[TESSERA_MINISIGN_NUMBER_SIZE];
  g_autoptr (GString) file = g_string_new (UNTRUSTED_LABEL "minisign public key ");

  /* The number is a little-endian integer, so people see its bytes from the last to the first. */
  tessera_minisign_key_number (public_key, number);
  for (guint i = TESSERA_MINISIGN_NUMBER_SIZE; i > 0; i--)
    g_string_append_printf (file, "%02X", number[i - 1]);
  g_string_append_printf (file, "\n%s\n", text);

  return g_string_free (g_steal_pointer (&file), FALSE);
}

static gboolean
decode_base64 (const char *text, gsize length, guint8 *bytes, gsize size)
{
  gsize decoded = 0;

  return tessera_base64_decode (text, length, TRUE, bytes, size, &decoded) && decoded == size;
}

gboolean
tessera_minisign_public_key_from_text (const char *text, guint8 *public_key, guint8 *number, GError **error)
{
  guint8 bytes[PUBLIC_SIZE];

  if (!decode_base64 (text, strlen (text), bytes, sizeof bytes) || memcmp (bytes, "Ed", ALGORITHM_SIZE) != 0) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                         _("This is not a complete signing key; copy it again from RW to its end."));
    return FALSE;
  }
  if (number != NULL)
    memcpy (number, bytes + ALGORITHM_SIZE, TESSERA_MINISIGN_NUMBER_SIZE);
  memcpy (public_key, bytes + ALGORITHM_SIZE + TESSERA_MINISIGN_NUMBER_SIZE, TESSERA_MINISIGN_PUBLIC_KEY_SIZE);

  return TRUE;
}

static gboolean
character_is_printable (gunichar c)
{
  GUnicodeType type;

  /* Joiners and direction marks: invisible, but ordinary spelling in several scripts. */
  if (c >= 0x200c && c <= 0x200f)
    return TRUE;
  if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
    return FALSE;

  type = g_unichar_type (c);

  return type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT && type != G_UNICODE_LINE_SEPARATOR
         && type != G_UNICODE_PARAGRAPH_SEPARATOR && type != G_UNICODE_PRIVATE_USE && type != G_UNICODE_SURROGATE;
}

gboolean
tessera_minisign_comment_is_printable (const char *text, gsize length)
{
  if (!g_utf8_validate_len (text, length, NULL))
    return FALSE;
  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    if (!character_is_printable (g_utf8_get_char (p)))
      return FALSE;

  return TRUE;
}

static void
hash_data (gconstpointer data, gsize size, guint8 *hash)
{
  crypto_generichash (hash, HASH_SIZE, data, size, NULL, 0);
}

char *
tessera_minisign_sign (const TesseraSecret *key,
                       gconstpointer        data,
                       gsize                size,
                       const char          *trusted_comment,
                       GError             **error)
{
  guint8 public_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  guint8 hash[HASH_SIZE];
  guint8 bytes[SIGNATURE_SIZE] = { 'E', 'D' };
  guint8 *signature = bytes + ALGORITHM_SIZE + TESSERA_MINISIGN_NUMBER_SIZE;
  guint8 comment_signature[crypto_sign_BYTES];
  gsize comment_length = strlen (trusted_comment);
  g_autofree guint8 *covered = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (comment_length > TESSERA_MINISIGN_MAX_TRUSTED_COMMENT
      || !tessera_minisign_comment_is_printable (trusted_comment, comment_length)) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_INVALID,
                         _("A name in the bundle's comment is too long or holds invisible characters; type it again."));
    return NULL;
  }

  tessera_minisign_key_get_public (key, public_key);
  tessera_minisign_key_number (public_key, bytes + ALGORITHM_SIZE);
  hash_data (data, size, hash);
  crypto_sign_detached (signature, NULL, hash, sizeof hash, tessera_secret_get_data (key));

  covered = g_malloc (crypto_sign_BYTES + comment_length);
  memcpy (covered, signature, crypto_sign_BYTES);
  memcpy (covered + crypto_sign_BYTES, trusted_comment, comment_length);
  crypto_sign_detached (comment_signature, NULL, covered, crypto_sign_BYTES + comment_length,
                        tessera_secret_get_data (key));

  first = g_base64_encode (bytes, sizeof bytes);
  second = g_base64_encode (comment_signature, sizeof comment_signature);

  return g_strdup_printf (UNTRUSTED_LABEL "signature from a Tessera device\n%s\n" TRUSTED_LABEL "%s\n%s\n", first,
                          trusted_comment, second);
}

static void
set_bad_signature (GError **error)
{
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE,
                       _("The signature does not fit; do not use this file, and ask the sender by telephone."));
}

/* Cuts the next line off *@text; a line must end with a line feed and hold no zero byte. */
static gboolean
take_line (const char **text, gsize *rest, const char **ret_line, gsize *ret_length)
{
  const char *end = *rest > 0 ? memchr (*text, '\n', *rest) : NULL;

  if (end == NULL)
    return FALSE;
  *ret_line = *text;
  *ret_length = end - *text;
  *rest -= *ret_length + 1;
  *text = end + 1;

  return TRUE;
}

static gboolean
take_comment (const char **text, gsize *rest, const char *label, gsize limit, char **ret_comment)
{
  const char *line;
  gsize length;

  if (!take_line (text, rest, &line, &length) || length < strlen (label)
      || memcmp (line, label, strlen (label)) != 0)
    return FALSE;
  line += strlen (label);
  length -= strlen (label);
  if (length > limit || !tessera_minisign_comment_is_printable (line, length))
    return FALSE;
  if (ret_comment != NULL)
    *ret_comment = g_strndup (line, length);

  return TRUE;
}

static gboolean
take_base64 (const char **text, gsize *rest, guint8 *bytes, gsize size)
{
  const char *line;
  gsize length;

  return take_line (text, rest, &line, &length) && decode_base64 (line, length, bytes, size);
}

TesseraMinisignSignature *
tessera_minisign_signature_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (TesseraMinisignSignature) self = g_new0 (TesseraMinisignSignature, 1);
  guint8 bytes[SIGNATURE_SIZE];

  if (length > TESSERA_MINISIGN_MAX_FILE) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                         _("The signature in this file is too long to be one; do not use the file."));
    return NULL;
  }
  if (!take_comment (&text, &length, UNTRUSTED_LABEL, TESSERA_MINISIGN_MAX_UNTRUSTED_COMMENT, NULL)
      || !take_base64 (&text, &length, bytes, sizeof bytes)
      || !take_comment (&text, &length, TRUSTED_LABEL, TESSERA_MINISIGN_MAX_TRUSTED_COMMENT, &self->trusted_comment)
      || !take_base64 (&text, &length, self->comment_signature, sizeof self->comment_signature) || length != 0) {
    set_bad_signature (error);
    return NULL;
  }
  if (memcmp (bytes, "Ed", ALGORITHM_SIZE) == 0) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_BAD_SIGNATURE,
                         _("The signature is of an outdated kind; ask the sender to sign again with a current program."));
    return NULL;
  }
  if (memcmp (bytes, "ED", ALGORITHM_SIZE) != 0) {
    set_bad_signature (error);
    return NULL;
  }
  memcpy (self->number, bytes + ALGORITHM_SIZE, sizeof self->number);
  memcpy (self->signature, bytes + ALGORITHM_SIZE + TESSERA_MINISIGN_NUMBER_SIZE, sizeof self->signature);

  return g_steal_pointer (&self);
}

gboolean
tessera_minisign_signature_verify (const TesseraMinisignSignature *self,
                                   const guint8                   *public_key,
                                   gconstpointer                   data,
                                   gsize                           size,
                                   GError                        **error)
{
  guint8 hash[HASH_SIZE];
  gsize comment_length = strlen (self->trusted_comment);
  g_autofree guint8 *covered = g_malloc (sizeof self->signature + comment_length);

  hash_data (data, size, hash);
  memcpy (covered, self->signature, sizeof self->signature);
  memcpy (covered + sizeof self->signature, self->trusted_comment, comment_length);
  if (crypto_sign_verify_detached (self->signature, hash, sizeof hash, public_key) != 0
      || crypto_sign_verify_detached (self->comment_signature, covered, sizeof self->signature + comment_length,
                                      public_key) != 0) {
    set_bad_signature (error);
    return FALSE;
  }

  return TRUE;
}

void
tessera_minisign_signature_free (TesseraMinisignSignature *self)
{
  if (self == NULL)
    return;
  g_free (self->trusted_comment);
  g_free (self);
}
