/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-first-run-page.c: makes the vault, with an organization or to join one, and shows the recovery key once.
 *
 * Stays until the key was written down, though the session is open by then.
 */
#include "config.h"
#include "tessera-first-run-page.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "tessera-clipboard.h"
#include "tessera-language.h"
#include "tessera-page.h"

/* The vault's own lower limit, in characters. */
#define PASSPHRASE_LENGTH 8

struct _TesseraFirstRunPage {
  AdwBin parent_instance;

  TesseraSession *session;
  gboolean busy;
  gboolean joining;        /* an organization that is there, instead of founding one */

  GtkMenuButton *language_button;
  AdwButtonContent *language_content;
  GtkWidget *create_page;
  GtkWidget *recovery_page;
  GtkWidget *who_group;
  GtkWidget *secret_group;
  GtkWidget *organization_row;
  GtkWidget *laptop_row;
  GtkWidget *name_row;
  GtkButton *join_button;
  GtkWidget *passphrase_row;
  GtkWidget *repeat_row;
  GtkLevelBar *strength_bar;
  GtkLabel *strength_label;
  GtkLabel *message;
  GtkWidget *create_button;
  GtkSpinner *spinner;
  GtkLabel *key_label;
  GtkLabel *copied_label;
  GtkSwitch *written_switch;
  GtkWidget *begin_button;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraFirstRunPage, tessera_first_run_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static const char *
get_text (GtkWidget *row) {
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

/* A rough guess at how many tries it takes, in bits: a hint to a person, not a measure. Repeated characters
 * count once in four. */
static double
guess_bits (const char *passphrase) {
  double per_character = 0;
  double counted = 0;
  gunichar previous = 0;
  gboolean lower = FALSE;
  gboolean other = FALSE;
  gboolean digit = FALSE;

  for (const char *c = passphrase; *c != '\0'; c = g_utf8_next_char (c)) {
    gunichar character = g_utf8_get_char (c);

    counted += character == previous ? 0.25 : 1;
    previous = character;
    digit |= g_unichar_isdigit (character);
    lower |= g_unichar_isalpha (character);
    other |= !g_unichar_isalnum (character);
  }
  /* Letters of words carry about two and a half bits each, whatever the script. */
  per_character = (lower ? 2.5 : 0) + (other ? 0.4 : 0) + (digit ? (lower ? 0.6 : 3.3) : 0);
  return counted * per_character;
}

static int
judge (const char *passphrase, const char **ret_words) {
  double bits = guess_bits (passphrase);

  if (*passphrase == '\0') {
    *ret_words
      = _("Four or five words that do not belong together are easy to keep in mind and hard to guess.");
    return 0;
  }
  if (g_utf8_strlen (passphrase, -1) < PASSPHRASE_LENGTH) {
    *ret_words = _("Too short: at least 8 characters, better four or five words.");
    return 1;
  }
  if (bits < 35) {
    *ret_words = _("Easy to guess. Add another word.");
    return 2;
  }
  if (bits < 55) {
    *ret_words = _("Good.");
    return 3;
  }
  *ret_words = _("Very good.");
  return 4;
}

static gboolean
is_complete (TesseraFirstRunPage *self) {
  return *get_text (self->joining ? self->laptop_row : self->organization_row) != '\0' && *get_text (self->name_row) != '\0' &&
         g_utf8_strlen (get_text (self->passphrase_row), -1) >= PASSPHRASE_LENGTH &&
         strcmp (get_text (self->passphrase_row), get_text (self->repeat_row)) == 0;
}

static void
show_message (TesseraFirstRunPage *self, const char *text) {
  gtk_label_set_label (self->message, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), text != NULL);
}

static void
update (TesseraFirstRunPage *self) {
  const char *words = NULL;
  const char *repeat = NULL;
  int strength = 0;

  if (self->session == NULL)
    return;
  repeat = get_text (self->repeat_row);
  strength = judge (get_text (self->passphrase_row), &words);
  /* While the second one is still being typed it is not yet different. */
  if (*repeat != '\0' && !g_str_has_prefix (get_text (self->passphrase_row), repeat))
    words = _("The two passphrases are different.");
  gtk_widget_set_visible (self->organization_row, !self->joining);
  gtk_widget_set_visible (self->laptop_row, self->joining);
  gtk_button_set_label (self->join_button, self->joining ? _("Found an Organization") : _("Join an Organization"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->join_button), !self->busy);
  gtk_level_bar_set_value (self->strength_bar, strength);
  gtk_label_set_label (self->strength_label, words);
  gtk_widget_set_sensitive (self->create_button, is_complete (self) && !self->busy);
  gtk_widget_set_sensitive (self->who_group, !self->busy);
  gtk_widget_set_sensitive (self->secret_group, !self->busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->busy);
  gtk_spinner_set_spinning (self->spinner, self->busy);
}

static void
show_key (TesseraFirstRunPage *self) {
  const TesseraSecret *key = tessera_session_get_recovery_key (self->session);

  if (key == NULL)
    return;
  gtk_label_set_label (self->key_label, (const char *) tessera_secret_get_data (key));
  gtk_widget_set_visible (self->recovery_page, TRUE);
  gtk_widget_set_visible (self->create_page, FALSE);
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraFirstRunPage) self = user_data;
  g_autoptr (GError) error = NULL;

