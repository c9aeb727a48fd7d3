/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-unlock-page.c: who are you, and the passphrase.
 *
 * Shows nothing of what is inside, not even whose shop it is.
 */
#include "config.h"
#include "tessera-unlock-page.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-language.h"
#include "tessera-page.h"
#include "tessera-screen.h"

struct _TesseraUnlockPage {
  AdwBin parent_instance;

  TesseraSession *session;
  gboolean recovery;
  gboolean busy;
  guint delay;             /* seconds to wait after wrong tries */
  guint timeout;

  GtkMenuButton *language_button;
  AdwButtonContent *language_content;
  GtkLabel *explanation;
  GtkWidget *name_row;
  GtkWidget *passphrase_row;
  GtkWidget *recovery_row;
  GtkLabel *message;
  GtkWidget *unlock_button;
  GtkSpinner *spinner;
  GtkButton *mode_button;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraUnlockPage, tessera_unlock_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static GtkWidget *
get_secret_row (TesseraUnlockPage *self) {
  return self->recovery ? self->recovery_row : self->passphrase_row;
}

/* Emptied before it goes: the entry itself may live on for a while, in the hands of whoever looks at it last. */
static void
wipe (TesseraUnlockPage *self) {
  self->busy = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->passphrase_row), "");
  gtk_editable_set_text (GTK_EDITABLE (self->recovery_row), "");
}

static void
show_message (TesseraUnlockPage *self, const char *text) {
  gtk_label_set_label (self->message, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), text != NULL);
}

/* A recovery key cannot be guessed: it never waits. */
static gboolean
must_wait (TesseraUnlockPage *self) {
  return self->delay > 0 && !self->recovery;
}

static void
update (TesseraUnlockPage *self) {
  gboolean several = tessera_vault_count_workers (tessera_session_get_folder (self->session)) > 1;
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (get_secret_row (self)));

  gtk_widget_set_visible (self->name_row, several && !self->recovery);
  gtk_widget_set_visible (self->passphrase_row, !self->recovery);
  gtk_widget_set_visible (self->recovery_row, self->recovery);
  gtk_widget_set_visible (GTK_WIDGET (self->explanation), self->recovery);
  gtk_label_set_label (self->explanation, _("Type the key that was shown when the vault was made. "
                                            "Spaces, dashes and small letters do not matter."));
  gtk_button_set_label (self->mode_button,
                        self->recovery ? _("Use a Passphrase") : _("Use the Recovery Key"));
  gtk_widget_set_sensitive (self->unlock_button, !self->busy && !must_wait (self) && *typed != '\0');
  gtk_widget_set_sensitive (self->name_row, !self->busy);
  gtk_widget_set_sensitive (get_secret_row (self), !self->busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->mode_button), !self->busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->busy);
  gtk_spinner_set_spinning (self->spinner, self->busy);
}

static void
show_delay (TesseraUnlockPage *self) {
  g_autofree char *text = NULL;

  if (!must_wait (self))
    return;
  text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Too many wrong passphrases. Try again in %u second.",
                                       "Too many wrong passphrases. Try again in %u seconds.", self->delay),
                          self->delay);
  show_message (self, text);
}

static gboolean
delay_cb (gpointer data) {
  TesseraUnlockPage *self = data;

  self->delay = tessera_vault_get_delay (tessera_session_get_folder (self->session));
  if (self->delay > 0) {
    show_delay (self);
    return G_SOURCE_CONTINUE;
  }
  self->timeout = 0;
  if (!self->recovery)
    show_message (self, NULL);
  update (self);
  return G_SOURCE_REMOVE;
}

static void
look_for_delay (TesseraUnlockPage *self) {
  self->delay = tessera_vault_get_delay (tessera_session_get_folder (self->session));
  if (self->delay > 0 && self->timeout == 0)
    self->timeout = g_timeout_add_seconds (1, delay_cb, self);
  show_delay (self);
}

