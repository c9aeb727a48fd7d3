/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-timeline-row.c: one thing that happened, as a row that opens.
 *
 * The inside comes from the registry: every field that has a value, under its label, so that a new field
 * shows by itself.
 */
#include "config.h"
#include "tessera-timeline-row.h"

#include <glib/gi18n-lib.h>

#include "tessera-pathway.h"
#include "tessera-text.h"

/* Of free text shown while the row is closed, in characters. */
#define SNIPPET 110

typedef struct {
  TesseraRecord *record;
  GPtrArray *related;
  gboolean filled;
} Inside;

static void
inside_free (gpointer data, GClosure *closure) {
  Inside *inside = data;

  g_object_unref (inside->record);
  g_clear_pointer (&inside->related, g_ptr_array_unref);
  g_free (inside);
}

TesseraTimelineGroup
tessera_timeline_row_get_group (TesseraTimelineKind kind) {
  switch (kind) {
  case TESSERA_TIMELINE_CONSENT:
  case TESSERA_TIMELINE_CONSENT_WITHDRAWN:
  case TESSERA_TIMELINE_REFERRAL:
  case TESSERA_TIMELINE_REFERRAL_EVENT:
    return TESSERA_TIMELINE_GROUP_REFERRALS;
  case TESSERA_TIMELINE_DOCUMENT:
    return TESSERA_TIMELINE_GROUP_DOCUMENTS;
  case TESSERA_TIMELINE_NEED:
  case TESSERA_TIMELINE_ASSESSMENT:
  case TESSERA_TIMELINE_STEP:
  case TESSERA_TIMELINE_GOAL_DONE:
  case TESSERA_TIMELINE_TASK_DONE:
  case TESSERA_TIMELINE_PROCEDURE:
    return TESSERA_TIMELINE_GROUP_PATHWAY;
  case TESSERA_TIMELINE_REGISTERED:
  case TESSERA_TIMELINE_VISIT:
  case TESSERA_TIMELINE_ADVICE:
  case TESSERA_TIMELINE_NOTE:
  case TESSERA_TIMELINE_APPOINTMENT:
  default:
    return TESSERA_TIMELINE_GROUP_VISITS;
  }
}

const char *
tessera_timeline_row_group_label (TesseraTimelineGroup group) {
  static const char *const labels[] = { N_("Visits"), N_("Pathway"), N_("Referrals and Consent"),
                                        N_("Documents") };

  return _(labels[group]);
}

static const char *
get_icon (TesseraTimelineKind kind) {
  switch (tessera_timeline_row_get_group (kind)) {
  case TESSERA_TIMELINE_GROUP_REFERRALS:
    return "tessera-refer-symbolic";
  case TESSERA_TIMELINE_GROUP_PATHWAY:
    if (kind == TESSERA_TIMELINE_GOAL_DONE || kind == TESSERA_TIMELINE_TASK_DONE)
      return "tessera-check-symbolic";
    return "tessera-step-symbolic";
  case TESSERA_TIMELINE_GROUP_DOCUMENTS:
    return "tessera-document-symbolic";
  case TESSERA_TIMELINE_GROUP_VISITS:
  case TESSERA_TIMELINE_N_GROUPS:
  default:
    return "tessera-visit-symbolic";
  }
}

static char *
describe_choice (const char *what, const char *vocabulary, const char *code) {
  if (code == NULL)
    return g_strdup (what);
  return g_strdup_printf ("%s · %s", what, tessera_vocabulary_get_label (vocabulary, code));
}

static char *
describe_step (TesseraRecord *record) {
  const char *from = tessera_record_get (record, "from_step");
  const char *to = tessera_vocabulary_get_label ("step", tessera_record_get (record, "to_step"));

  if (from == NULL)
    /* Translators: %s is a step of the pathway, such as "Inclusion". */
    return g_strdup_printf (_("Step: %s"), to);
  /* Translators: both are steps of the pathway. */
  return g_strdup_printf (_("Step: from %s to %s"), tessera_vocabulary_get_label ("step", from), to);
}

