/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-form-row.c: the widget for one field; see the header.
 */
#include "config.h"
#include "tessera-form-row.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-language.h"
#include "tessera-pathway.h"
#include "tessera-text.h"
#include "tessera-wrap-layout.h"

/* Languages shown at once as chips; the others come with a click. */
#define FIRST_CHIPS 8

struct _TesseraFormRow {
  const TesseraField *field;
  void (*changed) (TesseraFormRow *row, gpointer data);
  gpointer data;
  gboolean setting;

  GtkWidget *widget;
  GtkWidget *message;
  GtkLabel *message_label;
  GtkLabel *title;

  GtkEditable *editable;
  GtkTextView *text_view;
  GtkSwitch *toggle;
  AdwComboRow *combo;
  GPtrArray *codes;
  GtkBox *chips;
  GtkWidget *more;
};

static void
notify_changed (TesseraFormRow *self) {
  if (self->setting)
    return;
  tessera_form_row_show_error (self, NULL);
  self->changed (self, self->data);
}

/* Instants are typed as local time; the store wants milliseconds. */
static char *
show_instant (const char *text) {
  gint64 instant = 0;
  g_autoptr (GDateTime) time = NULL;

  if (text == NULL || *text == '\0' || !tessera_instant_parse (text, &instant))
    return g_strdup (text != NULL ? text : "");
  time = g_date_time_new_from_unix_local (instant / 1000);
  return g_strdup_printf ("%04d-%02d-%02d %02d:%02d", g_date_time_get_year (time),
                          g_date_time_get_month (time), g_date_time_get_day_of_month (time),
                          g_date_time_get_hour (time), g_date_time_get_minute (time));
}

static char *
read_instant (const char *shown) {
  g_autofree char *text = g_strstrip (g_strdup (shown));
  char *gap = strchr (text, ' ');
  gint64 instant = 0;

  if (gap != NULL)
    *gap = 'T';
  if (*text == '\0' || !tessera_instant_parse (text, &instant))
    return g_strdup (shown);
  return g_strdup_printf ("%" G_GINT64_FORMAT, instant);
}

static void
day_selected_cb (TesseraFormRow *self, GtkCalendar *calendar) {
  g_autoptr (GDateTime) day = gtk_calendar_get_date (calendar);
  const char *old = gtk_editable_get_text (self->editable);
  const char *time = strchr (old, ' ');
  g_autofree char *text =
    g_strdup_printf ("%04d-%02d-%02d%s", g_date_time_get_year (day), g_date_time_get_month (day),
                     g_date_time_get_day_of_month (day), time != NULL ? time : "");

  gtk_editable_set_text (self->editable, text);
}

static GtkWidget *
make_calendar_button (TesseraFormRow *self) {
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *calendar = gtk_calendar_new ();

  g_signal_connect_swapped (calendar, "day-selected", G_CALLBACK (day_selected_cb), self);
  gtk_popover_set_child (GTK_POPOVER (popover), calendar);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "tessera-today-symbolic");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _("Choose a Date"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Choose a Date"),
                                  -1);
  return button;
}

static void
make_entry (TesseraFormRow *self) {
  TesseraFieldType type = self->field->type;

  self->widget = adw_entry_row_new ();
  self->editable = GTK_EDITABLE (self->widget);
  g_signal_connect_swapped (self->widget, "changed", G_CALLBACK (notify_changed), self);
  if (type == TESSERA_FIELD_INTEGER)
    adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (self->widget), GTK_INPUT_PURPOSE_DIGITS);
  if (strcmp (self->field->name, "phone") == 0)
    adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (self->widget), GTK_INPUT_PURPOSE_PHONE);
  /* Numbers and addresses run left to right whatever the language around them. */
  if (type != TESSERA_FIELD_TEXT || strcmp (self->field->name, "phone") == 0
      || strcmp (self->field->name, "email") == 0)
    gtk_widget_set_direction (GTK_WIDGET (gtk_editable_get_delegate (self->editable)), GTK_TEXT_DIR_LTR);
  if (type == TESSERA_FIELD_DATE || type == TESSERA_FIELD_INSTANT)
    adw_entry_row_add_suffix (ADW_ENTRY_ROW (self->widget), make_calendar_button (self));
}

