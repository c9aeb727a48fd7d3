/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fuzz-roster.c: any bytes as a roster, a request, an invitation or a card: as they are, and as a line that the organization
 * has properly signed, so that the reading behind the signature is reached.
 */
#include "config.h"

#include <string.h>

#include "exchange-fixture.h"
#include "exchange-fuzz.h"
#include "tessera-age-armor.h"
#include "tessera-card.h"
#include "tessera-joining.h"
#include "tessera-roster.h"

/* What is accepted must be written again, and then read as the same. */
static void
check_again (TesseraRoster *roster, const TesseraSecret *root)
{
  g_autoptr (TesseraRoster) copy = tessera_roster_copy (roster);
  g_autofree char *text = tessera_roster_sign (copy, root, NULL);

  g_assert_nonnull (text);
}

static void
read_signed (const char *data, gsize size)
{
  g_autoptr (TesseraSecret) root = fixture_signing_key ("root");
  g_autoptr (GString) text = g_string_new_len (data, (gssize) size);
  g_autofree char *signature = NULL;
  g_autoptr (TesseraRoster) roster = NULL;
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];

  g_string_append_c (text, '\n');
  signature = tessera_minisign_sign (root, text->str, text->len, TESSERA_ROSTER_FORMAT " fuzz", NULL);
  g_string_append (text, signature);
  tessera_minisign_key_get_public (root, key);
  roster = tessera_roster_parse (text->str, text->len, key, NULL);
  if (roster != NULL)
    check_again (roster, root);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  g_autoptr (GBytes) dearmored = tessera_age_dearmor (text, size, NULL);
  guint8 key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE] = { 0 };

  tessera_roster_free (tessera_roster_parse (text, size, key, NULL));
  tessera_request_free (tessera_request_parse (text, size, NULL));
  tessera_card_free (tessera_card_parse (text, size, 0, NULL));
  if (memchr (data, '\n', size) == NULL)
    read_signed (text, size);

  return 0;
}