static char *
describe (const TesseraTimelineItem *item) {
  TesseraRecord *record = item->record;

  switch (item->kind) {
  case TESSERA_TIMELINE_REGISTERED:
    return g_strdup (_("Registered"));
  case TESSERA_TIMELINE_VISIT:
    return describe_choice (_("Visit"), "visit_how", tessera_record_get (record, "how"));
  case TESSERA_TIMELINE_ADVICE:
    return describe_choice (_("Advice"), "domain", tessera_record_get (record, "domain"));
  case TESSERA_TIMELINE_NOTE:
    return g_strdup (_("Note"));
  case TESSERA_TIMELINE_NEED:
    return describe_choice (_("Need"), "domain", tessera_record_get (record, "domain"));
  case TESSERA_TIMELINE_ASSESSMENT:
    return g_strdup (_("Assessment"));
  case TESSERA_TIMELINE_STEP:
    return describe_step (record);
  case TESSERA_TIMELINE_GOAL_DONE:
    return describe_choice (_("Goal reached"), "who", tessera_record_get (record, "done_by"));
  case TESSERA_TIMELINE_TASK_DONE:
    return describe_choice (_("Done"), "who", tessera_record_get (record, "done_by"));
  case TESSERA_TIMELINE_PROCEDURE:
    return g_strdup (_("Procedure"));
  case TESSERA_TIMELINE_APPOINTMENT:
    return describe_choice (_("Appointment"), "appointment_state", tessera_record_get (record, "state"));
  case TESSERA_TIMELINE_CONSENT:
    return describe_choice (_("Consent"), "consent_answer", tessera_record_get (record, "answer"));
  case TESSERA_TIMELINE_CONSENT_WITHDRAWN:
    return g_strdup (_("Consent withdrawn"));
  case TESSERA_TIMELINE_REFERRAL:
    return describe_choice (_("Referral"), "referral_kind", tessera_record_get (record, "kind"));
  case TESSERA_TIMELINE_REFERRAL_EVENT:
    return describe_choice (_("Referral"), "referral_status", tessera_record_get (record, "kind"));
  case TESSERA_TIMELINE_DOCUMENT:
    return describe_choice (_("Document"), "document_kind", tessera_record_get (record, "kind"));
  default:
    return g_strdup (tessera_entity_get_label (tessera_record_get_entity (record)));
  }
}

static const char *
get_text (const TesseraTimelineItem *item) {
  static const char *const fields[]
    = { "summary", "text", "told", "reason", "next_step", "about", "expectation", "title" };
  const TesseraEntity *entity = tessera_record_get_entity (item->record);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    int index = tessera_entity_find_field (entity, fields[i]);

    if (index < 0 || entity->fields[index].type != TESSERA_FIELD_TEXT)
      continue;
    if (tessera_record_get_at (item->record, index) != NULL)
      return tessera_record_get_at (item->record, index);
  }
  return NULL;
}

static char *
make_snippet (const char *text) {
  g_autofree char *line = g_strdelimit (g_strdup (text), "\n\r\t", ' ');
  g_autofree char *cut = NULL;

  if (g_utf8_strlen (line, -1) <= SNIPPET)
    return tessera_text_isolate (line);
  cut = g_utf8_substring (line, 0, SNIPPET);
  g_free (line);
  line = g_strconcat (cut, "…", NULL);
  return tessera_text_isolate (line);
}

static char *
describe_when (TesseraSession *session, const TesseraTimelineItem *item) {
  const TesseraEntity *entity = tessera_record_get_entity (item->record);
  g_autofree char *when = tessera_text_instant (item->at);
  const char *worker = NULL;

  if (tessera_entity_find_field (entity, "worker") >= 0)
    worker = tessera_session_get_worker_name (session, tessera_record_get (item->record, "worker"));
  if (worker == NULL)
    return g_steal_pointer (&when);
  return g_strdup_printf ("%s · %s", when, worker);
}

GtkWidget *
tessera_detail_row_new (const char *title, const char *text) {
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *caption = gtk_label_new (title);
  GtkWidget *body = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (caption), 0);
  gtk_widget_add_css_class (caption, "caption");
  gtk_widget_add_css_class (caption, "dim-label");
  tessera_text_show (GTK_LABEL (body), text);
  gtk_label_set_wrap (GTK_LABEL (body), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (body), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (body), TRUE);
  gtk_box_append (GTK_BOX (box), caption);
  gtk_box_append (GTK_BOX (box), body);
  gtk_widget_add_css_class (box, "form-text");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

