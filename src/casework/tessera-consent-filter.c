/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-consent-filter.c: exactly what may leave the house under one consent.
 *
 * An allow-list: rows and fields are taken because the registry and the consent name them, never left out
 * because something forbids them. Free text may hold what its author put there; the preview exists so that a
 * person looks.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-consent.h"
#include "tessera-identifier.h"
#include "tessera-intake.h"

/* About a client, but about dealings with others: they travel, if at all, as the form of their own
 * referral. */
static const char *const kept_entities[] = { "consent", "consent_override", "referral", "referral_event",
                                             "conflict", NULL };

/* What a consent says at this moment, and how much of it is used. */
typedef struct {
  gboolean groups[TESSERA_N_CATEGORIES];
  gboolean valid;
  gboolean anonymous;
} Scope;

static Scope
make_scope (TesseraRecord *consent, gint64 now) {
  Scope scope = { .valid = tessera_consent_is_valid (consent, now) };
  g_auto (GStrv) groups = tessera_record_get_set (consent, "groups");

  for (guint i = 0; groups[i]; i++) {
    TesseraCategory category;

    if (tessera_category_parse (groups[i], &category) && tessera_category_is_shareable (category))
      scope.groups[category] = TRUE;
  }
  return scope;
}

static void
narrow_scope (Scope *scope, const char *const *groups) {
  for (int i = 0; groups && i < TESSERA_N_CATEGORIES; i++)
    scope->groups[i] = scope->groups[i]
                       && g_strv_contains (groups, tessera_category_get_code ((TesseraCategory) i));
}

/* Without a name: who they are and how to reach them stays at home, whatever was agreed. */
static void
anonymize_scope (Scope *scope) {
  scope->anonymous = TRUE;
  scope->groups[TESSERA_CATEGORY_IDENTITY] = FALSE;
  scope->groups[TESSERA_CATEGORY_CONTACT] = FALSE;
  /* Papers are called by what stands on them. */
  scope->groups[TESSERA_CATEGORY_DOCUMENTS] = FALSE;
}

static gboolean
scope_allows (const Scope *scope, const TesseraField *field) {
  if (!scope->valid || field->category == TESSERA_CATEGORY_NOTES)
    return FALSE;
  switch (field->share) {
  case TESSERA_SHARE_REFERRAL:
    return TRUE;
  case TESSERA_SHARE_PUBLIC:
    return TRUE;
  case TESSERA_SHARE_CONSENT:
    return (int) field->category >= 0 && field->category < TESSERA_N_CATEGORIES
           && scope->groups[field->category]
           && !(scope->anonymous && strcmp (field->name, "name") == 0);
  case TESSERA_SHARE_NEVER:
  default:
    return FALSE;
  }
}

gboolean
tessera_consent_allows (TesseraRecord *consent, const TesseraField *field, gint64 now) {
  Scope scope = make_scope (consent, now);

  return scope_allows (&scope, field);
}

static TesseraRecord *
filter_record (const Scope *scope, TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  TesseraRecord *copy = tessera_record_new_for (tessera_record_get_registry (record), entity,
                                                tessera_record_get_id (record));

  for (guint i = 0; i < entity->n_fields; i++)
    if (scope_allows (scope, &entity->fields[i]))
      tessera_record_set_at (copy, i, tessera_record_get_at (record, i));
  return copy;
}

TesseraRecord *
tessera_consent_filter (TesseraRecord *consent, TesseraRecord *record, gint64 now) {
  Scope scope = make_scope (consent, now);

  return filter_record (&scope, record);
}

static gboolean
is_empty (TesseraRecord *record) {
  for (guint i = 0; i < tessera_record_get_entity (record)->n_fields; i++)
    if (tessera_record_get_at (record, i))
      return FALSE;
  return TRUE;
}

