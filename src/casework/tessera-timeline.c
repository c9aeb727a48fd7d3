/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-timeline.c: rows of many entities, each by the time it happened, in one order.
 */
#include "config.h"
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-intake.h"
#include "tessera-timeline.h"

/* Where items come from: the entity, the instant it is placed by, and which of its rows. */
static const struct {
  TesseraTimelineKind kind;
  const char *code;
  const char *entity;
  const char *at;
  const char *condition;
} sources[] = {
  { TESSERA_TIMELINE_REGISTERED, "registered", "client", "registered_at", "" },
  { TESSERA_TIMELINE_VISIT, "visit", "visit", "at", "" },
  { TESSERA_TIMELINE_ADVICE, "advice", "advice", "at", "AND visit IS NULL" },
  { TESSERA_TIMELINE_NOTE, "note", "note", "at", "" },
  { TESSERA_TIMELINE_NEED, "need", "need", "opened_at", "AND opened_at IS NOT NULL" },
  { TESSERA_TIMELINE_ASSESSMENT, "assessment", "assessment", "at", "" },
  { TESSERA_TIMELINE_STEP, "step", "step_change", "at", "" },
  { TESSERA_TIMELINE_GOAL_DONE, "goal_done", "goal", "done_at", "AND done_at IS NOT NULL" },
  { TESSERA_TIMELINE_TASK_DONE, "task_done", "task", "done_at", "AND done_at IS NOT NULL" },
  { TESSERA_TIMELINE_PROCEDURE, "procedure", "procedure", "started_at", "AND started_at IS NOT NULL" },
  { TESSERA_TIMELINE_APPOINTMENT, "appointment", "appointment", "at", "" },
  { TESSERA_TIMELINE_CONSENT, "consent", "consent", "given_at", "" },
  { TESSERA_TIMELINE_CONSENT_WITHDRAWN, "consent_withdrawn", "consent", "withdrawn_at",
    "AND withdrawn_at IS NOT NULL" },
  { TESSERA_TIMELINE_REFERRAL, "referral", "referral", "created_at", "" },
  { TESSERA_TIMELINE_REFERRAL_EVENT, "referral_event", "referral_event", "at", "" },
  { TESSERA_TIMELINE_DOCUMENT, "document", "document", "added_at", "AND removed_at IS NULL" },
};

void
tessera_timeline_item_free (TesseraTimelineItem *self) {
  g_clear_object (&self->record);
  g_clear_pointer (&self->related, g_ptr_array_unref);
  g_free (self->source);
  g_free (self);
}

const char *
tessera_timeline_kind_get_code (TesseraTimelineKind kind) {
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    if (sources[i].kind == kind)
      return sources[i].code;
  g_return_val_if_reached (NULL);
}

static void
add_item (GPtrArray *items, guint source, TesseraRecord *record) {
  TesseraTimelineItem *item = g_new0 (TesseraTimelineItem, 1);

  item->kind = sources[source].kind;
  item->record = g_object_ref (record);
  item->at = tessera_record_get_integer (record, sources[source].at);
  g_ptr_array_add (items, item);
}

/* Visits that were corrected, by id. */
static GHashTable *
find_corrected (TesseraTransaction *transaction, const char *client, GError **error) {
  g_autoptr (GPtrArray) corrections = NULL;
  GHashTable *corrected;

  corrections = tessera_intake_select (transaction, "visit", client, "AND corrects IS NOT NULL", error);
  if (!corrections)
    return NULL;
  corrected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < corrections->len; i++)
    g_hash_table_add (corrected,
                      g_strdup (tessera_record_get (g_ptr_array_index (corrections, i), "corrects")));
  return corrected;
}

static gboolean
add_source (TesseraTransaction *transaction, guint source, const char *client, guint limit,
            GHashTable *corrected, GPtrArray *items, GError **error) {
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GString) tail = g_string_new (NULL);

  g_string_append_printf (tail, "%s ORDER BY \"%s\" DESC, id DESC", sources[source].condition,
                          sources[source].at);
  if (limit)
    g_string_append_printf (tail, " LIMIT %u", limit + g_hash_table_size (corrected));
  records = tessera_intake_select (transaction, sources[source].entity, client, tail->str, error);
  for (guint i = 0; records && i < records->len; i++) {
    TesseraRecord *record = g_ptr_array_index (records, i);

    if (!g_hash_table_contains (corrected, tessera_record_get_id (record)))
      add_item (items, source, record);
  }
  return records != NULL;
}

