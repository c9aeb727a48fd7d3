/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-referral-dialog.c: one referral; see the header.
 */
#include "config.h"
#include "tessera-referral-dialog.h"

#include <glib/gi18n-lib.h>

#include "tessera-post.h"
#include "tessera-referral.h"
#include "tessera-screen.h"
#include "tessera-share-preview.h"
#include "tessera-text.h"

struct _TesseraReferralDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  char *referral_id;
  TesseraRecord *referral;
  GPtrArray *steps; /* status codes we may go to */
  GPtrArray *codes; /* reason codes of the chosen step */
  TesseraSharePreview *preview;

  AdwWindowTitle *window_title;
  AdwPreferencesGroup *facts_group;
  AdwPreferencesGroup *received_group;
  AdwPreferencesGroup *events_group;
  AdwPreferencesGroup *answer_group;
  AdwComboRow *step_row;
  AdwComboRow *code_row;
  AdwEntryRow *message_row;
  GtkSwitch *tell_switch;
  GtkLabel *status_label;
  GtkBox *buttons;
  GtkButton *decline_button;
  GtkButton *ask_button;
  GtkButton *other_button;
  GtkButton *accept_button;
  GtkButton *send_button;
};

G_DEFINE_FINAL_TYPE (TesseraReferralDialog, tessera_referral_dialog, ADW_TYPE_WINDOW)

typedef struct {
  char *id;
  TesseraRecord *referral;
  TesseraRecord *partner;
  GPtrArray *events;
  GPtrArray *received;
} Loading;

static void
loading_free (gpointer data) {
  Loading *loading = data;

  g_free (loading->id);
  g_clear_object (&loading->referral);
  g_clear_object (&loading->partner);
  g_clear_pointer (&loading->events, g_ptr_array_unref);
  g_clear_pointer (&loading->received, g_ptr_array_unref);
  g_free (loading);
}

static gboolean
load_referral (TesseraTransaction *transaction, gpointer data, GError **error) {
  Loading *loading = data;

  loading->referral = tessera_transaction_load (transaction, "referral", loading->id, error);
  if (loading->referral == NULL)
    return FALSE;
  loading->partner
    = tessera_transaction_find (transaction, "partner", tessera_record_get (loading->referral, "partner"));
  loading->events = tessera_referral_list_events (transaction, loading->id, NULL, error);
  if (loading->events == NULL)
    return FALSE;
  if (g_strcmp0 (tessera_record_get (loading->referral, "direction"), "in") == 0)
    loading->received = tessera_post_get_received (transaction, loading->referral, NULL);
  return TRUE;
}

/* ---- showing
 * ----------------------------------------------------------------------------------------------------- */

static void
show_facts (TesseraReferralDialog *self, TesseraRecord *partner) {
  static const char *const fields[] = { "service_name", "kind", "priority", "reason", "due_on", "code" };
  const TesseraEntity *entity = tessera_record_get_entity (self->referral);

  tessera_screen_clear (self->facts_group);
  tessera_screen_add_fact (self->facts_group, _("Partner"),
                           partner != NULL ? tessera_record_get (partner, "name") : NULL);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    int index = tessera_entity_find_field (entity, fields[i]);
    const char *value = tessera_record_get (self->referral, fields[i]);
    g_autofree char *shown = NULL;

    if (value != NULL)
      shown = entity->fields[index].type == TESSERA_FIELD_DATE
                ? tessera_text_date (value)
                : tessera_field_format (&entity->fields[index], value);
    tessera_screen_add_fact (self->facts_group, tessera_field_get_label (&entity->fields[index]), shown);
  }
}

