/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-assessment-page.c: how it goes in the twelve domains; see the header.
 */
#include "config.h"
#include "tessera-assessment-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-domain-row.h"
#include "tessera-draft.h"
#include "tessera-form.h"
#include "tessera-intake.h"
#include "tessera-pathway-loading.h"
#include "tessera-screen.h"
#include "tessera-window.h"

/* Draft: scores (domain, worker, client, unasked) that are set, then answered_by, language, notes. */
#define STATE_TYPE "(a(siims)msmsms)"

static const char *const form_fields[] = { "answered_by", "language", NULL };
static const char *const notes_fields[] = { "notes", NULL };

struct _TesseraAssessmentPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *client_id;
  TesseraRecord *client;
  TesseraDomainStates *states;
  TesseraDraft *draft;
  gboolean restored;
  gboolean leaving;
  gboolean set_step_after;

  TesseraForm *form;
  TesseraDomainRow *rows[TESSERA_N_DOMAINS];
  GtkButton *save_button;
  GtkScrolledWindow *scroller;
  AdwPreferencesGroup *basic_group;
  AdwPreferencesGroup *inclusion_group;
  AdwPreferencesGroup *autonomy_group;
  GtkBox *form_box;
  AdwActionRow *suggestion_row;
  GtkButton *step_button;
  GtkLabel *status_label;
};

static void tessera_assessment_page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraAssessmentPage,
                               tessera_assessment_page,
                               ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, tessera_assessment_page_iface_init))

static gboolean
is_empty (TesseraAssessmentPage *self) {
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    if (tessera_domain_row_is_set (self->rows[i]))
      return FALSE;
  return TRUE;
}

static void
add_form_values (TesseraAssessmentPage *self, GVariantBuilder *builder) {
  static const char *const names[] = { "answered_by", "language", "notes" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_variant_builder_add (builder, "ms", tessera_form_get_value (self->form, names[i]));
}

static GVariant *
make_state (gpointer screen) {
  TesseraAssessmentPage *self = screen;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (STATE_TYPE));
  g_variant_builder_open (&builder, G_VARIANT_TYPE ("a(siims)"));
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++) {
    TesseraScore score = tessera_domain_row_get (self->rows[i]);

    if (tessera_domain_row_is_set (self->rows[i]))
      g_variant_builder_add (&builder, "(siims)", score.domain, score.worker_level, score.client_level,
                             score.unasked);
  }
  g_variant_builder_close (&builder);
  add_form_values (self, &builder);
  return g_variant_builder_end (&builder);
}

/* The levels as they would be after saving: new ones, else the last ones. */
static void
show_suggestion (TesseraAssessmentPage *self) {
  int levels[TESSERA_N_DOMAINS];
  g_autoptr (TesseraSuggestion) suggestion = NULL;
  g_autofree char *text = NULL;
  const char *step = self->client != NULL ? tessera_record_get (self->client, "step") : NULL;

  for (guint i = 0; i < TESSERA_N_DOMAINS; i++) {
    TesseraScore score = tessera_domain_row_get (self->rows[i]);

    levels[i] = score.worker_level;
    if (levels[i] == 0 && self->states != NULL)
      levels[i] = self->states->domains[i].worker_level;
  }
  suggestion = tessera_pathway_suggest (levels);
  text = tessera_suggestion_describe (suggestion);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->suggestion_row), text);
  if (step != NULL) {
    g_autofree char *now = g_strdup_printf (_("Now: %s"), tessera_vocabulary_get_label ("step", step));

    adw_action_row_set_subtitle (self->suggestion_row, now);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->step_button),
                          suggestion->step != NULL && g_strcmp0 (suggestion->step, step) != 0);
}

