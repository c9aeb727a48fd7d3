/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-conflict-dialog.c: the versions of a field and a person's decision; see the header.
 *
 * Every version has a button of its own, so that deciding is one press. Nothing is preselected: neither the newest nor
 * our own is right by itself.
 */
#include "config.h"
#include "tessera-conflict-dialog.h"

#include <glib/gi18n-lib.h>

#include "tessera-colleagues.h"
#include "tessera-form.h"
#include "tessera-language.h"
#include "tessera-page.h"
#include "tessera-screen.h"
#include "tessera-text.h"

/* Longer texts are read, not glanced at. */
#define GLANCE_CHARS 40

struct _TesseraConflictDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  char *id;
  TesseraDisagreement *conflict;
  GHashTable *colleagues;
  TesseraForm *form;       /* another value; NULL where people write none */
  GVariant *state;         /* to be restored when the form is there */
  gboolean deciding;

  GtkBox *content;
  GtkLabel *client_label;
  GtkLabel *field_label;
  GtkFlowBox *versions_box;
  AdwPreferencesGroup *both_group;
  AdwActionRow *both_row;
  GtkBox *other_box;
  GtkButton *other_button;
  GtkButton *ask_button;
  GtkLabel *error_label;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraConflictDialog, tessera_conflict_dialog, ADW_TYPE_WINDOW,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

char *
tessera_conflict_describe_value (const TesseraDisagreement *conflict, const TesseraVersion *version) {
  if (version->value == NULL)
    return NULL;
  if (conflict->field->type == TESSERA_FIELD_DATE)
    return tessera_text_date (version->value);
  if (conflict->field->type == TESSERA_FIELD_INSTANT)
    return tessera_text_instant (g_ascii_strtoll (version->value, NULL, 10));
  if (conflict->field->type == TESSERA_FIELD_LANGUAGE)
    return tessera_language_get_name (version->value);
  return g_strdup (version->text);
}

char *
tessera_conflict_name_device (GHashTable *colleagues, const char *device) {
  const TesseraColleague *colleague = device != NULL ? g_hash_table_lookup (colleagues, device) : NULL;
  g_autofree char *name = NULL;
  g_autofree char *worker = NULL;

  if (colleague != NULL && colleague->own)
    return g_strdup (_("This laptop"));
  if (colleague == NULL || colleague->device == NULL)
    return g_strdup (_("Another laptop"));
  name = tessera_text_isolate (colleague->device);
  if (colleague->worker == NULL || g_str_equal (colleague->worker, colleague->device))
    return g_steal_pointer (&name);
  worker = tessera_text_isolate (colleague->worker);
  /* Translators: a laptop and who works on it. */
  return g_strdup_printf (_("%1$s, %2$s"), name, worker);
}

static void
show_error (TesseraConflictDialog *self, const char *text) {
  gtk_label_set_label (self->error_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), text != NULL);
}

/* ---- deciding ---- */

/* @ask: leave it open; else @value is what holds. */
typedef struct {
  char *id;
  char *value;
  gboolean ask;
} Deciding;

static void
deciding_free (gpointer data) {
  Deciding *deciding = data;

  g_free (deciding->id);
  g_free (deciding->value);
  g_free (deciding);
}

static gboolean
decide (TesseraTransaction *transaction, gpointer data, GError **error) {
  Deciding *deciding = data;
  g_autoptr (TesseraDisagreement) conflict = tessera_disagreement_load (transaction, deciding->id, error);

  if (conflict == NULL)
    return FALSE;
  return deciding->ask ? tessera_disagreement_ask (transaction, conflict, error)
                       : tessera_disagreement_settle (transaction, conflict, deciding->value, error);
}

static void
decided_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraConflictDialog) self = data;
  Deciding *deciding = tessera_store_result_get_data (result);
  g_autoptr (GError) error = NULL;

  self->deciding = FALSE;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    if (self->session != NULL)
      show_error (self, error->message);
    return;
  }
  if (self->session == NULL)
    return;
  tessera_screen_toast (GTK_WIDGET (self), deciding->ask ? _("A task was made: ask the client. It stays open until then.")
                                                         : _("Decided. It holds on every laptop."));
  gtk_window_close (GTK_WINDOW (self));
}

static void
start (TesseraConflictDialog *self, const char *value, gboolean ask) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Deciding *deciding = NULL;

  if (store == NULL || self->deciding)
    return;
  self->deciding = TRUE;
  deciding = g_new0 (Deciding, 1);
  deciding->id = g_strdup (self->id);
  deciding->value = g_strdup (value);
  deciding->ask = ask;
  tessera_store_write_async (store, decide, deciding, deciding_free, NULL, decided_cb, g_object_ref (self));
}

static void
keep_clicked_cb (TesseraConflictDialog *self, GtkWidget *button) {
  const TesseraVersion *version = g_object_get_data (G_OBJECT (button), "version");

  start (self, version->value, FALSE);
}

static void
both_clicked_cb (TesseraConflictDialog *self) {
  g_autofree char *both = tessera_disagreement_join (self->conflict);

  start (self, both, FALSE);
}