static void
show_events (TesseraReferralDialog *self, GPtrArray *events) {
  gboolean ours_is_sender = g_strcmp0 (tessera_referral_get_side (self->referral), "sender") == 0;

  tessera_screen_clear (self->events_group);
  for (guint i = 0; i < events->len; i++) {
    TesseraRecord *event = g_ptr_array_index (events, i);
    gboolean ours = (g_strcmp0 (tessera_record_get (event, "side"), "sender") == 0) == ours_is_sender;
    const char *code = tessera_record_get (event, "code");
    const char *text = tessera_record_get (event, "text");
    g_autofree char *when = tessera_text_instant (tessera_record_get_integer (event, "at"));
    g_autofree char *title = g_strdup_printf ("%s · %s", when, ours ? _("We") : _("They"));
    g_autoptr (GString) line
      = g_string_new (tessera_vocabulary_get_label ("referral_status", tessera_record_get (event, "kind")));

    if (code != NULL)
      g_string_append_printf (line, ": %s", tessera_vocabulary_get_label ("referral_code", code));
    if (text != NULL)
      g_string_append_printf (line, "\n%s", text);
    tessera_screen_add_fact (self->events_group, title, line->str);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->events_group), events->len > 0);
}

static gboolean
may_go_to (TesseraReferralDialog *self, const char *step) {
  for (guint i = 0; i < self->steps->len; i++)
    if (g_strcmp0 (g_ptr_array_index (self->steps, i), step) == 0)
      return TRUE;
  return FALSE;
}

static void
fill_steps (TesseraReferralDialog *self) {
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);
  g_autofree const char **next = tessera_referral_list_next (tessera_record_get (self->referral, "status"),
                                                             tessera_referral_get_side (self->referral));

  g_ptr_array_set_size (self->steps, 0);
  for (guint i = 0; next[i] != NULL; i++) {
    /* Written by the program itself: sending, receipts and clocks are no answers of a person. */
    if (g_strv_contains ((const char *const[]){ "sent", "received", "expired", "draft", NULL }, next[i]))
      continue;
    g_ptr_array_add (self->steps, g_strdup (next[i]));
    gtk_string_list_append (labels, tessera_vocabulary_get_label ("referral_status", next[i]));
  }
  adw_combo_row_set_model (self->step_row, G_LIST_MODEL (labels));
}

static void
show_buttons (TesseraReferralDialog *self) {
  gboolean incoming = g_strcmp0 (tessera_record_get (self->referral, "direction"), "in") == 0;
  gboolean undecided = incoming && may_go_to (self, "accepted");

  gtk_widget_set_visible (GTK_WIDGET (self->accept_button), undecided);
  gtk_widget_set_visible (GTK_WIDGET (self->decline_button), undecided && may_go_to (self, "declined"));
  gtk_widget_set_visible (GTK_WIDGET (self->ask_button), undecided && may_go_to (self, "info_needed"));
  gtk_widget_set_visible (GTK_WIDGET (self->other_button), !undecided && self->steps->len > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->send_button), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->answer_group), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->buttons), self->steps->len > 0);
}

static void
show (TesseraReferralDialog *self, Loading *loading) {
  const char *status = tessera_record_get (loading->referral, "status");
  gboolean incoming = g_strcmp0 (tessera_record_get (loading->referral, "direction"), "in") == 0;

  g_set_object (&self->referral, loading->referral);
  adw_window_title_set_title (self->window_title, incoming ? _("Referral to Us") : _("Our Referral"));
  adw_window_title_set_subtitle (
    self->window_title, tessera_vocabulary_get_label ("referral_status", status != NULL ? status : "draft"));
  show_facts (self, loading->partner);
  gtk_widget_set_visible (GTK_WIDGET (self->received_group),
                          loading->received != NULL && loading->received->len > 0);
  if (loading->received != NULL)
    tessera_share_preview_show (self->preview, loading->received);
  show_events (self, loading->events);
  fill_steps (self);
  show_buttons (self);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraReferralDialog) self = data;
  g_autoptr (GError) error = NULL;
  Loading *loading = tessera_store_result_get_data (result);

  if (self->session == NULL)
    return;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    gtk_label_set_label (self->status_label, error->message);
    return;
  }
  show (self, loading);
}

static void
load (TesseraReferralDialog *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Loading *loading = NULL;

  if (store == NULL)
    return;
  loading = g_new0 (Loading, 1);
  loading->id = g_strdup (self->referral_id);
  tessera_store_read_async (store, load_referral, loading, loading_free, NULL, loaded_cb,
                            g_object_ref (self));
}

