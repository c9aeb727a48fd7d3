/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-screen.c: small things that several screens do the same way; see the header.
 */
#include "config.h"
#include "tessera-screen.h"

#include <glib/gi18n-lib.h>

#include "tessera-intake.h"
#include "tessera-language.h"

static void
load_free (gpointer data) {
  TesseraScreenLoad *load = data;

  g_free (load->id);
  g_clear_object (&load->record);
  g_free (load);
}

static gboolean
load_client (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraScreenLoad *load = data;

  load->record = tessera_intake_resolve (transaction, load->id, error);
  return load->record != NULL;
}

void
tessera_screen_load_client (TesseraSession *session,
                            const char *id,
                            GAsyncReadyCallback callback,
                            gpointer user_data) {
  TesseraStore *store = tessera_session_get_store (session);
  TesseraScreenLoad *load = NULL;

  if (store == NULL)
    return;
  load = g_new0 (TesseraScreenLoad, 1);
  load->id = g_strdup (id);
  tessera_store_read_async (store, load_client, load, load_free, NULL, callback, user_data);
}

char *
tessera_screen_name_client (TesseraRecord *client) {
  static const char *const fields[] = { "how_to_call", "name", "code" };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (tessera_record_get (client, fields[i]) != NULL)
      return g_strdup (tessera_record_get (client, fields[i]));
  return g_strdup (_("Client without a name"));
}

void
tessera_screen_toast (GtkWidget *widget, const char *text) {
  TesseraWindow *window = tessera_window_get_for (widget);

  if (window != NULL)
    tessera_window_toast (window, text);
}

void
tessera_screen_toast_error (GtkWidget *widget, const GError *error) {
  TesseraWindow *window = tessera_window_get_for (widget);

  if (window != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    tessera_window_toast_error (window, error);
}

typedef struct {
  GtkScrolledWindow *scroller;
  double value;
  int tries;
} Scrolling;

static void
scrolling_free (gpointer data) {
  Scrolling *scrolling = data;

  g_clear_weak_pointer (&scrolling->scroller);
  g_free (scrolling);
}

static gboolean
scroll_cb (gpointer data) {
  Scrolling *scrolling = data;
  GtkAdjustment *adjustment = NULL;

  if (scrolling->scroller == NULL)
    return G_SOURCE_REMOVE;
  adjustment = gtk_scrolled_window_get_vadjustment (scrolling->scroller);
  if (gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment) < scrolling->value
      && --scrolling->tries > 0)
    return G_SOURCE_CONTINUE;
  gtk_adjustment_set_value (adjustment, scrolling->value);
  return G_SOURCE_REMOVE;
}

void
tessera_screen_scroll_later (GtkScrolledWindow *scroller, double value) {
  Scrolling *scrolling = NULL;

  if (value <= 0)
    return;
  scrolling = g_new0 (Scrolling, 1);
  g_set_weak_pointer (&scrolling->scroller, scroller);
  scrolling->value = value;
  scrolling->tries = 25;
  g_timeout_add_full (G_PRIORITY_DEFAULT, 20, scroll_cb, scrolling, scrolling_free);
}

#define ROWS_KEY "tessera-screen-rows"

void
tessera_screen_add_row (AdwPreferencesGroup *group, GtkWidget *row) {
  GPtrArray *rows = g_object_get_data (G_OBJECT (group), ROWS_KEY);

  if (rows == NULL) {
    rows = g_ptr_array_new ();
    g_object_set_data_full (G_OBJECT (group), ROWS_KEY, rows, (GDestroyNotify)g_ptr_array_unref);
  }
  g_ptr_array_add (rows, row);
  adw_preferences_group_add (group, row);
}

void
tessera_screen_clear (AdwPreferencesGroup *group) {
  GPtrArray *rows = g_object_get_data (G_OBJECT (group), ROWS_KEY);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    adw_preferences_group_remove (group, g_ptr_array_index (rows, i));
  if (rows != NULL)
    g_ptr_array_set_size (rows, 0);
}

gboolean
tessera_screen_focus_first_row (AdwPreferencesGroup *group) {
  GPtrArray *rows = g_object_get_data (G_OBJECT (group), ROWS_KEY);

  return gtk_widget_get_visible (GTK_WIDGET (group)) && rows != NULL && rows->len > 0
         && (gtk_widget_grab_focus (g_ptr_array_index (rows, 0))
             || gtk_widget_child_focus (g_ptr_array_index (rows, 0), GTK_DIR_TAB_FORWARD));
}

GtkWidget *
tessera_screen_add_fact (AdwPreferencesGroup *group, const char *title, const char *text) {
  GtkWidget *row = NULL;
  GtkWidget *box = NULL;
  GtkWidget *heading = NULL;
  GtkWidget *label = NULL;

  if (text == NULL || *text == '\0')
    return NULL;
  row = adw_preferences_row_new ();
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  heading = gtk_label_new (title);
  label = gtk_label_new (text);
  gtk_widget_add_css_class (box, "fact");
  gtk_widget_add_css_class (heading, "caption");
  gtk_widget_add_css_class (heading, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_label_set_wrap (GTK_LABEL (heading), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_box_append (GTK_BOX (box), heading);
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  tessera_screen_add_row (group, row);
  return row;
}

/* glibc's own counter: bumping it makes gettext look at LANGUAGE again. */
extern int _nl_msg_cat_cntr;

char *
tessera_screen_in_language (const char *tag, char *(*make) (gpointer data), gpointer data) {
  const TesseraLanguage *now = tessera_language_get_current ();
  const TesseraLanguage *wanted = tessera_language_find (tag);
  char *text = NULL;

  if (wanted == NULL || wanted == now)
    return make (data);
  g_setenv ("LANGUAGE", wanted->chain, TRUE);
  _nl_msg_cat_cntr++;
  text = make (data);
  g_setenv ("LANGUAGE", now->chain, TRUE);
  _nl_msg_cat_cntr++;
  return text;
}

char *
tessera_screen_get_folder (TesseraSession *session, const char *name) {
  return g_build_filename (tessera_session_get_folder (session), name, NULL);
}

char *
tessera_screen_isolate (const char *text, const char *language) {
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  g_autoptr (GString) isolated = g_string_new (NULL);
  gboolean right_to_left = tessera_language_get_direction (language) == GTK_TEXT_DIR_RTL;

  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (isolated, "%s%s%s\u2069", i > 0 ? "\n" : "", right_to_left ? "\u2067" : "\u2066",
                            lines[i]);
  return g_strdup (isolated->str);
}

TesseraWindow *
tessera_screen_get_living_window (GtkWidget *screen, TesseraSession *session) {
  TesseraWindow *window = tessera_window_get_for (screen);

  if (window == NULL || gtk_widget_in_destruction (GTK_WIDGET (window))
      || tessera_session_get_store (session) == NULL)
    return NULL;
  return window;
}

void
tessera_screen_guard_entry (GtkEditable *entry) {
  g_autoptr (GtkEntryBuffer) buffer = gtk_password_entry_buffer_new ();
  GtkEditable *text = gtk_editable_get_delegate (entry);

  g_return_if_fail (GTK_IS_TEXT (text));
  gtk_editable_set_enable_undo (text, FALSE);
  gtk_text_set_buffer (GTK_TEXT (text), buffer);
}
