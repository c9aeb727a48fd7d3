/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-pathway-view.c: where a client stands; see the header.
 */
#include "config.h"
#include "tessera-pathway-view.h"

#include <glib/gi18n-lib.h>

#include "tessera-client-row.h"
#include "tessera-text.h"

struct _TesseraPathwayView {
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (TesseraPathwayView, tessera_pathway_view, ADW_TYPE_BIN)

static guint done_signal;

static const char *const steps[] = { "basic-needs", "inclusion", "autonomy" };

static GtkWidget *
make_step (const char *step, gboolean current, guint number) {
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  g_autofree char *digit = g_strdup_printf ("%u", number);
  GtkWidget *count = gtk_label_new (digit);
  GtkWidget *name = gtk_label_new (tessera_vocabulary_get_label ("step", step));

  gtk_widget_add_css_class (count, current ? "title-2" : "title-4");
  gtk_widget_add_css_class (name, "caption");
  gtk_label_set_wrap (GTK_LABEL (name), TRUE);
  gtk_label_set_justify (GTK_LABEL (name), GTK_JUSTIFY_CENTER);
  gtk_box_append (GTK_BOX (box), count);
  gtk_box_append (GTK_BOX (box), name);
  gtk_widget_add_css_class (box, "step-box");
  gtk_widget_add_css_class (box, step);
  gtk_widget_add_css_class (box, current ? "current" : "other");
  gtk_widget_set_hexpand (box, TRUE);
  return box;
}

static GtkWidget *
make_steps (const char *current) {
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *said = g_strdup_printf (_("Step: %s"), tessera_vocabulary_get_label ("step", current));

  gtk_box_set_homogeneous (GTK_BOX (box), TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    gtk_box_append (GTK_BOX (box), make_step (steps[i], g_str_equal (steps[i], current), i + 1));
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL, said, -1);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Pathway"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group),
                                         tessera_pathway_get_step_description (current));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), box);
  return group;
}

static char *
describe_levels (const TesseraDomainState *state) {
  g_autoptr (GString) text = g_string_new ("");

  if (state->worker_level == 0 && state->client_level == 0)
    return g_strdup (_("Not asked yet"));
  if (state->worker_level > 0)
    g_string_append_printf (text, "%d · %s", state->worker_level,
                            tessera_pathway_get_level_name (state->worker_level));
  if (state->previous_worker_level > 0 && state->previous_worker_level != state->worker_level)
    /* Translators: the level the time before. */
    g_string_append_printf (text, _(", before %d"), state->previous_worker_level);
  if (state->client_level > 0)
    /* Translators: the level the client gives themself. */
    g_string_append_printf (text, text->len > 0 ? _(", own view %d") : _("Own view %d"), state->client_level);
  return g_strdup (text->str);
}

static GtkWidget *
make_domain (const TesseraDomainState *state) {
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *name = gtk_label_new (tessera_vocabulary_get_label ("domain", state->domain));
  GtkWidget *bar = gtk_level_bar_new_for_interval (0, TESSERA_N_LEVELS);
  g_autofree char *levels = describe_levels (state);
  GtkWidget *text = gtk_label_new (levels);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_wrap (GTK_LABEL (name), TRUE);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_widget_add_css_class (text, "caption");
  gtk_widget_add_css_class (text, "dim-label");
  gtk_level_bar_set_mode (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_MODE_DISCRETE);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar),
                           state->worker_level > 0 ? state->worker_level : state->client_level);
  gtk_widget_add_css_class (bar, "domain-bar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  tessera_vocabulary_get_label ("domain", state->domain),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, levels, -1);
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), text);
  gtk_widget_add_css_class (box, "form-text");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

static gboolean
is_known (const TesseraDomainState *state) {
  return state->worker_level > 0 || state->client_level > 0;
}

/* Asked domains stand open; the rest wait in one row that opens, so that twelve empty bars do not fill the
 * screen. */
static GtkWidget *
make_domains (const TesseraDomainStates *states) {
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *rest = adw_expander_row_new ();
  guint unknown = 0;
  g_autofree char *title = NULL;

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Domains of Life"));
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++) {
    if (is_known (&states->domains[i])) {
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_domain (&states->domains[i]));
    } else {
      adw_expander_row_add_row (ADW_EXPANDER_ROW (rest), make_domain (&states->domains[i]));
      unknown++;
    }
  }
  title = g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "%u domain not asked yet", "%u domains not asked yet", unknown), unknown);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (rest), title);
  gtk_widget_set_visible (rest, unknown > 0);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), rest);
  return group;
}

