/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-seal.c: XChaCha20-Poly1305 over one block, and the additional data that ties it to its place.
 *
 * No files here.
 */
#include "config.h"

#include "tessera-page-private.h"

#include <string.h>

void
tessera_page_put32 (guint8 *out, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (out, &value, sizeof value);
}

guint32
tessera_page_get32 (const guint8 *in)
{
  guint32 value;

  memcpy (&value, in, sizeof value);
  return GUINT32_FROM_BE (value);
}

void
tessera_page_put64 (guint8 *out, guint64 value)
{
  value = GUINT64_TO_BE (value);
  memcpy (out, &value, sizeof value);
}

guint64
tessera_page_get64 (const guint8 *in)
{
  guint64 value;

  memcpy (&value, in, sizeof value);
  return GUINT64_FROM_BE (value);
}

void
tessera_page_aad_begin (TesseraPageAad *aad, const guint8 id[TESSERA_PAGE_ID_BYTES], TesseraPageKind kind)
{
  memcpy (aad->bytes, id, TESSERA_PAGE_ID_BYTES);
  aad->size = TESSERA_PAGE_ID_BYTES;
  tessera_page_aad_add32 (aad, kind);
}

void
tessera_page_aad_add (TesseraPageAad *aad, gconstpointer bytes, gsize size)
{
  g_assert (size <= sizeof aad->bytes - aad->size);
  memcpy (aad->bytes + aad->size, bytes, size);
  aad->size += size;
}

void
tessera_page_aad_add32 (TesseraPageAad *aad, guint32 value)
{
  guint8 bytes[4];

  tessera_page_put32 (bytes, value);
  tessera_page_aad_add (aad, bytes, sizeof bytes);
}

void
tessera_page_seal (const TesseraSecret *key, const TesseraPageAad *aad,
                   const guint8 nonce[TESSERA_PAGE_NONCE], guint8 *out, const guint8 *plain, gsize size)
{
  guint8 tag[TESSERA_PAGE_TAG];

  crypto_aead_xchacha20poly1305_ietf_encrypt_detached (out, tag, NULL, plain, size, aad->bytes, aad->size,
                                                       NULL, nonce, tessera_secret_get_data (key));
  memcpy (out + size, nonce, TESSERA_PAGE_NONCE);
  memcpy (out + size + TESSERA_PAGE_NONCE, tag, TESSERA_PAGE_TAG);
}

gboolean
tessera_page_open (const TesseraSecret *key, const TesseraPageAad *aad, guint8 *out, const guint8 *sealed,
                   gsize size)
{
  const guint8 *nonce = sealed + size;

  return crypto_aead_xchacha20poly1305_ietf_decrypt_detached (
           out, NULL, sealed, size, nonce + TESSERA_PAGE_NONCE, aad->bytes, aad->size, nonce,
           tessera_secret_get_data (key)) == 0;
}

/* Random bytes cost a system call; a batch of nonces costs one. None begins with eight zero bytes, which are
 * the stamp of no page. */
const guint8 *
tessera_page_next_nonce (TesseraPageFile *file)
{
  TesseraPageScratch *scratch = file->scratch;
  const guint8 *nonce;

  do {
    if (scratch->used >= TESSERA_PAGE_NONCE_BATCH) {
      randombytes_buf (scratch->nonces, sizeof scratch->nonces);
      scratch->used = 0;
    }
    nonce = scratch->nonces + TESSERA_PAGE_NONCE * scratch->used++;
  } while (tessera_page_stamp (nonce) == 0);
  return nonce;
}
