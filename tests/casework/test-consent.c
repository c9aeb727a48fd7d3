/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-consent.c: giving and ending consent, and that exactly what was agreed leaves, no field more and none
 * less.
 */
#include "casework-fixture.h"
#include "tessera-consent.h"
#include "tessera-pathway.h"
#include "tessera-referral.h"
#include "tessera-visits.h"

static TesseraRecord *
give (TesseraTransaction *tx, TesseraRecord *client, TesseraRecord *partner, const char *groups) {
  g_auto (GStrv) codes = g_strsplit (groups, " ", -1);
  g_autoptr (GError) error = NULL;
  TesseraConsentGift gift = { .client = tessera_record_get_id (client),
                              .partner = tessera_record_get_id (partner),
                              .purpose = "share_for_service", .groups = (const char *const *) codes,
                              .how = "read-aloud", .text = "As read." };
  TesseraRecord *consent;

  if (!*groups)
    gift.groups = NULL;
  consent = tessera_consent_give (tx, &gift, &error);
  g_assert_no_error (error);
  return consent;
}

static gboolean
give_defaults (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  g_autoptr (TesseraRecord) consent = give (tx, client, partner, "needs identity");

  g_assert_cmpstr (tessera_record_get (consent, "expires_on"), ==, "2027-11-21");
  g_assert_cmpstr (tessera_record_get (consent, "groups"), ==, "identity,needs");
  g_assert_cmpstr (tessera_record_get (consent, "language"), ==, "ar");
  g_assert_cmpstr (tessera_record_get (consent, "given_by"), ==, "self");
  g_assert_cmpstr (tessera_record_get (consent, "explained_by"), ==, tessera_transaction_get_worker (tx));
  g_assert_true (g_str_has_prefix (tessera_record_get (consent, "text_hash"), "sha256:"));
  g_assert_cmpuint (strlen (tessera_record_get (consent, "text_hash")), ==, 7 + 64);
  return TRUE;
}

static void
refuse_gift (TesseraTransaction *tx, TesseraConsentGift gift, int code) {
  g_autoptr (GError) error = NULL;

  g_assert_null (tessera_consent_give (tx, &gift, &error));
  g_assert_error (error, TESSERA_CASEWORK_ERROR, code);
}

static gboolean
refuse_gifts (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  const char *const notes[] = { "identity", "notes", NULL };
  const char *const none[] = { "none", NULL };
  const char *const unknown[] = { "shoe size", NULL };
  const TesseraConsentGift good = { .client = tessera_record_get_id (client), .purpose = "share_for_service",
                                    .partner = tessera_record_get_id (partner) };
  TesseraConsentGift gift = good;

  gift.groups = notes;
  refuse_gift (tx, gift, TESSERA_CASEWORK_ERROR_INVALID);
  gift.groups = none;
  refuse_gift (tx, gift, TESSERA_CASEWORK_ERROR_INVALID);
  gift.groups = unknown;
  refuse_gift (tx, gift, TESSERA_CASEWORK_ERROR_INVALID);
  gift = good;
  gift.purpose = NULL;
  refuse_gift (tx, gift, TESSERA_CASEWORK_ERROR_INVALID);
  gift = good;
  gift.partner = NULL;
  refuse_gift (tx, gift, TESSERA_CASEWORK_ERROR_INVALID);
  gift.partner = "nobody";
  refuse_gift (tx, gift, TESSERA_CASEWORK_ERROR_NOT_FOUND);
  gift = good;
  gift.client = "nobody";
  refuse_gift (tx, gift, TESSERA_CASEWORK_ERROR_NOT_FOUND);
  gift = good;
  gift.expires_on = "2027-02-31";
  refuse_gift (tx, gift, TESSERA_CASEWORK_ERROR_INVALID);
  gift.expires_on = "2026-11-20";
  refuse_gift (tx, gift, TESSERA_CASEWORK_ERROR_INVALID);
  gift = good;
  gift.answer = "perhaps";
  refuse_gift (tx, gift, TESSERA_CASEWORK_ERROR_INVALID);
  return TRUE;
}

