/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * shop.c FOLDER [HSDS-FILE…]: two small organizations for the tests of the screens, in FOLDER/vault and
 * FOLDER/partner.
 *
 * "Harbor House" (worker Nora Quist) knows the client Amal Test, some services, and the trusted partner
 * Lantern Clinic; both have the passphrase below. Nobody in it exists.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tessera-consent.h"
#include "tessera-directory-import.h"
#include "tessera-identity.h"
#include "tessera-intake.h"
#include "tessera-partners.h"
#include "tessera-pathway.h"
#include "tessera-post.h"
#include "tessera-referral.h"
#include "tessera-store.h"
#include "tessera-visits.h"

#define PASSPHRASE "four walls make a room"

typedef struct {
  const char *folder;
  const char *organization;
  const char *worker;
  TesseraStore *store;
  char *card;
  char *fingerprint;
  /* the other side's */
  const char *their_card;
  const char *their_fingerprint;
  TesseraHsds *hsds;
  char *outbox;
} Shop;

static void
check (gboolean good, GError *error) {
  if (good)
    return;
  fprintf (stderr, "shop: %s\n", error != NULL ? error->message : "failed");
  exit (1);
}

static gboolean
found (TesseraTransaction *transaction, gpointer data, GError **error) {
  Shop *shop = data;
  TesseraIdentityFacts facts = { shop->organization, shop->worker, "supervisor", "en", 1 };
  g_autoptr (TesseraRecord) worker = tessera_identity_create (transaction, &facts, error);

  if (worker == NULL)
    return FALSE;
  shop->card = tessera_identity_make_card (transaction, error);
  shop->fingerprint = tessera_identity_get_fingerprint (transaction, error);
  return shop->card != NULL && shop->fingerprint != NULL;
}

static void
open_shop (Shop *shop) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSecret) passphrase = tessera_secret_new_from_bytes (PASSPHRASE, strlen (PASSPHRASE));
  g_autoptr (TesseraSecret) recovery = NULL;
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (TesseraVault) vault = tessera_vault_create (shop->folder, shop->worker, passphrase,
                                                         TESSERA_WORK_FACTOR_MINIMUM, &recovery, &error);

  check (vault != NULL, error);
  shop->store = tessera_store_open (vault, registry, &error);
  check (shop->store != NULL, error);
  check (tessera_store_write (shop->store, found, shop, &error), error);
}

static gboolean
trust (TesseraTransaction *transaction, gpointer data, GError **error) {
  Shop *shop = data;
  g_autoptr (TesseraRecord) partner
    = tessera_partners_add (transaction, shop->their_card, strlen (shop->their_card), error);

  return partner != NULL
         && tessera_partners_trust (transaction, tessera_record_get_id (partner), shop->their_fingerprint,
                                    "spoken", error);
}

static TesseraRecord *
register_client (
  TesseraTransaction *transaction, const char *name, const char *language, const char *need, GError **error) {
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (transaction, "client");
  g_autoptr (TesseraRecord) wish = tessera_transaction_new_record (transaction, "need");

  tessera_record_set (client, "name", name);
  tessera_record_set (client, "language", language);
  tessera_record_set (client, "languages", language);
  tessera_record_set (client, "interpreter_needed", "sometimes");
  tessera_record_set_integer (client, "birth_year", 1990);
  tessera_record_set (client, "phone", "+30 210 555 0100");
  tessera_record_set (client, "expectation", "To work as a tailor again.");
  tessera_record_set (client, "health_note", "Synthetic health remark.");
  tessera_record_set (client, "notes", "Synthetic private remark.");
  if (!tessera_intake_register (transaction, client, error))
    return NULL;
  tessera_record_set (wish, "client", tessera_record_get_id (client));
  tessera_record_set (wish, "domain", "health");
  tessera_record_set (wish, "text", need);
  return tessera_pathway_add_need (transaction, wish, error) ? g_steal_pointer (&client) : NULL;
}

static gboolean
fill (TesseraTransaction *transaction, gpointer data, GError **error) {
  const TesseraScore scores[]
    = { { "home", 3, 1, NULL }, { "health", 2, 2, NULL }, { "language", 2, 3, NULL } };
  g_autoptr (TesseraRecord) client = register_client (transaction, "Amal Test", "ar", "A dentist.", error);
  g_autoptr (TesseraRecord) assessment = NULL;

  if (client == NULL)
    return FALSE;
  assessment = tessera_pathway_assess (transaction, tessera_record_get_id (client), scores,
                                       G_N_ELEMENTS (scores), "together", "ar", NULL, error);
  return assessment != NULL;
}

