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

/* tessera_vault_open_empty: an empty database in the file @place, which is there and empty, to be filled page by page from
 * another one; without log or journal, so it is whole only when that is done. Close it with sqlite3_close(). */
sqlite3 *tessera_vault_open_empty (const char *place, TesseraPageVfs *pages, GError **error);

/* tessera_vault_open_still: the database in a file that nobody writes, for reading only, without looking for a log or
 * taking locks. Returns: (nullable): %NULL if its first pages do not open */
sqlite3 *tessera_vault_open_still (const char *place, TesseraPageVfs *pages);

G_END_DECLS
