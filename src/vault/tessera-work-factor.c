/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-work-factor.c: how much work a passphrase costs on this computer.
 */
#include "config.h"

#include "tessera-work-factor.h"

#include <sodium.h>
#include <stdio.h>

#include "tessera-sodium.h"

#define MINIMUM_PASSES crypto_pwhash_OPSLIMIT_INTERACTIVE
#define MINIMUM_KIBIBYTES (8 * 1024)
#define SMALL_KIBIBYTES (64 * 1024)
#define WANTED_KIBIBYTES (256 * 1024)
#define LARGE_KIBIBYTES (512 * 1024)
#define WANTED_MICROSECONDS G_USEC_PER_SEC
#define FEWEST_PASSES 2
#define MOST_PASSES 16

/* A slot that takes less than this was made on a much slower computer. Far from the goal, so that a vault carried
 * between two computers, or a busy moment, changes nothing. */
#define LEAST_MICROSECONDS (WANTED_MICROSECONDS / 3)

/* What the system can give without pushing other programs out; 1 GiB if it does not say. */
static guint64
available_kibibytes (void)
{
  g_autofree char *text = NULL;
  const char *found;
  unsigned long long value = 0;

  if (g_file_get_contents ("/proc/meminfo", &text, NULL, NULL)) {
    found = g_strstr_len (text, -1, "MemAvailable:");
    if (found != NULL && sscanf (found, "MemAvailable: %llu kB", &value) == 1)
      return value;
  }
  return 1024 * 1024;
}

/* Microseconds of one pass over @kibibytes; 0 if there is not that much memory. */
static gint64
measure_pass (guint32 kibibytes)
{
  static const guint8 salt[crypto_pwhash_SALTBYTES];
  guint8 key[32];
  gint64 start = g_get_monotonic_time ();
  int rc = crypto_pwhash (key, sizeof key, "measure", 7, salt, 1, (gsize) kibibytes * 1024,
                          crypto_pwhash_ALG_ARGON2ID13);

  return rc == 0 ? MAX (g_get_monotonic_time () - start, 1) : 0;
}

/* Memory first: it is what costs an attacker. A quarter of what is free, at most 512 MiB, at least 64; less
 * than 256 MiB only on a computer that does not have it. */
static guint32
choose_memory (void)
{
  guint64 quarter = available_kibibytes () / 4;

  if (quarter >= LARGE_KIBIBYTES)
    return LARGE_KIBIBYTES;
  if (quarter >= WANTED_KIBIBYTES / 2)
    return WANTED_KIBIBYTES;
  return SMALL_KIBIBYTES;
}

void
tessera_work_factor_choose (TesseraWorkFactor factor, guint32 *ret_passes, guint32 *ret_kibibytes)
{
  gint64 pass;

  tessera_sodium_ensure ();
  *ret_passes = MINIMUM_PASSES;
  *ret_kibibytes = MINIMUM_KIBIBYTES;
  if (factor == TESSERA_WORK_FACTOR_MINIMUM)
    return;

  *ret_kibibytes = choose_memory ();
  pass = measure_pass (*ret_kibibytes);
  if (*ret_kibibytes == LARGE_KIBIBYTES && (pass == 0 || pass * 3 > WANTED_MICROSECONDS * 3 / 2)) {
    *ret_kibibytes = WANTED_KIBIBYTES;
    pass = measure_pass (*ret_kibibytes);
  }
  if (pass == 0) {
    *ret_kibibytes = SMALL_KIBIBYTES;
    pass = measure_pass (*ret_kibibytes);
  }
  if (pass > 0)
    *ret_passes = (guint32) CLAMP ((WANTED_MICROSECONDS + pass / 2) / pass, FEWEST_PASSES, MOST_PASSES);
}

static gboolean
is_low (guint32 passes, guint32 kibibytes, gint64 elapsed)
{
  if (passes == MINIMUM_PASSES && kibibytes == MINIMUM_KIBIBYTES)
    return FALSE;
  if (kibibytes < WANTED_KIBIBYTES && kibibytes < choose_memory ())
    return TRUE;
  return elapsed < LEAST_MICROSECONDS && passes < MOST_PASSES;
}

gboolean
tessera_work_factor_raise (guint32 *passes, guint32 *kibibytes, gint64 elapsed)
{
  guint32 more_passes, more_kibibytes;

  if (!is_low (*passes, *kibibytes, elapsed))
    return FALSE;
  tessera_work_factor_choose (TESSERA_WORK_FACTOR_MEASURED, &more_passes, &more_kibibytes);
  /* Not for a trifle, and never less memory for more passes. */
  if (more_kibibytes < *kibibytes ||
      (guint64) more_passes * more_kibibytes * 2 < (guint64) *passes * *kibibytes * 3)
    return FALSE;
  *passes = more_passes;
  *kibibytes = more_kibibytes;
  return TRUE;
}