static gboolean
import (TesseraTransaction *transaction, gpointer data, GError **error) {
  Shop *shop = data;

  return tessera_directory_import (transaction, shop->hsds, NULL, FALSE, NULL, error);
}

static void
import_file (Shop *shop, const char *path) {
  g_autoptr (GError) error = NULL;

  shop->hsds = tessera_hsds_read_file (tessera_store_get_registry (shop->store), path, &error);
  check (shop->hsds != NULL, error);
  check (tessera_store_write (shop->store, import, shop, &error), error);
  g_clear_pointer (&shop->hsds, tessera_hsds_free);
}

/* The clinic refers somebody to the house: a bundle for its inbox. */
static gboolean
refer (TesseraTransaction *transaction, gpointer data, GError **error) {
  static const char *const groups[] = { "identity", "needs", NULL };
  Shop *shop = data;
  g_autoptr (TesseraRecord) client
    = register_client (transaction, "Bahar Sample", "fa", "A language class.", error);
  g_autoptr (TesseraRecord) partner = tessera_partners_resolve (transaction, "Harbor House", error);
  g_autoptr (TesseraRecord) consent = NULL;
  g_autoptr (TesseraRecord) referral = tessera_transaction_new_record (transaction, "referral");
  g_autoptr (TesseraPostLetter) letter = NULL;
  TesseraConsentGift gift
    = { .groups = groups, .purpose = "share_for_service", .answer = "yes", .language = "fa" };

  if (client == NULL || partner == NULL)
    return FALSE;
  gift.client = tessera_record_get_id (client);
  gift.partner = tessera_record_get_id (partner);
  consent = tessera_consent_give (transaction, &gift, error);
  if (consent == NULL)
    return FALSE;
  tessera_record_set (referral, "direction", "out");
  tessera_record_set (referral, "client", gift.client);
  tessera_record_set (referral, "partner", gift.partner);
  tessera_record_set (referral, "service_name", "Language café");
  tessera_record_set (referral, "reason", "Wants to speak with neighbors.");
  tessera_record_set (referral, "priority", "urgent");
  tessera_record_set (referral, "consent", tessera_record_get_id (consent));
  if (!tessera_referral_create (transaction, referral, error))
    return FALSE;
  letter = tessera_post_deliver (transaction, shop->outbox, gift.partner, NULL, NULL, error);
  return letter != NULL;
}

static void
close_shop (Shop *shop) {
  g_autoptr (TesseraVault) vault = g_object_ref (tessera_store_get_vault (shop->store));

  tessera_store_close (shop->store);
  g_clear_object (&shop->store);
  tessera_vault_close (vault);
  g_free (shop->card);
  g_free (shop->fingerprint);
}

int
main (int argc, char **argv) {
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = argc > 1 ? g_build_filename (argv[1], "vault", NULL) : NULL;
  g_autofree char *partner_folder = argc > 1 ? g_build_filename (argv[1], "partner", NULL) : NULL;
  g_autofree char *inbox = argc > 1 ? g_build_filename (argv[1], "vault", "inbox", NULL) : NULL;
  Shop house = { .folder = folder, .organization = "Harbor House", .worker = "Nora Quist" };
  Shop clinic = { .folder = partner_folder, .organization = "Lantern Clinic", .worker = "Bo Example" };

  if (argc < 2)
    return 2;
  open_shop (&house);
  open_shop (&clinic);
  house.their_card = clinic.card;
  house.their_fingerprint = clinic.fingerprint;
  clinic.their_card = house.card;
  clinic.their_fingerprint = house.fingerprint;
  clinic.outbox = inbox;
  check (tessera_store_write (house.store, trust, &house, &error), error);
  check (tessera_store_write (clinic.store, trust, &clinic, &error), error);
  check (tessera_store_write (house.store, fill, &house, &error), error);
  for (int i = 2; i < argc; i++)
    import_file (&house, argv[i]);
  check (tessera_store_write (clinic.store, refer, &clinic, &error), error);
  close_shop (&house);
  close_shop (&clinic);
  return 0;
}