/* ---- answering
 * --------------------------------------------------------------------------------------------------- */

typedef struct {
  char *id;
  char *answer;
  char *code;
  char *text;
  gboolean may_tell;
  char *outbox;
} Answering;

static void
answering_free (gpointer data) {
  Answering *answering = data;

  g_free (answering->id);
  g_free (answering->answer);
  g_free (answering->code);
  g_free (answering->text);
  g_free (answering->outbox);
  g_free (answering);
}

/* The answer counts even when it cannot be sealed today (their card has ended, say): it then waits in the
 * inbox. */
static gboolean
answer (TesseraTransaction *transaction, gpointer data, GError **error) {
  Answering *answering = data;
  g_autoptr (TesseraRecord) referral
    = tessera_post_answer (transaction, answering->id, answering->answer, answering->code, answering->text,
                           NULL, answering->may_tell, error);

  return referral != NULL;
}

static gboolean
seal_answer (TesseraTransaction *transaction, gpointer data, GError **error) {
  Answering *answering = data;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (TesseraRecord) referral
    = tessera_transaction_load (transaction, "referral", answering->id, error);
  g_autoptr (TesseraPostLetter) letter = NULL;

  if (referral == NULL)
    return FALSE;
  letter = tessera_post_deliver (transaction, answering->outbox, tessera_record_get (referral, "partner"),
                                 answering->id, NULL, &local_error);
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return letter != NULL || *error == NULL;
}

static void
sealed_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraReferralDialog) self = data;
  g_autoptr (GError) error = NULL;

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error))
    tessera_screen_toast_error (GTK_WIDGET (self), error);
  else
    tessera_screen_toast (GTK_WIDGET (self), _("The answer is sealed and waits in the outbox"));
  gtk_window_close (GTK_WINDOW (self));
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraReferralDialog) self = data;
  g_autoptr (GError) error = NULL;
  Answering *given = tessera_store_result_get_data (result);
  Answering *again = NULL;

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    gtk_label_set_label (self->status_label, error->message);
    gtk_widget_set_sensitive (GTK_WIDGET (self->buttons), TRUE);
    return;
  }
  again = g_new0 (Answering, 1);
  again->id = g_strdup (given->id);
  again->outbox = g_strdup (given->outbox);
  tessera_store_write_async (TESSERA_STORE (source), seal_answer, again, answering_free, NULL, sealed_cb,
                             g_steal_pointer (&self));
}

static void
give_answer (TesseraReferralDialog *self, const char *status, const char *code) {
  TesseraStore *store = tessera_session_get_store (self->session);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->message_row));
  Answering *answering = NULL;

  if (store == NULL)
    return;
  answering = g_new0 (Answering, 1);
  answering->id = g_strdup (self->referral_id);
  answering->answer = g_strdup (status);
  answering->code = g_strdup (code);
  answering->text = *text != '\0' ? g_strdup (text) : NULL;
  answering->may_tell = gtk_switch_get_active (self->tell_switch);
  answering->outbox = tessera_screen_get_folder (self->session, "outbox");
  gtk_widget_set_sensitive (GTK_WIDGET (self->buttons), FALSE);
  tessera_store_write_async (store, answer, answering, answering_free, NULL, answered_cb,
                             g_object_ref (self));
}

static const char *
get_step (TesseraReferralDialog *self) {
  guint selected = adw_combo_row_get_selected (self->step_row);

  return selected < self->steps->len ? g_ptr_array_index (self->steps, selected) : NULL;
}

static void
step_changed_cb (TesseraReferralDialog *self) {
  const char *step = get_step (self);
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);
  g_autofree const char **codes = step != NULL ? tessera_referral_list_codes (step) : NULL;

  g_ptr_array_set_size (self->codes, 0);
  gtk_string_list_append (labels, _("Choose a reason"));
  for (guint i = 0; codes != NULL && codes[i] != NULL; i++) {
    g_ptr_array_add (self->codes, g_strdup (codes[i]));
    gtk_string_list_append (labels, tessera_vocabulary_get_label ("referral_code", codes[i]));
  }
  adw_combo_row_set_model (self->code_row, G_LIST_MODEL (labels));
  gtk_widget_set_visible (GTK_WIDGET (self->code_row), self->codes->len > 0);
}

