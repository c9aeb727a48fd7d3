/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-key-file.c: any bytes as a key file, as they are or with the checksum that fits. What is accepted must be
 * written again as it was.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "tessera-key-file.h"
#include "tessera-key-slot.h"
#include "vault-fuzz.h"

static void
check (const char *text, gsize size)
{
  g_autoptr (TesseraSecret) key = tessera_secret_new (TESSERA_KEY_FILE_KEY_BYTES);
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraKeyFile) parsed = tessera_key_file_parse (text, size, &error);
  g_autofree char *again = NULL;

  g_assert_true ((parsed == NULL) == (error != NULL));
  if (parsed == NULL)
    return;
  again = tessera_key_file_serialize (parsed, NULL);
  g_assert_cmpmem (again, strlen (again), text, size);
  g_assert_false (tessera_key_file_verify (parsed, key));
  tessera_key_file_find (parsed, "Synthetic Worker");
  for (guint i = 0; i < parsed->slots->len; i++) {
    g_auto (TesseraKeys) keys = { 0 };

    g_assert_false (
      tessera_key_slot_open (parsed, &g_array_index (parsed->slots, TesseraKeySlot, i), key, &keys, NULL));
  }
}

/* Up to the line of the checksum, and the right one behind it. */
static void
check_with_sum (const guint8 *data, gsize size)
{
  g_autoptr (GString) text = g_string_new_len ((const char *) data, (gssize) size);
  const char *line = g_strrstr_len (text->str, (gssize) text->len, "\nsum ");
  guint8 sum[16];
  char hex[2 * sizeof sum + 1];

  if (line != NULL)
    g_string_truncate (text, (gsize) (line + 1 - text->str));
  crypto_generichash (sum, sizeof sum, (const guint8 *) text->str, text->len, NULL, 0);
  sodium_bin2hex (hex, sizeof hex, sum, sizeof sum);
  g_string_append_printf (text, "sum %s\n", hex);
  check (text->str, text->len);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check ((const char *) data, size);
  check_with_sum (data, size);
  return 0;
}