static void
take_state (gpointer screen, GVariant *state) {
  TesseraAssessmentPage *self = screen;
  g_autoptr (GVariantIter) iter = NULL;
  const char *answered_by = NULL, *language = NULL, *notes = NULL;
  const char *domain = NULL, *unasked = NULL;
  int worker = 0, client = 0;

  if (state != NULL && !self->restored) {
    g_variant_get (state, "(a(siims)m&sm&sm&s)", &iter, &answered_by, &language, &notes);
    while (g_variant_iter_next (iter, "(&siim&s)", &domain, &worker, &client, &unasked)) {
      int index = tessera_pathway_find_domain (domain);

      if (index >= 0)
        tessera_domain_row_set (self->rows[index], worker, client, unasked);
    }
    tessera_form_set_value (self->form, "answered_by", answered_by);
    tessera_form_set_value (self->form, "language", language);
    tessera_form_set_value (self->form, "notes", notes);
    gtk_label_set_label (self->status_label, _("This is the assessment you had begun. Nothing was lost."));
  } else if (self->client != NULL && tessera_form_get_value (self->form, "language") == NULL) {
    tessera_form_set_value (self->form, "language", tessera_record_get (self->client, "language"));
  }
  show_suggestion (self);
}

static void
changed_cb (TesseraAssessmentPage *self) {
  gtk_label_set_label (self->status_label, _("Kept as you type"));
  show_suggestion (self);
  tessera_draft_touch (self->draft);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraAssessmentPage) self = data;
  g_autoptr (GError) error = NULL;
  TesseraPathwayLoading *loading = tessera_store_result_get_data (result);

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    tessera_screen_toast_error (GTK_WIDGET (self), error);
    return;
  }
  if (self->draft == NULL)
    return;
  g_set_object (&self->client, loading->client);
  self->states = g_steal_pointer (&loading->states);
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    tessera_domain_row_set_last (self->rows[i], &self->states->domains[i]);
  tessera_page_title_changed (TESSERA_PAGE (self));
  tessera_draft_load (self->draft, take_state);
}

typedef struct {
  char *client_id;
  char *draft_key;
  TesseraScore scores[TESSERA_N_DOMAINS];
  guint n_scores;
  char *answered_by;
  char *language;
  char *notes;
} Saving;

static void
saving_free (gpointer data) {
  Saving *saving = data;

  g_free (saving->client_id);
  g_free (saving->draft_key);
  g_free (saving->answered_by);
  g_free (saving->language);
  g_free (saving->notes);
  g_free (saving);
}

static gboolean
save (TesseraTransaction *transaction, gpointer data, GError **error) {
  Saving *saving = data;
  g_autoptr (TesseraRecord) assessment
    = tessera_pathway_assess (transaction, saving->client_id, saving->scores, saving->n_scores,
                              saving->answered_by, saving->language, saving->notes, error);

  return assessment != NULL && tessera_transaction_drop_draft (transaction, saving->draft_key, error);
}

static void
set_saving (TesseraAssessmentPage *self, gboolean saving) {
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "assessment.save", !saving);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), !saving);
  gtk_widget_set_sensitive (GTK_WIDGET (self->step_button), !saving);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraAssessmentPage) self = data;
  g_autoptr (GError) error = NULL;
  TesseraWindow *window = tessera_window_get_for (GTK_WIDGET (self));

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    set_saving (self, FALSE);
    gtk_label_set_label (self->status_label, error->message);
    tessera_screen_toast_error (GTK_WIDGET (self), error);
    return;
  }
  if (self->draft != NULL)
    tessera_draft_forget (self->draft);
  self->leaving = TRUE;
  if (window == NULL)
    return;
  tessera_window_toast (window, _("Assessment saved"));
  tessera_window_pop (window);
  if (self->set_step_after)
    tessera_window_push (window, "step", self->client_id);
}

