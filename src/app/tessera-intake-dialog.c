/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-intake-dialog.c: a new client: looks for the person first, then registers.
 *
 * While the name is typed, people who may be the same are shown with why; choosing one opens them instead.
 * Few fields: the rest of the record grows with the visits.
 */
#include "config.h"
#include "tessera-intake-dialog.h"

#include <glib/gi18n-lib.h>

#include "tessera-form.h"
#include "tessera-intake.h"
#include "tessera-page.h"
#include "tessera-text.h"
#include "tessera-window.h"

#define DRAFT_KEY "client:new"
#define SHOWN_SIMILAR 4
/* Below this two people are merely namesakes of a sort. */
#define LEAST_SCORE 40

static const char *const name_fields[] = { "name", "how_to_call", NULL };
static const char *const talk_fields[] = { "language", "languages", "interpreter_needed", NULL };
static const char *const contact_fields[] = { "phone", "safe_contact", "do_not", NULL };
static const char *const wish_fields[] = { "expectation", NULL };

struct _TesseraIntakeDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  TesseraForm *form;
  AdwPreferencesGroup *similar_group;
  GPtrArray *similar_rows;
  GCancellable *search;
  gboolean saving;

  GtkBox *content;
  GtkWidget *draft_box;
  GtkWidget *register_button;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraIntakeDialog, tessera_intake_dialog, ADW_TYPE_WINDOW,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

typedef struct {
  TesseraRecord *client;
  GPtrArray *similar;
} Search;

static void
search_free (gpointer data) {
  Search *search = data;

  g_object_unref (search->client);
  g_clear_pointer (&search->similar, g_ptr_array_unref);
  g_free (search);
}

static gboolean
find_similar (TesseraTransaction *transaction, gpointer data, GError **error) {
  Search *search = data;

  search->similar = tessera_intake_find_similar (transaction, search->client, SHOWN_SIMILAR, error);
  return search->similar != NULL;
}

static void
open_similar_cb (TesseraIntakeDialog *self, GtkWidget *row) {
  TesseraWindow *window = tessera_window_get_for (GTK_WIDGET (self));
  g_autofree char *id = g_strdup (g_object_get_data (G_OBJECT (row), "client"));

  tessera_form_drop_draft (self->form);
  gtk_window_destroy (GTK_WINDOW (self));
  tessera_window_open_client (window, id);
}

static char *
describe_reasons (const TesseraSimilarity *similarity) {
  g_autoptr (GString) text = g_string_new (tessera_record_get (similarity->client, "code"));

  for (guint i = 0; similarity->reasons != NULL && similarity->reasons[i] != NULL; i++)
    g_string_append_printf (text, " · %s", tessera_similarity_get_reason_label (similarity->reasons[i]));
  return g_strdup (text->str);
}

static void
add_similar (TesseraIntakeDialog *self, const TesseraSimilarity *similarity) {
  TesseraRecord *client = similarity->client;
  const char *name = tessera_record_get (client, "name");
  const char *call = tessera_record_get (client, "how_to_call");
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *avatar = adw_avatar_new (32, name != NULL ? name : call, TRUE);
  g_autofree char *reasons = describe_reasons (similarity);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name != NULL ? name : call);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), reasons);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), avatar);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "client", g_strdup (tessera_record_get_id (client)), g_free);
  g_signal_connect_object (row, "activated", G_CALLBACK (open_similar_cb), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (self->similar_group, row);
  g_ptr_array_add (self->similar_rows, row);
}

static void
show_similar (TesseraIntakeDialog *self, GPtrArray *similar) {
  for (guint i = 0; i < self->similar_rows->len; i++)
    adw_preferences_group_remove (self->similar_group, self->similar_rows->pdata[i]);
  g_ptr_array_set_size (self->similar_rows, 0);
  for (guint i = 0; similar != NULL && i < similar->len; i++)
    if (((TesseraSimilarity *) similar->pdata[i])->score >= LEAST_SCORE)
      add_similar (self, similar->pdata[i]);
  gtk_widget_set_visible (GTK_WIDGET (self->similar_group), self->similar_rows->len > 0);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraIntakeDialog) self = user_data;
  Search *search = tessera_store_result_get_data (result);

  if (tessera_store_finish (TESSERA_STORE (source), result, NULL) && self->session != NULL)
    show_similar (self, search->similar);
}