static void
other_clicked_cb (TesseraConflictDialog *self) {
  const char *name = self->conflict->field->name;
  const char *value = NULL;

  if (!tessera_form_validate (self->form))
    return;
  value = tessera_form_get_value (self->form, name);
  if (value != NULL)
    start (self, value, FALSE);
  else
    tessera_form_show_error (self->form, name, _("Write the value that is right."));
}

static void
ask_clicked_cb (TesseraConflictDialog *self) {
  start (self, NULL, TRUE);
}

/* ---- what is seen ---- */

static GtkWidget *
make_label (const char *text, const char *style) {
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 18);
  gtk_widget_add_css_class (label, style);
  return label;
}

static GtkWidget *
make_value (TesseraConflictDialog *self, const TesseraVersion *version) {
  g_autofree char *text = tessera_conflict_describe_value (self->conflict, version);
  gboolean at_a_glance = text != NULL && g_utf8_strlen (text, -1) <= GLANCE_CHARS;
  GtkWidget *label = make_label (text != NULL ? text : _("Empty"), at_a_glance ? "title-2" : "body");

  if (text != NULL)
    tessera_text_show (GTK_LABEL (label), text);
  else
    gtk_widget_add_css_class (label, "dim-label");
  gtk_label_set_selectable (GTK_LABEL (label), text != NULL);
  gtk_widget_set_vexpand (label, TRUE);
  gtk_widget_set_valign (label, GTK_ALIGN_START);
  return label;
}

static void
add_author (TesseraConflictDialog *self, GtkWidget *card, const TesseraVersion *version) {
  g_autofree char *who = tessera_conflict_name_device (self->colleagues, version->device);
  g_autofree char *when = tessera_text_instant (version->at);

  gtk_box_append (GTK_BOX (card), make_label (who, "heading"));
  gtk_box_append (GTK_BOX (card), make_label (when, "dim-label"));
}

static gboolean
is_same (const TesseraVersion *a, const TesseraVersion *b) {
  return g_strcmp0 (a->value, b->value) == 0;
}

static const TesseraVersion *
get_version (TesseraConflictDialog *self, guint place) {
  return g_ptr_array_index (self->conflict->versions, place);
}

static GtkWidget *
make_keep_button (TesseraConflictDialog *self, const TesseraVersion *version) {
  GtkWidget *button = gtk_button_new_with_label (_("Keep This One"));
  g_autofree char *text = tessera_conflict_describe_value (self->conflict, version);
  g_autofree char *isolated = tessera_text_isolate (text != NULL ? text : _("Empty"));
  g_autofree char *spoken = g_strdup_printf (_("Keep %s"), isolated);

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  g_object_set_data (G_OBJECT (button), "version", (gpointer) version);
  g_signal_connect_object (button, "clicked", G_CALLBACK (keep_clicked_cb), self, G_CONNECT_SWAPPED);
  return button;
}

/* Everybody who wrote the same stands on one card. */
static void
add_card (TesseraConflictDialog *self, guint place) {
  const TesseraVersion *version = get_version (self, place);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *child = NULL;

  for (guint i = place; i < self->conflict->versions->len; i++)
    if (is_same (get_version (self, i), version))
      add_author (self, card, get_version (self, i));
  gtk_box_append (GTK_BOX (card), make_value (self, version));
  if (version->shown)
    gtk_box_append (GTK_BOX (card), make_label (_("Shown until you decide"), "caption"));
  gtk_box_append (GTK_BOX (card), make_keep_button (self, version));
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "version-card");
  gtk_widget_set_size_request (card, 210, -1);
  gtk_flow_box_append (self->versions_box, card);
  child = gtk_widget_get_parent (card);
  gtk_widget_set_focusable (child, FALSE);
}

static void
show_versions (TesseraConflictDialog *self) {
  for (guint i = 0; i < self->conflict->versions->len; i++) {
    gboolean again = FALSE;

    for (guint j = 0; j < i && !again; j++)
      again = is_same (get_version (self, i), get_version (self, j));
    if (!again)
      add_card (self, i);
  }
}

static void
show_both (TesseraConflictDialog *self) {
  g_autofree char *both = tessera_disagreement_join (self->conflict);

  gtk_widget_set_visible (GTK_WIDGET (self->both_group), both != NULL);
  if (both != NULL)
    adw_action_row_set_subtitle (self->both_row, both);
}

static void
show_other (TesseraConflictDialog *self) {
  const char *fields[] = { self->conflict->field->name, NULL };

  gtk_widget_set_visible (GTK_WIDGET (self->other_box), tessera_disagreement_may_write (self->conflict));
  if (!tessera_disagreement_may_write (self->conflict))
    return;
  self->form = TESSERA_FORM (g_object_ref_sink (
    tessera_form_new (self->session, self->conflict->entity->name, fields, NULL)));
  gtk_box_insert_child_after (self->other_box, GTK_WIDGET (self->form),
                              gtk_widget_get_first_child (GTK_WIDGET (self->other_box)));
  if (self->state != NULL)
    tessera_form_restore_state (self->form, self->state);
  g_clear_pointer (&self->state, g_variant_unref);
}

