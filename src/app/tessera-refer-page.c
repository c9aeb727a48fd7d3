/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-refer-page.c: sending a client's request to a partner; see the header.
 */
#include "config.h"
#include "tessera-refer-page.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-consent.h"
#include "tessera-draft.h"
#include "tessera-form.h"
#include "tessera-identifier.h"
#include "tessera-language.h"
#include "tessera-refer-work.h"
#include "tessera-screen.h"
#include "tessera-service-dialog.h"
#include "tessera-share-preview.h"
#include "tessera-text.h"
#include "tessera-turn-window.h"
#include "tessera-window.h"

/* What the page holds, by name: see make_state(). */
#define STATE_TYPE "a{ss}"
#define PREVIEW_DELAY_MILLISECONDS 120

typedef struct {
  TesseraCategory category;
  AdwActionRow *row;
  GtkSwitch *toggle;
} Group;

struct _TesseraReferPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *client_id;
  TesseraReferFacts *facts;
  TesseraRecord *referral;
  TesseraDraft *draft;
  char *wanted_partner; /* chosen in a draft before the partners were read */
  char *organization_id;
  char *organization_name;
  char *consent_text;
  Group groups[TESSERA_N_CATEGORIES];
  guint n_groups;
  guint preview_timeout;
  guint preview_turn;
  gboolean filling;
  gboolean restored;
  gboolean leaving;
  gboolean sending;

  TesseraForm *reason_form;
  TesseraForm *consent_form;
  GtkButton *send_button;
  AdwLeaflet *leaflet;
  GtkScrolledWindow *scroller;
  AdwActionRow *service_row;
  AdwComboRow *partner_row;
  GtkCheckButton *refer_button;
  GtkCheckButton *hand_over_button;
  GtkCheckButton *ask_button;
  GtkBox *reason_box;
  AdwPreferencesGroup *groups_group;
  AdwActionRow *known_row;
  AdwComboRow *language_row;
  GtkLabel *consent_label;
  GtkButton *turn_button;
  GtkBox *consent_box;
  GtkCheckButton *unanswered_button;
  GtkCheckButton *yes_button;
  GtkCheckButton *no_button;
  GtkCheckButton *later_button;
  GtkLabel *status_label;
  GtkLabel *preview_label;
  TesseraSharePreview *preview;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraReferPage,
                               tessera_refer_page,
                               ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

/* ---- reading the page
 * -------------------------------------------------------------------------------------------- */

static const char *
get_kind (TesseraReferPage *self) {
  if (gtk_check_button_get_active (self->hand_over_button))
    return "hand-over";
  if (gtk_check_button_get_active (self->ask_button))
    return "ask-opinion";
  return "refer";
}

static const char *
get_answer (TesseraReferPage *self) {
  if (gtk_check_button_get_active (self->yes_button))
    return "yes";
  if (gtk_check_button_get_active (self->no_button))
    return "no";
  if (gtk_check_button_get_active (self->later_button))
    return "later";
  return NULL;
}

static TesseraRecord *
get_partner (TesseraReferPage *self) {
  guint selected = adw_combo_row_get_selected (self->partner_row);

  if (self->facts == NULL || selected == 0 || selected > self->facts->partners->len)
    return NULL;
  return g_ptr_array_index (self->facts->partners, selected - 1);
}

static char **
get_groups (TesseraReferPage *self) {
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  /* Canonical order of a set is byte order; casework sorts what it saves. */
  for (guint i = 0; i < self->n_groups; i++)
    if (gtk_switch_get_active (self->groups[i].toggle)
        && gtk_widget_get_sensitive (GTK_WIDGET (self->groups[i].row)))
      g_strv_builder_add (builder, tessera_category_get_code (self->groups[i].category));
  return g_strv_builder_end (builder);
}

static const TesseraLanguage *
get_text_language (TesseraReferPage *self) {
  guint count = 0;
  const TesseraLanguage *all = tessera_language_get_all (&count);

  return &all[MIN (adw_combo_row_get_selected (self->language_row), count - 1)];
}

static gboolean
is_trusted (TesseraRecord *partner) {
  const char *trust = tessera_record_get (partner, "trust");

  return g_strcmp0 (trust, "spoken") == 0 || g_strcmp0 (trust, "in-person") == 0;
}

static gboolean
covers (TesseraRecord *consent, char **groups) {
  for (guint i = 0; groups[i] != NULL; i++)
    if (!tessera_record_set_contains (consent, "groups", groups[i]))
      return FALSE;
  return TRUE;
}

