/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-step-dialog.c: on which step a client is, and why; see the header.
 */
#include "config.h"
#include "tessera-step-dialog.h"

#include <glib/gi18n-lib.h>

#include "tessera-form.h"
#include "tessera-intake.h"
#include "tessera-page.h"
#include "tessera-pathway-loading.h"
#include "tessera-screen.h"
#include "tessera-text.h"
#include "tessera-window.h"

#define N_STEPS 3

static const char *const steps[N_STEPS] = { "basic-needs", "inclusion", "autonomy" };

struct _TesseraStepDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  char *client_id;
  TesseraRecord *client;
  gboolean chosen; /* a person chose a step: what arrives later must not change it */
  gboolean setting;

  TesseraForm *form;
  GtkCheckButton *buttons[N_STEPS];
  GtkBox *content;
  GtkLabel *suggestion_label;
  AdwPreferencesGroup *steps_group;
  GtkLabel *error_label;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraStepDialog,
                               tessera_step_dialog,
                               ADW_TYPE_WINDOW,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static int
find_step (const char *code) {
  for (int i = 0; i < N_STEPS; i++)
    if (g_strcmp0 (steps[i], code) == 0)
      return i;
  return -1;
}

static int
get_chosen (TesseraStepDialog *self) {
  for (int i = 0; i < N_STEPS; i++)
    if (gtk_check_button_get_active (self->buttons[i]))
      return i;
  return -1;
}

static void
choose (TesseraStepDialog *self, int step) {
  self->setting = TRUE;
  if (step >= 0)
    gtk_check_button_set_active (self->buttons[step], TRUE);
  self->setting = FALSE;
}

static void
show_error (TesseraStepDialog *self, const char *text) {
  gtk_label_set_label (self->error_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), text != NULL);
}

static void
toggled_cb (TesseraStepDialog *self) {
  if (!self->setting)
    self->chosen = TRUE;
  show_error (self, NULL);
}

static void
add_steps (TesseraStepDialog *self) {
  for (int i = 0; i < N_STEPS; i++) {
    GtkWidget *row = adw_action_row_new ();
    GtkWidget *button = gtk_check_button_new ();
    const char *label = tessera_vocabulary_get_label ("step", steps[i]);

    if (i > 0)
      gtk_check_button_set_group (GTK_CHECK_BUTTON (button), self->buttons[0]);
    gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), label);
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), tessera_pathway_get_step_description (steps[i]));
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), button);
    adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
    adw_preferences_group_add (self->steps_group, row);
    self->buttons[i] = GTK_CHECK_BUTTON (button);
    g_signal_connect_object (button, "toggled", G_CALLBACK (toggled_cb), self, G_CONNECT_SWAPPED);
  }
}

static void
show_suggestion (TesseraStepDialog *self, const TesseraDomainStates *states) {
  int levels[TESSERA_N_DOMAINS];
  gint64 newest = 0;
  g_autoptr (TesseraSuggestion) suggestion = NULL;
  g_autofree char *text = NULL;
  g_autofree char *with_age = NULL;

  for (guint i = 0; i < TESSERA_N_DOMAINS; i++) {
    levels[i] = states->domains[i].worker_level;
    newest = MAX (newest, states->domains[i].at);
  }
  suggestion = tessera_pathway_suggest (levels);
  text = tessera_suggestion_describe (suggestion);
  if (newest > 0) {
    g_autofree char *ago = tessera_text_ago (newest);

    /* Translators: %s is how long ago, such as "5 days ago". */
    with_age = g_strdup_printf (_("Last assessment: %s."), ago);
  } else {
    with_age = g_strdup (_("There is no assessment yet."));
  }
  gtk_label_set_label (self->suggestion_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->suggestion_label), with_age);
  if (newest > 0) {
    g_autofree char *both = g_strconcat (text, " ", with_age, NULL);

    gtk_label_set_label (self->suggestion_label, both);
  }
  if (!self->chosen)
    choose (self, suggestion->step != NULL ? find_step (suggestion->step)
                                           : find_step (tessera_record_get (self->client, "step")));
  if (!self->chosen && suggestion->step != NULL && tessera_form_get_value (self->form, "reason") == NULL)
    tessera_form_set_value (self->form, "reason", "assessment");
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraStepDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  TesseraPathwayLoading *loading = tessera_store_result_get_data (result);

  if (self->form == NULL)
    return;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    show_error (self, error->message);
    return;
  }
  g_set_object (&self->client, loading->client);
  name = tessera_screen_name_client (self->client);
  adw_preferences_group_set_title (self->steps_group, name);
  show_suggestion (self, loading->states);
}

typedef struct {
  char *client_id;
  const char *step;
  char *reason;
  char *notes;
} Saving;