static void
save_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraAssessmentPage *self = TESSERA_ASSESSMENT_PAGE (widget);
  TesseraStore *store = tessera_session_get_store (self->session);
  Saving *saving = NULL;

  if (store == NULL)
    return;
  if (is_empty (self)) {
    gtk_label_set_label (self->status_label,
                         _("Choose a level in at least one domain; then it can be saved."));
    return;
  }
  if (!tessera_form_validate (self->form))
    return;
  set_saving (self, TRUE);
  saving = g_new0 (Saving, 1);
  saving->client_id = g_strdup (self->client_id);
  saving->draft_key = g_strdup (tessera_draft_get_key (self->draft));
  saving->answered_by = g_strdup (tessera_form_get_value (self->form, "answered_by"));
  saving->language = g_strdup (tessera_form_get_value (self->form, "language"));
  saving->notes = g_strdup (tessera_form_get_value (self->form, "notes"));
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    if (tessera_domain_row_is_set (self->rows[i]))
      saving->scores[saving->n_scores++] = tessera_domain_row_get (self->rows[i]);
  tessera_store_write_async (store, save, saving, saving_free, NULL, saved_cb, g_object_ref (self));
}

static void
save_clicked_cb (TesseraAssessmentPage *self) {
  self->set_step_after = FALSE;
  gtk_widget_activate_action (GTK_WIDGET (self), "assessment.save", NULL);
}

static void
step_clicked_cb (TesseraAssessmentPage *self) {
  self->set_step_after = TRUE;
  gtk_widget_activate_action (GTK_WIDGET (self), "assessment.save", NULL);
}

static void
add_domains (TesseraAssessmentPage *self) {
  AdwPreferencesGroup *groups[] = { self->basic_group, self->inclusion_group, self->autonomy_group };
  guint group = 0;
  const char *step = NULL;

  for (guint i = 0; i < TESSERA_N_DOMAINS; i++) {
    const char *domain = tessera_pathway_get_domain (i);
    const char *own_step = tessera_pathway_get_domain_step (domain);

    if (step != NULL && g_strcmp0 (step, own_step) != 0)
      group++;
    step = own_step;
    self->rows[i] = TESSERA_DOMAIN_ROW (tessera_domain_row_new (domain));
    adw_preferences_group_set_title (groups[group], tessera_vocabulary_get_label ("step", step));
    adw_preferences_group_set_description (groups[group], tessera_pathway_get_step_description (step));
    adw_preferences_group_add (groups[group], GTK_WIDGET (self->rows[i]));
    g_signal_connect_object (self->rows[i], "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  }
}

static void
add_form (TesseraAssessmentPage *self) {
  self->form
    = TESSERA_FORM (g_object_ref_sink (tessera_form_new (self->session, "assessment", form_fields, NULL)));
  tessera_form_add_group (self->form, _("Only for the House"),
                          _("Your own notes. They never leave the house, whatever the client agrees to."),
                          notes_fields);
  gtk_widget_set_hexpand (GTK_WIDGET (self->form), TRUE);
  gtk_box_append (self->form_box, GTK_WIDGET (self->form));
  g_signal_connect_object (self->form, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
}

static char *
tessera_assessment_page_get_title (TesseraPage *page) {
  return g_strdup (_("Assessment"));
}

static char *
tessera_assessment_page_get_subtitle (TesseraPage *page) {
  TesseraAssessmentPage *self = TESSERA_ASSESSMENT_PAGE (page);

  return self->client != NULL ? tessera_screen_name_client (self->client) : NULL;
}

static GtkWidget *
tessera_assessment_page_get_header_widget (TesseraPage *page) {
  return GTK_WIDGET (TESSERA_ASSESSMENT_PAGE (page)->save_button);
}

static GVariant *
tessera_assessment_page_save_state (TesseraPage *page) {
  TesseraAssessmentPage *self = TESSERA_ASSESSMENT_PAGE (page);
  g_autoptr (GVariant) form = tessera_form_save_state (self->form);
  guint32 open = 0;

  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    if (adw_expander_row_get_expanded (ADW_EXPANDER_ROW (self->rows[i])))
      open |= 1u << i;
  self->leaving = TRUE;
  return g_variant_new ("(@" STATE_TYPE "vud)", make_state (self), form, open,
                        gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->scroller)));
}

static void
tessera_assessment_page_restore_state (TesseraPage *page, GVariant *state) {
  TesseraAssessmentPage *self = TESSERA_ASSESSMENT_PAGE (page);
  g_autoptr (GVariant) scores = NULL;
  g_autoptr (GVariant) form = NULL;
  guint32 open = 0;
  double scroll = 0;

  g_variant_get (state, "(@" STATE_TYPE "vud)", &scores, &form, &open, &scroll);
  take_state (self, scores);
  self->restored = TRUE;
  tessera_form_restore_state (self->form, form);
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->rows[i]), (open & (1u << i)) != 0);
  tessera_screen_scroll_later (self->scroller, scroll);
}