/* The newest answer the client gave about the chosen partner. */
static TesseraRecord *
find_last_answer (TesseraReferPage *self) {
  TesseraRecord *partner = get_partner (self);

  for (guint i = 0; partner != NULL && i < self->facts->consents->len; i++) {
    TesseraRecord *consent = g_ptr_array_index (self->facts->consents, i);

    if (g_strcmp0 (tessera_record_get (consent, "partner"), tessera_record_get_id (partner)) == 0)
      return consent;
  }
  return NULL;
}

/* A consent that already allows what is switched on, unless the client was asked anew. */
static TesseraRecord *
find_standing_consent (TesseraReferPage *self) {
  TesseraRecord *last = find_last_answer (self);
  g_auto (GStrv) groups = get_groups (self);

  if (get_answer (self) != NULL || last == NULL || !tessera_consent_is_valid (last, tessera_now ()))
    return NULL;
  return covers (last, groups) ? last : NULL;
}

static void
put (GVariantBuilder *builder, const char *name, const char *value) {
  if (value != NULL && *value != '\0')
    g_variant_builder_add (builder, "{ss}", name, value);
}

static GVariant *
make_state (gpointer screen) {
  static const char *const consent_fields[] = { "how", "given_by", "signature", "expires_on" };
  TesseraReferPage *self = screen;
  TesseraRecord *partner = get_partner (self);
  g_auto (GStrv) groups = get_groups (self);
  g_autofree char *joined = g_strjoinv (",", groups);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (STATE_TYPE));
  put (&builder, "service", tessera_record_get (self->referral, "service"));
  put (&builder, "service_name", tessera_record_get (self->referral, "service_name"));
  put (&builder, "organization", self->organization_id);
  put (&builder, "organization_name", self->organization_name);
  put (&builder, "partner", partner != NULL ? tessera_record_get_id (partner) : self->wanted_partner);
  put (&builder, "kind", get_kind (self));
  put (&builder, "groups", joined);
  put (&builder, "language", get_text_language (self)->tag);
  put (&builder, "answer", get_answer (self));
  put (&builder, "reason", tessera_form_get_value (self->reason_form, "reason"));
  put (&builder, "priority", tessera_form_get_value (self->reason_form, "priority"));
  for (guint i = 0; i < G_N_ELEMENTS (consent_fields); i++)
    put (&builder, consent_fields[i], tessera_form_get_value (self->consent_form, consent_fields[i]));
  return g_variant_builder_end (&builder);
}

static gboolean
is_empty (TesseraReferPage *self) {
  g_auto (GStrv) groups = get_groups (self);

  return tessera_record_get (self->referral, "service_name") == NULL && get_answer (self) == NULL
         && tessera_form_is_empty (self->reason_form) && groups[0] == NULL;
}

static TesseraReferPlan *
make_plan (TesseraReferPage *self) {
  TesseraRecord *partner = get_partner (self);
  g_autoptr (TesseraRecord) referral = tessera_record_copy (self->referral);
  TesseraReferPlan *plan = NULL;

  tessera_record_set (referral, "kind", get_kind (self));
  tessera_record_set (referral, "reason", tessera_form_get_value (self->reason_form, "reason"));
  tessera_record_set (referral, "priority", tessera_form_get_value (self->reason_form, "priority"));
  plan = tessera_refer_plan_new (self->client_id, referral);
  plan->partner_id = g_strdup (partner != NULL ? tessera_record_get_id (partner) : NULL);
  plan->groups = get_groups (self);
  plan->text = g_strdup (self->consent_text);
  plan->language = g_strdup (get_text_language (self)->tag);
  plan->how = g_strdup (tessera_form_get_value (self->consent_form, "how"));
  plan->given_by = g_strdup (tessera_form_get_value (self->consent_form, "given_by"));
  plan->signature = g_strdup (tessera_form_get_value (self->consent_form, "signature"));
  plan->expires_on = g_strdup (tessera_form_get_value (self->consent_form, "expires_on"));
  return plan;
}

/* ---- preview
 * ----------------------------------------------------------------------------------------------------- */

typedef struct {
  TesseraReferPage *page;
  guint turn;
} Previewing;

static void
previewed_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autofree Previewing *previewing = data;
  g_autoptr (TesseraReferPage) self = previewing->page;
  g_autoptr (GError) error = NULL;
  g_autofree char *count = NULL;
  TesseraReferPlan *plan = tessera_store_result_get_data (result);
  guint n_fields = 0;

  if (self->draft == NULL || previewing->turn != self->preview_turn)
    return;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    tessera_share_preview_say (self->preview, error->message);
    gtk_label_set_label (self->preview_label, _("Nothing goes out."));
    return;
  }
  tessera_share_preview_show (self->preview, plan->records);
  n_fields = tessera_share_preview_count (self->preview);
  count = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u entry, if the client says yes",
                                        "%u entries, if the client says yes", n_fields),
                           n_fields);
  gtk_label_set_label (self->preview_label, count);
}

