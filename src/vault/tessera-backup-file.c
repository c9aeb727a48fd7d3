/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-backup-file.c: the one file that a backup is.
 *
 * The head is written last: a file without it is no backup. It says how long the file is and carries a MAC, so a backup
 * that was cut off or put together from two is known before a page is read.
 */
#include "config.h"

#include "tessera-backup-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tessera-page-vfs.h"
#include "tessera-vault-file.h"
#include "tessera-vault-private.h"

#define MAGIC_STEM "Tessera backup "
#define MAGIC MAGIC_STEM "1"
#define MAGIC_UNFINISHED MAGIC_STEM "?"
#define MAGIC_BYTES 16
#define CONTEXT_PAGES "TesBacku"
#define CONTEXT_HEAD "TesBakHd"
#define ID_BYTES TESSERA_PAGE_ID_BYTES
#define MAC_BYTES 32

/* Where things stand in the head. */
#define AT_ID MAGIC_BYTES
#define AT_CREATED (AT_ID + ID_BYTES)
#define AT_SIZE (AT_CREATED + 8)
#define AT_TEXT_SIZE (AT_SIZE + 8)
#define AT_TEXT (AT_TEXT_SIZE + 4)
#define AT_MAC (TESSERA_BACKUP_HEAD_BYTES - MAC_BYTES)
#define TEXT_LIMIT (128 * 1024)
G_STATIC_ASSERT (AT_TEXT + TEXT_LIMIT <= AT_MAC);

/* Nobody else opens a backup while it is made or read, and many a disk that backups are put on knows no locks. */
#define BENEATH "unix-none"

struct _TesseraBackupFile {
  char *path;
  char *place; /* absolute: the working directory may change */
  guint8 id[ID_BYTES];
  char id_text[2 * ID_BYTES + 1];
  char vault_text[2 * TESSERA_KEY_FILE_ID_BYTES + 1];
  gint64 created;
  guint64 size;
  guint n_workers;
  TesseraVault *vault;      /* of one being made, not owned */
  TesseraKeyFile *key_file; /* of one that is read */
  guint8 *head;             /* of one that is read, as on the disk */
  TesseraPageVfs *pages;
};

static TesseraBackupFile *
backup_file_new (const char *path)
{
  TesseraBackupFile *self = g_new0 (TesseraBackupFile, 1);

  self->path = g_strdup (path);
  self->place = g_canonicalize_filename (path, NULL);
  return self;
}

void
tessera_backup_file_free (TesseraBackupFile *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->pages, tessera_page_vfs_unregister);
  g_clear_pointer (&self->key_file, tessera_key_file_free);
  g_free (self->head);
  g_free (self->path);
  g_free (self->place);
  g_free (self);
}

static void
set_damaged_error (TesseraBackupFile *self, GError **error)
{
  g_autofree char *shown = g_filename_display_name (self->path);

  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
               _("The backup “%s” is damaged, cut off or was tampered with; use another one."), shown);
}

/* Numbers in the head are big-endian, as in the store. */
static void
put_number (guint8 *out, guint64 value, guint n_bytes)
{
  for (guint i = 0; i < n_bytes; i++)
    out[i] = (guint8) (value >> (8 * (n_bytes - 1 - i)));
}

static guint64
get_number (const guint8 *in, guint n_bytes)
{
  guint64 value = 0;

  for (guint i = 0; i < n_bytes; i++)
    value = value << 8 | in[i];
  return value;
}

/* ---- keys ---- */

/* Another for each backup: its number is the beginning of the id. */
static TesseraSecret *
derive (TesseraBackupFile *self, TesseraVault *vault, const char *context)
{
  return tessera_key_file_subkey (vault->data_key, context, get_number (self->id, 8));
}

static void
compute_mac (TesseraBackupFile *self, TesseraVault *vault, const guint8 *head, guint8 mac[MAC_BYTES])
{
  g_autoptr (TesseraSecret) key = derive (self, vault, CONTEXT_HEAD);

  crypto_generichash (mac, MAC_BYTES, head, AT_MAC, tessera_secret_get_data (key), tessera_secret_get_size (key));
}