/* The records themselves, also the merged ones: when each was registered. */
static gboolean
add_clients (TesseraTransaction *transaction, guint source, GPtrArray *ids, GHashTable *codes,
             GPtrArray *items, GError **error) {
  for (guint i = 0; i < ids->len; i++) {
    const char *id = g_ptr_array_index (ids, i);
    g_autoptr (TesseraRecord) client = tessera_transaction_load (transaction, "client", id, error);

    if (!client)
      return FALSE;
    if (i > 0)
      g_hash_table_insert (codes, g_strdup (id), g_strdup (tessera_record_get (client, "code")));
    if (tessera_record_get (client, "registered_at"))
      add_item (items, source, client);
  }
  return TRUE;
}

static int
compare_items (gconstpointer a, gconstpointer b) {
  const TesseraTimelineItem *first = *(TesseraTimelineItem *const *) a;
  const TesseraTimelineItem *second = *(TesseraTimelineItem *const *) b;

  if (first->at != second->at)
    return first->at > second->at ? -1 : 1;
  if (first->kind != second->kind)
    return (int) second->kind - (int) first->kind;
  return strcmp (tessera_record_get_id (second->record), tessera_record_get_id (first->record));
}

static void
add_related (TesseraTimelineItem *item, TesseraRecord *record) {
  if (!record)
    return;
  if (!item->related)
    item->related = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (item->related, record);
}

static gboolean
load_related (TesseraTransaction *transaction, TesseraTimelineItem *item, GError **error) {
  if (item->kind == TESSERA_TIMELINE_ASSESSMENT)
    item->related = tessera_transaction_select_records (transaction, "assessment_score",
                                                        "WHERE assessment = ?1 ORDER BY id",
                                                        tessera_record_get_id (item->record), error);
  else if (item->kind == TESSERA_TIMELINE_VISIT && tessera_record_get (item->record, "corrects"))
    add_related (item, tessera_transaction_find (transaction, "visit",
                                                 tessera_record_get (item->record, "corrects")));
  else if (item->kind == TESSERA_TIMELINE_REFERRAL_EVENT)
    add_related (item, tessera_transaction_find (transaction, "referral",
                                                 tessera_record_get (item->record, "referral")));
  return item->kind != TESSERA_TIMELINE_ASSESSMENT || item->related;
}

static gboolean
finish_items (TesseraTransaction *transaction, GPtrArray *items, guint limit, GHashTable *codes,
              GError **error) {
  g_ptr_array_sort (items, compare_items);
  if (limit && items->len > limit)
    g_ptr_array_set_size (items, (int) limit);
  for (guint i = 0; i < items->len; i++) {
    TesseraTimelineItem *item = g_ptr_array_index (items, i);
    const char *client = item->kind == TESSERA_TIMELINE_REGISTERED
                         ? tessera_record_get_id (item->record) : tessera_record_get (item->record, "client");

    item->source = client ? g_strdup (g_hash_table_lookup (codes, client)) : NULL;
    if (!load_related (transaction, item, error))
      return FALSE;
  }
  return TRUE;
}

GPtrArray *
tessera_timeline_load (TesseraTransaction *transaction, const char *client, guint limit, GError **error) {
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_timeline_item_free);
  g_autoptr (GPtrArray) ids = tessera_intake_list_ids (transaction, client, error);
  g_autoptr (GHashTable) codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) corrected = ids ? find_corrected (transaction, client, error) : NULL;

  if (!corrected)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++) {
    gboolean added = sources[i].kind == TESSERA_TIMELINE_REGISTERED
                     ? add_clients (transaction, i, ids, codes, items, error)
                     : add_source (transaction, i, client, limit, corrected, items, error);

    if (!added)
      return NULL;
  }
  return finish_items (transaction, items, limit, codes, error) ? g_steal_pointer (&items) : NULL;
}
