/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-secret.c: bytes that must not leak, in libsodium's guarded heap.
 *
 * Every secret goes through here; nothing here knows what the bytes mean.
 */
#include "config.h"

#include "tessera-secret.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "tessera-sodium.h"

#define LINE_LIMIT 4096

struct _TesseraSecret {
  gsize size;
  guint8 *bytes; /* size + 1 bytes in guarded memory; the last is zero */
};

TesseraSecret *
tessera_secret_new (gsize size)
{
  TesseraSecret *self;

  tessera_sodium_ensure ();
  self = g_new0 (TesseraSecret, 1);
  self->size = size;
  self->bytes = sodium_malloc (size + 1);
  if (self->bytes == NULL)
    g_error ("out of guarded memory");
  memset (self->bytes, 0, size + 1);
  return self;
}

TesseraSecret *
tessera_secret_new_from_bytes (gconstpointer bytes, gsize size)
{
  TesseraSecret *self = tessera_secret_new (size);

  if (size > 0)
    memcpy (self->bytes, bytes, size);
  return self;
}

TesseraSecret *
tessera_secret_new_random (gsize size)
{
  TesseraSecret *self = tessera_secret_new (size);

  randombytes_buf (self->bytes, size);
  return self;
}

TesseraSecret *
tessera_secret_read_line (int descriptor, GError **error)
{
  g_autoptr (TesseraSecret) line = tessera_secret_new (LINE_LIMIT);
  gsize used = 0;

  /* One byte at a time: whatever follows the line belongs to somebody else and must stay in the pipe. */
  for (;;) {
    guint8 *byte = line->bytes + used;
    gssize got = read (descriptor, byte, 1);

    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   _("The passphrase could not be read: %s."), g_strerror (saved));
      return NULL;
    }
    if (got == 0 || *byte == '\n')
      break;
    if (++used == LINE_LIMIT) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                   _("The passphrase is longer than %d bytes; choose a shorter one."), LINE_LIMIT - 1);
      return NULL;
    }
  }
  return tessera_secret_new_from_bytes (line->bytes, used);
}

TesseraSecret *
tessera_secret_copy (const TesseraSecret *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return tessera_secret_new_from_bytes (self->bytes, self->size);
}

void
tessera_secret_free (TesseraSecret *self)
{
  if (self == NULL)
    return;
  sodium_free (self->bytes); /* wipes */
  g_free (self);
}

const guint8 *
tessera_secret_get_data (const TesseraSecret *self)
{
  return self->bytes;
}

guint8 *
tessera_secret_get_writable (TesseraSecret *self)
{
  return self->bytes;
}

gsize
tessera_secret_get_size (const TesseraSecret *self)
{
  return self->size;
}