static gboolean
register_pages (TesseraBackupFile *self, TesseraVault *vault, GError **error)
{
  g_autoptr (TesseraSecret) key = derive (self, vault, CONTEXT_PAGES);

  g_clear_pointer (&self->pages, tessera_page_vfs_unregister);
  self->pages = tessera_page_vfs_register (&(TesseraPageVfsOptions){
    .store = self->place,
    .id = self->id,
    .key = key,
    .beneath = BENEATH,
    .offset = TESSERA_BACKUP_HEAD_BYTES,
  });
  if (self->pages != NULL)
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FAILED,
               _("SQLite on this computer cannot open an encrypted store; reinstall it."));
  return FALSE;
}

/* ---- making one ---- */

TesseraBackupFile *
tessera_backup_file_create (TesseraVault *vault, const char *path, gint64 created, GError **error)
{
  g_autoptr (TesseraBackupFile) self = backup_file_new (path);
  int descriptor = open (self->place, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  g_return_val_if_fail (vault->data_key != NULL, NULL);
  if (descriptor < 0) {
    tessera_vault_file_set_error (error, errno, path);
    return NULL;
  }
  errno = ENOSPC; /* what it means when only a part was written */
  if (write (descriptor, MAGIC_UNFINISHED, MAGIC_BYTES) != MAGIC_BYTES) {
    tessera_vault_file_set_error (error, errno, path);
    close (descriptor);
    unlink (self->place);
    return NULL;
  }
  close (descriptor);
  self->vault = vault;
  self->created = created;
  randombytes_buf (self->id, sizeof self->id);
  sodium_bin2hex (self->id_text, sizeof self->id_text, self->id, sizeof self->id);
  g_strlcpy (self->vault_text, vault->id, sizeof self->vault_text);
  return g_steal_pointer (&self);
}

gboolean
tessera_backup_file_is_unfinished (const char *path)
{
  char magic[MAGIC_BYTES];
  struct stat facts;
  gboolean unfinished = FALSE;
  int descriptor = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);

  if (descriptor < 0)
    return FALSE;
  if (fstat (descriptor, &facts) == 0 && S_ISREG (facts.st_mode))
    unfinished = facts.st_size == 0
                 || (read (descriptor, magic, MAGIC_BYTES) == MAGIC_BYTES
                     && memcmp (magic, MAGIC_UNFINISHED, MAGIC_BYTES) == 0);
  close (descriptor);
  return unfinished;
}

sqlite3 *
tessera_backup_file_begin (TesseraBackupFile *self, GError **error)
{
  if (!register_pages (self, self->vault, error))
    return NULL;
  return tessera_vault_open_empty (self->place, self->pages, error);
}