static gboolean
preview_timeout_cb (gpointer data) {
  TesseraReferPage *self = data;
  TesseraStore *store = tessera_session_get_store (self->session);
  Previewing *previewing = NULL;

  self->preview_timeout = 0;
  if (store == NULL)
    return G_SOURCE_REMOVE;
  if (get_partner (self) == NULL) {
    tessera_share_preview_say (self->preview, _("Choose a partner to see what they would get."));
    gtk_label_set_label (self->preview_label, _("Nothing goes out."));
    return G_SOURCE_REMOVE;
  }
  previewing = g_new0 (Previewing, 1);
  previewing->page = g_object_ref (self);
  previewing->turn = ++self->preview_turn;
  tessera_store_read_async (store, tessera_refer_plan_preview, make_plan (self), tessera_refer_plan_free,
                            NULL, previewed_cb, previewing);
  return G_SOURCE_REMOVE;
}

static void
preview_later (TesseraReferPage *self) {
  if (self->preview_timeout == 0)
    self->preview_timeout = g_timeout_add (PREVIEW_DELAY_MILLISECONDS, preview_timeout_cb, self);
}

/* ---- consent text
 * ------------------------------------------------------------------------------------------------ */

static char *
build_text (gpointer data) {
  TesseraReferPage *self = data;
  TesseraRecord *partner = get_partner (self);
  g_auto (GStrv) groups = get_groups (self);
  const char *organization = tessera_session_get_organization (self->session);

  return tessera_consent_build_text (tessera_record_get (partner, "name"),
                                     organization != NULL ? organization : "", (const char *const *)groups,
                                     tessera_form_get_value (self->consent_form, "expires_on"));
}

static void
show_consent_text (TesseraReferPage *self) {
  const TesseraLanguage *language = get_text_language (self);

  g_clear_pointer (&self->consent_text, g_free);
  if (get_partner (self) != NULL)
    self->consent_text = tessera_screen_in_language (language->tag, build_text, self);
  gtk_label_set_label (self->consent_label,
                       self->consent_text != NULL
                         ? self->consent_text
                         : _("The text to read aloud stands here once a partner is chosen."));
  gtk_widget_set_direction (GTK_WIDGET (self->consent_label),
                            self->consent_text != NULL ? tessera_language_get_direction (language->tag)
                                                       : gtk_widget_get_default_direction ());
  gtk_widget_set_sensitive (GTK_WIDGET (self->turn_button), self->consent_text != NULL);
}

static char *
get_answer_label (gpointer data) {
  return g_strdup (tessera_vocabulary_get_label ("consent_answer", data));
}

static void
answered_cb (TesseraReferPage *self, const char *code) {
  GtkCheckButton *button = self->later_button;

  if (g_strcmp0 (code, "yes") == 0)
    button = self->yes_button;
  else if (g_strcmp0 (code, "no") == 0)
    button = self->no_button;
  gtk_check_button_set_active (button, TRUE);
}

static void
turn_screen_cb (TesseraReferPage *self) {
  static const char *const answers[] = { "yes", "later", "no" };
  const TesseraLanguage *language = get_text_language (self);
  const TesseraLanguage *own = tessera_language_get_current ();
  gboolean same = language == own;
  g_autofree char *small = NULL;
  TesseraTurnWindow *window = NULL;

  if (self->consent_text == NULL)
    return;
  small = same ? NULL : build_text (self);
  window = tessera_turn_window_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  tessera_turn_window_set_text (window, self->consent_text, language->tag, small, own->tag);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    g_autofree char *label
      = tessera_screen_in_language (language->tag, get_answer_label, (gpointer)answers[i]);

    tessera_turn_window_add_answer (window, answers[i], label,
                                    same ? NULL : tessera_vocabulary_get_label ("consent_answer", answers[i]),
                                    i == 0);
  }
  g_signal_connect_object (window, "answered", G_CALLBACK (answered_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
}

/* ---- showing what follows from what was chosen
 * ------------------------------------------------------------------- */

static void
show_last_answer (TesseraReferPage *self) {
  TesseraRecord *last = find_last_answer (self);
  TesseraRecord *standing = find_standing_consent (self);
  g_autofree char *when = NULL;
  g_autofree char *title = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->known_row), last != NULL);
  if (last == NULL)
    return;
  when = tessera_text_ago (tessera_record_get_integer (last, "given_at"));
  /* Translators: %1$s is yes, no or later; %2$s is when, such as "5 days ago". */
  title = g_strdup_printf (
    _("They were asked before and said: %1$s (%2$s)"),
    tessera_vocabulary_get_label ("consent_answer", tessera_record_get (last, "answer")), when);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->known_row), title);
  if (standing != NULL)
    adw_action_row_set_subtitle (self->known_row,
                                 _("That answer still stands and covers what is switched on: they "
                                    "need not be asked again."));
  else if (tessera_consent_is_valid (last, tessera_now ()))
    adw_action_row_set_subtitle (self->known_row,
                                 _("That answer stands, but for less than is switched on now: ask "
                                    "again."));
  else if (g_strcmp0 (tessera_record_get (last, "answer"), "yes") == 0)
    adw_action_row_set_subtitle (self->known_row, _("It has ended or was taken back: ask again."));
  else
    adw_action_row_set_subtitle (self->known_row,
                                 _("Respect it: ask again only if something has changed for them."));
}

