/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-turn-window.c: the screen turned to the client; see the header.
 */
#include "config.h"
#include "tessera-turn-window.h"

#include "tessera-language.h"

#define CODE_KEY "tessera-answer-code"

struct _TesseraTurnWindow {
  AdwWindow parent_instance;

  GtkLabel *text_label;
  GtkSeparator *separator;
  GtkLabel *small_label;
  GtkBox *answers;
};

static guint answered_signal;

G_DEFINE_FINAL_TYPE (TesseraTurnWindow, tessera_turn_window, ADW_TYPE_WINDOW)

static void
close_cb (gpointer data) {
  g_autoptr (TesseraTurnWindow) self = data;

  gtk_window_close (GTK_WINDOW (self));
}

/* Closed a moment later: a screen reader that pressed the button still asks it how it went. */
static void
answer_clicked_cb (TesseraTurnWindow *self, GtkButton *button) {
  g_signal_emit (self, answered_signal, 0, g_object_get_data (G_OBJECT (button), CODE_KEY));
  gtk_widget_set_sensitive (GTK_WIDGET (self->answers), FALSE);
  g_timeout_add_once (100, close_cb, g_object_ref (self));
}

static void
tessera_turn_window_class_init (TesseraTurnWindowClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  answered_signal = g_signal_new ("answered", TESSERA_TYPE_TURN_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-turn-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraTurnWindow, text_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraTurnWindow, separator);
  gtk_widget_class_bind_template_child (widget_class, TesseraTurnWindow, small_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraTurnWindow, answers);
}

static void
tessera_turn_window_init (TesseraTurnWindow *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

TesseraTurnWindow *
tessera_turn_window_new (GtkWindow *parent) {
  TesseraTurnWindow *self = g_object_new (TESSERA_TYPE_TURN_WINDOW, "transient-for", parent, NULL);
  int width = 900, height = 700;

  /* Over the whole window at least; maximized where a window manager is asked. */
  if (parent != NULL) {
    width = gtk_widget_get_width (GTK_WIDGET (parent));
    height = gtk_widget_get_height (GTK_WIDGET (parent));
  }
  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  gtk_window_maximize (GTK_WINDOW (self));
  return self;
}

static void
set_label (GtkLabel *label, const char *text, const char *language) {
  PangoAttrList *attributes = pango_attr_list_new ();

  /* The language chooses the font; the direction of the widget, the side it begins on. */
  pango_attr_list_insert (attributes, pango_attr_language_new (pango_language_from_string (language)));
  gtk_label_set_attributes (label, attributes);
  gtk_label_set_label (label, text);
  gtk_widget_set_direction (GTK_WIDGET (label), tessera_language_get_direction (language));
  pango_attr_list_unref (attributes);
}

void
tessera_turn_window_set_text (TesseraTurnWindow *self,
                              const char *text,
                              const char *language,
                              const char *small,
                              const char *small_language) {
  set_label (self->text_label, text, language);
  gtk_widget_set_visible (GTK_WIDGET (self->small_label), small != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->separator), small != NULL);
  if (small != NULL)
    set_label (self->small_label, small, small_language);
}

void
tessera_turn_window_add_answer (
  TesseraTurnWindow *self, const char *code, const char *label, const char *small, gboolean suggested) {
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *large = gtk_label_new (label);

  gtk_widget_add_css_class (large, "title-2");
  gtk_box_append (GTK_BOX (box), large);
  if (small != NULL) {
    GtkWidget *below = gtk_label_new (small);

    gtk_widget_add_css_class (below, "caption");
    gtk_box_append (GTK_BOX (box), below);
  }
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "turned-answer");
  if (suggested)
    gtk_widget_add_css_class (button, "suggested-action");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  small != NULL ? small : label, -1);
  g_object_set_data_full (G_OBJECT (button), CODE_KEY, g_strdup (code), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (answer_clicked_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (self->answers, button);
}
