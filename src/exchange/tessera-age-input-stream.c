/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-age-input-stream.c: opening a sealed file: the header strictly, then one authenticated chunk at a time.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-age-private.h"
#include "tessera-base64.h"

#define SEALED_SIZE (TESSERA_AGE_CHUNK_SIZE + TESSERA_AGE_TAG_SIZE)
/* One byte more than a chunk: only what follows tells whether a full chunk is the last. */
#define BUFFER_SIZE (SEALED_SIZE + 1)
#define MAX_ARGUMENTS 16

struct _TesseraAgeInputStream {
  GInputStream parent_instance;

  GInputStream *input;
  TesseraAgeKeys *keys; /* sodium_malloc */
  guint8 *sealed;
  gsize n_sealed;
  guint8 *plain; /* sodium_malloc */
  gsize n_plain;
  gsize position;
  guint64 counter;
  gboolean last_seen;
  GError *failure;

  gsize key_index;
  gsize n_stanzas;
  gboolean opened;
};

G_DEFINE_FINAL_TYPE (TesseraAgeInputStream, tessera_age_input_stream, G_TYPE_INPUT_STREAM)

/* What is needed while the header is read and no longer. */
typedef struct {
  GByteArray *bytes;
  gsize position;
  gboolean at_end;
  const TesseraSecret *const *keys;
  gsize n_keys;
  guint8 public_keys[TESSERA_AGE_MAX_KEYS][TESSERA_AGE_KEY_SIZE];
  gboolean passphrase_seen;
} Header;

/* ---- reading bytes ---- */

static gboolean
read_bytes (GInputStream *input, guint8 *bytes, gsize size, gsize *ret_size, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (g_input_stream_read_all (input, bytes, size, ret_size, NULL, &cause))
    return TRUE;

  g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_FAILED,
               _("The bundle cannot be read (%s); try again or copy it to this computer first."), cause->message);
  return FALSE;
}

static gboolean
header_fill (TesseraAgeInputStream *self, Header *header, GError **error)
{
  guint8 block[4096];
  gsize size;

  if (!read_bytes (self->input, block, sizeof block, &size, error))
    return FALSE;
  g_byte_array_append (header->bytes, block, size);
  header->at_end = size < sizeof block;

  return TRUE;
}

static void
set_malformed (GError **error)
{
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
                       _("The envelope of this file breaks the rules of its format; ask the sender to make it again."));
}

static void
set_truncated (GError **error)
{
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TRUNCATED,
                       _("The end of this bundle is missing; copy it again once it has arrived completely."));
}

/* The next line without its line feed, from the header buffer; valid until the next call. */
static gboolean
header_line (TesseraAgeInputStream *self, Header *header, const char **ret_line, gsize *ret_length, GError **error)
{
  for (;;) {
    const guint8 *start = header->bytes->data + header->position;
    gsize available = MIN (header->bytes->len, TESSERA_AGE_MAX_HEADER) - header->position;
    const guint8 *end = available > 0 ? memchr (start, '\n', available) : NULL;

    if (end != NULL) {
      *ret_line = (const char *) start;
      *ret_length = end - start;
      header->position += *ret_length + 1;
      return TRUE;
    }
    if (header->bytes->len >= TESSERA_AGE_MAX_HEADER) {
      g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                           _("The list of recipients of this file is too long to be a bundle; it was not opened."));
      return FALSE;
    }
    if (header->at_end) {
      set_truncated (error);
      return FALSE;
    }
    if (!header_fill (self, header, error))
      return FALSE;
  }
}

/* ---- the header ---- */

static gboolean
decode_base64 (const char *text, gsize length, guint8 *bytes, gsize size)
{
  gsize decoded = 0;

  return tessera_base64_decode (text, length, FALSE, bytes, size, &decoded) && decoded == size;
}

static gboolean
is_base64_line (const char *line, gsize length)
{
  guint8 bytes[48];
  gsize decoded;

  return tessera_base64_decode (line, length, FALSE, bytes, sizeof bytes, &decoded);
}