static void
look_for_similar (TesseraIntakeDialog *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Search *search = NULL;

  g_cancellable_cancel (self->search);
  g_clear_object (&self->search);
  if (store == NULL)
    return;
  self->search = g_cancellable_new ();
  search = g_new0 (Search, 1);
  search->client = tessera_record_copy (tessera_form_get_record (self->form));
  tessera_store_read_async (store, find_similar, search, search_free, self->search, found_cb,
                            g_object_ref (self));
}

static gboolean
has_name (TesseraIntakeDialog *self) {
  return tessera_form_get_value (self->form, "name") != NULL ||
         tessera_form_get_value (self->form, "how_to_call") != NULL;
}

static void
update (TesseraIntakeDialog *self) {
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "intake.register", has_name (self) && !self->saving);
}

static void
changed_cb (TesseraIntakeDialog *self, const char *field) {
  update (self);
  if (g_str_equal (field, "name") || g_str_equal (field, "how_to_call") || g_str_equal (field, "phone"))
    look_for_similar (self);
}

static void
draft_loaded_cb (TesseraIntakeDialog *self, gboolean found) {
  if (found)
    gtk_widget_set_visible (self->draft_box, TRUE);
  update (self);
  look_for_similar (self);
}

static void
start_over_cb (TesseraIntakeDialog *self) {
  g_autoptr (TesseraRecord) empty
    = tessera_record_new (tessera_session_get_registry (self->session), "client");

  tessera_form_set_record (self->form, empty);
  tessera_form_drop_draft (self->form);
  gtk_widget_set_visible (self->draft_box, FALSE);
  update (self);
  look_for_similar (self);
  tessera_form_focus (self->form);
}

static gboolean
register_client (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_intake_register (transaction, data, error) &&
         tessera_transaction_drop_draft (transaction, DRAFT_KEY, error);
}

static void
registered_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraIntakeDialog) self = user_data;
  g_autoptr (TesseraRecord) client = g_object_ref (tessera_store_result_get_data (result));
  g_autoptr (GError) error = NULL;
  gboolean saved = tessera_store_finish (TESSERA_STORE (source), result, &error);
  TesseraWindow *window = self->session != NULL ? tessera_window_get_for (GTK_WIDGET (self)) : NULL;
  const char *call = tessera_record_get (client, "how_to_call");
  g_autofree char *text = NULL;

  self->saving = FALSE;
  if (window == NULL)
    return;
  if (!saved) {
    update (self);
    tessera_form_show_error (self->form, "name", error->message);
    return;
  }
  tessera_form_drop_draft (self->form);
  gtk_window_destroy (GTK_WINDOW (self));
  tessera_window_open_client (window, tessera_record_get_id (client));
  /* Translators: first a name, then a client code. */
  text = g_strdup_printf (_("%s is registered as %s"),
                          call != NULL ? call : tessera_record_get (client, "name"),
                          tessera_record_get (client, "code"));
  tessera_window_toast (window, text);
}

static void
register_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  TesseraIntakeDialog *self = TESSERA_INTAKE_DIALOG (widget);
  TesseraStore *store = tessera_session_get_store (self->session);

  if (self->saving || store == NULL || !tessera_form_validate (self->form))
    return;
  self->saving = TRUE;
  update (self);
  tessera_store_write_async (store, register_client,
                             tessera_record_copy (tessera_form_get_record (self->form)), g_object_unref, NULL,
                             registered_cb, g_object_ref (self));
}

static char *
tessera_intake_dialog_get_title (TesseraPage *page) {
  return g_strdup (_("New Client"));
}