static void
show_partner (TesseraReferPage *self) {
  TesseraRecord *partner = get_partner (self);
  g_autofree char *text = NULL;

  if (self->facts == NULL)
    return;
  if (self->facts->partners->len == 0) {
    text = g_strdup (_("There is no partner yet. Exchange cards with them first, in the inbox."));
  } else if (partner == NULL && self->organization_name != NULL) {
    text = g_strdup_printf (_("%s has no card here. Choose who receives it for them."),
                            self->organization_name);
  } else if (partner != NULL && !is_trusted (partner)) {
    text = g_strdup (
      _("Their fingerprint is not checked. Call them and compare it, in the inbox; then it can be "
         "sent."));
  } else if (partner != NULL) {
    text = g_strdup (tessera_vocabulary_get_label ("trust", tessera_record_get (partner, "trust")));
    if (self->organization_id != NULL
        && g_strcmp0 (self->organization_id, tessera_record_get (partner, "organization")) != 0) {
      char *more = g_strdup_printf (_("%s. The service belongs to %s, which has no card here."), text,
                                    self->organization_name != NULL ? self->organization_name : "–");

      g_free (text);
      text = more;
    }
  }
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->partner_row), text != NULL ? text : "");
}

/* What is still missing, in the order of the page; NULL when it can be done. */
static const char *
find_missing (TesseraReferPage *self) {
  TesseraRecord *partner = get_partner (self);
  const char *answer = get_answer (self);

  if (partner == NULL)
    return _("Choose a partner.");
  if (answer != NULL && strcmp (answer, "yes") != 0)
    return NULL;
  if (tessera_record_get (self->referral, "service_name") == NULL)
    return _("Choose a service.");
  if (!is_trusted (partner))
    return _("The partner's fingerprint must be checked before anything is sent.");
  if (tessera_form_get_value (self->reason_form, "reason") == NULL)
    return _("Write the reason: the partner decides by it.");
  if (answer == NULL && find_standing_consent (self) == NULL)
    return _("Ask the client and write down the answer.");
  return NULL;
}

static void
show_status (TesseraReferPage *self) {
  const char *missing = find_missing (self);
  const char *answer = get_answer (self);
  gboolean keep_only = answer != NULL && strcmp (answer, "yes") != 0;

  gtk_label_set_label (self->status_label, missing != NULL ? missing : _("Ready."));
  gtk_button_set_label (self->send_button, keep_only ? _("Keep the Answer") : _("Send"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->send_button), missing == NULL && !self->sending);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "refer.send", missing == NULL && !self->sending);
}

static void
show_kind (TesseraReferPage *self) {
  gboolean nameless = strcmp (get_kind (self), "ask-opinion") == 0;

  for (guint i = 0; i < self->n_groups; i++) {
    TesseraCategory category = self->groups[i].category;

    if (category == TESSERA_CATEGORY_IDENTITY || category == TESSERA_CATEGORY_CONTACT)
      gtk_widget_set_sensitive (GTK_WIDGET (self->groups[i].row), !nameless);
  }
}

static void
refresh (TesseraReferPage *self) {
  show_kind (self);
  show_partner (self);
  show_consent_text (self);
  show_last_answer (self);
  show_status (self);
  preview_later (self);
}

static void
changed (TesseraReferPage *self) {
  if (self->filling || self->draft == NULL)
    return;
  refresh (self);
  tessera_draft_touch (self->draft);
}

static void
partner_changed_cb (TesseraReferPage *self) {
  changed (self);
}

static void
kind_changed_cb (TesseraReferPage *self) {
  changed (self);
}

static void
answer_changed_cb (TesseraReferPage *self) {
  changed (self);
}