/* Splits "-> a b c"; every argument is one or more visible ASCII characters. */
static gboolean
split_arguments (const char *line, gsize length, char **arguments, gsize *ret_n)
{
  gsize n = 0;

  if (length < 4 || memcmp (line, "-> ", 3) != 0)
    return FALSE;
  for (gsize i = 3; i <= length; n++) {
    gsize end = i;

    while (end < length && line[end] > ' ' && line[end] < 127)
      end++;
    if (n == MAX_ARGUMENTS || end == i || (end < length && line[end] != ' ')) {
      for (gsize j = 0; j < n; j++)
        g_clear_pointer (&arguments[j], g_free);
      return FALSE;
    }
    arguments[n] = g_strndup (line + i, end - i);
    i = end + 1;
  }
  *ret_n = n;

  return TRUE;
}

/* The body of a stanza: lines of 64 columns, ended by one that is shorter, perhaps empty. */
static gboolean
read_body (TesseraAgeInputStream *self, Header *header, GString *body, GError **error)
{
  const char *line;
  gsize length;

  do {
    if (!header_line (self, header, &line, &length, error))
      return FALSE;
    if (length > TESSERA_AGE_COLUMNS || !is_base64_line (line, length)) {
      set_malformed (error);
      return FALSE;
    }
    g_string_append_len (body, line, length);
  } while (length == TESSERA_AGE_COLUMNS);

  return TRUE;
}

static gboolean
try_keys (TesseraAgeInputStream *self, Header *header, const guint8 *share, const guint8 *body)
{
  guint8 nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = { 0 };
  guint8 *shared = self->keys->scratch;
  guint8 *wrap_key = self->keys->scratch + 32;

  for (gsize i = 0; i < header->n_keys; i++) {
    /* A share that gives zero with any key was made to do so: no honest writer has it. */
    if (crypto_scalarmult (shared, tessera_secret_get_data (header->keys[i]), share) != 0)
      return FALSE;
    if (self->opened)
      continue;
    tessera_age_derive_wrap_key (shared, share, header->public_keys[i], wrap_key);
    if (crypto_aead_chacha20poly1305_ietf_decrypt (self->keys->file_key, NULL, NULL, body, TESSERA_AGE_WRAPPED_SIZE,
                                                   NULL, 0, nonce, wrap_key) == 0) {
      self->opened = TRUE;
      self->key_index = i;
    }
  }

  return TRUE;
}

static gboolean
handle_x25519 (TesseraAgeInputStream *self, Header *header, char **arguments, gsize n, GString *body, GError **error)
{
  guint8 share[TESSERA_AGE_KEY_SIZE];
  guint8 wrapped[TESSERA_AGE_WRAPPED_SIZE];

  if (n != 2 || !decode_base64 (arguments[1], strlen (arguments[1]), share, sizeof share)
      || !decode_base64 (body->str, body->len, wrapped, sizeof wrapped) || !try_keys (self, header, share, wrapped)) {
    set_malformed (error);
    return FALSE;
  }

  return TRUE;
}

static gboolean
read_stanza (TesseraAgeInputStream *self, Header *header, const char *line, gsize length, GError **error)
{
  char *arguments[MAX_ARGUMENTS] = { NULL };
  g_autoptr (GString) body = g_string_new (NULL);
  gsize n = 0;
  gboolean good;

  if (!split_arguments (line, length, arguments, &n)) {
    set_malformed (error);
    return FALSE;
  }
  good = read_body (self, header, body, error);
  if (good && strcmp (arguments[0], TESSERA_AGE_X25519) == 0)
    good = handle_x25519 (self, header, arguments, n, body, error);
  else if (good && strcmp (arguments[0], "scrypt") == 0)
    header->passphrase_seen = TRUE;
  for (gsize i = 0; i < n; i++)
    g_free (arguments[i]);

  return good;
}

/* Whether the first line is that of another version, and not ours spoiled on the way. */
static gboolean
is_other_version (const guint8 *bytes, gsize size)
{
  static const char family[] = "age-encryption.org/v";
  gsize start = strlen (family);
  gsize end = start;

  if (size <= start || memcmp (bytes, family, start) != 0)
    return FALSE;
  while (end < size && g_ascii_isdigit (bytes[end]))
    end++;

  return end > start && end < size && bytes[end] == '\n';
}

