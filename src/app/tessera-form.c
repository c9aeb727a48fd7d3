/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-form.c: rows to fill in, made from the registry; see the header.
 *
 * A draft is JSON: {"id": record id, "record": what is valid, "texts": {field: what stands in the row}}.
 */
#include "config.h"
#include "tessera-form.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-form-row.h"

/* Keystrokes closer together than this share one write. */
#define DRAFT_DELAY_MS 80

/* A focus that came this short before is not where a person worked. */
#define SETTLE_MICROSECONDS (300 * 1000)

#define REFOCUS_FRAMES 4

struct _TesseraForm {
  GtkBox parent_instance;

  TesseraSession *session;
  TesseraRecord *record;
  char *draft_key;
  GPtrArray *rows;
  GHashTable *initial;
  guint draft_timer;
  /* Where the person was: opening a menu takes the focus away, and closing it moves it one row on by itself.
   */
  TesseraFormRow *last_row;
  TesseraFormRow *row_before;
  gint64 entered_at;
};

G_DEFINE_FINAL_TYPE (TesseraForm, tessera_form, GTK_TYPE_BOX)

enum {
  SIGNAL_CHANGED,
  SIGNAL_DRAFT_LOADED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static TesseraFormRow *
find_row (TesseraForm *self, const char *field) {
  for (guint i = 0; i < self->rows->len; i++)
    if (g_strcmp0 (tessera_form_row_get_field (self->rows->pdata[i])->name, field) == 0)
      return self->rows->pdata[i];
  return NULL;
}

/* What stands there now is what an untouched form looks like. */
static void
remember_initial (TesseraForm *self, TesseraFormRow *row) {
  g_hash_table_insert (self->initial, (gpointer) tessera_form_row_get_field (row)->name,
                       tessera_form_row_get_text (row));
}

gboolean
tessera_form_is_empty (TesseraForm *self) {
  for (guint i = 0; i < self->rows->len; i++) {
    TesseraFormRow *row = self->rows->pdata[i];
    g_autofree char *text = tessera_form_row_get_text (row);

    if (g_strcmp0 (text, g_hash_table_lookup (self->initial, tessera_form_row_get_field (row)->name)) != 0)
      return FALSE;
  }
  return TRUE;
}

static char *
to_json (TesseraForm *self) {
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  JsonNode *record = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (record, tessera_record_to_json (tessera_form_get_record (self)));
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "id");
  json_builder_add_string_value (builder, tessera_record_get_id (self->record));
  json_builder_set_member_name (builder, "record");
  json_builder_add_value (builder, record);
  json_builder_set_member_name (builder, "texts");
  json_builder_begin_object (builder);
  for (guint i = 0; i < self->rows->len; i++) {
    g_autofree char *text = tessera_form_row_get_text (self->rows->pdata[i]);

    json_builder_set_member_name (builder, tessera_form_row_get_field (self->rows->pdata[i])->name);
    json_builder_add_string_value (builder, text);
  }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
take_texts (TesseraForm *self, JsonObject *texts) {
  for (guint i = 0; i < self->rows->len; i++) {
    TesseraFormRow *row = self->rows->pdata[i];
    const char *text =
      json_object_get_string_member_with_default (texts, tessera_form_row_get_field (row)->name, NULL);

    if (text != NULL)
      tessera_form_row_set_text (row, text);
  }
}

/* Our own JSON, from the store or from the same form in another language. */
static gboolean
from_json (TesseraForm *self, const char *json) {
  g_autoptr (JsonNode) root = json != NULL ? json_from_string (json, NULL) : NULL;
  JsonObject *object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  const char *id = NULL;

  if (object == NULL || !json_object_has_member (object, "texts")
      || !json_object_has_member (object, "record"))
    return FALSE;
  id = json_object_get_string_member_with_default (object, "id", NULL);
  if (g_strcmp0 (id, tessera_record_get_id (self->record)) != 0) {
    TesseraRecord *record = tessera_record_new_for (tessera_session_get_registry (self->session),
                                                    tessera_record_get_entity (self->record), id);

    g_object_unref (self->record);
    self->record = record;
  }
  tessera_record_set_from_json (self->record, json_object_get_object_member (object, "record"), NULL, NULL);
  take_texts (self, json_object_get_object_member (object, "texts"));
  return TRUE;
}

typedef struct {
  char *key;
  char *body;
} Draft;

static void
draft_free (gpointer data) {
  Draft *draft = data;

  g_free (draft->key);
  g_free (draft->body);
  g_free (draft);
}

static Draft *
draft_new (const char *key, char *body) {
  Draft *draft = g_new0 (Draft, 1);

  draft->key = g_strdup (key);
  draft->body = body;
  return draft;
}

static gboolean
write_draft (TesseraTransaction *transaction, gpointer data, GError **error) {
  Draft *draft = data;

  if (draft->body == NULL)
    return tessera_transaction_drop_draft (transaction, draft->key, error);
  return tessera_transaction_put_draft (transaction, draft->key, draft->body, error);
}

static gboolean
read_draft (TesseraTransaction *transaction, gpointer data, GError **error) {
  Draft *draft = data;

  draft->body = tessera_transaction_get_draft (transaction, draft->key);
  return TRUE;
}

/* @body: (transfer full) (nullable): NULL drops the draft. */
static void
put_draft (TesseraForm *self, char *body) {
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store == NULL) {
    g_free (body);
    return;
  }
  tessera_store_write_async (store, write_draft, draft_new (self->draft_key, body), draft_free, NULL, NULL,
                             NULL);
}