static void
saving_free (gpointer data) {
  Saving *saving = data;

  g_free (saving->client_id);
  g_free (saving->reason);
  g_free (saving->notes);
  g_free (saving);
}

static gboolean
save (TesseraTransaction *transaction, gpointer data, GError **error) {
  Saving *saving = data;
  g_autoptr (TesseraRecord) change = tessera_pathway_set_step (transaction, saving->client_id, saving->step,
                                                               saving->reason, saving->notes, error);

  return change != NULL;
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraStepDialog) self = data;
  g_autoptr (GError) error = NULL;
  Saving *saving = tessera_store_result_get_data (result);
  g_autofree char *text = NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "step.save", TRUE);
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    show_error (self, error->message);
    return;
  }
  /* Translators: %s is the name of a step, such as "Inclusion". */
  text = g_strdup_printf (_("Step: %s"), tessera_vocabulary_get_label ("step", saving->step));
  tessera_screen_toast (GTK_WIDGET (self), text);
  gtk_window_close (GTK_WINDOW (self));
}

static void
save_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraStepDialog *self = TESSERA_STEP_DIALOG (widget);
  TesseraStore *store = tessera_session_get_store (self->session);
  int chosen = get_chosen (self);
  Saving *saving = NULL;

  if (store == NULL)
    return;
  if (chosen < 0) {
    show_error (self, _("Choose a step."));
    return;
  }
  if (tessera_form_get_value (self->form, "reason") == NULL) {
    tessera_form_show_error (self->form, "reason", _("Choose a reason: it is kept with the step."));
    return;
  }
  gtk_widget_action_set_enabled (widget, "step.save", FALSE);
  saving = g_new0 (Saving, 1);
  saving->client_id = g_strdup (self->client_id);
  saving->step = steps[chosen];
  saving->reason = g_strdup (tessera_form_get_value (self->form, "reason"));
  saving->notes = g_strdup (tessera_form_get_value (self->form, "notes"));
  tessera_store_write_async (store, save, saving, saving_free, NULL, saved_cb, g_object_ref (self));
}

static char *
tessera_step_dialog_get_title (TesseraPage *page) {
  return g_strdup (_("Set Step"));
}

static GVariant *
tessera_step_dialog_save_state (TesseraPage *page) {
  TesseraStepDialog *self = TESSERA_STEP_DIALOG (page);
  g_autoptr (GVariant) form = tessera_form_save_state (self->form);

  return g_variant_new ("(ibv)", get_chosen (self), self->chosen, form);
}

static void
tessera_step_dialog_restore_state (TesseraPage *page, GVariant *state) {
  TesseraStepDialog *self = TESSERA_STEP_DIALOG (page);
  g_autoptr (GVariant) form = NULL;
  int chosen = -1;
  gboolean by_person = FALSE;

  g_variant_get (state, "(ibv)", &chosen, &by_person, &form);
  choose (self, chosen);
  self->chosen = by_person;
  tessera_form_restore_state (self->form, form);
}

static void
tessera_step_dialog_dispose (GObject *object) {
  TesseraStepDialog *self = TESSERA_STEP_DIALOG (object);

  g_clear_object (&self->form);
  g_clear_object (&self->client);
  g_clear_object (&self->session);
  g_clear_pointer (&self->client_id, g_free);
  G_OBJECT_CLASS (tessera_step_dialog_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_step_dialog_get_title;
  iface->save_state = tessera_step_dialog_save_state;
  iface->restore_state = tessera_step_dialog_restore_state;
}

static void
tessera_step_dialog_class_init (TesseraStepDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_step_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-step-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraStepDialog, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraStepDialog, suggestion_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraStepDialog, steps_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraStepDialog, error_label);
  gtk_widget_class_install_action (widget_class, "step.save", NULL, save_cb);
}

static void
tessera_step_dialog_init (TesseraStepDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  add_steps (self);
}

GtkWidget *
tessera_step_dialog_new (TesseraSession *session, const char *client) {
  static const char *const fields[] = { "reason", "notes", NULL };
  TesseraStepDialog *self = g_object_new (TESSERA_TYPE_STEP_DIALOG, NULL);
  TesseraStore *store = tessera_session_get_store (session);

  self->session = g_object_ref (session);
  self->client_id = g_strdup (client);
  self->form = TESSERA_FORM (g_object_ref_sink (tessera_form_new (session, "step_change", fields, NULL)));
  gtk_box_insert_child_after (self->content, GTK_WIDGET (self->form), GTK_WIDGET (self->steps_group));
  if (store != NULL) {
    TesseraPathwayLoading *loading = tessera_pathway_loading_new (client);

    tessera_store_read_async (store, tessera_pathway_loading_run, loading, tessera_pathway_loading_free, NULL,
                              loaded_cb, g_object_ref (self));
  }
  return GTK_WIDGET (self);
}