static void
consent_text_changed_cb (TesseraReferPage *self) {
  changed (self);
}

static void
show_preview_cb (TesseraReferPage *self) {
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
}

static void
hide_preview_cb (TesseraReferPage *self) {
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

/* ---- filling the page
 * -------------------------------------------------------------------------------------------- */

static void
select_partner (TesseraReferPage *self, const char *field, const char *id) {
  for (guint i = 0; id != NULL && self->facts != NULL && i < self->facts->partners->len; i++) {
    TesseraRecord *partner = g_ptr_array_index (self->facts->partners, i);
    const char *own = field != NULL ? tessera_record_get (partner, field) : tessera_record_get_id (partner);

    if (g_strcmp0 (own, id) == 0) {
      adw_combo_row_set_selected (self->partner_row, i + 1);
      return;
    }
  }
}

static void
show_service (TesseraReferPage *self) {
  const char *name = tessera_record_get (self->referral, "service_name");

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->service_row),
                                 name != NULL ? name : _("Choose a Service…"));
  adw_action_row_set_subtitle (self->service_row,
                               self->organization_name != NULL ? self->organization_name : "");
}

static void
take_service (TesseraReferPage *self,
              const char *id,
              const char *name,
              const char *organization_id,
              const char *organization_name) {
  tessera_record_set (self->referral, "service", id);
  tessera_record_set (self->referral, "service_name", name);
  g_free (self->organization_id);
  self->organization_id = g_strdup (organization_id);
  g_free (self->organization_name);
  self->organization_name = g_strdup (organization_name);
  show_service (self);
}

static void
service_chosen_cb (TesseraReferPage *self,
                   const char *id,
                   const char *name,
                   const char *organization_id,
                   const char *organization_name) {
  take_service (self, id, name, organization_id, organization_name);
  select_partner (self, "organization", organization_id);
  changed (self);
}

static void
choose_service_cb (TesseraReferPage *self) {
  TesseraServiceDialog *dialog
    = tessera_service_dialog_new (self->session, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));

  g_signal_connect_object (dialog, "chosen", G_CALLBACK (service_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static const char *
look_up (GVariant *state, const char *name) {
  const char *value = NULL;

  return g_variant_lookup (state, name, "&s", &value) ? value : NULL;
}

static void
select_language (TesseraReferPage *self, const char *tag) {
  guint count = 0;
  const TesseraLanguage *all = tessera_language_get_all (&count);
  const TesseraLanguage *wanted = tessera_language_find (tag);

  for (guint i = 0; i < count; i++)
    if (&all[i] == wanted)
      adw_combo_row_set_selected (self->language_row, i);
}

static void
set_groups (TesseraReferPage *self, const char *codes) {
  g_auto (GStrv) wanted = g_strsplit (codes != NULL ? codes : "", ",", -1);

  for (guint i = 0; i < self->n_groups; i++)
    gtk_switch_set_active (
      self->groups[i].toggle,
      g_strv_contains ((const char *const *)wanted, tessera_category_get_code (self->groups[i].category)));
}

static void
apply_state (TesseraReferPage *self, GVariant *state) {
  static const char *const consent_fields[] = { "how", "given_by", "signature", "expires_on" };
  const char *kind = look_up (state, "kind");
  const char *answer = look_up (state, "answer");

  self->filling = TRUE;
  take_service (self, look_up (state, "service"), look_up (state, "service_name"),
                look_up (state, "organization"), look_up (state, "organization_name"));
  g_free (self->wanted_partner);
  self->wanted_partner = g_strdup (look_up (state, "partner"));
  select_partner (self, NULL, self->wanted_partner);
  if (g_strcmp0 (kind, "hand-over") == 0)
    gtk_check_button_set_active (self->hand_over_button, TRUE);
  else if (g_strcmp0 (kind, "ask-opinion") == 0)
    gtk_check_button_set_active (self->ask_button, TRUE);
  set_groups (self, look_up (state, "groups"));
  select_language (self, look_up (state, "language"));
  if (answer != NULL)
    answered_cb (self, answer);
  tessera_form_set_value (self->reason_form, "reason", look_up (state, "reason"));
  tessera_form_set_value (self->reason_form, "priority", look_up (state, "priority"));
  for (guint i = 0; i < G_N_ELEMENTS (consent_fields); i++)
    tessera_form_set_value (self->consent_form, consent_fields[i], look_up (state, consent_fields[i]));
  self->filling = FALSE;
}

static void
fill_defaults (TesseraReferPage *self) {
  self->filling = TRUE;
  tessera_form_set_value (self->reason_form, "priority", "routine");
  tessera_form_set_value (self->consent_form, "how", "read-aloud");
  tessera_form_set_value (self->consent_form, "given_by", "self");
  tessera_form_set_value (self->consent_form, "signature", "verbal");
  select_language (self, tessera_language_get_current ()->tag);
  if (self->facts != NULL)
    select_language (self, tessera_record_get (self->facts->client, "language"));
  self->filling = FALSE;
}

static void
take_draft (gpointer screen, GVariant *state) {
  TesseraReferPage *self = screen;

  if (!self->restored) {
    fill_defaults (self);
    if (state != NULL) {
      apply_state (self, state);
      tessera_screen_toast (GTK_WIDGET (self), _("This is the referral you had begun. Nothing was lost."));
    }
  }
  refresh (self);
}

static void
fill_partners (TesseraReferPage *self) {
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  self->filling = TRUE;
  gtk_string_list_append (names, _("Not chosen"));
  for (guint i = 0; i < self->facts->partners->len; i++)
    gtk_string_list_append (names, tessera_record_get (g_ptr_array_index (self->facts->partners, i), "name"));
  adw_combo_row_set_model (self->partner_row, G_LIST_MODEL (names));
  select_partner (self, NULL, self->wanted_partner);
  self->filling = FALSE;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraReferPage) self = data;
  g_autoptr (GError) error = NULL;
  TesseraReferFacts *loaded = tessera_store_result_get_data (result);

  if (self->draft == NULL)
    return;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    tessera_screen_toast_error (GTK_WIDGET (self), error);
    return;
  }
  self->facts = tessera_refer_facts_new (self->client_id);
  self->facts->client = g_steal_pointer (&loaded->client);
  self->facts->partners = g_steal_pointer (&loaded->partners);
  self->facts->consents = g_steal_pointer (&loaded->consents);
  fill_partners (self);
  tessera_page_title_changed (TESSERA_PAGE (self));
  tessera_draft_load (self->draft, take_draft);
}

