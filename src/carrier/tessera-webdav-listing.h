/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-webdav-listing.h: reading a WebDAV server's answer to PROPFIND, piece by piece, as it arrives.
 *
 * The answer is foreign: of all it says only names that are ours are kept, and whether they are files, and their sizes.
 * It is never held as a whole.
 */
#pragma once

#include "tessera-carrier.h"

G_BEGIN_DECLS

/** TESSERA_WEBDAV_LISTING_SIZE_LIMIT: largest answer in bytes. */
#define TESSERA_WEBDAV_LISTING_SIZE_LIMIT ((gsize) 32 * 1024 * 1024)
/** TESSERA_WEBDAV_LISTING_TOKEN_LIMIT: longest tag, or text between two tags. */
#define TESSERA_WEBDAV_LISTING_TOKEN_LIMIT ((gsize) 64 * 1024)
/** TESSERA_WEBDAV_LISTING_MAX_DEPTH: elements inside each other. */
#define TESSERA_WEBDAV_LISTING_MAX_DEPTH 32

typedef struct _TesseraWebdavListing TesseraWebdavListing;

TesseraWebdavListing *tessera_webdav_listing_new (void);
void tessera_webdav_listing_free (TesseraWebdavListing *self);

/** tessera_webdav_listing_feed: what is behind tessera_webdav_listing_is_full() is ignored. */
gboolean tessera_webdav_listing_feed (TesseraWebdavListing *self, const char *text, gsize length, GError **error);

/** tessera_webdav_listing_is_full: whether so many files were named that no more are taken:
 * %TESSERA_CARRIER_LIST_LIMIT, or fewer at the size limit. */
gboolean tessera_webdav_listing_is_full (TesseraWebdavListing *self);

/** tessera_webdav_listing_finish: (transfer full) (element-type TesseraCarrierItem) (nullable): the files in
 * alphabetical order, each once. */
GPtrArray *tessera_webdav_listing_finish (TesseraWebdavListing *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraWebdavListing, tessera_webdav_listing_free)

G_END_DECLS