static gint64
instant (const char *text) {
  gint64 value;

  g_assert_true (tessera_instant_parse (text, &value));
  return value;
}

static gboolean
find_and_end (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  g_autoptr (TesseraRecord) other = casework_add_partner (tx, "South Clinic");
  g_autoptr (TesseraRecord) consent = give (tx, client, partner, "identity needs");
  const char *id = tessera_record_get_id (client);
  const char *const needs[] = { "needs", NULL };
  const char *const health[] = { "needs", "health", NULL };
  g_autoptr (TesseraRecord) found = NULL;
  g_autoptr (TesseraRecord) ended = NULL;

  found = tessera_consent_find_valid (tx, id, tessera_record_get_id (partner), needs, error);
  g_assert_nonnull (found);
  g_assert_null (tessera_consent_find_valid (tx, id, tessera_record_get_id (partner), health, error));
  g_assert_null (tessera_consent_find_valid (tx, id, tessera_record_get_id (other), NULL, error));
  g_assert_no_error (*error);
  /* the last day still counts */
  g_assert_true (tessera_consent_is_valid (consent, instant ("2027-11-21T12:00:00Z")));
  g_assert_false (tessera_consent_is_valid (consent, instant ("2027-11-23T12:00:00Z")));
  g_assert_true (tessera_consent_withdraw (tx, tessera_record_get_id (consent), "changed their mind", error));
  g_assert_true (tessera_consent_withdraw (tx, tessera_record_get_id (consent), "again", error));
  ended = casework_reload (tx, consent);
  g_assert_cmpstr (tessera_record_get (ended, "withdrawn_reason"), ==, "changed their mind");
  g_assert_false (tessera_consent_check (ended, tessera_transaction_get_now (tx), error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_CONSENT_ENDED);
  g_clear_error (error);
  g_assert_null (tessera_consent_collect (tx, ended, id, NULL, NULL, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_CONSENT_ENDED);
  g_clear_error (error);
  return TRUE;
}

static gboolean
no_is_no (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  g_autoptr (TesseraRecord) yes = give (tx, client, partner, "identity needs");
  const char *const health[] = { "health", NULL };
  const char *const needs[] = { "needs", NULL };
  TesseraConsentGift gift = { .client = tessera_record_get_id (client),
                              .partner = tessera_record_get_id (partner),
                              .purpose = "share_for_service", .answer = "no", .groups = health };
  g_autoptr (TesseraRecord) no_health = tessera_consent_give (tx, &gift, error);
  g_autoptr (TesseraRecord) still = NULL;
  g_autoptr (TesseraRecord) no_needs = NULL;

  g_assert_nonnull (no_health);
  g_assert_null (tessera_record_get (no_health, "expires_on"));
  g_assert_false (tessera_consent_is_valid (no_health, tessera_transaction_get_now (tx)));
  still = tessera_consent_find_valid (tx, gift.client, gift.partner, NULL, error);
  g_assert_nonnull (still);
  gift.groups = needs;
  no_needs = tessera_consent_give (tx, &gift, error);
  g_assert_nonnull (no_needs);
  g_assert_null (tessera_consent_find_valid (tx, gift.client, gift.partner, NULL, error));
  return TRUE;
}

static TesseraRecord *
refer (TesseraTransaction *tx, TesseraRecord *client, TesseraRecord *partner, gboolean send) {
  g_autoptr (GError) error = NULL;
  TesseraRecord *referral = casework_new (tx, "referral", "client", tessera_record_get_id (client), "partner",
                                          tessera_record_get_id (partner), "reason", "A bed for tonight",
                                          NULL);
  g_autoptr (TesseraRecord) event = NULL;

  tessera_referral_create (tx, referral, &error);
  g_assert_no_error (error);
  if (send) {
    event = tessera_referral_send (tx, tessera_record_get_id (referral), NULL, &error);
    g_assert_no_error (error);
  }
  return referral;
}

static gboolean
withdraw_cascades (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  g_autoptr (TesseraRecord) consent = give (tx, client, partner, "identity");
  g_autoptr (TesseraRecord) draft = refer (tx, client, partner, FALSE);
  g_autoptr (TesseraRecord) sent = refer (tx, client, partner, TRUE);
  g_autoptr (TesseraRecord) draft_after = NULL;
  g_autoptr (TesseraRecord) sent_after = NULL;
  g_autoptr (GPtrArray) events = NULL;

  g_assert_true (tessera_consent_withdraw (tx, tessera_record_get_id (consent), NULL, error));
  draft_after = casework_reload (tx, draft);
  sent_after = casework_reload (tx, sent);
  g_assert_cmpstr (tessera_record_get (draft_after, "status"), ==, "void");
  g_assert_cmpstr (tessera_record_get (sent_after, "status"), ==, "withdrawn");
  g_assert_cmpstr (tessera_record_get (sent_after, "code"), ==, "consent_withdrawn");
  events = tessera_referral_list_events (tx, tessera_record_get_id (sent), "sender", error);
  g_assert_cmpuint (events->len, ==, 2);
  g_assert_cmpint (tessera_record_get_integer (events->pdata[1], "number"), ==, 2);
  return TRUE;
}

/* ---- the filter ---- */

/* A text that names the field it is in, whatever the type allows. */
static char *
make_marker (const TesseraEntity *entity, const TesseraField *field) {
  return g_strdup_printf ("MARK-%s-%s", entity->name, field->name);
}

/* Every text field of @record holds its own name. */
static void
mark_fields (TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);

  for (guint i = 0; i < entity->n_fields; i++) {
    g_autofree char *marker = make_marker (entity, &entity->fields[i]);

    /* A removed document would not go at all. */
    if (tessera_record_get_at (record, i) || strcmp (entity->fields[i].name, "removed_at") == 0)
      continue;
    switch (entity->fields[i].type) {
    case TESSERA_FIELD_TEXT:
      tessera_record_set_at (record, i, marker);
      break;
    case TESSERA_FIELD_INTEGER:
    case TESSERA_FIELD_INSTANT:
      tessera_record_set_at (record, i, "4");
      break;
    case TESSERA_FIELD_DATE:
      tessera_record_set_at (record, i, "1999-09-09");
      break;
    case TESSERA_FIELD_CHOICE:
      tessera_record_set_at (record, i, tessera_vocabulary_find (entity->fields[i].of)->choices[0].code);
      break;
    case TESSERA_FIELD_LANGUAGE:
      tessera_record_set_at (record, i, "am");
      break;
    case TESSERA_FIELD_BOOLEAN:
      tessera_record_set_at (record, i, "1");
      break;
    case TESSERA_FIELD_REFERENCE:
    case TESSERA_FIELD_SET:
    case TESSERA_FIELD_NUMBER:
    case TESSERA_FIELD_ID:
    case TESSERA_FIELD_BLOB:
    default:
      break;
    }
  }
}

static TesseraRecord *
add_marked (TesseraTransaction *tx, const char *entity, const char *field, const char *value) {
  TesseraRecord *record = casework_new (tx, entity, field, value, NULL);

  mark_fields (record);
  return record;
}

/* A client with a row in every entity that is about clients, every field filled, and a household of two. */
static TesseraRecord *
add_full_client (TesseraTransaction *tx, TesseraRecord *partner) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (tessera_transaction_get_registry (tx));
  g_autoptr (TesseraRecord) household = casework_new (tx, "household", NULL);
  g_autoptr (TesseraRecord) relative = NULL;
  TesseraRecord *client = casework_new (tx, "client", "household", tessera_record_get_id (household), "code",
                                        "T-7K3F-92QX", NULL);

  mark_fields (household);
  mark_fields (client);
  tessera_record_set (client, "languages", "am,ar");
  casework_save (tx, household);
  casework_save (tx, client);
  relative = add_marked (tx, "household_member", "household", tessera_record_get_id (household));
  casework_save (tx, relative);
  for (guint i = 0; entities[i]; i++) {
    const TesseraEntity *entity = entities[i];
    g_autoptr (TesseraRecord) row = NULL;

    if (g_strcmp0 (entity->subject, "client") != 0 || strcmp (entity->name, "household_member") == 0)
      continue;
    row = add_marked (tx, entity->name, "client", tessera_record_get_id (client));
    for (guint j = 0; j < entity->n_fields; j++)
      if (entity->fields[j].type == TESSERA_FIELD_REFERENCE
          && (entity->fields[j].flags & TESSERA_FIELD_REQUIRED)
          && !tessera_record_get_at (row, j))
        tessera_record_set_at (row, j, tessera_record_get_id (partner));
    if (tessera_entity_find_field (entity, "partner") >= 0)
      tessera_record_set (row, "partner", tessera_record_get_id (partner));
    casework_save (tx, row);
  }
  return client;
}