static GtkWidget *
make_titled_row (TesseraFormRow *self, GtkWidget *child) {
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *row = adw_preferences_row_new ();

  self->title = GTK_LABEL (gtk_label_new (""));
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_wrap (self->title, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "dim-label");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (box), child);
  gtk_widget_add_css_class (box, "form-text");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

static void
make_text_view (TesseraFormRow *self) {
  GtkWidget *view = gtk_text_view_new ();

  self->text_view = GTK_TEXT_VIEW (view);
  gtk_text_view_set_wrap_mode (self->text_view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (self->text_view, FALSE);
  gtk_widget_set_size_request (view, -1, 66);
  g_signal_connect_swapped (gtk_text_view_get_buffer (self->text_view), "changed",
                            G_CALLBACK (notify_changed), self);
  self->widget = make_titled_row (self, view);
}

static void
make_switch (TesseraFormRow *self) {
  self->widget = adw_action_row_new ();
  self->toggle = GTK_SWITCH (gtk_switch_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->toggle), GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->widget), GTK_WIDGET (self->toggle));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self->widget), GTK_WIDGET (self->toggle));
  g_signal_connect_swapped (self->toggle, "notify::active", G_CALLBACK (notify_changed), self);
}

static void
add_choice (TesseraFormRow *self, GtkStringList *labels, const char *code, const char *label) {
  g_ptr_array_add (self->codes, g_strdup (code));
  gtk_string_list_append (labels, label);
}

static char *
describe_language (const char *tag) {
  g_autofree char *name = tessera_language_get_name (tag);
  g_autofree char *endonym = tessera_language_get_endonym (tag);
  g_autofree char *isolated = tessera_text_isolate (endonym);

  if (strcmp (name, endonym) == 0)
    return g_steal_pointer (&name);
  return g_strdup_printf ("%s · %s", name, isolated);
}

static void
add_choices (TesseraFormRow *self, GtkStringList *labels, TesseraSession *session) {
  const TesseraVocabulary *vocabulary = NULL;

  if (self->field->type == TESSERA_FIELD_LANGUAGE) {
    for (const char *const *tag = tessera_language_get_common (); *tag != NULL; tag++) {
      g_autofree char *label = describe_language (*tag);

      add_choice (self, labels, *tag, label);
    }
  } else if (self->field->type == TESSERA_FIELD_REFERENCE) {
    GPtrArray *workers = tessera_session_get_workers (session);

    for (guint i = 0; i < workers->len; i++)
      add_choice (self, labels, tessera_record_get_id (workers->pdata[i]),
                  tessera_record_get (workers->pdata[i], "name"));
  } else if ((vocabulary = tessera_vocabulary_find (self->field->of)) != NULL) {
    for (guint i = 0; i < vocabulary->n_choices; i++)
      add_choice (self, labels, vocabulary->choices[i].code,
                  tessera_vocabulary_get_label (vocabulary->name, vocabulary->choices[i].code));
  }
}

static void
make_combo (TesseraFormRow *self, TesseraSession *session) {
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);

  self->widget = adw_combo_row_new ();
  self->combo = ADW_COMBO_ROW (self->widget);
  self->codes = g_ptr_array_new_with_free_func (g_free);
  add_choice (self, labels, "", _("Not said"));
  add_choices (self, labels, session);
  adw_combo_row_set_model (self->combo, G_LIST_MODEL (labels));
  g_signal_connect_swapped (self->combo, "notify::selected", G_CALLBACK (notify_changed), self);
}

static const char *
get_chip_code (GtkWidget *chip) {
  return g_object_get_data (G_OBJECT (chip), "code");
}