static GVariant *
tessera_intake_dialog_save_state (TesseraPage *page) {
  TesseraIntakeDialog *self = TESSERA_INTAKE_DIALOG (page);
  g_autoptr (GVariant) form = tessera_form_save_state (self->form);

  return g_variant_new ("(bv)", gtk_widget_get_visible (self->draft_box), form);
}

static void
tessera_intake_dialog_restore_state (TesseraPage *page, GVariant *state) {
  TesseraIntakeDialog *self = TESSERA_INTAKE_DIALOG (page);
  g_autoptr (GVariant) form = NULL;
  gboolean draft = FALSE;

  g_variant_get (state, "(bv)", &draft, &form);
  gtk_widget_set_visible (self->draft_box, draft);
  tessera_form_restore_state (self->form, form);
  update (self);
  look_for_similar (self);
}

static void
tessera_intake_dialog_focus (TesseraPage *page) {
  tessera_form_focus (TESSERA_INTAKE_DIALOG (page)->form);
}

static void
tessera_intake_dialog_dispose (GObject *object) {
  TesseraIntakeDialog *self = TESSERA_INTAKE_DIALOG (object);

  g_cancellable_cancel (self->search);
  g_clear_object (&self->search);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_INTAKE_DIALOG);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_intake_dialog_parent_class)->dispose (object);
}

static void
tessera_intake_dialog_finalize (GObject *object) {
  g_ptr_array_unref (TESSERA_INTAKE_DIALOG (object)->similar_rows);
  G_OBJECT_CLASS (tessera_intake_dialog_parent_class)->finalize (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_intake_dialog_get_title;
  iface->save_state = tessera_intake_dialog_save_state;
  iface->restore_state = tessera_intake_dialog_restore_state;
  iface->focus = tessera_intake_dialog_focus;
}

static void
tessera_intake_dialog_class_init (TesseraIntakeDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_intake_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_intake_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-intake-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraIntakeDialog, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraIntakeDialog, draft_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraIntakeDialog, register_button);
  gtk_widget_class_bind_template_callback (widget_class, start_over_cb);
  gtk_widget_class_install_action (widget_class, "intake.register", NULL, register_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "intake.register", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, GDK_CONTROL_MASK, "intake.register",
                                       NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
tessera_intake_dialog_init (TesseraIntakeDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  self->similar_rows = g_ptr_array_new ();
}

static void
build_form (TesseraIntakeDialog *self) {
  const char *const none[] = { NULL };

  self->form = TESSERA_FORM (tessera_form_new (self->session, "client", none, DRAFT_KEY));
  tessera_form_add_group (self->form, NULL, NULL, name_fields);
  self->similar_group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->similar_group, _("Already Here?"));
  adw_preferences_group_set_description (self->similar_group,
                                         _("Choose the person instead of registering twice."));
  gtk_widget_set_visible (GTK_WIDGET (self->similar_group), FALSE);
  gtk_box_append (GTK_BOX (self->form), GTK_WIDGET (self->similar_group));
  tessera_form_add_group (self->form, _("Speaking Together"), NULL, talk_fields);
  tessera_form_add_group (self->form, _("Reaching Them Safely"), NULL, contact_fields);
  tessera_form_add_group (self->form, _("Why They Came"), NULL, wish_fields);
  gtk_box_append (self->content, GTK_WIDGET (self->form));
  g_signal_connect_object (self->form, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->form, "draft-loaded", G_CALLBACK (draft_loaded_cb), self, G_CONNECT_SWAPPED);
}

GtkWidget *
tessera_intake_dialog_new (TesseraSession *session, const char *argument) {
  TesseraIntakeDialog *self = g_object_new (TESSERA_TYPE_INTAKE_DIALOG, NULL);

  self->session = g_object_ref (session);
  build_form (self);
  /* What was searched for in vain is most likely the name; a person can change it. */
  if (argument != NULL)
    tessera_form_set_value (self->form, "name", argument);
  update (self);
  tessera_form_load_draft (self->form);
  return GTK_WIDGET (self);
}
