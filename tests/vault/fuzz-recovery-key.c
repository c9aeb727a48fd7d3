/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-recovery-key.c: any bytes as a recovery key that somebody types, and any key as the text to type.
 */
#include "config.h"

#include <string.h>

#include "tessera-recovery-key.h"
#include "vault-fuzz.h"

static void
check_typed (const guint8 *data, gsize size)
{
  g_autoptr (TesseraSecret) text = tessera_secret_new_from_bytes (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) key = tessera_recovery_key_parse (text, &error);
  g_autoptr (TesseraSecret) again = NULL;
  g_autoptr (TesseraSecret) same = NULL;

  g_assert_true ((key == NULL) == (error != NULL));
  if (key == NULL)
    return;
  again = tessera_recovery_key_format (key);
  same = tessera_recovery_key_parse (again, NULL);
  g_assert_cmpmem (tessera_secret_get_data (same), tessera_secret_get_size (same), tessera_secret_get_data (key),
                   TESSERA_RECOVERY_KEY_BYTES);
}

/* And a typing error in its text is never taken for another key. */
static void
check_printed (const guint8 *data, gsize size)
{
  g_autoptr (TesseraSecret) key = tessera_secret_new_from_bytes (data, TESSERA_RECOVERY_KEY_BYTES);
  g_autoptr (TesseraSecret) text = tessera_recovery_key_format (key);
  g_autoptr (TesseraSecret) read = NULL;
  gsize length = tessera_secret_get_size (text);

  if (size > TESSERA_RECOVERY_KEY_BYTES + 1)
    tessera_secret_get_writable (text)[data[TESSERA_RECOVERY_KEY_BYTES] % length] =
      data[TESSERA_RECOVERY_KEY_BYTES + 1];
  read = tessera_recovery_key_parse (text, NULL);
  if (read != NULL)
    g_assert_cmpmem (tessera_secret_get_data (read), TESSERA_RECOVERY_KEY_BYTES, data, TESSERA_RECOVERY_KEY_BYTES);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_typed (data, size);
  if (size >= TESSERA_RECOVERY_KEY_BYTES)
    check_printed (data, size);
  return 0;
}
