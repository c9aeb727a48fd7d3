/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-visit-page.c: writing down a visit while it happens; see the header.
 */
#include "config.h"
#include "tessera-visit-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-form.h"
#include "tessera-intake.h"
#include "tessera-screen.h"
#include "tessera-visits.h"
#include "tessera-window.h"

struct _TesseraVisitPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *client_id;
  char *draft_key;
  TesseraRecord *client;
  gboolean restored; /* a rebuilt page got its state: the draft must not overwrite it */
  gboolean leaving;  /* saved, thrown away, or about to be rebuilt: nothing to say when it goes */

  TesseraForm *form;
  GtkButton *save_button;
  GtkRevealer *draft_revealer;
  GtkScrolledWindow *scroller;
  GtkBox *content;
  GtkLabel *status_label;
};

static void tessera_visit_page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraVisitPage,
                               tessera_visit_page,
                               ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, tessera_visit_page_iface_init))

static void
form_changed_cb (TesseraVisitPage *self) {
  gtk_label_set_label (self->status_label, _("Kept as you type"));
}

/* What is known before anybody types: who it is about, and the language we have for them. */
static void
fill_defaults (TesseraVisitPage *self) {
  tessera_form_set_value (self->form, "client", self->client_id);
  if (tessera_form_get_value (self->form, "how") == NULL)
    tessera_form_set_value (self->form, "how", "in-person");
  if (self->client != NULL && tessera_form_get_value (self->form, "language") == NULL)
    tessera_form_set_value (self->form, "language", tessera_record_get (self->client, "language"));
}

static void
draft_loaded_cb (TesseraVisitPage *self, gboolean found) {
  fill_defaults (self);
  gtk_revealer_set_reveal_child (self->draft_revealer, found && !tessera_form_is_empty (self->form));
}

static void
client_loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraVisitPage) self = data;
  g_autoptr (GError) error = NULL;
  TesseraScreenLoad *load = tessera_store_result_get_data (result);

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    tessera_screen_toast_error (GTK_WIDGET (self), error);
    return;
  }
  g_set_object (&self->client, load->record);
  tessera_page_title_changed (TESSERA_PAGE (self));
  if (self->restored)
    fill_defaults (self);
  else
    tessera_form_load_draft (self->form);
}

typedef struct {
  TesseraRecord *visit;
  char *draft_key;
} Saving;

static void
saving_free (gpointer data) {
  Saving *saving = data;

  g_object_unref (saving->visit);
  g_free (saving->draft_key);
  g_free (saving);
}

/* The draft goes in the transaction that makes the visit: there is never neither and never both. */
static gboolean
save_visit (TesseraTransaction *transaction, gpointer data, GError **error) {
  Saving *saving = data;

  return tessera_visits_record (transaction, saving->visit, error)
         && tessera_transaction_drop_draft (transaction, saving->draft_key, error);
}

/* Locked from the first press until the answer: two presses are one visit. */
static void
set_saving (TesseraVisitPage *self, gboolean saving) {
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "visit.save", !saving);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), !saving);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraVisitPage) self = data;
  g_autoptr (GError) error = NULL;
  TesseraWindow *window = tessera_window_get_for (GTK_WIDGET (self));

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    set_saving (self, FALSE);
    gtk_label_set_label (self->status_label, error->message);
    tessera_screen_toast_error (GTK_WIDGET (self), error);
    return;
  }
  tessera_form_drop_draft (self->form);
  self->leaving = TRUE;
  if (window != NULL) {
    tessera_window_toast (window, _("Visit saved"));
    tessera_window_pop (window);
  }
}

static void
save_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraVisitPage *self = TESSERA_VISIT_PAGE (widget);
  TesseraStore *store = tessera_session_get_store (self->session);
  Saving *saving = NULL;

  if (store == NULL)
    return;
  if (tessera_form_is_empty (self->form)) {
    gtk_label_set_label (self->status_label,
                         _("Write what was said or talked about; then it can be saved."));
    tessera_form_focus (self->form);
    return;
  }
  if (!tessera_form_validate (self->form))
    return;
  set_saving (self, TRUE);
  saving = g_new0 (Saving, 1);
  saving->visit = tessera_record_copy (tessera_form_get_record (self->form));
  saving->draft_key = g_strdup (self->draft_key);
  tessera_store_write_async (store, save_visit, saving, saving_free, NULL, saved_cb, g_object_ref (self));
}

static void
save_clicked_cb (TesseraVisitPage *self) {
  gtk_widget_activate_action (GTK_WIDGET (self), "visit.save", NULL);
}

typedef struct {
  TesseraVisitPage *page;
  GVariant *state;
} Discarded;

static void
discarded_free (gpointer data) {
  Discarded *discarded = data;

  g_object_unref (discarded->page);
  g_variant_unref (discarded->state);
  g_free (discarded);
}

static void
undo_discard (gpointer data) {
  Discarded *discarded = data;

  tessera_form_restore_state (discarded->page->form, discarded->state);
  tessera_form_flush (discarded->page->form);
}

static void
discard_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraVisitPage *self = TESSERA_VISIT_PAGE (widget);
  TesseraWindow *window = tessera_window_get_for (widget);
  g_autoptr (TesseraRecord) fresh
    = tessera_record_new (tessera_session_get_registry (self->session), "visit");
  Discarded *discarded = g_new0 (Discarded, 1);

  discarded->page = g_object_ref (self);
  discarded->state = tessera_form_save_state (self->form);
  tessera_form_drop_draft (self->form);
  tessera_form_set_record (self->form, fresh);
  fill_defaults (self);
  gtk_revealer_set_reveal_child (self->draft_revealer, FALSE);
  if (window != NULL)
    tessera_window_toast_undo (window, _("The unfinished visit was thrown away"), undo_discard, discarded,
                               discarded_free);
  else
    discarded_free (discarded);
}