void
tessera_form_flush (TesseraForm *self) {
  if (self->draft_timer == 0)
    return;
  g_clear_handle_id (&self->draft_timer, g_source_remove);
  put_draft (self, tessera_form_is_empty (self) ? NULL : to_json (self));
}

static gboolean
draft_timer_cb (gpointer user_data) {
  TesseraForm *self = user_data;

  /* Removed by returning: only then may flush see no timer. */
  self->draft_timer = 0;
  put_draft (self, tessera_form_is_empty (self) ? NULL : to_json (self));
  return G_SOURCE_REMOVE;
}

static void
schedule_draft (TesseraForm *self) {
  if (self->draft_key != NULL && self->draft_timer == 0)
    self->draft_timer = g_timeout_add (DRAFT_DELAY_MS, draft_timer_cb, self);
}

void
tessera_form_drop_draft (TesseraForm *self) {
  g_clear_handle_id (&self->draft_timer, g_source_remove);
  if (self->draft_key != NULL)
    put_draft (self, NULL);
}

static void
draft_read_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraForm) self = user_data;
  Draft *draft = tessera_store_result_get_data (result);
  gboolean found = FALSE;

  if (!tessera_store_finish (TESSERA_STORE (source), result, NULL) || self->rows->len == 0)
    return;
  /* Typing that was quicker than the store wins. */
  if (tessera_form_is_empty (self))
    found = from_json (self, draft->body);
  g_signal_emit (self, signals[SIGNAL_DRAFT_LOADED], 0, found);
}

void
tessera_form_load_draft (TesseraForm *self) {
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store != NULL && self->draft_key != NULL)
    tessera_store_read_async (store, read_draft, draft_new (self->draft_key, NULL), draft_free, NULL,
                              draft_read_cb, g_object_ref (self));
}

static void
row_changed_cb (TesseraFormRow *row, gpointer data) {
  TesseraForm *self = data;

  schedule_draft (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, tessera_form_row_get_field (row)->name);
}

static void
row_entered_cb (TesseraForm *self, GtkEventController *controller) {
  for (guint i = 0; i < self->rows->len; i++) {
    TesseraFormRow *row = self->rows->pdata[i];

    if (tessera_form_row_get_widget (row) != gtk_event_controller_get_widget (controller)
        || row == self->last_row)
      continue;
    self->row_before = self->last_row;
    self->last_row = row;
    self->entered_at = g_get_monotonic_time ();
  }
}

/* The row the person works in; %NULL when they have not been in any. */
static TesseraFormRow *
find_current_row (TesseraForm *self) {
  gboolean by_itself = g_get_monotonic_time () - self->entered_at < SETTLE_MICROSECONDS;

  return by_itself && self->row_before != NULL ? self->row_before : self->last_row;
}

