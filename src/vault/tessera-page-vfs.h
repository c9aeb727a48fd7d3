/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-vfs.h: a SQLite VFS that seals everything SQLite writes.
 *
 * One VFS per open vault, over the platform's unix-excl VFS, for the store file of that vault, its
 * write-ahead log and its rollback journal; every other file is refused. The formats are specified in
 * docs/vault-format.md. It knows neither passphrases nor key slots.
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>

#include "tessera-secret.h"

G_BEGIN_DECLS

/** TESSERA_PAGE_SIZE: of a vault's store, and of the blocks of its head; other stores may have pages of 1024 to
 * 65536 bytes. */
#define TESSERA_PAGE_SIZE 4096
#define TESSERA_PAGE_RESERVED 40
#define TESSERA_PAGE_ID_BYTES 16
#define TESSERA_PAGE_KEY_BYTES 32

/** TESSERA_PAGE_HEAD_BYTES: what stands before everything else in a store file. */
#define TESSERA_PAGE_HEAD_BYTES (3 * TESSERA_PAGE_SIZE)

/**
 * TesseraPageProblem:
 *
 * Why the last file could not be opened, where SQLite's result code is too coarse.
 */
typedef enum {
  TESSERA_PAGE_PROBLEM_NONE,
  TESSERA_PAGE_PROBLEM_NOT_A_STORE,
  TESSERA_PAGE_PROBLEM_OTHER_VAULT,
  TESSERA_PAGE_PROBLEM_TOO_NEW,
  TESSERA_PAGE_PROBLEM_TOO_OLD,
  TESSERA_PAGE_PROBLEM_DAMAGED,
  TESSERA_PAGE_PROBLEM_LOG_MISSING,
} TesseraPageProblem;

typedef struct _TesseraPageVfs TesseraPageVfs;

/**
 * TesseraPageVfsOptions:
 * @store: path of the store file; files besides it (its log and journal, and the same path with ".new"
 * appended, under which a store is made) are the only ones that can be opened
 * @id: 16 bytes, the vault's id (of a backup: the backup's)
 * @key: 32 bytes
 * @beneath: (nullable): the VFS to stand on; %NULL for the platform's unix-excl. Tests put a disk that fails there
 * @offset: where in the file the store begins, in bytes: 0 but for a backup, which has its key file before it
 * @any_path: whether any database file may be opened, and temporary files too (those as they are: for the loadable
 * extension in the tests, never for a vault)
 * @as_default: whether SQLite takes this VFS where none is named
 */
typedef struct {
  const char *store;
  const guint8 *id;
  const TesseraSecret *key;
  const char *beneath;
  sqlite3_int64 offset;
  gboolean any_path;
  gboolean as_default;
} TesseraPageVfsOptions;

/** tessera_page_vfs_register: Returns: (transfer full) (nullable): %NULL if SQLite refused */
TesseraPageVfs *tessera_page_vfs_register (const TesseraPageVfsOptions *options);

/** tessera_page_vfs_get_name: for sqlite3_open_v2(). */
const char *tessera_page_vfs_get_name (TesseraPageVfs *self);

/** tessera_page_vfs_take_problem: and forgets it. */
TesseraPageProblem tessera_page_vfs_take_problem (TesseraPageVfs *self);

/** tessera_page_vfs_unregister: no new files; memory and key go when the last open file is closed. */
void tessera_page_vfs_unregister (TesseraPageVfs *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraPageVfs, tessera_page_vfs_unregister)

G_END_DECLS
