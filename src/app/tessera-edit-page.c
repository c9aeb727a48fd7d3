/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-edit-page.c: everything known about a person, to be changed.
 *
 * Only fields a person changed here are written, so that what a colleague saved meanwhile stays.
 */
#include "config.h"
#include "tessera-edit-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-form.h"
#include "tessera-intake.h"
#include "tessera-page.h"
#include "tessera-window.h"

static const char *const who_fields[] = { "name",   "how_to_call", "other_names", "birth_date",
                                          "birth_year", "gender",  NULL };
static const char *const talk_fields[] = { "language", "languages", "interpreter_needed", NULL };
static const char *const contact_fields[] = { "phone",  "email",      "address", "safe_contact",
                                              "safe_times", "do_not", NULL };
static const char *const life_fields[] = { "household_size",    "housing_situation", "work_situation",
                                           "expectation", NULL };
static const char *const care_fields[]
  = { "access_needs", "health_note", "protection_note", "risk_level", NULL };
static const char *const house_fields[] = { "worker", "notes", NULL };

struct _TesseraEditPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *client_id;
  TesseraRecord *original;
  TesseraForm *form;
  GVariant *state;
  gboolean saving;

  GtkWidget *save_button;
  GtkScrolledWindow *scroller;
  GtkBox *content;
  GtkWidget *draft_box;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraEditPage, tessera_edit_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

typedef struct {
  char *client_id;
  TesseraRecord *original;
  TesseraRecord *edited;
} Edit;

static void
edit_free (gpointer data) {
  Edit *edit = data;

  g_free (edit->client_id);
  g_clear_object (&edit->original);
  g_clear_object (&edit->edited);
  g_free (edit);
}

static gboolean
read_client (TesseraTransaction *transaction, gpointer data, GError **error) {
  Edit *edit = data;

  edit->original = tessera_intake_resolve (transaction, edit->client_id, error);
  return edit->original != NULL;
}

static gboolean
save_client (TesseraTransaction *transaction, gpointer data, GError **error) {
  Edit *edit = data;
  const TesseraEntity *entity = tessera_record_get_entity (edit->edited);
  g_autoptr (TesseraRecord) stored = tessera_transaction_load (transaction, "client", edit->client_id, error);

  if (stored == NULL)
    return FALSE;
  for (guint i = 0; i < entity->n_fields; i++)
    if (g_strcmp0 (tessera_record_get_at (edit->edited, i), tessera_record_get_at (edit->original, i)) != 0)
      tessera_record_set_at (stored, i, tessera_record_get_at (edit->edited, i));
  return tessera_transaction_save (transaction, stored, error);
}

static void
take_client (TesseraEditPage *self, TesseraRecord *client) {
  self->original = g_object_ref (client);
  tessera_form_set_record (self->form, client);
  gtk_widget_set_sensitive (GTK_WIDGET (self->form), TRUE);
  if (self->state != NULL) {
    tessera_form_restore_state (self->form, self->state);
    g_clear_pointer (&self->state, g_variant_unref);
  } else {
    tessera_form_load_draft (self->form);
    tessera_form_focus (self->form);
  }
  tessera_page_title_changed (TESSERA_PAGE (self));
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraEditPage) self = user_data;
  Edit *edit = tessera_store_result_get_data (result);
  g_autoptr (GError) error = NULL;
  gboolean read = tessera_store_finish (TESSERA_STORE (source), result, &error);

  if (self->session == NULL)
    return;
  if (read)
    take_client (self, edit->original);
  else if (tessera_window_get_for (GTK_WIDGET (self)) != NULL)
    tessera_window_toast_error (tessera_window_get_for (GTK_WIDGET (self)), error);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraEditPage) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean saved = tessera_store_finish (TESSERA_STORE (source), result, &error);
  TesseraWindow *window = self->session != NULL ? tessera_window_get_for (GTK_WIDGET (self)) : NULL;

  self->saving = FALSE;
  if (window == NULL)
    return;
  if (!saved) {
    tessera_window_toast_error (window, error);
    return;
  }
  tessera_form_drop_draft (self->form);
  tessera_window_pop (window);
  tessera_window_toast (window, _("Saved"));
}

static void
save_cb (TesseraEditPage *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Edit *edit = NULL;

  if (self->saving || store == NULL || self->original == NULL || !tessera_form_validate (self->form))
    return;
  self->saving = TRUE;
  edit = g_new0 (Edit, 1);
  edit->original = g_object_ref (self->original);
  edit->edited = tessera_record_copy (tessera_form_get_record (self->form));
  edit->client_id = g_strdup (tessera_record_get_id (self->original));
  tessera_store_write_async (store, save_client, edit, edit_free, NULL, saved_cb, g_object_ref (self));
}

static void
throw_away_cb (TesseraEditPage *self) {
  tessera_form_set_record (self->form, self->original);
  tessera_form_drop_draft (self->form);
  gtk_widget_set_visible (self->draft_box, FALSE);
}