static void
open_answer (TesseraReferralDialog *self, const char *step) {
  for (guint i = 0; step != NULL && i < self->steps->len; i++)
    if (g_strcmp0 (g_ptr_array_index (self->steps, i), step) == 0)
      adw_combo_row_set_selected (self->step_row, i);
  step_changed_cb (self);
  /* Only the answer, so that it stands in front of one on a small screen too. */
  gtk_widget_set_visible (GTK_WIDGET (self->received_group), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->events_group), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->answer_group), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->accept_button), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->decline_button), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->ask_button), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->other_button), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->send_button), TRUE);
  gtk_widget_grab_focus (self->codes->len > 0 ? GTK_WIDGET (self->code_row) : GTK_WIDGET (self->message_row));
}

static void
accept_clicked_cb (TesseraReferralDialog *self) {
  give_answer (self, "accepted", NULL);
}

static void
decline_clicked_cb (TesseraReferralDialog *self) {
  open_answer (self, "declined");
}

static void
ask_clicked_cb (TesseraReferralDialog *self) {
  open_answer (self, "info_needed");
}

static void
other_clicked_cb (TesseraReferralDialog *self) {
  open_answer (self, NULL);
}

static void
send_clicked_cb (TesseraReferralDialog *self) {
  guint selected = adw_combo_row_get_selected (self->code_row);
  const char *code
    = selected > 0 && selected <= self->codes->len ? g_ptr_array_index (self->codes, selected - 1) : NULL;

  if (self->codes->len > 0 && code == NULL) {
    gtk_label_set_label (self->status_label,
                         _("Choose a reason: the other side learns from it where to turn next."));
    gtk_widget_grab_focus (GTK_WIDGET (self->code_row));
    return;
  }
  give_answer (self, get_step (self), code);
}

static void
tessera_referral_dialog_dispose (GObject *object) {
  TesseraReferralDialog *self = TESSERA_REFERRAL_DIALOG (object);

  g_clear_object (&self->referral);
  g_clear_object (&self->session);
  g_clear_pointer (&self->referral_id, g_free);
  G_OBJECT_CLASS (tessera_referral_dialog_parent_class)->dispose (object);
}

static void
tessera_referral_dialog_finalize (GObject *object) {
  TesseraReferralDialog *self = TESSERA_REFERRAL_DIALOG (object);

  g_ptr_array_unref (self->steps);
  g_ptr_array_unref (self->codes);
  G_OBJECT_CLASS (tessera_referral_dialog_parent_class)->finalize (object);
}

static void
tessera_referral_dialog_class_init (TesseraReferralDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_referral_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = tessera_referral_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-referral-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, window_title);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, facts_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, received_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, events_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, answer_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, step_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, code_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, message_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, tell_switch);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, status_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, buttons);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, decline_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, ask_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, other_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, accept_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferralDialog, send_button);
  gtk_widget_class_bind_template_callback (widget_class, step_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, accept_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, decline_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, ask_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, other_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, send_clicked_cb);
}

static void
tessera_referral_dialog_init (TesseraReferralDialog *self) {
  GtkWidget *row = NULL;

  self->steps = g_ptr_array_new_with_free_func (g_free);
  self->codes = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->preview = g_object_new (TESSERA_TYPE_SHARE_PREVIEW, "height-request", 260, NULL);
  row = adw_preferences_row_new ();
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), GTK_WIDGET (self->preview));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  adw_preferences_group_add (self->received_group, row);
}

TesseraReferralDialog *
tessera_referral_dialog_new (TesseraSession *session, GtkWindow *parent, const char *referral) {
  TesseraReferralDialog *self = g_object_new (TESSERA_TYPE_REFERRAL_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  self->referral_id = g_strdup (referral);
  load (self);
  return self;
}