static void
watch_focus (TesseraForm *self, TesseraFormRow *row) {
  GtkEventController *controller = gtk_event_controller_focus_new ();

  g_signal_connect_object (controller, "enter", G_CALLBACK (row_entered_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (tessera_form_row_get_widget (row), controller);
}

static void
add_field (TesseraForm *self, AdwPreferencesGroup *group, const char *name) {
  const TesseraEntity *entity = tessera_record_get_entity (self->record);
  int index = tessera_entity_find_field (entity, name);
  TesseraFormRow *row = NULL;

  g_return_if_fail (index >= 0);
  row = tessera_form_row_new (self->session, &entity->fields[index], row_changed_cb, self);
  g_return_if_fail (row != NULL);
  g_ptr_array_add (self->rows, row);
  watch_focus (self, row);
  adw_preferences_group_add (group, tessera_form_row_get_widget (row));
  adw_preferences_group_add (group, tessera_form_row_get_message (row));
  tessera_form_row_set_text (row, tessera_record_get_at (self->record, index));
  remember_initial (self, row);
}

void
tessera_form_add_group (TesseraForm *self,
                        const char *title,
                        const char *description,
                        const char *const *fields) {
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  if (title != NULL)
    adw_preferences_group_set_title (group, title);
  if (description != NULL)
    adw_preferences_group_set_description (group, description);
  for (guint i = 0; fields[i] != NULL; i++)
    add_field (self, group, fields[i]);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (group));
}

static void
read_row (TesseraForm *self, TesseraFormRow *row) {
  g_autofree char *text = tessera_form_row_get_text (row);

  if (!tessera_record_parse (self->record, tessera_form_row_get_field (row)->name, text, NULL))
    tessera_record_set (self->record, tessera_form_row_get_field (row)->name, NULL);
}

TesseraRecord *
tessera_form_get_record (TesseraForm *self) {
  for (guint i = 0; i < self->rows->len; i++)
    read_row (self, self->rows->pdata[i]);
  return self->record;
}

void
tessera_form_set_record (TesseraForm *self, TesseraRecord *record) {
  g_object_unref (self->record);
  self->record = tessera_record_copy (record);
  for (guint i = 0; i < self->rows->len; i++) {
    TesseraFormRow *row = self->rows->pdata[i];

    tessera_form_row_set_text (row, tessera_record_get (record, tessera_form_row_get_field (row)->name));
    remember_initial (self, row);
  }
}

void
tessera_form_set_value (TesseraForm *self, const char *field, const char *value) {
  TesseraFormRow *row = find_row (self, field);

  tessera_record_set (self->record, field, value);
  if (row == NULL)
    return;
  tessera_form_row_set_text (row, value);
  remember_initial (self, row);
}

const char *
tessera_form_get_value (TesseraForm *self, const char *field) {
  TesseraFormRow *row = find_row (self, field);

  if (row != NULL)
    read_row (self, row);
  return tessera_record_get (self->record, field);
}

GtkWidget *
tessera_form_get_row (TesseraForm *self, const char *field) {
  TesseraFormRow *row = find_row (self, field);

  return row != NULL ? tessera_form_row_get_widget (row) : NULL;
}

void
tessera_form_set_title (TesseraForm *self, const char *field, const char *title) {
  TesseraFormRow *row = find_row (self, field);

  if (row != NULL)
    tessera_form_row_set_title (row, title);
}

static gboolean
validate_row (TesseraFormRow *row) {
  const TesseraField *field = tessera_form_row_get_field (row);
  g_autofree char *text = tessera_form_row_get_text (row);
  g_autofree char *canonical = NULL;
  g_autoptr (GError) error = NULL;

  if (*g_strstrip (text) == '\0') {
    gboolean missing = (field->flags & TESSERA_FIELD_REQUIRED) != 0;

    tessera_form_row_show_error (row, missing ? _("Please fill this in.") : NULL);
    return !missing;
  }
  canonical = tessera_field_check (field, text, &error);
  tessera_form_row_show_error (row, error != NULL ? error->message : NULL);
  return error == NULL;
}

gboolean
tessera_form_validate (TesseraForm *self) {
  TesseraFormRow *first = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    if (!validate_row (self->rows->pdata[i]) && first == NULL)
      first = self->rows->pdata[i];
  if (first != NULL)
    tessera_form_row_focus (first, -1);
  return first == NULL;
}

void
tessera_form_show_error (TesseraForm *self, const char *field, const char *message) {
  TesseraFormRow *row = find_row (self, field);

  if (row == NULL)
    return;
  tessera_form_row_show_error (row, message);
  tessera_form_row_focus (row, -1);
}

GVariant *
tessera_form_save_state (TesseraForm *self) {
  g_autofree char *json = to_json (self);
  TesseraFormRow *row = find_current_row (self);
  const char *focus = row != NULL ? tessera_form_row_get_field (row)->name : "";
  int cursor = row != NULL ? tessera_form_row_get_place (row) : -1;

  return g_variant_ref_sink (g_variant_new ("(ssi)", json, focus, cursor));
}

typedef struct {
  TesseraFormRow *row;
  int cursor;
  int frames;
} Refocus;

/* GTK moves the focus one on when the menu that had it goes with the old page, a frame later: put it back
 * then. */
static gboolean
refocus_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data) {
  TesseraForm *self = TESSERA_FORM (widget);
  Refocus *refocus = data;

  if (--refocus->frames > 0)
    return G_SOURCE_CONTINUE;
  if (g_ptr_array_find (self->rows, refocus->row, NULL) && tessera_form_row_get_cursor (refocus->row) < 0)
    tessera_form_row_focus (refocus->row, refocus->cursor);
  return G_SOURCE_REMOVE;
}

