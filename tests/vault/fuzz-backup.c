/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-backup.c: any bytes as the head of a backup, which is read before anything can be authenticated: as they are,
 * and with the sizes that fit.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tessera-backup-file.h"
#include "vault-fuzz.h"

#define MAGIC_BYTES 16
#define AT_SIZE 40
#define AT_TEXT_SIZE 48
#define AT_TEXT 52
#define SUM_BYTES 16

static void
put_number (guint8 *out, guint64 number, guint size)
{
  for (guint i = 0; i < size; i++)
    out[i] = (guint8) (number >> (8 * (size - 1 - i)));
}

/* A file without a name. */
static void
check (const guint8 *bytes, gsize size)
{
  int file = memfd_create ("backup", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", file);
  g_autoptr (GError) error = NULL;
  TesseraBackupFile *backup;

  g_assert_cmpint (write (file, bytes, size), ==, (gssize) size);
  tessera_backup_file_is_unfinished (path);
  backup = tessera_backup_file_open (path, &error);
  g_assert_true ((backup == NULL) == (error != NULL));
  if (backup != NULL) {
    g_autofree char *keys = tessera_backup_file_get_keys (backup);

    g_assert_cmpuint (tessera_backup_file_get_size (backup), ==, size);
    g_assert_nonnull (keys);
    tessera_backup_file_count_workers (backup);
  }
  tessera_backup_file_free (backup);
  close (file);
}

/* The input is the key file; its checksum is made to fit. */
static void
check_text (const guint8 *data, gsize size)
{
  g_autofree guint8 *head = g_malloc0 (TESSERA_BACKUP_HEAD_BYTES);
  g_autoptr (GString) text = g_string_new_len ((const char *) data, (gssize) size);
  const char *line = g_strrstr_len (text->str, (gssize) text->len, "\nsum ");
  guint8 sum[SUM_BYTES];
  char hex[2 * SUM_BYTES + 1];

  if (line != NULL)
    g_string_truncate (text, (gsize) (line + 1 - text->str));
  crypto_generichash (sum, sizeof sum, (const guint8 *) text->str, text->len, NULL, 0);
  sodium_bin2hex (hex, sizeof hex, sum, sizeof sum);
  g_string_append_printf (text, "sum %s\n", hex);
  memcpy (head, "Tessera backup 1", MAGIC_BYTES);
  put_number (head + AT_SIZE, TESSERA_BACKUP_HEAD_BYTES, 8);
  put_number (head + AT_TEXT_SIZE, text->len, 4);
  memcpy (head + AT_TEXT, text->str, MIN (text->len, TESSERA_BACKUP_HEAD_BYTES - AT_TEXT));
  check (head, TESSERA_BACKUP_HEAD_BYTES);
}

/* The input stands at the beginning of a head that is long enough. */
static void
check_head (const guint8 *data, gsize size)
{
  g_autofree guint8 *head = g_malloc0 (TESSERA_BACKUP_HEAD_BYTES);

  memcpy (head, data, MIN (size, TESSERA_BACKUP_HEAD_BYTES));
  check (head, TESSERA_BACKUP_HEAD_BYTES);
  put_number (head + AT_SIZE, TESSERA_BACKUP_HEAD_BYTES, 8);
  check (head, TESSERA_BACKUP_HEAD_BYTES);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check (data, size);
  check_head (data, size);
  check_text (data, size);
  return 0;
}
