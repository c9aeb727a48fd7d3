/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-domain-row.c: one domain of an assessment; see the header.
 */
#include "config.h"
#include "tessera-domain-row.h"

#include <glib/gi18n-lib.h>

#include "tessera-screen.h"
#include "tessera-text.h"

/* From this difference on, the two views are worth talking about. */
#define TALKING_POINT 2

struct _TesseraDomainRow {
  AdwExpanderRow parent_instance;

  const char *domain;
  int last_level;
  int last_client_level;
  gint64 last_at;
  gboolean setting;

  GtkLabel *badge;
  GtkCheckButton *worker[TESSERA_N_LEVELS + 1]; /* [0] is a hidden button that means none */
  GtkToggleButton *client[TESSERA_N_LEVELS + 1];
  AdwComboRow *unasked;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (TesseraDomainRow, tessera_domain_row, ADW_TYPE_EXPANDER_ROW)

static const char *
get_unasked (TesseraDomainRow *self) {
  const TesseraVocabulary *reasons = tessera_vocabulary_find ("unasked");
  guint selected = adw_combo_row_get_selected (self->unasked);

  return selected > 0 && selected <= reasons->n_choices ? reasons->choices[selected - 1].code : NULL;
}

TesseraScore
tessera_domain_row_get (TesseraDomainRow *self) {
  TesseraScore score = { self->domain, 0, 0, get_unasked (self) };

  for (int i = 1; i <= TESSERA_N_LEVELS; i++) {
    if (gtk_check_button_get_active (self->worker[i]))
      score.worker_level = i;
    if (gtk_toggle_button_get_active (self->client[i]))
      score.client_level = i;
  }
  return score;
}

gboolean
tessera_domain_row_is_set (TesseraDomainRow *self) {
  TesseraScore score = tessera_domain_row_get (self);

  return score.worker_level != 0 || score.client_level != 0 || score.unasked != NULL;
}

/* Translators: %d is a level from 1 to 5, %s is how long ago, such as "5 days ago". */
static char *
describe_last (TesseraDomainRow *self) {
  g_autofree char *ago = NULL;

  if (self->last_at == 0)
    return g_strdup (_("Not asked before"));
  ago = tessera_text_ago (self->last_at);
  if (self->last_client_level > 0)
    return g_strdup_printf (_("Last time %d, the client said %d · %s"), self->last_level,
                            self->last_client_level, ago);
  return g_strdup_printf (_("Last time %d · %s"), self->last_level, ago);
}

static void
show_summary (TesseraDomainRow *self) {
  TesseraScore score = tessera_domain_row_get (self);
  g_autofree char *last = describe_last (self);
  g_autofree char *now = NULL;
  g_autofree char *badge = NULL;
  g_autofree char *subtitle = NULL;

  if (score.worker_level > 0)
    now = g_strdup (tessera_pathway_get_domain_anchor (self->domain, score.worker_level));
  else if (score.unasked != NULL)
    now = g_strdup (tessera_vocabulary_get_label ("unasked", score.unasked));
  if (score.worker_level > 0 && score.client_level > 0
      && ABS (score.worker_level - score.client_level) >= TALKING_POINT) {
    char *with_hint = g_strconcat (now, "\n", _("You two see this differently: worth talking about."), NULL);

    g_free (now);
    now = with_hint;
  }
  subtitle = now != NULL ? g_strconcat (now, "\n", last, NULL) : g_steal_pointer (&last);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), subtitle);

  if (score.worker_level > 0 && score.client_level > 0)
    badge = g_strdup_printf ("%d / %d", score.worker_level, score.client_level);
  else if (score.worker_level > 0)
    badge = g_strdup_printf ("%d", score.worker_level);
  else if (score.client_level > 0)
    badge = g_strdup_printf ("– / %d", score.client_level);
  else
    badge = g_strdup (score.unasked != NULL ? "–" : "");
  gtk_label_set_label (self->badge, badge);
  gtk_widget_set_visible (GTK_WIDGET (self->badge), *badge != '\0');
}

static void
changed (TesseraDomainRow *self) {
  show_summary (self);
  g_signal_emit (self, changed_signal, 0);
}

static void
worker_toggled_cb (TesseraDomainRow *self, GtkCheckButton *button) {
  if (self->setting || !gtk_check_button_get_active (button))
    return;
  self->setting = TRUE;
  adw_combo_row_set_selected (self->unasked, 0);
  self->setting = FALSE;
  changed (self);
}

/* Pressing the chosen one again takes it back, which a radio group could not. */
static void
client_toggled_cb (TesseraDomainRow *self, GtkToggleButton *button) {
  if (self->setting)
    return;
  self->setting = TRUE;
  if (gtk_toggle_button_get_active (button)) {
    for (int i = 1; i <= TESSERA_N_LEVELS; i++)
      if (self->client[i] != button)
        gtk_toggle_button_set_active (self->client[i], FALSE);
    adw_combo_row_set_selected (self->unasked, 0);
  }
  self->setting = FALSE;
  changed (self);
}