static void
load (TesseraReferPage *self) {
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store != NULL)
    tessera_store_read_async (store, tessera_refer_facts_load, tessera_refer_facts_new (self->client_id),
                              tessera_refer_facts_free, NULL, loaded_cb, g_object_ref (self));
}

/* Cards may arrive while the page is open. */
static void
store_changed_cb (TesseraReferPage *self, const char *entities) {
  if (!self->sending && tessera_session_concerns (entities, "partner")) {
    TesseraRecord *partner = get_partner (self);

    g_free (self->wanted_partner);
    self->wanted_partner = partner != NULL ? g_strdup (tessera_record_get_id (partner)) : NULL;
    self->restored = TRUE;
    g_clear_pointer (&self->facts, tessera_refer_facts_free);
    load (self);
  }
}

/* ---- sending
 * ----------------------------------------------------------------------------------------------------- */

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraReferPage) self = data;
  g_autoptr (GError) error = NULL;
  TesseraReferPlan *plan = tessera_store_result_get_data (result);
  TesseraWindow *window = tessera_window_get_for (GTK_WIDGET (self));

  self->sending = FALSE;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    if (self->draft != NULL)
      show_status (self);
    gtk_label_set_label (self->status_label, error->message);
    tessera_screen_toast_error (GTK_WIDGET (self), error);
    return;
  }
  if (self->draft != NULL)
    tessera_draft_forget (self->draft);
  self->leaving = TRUE;
  if (window == NULL)
    return;
  if (plan->consent_id == NULL && g_strcmp0 (plan->answer, "yes") != 0)
    tessera_window_toast (window, _("The answer is kept; nothing was sent"));
  else
    tessera_window_toast (window, _("The referral is sealed and waits in the outbox"));
  tessera_window_pop (window);
}

static void
send_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraReferPage *self = TESSERA_REFER_PAGE (widget);
  TesseraStore *store = tessera_session_get_store (self->session);
  TesseraRecord *standing = find_standing_consent (self);
  TesseraReferPlan *plan = NULL;

  if (store == NULL || self->sending || find_missing (self) != NULL)
    return;
  if (get_answer (self) == NULL || strcmp (get_answer (self), "yes") == 0)
    if (!tessera_form_validate (self->reason_form))
      return;
  if (!tessera_form_validate (self->consent_form))
    return;
  plan = make_plan (self);
  plan->answer = g_strdup (get_answer (self));
  plan->consent_id = standing != NULL ? g_strdup (tessera_record_get_id (standing)) : NULL;
  plan->outbox = tessera_screen_get_folder (self->session, "outbox");
  plan->draft_key = g_strdup (tessera_draft_get_key (self->draft));
  self->sending = TRUE;
  show_status (self);
  tessera_store_write_async (store, tessera_refer_plan_carry_out, plan, tessera_refer_plan_free, NULL,
                             sent_cb, g_object_ref (self));
}

