/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-folder-carrier.h: a folder through which files reach others: a stick, or one that a sync client
 * (Nextcloud, Syncthing) or a server (SMB) carries elsewhere.
 *
 * Files are named after their content and never change, so there is nothing for a sync client to make
 * conflict copies of. The folder is foreign ground: everything in it may be half written, a link, huge, or
 * made by somebody who means harm. All it knows of what is in the files is whether they are whole.
 */
#pragma once

#include "tessera-carrier.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_FOLDER_CARRIER (tessera_folder_carrier_get_type ())
G_DECLARE_FINAL_TYPE (TesseraFolderCarrier, tessera_folder_carrier, TESSERA, FOLDER_CARRIER, GObject)

/** tessera_folder_carrier_new: (transfer full): @folder is never created; it is looked for at each call, for it may
 * come and go. In it `tessera1` and the mailboxes are made when something is put into them. */
TesseraFolderCarrier *tessera_folder_carrier_new (const char *folder, TesseraCarrierCheck check);

const char *tessera_folder_carrier_get_folder (TesseraFolderCarrier *self);

G_END_DECLS