static gboolean
is_dealing (const TesseraEntity *entity) {
  const char *const dealings[] = { "consent", "consent_override", "referral", "referral_event", "conflict",
                                   NULL };

  return g_strv_contains (dealings, entity->name);
}

/* The expectation, written down apart from the filter: may this field of this entity be in the result? */
static gboolean
is_expected (const TesseraEntity *entity, const TesseraField *field, const char *const *groups,
             gboolean anonymous) {
  const char *category = tessera_category_get_code (field->category);

  if (is_dealing (entity) || field->category == TESSERA_CATEGORY_NOTES)
    return FALSE;
  if (strcmp (entity->name, "client") == 0 && field->share == TESSERA_SHARE_REFERRAL)
    return TRUE;
  if (field->share != TESSERA_SHARE_CONSENT || !g_strv_contains (groups, category))
    return FALSE;
  if (anonymous && (strcmp (category, "identity") == 0 || strcmp (category, "contact") == 0
                    || strcmp (category, "documents") == 0
                    || strcmp (field->name, "name") == 0))
    return FALSE;
  return TRUE;
}

static TesseraRecord *
find_row (GPtrArray *rows, const char *entity) {
  for (guint i = 0; i < rows->len; i++)
    if (strcmp (tessera_record_get_entity (rows->pdata[i])->name, entity) == 0)
      return rows->pdata[i];
  return NULL;
}