static GtkWidget *
add_chip (TesseraFormRow *self, const char *code, const char *label) {
  GtkWidget *chip = gtk_toggle_button_new_with_label (label);

  gtk_widget_add_css_class (chip, "chip");
  g_object_set_data_full (G_OBJECT (chip), "code", g_strdup (code), g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_swapped (chip, "toggled", G_CALLBACK (notify_changed), self);
  gtk_box_append (self->chips, chip);
  return chip;
}

static void
more_cb (TesseraFormRow *self) {
  for (GtkWidget *chip = gtk_widget_get_first_child (GTK_WIDGET (self->chips)); chip != NULL;
       chip = gtk_widget_get_next_sibling (chip))
    gtk_widget_set_visible (chip, chip != self->more);
}

static void
add_language_chips (TesseraFormRow *self) {
  guint count = 0;

  for (const char *const *tag = tessera_language_get_common (); *tag != NULL; tag++) {
    g_autofree char *label = tessera_language_get_name (*tag);
    GtkWidget *chip = add_chip (self, *tag, label);

    gtk_widget_set_visible (chip, count++ < FIRST_CHIPS);
  }
  self->more = gtk_button_new_with_label (_("More…"));
  gtk_widget_add_css_class (self->more, "chip");
  gtk_widget_add_css_class (self->more, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->more), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("More Languages"), -1);
  g_signal_connect_swapped (self->more, "clicked", G_CALLBACK (more_cb), self);
  gtk_box_append (self->chips, self->more);
}

/* The twelve domains stand under the step they belong to. */
static void
add_step_heading (TesseraFormRow *self, const char *step) {
  GtkWidget *heading = gtk_label_new (tessera_vocabulary_get_label ("step", step));

  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_set_hexpand (heading, TRUE);
  gtk_widget_add_css_class (heading, "caption-heading");
  gtk_box_append (self->chips, heading);
}

static void
add_domain_chips (TesseraFormRow *self) {
  const char *step = NULL;

  for (guint i = 0; i < TESSERA_N_DOMAINS; i++) {
    const char *domain = tessera_pathway_get_domain (i);
    const char *own_step = tessera_pathway_get_domain_step (domain);

    if (g_strcmp0 (step, own_step) != 0)
      add_step_heading (self, own_step);
    step = own_step;
    add_chip (self, domain, tessera_vocabulary_get_label ("domain", domain));
  }
}

static void
make_chips (TesseraFormRow *self) {
  const TesseraVocabulary *vocabulary = tessera_vocabulary_find (self->field->of);

  self->chips = GTK_BOX (tessera_wrap_box_new ());
  if (g_strcmp0 (self->field->of, "language") == 0)
    add_language_chips (self);
  else if (g_strcmp0 (self->field->of, "domain") == 0)
    add_domain_chips (self);
  else
    for (guint i = 0; vocabulary != NULL && i < vocabulary->n_choices; i++)
      add_chip (self, vocabulary->choices[i].code,
                tessera_vocabulary_get_label (vocabulary->name, vocabulary->choices[i].code));
  self->widget = make_titled_row (self, GTK_WIDGET (self->chips));
}

static void
make_message (TesseraFormRow *self) {
  self->message = adw_preferences_row_new ();
  self->message_label = GTK_LABEL (g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_ALERT,
                                                 "xalign", 0.0, "wrap", TRUE, NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->message_label), "form-error");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self->message), GTK_WIDGET (self->message_label));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self->message), FALSE);
  gtk_widget_set_focusable (self->message, FALSE);
  gtk_widget_set_visible (self->message, FALSE);
}

static gboolean
make_widget (TesseraFormRow *self, TesseraSession *session) {
  switch (self->field->type) {
  case TESSERA_FIELD_TEXT:
    if (self->field->flags & TESSERA_FIELD_LONG)
      make_text_view (self);
    else
      make_entry (self);
    return TRUE;
  case TESSERA_FIELD_INTEGER:
  case TESSERA_FIELD_NUMBER:
  case TESSERA_FIELD_DATE:
  case TESSERA_FIELD_INSTANT:
    make_entry (self);
    return TRUE;
  case TESSERA_FIELD_BOOLEAN:
    make_switch (self);
    return TRUE;
  case TESSERA_FIELD_CHOICE:
  case TESSERA_FIELD_LANGUAGE:
    make_combo (self, session);
    return TRUE;
  case TESSERA_FIELD_SET:
    make_chips (self);
    return TRUE;
  case TESSERA_FIELD_REFERENCE:
    /* Other rows are chosen on screens of their own. */
    if (g_strcmp0 (self->field->of, "worker") != 0)
      return FALSE;
    make_combo (self, session);
    return TRUE;
  case TESSERA_FIELD_ID:
  case TESSERA_FIELD_BLOB:
  default:
    return FALSE;
  }
}