/* Closing it takes no lock away from SQLite: there are none, see BENEATH. */
void
tessera_backup_file_flush (TesseraBackupFile *self)
{
  int descriptor = open (self->place, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

  if (descriptor < 0)
    return;
  fdatasync (descriptor);
  close (descriptor);
}

/* The key file as it is at this moment, so that whoever can open the vault now can open the backup. */
static guint8 *
make_head (TesseraBackupFile *self)
{
  g_autofree guint8 *head = g_malloc0 (TESSERA_BACKUP_HEAD_BYTES);
  g_autofree char *text = NULL;
  gsize text_size;

  g_mutex_lock (&self->vault->guard);
  text = tessera_key_file_serialize (self->vault->key_file, NULL);
  self->n_workers = tessera_key_file_count_workers (self->vault->key_file);
  g_mutex_unlock (&self->vault->guard);
  text_size = strlen (text);
  g_return_val_if_fail (text_size <= TEXT_LIMIT, NULL);
  memcpy (head, MAGIC, MAGIC_BYTES);
  memcpy (head + AT_ID, self->id, sizeof self->id);
  put_number (head + AT_CREATED, (guint64) self->created, 8);
  put_number (head + AT_SIZE, self->size, 8);
  put_number (head + AT_TEXT_SIZE, text_size, 4);
  memcpy (head + AT_TEXT, text, text_size);
  compute_mac (self, self->vault, head, head + AT_MAC);
  return g_steal_pointer (&head);
}

static gboolean
write_at_beginning (int descriptor, const guint8 *bytes, gsize size)
{
  gsize done = 0;

  while (done < size) {
    gssize written = pwrite (descriptor, bytes + done, size - done, (off_t) done);

    if (written < 0 && errno == EINTR)
      continue;
    if (written == 0)
      errno = ENOSPC;
    if (written <= 0)
      return FALSE;
    done += (gsize) written;
  }
  if (fsync (descriptor) != 0)
    return FALSE;
  /* Whoever verifies it shall read the disk and not the memory. */
  posix_fadvise (descriptor, 0, 0, POSIX_FADV_DONTNEED);
  return TRUE;
}

gboolean
tessera_backup_file_finish (TesseraBackupFile *self, GError **error)
{
  g_autofree guint8 *head = NULL;
  struct stat facts;
  gboolean done = FALSE;
  int descriptor = open (self->place, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  int saved = errno;

  if (descriptor >= 0 && fstat (descriptor, &facts) == 0) {
    self->size = (guint64) facts.st_size;
    head = make_head (self);
    done = write_at_beginning (descriptor, head, TESSERA_BACKUP_HEAD_BYTES);
  }
  if (!done)
    saved = errno;
  if (descriptor >= 0 && close (descriptor) != 0 && done) {
    saved = errno;
    done = FALSE;
  }
  if (!done)
    tessera_vault_file_set_error (error, saved, self->path);
  return done;
}

/* ---- reading one ---- */

/* The head, and the size of the file. Whatever is no regular file is no backup. */
static gboolean
read_head (TesseraBackupFile *self, guint64 *ret_size, gsize *ret_amount, GError **error)
{
  struct stat facts;
  gssize amount = -1;
  gsize done = 0;
  int descriptor = open (self->place, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  int saved = errno;

  if (descriptor >= 0 && fstat (descriptor, &facts) == 0) {
    self->head = g_malloc0 (TESSERA_BACKUP_HEAD_BYTES);
    *ret_size = (guint64) facts.st_size;
    do {
      amount = S_ISREG (facts.st_mode)
                 ? read (descriptor, self->head + done, TESSERA_BACKUP_HEAD_BYTES - done) : 0;
      if (amount > 0)
        done += (gsize) amount;
    } while ((amount > 0 && done < TESSERA_BACKUP_HEAD_BYTES) || (amount < 0 && errno == EINTR));
    saved = errno;
  }
  if (descriptor >= 0)
    close (descriptor);
  *ret_amount = done;
  if (amount >= 0)
    return TRUE;
  tessera_vault_file_set_error (error, saved, self->path);
  return FALSE;
}

static void
set_too_new_error (TesseraBackupFile *self, GError **error)
{
  g_autofree char *shown = g_filename_display_name (self->path);

  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_TOO_NEW,
               _("The backup “%s” was made by a newer Tessera; update Tessera on this computer."), shown);
}

static gboolean
check_magic (TesseraBackupFile *self, gsize amount, GError **error)
{
  g_autofree char *shown = g_filename_display_name (self->path);

  if (amount >= MAGIC_BYTES && memcmp (self->head, MAGIC, MAGIC_BYTES) == 0)
    return TRUE;
  if (amount >= MAGIC_BYTES && memcmp (self->head, MAGIC_STEM, strlen (MAGIC_STEM)) == 0
      && g_ascii_isdigit (self->head[MAGIC_BYTES - 1]))
    set_too_new_error (self, error);
  else
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_FOREIGN,
                 _("“%s” is no whole Tessera backup; choose another file."), shown);
  return FALSE;
}

static gboolean
parse_head (TesseraBackupFile *self, guint64 size, gsize amount, GError **error)
{
  guint64 text_size;

  if (amount < TESSERA_BACKUP_HEAD_BYTES) {
    set_damaged_error (self, error);
    return FALSE;
  }
  text_size = get_number (self->head + AT_TEXT_SIZE, 4);
  self->size = get_number (self->head + AT_SIZE, 8);
  self->created = (gint64) get_number (self->head + AT_CREATED, 8);
  if (self->size != size || text_size > TEXT_LIMIT) {
    set_damaged_error (self, error);
    return FALSE;
  }
  memcpy (self->id, self->head + AT_ID, sizeof self->id);
  self->key_file = tessera_key_file_parse ((const char *) self->head + AT_TEXT, text_size, NULL);
  if (self->key_file == NULL) {
    set_damaged_error (self, error);
    return FALSE;
  }
  self->n_workers = tessera_key_file_count_workers (self->key_file);
  sodium_bin2hex (self->id_text, sizeof self->id_text, self->id, sizeof self->id);
  sodium_bin2hex (self->vault_text, sizeof self->vault_text, self->key_file->id, sizeof self->key_file->id);
  return TRUE;
}

TesseraBackupFile *
tessera_backup_file_open (const char *path, GError **error)
{
  g_autoptr (TesseraBackupFile) self = backup_file_new (path);
  guint64 size = 0;
  gsize amount = 0;

  if (!read_head (self, &size, &amount, error) || !check_magic (self, amount, error)
      || !parse_head (self, size, amount, error))
    return NULL;
  return g_steal_pointer (&self);
}

const char *
tessera_backup_file_get_id (TesseraBackupFile *self)
{
  return self->id_text;
}

const char *
tessera_backup_file_get_vault (TesseraBackupFile *self)
{
  return self->vault_text;
}

gint64
tessera_backup_file_get_created (TesseraBackupFile *self)
{
  return self->created;
}

guint64
tessera_backup_file_get_size (TesseraBackupFile *self)
{
  return self->size;
}

guint
tessera_backup_file_count_workers (TesseraBackupFile *self)
{
  return self->n_workers;
}

char *
tessera_backup_file_get_keys (TesseraBackupFile *self)
{
  g_return_val_if_fail (self->key_file != NULL, NULL);
  return tessera_key_file_serialize (self->key_file, NULL);
}

gboolean
tessera_backup_file_opens_with (TesseraBackupFile *self, TesseraVault *vault)
{
  g_return_val_if_fail (self->key_file != NULL && vault->data_key != NULL, FALSE);

  return memcmp (self->key_file->id, vault->key_file->id, sizeof self->key_file->id) == 0
         && tessera_key_file_verify (self->key_file, vault->data_key);
}

sqlite3 *
tessera_backup_file_read (TesseraBackupFile *self, TesseraVault *vault, GError **error)
{
  guint8 mac[MAC_BYTES];
  sqlite3 *database;

  g_return_val_if_fail (self->head != NULL && vault->data_key != NULL, NULL);

  compute_mac (self, vault, self->head, mac);
  if (sodium_memcmp (mac, self->head + AT_MAC, sizeof mac) != 0) {
    set_damaged_error (self, error);
    return NULL;
  }
  if (!register_pages (self, vault, error))
    return NULL;
  database = tessera_vault_open_still (self->place, self->pages);
  if (database == NULL && tessera_page_vfs_take_problem (self->pages) == TESSERA_PAGE_PROBLEM_TOO_NEW)
    set_too_new_error (self, error);
  else if (database == NULL)
    set_damaged_error (self, error);
  return database;
}

/* What a system error was behind it; 0 if none. */
static int
find_system_error (sqlite3 *database, int code)
{
  int number = sqlite3_system_errno (database);

  switch (code & 0xff) {
  case SQLITE_FULL:
    return ENOSPC;
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return EROFS;
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
    return number != 0 ? number : EIO;
  default:
    return 0;
  }
}

void
tessera_backup_file_set_error (TesseraBackupFile *self, GError **error, sqlite3 *database, int code)
{
  gboolean damaged = code == SQLITE_IOERR_DATA || code == SQLITE_IOERR_CORRUPTFS || (code & 0xff) == SQLITE_CORRUPT
                     || (code & 0xff) == SQLITE_NOTADB || code == SQLITE_IOERR_SHORT_READ;
  int number = find_system_error (database, code);

  if (damaged)
    set_damaged_error (self, error);
  else if (number != 0)
    tessera_vault_file_set_error (error, number, self->path);
  else
    tessera_vault_set_sqlite_error (error, database, code);
}
