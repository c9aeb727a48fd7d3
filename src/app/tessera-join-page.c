/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-join-page.c: a new laptop becomes one of the organization's; see the header.
 */
#include "config.h"
#include "tessera-join-page.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-age-armor.h"
#include "tessera-carriers-box.h"
#include "tessera-exchange-work.h"
#include "tessera-joining-work.h"
#include "tessera-language.h"
#include "tessera-page.h"
#include "tessera-qr.h"
#include "tessera-text.h"

#define SUFFIX ".tessera-request"

struct _TesseraJoinPage {
  AdwBin parent_instance;

  TesseraSession *session;
  TesseraJoiningState *state;
  TesseraInvited *invited;     /* the invitation that a person looks at */
  GtkFileChooserNative *chooser;
  GtkWidget *carriers_box;
  gboolean busy;

  GtkMenuButton *language_button;
  AdwButtonContent *language_content;
  GtkLabel *title_label;
  GtkWidget *ask_box;
  GtkLabel *fingerprint_label;
  GtkWidget *save_button;
  GtkWidget *qr_row;
  GtkPicture *qr_picture;
  GtkWidget *open_button;
  GtkWidget *compare_box;
  GtkLabel *organization_label;
  GtkWidget *join_button;
  GtkWidget *fetch_box;
  GtkLabel *fetch_label;
  AdwBin *carriers_bin;
  GtkButton *begin_button;
  GtkLabel *message;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraJoinPage, tessera_join_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static void load (TesseraJoinPage *self);

static gboolean
is_alive (TesseraJoinPage *self) {
  return self->session != NULL && tessera_session_get_store (self->session) != NULL;
}

static void
show_message (TesseraJoinPage *self, const char *text) {
  gtk_label_set_label (self->message, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), text != NULL);
}

static void
update (TesseraJoinPage *self) {
  gtk_widget_set_sensitive (self->save_button, !self->busy);
  gtk_widget_set_sensitive (self->open_button, !self->busy);
  gtk_widget_set_sensitive (self->join_button, !self->busy);
}

/* ---- the three steps ---- */

/* What comes is shown first: GTK 4.8 moves the focus of what is hidden a frame later, wherever it is then. */
static void
show_box (TesseraJoinPage *self, GtkWidget *box, GtkWidget *focus) {
  GtkWidget *const boxes[] = { self->ask_box, self->compare_box, self->fetch_box };
  gboolean was_shown = gtk_widget_get_visible (box);

  gtk_widget_set_visible (box, TRUE);
  if (!was_shown && gtk_widget_get_root (box) != NULL && focus != NULL)
    gtk_widget_grab_focus (focus);
  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    gtk_widget_set_visible (boxes[i], boxes[i] == box);
}

static void
show_asking (TesseraJoinPage *self) {
  g_autoptr (GdkPaintable) qr = tessera_qr_new (self->state->request);

  gtk_label_set_label (self->title_label, _("Join an Organization"));
  gtk_label_set_label (self->fingerprint_label, self->state->fingerprint);
  gtk_picture_set_paintable (self->qr_picture, qr);
  if (qr != NULL)
    gtk_widget_set_size_request (GTK_WIDGET (self->qr_picture), -1, gdk_paintable_get_intrinsic_height (qr));
  gtk_widget_set_visible (self->qr_row, qr != NULL);
  show_box (self, self->ask_box, self->save_button);
}

static void
show_invited (TesseraJoinPage *self) {
  g_autofree char *name = tessera_text_isolate (self->invited->organization);
  /* Translators: %s is the name of an organization. */
  g_autofree char *title = g_strdup_printf (_("Join %s?"), name);

  gtk_label_set_label (self->title_label, title);
  gtk_label_set_label (self->organization_label, self->invited->fingerprint);
  show_box (self, self->compare_box, self->join_button);
}

static char *
describe_fetched (TesseraJoinPage *self) {
  guint n_clients = (guint) self->state->n_clients;

  if (!self->state->has_roster)
    return g_strdup (_("Now fetch what the others wrote: add the stick, the folder or the server that your organization "
                       "uses, and exchange. The supervisor must have exchanged after admitting this laptop."));
  if (n_clients == 0)
    return g_strdup (_("This laptop is one of the organization’s now. What the others write comes with every exchange."));
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "It is here: %u client.", "It is here: %u clients.", n_clients),
                          n_clients);
}

