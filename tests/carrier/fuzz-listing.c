/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-listing.c: any bytes as a server's answer to PROPFIND: the same result in one piece as in many, and nothing
 * in it but good names. For libFuzzer, or the driver of the vault's fuzzing.
 */
#include <string.h>

#include "tessera-webdav-listing.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* (transfer full) (nullable) */
static GPtrArray *
read_in_pieces (const char *text, gsize size, gsize piece) {
  g_autoptr (TesseraWebdavListing) listing = tessera_webdav_listing_new ();
  g_autoptr (GError) error = NULL;
  GPtrArray *items = NULL;
  gboolean is_good = TRUE;

  for (gsize at = 0; at < size && is_good; at += piece)
    is_good = tessera_webdav_listing_feed (listing, text + at, MIN (piece, size - at), &error);
  if (is_good)
    items = tessera_webdav_listing_finish (listing, &error);
  g_assert ((items == NULL) == (error != NULL));
  g_assert (error == NULL || error->domain == TESSERA_CARRIER_ERROR);
  return items;
}

static void
check_items (GPtrArray *items) {
  for (guint i = 0; items != NULL && i < items->len; i++) {
    const TesseraCarrierItem *item = g_ptr_array_index (items, i);

    g_assert (tessera_carrier_is_name (item->name));
    g_assert (item->size >= -1 && item->size <= TESSERA_CARRIER_SIZE_LIMIT);
    if (i > 0)
      g_assert (strcmp (((TesseraCarrierItem *) g_ptr_array_index (items, i - 1))->name, item->name) < 0);
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size) {
  g_autoptr (GPtrArray) whole = read_in_pieces ((const char *) data, size, MAX (size, 1));
  g_autoptr (GPtrArray) pieces = read_in_pieces ((const char *) data, size, 7);
  g_autoptr (GPtrArray) bytes = read_in_pieces ((const char *) data, size, 1);

  check_items (whole);
  g_assert ((whole == NULL) == (pieces == NULL) && (whole == NULL) == (bytes == NULL));
  g_assert (whole == NULL || (whole->len == pieces->len && whole->len == bytes->len));
  return 0;
}