static void
show (TesseraConflictDialog *self) {
  g_autofree char *client
    = self->conflict->client != NULL ? tessera_screen_name_client (self->conflict->client) : NULL;

  tessera_text_show (self->client_label, client != NULL ? client : tessera_entity_get_label (self->conflict->entity));
  gtk_label_set_label (self->field_label, tessera_field_get_label (self->conflict->field));
  gtk_widget_set_visible (GTK_WIDGET (self->ask_button), self->conflict->client != NULL);
  if (self->conflict->resolved_at > 0) {
    show_error (self, _("This was decided meanwhile."));
    gtk_widget_set_visible (GTK_WIDGET (self->ask_button), FALSE);
    return;
  }
  show_versions (self);
  show_both (self);
  show_other (self);
}

/* ---- loading ---- */

typedef struct {
  char *id;
  TesseraDisagreement *conflict;
  GHashTable *colleagues;
} Loading;

static void
loading_free (gpointer data) {
  Loading *loading = data;

  g_free (loading->id);
  g_clear_pointer (&loading->conflict, tessera_disagreement_free);
  g_clear_pointer (&loading->colleagues, g_hash_table_unref);
  g_free (loading);
}

static gboolean
read_conflict (TesseraTransaction *transaction, gpointer data, GError **error) {
  Loading *loading = data;

  loading->colleagues = tessera_colleagues_load (transaction, error);
  if (loading->colleagues != NULL)
    loading->conflict = tessera_disagreement_load (transaction, loading->id, error);
  return loading->conflict != NULL;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraConflictDialog) self = data;
  Loading *loading = tessera_store_result_get_data (result);
  g_autoptr (GError) error = NULL;
  gboolean read = tessera_store_finish (TESSERA_STORE (source), result, &error);

  if (self->session == NULL)
    return;
  if (!read) {
    show_error (self, error->message);
    return;
  }
  self->conflict = g_steal_pointer (&loading->conflict);
  self->colleagues = g_steal_pointer (&loading->colleagues);
  show (self);
}

static void
load (TesseraConflictDialog *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Loading *loading = NULL;

  if (store == NULL)
    return;
  loading = g_new0 (Loading, 1);
  loading->id = g_strdup (self->id);
  tessera_store_read_async (store, read_conflict, loading, loading_free, NULL, read_cb, g_object_ref (self));
}

/* ---- the page ---- */

static char *
tessera_conflict_dialog_get_title (TesseraPage *page) {
  return g_strdup (_("Two Versions"));
}

/* What was typed of another value. */
static GVariant *
tessera_conflict_dialog_save_state (TesseraPage *page) {
  TesseraConflictDialog *self = TESSERA_CONFLICT_DIALOG (page);

  return self->form != NULL ? tessera_form_save_state (self->form) : NULL;
}

static void
tessera_conflict_dialog_restore_state (TesseraPage *page, GVariant *state) {
  TesseraConflictDialog *self = TESSERA_CONFLICT_DIALOG (page);

  if (self->form != NULL) {
    tessera_form_restore_state (self->form, state);
    return;
  }
  g_clear_pointer (&self->state, g_variant_unref);
  self->state = g_variant_ref (state);
}

static void
tessera_conflict_dialog_dispose (GObject *object) {
  TesseraConflictDialog *self = TESSERA_CONFLICT_DIALOG (object);

  g_clear_object (&self->form);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_conflict_dialog_parent_class)->dispose (object);
}

static void
tessera_conflict_dialog_finalize (GObject *object) {
  TesseraConflictDialog *self = TESSERA_CONFLICT_DIALOG (object);

  g_clear_pointer (&self->state, g_variant_unref);
  g_clear_pointer (&self->conflict, tessera_disagreement_free);
  g_clear_pointer (&self->colleagues, g_hash_table_unref);
  g_free (self->id);
  G_OBJECT_CLASS (tessera_conflict_dialog_parent_class)->finalize (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_conflict_dialog_get_title;
  iface->save_state = tessera_conflict_dialog_save_state;
  iface->restore_state = tessera_conflict_dialog_restore_state;
}

static void
tessera_conflict_dialog_class_init (TesseraConflictDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_conflict_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_conflict_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-conflict-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraConflictDialog, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraConflictDialog, client_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraConflictDialog, field_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraConflictDialog, versions_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraConflictDialog, both_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraConflictDialog, both_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraConflictDialog, other_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraConflictDialog, other_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraConflictDialog, ask_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraConflictDialog, error_label);
  gtk_widget_class_bind_template_callback (widget_class, both_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, other_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, ask_clicked_cb);
}

static void
tessera_conflict_dialog_init (TesseraConflictDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_conflict_dialog_new (TesseraSession *session, const char *conflict) {
  TesseraConflictDialog *self = g_object_new (TESSERA_TYPE_CONFLICT_DIALOG, NULL);

  self->session = g_object_ref (session);
  self->id = g_strdup (conflict);
  load (self);
  return GTK_WIDGET (self);
}