/* A row goes because somebody agreed to something in it, never for its form fields alone. */
static gboolean
is_agreed_entity (const Scope *scope, const TesseraEntity *entity) {
  for (guint i = 0; i < entity->n_fields; i++)
    if (entity->fields[i].share == TESSERA_SHARE_CONSENT && scope_allows (scope, &entity->fields[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_collected (const Scope *scope, const TesseraEntity *entity) {
  return g_strcmp0 (entity->subject, "client") == 0
         && tessera_entity_find_field (entity, "client") >= 0
         && !(entity->flags & (TESSERA_ENTITY_LOCAL | TESSERA_ENTITY_DIRECTORY))
         && !g_strv_contains (kept_entities, entity->name)
         && strcmp (entity->name, "household_member") != 0
         && is_agreed_entity (scope, entity);
}

static void
add_filtered (GPtrArray *rows, const Scope *scope, GPtrArray *records, gboolean keep_empty) {
  for (guint i = 0; i < records->len; i++) {
    g_autoptr (TesseraRecord) copy = filter_record (scope, g_ptr_array_index (records, i));

    if (keep_empty || !is_empty (copy))
      g_ptr_array_add (rows, g_steal_pointer (&copy));
  }
}

/* What was said wrong and put right is not passed on, nor the advice that hung on it. */
static gboolean
drop_corrected (TesseraTransaction *transaction, const char *client, GPtrArray *records, const char *field,
                GError **error) {
  g_autoptr (GPtrArray) visits = tessera_intake_select (transaction, "visit", client,
                                                        "AND corrects IS NOT NULL", error);

  for (guint i = 0; visits && i < visits->len; i++) {
    const char *corrected = tessera_record_get (g_ptr_array_index (visits, i), "corrects");

    for (guint j = records->len; j > 0; j--)
      if (g_strcmp0 (tessera_record_get (g_ptr_array_index (records, j - 1), field), corrected) == 0)
        g_ptr_array_remove_index (records, j - 1);
  }
  return visits != NULL;
}

/* What is on its way out of the file does not go; a medical paper goes only where health was agreed to as well. */
static void
drop_documents (const Scope *scope, GPtrArray *documents) {
  for (guint i = documents->len; i > 0; i--) {
    TesseraRecord *document = g_ptr_array_index (documents, i - 1);

    if (tessera_record_get (document, "removed_at")
        || (g_strcmp0 (tessera_record_get (document, "kind"), "medical") == 0
            && !scope->groups[TESSERA_CATEGORY_HEALTH]))
      g_ptr_array_remove_index (documents, i - 1);
  }
}

static gboolean
collect_entity (TesseraTransaction *transaction, const Scope *scope, const TesseraEntity *entity,
                const char *client, GPtrArray *rows, GError **error) {
  g_autoptr (GPtrArray) records = tessera_intake_select (transaction, entity->name, client, "ORDER BY id",
                                                         error);

  if (!records)
    return FALSE;
  if (strcmp (entity->name, "visit") == 0 && !drop_corrected (transaction, client, records, "id", error))
    return FALSE;
  if (strcmp (entity->name, "advice") == 0 && !drop_corrected (transaction, client, records, "visit", error))
    return FALSE;
  if (strcmp (entity->name, "document") == 0)
    drop_documents (scope, records);
  add_filtered (rows, scope, records, FALSE);
  return TRUE;
}

static gboolean
collect_household (TesseraTransaction *transaction, const Scope *scope, const char *client, GPtrArray *rows,
                   GError **error) {
  g_autoptr (TesseraRecord) kept = tessera_casework_resolve_client (transaction, client, error);
  const char *id = kept ? tessera_record_get (kept, "household") : NULL;
  g_autoptr (GPtrArray) household = NULL;
  g_autoptr (GPtrArray) members = NULL;

  if (!kept)
    return FALSE;
  if (!id || !scope->groups[TESSERA_CATEGORY_HOUSEHOLD])
    return TRUE;
  household = tessera_transaction_select_records (transaction, "household", "WHERE id = ?1", id, error);
  members = household ? tessera_transaction_select_records (transaction, "household_member",
                                                            "WHERE household = ?1 ORDER BY id", id, error) : NULL;
  if (!members)
    return FALSE;
  /* The household goes even when nothing in it was filled: its members point to it. */
  add_filtered (rows, scope, household, TRUE);
  add_filtered (rows, scope, members, FALSE);
  return TRUE;
}

static gboolean
collect_rows (TesseraTransaction *transaction, const Scope *scope, const char *client, GPtrArray *rows,
              GError **error) {
  const TesseraEntity *const *entities;
  g_autoptr (TesseraRecord) kept = tessera_casework_resolve_client (transaction, client, error);

  if (!kept)
    return FALSE;
  g_ptr_array_add (rows, filter_record (scope, kept));
  if (!collect_household (transaction, scope, client, rows, error))
    return FALSE;
  entities = tessera_registry_get_entities (tessera_transaction_get_registry (transaction));
  for (guint i = 0; entities[i]; i++)
    if (is_collected (scope, entities[i])
        && !collect_entity (transaction, scope, entities[i], client, rows, error))
      return FALSE;
  return TRUE;
}

static gboolean
is_public_entity (TesseraRegistry *registry, const char *name) {
  const TesseraEntity *entity = name ? tessera_registry_get_entity (registry, name) : NULL;

  return entity && (entity->flags & TESSERA_ENTITY_DIRECTORY);
}

/* Gives rows their new names and empties references to rows that stay at home. @ids: old id to new id. */
static void
settle_references (TesseraRecord *record, GHashTable *ids) {
  const TesseraEntity *entity = tessera_record_get_entity (record);

  for (guint i = 0; i < entity->n_fields; i++) {
    const TesseraField *field = &entity->fields[i];
    const char *value = tessera_record_get_at (record, i);

    if (field->type != TESSERA_FIELD_REFERENCE || !value
        || is_public_entity (tessera_record_get_registry (record), field->of))
      continue;
    tessera_record_set_at (record, i, g_hash_table_lookup (ids, value));
  }
}

static TesseraRecord *
rename_record (TesseraRecord *record, const char *id) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  TesseraRecord *renamed = tessera_record_new_for (tessera_record_get_registry (record), entity, id);

  for (guint i = 0; i < entity->n_fields; i++)
    tessera_record_set_at (renamed, i, tessera_record_get_at (record, i));
  return renamed;
}

static char *
make_pseudonym (void) {
  char *code = tessera_client_code_new ();

  code[0] = 'P';   /* so that nobody takes it for a client's code */
  return code;
}

static GPtrArray *
finish_rows (GPtrArray *rows, gboolean anonymous) {
  GPtrArray *finished = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < rows->len; i++) {
    const char *id = tessera_record_get_id (g_ptr_array_index (rows, i));

    g_hash_table_insert (ids, g_strdup (id), anonymous ? tessera_uuid_new () : g_strdup (id));
  }
  for (guint i = 0; i < rows->len; i++) {
    TesseraRecord *row = g_ptr_array_index (rows, i);
    TesseraRecord *renamed = rename_record (row, g_hash_table_lookup (ids, tessera_record_get_id (row)));

    settle_references (renamed, ids);
    g_ptr_array_add (finished, renamed);
  }
  if (anonymous) {
    g_autofree char *pseudonym = make_pseudonym ();

    tessera_record_set (g_ptr_array_index (finished, 0), "code", pseudonym);
  }
  return finished;
}

static gboolean
check_subject (TesseraTransaction *transaction, TesseraRecord *consent, const char *client, GError **error) {
  g_autoptr (GPtrArray) ids = tessera_intake_list_ids (transaction, client, error);
  const char *subject = tessera_record_get (consent, "client");

  if (!ids)
    return FALSE;
  if (subject && g_ptr_array_find_with_equal_func (ids, subject, g_str_equal, NULL))
    return TRUE;
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NO_CONSENT,
                       _("This consent was given by another client; ask this one."));
  return FALSE;
}

GPtrArray *
tessera_consent_collect (TesseraTransaction *transaction, TesseraRecord *consent, const char *client,
                         const char *kind, const char *const *groups, GError **error) {
  gint64 now = tessera_transaction_get_now (transaction);
  Scope scope = make_scope (consent, now);
  g_autoptr (GPtrArray) rows = NULL;

  if (!tessera_consent_check (consent, now, error)
      || !tessera_casework_check_code ("referral_kind", kind, error)
      || !check_subject (transaction, consent, client, error))
    return NULL;
  narrow_scope (&scope, groups);
  if (g_strcmp0 (kind, "ask-opinion") == 0)
    anonymize_scope (&scope);
  rows = g_ptr_array_new_with_free_func (g_object_unref);
  if (!collect_rows (transaction, &scope, client, rows, error))
    return NULL;
  return finish_rows (rows, scope.anonymous);
}
