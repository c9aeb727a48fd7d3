/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault-error.c: SQLite's result codes as sentences for people.
 */
#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

#include "tessera-vault.h"

G_DEFINE_QUARK (tessera - vault - error - quark, tessera_vault_error)

static TesseraVaultError
error_of_system (sqlite3 *database)
{
  int code = database != NULL ? sqlite3_system_errno (database) : 0;

  if (code == ENOSPC || code == EDQUOT)
    return TESSERA_VAULT_ERROR_FULL;
  if (code == EROFS || code == EACCES || code == EPERM)
    return TESSERA_VAULT_ERROR_READ_ONLY;
  return TESSERA_VAULT_ERROR_FAILED;
}

static TesseraVaultError
error_of_code (sqlite3 *database, int code)
{
  if (code == SQLITE_IOERR_DATA || code == SQLITE_IOERR_CORRUPTFS)
    return TESSERA_VAULT_ERROR_DAMAGED;
  switch (code & 0xff) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return TESSERA_VAULT_ERROR_BUSY;
  case SQLITE_FULL:
    return TESSERA_VAULT_ERROR_FULL;
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return TESSERA_VAULT_ERROR_READ_ONLY;
  case SQLITE_CORRUPT:
    return TESSERA_VAULT_ERROR_DAMAGED;
  case SQLITE_NOTADB:
    return TESSERA_VAULT_ERROR_FOREIGN;
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
    return error_of_system (database);
  default:
    return TESSERA_VAULT_ERROR_FAILED;
  }
}

void
tessera_vault_set_sqlite_error (GError **error, sqlite3 *database, int code)
{
  TesseraVaultError kind = error_of_code (database, code);
  const char *sentence = NULL;

  switch (kind) {
  case TESSERA_VAULT_ERROR_BUSY:
    sentence = _("The store is in use by another program; close it and try again.");
    break;
  case TESSERA_VAULT_ERROR_FULL:
    sentence = _("There is no space left on the disk; nothing was changed; make room and try again.");
    break;
  case TESSERA_VAULT_ERROR_READ_ONLY:
    sentence = _("The store cannot be written; check that its folder is yours and is not write-protected.");
    break;
  case TESSERA_VAULT_ERROR_DAMAGED:
    sentence = _("The store is damaged or was tampered with; restore it from a backup.");
    break;
  case TESSERA_VAULT_ERROR_FOREIGN:
    sentence = _("The store belongs to another vault or is no Tessera store; put the right one in its place.");
    break;
  case TESSERA_VAULT_ERROR_FAILED:
  case TESSERA_VAULT_ERROR_NOT_A_VAULT:
  case TESSERA_VAULT_ERROR_EXISTS:
  case TESSERA_VAULT_ERROR_WRONG_PASSPHRASE:
  case TESSERA_VAULT_ERROR_TOO_NEW:
  case TESSERA_VAULT_ERROR_INVALID:
  case TESSERA_VAULT_ERROR_TOO_OLD:
  case TESSERA_VAULT_ERROR_WAIT:
  default:
    break;
  }
  if (sentence != NULL)
    g_set_error_literal (error, TESSERA_VAULT_ERROR, kind, sentence);
  else
    g_set_error (error, TESSERA_VAULT_ERROR, kind, _("The store could not do what was asked: %s."),
                 database != NULL ? sqlite3_errmsg (database) : sqlite3_errstr (code));
}