static void
send_clicked_cb (TesseraReferPage *self) {
  gtk_widget_activate_action (GTK_WIDGET (self), "refer.send", NULL);
}

/* ---- making the page
 * --------------------------------------------------------------------------------------------- */

/* Only groups that some field of the registry belongs to: a switch that lets nothing out would be a lie. */
static gboolean
is_in_use (TesseraRegistry *registry, TesseraCategory category) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (registry);

  for (guint i = 0; entities[i] != NULL; i++)
    for (guint j = 0; j < entities[i]->n_fields; j++)
      if (entities[i]->fields[j].category == category
          && entities[i]->fields[j].share == TESSERA_SHARE_CONSENT)
        return TRUE;
  return FALSE;
}

static void
add_group (TesseraReferPage *self, TesseraCategory category) {
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *toggle = gtk_switch_new ();
  const char *label = tessera_category_get_label (category);
  Group *group = &self->groups[self->n_groups++];

  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), label);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), tessera_category_get_description (category));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 3);
  if (tessera_category_is_special (category)) {
    GtkWidget *mark = gtk_label_new (_("Sensitive"));

    gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class (mark, "pill-label");
    gtk_widget_add_css_class (mark, "sensitive");
    gtk_widget_set_tooltip_text (mark, _("Only goes out when the client agrees to this by name"));
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), mark);
  }
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  adw_preferences_group_add (self->groups_group, row);
  *group = (Group){ category, ADW_ACTION_ROW (row), GTK_SWITCH (toggle) };
  g_signal_connect_object (toggle, "notify::active", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
}

static void
add_groups (TesseraReferPage *self) {
  for (guint i = 0; i < TESSERA_N_CATEGORIES; i++)
    if (tessera_category_is_shareable (i) && is_in_use (tessera_session_get_registry (self->session), i))
      add_group (self, i);
}

static void
add_languages (TesseraReferPage *self) {
  guint count = 0;
  const TesseraLanguage *all = tessera_language_get_all (&count);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < count; i++)
    gtk_string_list_append (names, all[i].endonym);
  self->filling = TRUE;
  adw_combo_row_set_model (self->language_row, G_LIST_MODEL (names));
  self->filling = FALSE;
}

static void
add_forms (TesseraReferPage *self) {
  static const char *const reason[] = { "reason", "priority", NULL };
  static const char *const consent[] = { "how", "given_by", "signature", "expires_on", NULL };

  self->reason_form
    = TESSERA_FORM (g_object_ref_sink (tessera_form_new (self->session, "referral", reason, NULL)));
  self->consent_form
    = TESSERA_FORM (g_object_ref_sink (tessera_form_new (self->session, "consent", consent, NULL)));
  tessera_form_set_title (self->consent_form, "expires_on", _("Until (twelve months when empty)"));
  gtk_widget_set_hexpand (GTK_WIDGET (self->reason_form), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->consent_form), TRUE);
  gtk_box_append (self->reason_box, GTK_WIDGET (self->reason_form));
  gtk_box_append (self->consent_box, GTK_WIDGET (self->consent_form));
  g_signal_connect_object (self->reason_form, "changed", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->consent_form, "changed", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
}

static char *
tessera_refer_page_get_title (TesseraPage *page) {
  return g_strdup (_("Refer"));
}

static char *
tessera_refer_page_get_subtitle (TesseraPage *page) {
  TesseraReferPage *self = TESSERA_REFER_PAGE (page);

  return self->facts != NULL ? tessera_screen_name_client (self->facts->client) : NULL;
}

static GtkWidget *
tessera_refer_page_get_header_widget (TesseraPage *page) {
  return GTK_WIDGET (TESSERA_REFER_PAGE (page)->send_button);
}

static GVariant *
tessera_refer_page_save_state (TesseraPage *page) {
  TesseraReferPage *self = TESSERA_REFER_PAGE (page);
  g_autoptr (GVariant) reason = tessera_form_save_state (self->reason_form);
  g_autoptr (GVariant) consent = tessera_form_save_state (self->consent_form);

  self->leaving = TRUE;
  return g_variant_new ("(@" STATE_TYPE "vvdb)", make_state (self), reason, consent,
                        gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->scroller)),
                        g_strcmp0 (adw_leaflet_get_visible_child_name (self->leaflet), "preview") == 0);
}

