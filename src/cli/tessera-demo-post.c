/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-post.c: a partner who has written: sealed bundles waiting in the vault's inbox.
 *
 * The partner is a whole second organization in a vault of its own, made in a temporary folder and thrown
 * away, so that everything goes the way it goes between real ones. Its keys are new every time.
 */
#include "config.h"

#include <glib/gstdio.h>

#include "tessera-consent.h"
#include "tessera-demo-private.h"
#include "tessera-identity.h"
#include "tessera-intake.h"
#include "tessera-partners.h"
#include "tessera-pathway.h"
#include "tessera-post.h"
#include "tessera-referral.h"

#define PARTNER_NAME "Clínica da Amostra"

/* What goes back and forth between the two while they get to know each other. */
typedef struct {
  TesseraDemoRandom random;
  const char *folder; /* the partner's */
  const char *inbox;  /* ours */
  char *own_card;
  char *own_fingerprint;
  char *partner_card;
  char *partner_fingerprint;
  guint count;
} Post;

static gboolean
make_own_card (TesseraTransaction *transaction, gpointer data, GError **error) {
  Post *post = data;

  post->own_card = tessera_identity_make_card (transaction, error);
  post->own_fingerprint =
    post->own_card != NULL ? tessera_identity_get_fingerprint (transaction, error) : NULL;
  return post->own_fingerprint != NULL;
}

static TesseraRecord *
meet (TesseraTransaction *transaction, const char *card, const char *fingerprint, GError **error) {
  g_autoptr (TesseraRecord) partner = tessera_partners_add (transaction, card, strlen (card), error);

  if (partner == NULL
      || !tessera_partners_trust (transaction, tessera_record_get_id (partner), fingerprint, "spoken", error))
    return NULL;
  return g_steal_pointer (&partner);
}

static gboolean
meet_partner (TesseraTransaction *transaction, gpointer data, GError **error) {
  Post *post = data;
  g_autoptr (TesseraRecord) partner =
    meet (transaction, post->partner_card, post->partner_fingerprint, error);

  return partner != NULL;
}

static TesseraRecord *
register_client (TesseraTransaction *transaction, Post *post, const TesseraDemoTopic *topic, GError **error) {
  const TesseraDemoOrigin *origin =
    &tessera_demo_origins[tessera_demo_random_below (&post->random, tessera_demo_n_origins)];
  const TesseraDemoName *given = &origin->women[tessera_demo_random_below (&post->random, origin->n_women)];
  const TesseraDemoName *family =
    &origin->families[tessera_demo_random_below (&post->random, origin->n_families)];
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (transaction, "client");
  g_autoptr (TesseraRecord) need = tessera_transaction_new_record (transaction, "need");
  g_autofree char *name = g_strdup_printf ("%s %s", given->native, family->native);

  tessera_record_set (client, "name", name);
  tessera_record_set (client, "how_to_call", given->latin);
  tessera_record_set (client, "gender", "woman");
  tessera_record_set (client, "language", origin->language);
  tessera_record_set (client, "interpreter_needed", "sometimes");
  tessera_record_set_integer (client, "birth_year", tessera_demo_random_between (&post->random, 1960, 2004));
  tessera_record_set (client, "notes", "What we write for ourselves stays with us.");
  tessera_record_set (need, "client", tessera_record_get_id (client));
  tessera_record_set (need, "domain", topic->domain);
  tessera_record_set (need, "text", topic->needs[0]);
  if (!tessera_intake_register (transaction, client, error)
      || !tessera_pathway_add_need (transaction, need, error))
    return NULL;
  return g_steal_pointer (&client);
}