static void
tessera_assessment_page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_assessment_page_get_title;
  iface->get_subtitle = tessera_assessment_page_get_subtitle;
  iface->get_header_widget = tessera_assessment_page_get_header_widget;
  iface->save_state = tessera_assessment_page_save_state;
  iface->restore_state = tessera_assessment_page_restore_state;
}

static void
tessera_assessment_page_unroot (GtkWidget *widget) {
  TesseraAssessmentPage *self = TESSERA_ASSESSMENT_PAGE (widget);
  TesseraWindow *window = tessera_screen_get_living_window (widget, self->session);

  if (!self->leaving && self->draft != NULL && window != NULL && !is_empty (self))
    tessera_window_toast (window, _("The unfinished assessment is kept as a draft"));
  GTK_WIDGET_CLASS (tessera_assessment_page_parent_class)->unroot (widget);
}

static void
tessera_assessment_page_dispose (GObject *object) {
  TesseraAssessmentPage *self = TESSERA_ASSESSMENT_PAGE (object);

  if (self->draft != NULL)
    tessera_draft_close (self->draft);
  g_clear_object (&self->draft);
  g_clear_object (&self->form);
  /* The child is bound as well: without this both the template and AdwBin would unparent it. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_ASSESSMENT_PAGE);
  g_clear_object (&self->client);
  g_clear_pointer (&self->states, tessera_domain_states_free);
  g_clear_object (&self->session);
  g_clear_pointer (&self->client_id, g_free);
  G_OBJECT_CLASS (tessera_assessment_page_parent_class)->dispose (object);
}

static void
tessera_assessment_page_class_init (TesseraAssessmentPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_assessment_page_dispose;
  widget_class->unroot = tessera_assessment_page_unroot;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-assessment-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraAssessmentPage, save_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraAssessmentPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, TesseraAssessmentPage, basic_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraAssessmentPage, inclusion_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraAssessmentPage, autonomy_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraAssessmentPage, form_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraAssessmentPage, suggestion_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraAssessmentPage, step_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraAssessmentPage, status_label);
  gtk_widget_class_bind_template_callback (widget_class, save_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, step_clicked_cb);
  gtk_widget_class_install_action (widget_class, "assessment.save", NULL, save_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "assessment.save", NULL);
}

static void
tessera_assessment_page_init (TesseraAssessmentPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  add_domains (self);
}

GtkWidget *
tessera_assessment_page_new (TesseraSession *session, const char *client) {
  TesseraAssessmentPage *self = g_object_new (TESSERA_TYPE_ASSESSMENT_PAGE, NULL);
  g_autofree char *key = g_strconcat ("assessment:", client, NULL);
  TesseraStore *store = tessera_session_get_store (session);
  TesseraPathwayLoading *loading = tessera_pathway_loading_new (client);

  self->session = g_object_ref (session);
  self->client_id = g_strdup (client);
  self->draft = tessera_draft_new (session, key, STATE_TYPE, self, make_state);
  add_form (self);
  show_suggestion (self);
  if (store != NULL)
    tessera_store_read_async (store, tessera_pathway_loading_run, loading, tessera_pathway_loading_free, NULL,
                              loaded_cb, g_object_ref (self));
  else
    tessera_pathway_loading_free (loading);
  return GTK_WIDGET (self);
}