static void
assert_row (TesseraRecord *row, const char *const *groups, gboolean anonymous) {
  const TesseraEntity *entity = tessera_record_get_entity (row);

  for (guint i = 0; i < entity->n_fields; i++) {
    const TesseraField *field = &entity->fields[i];
    gboolean expected = is_expected (entity, field, groups, anonymous);

    if (!expected)
      g_assert_null (tessera_record_get_at (row, i));
    else if (field->type != TESSERA_FIELD_REFERENCE && field->type != TESSERA_FIELD_SET)
      g_assert_nonnull (tessera_record_get_at (row, i));
  }
}

/* No row too much, no row missing, and in each row exactly the fields that were agreed. */
static void
assert_collected (TesseraTransaction *tx, GPtrArray *rows, const char *const *groups, gboolean anonymous) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (tessera_transaction_get_registry (tx));

  g_assert_cmpstr (tessera_record_get_entity (rows->pdata[0])->name, ==, "client");
  for (guint i = 0; i < rows->len; i++)
    assert_row (rows->pdata[i], groups, anonymous);
  for (guint i = 0; entities[i]; i++) {
    gboolean expected = strcmp (entities[i]->name, "client") == 0;

    if (!entities[i]->subject && strcmp (entities[i]->name, "household") != 0) {
      g_assert_null (find_row (rows, entities[i]->name));
      continue;
    }
    for (guint j = 0; j < entities[i]->n_fields; j++)
      expected = expected || is_expected (entities[i], &entities[i]->fields[j], groups, anonymous);
    g_assert_cmpint (find_row (rows, entities[i]->name) != NULL, ==, expected);
  }
}

/* No marker, id or value of a row that stays is anywhere in what leaves, in any form. */
static void
assert_no_ids (TesseraTransaction *tx, GPtrArray *rows, TesseraRecord *client) {
  for (guint i = 0; i < rows->len; i++) {
    TesseraRecord *row = rows->pdata[i];
    const TesseraEntity *entity = tessera_record_get_entity (row);

    g_assert_cmpstr (tessera_record_get_id (row), !=, tessera_record_get_id (client));
    for (guint j = 0; j < entity->n_fields; j++)
      g_assert_cmpstr (tessera_record_get_at (row, j), !=, "T-7K3F-92QX");
  }
}