static gboolean
refer (TesseraTransaction *transaction, Post *post, TesseraRecord *partner, GError **error) {
  static const char *const groups[] = { "identity", "needs", NULL };
  static const char *const priorities[] = { "urgent", "routine", "emergency" };
  const TesseraDemoTopic *topic = &TESSERA_DEMO_PICK (&post->random, tessera_demo_topics);
  g_autoptr (TesseraRecord) client = register_client (transaction, post, topic, error);
  g_autoptr (TesseraRecord) consent = NULL;
  g_autoptr (TesseraRecord) referral = NULL;
  TesseraConsentGift gift = { .partner = tessera_record_get_id (partner),
                              .purpose = "share_for_service",
                              .groups = groups };

  if (client == NULL)
    return FALSE;
  gift.client = tessera_record_get_id (client);
  consent = tessera_consent_give (transaction, &gift, error);
  if (consent == NULL)
    return FALSE;
  referral = tessera_transaction_new_record (transaction, "referral");
  tessera_record_set (referral, "client", tessera_record_get_id (client));
  tessera_record_set (referral, "partner", tessera_record_get_id (partner));
  tessera_record_set (referral, "consent", tessera_record_get_id (consent));
  tessera_record_set (referral, "service_name", topic->services[0]);
  tessera_record_set (referral, "priority", TESSERA_DEMO_PICK (&post->random, priorities));
  tessera_record_set (referral, "reason", topic->said[tessera_demo_random_below (&post->random, 3)]);
  return tessera_referral_create (transaction, referral, error);
}

static gboolean
write_letters (TesseraTransaction *transaction, gpointer data, GError **error) {
  Post *post = data;
  TesseraIdentityFacts facts = {
    .organization = PARTNER_NAME, .worker = "Bruno Ensaio", .language = "pt", .slot = 1
  };
  g_autoptr (TesseraRecord) worker = tessera_identity_create (transaction, &facts, error);
  g_autofree char *outbox = g_build_filename (post->folder, "outbox", NULL);
  g_autoptr (TesseraRecord) partner = NULL;

  if (worker == NULL)
    return FALSE;
  post->partner_card = tessera_identity_make_card (transaction, error);
  post->partner_fingerprint = tessera_identity_get_fingerprint (transaction, error);
  partner =
    post->partner_card != NULL ? meet (transaction, post->own_card, post->own_fingerprint, error) : NULL;
  if (partner == NULL)
    return FALSE;
  for (guint i = 0; i < post->count; i++) {
    g_autoptr (TesseraPostLetter) letter = NULL;

    if (!refer (transaction, post, partner, error))
      return FALSE;
    letter =
      tessera_post_deliver (transaction, outbox, tessera_record_get_id (partner), NULL, post->inbox, error);
    if (letter == NULL)
      return FALSE;
  }
  return TRUE;
}

/* The second organization from its founding to its last letter. */
static gboolean
run_partner (Post *post, GError **error) {
  g_autoptr (TesseraSecret) passphrase = tessera_secret_new_random (24);
  g_autoptr (TesseraSecret) recovery_key = NULL;
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autoptr (TesseraVault) vault = NULL;
  g_autoptr (TesseraStore) store = NULL;
  gboolean written;

  vault = tessera_vault_create (post->folder, "Bruno Ensaio", passphrase, TESSERA_WORK_FACTOR_MINIMUM,
                                &recovery_key, error);
  if (vault == NULL)
    return FALSE;
  store = tessera_store_open (vault, registry, error);
  written = store != NULL && tessera_store_write (store, write_letters, post, error);
  if (store != NULL)
    tessera_store_close (store);
  tessera_vault_close (vault);
  return written;
}

static void
remove_folder (const char *folder) {
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      remove_folder (path);
    else
      g_unlink (path);
  }
  g_rmdir (folder);
}

gboolean
tessera_demo_add_post (TesseraStore *store, guint count, guint64 seed, GError **error) {
  g_autofree char *folder = g_dir_make_tmp ("tessera-demo-XXXXXX", error);
  g_autofree char *inbox =
    g_build_filename (tessera_vault_get_folder (tessera_store_get_vault (store)), "inbox", NULL);
  Post post = { .random = { seed }, .folder = folder, .inbox = inbox, .count = count };
  gboolean done;

  if (folder == NULL)
    return FALSE;
  g_mkdir_with_parents (inbox, 0700);
  done = tessera_store_write (store, make_own_card, &post, error) && run_partner (&post, error)
         && tessera_store_write (store, meet_partner, &post, error);
  remove_folder (folder);
  g_free (post.own_card);
  g_free (post.own_fingerprint);
  g_free (post.partner_card);
  g_free (post.partner_fingerprint);
  return done;
}