static void
unasked_changed_cb (TesseraDomainRow *self) {
  if (self->setting)
    return;
  if (get_unasked (self) != NULL)
    tessera_domain_row_set (self, 0, 0, get_unasked (self));
  changed (self);
}

void
tessera_domain_row_set (TesseraDomainRow *self, int worker_level, int client_level, const char *unasked) {
  const TesseraVocabulary *reasons = tessera_vocabulary_find ("unasked");
  guint selected = 0;

  for (guint i = 0; i < reasons->n_choices; i++)
    if (g_strcmp0 (reasons->choices[i].code, unasked) == 0)
      selected = i + 1;
  self->setting = TRUE;
  gtk_check_button_set_active (self->worker[CLAMP (worker_level, 0, TESSERA_N_LEVELS)], TRUE);
  for (int i = 1; i <= TESSERA_N_LEVELS; i++)
    gtk_toggle_button_set_active (self->client[i], i == client_level);
  adw_combo_row_set_selected (self->unasked, selected);
  self->setting = FALSE;
  show_summary (self);
}

void
tessera_domain_row_set_last (TesseraDomainRow *self, const TesseraDomainState *last) {
  self->last_level = last->worker_level;
  self->last_client_level = last->client_level;
  self->last_at = last->worker_level > 0 || last->client_level > 0 ? last->at : 0;
  show_summary (self);
}

static void
add_level (TesseraDomainRow *self, int level) {
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_check_button_new ();
  g_autofree char *title = g_strdup_printf ("%d · %s", level, tessera_pathway_get_level_name (level));

  gtk_check_button_set_group (GTK_CHECK_BUTTON (button), self->worker[0]);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), tessera_pathway_get_domain_anchor (self->domain, level));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  g_signal_connect_object (button, "toggled", G_CALLBACK (worker_toggled_cb), self, G_CONNECT_SWAPPED);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  self->worker[level] = GTK_CHECK_BUTTON (button);
}

static void
add_client_levels (TesseraDomainRow *self) {
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("The client's own level"));
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (box, "linked");
  for (int i = 1; i <= TESSERA_N_LEVELS; i++) {
    g_autofree char *digit = g_strdup_printf ("%d", i);
    g_autofree char *name
      = g_strdup_printf (_("The client says %d: %s"), i, tessera_pathway_get_level_name (i));
    GtkWidget *button = gtk_toggle_button_new_with_label (digit);

    gtk_widget_add_css_class (button, "level");
    gtk_widget_set_tooltip_text (button, tessera_pathway_get_level_name (i));
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    g_signal_connect_object (button, "toggled", G_CALLBACK (client_toggled_cb), self, G_CONNECT_SWAPPED);
    gtk_box_append (GTK_BOX (box), button);
    self->client[i] = GTK_TOGGLE_BUTTON (button);
  }
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), box);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
}

static void
add_unasked (TesseraDomainRow *self) {
  const TesseraVocabulary *reasons = tessera_vocabulary_find ("unasked");
  g_autoptr (GtkStringList) model = gtk_string_list_new (NULL);

  gtk_string_list_append (model, _("Asked"));
  for (guint i = 0; i < reasons->n_choices; i++)
    gtk_string_list_append (model, tessera_vocabulary_get_label ("unasked", reasons->choices[i].code));
  self->unasked = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->unasked), _("Asked or left out"));
  adw_combo_row_set_model (self->unasked, G_LIST_MODEL (model));
  g_signal_connect_object (self->unasked, "notify::selected", G_CALLBACK (unasked_changed_cb), self,
                           G_CONNECT_SWAPPED);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), GTK_WIDGET (self->unasked));
}

static void
tessera_domain_row_dispose (GObject *object) {
  TesseraDomainRow *self = TESSERA_DOMAIN_ROW (object);

  g_clear_object (&self->worker[0]);
  G_OBJECT_CLASS (tessera_domain_row_parent_class)->dispose (object);
}

static void
tessera_domain_row_class_init (TesseraDomainRowClass *klass) {
  G_OBJECT_CLASS (klass)->dispose = tessera_domain_row_dispose;
  changed_signal = g_signal_new ("changed", TESSERA_TYPE_DOMAIN_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
tessera_domain_row_init (TesseraDomainRow *self) {
  self->badge = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->badge), "level-badge");
  gtk_widget_set_valign (GTK_WIDGET (self->badge), GTK_ALIGN_CENTER);
  adw_expander_row_add_action (ADW_EXPANDER_ROW (self), GTK_WIDGET (self->badge));
  self->worker[0] = GTK_CHECK_BUTTON (g_object_ref_sink (gtk_check_button_new ()));
}

GtkWidget *
tessera_domain_row_new (const char *domain) {
  TesseraDomainRow *self = g_object_new (TESSERA_TYPE_DOMAIN_ROW, NULL);

  self->domain = domain;
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), tessera_vocabulary_get_label ("domain", domain));
  for (int i = 1; i <= TESSERA_N_LEVELS; i++)
    add_level (self, i);
  add_client_levels (self);
  add_unasked (self);
  show_summary (self);
  return GTK_WIDGET (self);
}