static void
tessera_refer_page_restore_state (TesseraPage *page, GVariant *state) {
  TesseraReferPage *self = TESSERA_REFER_PAGE (page);
  g_autoptr (GVariant) values = NULL;
  g_autoptr (GVariant) reason = NULL;
  g_autoptr (GVariant) consent = NULL;
  double scroll = 0;
  gboolean preview = FALSE;

  g_variant_get (state, "(@" STATE_TYPE "vvdb)", &values, &reason, &consent, &scroll, &preview);
  self->restored = TRUE;
  apply_state (self, values);
  tessera_form_restore_state (self->consent_form, consent);
  tessera_form_restore_state (self->reason_form, reason);
  if (preview)
    adw_leaflet_set_visible_child_name (self->leaflet, "preview");
  tessera_screen_scroll_later (self->scroller, scroll);
  refresh (self);
}

static void
tessera_refer_page_focus (TesseraPage *page) {
  TesseraReferPage *self = TESSERA_REFER_PAGE (page);

  if (!self->restored)
    gtk_widget_grab_focus (GTK_WIDGET (self->service_row));
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_refer_page_get_title;
  iface->get_subtitle = tessera_refer_page_get_subtitle;
  iface->get_header_widget = tessera_refer_page_get_header_widget;
  iface->save_state = tessera_refer_page_save_state;
  iface->restore_state = tessera_refer_page_restore_state;
  iface->focus = tessera_refer_page_focus;
}

static void
tessera_refer_page_unroot (GtkWidget *widget) {
  TesseraReferPage *self = TESSERA_REFER_PAGE (widget);
  TesseraWindow *window = tessera_screen_get_living_window (widget, self->session);

  if (!self->leaving && self->draft != NULL && window != NULL && !is_empty (self))
    tessera_window_toast (window, _("The unfinished referral is kept as a draft"));
  GTK_WIDGET_CLASS (tessera_refer_page_parent_class)->unroot (widget);
}

static void
tessera_refer_page_dispose (GObject *object) {
  TesseraReferPage *self = TESSERA_REFER_PAGE (object);

  g_clear_handle_id (&self->preview_timeout, g_source_remove);
  if (self->draft != NULL)
    tessera_draft_close (self->draft);
  g_clear_object (&self->draft);
  g_clear_object (&self->reason_form);
  g_clear_object (&self->consent_form);
  /* The child is bound as well: without this both the template and AdwBin would unparent it. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_REFER_PAGE);
  g_clear_pointer (&self->facts, tessera_refer_facts_free);
  g_clear_object (&self->referral);
  g_clear_object (&self->session);
  g_clear_pointer (&self->client_id, g_free);
  g_clear_pointer (&self->wanted_partner, g_free);
  g_clear_pointer (&self->organization_id, g_free);
  g_clear_pointer (&self->organization_name, g_free);
  g_clear_pointer (&self->consent_text, g_free);
  G_OBJECT_CLASS (tessera_refer_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class) {
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-refer-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, send_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, leaflet);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, service_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, partner_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, refer_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, hand_over_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, ask_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, reason_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, groups_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, known_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, language_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, consent_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, turn_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, consent_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, unanswered_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, yes_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, no_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, later_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, status_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, preview_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraReferPage, preview);
}

static void
tessera_refer_page_class_init (TesseraReferPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (TESSERA_TYPE_SHARE_PREVIEW);
  G_OBJECT_CLASS (klass)->dispose = tessera_refer_page_dispose;
  widget_class->unroot = tessera_refer_page_unroot;
  bind_template (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, send_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_service_cb);
  gtk_widget_class_bind_template_callback (widget_class, partner_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, kind_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, answer_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, consent_text_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, turn_screen_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_preview_cb);
  gtk_widget_class_bind_template_callback (widget_class, hide_preview_cb);
  gtk_widget_class_install_action (widget_class, "refer.send", NULL, send_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, GDK_CONTROL_MASK, "refer.send", NULL);
}

static void
tessera_refer_page_init (TesseraReferPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_refer_page_new (TesseraSession *session, const char *client) {
  TesseraReferPage *self = g_object_new (TESSERA_TYPE_REFER_PAGE, NULL);
  g_autofree char *key = g_strconcat ("refer:", client, NULL);

  self->session = g_object_ref (session);
  self->client_id = g_strdup (client);
  self->referral = tessera_record_new (tessera_session_get_registry (session), "referral");
  add_languages (self);
  add_groups (self);
  add_forms (self);
  fill_defaults (self);
  self->draft = tessera_draft_new (session, key, STATE_TYPE, self, make_state);
  g_signal_connect_object (session, "changed", G_CALLBACK (store_changed_cb), self, G_CONNECT_SWAPPED);
  refresh (self);
  load (self);
  return GTK_WIDGET (self);
}