TesseraFormRow *
tessera_form_row_new (TesseraSession *session, const TesseraField *field,
                      void (*changed) (TesseraFormRow *row, gpointer data), gpointer data) {
  TesseraFormRow *self = g_new0 (TesseraFormRow, 1);

  self->field = field;
  self->changed = changed;
  self->data = data;
  if (!make_widget (self, session)) {
    g_free (self);
    return NULL;
  }
  g_object_ref_sink (self->widget);
  make_message (self);
  g_object_ref_sink (self->message);
  tessera_form_row_set_title (self, tessera_field_get_label (field));
  return self;
}

static void
disconnect_chips (TesseraFormRow *self) {
  for (GtkWidget *chip = gtk_widget_get_first_child (GTK_WIDGET (self->chips)); chip != NULL;
       chip = gtk_widget_get_next_sibling (chip))
    g_signal_handlers_disconnect_by_data (chip, self);
}

void
tessera_form_row_free (TesseraFormRow *self) {
  /* Widgets may outlive the form for a moment: they must not call back. */
  self->setting = TRUE;
  if (self->editable != NULL || self->combo != NULL)
    g_signal_handlers_disconnect_by_data (self->widget, self);
  if (self->text_view != NULL)
    g_signal_handlers_disconnect_by_data (gtk_text_view_get_buffer (self->text_view), self);
  if (self->toggle != NULL)
    g_signal_handlers_disconnect_by_data (self->toggle, self);
  if (self->chips != NULL)
    disconnect_chips (self);
  g_clear_pointer (&self->codes, g_ptr_array_unref);
  g_object_unref (self->widget);
  g_object_unref (self->message);
  g_free (self);
}

const TesseraField *
tessera_form_row_get_field (TesseraFormRow *self) {
  return self->field;
}

GtkWidget *
tessera_form_row_get_widget (TesseraFormRow *self) {
  return self->widget;
}

GtkWidget *
tessera_form_row_get_message (TesseraFormRow *self) {
  return self->message;
}

static char *
get_chips_text (TesseraFormRow *self) {
  g_autoptr (GString) text = g_string_new ("");

  for (GtkWidget *chip = gtk_widget_get_first_child (GTK_WIDGET (self->chips)); chip != NULL;
       chip = gtk_widget_get_next_sibling (chip))
    if (GTK_IS_TOGGLE_BUTTON (chip) && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (chip)))
      g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "", get_chip_code (chip));
  return g_strdup (text->str);
}

char *
tessera_form_row_get_text (TesseraFormRow *self) {
  if (self->editable != NULL)
    return self->field->type == TESSERA_FIELD_INSTANT ? read_instant (gtk_editable_get_text (self->editable))
                                                      : g_strdup (gtk_editable_get_text (self->editable));
  if (self->text_view != NULL) {
    GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
    GtkTextIter start;
    GtkTextIter end;

    gtk_text_buffer_get_bounds (buffer, &start, &end);
    return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  }
  if (self->toggle != NULL)
    return g_strdup (gtk_switch_get_active (self->toggle) ? "1" : "");
  if (self->chips != NULL)
    return get_chips_text (self);
  return g_strdup (g_ptr_array_index (self->codes, MIN (adw_combo_row_get_selected (self->combo),
                                                        self->codes->len - 1)));
}

static void
select_code (TesseraFormRow *self, const char *code) {
  GtkStringList *labels = GTK_STRING_LIST (adw_combo_row_get_model (self->combo));

  for (guint i = 0; i < self->codes->len; i++)
    if (strcmp (g_ptr_array_index (self->codes, i), code) == 0) {
      adw_combo_row_set_selected (self->combo, i);
      return;
    }
  /* A language that is not among the common ones, or a code of a newer program: kept and shown. */
  if (self->field->type == TESSERA_FIELD_LANGUAGE) {
    g_autofree char *label = describe_language (code);

    add_choice (self, labels, code, label);
  } else {
    add_choice (self, labels, code,
                self->field->type == TESSERA_FIELD_CHOICE
                  ? tessera_vocabulary_get_label (self->field->of, code)
                  : code);
  }
  adw_combo_row_set_selected (self->combo, self->codes->len - 1);
}

