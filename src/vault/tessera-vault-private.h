/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault-private.h: what the parts of the vault share.
 */
#pragma once

#include "tessera-key-file.h"
#include "tessera-page-vfs.h"
#include "tessera-vault.h"

G_BEGIN_DECLS

#define TESSERA_VAULT_STORE "store.db"

struct _TesseraVault {
  GObject parent_instance;

  char *folder; /* as given */
  char *place;  /* absolute: the working directory may change */
  int lock;     /* descriptor of the folder, locked; -1 when closed */
  char id[2 * TESSERA_KEY_FILE_ID_BYTES + 1];
  guint slot;
  GMutex guard; /* of the key file and of making the store */
  TesseraKeyFile *key_file;
  TesseraSecret *data_key; /* NULL when closed */
  TesseraPageVfs *pages;
};

G_END_DECLS
