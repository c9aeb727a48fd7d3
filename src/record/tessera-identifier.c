/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-identifier.c: UUIDs, client codes, instants and dates; all of them without the process locale.
 */
#include "config.h"
#include <sodium.h>
#include <string.h>

#include "tessera-identifier.h"

#define CROCKFORD "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#define CODE_DIGITS 7

void
tessera_uuid_format (const guint8 bytes[16], char ret_text[37]) {
  static const char digits[] = "0123456789abcdef";
  char *out = ret_text;

  for (int i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      *out++ = '-';
    *out++ = digits[bytes[i] >> 4];
    *out++ = digits[bytes[i] & 15];
  }
  *out = '\0';
}

gboolean
tessera_uuid_parse (const char *text, guint8 ret_bytes[16]) {
  int place = 0;

  if (!text || strlen (text) != 36)
    return FALSE;
  for (int i = 0; i < 36;) {
    int high, low;

    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-')
        return FALSE;
      continue;
    }
    high = g_ascii_xdigit_value (text[i]);
    low = g_ascii_xdigit_value (text[i + 1]);
    if (high < 0 || low < 0)
      return FALSE;
    ret_bytes[place++] = (guint8) (high << 4 | low);
    i += 2;
  }
  return TRUE;
}

/* The twelve bits after the time count up within a millisecond, so that ids made in a row sort in that row
 * (RFC 9562 section 6.2, method 1). A per-thread counter is enough: order between threads means nothing. */
char *
tessera_uuid_new (void) {
  static _Thread_local gint64 last_time;
  static _Thread_local guint counter;
  gint64 now = g_get_real_time () / 1000;
  guint8 bytes[16];
  char text[37];

  if (now > last_time) {
    last_time = now;
    counter = randombytes_uniform (1024);
  } else if (++counter > 0xfff) {
    last_time++;
    counter = 0;
  }
  randombytes_buf (bytes, sizeof bytes);
  for (int i = 0; i < 6; i++)
    bytes[i] = (guint8) (last_time >> (8 * (5 - i)));
  bytes[6] = (guint8) (0x70 | counter >> 8);
  bytes[7] = (guint8) counter;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  tessera_uuid_format (bytes, text);
  return g_strdup (text);
}

char *
tessera_uuid_for_name (const char *space, const char *name) {
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 bytes[20];
  gsize size = sizeof bytes;
  char text[37];

  g_return_val_if_fail (tessera_uuid_parse (space, bytes), NULL);
  g_checksum_update (checksum, bytes, 16);
  g_checksum_update (checksum, (const guchar *) name, -1);
  g_checksum_get_digest (checksum, bytes, &size);
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  tessera_uuid_format (bytes, text);
  return g_strdup (text);
}

static int
crockford_value (char c) {
  const char *place;

  c = g_ascii_toupper (c);
  if (c == 'O')
    return 0;
  if (c == 'I' || c == 'L')
    return 1;
  place = c ? strchr (CROCKFORD, c) : NULL;
  return place ? (int) (place - CROCKFORD) : -1;
}

/* 31 is prime and every weight below it differs, so one wrong digit and two swapped neighbours always change the sum,
 * except 31 for 0: the digit Z is never drawn. */
static int
code_check (const int *digits) {
  int sum = 0;

  for (int i = 0; i < CODE_DIGITS; i++)
    sum += digits[i] * (i + 2);
  return sum % 31;
}

static char *
code_format (const int *digits) {
  char text[] = "T-0000-0000";

  for (int i = 0; i <= CODE_DIGITS; i++)
    text[2 + i + (i > 3)] = CROCKFORD[digits[i]];
  return g_strdup (text);
}

char *
tessera_client_code_new (void) {
  int digits[CODE_DIGITS + 1];

  for (int i = 0; i < CODE_DIGITS; i++)
    digits[i] = (int) randombytes_uniform (31);
  digits[CODE_DIGITS] = code_check (digits);
  return code_format (digits);
}

/* Digits only: separators dropped, and the T in front when all nine characters are there. */
static gsize
code_characters (const char *text, char ret_characters[16]) {
  gsize count = 0;

  for (const char *c = text; *c; c++) {
    if (*c == '-' || g_ascii_isspace (*c))
      continue;
    if (count == 15)
      return 0;
    ret_characters[count++] = *c;
  }
  if (count == CODE_DIGITS + 2 && g_ascii_toupper (ret_characters[0]) == 'T')
    memmove (ret_characters, ret_characters + 1, --count);
  return count;
}

char *
tessera_client_code_normalize (const char *text) {
  char characters[16];
  int digits[CODE_DIGITS + 1];

  if (!text || code_characters (text, characters) != CODE_DIGITS + 1)
    return NULL;
  for (int i = 0; i <= CODE_DIGITS; i++) {
    digits[i] = crockford_value (characters[i]);
    if (digits[i] < 0 || digits[i] > 30)
      return NULL;
  }
  return digits[CODE_DIGITS] == code_check (digits) ? code_format (digits) : NULL;
}

gint64
tessera_now (void) {
  const char *fixed = g_getenv ("TESSERA_NOW");
  gint64 instant;

  if (fixed && tessera_instant_parse (fixed, &instant))
    return instant;
  return g_get_real_time () / 1000;
}

char *
tessera_today (void) {
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_local (tessera_now () / 1000);

  return g_strdup_printf ("%04d-%02d-%02d", g_date_time_get_year (now), g_date_time_get_month (now),
                          g_date_time_get_day_of_month (now));
}

static gboolean
is_decimal (const char *text) {
  if (*text == '-')
    text++;
  return *text && strspn (text, "0123456789") == strlen (text);
}

gboolean
tessera_instant_parse (const char *text, gint64 *ret_instant) {
  g_autoptr (GTimeZone) local = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *whole = NULL;

  if (!text)
    return FALSE;
  if (is_decimal (text) && strlen (text) > 8)
    return g_ascii_string_to_signed (text, 10, -62135596800000, 253402300799999, ret_instant, NULL);
  local = g_time_zone_new_local ();
  if (tessera_date_is_valid (text))
    whole = g_strconcat (text, "T00:00:00", NULL);
  else if (strlen (text) == strlen ("2026-11-21T09:30") && text[13] == ':')
    whole = g_strconcat (text, ":00", NULL);   /* GLib wants seconds; people do not write them */
  time = g_date_time_new_from_iso8601 (whole ? whole : text, local);
  if (!time)
    return FALSE;
  *ret_instant = g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000;
  return TRUE;
}

char *
tessera_instant_format (gint64 instant) {
  gint64 seconds = instant / 1000 - (instant % 1000 < 0);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  if (!time)
    return g_strdup_printf ("%" G_GINT64_FORMAT, instant);
  return g_strdup_printf ("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", g_date_time_get_year (time),
                          g_date_time_get_month (time), g_date_time_get_day_of_month (time),
                          g_date_time_get_hour (time), g_date_time_get_minute (time), g_date_time_get_second (time),
                          (int) (instant - seconds * 1000));
}

gboolean
tessera_date_is_valid (const char *text) {
  if (!text || strlen (text) != 10)
    return FALSE;
  for (int i = 0; i < 10; i++)
    if (i == 4 || i == 7 ? text[i] != '-' : !g_ascii_isdigit (text[i]))
      return FALSE;
  return g_date_valid_dmy ((GDateDay) g_ascii_strtoull (text + 8, NULL, 10),
                           (GDateMonth) g_ascii_strtoull (text + 5, NULL, 10),
                           (GDateYear) g_ascii_strtoull (text, NULL, 10));
}