static void
make_carriers_box (TesseraJoinPage *self) {
  if (self->carriers_box != NULL)
    return;
  self->carriers_box = tessera_carriers_box_new (self->session);
  adw_bin_set_child (self->carriers_bin, self->carriers_box);
  g_signal_connect_object (self->carriers_box, "visited", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
}

static void
show_fetching (TesseraJoinPage *self) {
  g_autofree char *text = describe_fetched (self);

  make_carriers_box (self);
  gtk_label_set_label (self->title_label, self->state->organization);
  gtk_label_set_label (self->fetch_label, text);
  gtk_button_set_label (self->begin_button, self->state->has_roster ? _("Begin") : _("Begin Without It"));
  if (self->state->has_roster)
    gtk_widget_add_css_class (GTK_WIDGET (self->begin_button), "suggested-action");
  show_box (self, self->fetch_box, NULL);
}

static void
show_state (TesseraJoinPage *self) {
  if (!self->state->is_asking)
    show_fetching (self);
  else if (self->invited != NULL)
    show_invited (self);
  else
    show_asking (self);
  update (self);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraJoinPage) self = data;
  g_autoptr (GError) error = NULL;
  TesseraJoiningState *state = tessera_store_result_get_data (result);
  gboolean loaded = tessera_store_finish (TESSERA_STORE (source), result, &error);

  if (!is_alive (self))
    return;
  if (!loaded) {
    show_message (self, error->message);
    return;
  }
  g_clear_pointer (&self->state, tessera_joining_state_free);
  self->state = g_memdup2 (state, sizeof *state);
  memset (state, 0, sizeof *state);
  show_state (self);
}

static void
load (TesseraJoinPage *self) {
  if (is_alive (self))
    tessera_store_read_async (tessera_session_get_store (self->session), tessera_joining_load,
                              g_new0 (TesseraJoiningState, 1), tessera_joining_state_free, NULL, loaded_cb,
                              g_object_ref (self));
}

/* ---- asking ---- */

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraJoinPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean saved = g_file_replace_contents_finish (G_FILE (source), result, NULL, &error);

  if (is_alive (self))
    show_message (self, saved ? _("Saved. Give it to a supervisor.") : error->message);
}

static GtkFileChooserNative *
make_chooser (TesseraJoinPage *self, const char *title, GtkFileChooserAction action, const char *accept) {
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
    title, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), action, accept, _("Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  return chooser;
}

/* The file chooser has asked before a file is replaced. */
static void
place_chosen_cb (TesseraJoinPage *self, int response) {
  g_autoptr (GFile) file = NULL;
  g_autoptr (GBytes) text = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_clear_object (&self->chooser);
  if (file == NULL || self->state == NULL || self->state->request == NULL)
    return;
  text = g_bytes_new (self->state->request, strlen (self->state->request));
  g_file_replace_contents_bytes_async (file, text, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, saved_cb,
                                       g_object_ref (self));
}

static void
save_cb (TesseraJoinPage *self) {
  if (self->chooser != NULL)
    return;
  self->chooser = make_chooser (self, _("Save the Request"), GTK_FILE_CHOOSER_ACTION_SAVE, _("Save"));
  /* Without a name in it: whoever finds the stick need not know who works where. */
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), "laptop" SUFFIX);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (place_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* ---- the invitation ---- */

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraJoinPage) self = data;
  g_autoptr (GError) error = NULL;
  TesseraInvited *invited = tessera_store_result_get_data (result);
  gboolean good = tessera_store_finish (TESSERA_STORE (source), result, &error);

  if (!is_alive (self))
    return;
  self->busy = FALSE;
  show_message (self, good ? NULL : error->message);
  if (good) {
    g_clear_pointer (&self->invited, tessera_invited_free);
    self->invited = g_memdup2 (invited, sizeof *invited);
    memset (invited, 0, sizeof *invited);
  }
  show_state (self);
}

static void
invitation_read_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraJoinPage) self = data;
  g_autoptr (GError) error = NULL;
  GBytes *file = tessera_exchange_read_file_finish (G_FILE (source), result, &error);
  TesseraInvited *invited = NULL;

  if (file == NULL || !is_alive (self)) {
    g_clear_pointer (&file, g_bytes_unref);
    self->busy = FALSE;
    if (is_alive (self))
      show_message (self, error->message);
    update (self);
    return;
  }
  invited = g_new0 (TesseraInvited, 1);
  invited->file = file;
  tessera_store_read_async (tessera_session_get_store (self->session), tessera_joining_look, invited,
                            tessera_invited_free, NULL, looked_cb, g_object_ref (self));
}

static void
invitation_chosen_cb (TesseraJoinPage *self, int response) {
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_clear_object (&self->chooser);
  if (file == NULL)
    return;
  self->busy = TRUE;
  show_message (self, NULL);
  update (self);
  tessera_exchange_read_file_async (file, TESSERA_AGE_ARMOR_MAX_SIZE, invitation_read_cb, g_object_ref (self));
}