static gboolean
filter_random_groups (TesseraTransaction *tx, gpointer data, GError **error) {
  const TesseraVocabulary *categories = tessera_vocabulary_find ("category");
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  g_autoptr (TesseraRecord) client = add_full_client (tx, partner);
  const char *id = tessera_record_get_id (client);

  for (guint round = 0; round < 40; round++) {
    g_autoptr (GPtrArray) chosen = g_ptr_array_new ();
    g_autofree char *groups = NULL;
    g_autoptr (TesseraRecord) consent = NULL;
    g_autoptr (GPtrArray) rows = NULL;
    g_autoptr (GPtrArray) anonymous = NULL;

    for (guint i = 0; i < categories->n_choices; i++)
      if (round == 0 || (round > 1 && g_test_rand_int_range (0, 2)))
        g_ptr_array_add (chosen, (gpointer) categories->choices[i].code);
    g_ptr_array_add (chosen, NULL);
    groups = g_strjoinv (" ", (char **) chosen->pdata);
    consent = give (tx, client, partner, groups);
    rows = tessera_consent_collect (tx, consent, id, NULL, NULL, error);
    g_assert_no_error (*error);
    assert_collected (tx, rows, (const char *const *) chosen->pdata, FALSE);
    g_assert_cmpstr (tessera_record_get (rows->pdata[0], "code"), ==, "T-7K3F-92QX");
    anonymous = tessera_consent_collect (tx, consent, id, "ask-opinion", NULL, error);
    g_assert_no_error (*error);
    assert_collected (tx, anonymous, (const char *const *) chosen->pdata, TRUE);
    assert_no_ids (tx, anonymous, client);
    g_assert_true (g_str_has_prefix (tessera_record_get (anonymous->pdata[0], "code"), "P-"));
  }
  return TRUE;
}

static gboolean
filter_narrows (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  g_autoptr (TesseraRecord) client = add_full_client (tx, partner);
  g_autoptr (TesseraRecord) stranger = casework_add_client (tx, "Somebody Else");
  g_autoptr (TesseraRecord) consent = give (tx, client, partner, "identity needs health");
  const char *const wanted[] = { "needs", "story", NULL };
  const char *const left[] = { "needs", NULL };
  g_autoptr (GPtrArray) rows = NULL;

  /* asking for more than was agreed gives no more */
  rows = tessera_consent_collect (tx, consent, tessera_record_get_id (client), "refer", wanted, error);
  g_assert_no_error (*error);
  assert_collected (tx, rows, left, FALSE);
  g_assert_null (tessera_consent_collect (tx, consent, tessera_record_get_id (stranger), NULL, NULL, error));
  g_assert_error (*error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NO_CONSENT);
  g_clear_error (error);
  return TRUE;
}

static gboolean
filter_corrected_and_merged (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  g_autoptr (TesseraRecord) kept = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) dropped = casework_add_client (tx, "Amal Sintetic");
  g_autoptr (TesseraRecord) wrong = casework_new (tx, "visit", "client", tessera_record_get_id (dropped),
                                                  "how",
                                                  "phone", "summary", "WRONG", "told", "WRONG ADVICE", NULL);
  g_autoptr (TesseraRecord) right = casework_new (tx, "visit", "summary", "RIGHT", "told", "RIGHT ADVICE",
                                                  NULL);
  g_autoptr (TesseraRecord) consent = give (tx, kept, partner, "visits");
  g_autoptr (GPtrArray) rows = NULL;
  guint visits = 0, advice = 0;

  g_assert_true (tessera_visits_record (tx, wrong, error));
  g_assert_true (tessera_visits_correct (tx, tessera_record_get_id (wrong), right, error));
  g_assert_true (tessera_intake_merge (tx, tessera_record_get_id (kept), tessera_record_get_id (dropped),
                                       error));
  rows = tessera_consent_collect (tx, consent, tessera_record_get_id (dropped), NULL, NULL, error);
  g_assert_no_error (*error);
  for (guint i = 0; i < rows->len; i++) {
    const char *entity = tessera_record_get_entity (rows->pdata[i])->name;

    if (strcmp (entity, "visit") == 0) {
      g_assert_cmpstr (tessera_record_get (rows->pdata[i], "summary"), ==, "RIGHT");
      visits++;
    } else if (strcmp (entity, "advice") == 0) {
      g_assert_cmpstr (tessera_record_get (rows->pdata[i], "text"), ==, "RIGHT ADVICE");
      advice++;
    }
  }
  g_assert_cmpuint (visits, ==, 1);
  g_assert_cmpuint (advice, ==, 1);
  return TRUE;
}