static void
add_form (TesseraVisitPage *self) {
  static const char *const how[] = { "how", "language", "mediator", NULL };
  static const char *const about[] = { "domains", NULL };
  static const char *const said[] = { "summary", "told", NULL };
  static const char *const next[] = { "next_step", "next_who", "next_by", NULL };
  static const char *const notes[] = { "notes", NULL };

  self->form
    = TESSERA_FORM (g_object_ref_sink (tessera_form_new (self->session, "visit", how, self->draft_key)));
  tessera_form_add_group (self->form, NULL, NULL, about);
  tessera_form_add_group (self->form, NULL, NULL, said);
  tessera_form_add_group (self->form, _("What Happens Next"), NULL, next);
  tessera_form_add_group (
    self->form, _("Only for the House"),
    _("Your own notes. They never leave the house: no partner and no bundle gets them, "
       "whatever the client agrees to."),
    notes);

  gtk_box_append (self->content, GTK_WIDGET (self->form));
  g_signal_connect_object (self->form, "changed", G_CALLBACK (form_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->form, "draft-loaded", G_CALLBACK (draft_loaded_cb), self, G_CONNECT_SWAPPED);
}

static char *
tessera_visit_page_get_title (TesseraPage *page) {
  return g_strdup (_("Record Visit"));
}

static char *
tessera_visit_page_get_subtitle (TesseraPage *page) {
  TesseraVisitPage *self = TESSERA_VISIT_PAGE (page);

  return self->client != NULL ? tessera_screen_name_client (self->client) : NULL;
}

static GtkWidget *
tessera_visit_page_get_header_widget (TesseraPage *page) {
  return GTK_WIDGET (TESSERA_VISIT_PAGE (page)->save_button);
}

static GVariant *
tessera_visit_page_save_state (TesseraPage *page) {
  TesseraVisitPage *self = TESSERA_VISIT_PAGE (page);
  g_autoptr (GVariant) form = tessera_form_save_state (self->form);

  self->leaving = TRUE;
  return g_variant_new ("(vdb)", form,
                        gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->scroller)),
                        gtk_revealer_get_reveal_child (self->draft_revealer));
}

static void
tessera_visit_page_restore_state (TesseraPage *page, GVariant *state) {
  TesseraVisitPage *self = TESSERA_VISIT_PAGE (page);
  g_autoptr (GVariant) form = NULL;
  double scroll = 0;
  gboolean notice = FALSE;

  g_variant_get (state, "(vdb)", &form, &scroll, &notice);
  self->restored = TRUE;
  tessera_form_restore_state (self->form, form);
  gtk_revealer_set_reveal_child (self->draft_revealer, notice);
  tessera_screen_scroll_later (self->scroller, scroll);
}

static void
tessera_visit_page_focus (TesseraPage *page) {
  TesseraVisitPage *self = TESSERA_VISIT_PAGE (page);

  /* Whoever opens this page is in the middle of a conversation: the first key is the first letter of it. */
  if (!self->restored)
    tessera_form_focus_field (self->form, "summary");
}

static void
tessera_visit_page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_visit_page_get_title;
  iface->get_subtitle = tessera_visit_page_get_subtitle;
  iface->get_header_widget = tessera_visit_page_get_header_widget;
  iface->save_state = tessera_visit_page_save_state;
  iface->restore_state = tessera_visit_page_restore_state;
  iface->focus = tessera_visit_page_focus;
}

static void
tessera_visit_page_unroot (GtkWidget *widget) {
  TesseraVisitPage *self = TESSERA_VISIT_PAGE (widget);
  TesseraWindow *window = tessera_screen_get_living_window (widget, self->session);

  if (!self->leaving && window != NULL && self->form != NULL && !tessera_form_is_empty (self->form))
    tessera_window_toast (window, _("The unfinished visit is kept as a draft"));
  GTK_WIDGET_CLASS (tessera_visit_page_parent_class)->unroot (widget);
}

static void
tessera_visit_page_dispose (GObject *object) {
  TesseraVisitPage *self = TESSERA_VISIT_PAGE (object);

  g_clear_object (&self->form);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_VISIT_PAGE);
  g_clear_object (&self->client);
  g_clear_object (&self->session);
  g_clear_pointer (&self->client_id, g_free);
  g_clear_pointer (&self->draft_key, g_free);
  G_OBJECT_CLASS (tessera_visit_page_parent_class)->dispose (object);
}

static void
tessera_visit_page_class_init (TesseraVisitPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_visit_page_dispose;
  widget_class->unroot = tessera_visit_page_unroot;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-visit-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraVisitPage, save_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraVisitPage, draft_revealer);
  gtk_widget_class_bind_template_child (widget_class, TesseraVisitPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, TesseraVisitPage, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraVisitPage, status_label);
  gtk_widget_class_bind_template_callback (widget_class, save_clicked_cb);
  gtk_widget_class_install_action (widget_class, "visit.save", NULL, save_cb);
  gtk_widget_class_install_action (widget_class, "visit.discard", NULL, discard_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "visit.save", NULL);
}

static void
tessera_visit_page_init (TesseraVisitPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_visit_page_new (TesseraSession *session, const char *client) {
  TesseraVisitPage *self = g_object_new (TESSERA_TYPE_VISIT_PAGE, NULL);

  self->session = g_object_ref (session);
  self->client_id = g_strdup (client);
  self->draft_key = g_strconcat ("visit:", client, NULL);
  add_form (self);
  tessera_screen_load_client (session, client, client_loaded_cb, g_object_ref (self));
  return GTK_WIDGET (self);
}