  self->busy = FALSE;
  if (!tessera_session_create_finish (TESSERA_SESSION (source), result, &error)) {
    show_message (self, error->message);
    update (self);
    return;
  }
  gtk_editable_set_text (GTK_EDITABLE (self->passphrase_row), "");
  gtk_editable_set_text (GTK_EDITABLE (self->repeat_row), "");
  show_key (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->written_switch));
}

static void
create_cb (TesseraFirstRunPage *self) {
  const char *passphrase = get_text (self->passphrase_row);

  if (self->busy || !is_complete (self))
    return;
  self->busy = TRUE;
  show_message (self, NULL);
  if (self->joining)
    tessera_session_create_joining_async (self->session, get_text (self->laptop_row), get_text (self->name_row),
                                          tessera_language_get_current ()->tag,
                                          tessera_secret_new_from_bytes (passphrase, strlen (passphrase)), created_cb,
                                          g_object_ref (self));
  else
    tessera_session_create_async (self->session, get_text (self->organization_row), get_text (self->name_row),
                                  tessera_language_get_current ()->tag,
                                  tessera_secret_new_from_bytes (passphrase, strlen (passphrase)), created_cb,
                                  g_object_ref (self));
  update (self);
}

static void
join_cb (TesseraFirstRunPage *self) {
  self->joining = !self->joining;
  show_message (self, NULL);
  update (self);
  gtk_widget_grab_focus (self->joining ? self->laptop_row : self->organization_row);
}

static void
copy_cb (TesseraFirstRunPage *self) {
  const TesseraSecret *key = tessera_session_get_recovery_key (self->session);
  g_autofree char *text = NULL;

  if (key == NULL)
    return;
  tessera_clipboard_copy_secret (GTK_WIDGET (self), key);
  text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Copied. It is taken off the clipboard in %d second.",
                                       "Copied. It is taken off the clipboard in %d seconds.",
                                       TESSERA_CLIPBOARD_SECONDS),
                          TESSERA_CLIPBOARD_SECONDS);
  gtk_label_set_label (self->copied_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->copied_label), TRUE);
}

static void
copy_text (GtkWidget *to, GtkWidget *from) {
  gtk_editable_set_text (GTK_EDITABLE (to), get_text (from));
}

void
tessera_first_run_page_take_over (TesseraFirstRunPage *self, TesseraFirstRunPage *old) {
  self->joining = old->joining;
  copy_text (self->organization_row, old->organization_row);
  copy_text (self->laptop_row, old->laptop_row);
  copy_text (self->name_row, old->name_row);
  copy_text (self->passphrase_row, old->passphrase_row);
  copy_text (self->repeat_row, old->repeat_row);
  gtk_switch_set_active (self->written_switch, gtk_switch_get_active (old->written_switch));
  show_key (self);
  update (self);
}

static char *
tessera_first_run_page_get_title (TesseraPage *page) {
  return g_strdup (_("Welcome to Tessera"));
}

static void
tessera_first_run_page_focus (TesseraPage *page) {
  TesseraFirstRunPage *self = TESSERA_FIRST_RUN_PAGE (page);

  if (tessera_session_get_recovery_key (self->session) != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->written_switch));
  else
    gtk_widget_grab_focus (self->joining ? self->laptop_row : self->organization_row);
}

static void
tessera_first_run_page_dispose (GObject *object) {
  TesseraFirstRunPage *self = TESSERA_FIRST_RUN_PAGE (object);

  g_clear_object (&self->session);
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_FIRST_RUN_PAGE);
  G_OBJECT_CLASS (tessera_first_run_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_first_run_page_get_title;
  iface->focus = tessera_first_run_page_focus;
}

static void
tessera_first_run_page_class_init (TesseraFirstRunPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_first_run_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-first-run-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, language_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, language_content);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, create_page);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, recovery_page);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, who_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, secret_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, organization_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, laptop_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, join_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, name_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, passphrase_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, repeat_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, strength_bar);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, strength_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, message);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, create_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, key_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, copied_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, written_switch);
  gtk_widget_class_bind_template_child (widget_class, TesseraFirstRunPage, begin_button);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, create_cb);
  gtk_widget_class_bind_template_callback (widget_class, join_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
}

static void
tessera_first_run_page_init (TesseraFirstRunPage *self) {
  g_autoptr (GMenuModel) languages = tessera_language_make_menu ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_menu_model (self->language_button, languages);
  adw_button_content_set_label (self->language_content, tessera_language_get_current ()->endonym);
  /* A key is read left to right, whatever the language around it. */
  gtk_widget_set_direction (GTK_WIDGET (self->key_label), GTK_TEXT_DIR_LTR);
  /* A button with an action is sensitive whenever the action is: hidden until then. */
  g_object_bind_property (self->written_switch, "active", self->begin_button, "visible",
                          G_BINDING_SYNC_CREATE);
}

GtkWidget *
tessera_first_run_page_new (TesseraSession *session, const char *argument) {
  TesseraFirstRunPage *self = g_object_new (TESSERA_TYPE_FIRST_RUN_PAGE, NULL);

  self->session = g_object_ref (session);
  update (self);
  return GTK_WIDGET (self);
}
