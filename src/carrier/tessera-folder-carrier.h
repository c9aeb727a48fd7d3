/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-folder-carrier.h: a folder through which files reach others: a stick, or one that a sync client
 * (Nextcloud, Syncthing) or a server (SMB) carries elsewhere.
 *
 * Files are named after their content and never change, so there is nothing for a sync client to make
 * conflict copies of. The folder is foreign ground: everything in it may be half written, a link, huge, or
 * made by somebody who means harm. It knows nothing of what is in the files. Calls block; the application
 * makes them in a worker thread, and an object is used by one thread at a time.
 */
#pragma once

#include "tessera-carrier-error.h"

G_BEGIN_DECLS

/** TESSERA_CARRIER_SIZE_LIMIT: largest file in bytes (256 MiB); larger ones are not listed, read or
 * written. */
#define TESSERA_CARRIER_SIZE_LIMIT ((gsize) 256 * 1024 * 1024)
/** TESSERA_CARRIER_LIST_LIMIT: most names of one listing; what is beyond waits until some are removed. */
#define TESSERA_CARRIER_LIST_LIMIT 100000
/** TESSERA_CARRIER_NAME_LENGTH: 52 characters of base 32 (RFC 4648, lower case, unpadded: 256 bits) and
 * ".age". */
#define TESSERA_CARRIER_NAME_LENGTH 56

/**
 * TesseraCarrierCheck:
 *
 * Whether @file is what @name says (design section 7: its BLAKE2b-256 in base 32); the carrier has no
 * cryptography.
 */
typedef gboolean (*TesseraCarrierCheck) (const char *name, GBytes *file);

/** tessera_carrier_is_name: whether @name is one a carrier uses: ^[a-z2-7]{52}\.age$ and nothing else. */
gboolean tessera_carrier_is_name (const char *name);

#define TESSERA_TYPE_FOLDER_CARRIER (tessera_folder_carrier_get_type ())
G_DECLARE_FINAL_TYPE (TesseraFolderCarrier, tessera_folder_carrier, TESSERA, FOLDER_CARRIER, GObject)

/** tessera_folder_carrier_new: @folder is never created; it is looked for at each call, for it may come and
 * go. */
TesseraFolderCarrier *tessera_folder_carrier_new (const char *folder, TesseraCarrierCheck check);

const char *tessera_folder_carrier_get_folder (TesseraFolderCarrier *self);

/** tessera_folder_carrier_list: (transfer full) (element-type utf8): names of the ordinary files that may be
 * fetched, in alphabetical order. Whether they are complete shows only when they are fetched. */
GPtrArray *tessera_folder_carrier_list (TesseraFolderCarrier *self, GError **error);

/** tessera_folder_carrier_fetch: (transfer full): the whole file; %TESSERA_CARRIER_ERROR_NOT_COMPLETE when it
 * does not fit its name: then try again later. */
GBytes *tessera_folder_carrier_fetch (TesseraFolderCarrier *self, const char *name, GError **error);

/**
 * tessera_folder_carrier_put:
 *
 * When it returns %TRUE, the whole file is there under @name, and on the disk. Doing it again, or at the same
 * time as somebody else, is harmless; half a file of that name is replaced.
 */
gboolean tessera_folder_carrier_put (TesseraFolderCarrier *self, const char *name, GBytes *file,
                                     GError **error);

/** tessera_folder_carrier_remove: %TRUE also when there is no such file. */
gboolean tessera_folder_carrier_remove (TesseraFolderCarrier *self, const char *name, GError **error);

/** tessera_folder_carrier_flush: everything on that drive is written out: a stick may be unplugged afterwards
 * (once it is unmounted). */
gboolean tessera_folder_carrier_flush (TesseraFolderCarrier *self, GError **error);

G_END_DECLS