static void
set_chips_text (TesseraFormRow *self, const char *text) {
  g_auto (GStrv) codes = g_strsplit (text, ",", -1);

  for (GtkWidget *chip = gtk_widget_get_first_child (GTK_WIDGET (self->chips)); chip != NULL;
       chip = gtk_widget_get_next_sibling (chip)) {
    gboolean active = FALSE;

    if (!GTK_IS_TOGGLE_BUTTON (chip))
      continue;
    active = g_strv_contains ((const char *const *) codes, get_chip_code (chip));
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (chip), active);
    if (active)
      gtk_widget_set_visible (chip, TRUE);
  }
}

void
tessera_form_row_set_text (TesseraFormRow *self, const char *text) {
  self->setting = TRUE;
  if (text == NULL)
    text = "";
  if (self->editable != NULL) {
    g_autofree char *shown
      = self->field->type == TESSERA_FIELD_INSTANT ? show_instant (text) : g_strdup (text);

    gtk_editable_set_text (self->editable, shown);
  } else if (self->text_view != NULL) {
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), text, -1);
  } else if (self->toggle != NULL) {
    gtk_switch_set_active (self->toggle, strcmp (text, "1") == 0);
  } else if (self->chips != NULL) {
    set_chips_text (self, text);
  } else {
    select_code (self, text);
  }
  self->setting = FALSE;
}

void
tessera_form_row_set_title (TesseraFormRow *self, const char *title) {
  GtkWidget *named = self->text_view != NULL ? GTK_WIDGET (self->text_view) : GTK_WIDGET (self->chips);

  if (self->title != NULL)
    gtk_label_set_label (self->title, title);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->widget), title);
  /* Other rows are named by their title already. */
  if (named != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (named), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

void
tessera_form_row_show_error (TesseraFormRow *self, const char *message) {
  gtk_widget_set_visible (self->message, message != NULL);
  gtk_label_set_label (self->message_label, message != NULL ? message : "");
  if (message != NULL)
    gtk_widget_add_css_class (self->widget, "error");
  else
    gtk_widget_remove_css_class (self->widget, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->widget), GTK_ACCESSIBLE_STATE_INVALID,
                               message != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

int
tessera_form_row_get_place (TesseraFormRow *self) {
  GtkTextIter iter;

  if (self->editable != NULL)
    return gtk_editable_get_position (self->editable);
  if (self->text_view == NULL)
    return 0;
  gtk_text_buffer_get_iter_at_mark (gtk_text_view_get_buffer (self->text_view), &iter,
                                    gtk_text_buffer_get_insert (gtk_text_view_get_buffer (self->text_view)));
  return gtk_text_iter_get_offset (&iter);
}

int
tessera_form_row_get_cursor (TesseraFormRow *self) {
  GtkRoot *root = gtk_widget_get_root (self->widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus == NULL || (focus != self->widget && !gtk_widget_is_ancestor (focus, self->widget)))
    return -1;
  return tessera_form_row_get_place (self);
}

void
tessera_form_row_focus (TesseraFormRow *self, int cursor) {
  if (self->text_view != NULL) {
    GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
    GtkTextIter iter;

    gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
    gtk_text_buffer_get_iter_at_offset (buffer, &iter, cursor);
    gtk_text_buffer_place_cursor (buffer, &iter);
    return;
  }
  if (self->chips != NULL)
    gtk_widget_child_focus (GTK_WIDGET (self->chips), GTK_DIR_TAB_FORWARD);
  else
    gtk_widget_grab_focus (self->widget);
  /* Focusing an entry selects it all, and the next key would replace what stands there. */
  if (self->editable != NULL && cursor >= 0)
    gtk_editable_set_position (self->editable, cursor);
}