static void
changed_cb (TesseraUnlockPage *self) {
  if (!self->busy && !must_wait (self) && *gtk_editable_get_text (GTK_EDITABLE (get_secret_row (self))) != '\0')
    show_message (self, NULL);
  update (self);
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraUnlockPage) self = user_data;
  g_autoptr (GError) error = NULL;

  self->busy = FALSE;
  /* On success the window has already put the desk in this page's place. */
  if (tessera_session_unlock_finish (TESSERA_SESSION (source), result, &error))
    return;
  if (gtk_widget_get_root (GTK_WIDGET (self)) == NULL)
    return;
  if (g_error_matches (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_WRONG_PASSPHRASE))
    gtk_editable_set_text (GTK_EDITABLE (get_secret_row (self)), "");
  show_message (self, error->message);
  look_for_delay (self);
  update (self);
  gtk_widget_grab_focus (get_secret_row (self));
}

static void
unlock_cb (TesseraUnlockPage *self) {
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name_row));
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (get_secret_row (self)));
  TesseraSecret *secret = NULL;

  if (self->busy || must_wait (self) || *typed == '\0')
    return;
  secret = tessera_secret_new_from_bytes (typed, strlen (typed));
  self->busy = TRUE;
  show_message (self, NULL);
  update (self);
  tessera_session_unlock_async (self->session,
                                gtk_widget_get_visible (self->name_row) && *name != '\0' ? name : NULL,
                                secret, self->recovery, unlocked_cb, g_object_ref (self));
}

static void
mode_cb (TesseraUnlockPage *self) {
  gtk_editable_set_text (GTK_EDITABLE (get_secret_row (self)), "");
  self->recovery = !self->recovery;
  show_message (self, NULL);
  show_delay (self);
  update (self);
  gtk_widget_grab_focus (get_secret_row (self));
}

void
tessera_unlock_page_take_over (TesseraUnlockPage *self, TesseraUnlockPage *old) {
  self->recovery = old->recovery;
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), gtk_editable_get_text (GTK_EDITABLE (old->name_row)));
  gtk_editable_set_text (GTK_EDITABLE (get_secret_row (self)),
                         gtk_editable_get_text (GTK_EDITABLE (get_secret_row (old))));
  update (self);
}

static char *
tessera_unlock_page_get_title (TesseraPage *page) {
  return g_strdup (_("Unlock"));
}

static void
tessera_unlock_page_focus (TesseraPage *page) {
  TesseraUnlockPage *self = TESSERA_UNLOCK_PAGE (page);
  gboolean named = *gtk_editable_get_text (GTK_EDITABLE (self->name_row)) != '\0';

  if (gtk_widget_get_visible (self->name_row) && !named)
    gtk_widget_grab_focus (self->name_row);
  else
    gtk_widget_grab_focus (get_secret_row (self));
}

static void
tessera_unlock_page_dispose (GObject *object) {
  TesseraUnlockPage *self = TESSERA_UNLOCK_PAGE (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->passphrase_row != NULL)
    wipe (self);
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_UNLOCK_PAGE);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_unlock_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_unlock_page_get_title;
  iface->focus = tessera_unlock_page_focus;
}

static void
tessera_unlock_page_class_init (TesseraUnlockPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_unlock_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-unlock-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraUnlockPage, language_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraUnlockPage, language_content);
  gtk_widget_class_bind_template_child (widget_class, TesseraUnlockPage, explanation);
  gtk_widget_class_bind_template_child (widget_class, TesseraUnlockPage, name_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraUnlockPage, passphrase_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraUnlockPage, recovery_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraUnlockPage, message);
  gtk_widget_class_bind_template_child (widget_class, TesseraUnlockPage, unlock_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraUnlockPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, TesseraUnlockPage, mode_button);
  gtk_widget_class_bind_template_callback (widget_class, unlock_cb);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, mode_cb);
}

static void
tessera_unlock_page_init (TesseraUnlockPage *self) {
  g_autoptr (GMenuModel) languages = tessera_language_make_menu ();

  /* Signals of the template may arrive before there is a session. */
  self->busy = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_menu_model (self->language_button, languages);
  adw_button_content_set_label (self->language_content, tessera_language_get_current ()->endonym);
  tessera_screen_guard_entry (GTK_EDITABLE (self->recovery_row));
  self->busy = FALSE;
}

GtkWidget *
tessera_unlock_page_new (TesseraSession *session, const char *argument) {
  TesseraUnlockPage *self = g_object_new (TESSERA_TYPE_UNLOCK_PAGE, NULL);
  const char *name = tessera_session_get_last_name (session);

  self->session = g_object_ref (session);
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), name != NULL ? name : "");
  look_for_delay (self);
  update (self);
  return GTK_WIDGET (self);
}