static gboolean
check_version (TesseraAgeInputStream *self, Header *header, GError **error)
{
  static const char magic[] = TESSERA_AGE_MAGIC "\n";
  const guint8 *bytes;
  gsize size;

  if (!header_fill (self, header, error))
    return FALSE;
  bytes = header->bytes->data;
  size = header->bytes->len;
  if (size >= strlen (magic) && memcmp (bytes, magic, strlen (magic)) == 0) {
    header->position = strlen (magic);
    return TRUE;
  }
  if (size == 0 || (size < strlen (magic) && memcmp (bytes, magic, size) == 0))
    set_truncated (error);
  else if (size >= strlen (magic) && memcmp (bytes, magic, strlen (magic) - 1) == 0)
    set_malformed (error);
  else if (is_other_version (bytes, size))
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_NEW,
                         _("This file is sealed in a newer way; update Tessera and open it again."));
  else
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_NOT_A_BUNDLE,
                         _("This file is not a bundle; choose a file that a partner or colleague sent."));

  return FALSE;
}

static gboolean
check_mac (TesseraAgeInputStream *self, Header *header, const char *line, gsize length, GError **error)
{
  guint8 written[TESSERA_AGE_MAC_SIZE];
  guint8 computed[TESSERA_AGE_MAC_SIZE];
  gsize covered = (const guint8 *) line - header->bytes->data + 3;

  if (length != 4 + TESSERA_AGE_BASE64_32 || !decode_base64 (line + 4, length - 4, written, sizeof written)
      || self->n_stanzas == 0 || (header->passphrase_seen && self->n_stanzas > 1)) {
    set_malformed (error);
    return FALSE;
  }
  if (!self->opened) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_NOT_FOR_US,
                         _("This bundle is sealed for somebody else; ask the sender to address it to your current card."));
    return FALSE;
  }
  tessera_age_header_mac (self->keys->file_key, header->bytes->data, covered, computed);
  if (sodium_memcmp (written, computed, sizeof computed) != 0) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_DAMAGED,
                         _("This bundle was changed on its way; ask the sender to send it again."));
    return FALSE;
  }

  return TRUE;
}

static gboolean
read_header (TesseraAgeInputStream *self, Header *header, GError **error)
{
  const char *line;
  gsize length;

  if (!check_version (self, header, error))
    return FALSE;
  for (;;) {
    if (!header_line (self, header, &line, &length, error))
      return FALSE;
    if (length >= 4 && memcmp (line, "--- ", 4) == 0)
      return check_mac (self, header, line, length, error);
    if (++self->n_stanzas > TESSERA_AGE_MAX_STANZAS) {
      g_set_error (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_TOO_LARGE,
                   _("This file has more than %d recipients, more than a bundle can have; it was not opened."),
                   TESSERA_AGE_MAX_STANZAS);
      return FALSE;
    }
    if (!read_stanza (self, header, line, length, error))
      return FALSE;
  }
}

/* What was read beyond the header is the nonce and the beginning of the first chunk. */
static gboolean
start_payload (TesseraAgeInputStream *self, Header *header, GError **error)
{
  guint8 nonce[TESSERA_AGE_NONCE_SIZE];
  gsize size;

  while (header->bytes->len - header->position < sizeof nonce) {
    if (header->at_end) {
      set_truncated (error);
      return FALSE;
    }
    if (!header_fill (self, header, error))
      return FALSE;
  }
  memcpy (nonce, header->bytes->data + header->position, sizeof nonce);
  header->position += sizeof nonce;
  tessera_age_derive (self->keys->file_key, TESSERA_AGE_FILE_KEY_SIZE, nonce, sizeof nonce, "payload",
                      self->keys->derived_key);
  sodium_memzero (self->keys->file_key, sizeof self->keys->file_key);
  sodium_memzero (self->keys->scratch, sizeof self->keys->scratch);

  /* At most one fill of 4096 bytes lies beyond the header, so it fits. */
  size = header->bytes->len - header->position;
  memcpy (self->sealed, header->bytes->data + header->position, size);
  self->n_sealed = size;

  return TRUE;
}

TesseraAgeInputStream *
tessera_age_input_stream_new (GInputStream               *input,
                              const TesseraSecret *const *keys,
                              gsize                       n_keys,
                              GError                    **error)
{
  g_autoptr (TesseraAgeInputStream) self = g_object_new (TESSERA_TYPE_AGE_INPUT_STREAM, NULL);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Header header = { .bytes = bytes, .keys = keys, .n_keys = n_keys };

  g_return_val_if_fail (n_keys > 0 && n_keys <= TESSERA_AGE_MAX_KEYS, NULL);

  self->input = g_object_ref (input);
  for (gsize i = 0; i < n_keys; i++)
    tessera_age_key_get_public (keys[i], header.public_keys[i]);
  if (!read_header (self, &header, error) || !start_payload (self, &header, error))
    return NULL;

  return g_steal_pointer (&self);
}