void
tessera_form_restore_state (TesseraForm *self, GVariant *state) {
  const char *json = NULL;
  const char *focus = NULL;
  int cursor = -1;
  TesseraFormRow *row = NULL;

  if (!g_variant_is_of_type (state, G_VARIANT_TYPE ("(ssi)")))
    return;
  g_variant_get (state, "(&s&si)", &json, &focus, &cursor);
  from_json (self, json);
  row = find_row (self, focus);
  if (row != NULL) {
    Refocus *refocus = g_new0 (Refocus, 1);

    *refocus = (Refocus){ row, cursor, REFOCUS_FRAMES };
    tessera_form_row_focus (row, cursor);
    gtk_widget_add_tick_callback (GTK_WIDGET (self), refocus_cb, refocus, g_free);
  }
  /* What was typed a moment ago may not be in the store yet: the old form writes it, and so do we. */
  if (!tessera_form_is_empty (self))
    schedule_draft (self);
}

void
tessera_form_focus (TesseraForm *self) {
  for (guint i = 0; i < self->rows->len; i++)
    if (tessera_form_row_get_cursor (self->rows->pdata[i]) >= 0)
      return;
  if (self->rows->len > 0)
    tessera_form_row_focus (self->rows->pdata[0], -1);
}

void
tessera_form_focus_field (TesseraForm *self, const char *field) {
  TesseraFormRow *row = find_row (self, field);

  if (row != NULL)
    tessera_form_row_focus (row, -1);
  else
    tessera_form_focus (self);
}

static void
tessera_form_dispose (GObject *object) {
  TesseraForm *self = TESSERA_FORM (object);

  if (self->session != NULL)
    tessera_form_flush (self);
  g_ptr_array_set_size (self->rows, 0);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_form_parent_class)->dispose (object);
}

static void
tessera_form_finalize (GObject *object) {
  TesseraForm *self = TESSERA_FORM (object);

  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->initial);
  g_clear_object (&self->record);
  g_free (self->draft_key);
  G_OBJECT_CLASS (tessera_form_parent_class)->finalize (object);
}

static void
tessera_form_class_init (TesseraFormClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = tessera_form_dispose;
  object_class->finalize = tessera_form_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", TESSERA_TYPE_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_DRAFT_LOADED] = g_signal_new ("draft-loaded", TESSERA_TYPE_FORM, G_SIGNAL_RUN_LAST, 0, NULL,
                                               NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
tessera_form_init (TesseraForm *self) {
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 18);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_form_row_free);
  self->initial = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
}

GtkWidget *
tessera_form_new (TesseraSession *session,
                  const char *entity,
                  const char *const *fields,
                  const char *draft_key) {
  TesseraForm *self = g_object_new (TESSERA_TYPE_FORM, NULL);

  self->session = g_object_ref (session);
  self->record = tessera_record_new (tessera_session_get_registry (session), entity);
  self->draft_key = g_strdup (draft_key);
  if (fields != NULL && fields[0] != NULL)
    tessera_form_add_group (self, NULL, NULL, fields);
  g_signal_connect_object (session, "locking", G_CALLBACK (tessera_form_flush), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
