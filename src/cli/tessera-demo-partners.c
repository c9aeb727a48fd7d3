/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-partners.c: partner organizations with real cards, whose keys come from the seed.
 *
 * Anybody can make these keys again: they are worth nothing outside a demonstration.
 */
#include "config.h"

#include <string.h>

#include "tessera-age.h"
#include "tessera-card.h"
#include "tessera-demo-private.h"
#include "tessera-fingerprint.h"

#define CARD_DAYS 365

/* clang-format off */
static const struct {
  const char *name;
  const char *languages;
  const char *trust;
} partners[] = {
  { "Exemplo Health Center", "ar,en,fr,pt", "in-person" },
  { "Sample Street Legal Aid", "ar,en,uk", "spoken" },
  { "Maison Échantillon (housing)", "ar,fr", "spoken" },
  { "Specimen Evening School", "en,pt", "in-person" },
  { "Women’s House Modelo", "ar,bn,en,ne,pt", "in-person" },
  { "Job Center Ensaio", "en,pt", "first-use" },
};
/* clang-format on */

static TesseraSecret *
make_seed (TesseraDemo *self) {
  TesseraSecret *seed = tessera_secret_new (32);
  guint8 *bytes = tessera_secret_get_writable (seed);

  for (guint i = 0; i < 4; i++) {
    guint64 value = GUINT64_TO_LE (tessera_demo_random_next (&self->random));

    memcpy (bytes + 8 * i, &value, sizeof value);
  }
  return seed;
}

static char *
make_id (TesseraDemo *self) {
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x",
                          tessera_demo_random_next (&self->random), tessera_demo_random_next (&self->random));
}

/* The card's text; @record gets what it says. */
static gboolean
make_card (TesseraDemo *self, TesseraRecord *record, GError **error) {
  g_autoptr (TesseraSecret) seed = make_seed (self);
  g_autoptr (TesseraSecret) root = tessera_minisign_key_from_seed (seed);
  g_autoptr (TesseraSecret) encryption = make_seed (self);
  g_autoptr (TesseraCard) card = tessera_card_new ();
  guint8 key[TESSERA_AGE_KEY_SIZE];
  g_autofree char *recipient = NULL;
  g_autofree char *device = make_id (self);
  g_autofree char *root_text = NULL;
  g_autofree char *fingerprint = NULL;
  g_autofree char *text = NULL;

  tessera_age_key_get_public (encryption, key);
  recipient = tessera_age_public_key_to_text (key);
  card->organization = make_id (self);
  card->name = g_strdup (tessera_record_get (record, "name"));
  card->languages = g_strdup (tessera_record_get (record, "languages"));
  card->number = 1;
  card->created = self->now / 1000 * 1000 - 30 * TESSERA_DEMO_DAY;
  card->expires = card->created + CARD_DAYS * TESSERA_DEMO_DAY;
  tessera_minisign_key_get_public (root, card->root_key);
  tessera_card_add_device (card, device, recipient);
  text = tessera_card_sign (card, root, error);
  root_text = tessera_minisign_public_key_to_text (card->root_key);
  fingerprint = tessera_fingerprint_new (card->root_key);
  tessera_record_set (record, "organization_key", root_text);
  tessera_record_set (record, "fingerprint", fingerprint);
  tessera_record_set (record, "card", text);
  tessera_record_set_integer (record, "card_number", card->number);
  return text != NULL;
}

static gboolean
add_agreement (TesseraDemo *self, TesseraRecord *partner, GError **error) {
  gint64 at = self->now - 400 * TESSERA_DEMO_DAY;
  g_autoptr (TesseraRecord) agreement = tessera_demo_new_row (self, "agreement", at);

  tessera_record_set (agreement, "partner", tessera_record_get_id (partner));
  tessera_record_set (agreement, "kind", "independent");
  tessera_demo_set_date (agreement, "signed_on", at);
  tessera_demo_set_date (agreement, "ends_on", self->now + 330 * TESSERA_DEMO_DAY);
  return tessera_transaction_save (self->transaction, agreement, error);
}

gboolean
tessera_demo_add_partners (TesseraDemo *self, GError **error) {
  for (guint i = 0; i < G_N_ELEMENTS (partners); i++) {
    TesseraRecord *partner = tessera_demo_new_row (self, "partner", self->now - 400 * TESSERA_DEMO_DAY);

    g_ptr_array_add (self->partners, partner);
    tessera_record_set (partner, "name", partners[i].name);
    tessera_record_set (partner, "languages", partners[i].languages);
    tessera_record_set (partner, "trust", partners[i].trust);
    tessera_record_set_integer (partner, "trusted_at", self->now - 400 * TESSERA_DEMO_DAY);
    if (!make_card (self, partner, error) || !tessera_transaction_save (self->transaction, partner, error)
        || !add_agreement (self, partner, error))
      return FALSE;
  }
  return TRUE;
}