gsize
tessera_age_input_stream_get_key_index (TesseraAgeInputStream *self)
{
  return self->key_index;
}

gsize
tessera_age_input_stream_get_n_stanzas (TesseraAgeInputStream *self)
{
  return self->n_stanzas;
}

/* ---- the payload ---- */

static gboolean
open_sealed (TesseraAgeInputStream *self, gsize size, gboolean last)
{
  guint8 nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

  tessera_age_chunk_nonce (self->counter, last, nonce);

  return crypto_aead_chacha20poly1305_ietf_decrypt (self->plain, NULL, NULL, self->sealed, size, NULL, 0, nonce,
                                                    self->keys->derived_key) == 0;
}

static gboolean
open_chunk (TesseraAgeInputStream *self, GError **error)
{
  gsize size;
  gsize got;

  if (!read_bytes (self->input, self->sealed + self->n_sealed, BUFFER_SIZE - self->n_sealed, &got, error))
    return FALSE;
  self->n_sealed += got;
  self->last_seen = self->n_sealed < BUFFER_SIZE;
  size = MIN (self->n_sealed, SEALED_SIZE);

  if (size < TESSERA_AGE_TAG_SIZE) {
    set_truncated (error);
    return FALSE;
  }
  if (!open_sealed (self, size, self->last_seen)) {
    /* Cut exactly between two chunks: a good chunk that does not claim to be the last. */
    if (self->last_seen && size == SEALED_SIZE && open_sealed (self, size, FALSE))
      set_truncated (error);
    else
      g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_DAMAGED,
                           _("This bundle is incomplete or was changed on its way; ask the sender to send it again."));
    return FALSE;
  }
  if (size == TESSERA_AGE_TAG_SIZE && self->counter > 0) {
    set_malformed (error);
    return FALSE;
  }

  self->n_plain = size - TESSERA_AGE_TAG_SIZE;
  self->position = 0;
  self->counter++;
  self->sealed[0] = self->sealed[BUFFER_SIZE - 1];
  self->n_sealed = self->last_seen ? 0 : 1;

  return TRUE;
}

static gssize
tessera_age_input_stream_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable,
                               GError **error)
{
  TesseraAgeInputStream *self = TESSERA_AGE_INPUT_STREAM (stream);
  gsize part;

  if (self->failure == NULL && self->position == self->n_plain && !self->last_seen
      && !open_chunk (self, &self->failure))
    sodium_memzero (self->plain, TESSERA_AGE_CHUNK_SIZE);
  if (self->failure != NULL) {
    if (error != NULL)
      *error = g_error_copy (self->failure);
    return -1;
  }

  part = MIN (count, self->n_plain - self->position);
  memcpy (buffer, self->plain + self->position, part);
  self->position += part;

  return part;
}

static void
tessera_age_input_stream_finalize (GObject *object)
{
  TesseraAgeInputStream *self = TESSERA_AGE_INPUT_STREAM (object);

  g_clear_object (&self->input);
  g_clear_error (&self->failure);
  sodium_free (self->keys);
  sodium_free (self->plain);
  g_free (self->sealed);

  G_OBJECT_CLASS (tessera_age_input_stream_parent_class)->finalize (object);
}

static void
tessera_age_input_stream_class_init (TesseraAgeInputStreamClass *class)
{
  if (sodium_init () < 0)
    g_error ("%s: libsodium does not start", G_STRFUNC);
  G_OBJECT_CLASS (class)->finalize = tessera_age_input_stream_finalize;
  G_INPUT_STREAM_CLASS (class)->read_fn = tessera_age_input_stream_read;
}

static void
tessera_age_input_stream_init (TesseraAgeInputStream *self)
{
  self->keys = sodium_malloc (sizeof *self->keys);
  self->plain = sodium_malloc (TESSERA_AGE_CHUNK_SIZE);
  self->sealed = g_malloc0 (BUFFER_SIZE);
  if (self->keys == NULL || self->plain == NULL)
    g_error ("%s: no guarded memory", G_STRFUNC);
}