static void
add_own_field (TesseraRegistry *registry, const char *entity, const char *name, TesseraCategory category,
               TesseraShare share) {
  const TesseraField own = { name, "Our own", TESSERA_FIELD_TEXT, category, share, TESSERA_MERGE_LAST_WRITER,
                             TESSERA_FIELD_PLAIN, NULL };
  g_autoptr (GError) error = NULL;

  tessera_registry_add_field (registry, entity, &own, &error);
  g_assert_no_error (error);
}

/* Whatever an organization adds, in whatever careless way: notes stay, and so do dealings with other partners. */
static gboolean
filter_own_fields (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  g_autoptr (TesseraRecord) client = add_full_client (tx, partner);
  g_autoptr (TesseraRecord) consent = give (tx, client, partner, "identity needs");
  g_autoptr (GPtrArray) rows = tessera_consent_collect (tx, consent, tessera_record_get_id (client), NULL, NULL,
                                                        error);

  g_assert_no_error (*error);
  g_assert_nonnull (tessera_record_get (rows->pdata[0], "x_shoe_size"));
  g_assert_null (tessera_record_get (rows->pdata[0], "x_opinion"));
  g_assert_null (tessera_record_get (rows->pdata[0], "x_rumor"));
  for (guint i = 0; i < rows->len; i++)
    g_assert_false (is_dealing (tessera_record_get_entity (rows->pdata[i])));
  return TRUE;
}

static void
test_own_fields (void) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  g_autofree char *folder = fixture_make_folder ();
  TesseraVault *vault = fixture_create_vault (folder);
  TesseraStore *store;
  g_autoptr (GError) error = NULL;

  add_own_field (registry, "client", "x_shoe_size", TESSERA_CATEGORY_IDENTITY, TESSERA_SHARE_CONSENT);
  add_own_field (registry, "client", "x_opinion", TESSERA_CATEGORY_NOTES, TESSERA_SHARE_REFERRAL);
  add_own_field (registry, "client", "x_rumor", TESSERA_CATEGORY_NONE, TESSERA_SHARE_CONSENT);
  add_own_field (registry, "consent", "x_need", TESSERA_CATEGORY_NEEDS, TESSERA_SHARE_CONSENT);
  add_own_field (registry, "referral", "x_need", TESSERA_CATEGORY_NEEDS, TESSERA_SHARE_CONSENT);
  add_own_field (registry, "referral_event", "x_need", TESSERA_CATEGORY_NEEDS, TESSERA_SHARE_CONSENT);
  store = tessera_store_open (vault, registry, &error);
  g_assert_no_error (error);
  tessera_store_write (store, filter_own_fields, NULL, &error);
  g_assert_no_error (error);
  fixture_close (&store, &vault);
  fixture_remove_folder (folder);
}

