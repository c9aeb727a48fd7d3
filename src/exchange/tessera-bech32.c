/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-bech32.c: Bech32 for 32-byte keys. BIP 173; see the header for what differs.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "tessera-bech32.h"

#define N_SYMBOLS (TESSERA_BECH32_DATA_LENGTH + TESSERA_BECH32_CHECKSUM_LENGTH)

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static guint32
checksum_step (guint32 sum, guint8 symbol)
{
  static const guint32 generator[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
  guint32 top = sum >> 25;

  sum = ((sum & 0x1ffffff) << 5) ^ symbol;
  for (guint i = 0; i < 5; i++)
    if ((top >> i) & 1)
      sum ^= generator[i];

  return sum;
}

/* The checksum is defined over the lower-case prefix whatever the case of the text. */
static guint32
checksum_prefix (const char *prefix)
{
  guint32 sum = 1;

  for (const char *p = prefix; *p; p++)
    sum = checksum_step (sum, (guint8) g_ascii_tolower (*p) >> 5);
  sum = checksum_step (sum, 0);
  for (const char *p = prefix; *p; p++)
    sum = checksum_step (sum, (guint8) g_ascii_tolower (*p) & 31);

  return sum;
}

static gboolean
prefix_is_upper (const char *prefix)
{
  return g_ascii_isupper (prefix[0]);
}

void
tessera_bech32_encode (const char *prefix, const guint8 *key, char *text)
{
  guint8 symbols[N_SYMBOLS] = { 0 };
  gsize length = strlen (prefix);
  guint32 sum = checksum_prefix (prefix);

  for (guint bit = 0; bit < TESSERA_BECH32_KEY_SIZE * 8; bit++)
    symbols[bit / 5] |= ((key[bit / 8] >> (7 - bit % 8)) & 1) << (4 - bit % 5);
  for (guint i = 0; i < TESSERA_BECH32_DATA_LENGTH; i++)
    sum = checksum_step (sum, symbols[i]);
  for (guint i = 0; i < TESSERA_BECH32_CHECKSUM_LENGTH; i++)
    sum = checksum_step (sum, 0);
  sum ^= 1;
  for (guint i = 0; i < TESSERA_BECH32_CHECKSUM_LENGTH; i++)
    symbols[TESSERA_BECH32_DATA_LENGTH + i] = (sum >> (5 * (5 - i))) & 31;

  memcpy (text, prefix, length);
  text[length] = '1';
  for (guint i = 0; i < N_SYMBOLS; i++) {
    char symbol = alphabet[symbols[i]];

    text[length + 1 + i] = prefix_is_upper (prefix) ? g_ascii_toupper (symbol) : symbol;
  }
  text[length + 1 + N_SYMBOLS] = '\0';
  sodium_memzero (symbols, sizeof symbols);
}

static gboolean
decode_symbols (const char *text, gboolean upper, guint8 *symbols)
{
  for (guint i = 0; i < N_SYMBOLS; i++) {
    char c = text[i];
    const char *position;

    if (upper ? g_ascii_islower (c) : g_ascii_isupper (c))
      return FALSE;
    position = strchr (alphabet, g_ascii_tolower (c));
    if (c == '\0' || position == NULL)
      return FALSE;
    symbols[i] = position - alphabet;
  }

  return text[N_SYMBOLS] == '\0';
}

gboolean
tessera_bech32_decode (const char *prefix, const char *text, guint8 *key)
{
  guint8 symbols[N_SYMBOLS];
  gsize length = strlen (prefix);
  guint32 sum = checksum_prefix (prefix);
  gboolean good;

  memset (key, 0, TESSERA_BECH32_KEY_SIZE);
  if (strncmp (text, prefix, length) != 0 || text[length] != '1')
    return FALSE;
  if (!decode_symbols (text + length + 1, prefix_is_upper (prefix), symbols)) {
    sodium_memzero (symbols, sizeof symbols);
    return FALSE;
  }

  for (guint i = 0; i < N_SYMBOLS; i++)
    sum = checksum_step (sum, symbols[i]);
  for (guint bit = 0; bit < TESSERA_BECH32_KEY_SIZE * 8; bit++)
    key[bit / 8] |= ((symbols[bit / 5] >> (4 - bit % 5)) & 1) << (7 - bit % 8);

  /* 52 groups hold 260 bits: the last four are padding and must be zero, or one key would have many spellings. */
  good = sum == 1 && (symbols[TESSERA_BECH32_DATA_LENGTH - 1] & 15) == 0;
  if (!good)
    sodium_memzero (key, TESSERA_BECH32_KEY_SIZE);
  sodium_memzero (symbols, sizeof symbols);

  return good;
}