static void
draft_loaded_cb (TesseraEditPage *self, gboolean found) {
  if (found)
    gtk_widget_set_visible (self->draft_box, TRUE);
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter) {
  save_cb (TESSERA_EDIT_PAGE (widget));
}

static char *
tessera_edit_page_get_title (TesseraPage *page) {
  return g_strdup (_("Edit"));
}

static char *
tessera_edit_page_get_subtitle (TesseraPage *page) {
  TesseraEditPage *self = TESSERA_EDIT_PAGE (page);
  const char *name = NULL;

  if (self->original == NULL)
    return NULL;
  name = tessera_record_get (self->original, "how_to_call");
  return g_strdup (name != NULL ? name : tessera_record_get (self->original, "name"));
}

static GtkWidget *
tessera_edit_page_get_header_widget (TesseraPage *page) {
  return TESSERA_EDIT_PAGE (page)->save_button;
}

static GVariant *
tessera_edit_page_save_state (TesseraPage *page) {
  TesseraEditPage *self = TESSERA_EDIT_PAGE (page);
  g_autoptr (GVariant) form = NULL;

  if (self->original == NULL)
    return NULL;
  form = tessera_form_save_state (self->form);
  return g_variant_new ("(bv)", gtk_widget_get_visible (self->draft_box), form);
}

static void
tessera_edit_page_restore_state (TesseraPage *page, GVariant *state) {
  TesseraEditPage *self = TESSERA_EDIT_PAGE (page);
  gboolean draft = FALSE;

  /* The client is still being read: the form takes it when the values to compare with are there. */
  g_clear_pointer (&self->state, g_variant_unref);
  g_variant_get (state, "(bv)", &draft, &self->state);
  gtk_widget_set_visible (self->draft_box, draft);
}

static void
tessera_edit_page_focus (TesseraPage *page) {
  tessera_form_focus (TESSERA_EDIT_PAGE (page)->form);
}

static void
tessera_edit_page_dispose (GObject *object) {
  TesseraEditPage *self = TESSERA_EDIT_PAGE (object);

  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_EDIT_PAGE);
  g_clear_pointer (&self->state, g_variant_unref);
  g_clear_object (&self->original);
  g_clear_object (&self->session);
  g_clear_pointer (&self->client_id, g_free);
  G_OBJECT_CLASS (tessera_edit_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_edit_page_get_title;
  iface->get_subtitle = tessera_edit_page_get_subtitle;
  iface->get_header_widget = tessera_edit_page_get_header_widget;
  iface->save_state = tessera_edit_page_save_state;
  iface->restore_state = tessera_edit_page_restore_state;
  iface->focus = tessera_edit_page_focus;
}

static void
tessera_edit_page_class_init (TesseraEditPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_edit_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-edit-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraEditPage, save_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraEditPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, TesseraEditPage, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraEditPage, draft_box);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_bind_template_callback (widget_class, throw_away_cb);
  gtk_widget_class_install_action (widget_class, "edit.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "edit.save", NULL);
}

static void
tessera_edit_page_init (TesseraEditPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
build_form (TesseraEditPage *self) {
  g_autofree char *draft_key = g_strconcat ("client:", self->client_id, NULL);

  self->form = TESSERA_FORM (tessera_form_new (self->session, "client", NULL, draft_key));
  tessera_form_add_group (self->form, _("Who They Are"), NULL, who_fields);
  tessera_form_add_group (self->form, _("Speaking Together"), NULL, talk_fields);
  tessera_form_add_group (self->form, _("Reaching Them Safely"), NULL, contact_fields);
  tessera_form_add_group (self->form, _("How They Live"), NULL, life_fields);
  tessera_form_add_group (self->form, _("Care"),
                          _("Shared with a partner only when the person agreed to exactly this."),
                          care_fields);
  tessera_form_add_group (self->form, _("In the House"), _("Never leaves the organization."), house_fields);
  gtk_widget_set_sensitive (GTK_WIDGET (self->form), FALSE);
  gtk_box_append (self->content, GTK_WIDGET (self->form));
  g_signal_connect_object (self->form, "draft-loaded", G_CALLBACK (draft_loaded_cb), self, G_CONNECT_SWAPPED);
}

GtkWidget *
tessera_edit_page_new (TesseraSession *session, const char *argument) {
  TesseraEditPage *self = g_object_new (TESSERA_TYPE_EDIT_PAGE, NULL);
  Edit *edit = g_new0 (Edit, 1);

  self->session = g_object_ref (session);
  self->client_id = g_strdup (argument);
  build_form (self);
  edit->client_id = g_strdup (argument);
  if (tessera_session_get_store (session) != NULL)
    tessera_store_read_async (tessera_session_get_store (session), read_client, edit, edit_free, NULL,
                              read_cb, g_object_ref (self));
  else
    edit_free (edit);
  return GTK_WIDGET (self);
}
