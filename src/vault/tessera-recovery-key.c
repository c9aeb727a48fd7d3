/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-recovery-key.c: 256 bits on a sheet of paper.
 *
 * Each group carries its own check character, so that a person can be told which five characters to compare
 * with the paper instead of all of them.
 */
#include "config.h"

#include "tessera-recovery-key.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-vault.h"

#define GROUP_DATA 4
#define GROUP_TOTAL (GROUP_DATA + 1)
#define CHARACTERS (TESSERA_RECOVERY_KEY_GROUPS * GROUP_TOTAL)
#define TEXT_SIZE (CHARACTERS + TESSERA_RECOVERY_KEY_GROUPS - 1)

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Multiplication by x in GF(32) with the polynomial x^5 + x^2 + 1. */
static guint8
times_x (guint8 value)
{
  value <<= 1;
  return value & 32 ? value ^ 0x25 : value;
}

/* A polynomial check over GF(32) sees every single wrong character and every swap of two neighbours; starting
 * from the group's number, it also sees groups in the wrong order. */
static guint8
check_value (guint group, const guint8 values[GROUP_DATA])
{
  guint8 check = group + 1;

  for (guint i = 0; i < GROUP_DATA; i++)
    check = times_x (check) ^ values[i];
  return times_x (check);
}

/* Five bits number @index of the key, most significant first; bits behind the end are zero. */
static guint8
five_bits (const guint8 *key, guint index)
{
  guint8 value = 0;

  for (guint bit = index * 5; bit < index * 5 + 5; bit++) {
    guint8 one = bit < TESSERA_RECOVERY_KEY_BYTES * 8 ? key[bit / 8] >> (7 - bit % 8) & 1 : 0;

    value = value << 1 | one;
  }
  return value;
}

TesseraSecret *
tessera_recovery_key_format (const TesseraSecret *key)
{
  TesseraSecret *text = tessera_secret_new (TEXT_SIZE);
  guint8 *out = tessera_secret_get_writable (text);

  g_return_val_if_fail (tessera_secret_get_size (key) == TESSERA_RECOVERY_KEY_BYTES, NULL);

  for (guint group = 0; group < TESSERA_RECOVERY_KEY_GROUPS; group++) {
    guint8 values[GROUP_DATA];

    if (group > 0)
      *out++ = '-';
    for (guint i = 0; i < GROUP_DATA; i++) {
      values[i] = five_bits (tessera_secret_get_data (key), group * GROUP_DATA + i);
      *out++ = alphabet[values[i]];
    }
    *out++ = alphabet[check_value (group, values)];
    sodium_memzero (values, sizeof values);
  }
  return text;
}

/* The value of a character as people copy it, or -1. */
static int
character_value (char character)
{
  char upper = g_ascii_toupper (character);
  const char *found;

  if (upper == 'O')
    return 0;
  if (upper == 'I' || upper == 'L')
    return 1;
  found = upper != '\0' ? strchr (alphabet, upper) : NULL;
  return found != NULL ? (int) (found - alphabet) : -1;
}

/* Reads the characters that count into @values. Returns how many there were (one too many is enough to know),
 * or minus the number of the group in which an impossible character stands. */
static int
collect_values (const TesseraSecret *text, guint8 values[CHARACTERS + 1])
{
  const guint8 *bytes = tessera_secret_get_data (text);
  int count = 0;

  for (gsize i = 0; i < tessera_secret_get_size (text) && count <= CHARACTERS; i++) {
    int value;

    if (bytes[i] == '-' || g_ascii_isspace (bytes[i]))
      continue;
    value = character_value ((char) bytes[i]);
    if (value < 0)
      return -(count / GROUP_TOTAL + 1);
    values[count++] = (guint8) value;
  }
  return count;
}

/* Returns the number (from 1) of the first group that does not check, or 0. */
static guint
first_bad_group (const guint8 values[CHARACTERS])
{
  for (guint group = 0; group < TESSERA_RECOVERY_KEY_GROUPS; group++) {
    const guint8 *in_group = values + group * GROUP_TOTAL;

    if (check_value (group, in_group) != in_group[GROUP_DATA])
      return group + 1;
  }
  /* The last data character carries one bit of key and four zeros. */
  if (values[CHARACTERS - 2] & 0x0f)
    return TESSERA_RECOVERY_KEY_GROUPS;
  return 0;
}

static TesseraSecret *
pack_values (const guint8 values[CHARACTERS])
{
  TesseraSecret *key = tessera_secret_new (TESSERA_RECOVERY_KEY_BYTES);
  guint8 *bytes = tessera_secret_get_writable (key);

  for (guint bit = 0; bit < TESSERA_RECOVERY_KEY_BYTES * 8; bit++) {
    guint index = bit / 5;
    guint8 value = values[index / GROUP_DATA * GROUP_TOTAL + index % GROUP_DATA];

    bytes[bit / 8] |= (value >> (4 - bit % 5) & 1) << (7 - bit % 8);
  }
  return key;
}

TesseraSecret *
tessera_recovery_key_parse (const TesseraSecret *text, GError **error)
{
  guint8 values[CHARACTERS + 1] = { 0 };
  TesseraSecret *key = NULL;
  int count = collect_values (text, values);
  guint bad = 0;

  if (count < 0)
    bad = (guint) -count;
  else if (count == CHARACTERS)
    bad = first_bad_group (values);

  if (bad > 0)
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID,
                 _("Group %u of the recovery key is mistyped; compare it with the printed sheet."), bad);
  else if (count != CHARACTERS)
    g_set_error (
      error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_INVALID,
      _("A recovery key has %d groups of %d characters; some are missing or too many were typed."),
      TESSERA_RECOVERY_KEY_GROUPS, GROUP_TOTAL);
  else
    key = pack_values (values);
  sodium_memzero (values, sizeof values);
  return key;
}
