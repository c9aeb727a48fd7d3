/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vault-delay.c: waiting after wrong passphrases.
 *
 * It slows somebody down who sits at this computer and tries names and birthdays. It is no protection against somebody
 * who has the files: that is what Argon2id is for. So a small file that anybody could remove is enough, and whatever
 * does not make sense in it is taken for nothing: nobody must be locked out by it.
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <inttypes.h>

#include "tessera-vault-file.h"
#include "tessera-vault-private.h"

#define SIZE_LIMIT 64
#define FREE_TRIES 3
#define LONGEST_SECONDS 60
#define MOST_TRIES 1000000

/* How many wrong passphrases there were since the last right one, and when the last of them was, in milliseconds of
 * the clock on the wall: it must hold when the program is started again. Zeros if that is not known. */
typedef struct {
  guint64 count;
  gint64 last;
} Tries;

static gint64
now (void)
{
  return g_get_real_time () / 1000;
}

static Tries
read_tries (const char *folder)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  Tries tries = { 0, 0 };
  guint64 last = 0;
  gsize size;

  text = tessera_vault_file_read (folder, TESSERA_VAULT_TRIES, SIZE_LIMIT, &size, NULL);
  if (text == NULL)
    return tries;
  fields = g_strsplit (g_strchomp (text), " ", 3);
  if (g_strv_length (fields) == 2 &&
      g_ascii_string_to_unsigned (fields[1], 10, 0, G_MAXINT64 / 2, &last, NULL) &&
      g_ascii_string_to_unsigned (fields[0], 10, 1, MOST_TRIES, &tries.count, NULL))
    tries.last = (gint64) last;
  return tries;
}

/* One second after the fourth wrong one, then twice as long after each. */
static gint64
seconds_after (guint64 count)
{
  gint64 seconds = 1;

  if (count <= FREE_TRIES)
    return 0;
  for (guint64 i = FREE_TRIES + 1; i < count && seconds < LONGEST_SECONDS; i++)
    seconds *= 2;
  return MIN (seconds, LONGEST_SECONDS);
}

guint
tessera_vault_get_delay (const char *folder)
{
  Tries tries = read_tries (folder);
  gint64 passed = now () - tries.last;
  gint64 left = seconds_after (tries.count) * 1000 - passed;

  /* A try in the future: the clock was wrong then or is now, and would be for who knows how long. */
  if (passed < 0 || left <= 0)
    return 0;
  return (guint) ((left + 999) / 1000);
}

gboolean
tessera_vault_check_delay (const char *folder, GError **error)
{
  guint seconds = tessera_vault_get_delay (folder);

  if (seconds == 0)
    return TRUE;
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WAIT,
               g_dngettext (GETTEXT_PACKAGE, "Several wrong passphrases were given; wait %u second and try again.",
                            "Several wrong passphrases were given; wait %u seconds and try again.", seconds),
               seconds);
  return FALSE;
}

void
tessera_vault_count_wrong_try (const char *folder)
{
  Tries tries = read_tries (folder);
  g_autofree char *text =
    g_strdup_printf ("%" PRIu64 " %" PRId64 "\n", MIN (tries.count + 1, MOST_TRIES), MAX (now (), 0));

  tessera_vault_file_replace (folder, TESSERA_VAULT_TRIES, text, NULL);
}

void
tessera_vault_forget_wrong_tries (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, TESSERA_VAULT_TRIES, NULL);

  g_unlink (path);
}