static void
done_cb (GtkWidget *button) {
  GtkWidget *view = gtk_widget_get_ancestor (button, TESSERA_TYPE_PATHWAY_VIEW);
  GtkWidget *popover = gtk_widget_get_ancestor (button, GTK_TYPE_POPOVER);

  gtk_popover_popdown (GTK_POPOVER (popover));
  g_signal_emit (view, done_signal, 0, g_object_get_data (G_OBJECT (button), "entity"),
                 g_object_get_data (G_OBJECT (button), "id"), g_object_get_data (G_OBJECT (button), "who"));
}

static GtkWidget *
make_done_popover (TesseraRecord *record) {
  const TesseraVocabulary *who = tessera_vocabulary_find ("who");
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *title = gtk_label_new (_("Who did it?"));

  gtk_widget_add_css_class (title, "heading");
  gtk_widget_set_margin_bottom (title, 6);
  gtk_box_append (GTK_BOX (box), title);
  for (guint i = 0; i < who->n_choices; i++) {
    GtkWidget *button
      = gtk_button_new_with_label (tessera_vocabulary_get_label ("who", who->choices[i].code));

    gtk_widget_add_css_class (button, "flat");
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    tessera_vocabulary_get_label ("who", who->choices[i].code), -1);
    g_object_set_data (G_OBJECT (button), "entity", (gpointer) tessera_record_get_entity (record)->name);
    g_object_set_data_full (G_OBJECT (button), "id", g_strdup (tessera_record_get_id (record)), g_free);
    g_object_set_data (G_OBJECT (button), "who", (gpointer) who->choices[i].code);
    g_signal_connect (button, "clicked", G_CALLBACK (done_cb), NULL);
    gtk_box_append (GTK_BOX (box), button);
  }
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

static char *
describe_deed (TesseraRecord *record, const char *due_field) {
  const char *due = tessera_record_get (record, due_field);
  g_autofree char *shown = due != NULL ? tessera_text_due (due, NULL) : NULL;
  const char *who = NULL;

  if (tessera_entity_find_field (tessera_record_get_entity (record), "who") >= 0)
    who = tessera_record_get (record, "who");
  if (who == NULL)
    return g_steal_pointer (&shown);
  if (shown == NULL)
    return g_strdup (tessera_vocabulary_get_label ("who", who));
  return g_strdup_printf ("%s · %s", tessera_vocabulary_get_label ("who", who), shown);
}

static GtkWidget *
make_deed (TesseraRecord *record, const char *due_field) {
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_menu_button_new ();
  g_autofree char *below = describe_deed (record, due_field);
  g_autofree char *said = g_strdup_printf (_("Done: %s"), tessera_record_get (record, "text"));

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), tessera_record_get (record, "text"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), below != NULL ? below : "");
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "tessera-check-symbolic");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), make_done_popover (record));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _("Done"));
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, said, -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
append_deeds (GtkBox *box, const char *title, GPtrArray *records, const char *due_field) {
  GtkWidget *group = adw_preferences_group_new ();

  if (records == NULL || records->len == 0)
    return;
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  for (guint i = 0; i < records->len; i++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_deed (records->pdata[i], due_field));
  gtk_box_append (box, group);
}

void
tessera_pathway_view_show (TesseraPathwayView *self, TesseraRecord *client, const TesseraDomainStates *states,
                           GPtrArray *tasks, GPtrArray *goals) {
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);
  const char *step = tessera_record_get (client, "step");

  gtk_box_append (GTK_BOX (box), make_steps (step != NULL ? step : steps[0]));
  append_deeds (GTK_BOX (box), _("What Comes Next"), tasks, "due");
  append_deeds (GTK_BOX (box), _("Goals"), goals, "by");
  if (states != NULL)
    gtk_box_append (GTK_BOX (box), make_domains (states));
  adw_bin_set_child (ADW_BIN (self), box);
}

static void
tessera_pathway_view_class_init (TesseraPathwayViewClass *klass) {
  done_signal = g_signal_new ("done", TESSERA_TYPE_PATHWAY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
}

static void
tessera_pathway_view_init (TesseraPathwayView *self) {
}

GtkWidget *
tessera_pathway_view_new (void) {
  return g_object_new (TESSERA_TYPE_PATHWAY_VIEW, NULL);
}