static void
open_cb (TesseraJoinPage *self) {
  if (self->chooser != NULL)
    return;
  self->chooser = make_chooser (self, _("Open the Invitation"), GTK_FILE_CHOOSER_ACTION_OPEN, _("Open"));
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (invitation_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
refuse_cb (TesseraJoinPage *self) {
  g_clear_pointer (&self->invited, tessera_invited_free);
  show_message (self, _("Nothing was changed. Ask the supervisor for another invitation."));
  show_state (self);
}

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraJoinPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean joined = tessera_store_finish (TESSERA_STORE (source), result, &error);

  if (!is_alive (self))
    return;
  self->busy = FALSE;
  if (joined)
    joined = tessera_session_note_joined (self->session, &error);
  g_clear_pointer (&self->invited, tessera_invited_free);
  show_message (self, joined ? NULL : error->message);
  load (self);
}

static void
join_cb (TesseraJoinPage *self) {
  TesseraInvited *invited = NULL;

  if (self->busy || self->invited == NULL || !is_alive (self))
    return;
  invited = g_new0 (TesseraInvited, 1);
  invited->file = g_bytes_ref (self->invited->file);
  invited->fingerprint = g_strdup (self->invited->fingerprint);
  self->busy = TRUE;
  update (self);
  tessera_store_write_async (tessera_session_get_store (self->session), tessera_joining_accept, invited,
                             tessera_invited_free, NULL, joined_cb, g_object_ref (self));
}

/* A moment later: the window puts the desk in the place of this page and of the button that was pressed. */
static gboolean
begin_later_cb (gpointer data) {
  TesseraJoinPage *self = data;

  if (is_alive (self))
    tessera_session_enter (self->session);
  return G_SOURCE_REMOVE;
}

static void
begin_cb (TesseraJoinPage *self) {
  g_idle_add_full (G_PRIORITY_HIGH, begin_later_cb, g_object_ref (self), g_object_unref);
}

void
tessera_join_page_take_over (TesseraJoinPage *self, TesseraJoinPage *old) {
  self->invited = g_steal_pointer (&old->invited);
}

/* ---- the screen ---- */

static char *
tessera_join_page_get_title (TesseraPage *page) {
  return g_strdup (_("Join an Organization"));
}

static void
tessera_join_page_focus (TesseraPage *page) {
  TesseraJoinPage *self = TESSERA_JOIN_PAGE (page);

  if (self->state != NULL && !self->state->is_asking)
    tessera_carriers_box_focus (TESSERA_CARRIERS_BOX (self->carriers_box));
  else
    gtk_widget_grab_focus (self->invited != NULL ? self->join_button : self->save_button);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_join_page_get_title;
  iface->focus = tessera_join_page_focus;
}

static void
tessera_join_page_dispose (GObject *object) {
  TesseraJoinPage *self = TESSERA_JOIN_PAGE (object);

  g_clear_object (&self->session);
  g_clear_object (&self->chooser);
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_JOIN_PAGE);
  G_OBJECT_CLASS (tessera_join_page_parent_class)->dispose (object);
}

static void
tessera_join_page_finalize (GObject *object) {
  TesseraJoinPage *self = TESSERA_JOIN_PAGE (object);

  g_clear_pointer (&self->state, tessera_joining_state_free);
  g_clear_pointer (&self->invited, tessera_invited_free);
  G_OBJECT_CLASS (tessera_join_page_parent_class)->finalize (object);
}

static void
tessera_join_page_class_init (TesseraJoinPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_join_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_join_page_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-join-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, language_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, language_content);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, title_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, ask_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, fingerprint_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, save_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, qr_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, qr_picture);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, open_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, compare_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, organization_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, join_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, fetch_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, fetch_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, carriers_bin);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, begin_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraJoinPage, message);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
  gtk_widget_class_bind_template_callback (widget_class, refuse_cb);
  gtk_widget_class_bind_template_callback (widget_class, join_cb);
  gtk_widget_class_bind_template_callback (widget_class, begin_cb);
}

static void
tessera_join_page_init (TesseraJoinPage *self) {
  g_autoptr (GMenuModel) languages = tessera_language_make_menu ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_menu_model (self->language_button, languages);
  adw_button_content_set_label (self->language_content, tessera_language_get_current ()->endonym);
  /* Fingerprints are read left to right, whatever the language around them. */
  gtk_widget_set_direction (GTK_WIDGET (self->fingerprint_label), GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (GTK_WIDGET (self->organization_label), GTK_TEXT_DIR_LTR);
}

GtkWidget *
tessera_join_page_new (TesseraSession *session, const char *argument) {
  TesseraJoinPage *self = g_object_new (TESSERA_TYPE_JOIN_PAGE, NULL);

  self->session = g_object_ref (session);
  load (self);
  return GTK_WIDGET (self);
}