static char *
format_value (const TesseraField *field, const char *value) {
  if (field->type == TESSERA_FIELD_DATE)
    return tessera_text_date (value);
  if (field->type == TESSERA_FIELD_INSTANT)
    return tessera_text_instant (g_ascii_strtoll (value, NULL, 10));
  return tessera_field_format (field, value);
}

static gboolean
is_shown (const TesseraField *field) {
  if (field->flags & TESSERA_FIELD_AUTOMATIC)
    return FALSE;
  return field->type != TESSERA_FIELD_REFERENCE && field->type != TESSERA_FIELD_ID &&
         field->type != TESSERA_FIELD_BLOB && !g_str_equal (field->name, "at");
}

static void
add_fields (AdwExpanderRow *row, TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);

  for (guint i = 0; i < entity->n_fields; i++) {
    const char *value = tessera_record_get_at (record, i);
    g_autofree char *text = NULL;

    if (value == NULL || !is_shown (&entity->fields[i]))
      continue;
    text = format_value (&entity->fields[i], value);
    adw_expander_row_add_row (row,
                              tessera_detail_row_new (tessera_field_get_label (&entity->fields[i]), text));
  }
}

static char *
describe_score (TesseraRecord *score) {
  int worker = tessera_record_get_integer (score, "worker_level");
  int client = tessera_record_get_integer (score, "client_level");
  const char *unasked = tessera_record_get (score, "unasked");

  if (worker == 0 && client == 0)
    return g_strdup (tessera_vocabulary_get_label ("unasked", unasked != NULL ? unasked : "not-asked"));
  if (client == 0)
    return g_strdup_printf ("%d · %s", worker, tessera_pathway_get_level_name (worker));
  /* Translators: first the worker's level 1 to 5 and its name, then the level the client gives. */
  return g_strdup_printf (_("%d · %s (the client says %d)"), worker, tessera_pathway_get_level_name (worker),
                          client);
}

static void
add_scores (AdwExpanderRow *row, GPtrArray *related) {
  for (guint i = 0; related != NULL && i < related->len; i++) {
    TesseraRecord *score = related->pdata[i];
    g_autofree char *text = NULL;

    if (g_strcmp0 (tessera_record_get_entity (score)->name, "assessment_score") != 0)
      continue;
    text = describe_score (score);
    adw_expander_row_add_row (
      row, tessera_detail_row_new (
             tessera_vocabulary_get_label ("domain", tessera_record_get (score, "domain")), text));
  }
}

static void
expanded_cb (AdwExpanderRow *row, GParamSpec *pspec, gpointer user_data) {
  Inside *inside = user_data;

  if (inside->filled || !adw_expander_row_get_expanded (row))
    return;
  inside->filled = TRUE;
  add_scores (row, inside->related);
  add_fields (row, inside->record);
}

static char *
describe_below (TesseraSession *session, const TesseraTimelineItem *item) {
  g_autofree char *when = describe_when (session, item);
  const char *text = get_text (item);
  g_autofree char *snippet = text != NULL ? make_snippet (text) : NULL;

  return snippet != NULL ? g_strdup_printf ("%s\n%s", when, snippet) : g_steal_pointer (&when);
}

GtkWidget *
tessera_timeline_row_new (TesseraSession *session, const TesseraTimelineItem *item) {
  GtkWidget *row = adw_expander_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (get_icon (item->kind));
  g_autofree char *title = describe (item);
  g_autofree char *below = describe_below (session, item);
  Inside *inside = g_new0 (Inside, 1);

  inside->record = g_object_ref (item->record);
  inside->related = item->related != NULL ? g_ptr_array_ref (item->related) : NULL;
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), below);
  adw_expander_row_add_prefix (ADW_EXPANDER_ROW (row), icon);
  g_signal_connect_data (row, "notify::expanded", G_CALLBACK (expanded_cb), inside, inside_free, 0);
  return row;
}
