/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-erased-list.h: the list of what was erased, in a file beside what could bring it back: the vault and its
 * backups. It holds random ids and codes. Private to the store layer; the file is specified in docs/vault-format.md.
 */
#pragma once

#include "tessera-connection.h"

G_BEGIN_DECLS

/** TESSERA_ERASED_LIST: its name in a vault; beside a backup it has the backup's name and TESSERA_ERASED_SUFFIX. */
#define TESSERA_ERASED_LIST "erased"
#define TESSERA_ERASED_SUFFIX ".erased"

/** tessera_erased_list_save: writes it into the vault's folder, and beside the backups that can be reached. */
gboolean tessera_erased_list_save (TesseraConnection *self, GError **error);

/** tessera_erased_list_load: (transfer full): the text of @path; %NULL without an error when there is no such file. */
char *tessera_erased_list_load (const char *path, GError **error);

/**
 * tessera_erased_list_apply:
 * @text: of tessera_erased_list_load()
 * @ret_count: (inout): grows by what was erased anew
 *
 * Erases what it names and is still here. Fails with %TESSERA_VAULT_ERROR_DAMAGED or %TESSERA_VAULT_ERROR_FOREIGN when the
 * list is not one that this vault wrote.
 */
gboolean tessera_erased_list_apply (TesseraTransaction *transaction, const char *text, guint *ret_count, GError **error);

G_END_DECLS