/* The one rule, over every field of every entity, the organization's own ones included. */
static void
test_allows (void) {
  g_autoptr (TesseraRegistry) registry = tessera_registry_new ();
  const TesseraField own = { "x_shoe_size", "Shoe size", TESSERA_FIELD_TEXT, TESSERA_CATEGORY_NOTES,
                             TESSERA_SHARE_CONSENT, TESSERA_MERGE_LAST_WRITER, TESSERA_FIELD_PLAIN, NULL };
  const TesseraEntity *const *entities;
  g_autoptr (TesseraRecord) consent = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now = instant (TODAY_NOON);

  g_assert_true (tessera_registry_add_field (registry, "client", &own, &error));
  entities = tessera_registry_get_entities (registry);
  consent = tessera_record_new (registry, "consent");
  tessera_record_set (consent, "purpose", "share_for_service");
  tessera_record_set (consent, "answer", "yes");
  tessera_record_set (consent, "expires_on", "2027-01-01");
  tessera_record_set (consent, "groups", "identity,needs,notes");
  for (guint i = 0; entities[i]; i++)
    for (guint j = 0; j < entities[i]->n_fields; j++) {
      const TesseraField *field = &entities[i]->fields[j];
      gboolean agreed = field->category == TESSERA_CATEGORY_IDENTITY
        || field->category == TESSERA_CATEGORY_NEEDS;
      gboolean expected = field->category != TESSERA_CATEGORY_NOTES
                          && (field->share == TESSERA_SHARE_REFERRAL || field->share == TESSERA_SHARE_PUBLIC
                              || (field->share == TESSERA_SHARE_CONSENT && agreed));

      g_assert_cmpint (tessera_consent_allows (consent, field, now), ==, expected);
      g_assert_false (tessera_consent_allows (consent, field, instant ("2027-01-03T12:00:00Z")));
    }
  tessera_record_set (consent, "purpose", "photos");
  g_assert_false (tessera_consent_is_valid (consent, now));
}

static void
test_text (void) {
  const char *const groups[] = { "identity", "health", NULL };
  g_autofree char *text = tessera_consent_build_text ("North Shelter", "Our Shop", groups, "2027-11-21");

  g_assert_nonnull (strstr (text, "North Shelter"));
  g_assert_nonnull (strstr (text, "Our Shop"));
  g_assert_nonnull (strstr (text, "your health"));
  g_assert_null (strstr (text, "your story"));
  g_assert_nonnull (strstr (text, "You can say no"));
}

/* Who first agreed to much and for long, and later to less, is not shown by the first consent unless asked so. */
static gboolean
last_word_counts (TesseraTransaction *tx, gpointer data, GError **error) {
  g_autoptr (TesseraRecord) client = casework_add_client (tx, "Amal Synthetic");
  g_autoptr (TesseraRecord) partner = casework_add_partner (tx, "North Shelter");
  const char *much[] = { "identity", "health", NULL };
  const char *health[] = { "health", NULL };
  TesseraConsentGift gift = { .client = tessera_record_get_id (client), .partner = tessera_record_get_id (partner),
                              .purpose = "share_for_service", .groups = much, .expires_on = "2030-01-01" };
  g_autoptr (TesseraRecord) wide = tessera_consent_give (tx, &gift, error);
  g_autoptr (TesseraRecord) narrow = give (tx, client, partner, "identity");
  g_autoptr (TesseraRecord) any = tessera_consent_find_valid (tx, gift.client, gift.partner, NULL, error);
  g_autoptr (TesseraRecord) named = tessera_consent_find_valid (tx, gift.client, gift.partner, health, error);

  g_assert_cmpstr (tessera_record_get_id (any), ==, tessera_record_get_id (narrow));
  g_assert_cmpstr (tessera_record_get_id (named), ==, tessera_record_get_id (wide));
  return TRUE;
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  casework_set_now (TODAY_NOON);
  g_test_add_func ("/consent/allows", test_allows);
  g_test_add_func ("/consent/text", test_text);
  g_test_add_func ("/consent/own-fields", test_own_fields);
  casework_add ("/consent/give-defaults", give_defaults);
  casework_add ("/consent/refuse-gifts", refuse_gifts);
  casework_add ("/consent/find-and-end", find_and_end);
  casework_add ("/consent/last-word-counts", last_word_counts);
  casework_add ("/consent/no-is-no", no_is_no);
  casework_add ("/consent/withdraw-cascades", withdraw_cascades);
  casework_add ("/consent/filter-random-groups", filter_random_groups);
  casework_add ("/consent/filter-narrows", filter_narrows);
  casework_add ("/consent/filter-corrected-and-merged", filter_corrected_and_merged);
  return g_test_run ();
}
