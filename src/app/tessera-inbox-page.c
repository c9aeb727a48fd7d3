/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-inbox-page.c: what came from partners and what waits to go to them; see the header.
 */
#include "config.h"
#include "tessera-inbox-page.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-conflict-dialog.h"
#include "tessera-inbox-work.h"
#include "tessera-page.h"
#include "tessera-partner-dialog.h"
#include "tessera-referral-dialog.h"
#include "tessera-screen.h"
#include "tessera-text.h"
#include "tessera-window.h"

/* Files larger than this are no cards. */
#define CARD_LIMIT (64 * 1024)

typedef enum {
  KIND_BUNDLE,
  KIND_CARD,
} FileKind;

struct _TesseraInboxPage {
  AdwBin parent_instance;

  TesseraSession *session;
  TesseraInboxFacts *facts;
  GtkFileChooserNative *chooser;
  FileKind chooser_kind;
  GQueue files;   /* paths still to take in */
  char **arrived; /* names of files in the vault's inbox */
  guint n_sealed; /* files in the vault's outbox */
  guint n_taken;
  guint n_refused;

  GtkMenuButton *menu_button;
  GtkRevealer *notice_revealer;
  GtkLabel *notice_label;
  GtkStack *stack;
  GtkScrolledWindow *scroller;
  AdwPreferencesGroup *arrived_group;
  AdwPreferencesGroup *asked_group;
  AdwPreferencesGroup *conflicts_group;
  AdwPreferencesGroup *answered_group;
  AdwPreferencesGroup *waiting_group;
  AdwPreferencesGroup *changes_group;
  AdwPreferencesGroup *parked_group;
  AdwPreferencesGroup *set_aside_group;
  AdwPreferencesGroup *unknown_group;
  AdwPreferencesGroup *outbox_group;
  AdwPreferencesGroup *refused_group;
  AdwPreferencesGroup *partners_group;
  AdwPreferencesGroup *own_group;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraInboxPage,
                               tessera_inbox_page,
                               ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static void take_next (TesseraInboxPage *self);
static void take_unknown (TesseraInboxPage *self);
static void load (TesseraInboxPage *self);

static void
show_notice (TesseraInboxPage *self, const char *text) {
  gtk_label_set_label (self->notice_label, text);
  gtk_revealer_set_reveal_child (self->notice_revealer, TRUE);
}

static void
close_notice_cb (TesseraInboxPage *self) {
  gtk_revealer_set_reveal_child (self->notice_revealer, FALSE);
}

static GtkWindow *
get_window (TesseraInboxPage *self) {
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

/* ---- lists
 * ------------------------------------------------------------------------------------------------------- */

static GtkWidget *
add_row (AdwPreferencesGroup *group, const char *title, const char *subtitle) {
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle != NULL ? subtitle : "");
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  tessera_screen_add_row (group, row);
  return row;
}

static void
add_pill (GtkWidget *row, const char *text) {
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (label, "pill-label");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
}

static void
add_button (GtkWidget *row, const char *text, const char *action) {
  GtkWidget *button = gtk_button_new_with_label (text);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

static void
referral_activated_cb (TesseraInboxPage *self, GtkWidget *row) {
  TesseraReferralDialog *dialog = tessera_referral_dialog_new (
    self->session, get_window (self), g_object_get_data (G_OBJECT (row), "referral"));

  gtk_window_present (GTK_WINDOW (dialog));
}

static const char *
name_partner (TesseraInboxPage *self, TesseraRecord *record) {
  const char *id = tessera_record_get (record, "partner");
  const char *name = id != NULL ? g_hash_table_lookup (self->facts->names, id) : NULL;

  return name != NULL ? name : _("Unknown partner");
}

static char *
describe_referral (TesseraInboxPage *self, TesseraRecord *referral) {
  const char *priority = tessera_record_get (referral, "priority");
  const char *code = tessera_record_get (referral, "code");
  g_autofree char *partner = tessera_text_isolate (name_partner (self, referral));
  g_autofree char *when = tessera_text_ago (tessera_record_get_integer (referral, "status_at"));
  g_autoptr (GString) text = g_string_new (partner);

  if (tessera_record_get_integer (referral, "status_at") != 0)
    g_string_append_printf (text, " · %s", when);
  if (priority != NULL && strcmp (priority, "routine") != 0)
    g_string_append_printf (text, " · %s", tessera_vocabulary_get_label ("priority", priority));
  if (code != NULL)
    g_string_append_printf (text, " · %s", tessera_vocabulary_get_label ("referral_code", code));
  if (tessera_record_get (referral, "erasure_asked_at") != NULL)
    g_string_append_printf (text, "\n%s", _("They ask you to erase this person"));
  return g_strdup (text->str);
}

static void
fill_referrals (TesseraInboxPage *self, AdwPreferencesGroup *group, GPtrArray *referrals) {
  tessera_screen_clear (group);
  for (guint i = 0; i < referrals->len; i++) {
    TesseraRecord *referral = g_ptr_array_index (referrals, i);
    const char *service = tessera_record_get (referral, "service_name");
    const char *status = tessera_record_get (referral, "status");
    g_autofree char *subtitle = describe_referral (self, referral);
    GtkWidget *row = add_row (
      group,
      service != NULL ? service
                      : tessera_vocabulary_get_label ("referral_kind", tessera_record_get (referral, "kind")),
      subtitle);

    add_pill (row, tessera_vocabulary_get_label ("referral_status", status != NULL ? status : "draft"));
    g_object_set_data_full (G_OBJECT (row), "referral", g_strdup (tessera_record_get_id (referral)), g_free);
    gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
    g_signal_connect_object (row, "activated", G_CALLBACK (referral_activated_cb), self, G_CONNECT_SWAPPED);
  }
  gtk_widget_set_visible (GTK_WIDGET (group), referrals->len > 0);
}

static void drop_clicked_cb (TesseraInboxPage *self, GtkWidget *button);

/* ---- conflicts ---- */

static void
conflict_activated_cb (TesseraInboxPage *self, GtkWidget *row) {
  tessera_window_push (tessera_window_get_for (row), "conflict", g_object_get_data (G_OBJECT (row), "conflict"));
}

static char *
name_subject (const TesseraDisagreement *conflict) {
  return conflict->client != NULL ? tessera_screen_name_client (conflict->client)
                                  : g_strdup (tessera_entity_get_label (conflict->entity));
}

/* "Phone: 111 · 222" */
static char *
describe_conflict (const TesseraDisagreement *conflict) {
  g_autoptr (GString) text = g_string_new (tessera_field_get_label (conflict->field));

  for (guint i = 0; i < conflict->versions->len; i++) {
    const TesseraVersion *version = g_ptr_array_index (conflict->versions, i);
    g_autofree char *read = tessera_conflict_describe_value (conflict, version);
    g_autofree char *value = tessera_text_isolate (read != NULL ? read : _("Empty"));

    g_string_append_printf (text, "%s%s", i == 0 ? ": " : " · ", value);
  }
  return g_strdup (text->str);
}

static void
add_conflict (TesseraInboxPage *self, const TesseraDisagreement *conflict) {
  g_autofree char *subject = name_subject (conflict);
  g_autofree char *title = tessera_text_isolate (subject);
  g_autofree char *subtitle = describe_conflict (conflict);
  GtkWidget *row = add_row (self->conflicts_group, title, subtitle);

  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 2);
  add_pill (row, _("Decide"));
  g_object_set_data_full (G_OBJECT (row), "conflict", g_strdup (conflict->id), g_free);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_signal_connect_object (row, "activated", G_CALLBACK (conflict_activated_cb), self, G_CONNECT_SWAPPED);
}

static void
add_settled (TesseraInboxPage *self, GtkWidget *expander, const TesseraDisagreement *conflict) {
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *subject = name_subject (conflict);
  g_autofree char *title = tessera_text_isolate (subject);
  g_autofree char *what = describe_conflict (conflict);
  g_autofree char *who = tessera_conflict_name_device (self->facts->colleagues, conflict->resolved_on);
  g_autofree char *when = tessera_text_instant (conflict->resolved_at);
  /* Translators: what was decided, on whose laptop, when. */
  g_autofree char *subtitle = g_strdup_printf (_("%1$s\nDecided: %2$s, %3$s"), what, who, when);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 4);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (expander), row);
}

static void
fill_conflicts (TesseraInboxPage *self) {
  GPtrArray *settled = self->facts->settled;

  tessera_screen_clear (self->conflicts_group);
  for (guint i = 0; i < self->facts->conflicts->len; i++)
    add_conflict (self, g_ptr_array_index (self->facts->conflicts, i));
  if (settled->len > 0) {
    GtkWidget *expander = adw_expander_row_new ();
    g_autofree char *title = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u decided lately", "%u decided lately", settled->len), settled->len);

    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (expander), title);
    for (guint i = 0; i < settled->len; i++)
      add_settled (self, expander, g_ptr_array_index (settled, i));
    tessera_screen_add_row (self->conflicts_group, expander);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->conflicts_group), self->facts->conflicts->len > 0 || settled->len > 0);
}

/* ---- bundles of colleagues and strangers ---- */

static char *
name_sender (const char *sender) {
  return sender != NULL ? tessera_text_isolate (sender) : g_strdup (_("an unknown laptop"));
}

static void
fill_changes (TesseraInboxPage *self) {
  tessera_screen_clear (self->changes_group);
  for (guint i = 0; i < self->facts->changes->len; i++) {
    const TesseraInboxLine *line = g_ptr_array_index (self->facts->changes, i);
    g_autofree char *sender = name_sender (line->sender);
    g_autofree char *day = tessera_text_ago (line->at);
    g_autofree char *time = tessera_text_time (line->at);
    g_autofree char *when = g_strdup_printf ("%s · %s", day, time);
    /* Translators: how many, and the name of a laptop. */
    g_autofree char *text = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%1$u from %2$s", "%1$u from %2$s", (gulong) line->n_changes),
      (guint) line->n_changes, sender);

    add_row (self->changes_group, text, when);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->changes_group), self->facts->changes->len > 0);
}

static void
fill_parked (TesseraInboxPage *self) {
  tessera_screen_clear (self->parked_group);
  for (guint i = 0; i < self->facts->parked->len; i++) {
    const TesseraInboxLine *line = g_ptr_array_index (self->facts->parked, i);
    g_autofree char *sender = name_sender (line->sender);
    g_autofree char *text = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%1$u bundle from %2$s", "%1$u bundles from %2$s", line->n_bundles),
      line->n_bundles, sender);

    add_row (self->parked_group, text, line->reason);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->parked_group), self->facts->parked->len > 0);
}

static gboolean
is_supervisor (TesseraInboxPage *self) {
  TesseraRecord *worker = tessera_session_get_worker (self->session);

  return worker != NULL && g_strcmp0 (tessera_record_get (worker, "role"), "supervisor") == 0;
}

static void
fill_set_aside (TesseraInboxPage *self) {
  tessera_screen_clear (self->set_aside_group);
  for (guint i = 0; i < self->facts->set_aside->len; i++) {
    TesseraRecord *bundle = g_ptr_array_index (self->facts->set_aside, i);
    g_autofree char *sender = name_sender (tessera_record_get (bundle, "sender"));
    g_autofree char *when = tessera_text_instant (tessera_record_get_integer (bundle, "at"));
    g_autofree char *title = g_strdup_printf ("%s · %s", sender, when);
    GtkWidget *row = add_row (self->set_aside_group, title, tessera_record_get (bundle, "reason"));
    GtkWidget *button = gtk_button_new_with_label (_("Drop…"));

    gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
    gtk_widget_set_visible (button, is_supervisor (self));
    g_object_set_data_full (G_OBJECT (button), "bundle", g_object_ref (bundle), g_object_unref);
    g_signal_connect_object (button, "clicked", G_CALLBACK (drop_clicked_cb), self, G_CONNECT_SWAPPED);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->set_aside_group), self->facts->set_aside->len > 0);
}

static void
fill_unknown (TesseraInboxPage *self) {
  tessera_screen_clear (self->unknown_group);
  for (guint i = 0; i < self->facts->unknown->len; i++) {
    TesseraRecord *bundle = g_ptr_array_index (self->facts->unknown, i);
    g_autofree char *when = tessera_text_instant (tessera_record_get_integer (bundle, "at"));
    const char *reason = tessera_record_get (bundle, "reason");
    GtkWidget *row = add_row (self->unknown_group, reason != NULL ? reason : _("Unknown sender"), when);

    adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
    add_button (row, _("Add Their Card…"), "inbox.add-card");
  }
  gtk_widget_set_visible (GTK_WIDGET (self->unknown_group), self->facts->unknown->len > 0);
}

static void
fill_refused (TesseraInboxPage *self) {
  tessera_screen_clear (self->refused_group);
  for (guint i = 0; i < self->facts->refused->len; i++) {
    const TesseraInboxLine *line = g_ptr_array_index (self->facts->refused, i);
    g_autofree char *when = tessera_text_instant (line->at);
    g_autofree char *count = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u file", "%u files", line->n_bundles),
                                              line->n_bundles);
    g_autofree char *details = g_strdup_printf ("%s · %s", when, count);
    GtkWidget *row = add_row (self->refused_group, line->reason != NULL ? line->reason : _("Refused"), details);

    adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->refused_group), self->facts->refused->len > 0);
}

static void
open_partner (TesseraInboxPage *self, TesseraRecord *partner) {
  TesseraPartnerDialog *dialog = tessera_partner_dialog_new (
    self->session, get_window (self), partner, self->facts != NULL ? self->facts->fingerprint : NULL);

  gtk_window_present (GTK_WINDOW (dialog));
}

static void
partner_activated_cb (TesseraInboxPage *self, GtkWidget *row) {
  open_partner (self, g_object_get_data (G_OBJECT (row), "partner"));
}

static void
fill_partners (TesseraInboxPage *self) {
  tessera_screen_clear (self->partners_group);
  for (guint i = 0; i < self->facts->partners->len; i++) {
    TesseraRecord *partner = g_ptr_array_index (self->facts->partners, i);
    const char *trust = tessera_record_get (partner, "trust");
    gboolean revoked = tessera_record_get (partner, "revoked_at") != NULL;
    gboolean checked = g_strcmp0 (trust, "spoken") == 0 || g_strcmp0 (trust, "in-person") == 0;
    GtkWidget *row = add_row (self->partners_group, tessera_record_get (partner, "name"),
                              revoked   ? _("No longer trusted")
                              : checked ? NULL
                                        : _("Compare fingerprints before anything can be sent."));

    if (!revoked)
      add_pill (row, tessera_vocabulary_get_label ("trust", trust != NULL ? trust : "none"));
    g_object_set_data_full (G_OBJECT (row), "partner", g_object_ref (partner), g_object_unref);
    gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
    g_signal_connect_object (row, "activated", G_CALLBACK (partner_activated_cb), self, G_CONNECT_SWAPPED);
  }
}

static void
fill_own (TesseraInboxPage *self) {
  const char *organization = tessera_session_get_organization (self->session);
  g_autofree char *isolated = g_strconcat (
    "\u2066", self->facts->fingerprint != NULL ? self->facts->fingerprint : "–", "\u2069", NULL);
  GtkWidget *row = NULL;

  tessera_screen_clear (self->own_group);
  row = add_row (self->own_group, organization != NULL ? organization : "", isolated);
  add_button (row, _("Save…"), "inbox.save-card");
}

static void
fill_folders (TesseraInboxPage *self) {
  guint n_arrived = self->arrived != NULL ? g_strv_length (self->arrived) : 0;
  guint n_waiting = self->n_sealed + (guint)self->facts->n_unsealed;

  tessera_screen_clear (self->arrived_group);
  tessera_screen_clear (self->outbox_group);
  if (n_arrived > 0) {
    g_autofree char *text = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u file in the inbox folder", "%u files in the inbox folder", n_arrived),
      n_arrived);

    add_button (add_row (self->arrived_group, text, NULL), _("Take In"), "inbox.take-in");
  }
  if (n_waiting > 0) {
    g_autofree char *text = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u sealed bundle", "%u sealed bundles", n_waiting), n_waiting);

    add_button (add_row (self->outbox_group, text, _("Only those they are for can open them.")),
                _("Copy to a Folder…"), "inbox.carry");
  }
  gtk_widget_set_visible (GTK_WIDGET (self->arrived_group), n_arrived > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->outbox_group), n_waiting > 0);
}

static void
show_facts (TesseraInboxPage *self) {
  gboolean empty = self->facts->partners->len == 0 && self->facts->refused->len == 0
                   && self->facts->asked->len == 0 && self->facts->conflicts->len == 0
                   && self->facts->settled->len == 0 && self->facts->changes->len == 0
                   && self->facts->parked->len == 0 && self->facts->set_aside->len == 0
                   && self->facts->unknown->len == 0 && (self->arrived == NULL || self->arrived[0] == NULL);

  fill_folders (self);
  fill_referrals (self, self->asked_group, self->facts->asked);
  fill_referrals (self, self->answered_group, self->facts->answered);
  fill_referrals (self, self->waiting_group, self->facts->waiting);
  fill_conflicts (self);
  fill_changes (self);
  fill_parked (self);
  fill_set_aside (self);
  fill_unknown (self);
  fill_refused (self);
  fill_partners (self);
  fill_own (self);
  gtk_stack_set_visible_child_name (self->stack, empty ? "empty" : "lists");
}

static char **
list_bundles (const char *folder) {
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".age"))
      g_strv_builder_add (builder, name);
  return g_strv_builder_end (builder);
}

/* What waits for something lies there too, and has its own place in the lists. */
static char **
list_new_bundles (TesseraTransaction *transaction, const char *folder) {
  g_auto (GStrv) names = list_bundles (folder);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (!tessera_inbox_is_waiting (transaction, names[i]))
      g_strv_builder_add (builder, names[i]);
  return g_strv_builder_end (builder);
}

/* What a carrier has stays in the outbox until its readers have it, too. */
static char **
list_spooled_bundles (TesseraTransaction *transaction, const char *folder) {
  g_auto (GStrv) names = list_bundles (folder);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (!tessera_inbox_is_on_the_way (transaction, names[i]))
      g_strv_builder_add (builder, names[i]);
  return g_strv_builder_end (builder);
}

/* Two small folders of our own: read with the facts, on the store's thread. */
typedef struct {
  TesseraInboxFacts *facts;
  char *inbox;
  char *outbox;
  char **arrived;
  char **sealed;
} Loading;

static void
loading_free (gpointer data) {
  Loading *loading = data;

  g_clear_pointer (&loading->facts, tessera_inbox_facts_free);
  g_free (loading->inbox);
  g_free (loading->outbox);
  g_strfreev (loading->arrived);
  g_strfreev (loading->sealed);
  g_free (loading);
}

static gboolean
load_all (TesseraTransaction *transaction, gpointer data, GError **error) {
  Loading *loading = data;

  loading->arrived = list_new_bundles (transaction, loading->inbox);
  loading->sealed = list_spooled_bundles (transaction, loading->outbox);
  return tessera_inbox_facts_load (transaction, loading->facts, error);
}

/* Whatever had the keyboard may just have been removed ("Take In" always is), and then Tab would lead nowhere. */
static void
keep_focus (TesseraInboxPage *self) {
  AdwPreferencesGroup *groups[] = { self->arrived_group, self->asked_group,     self->conflicts_group,
                                    self->answered_group, self->waiting_group,  self->set_aside_group,
                                    self->unknown_group, self->outbox_group,    self->refused_group,
                                    self->own_group };
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || (focus != NULL && gtk_widget_get_mapped (focus)))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (tessera_screen_focus_first_row (groups[i]))
      return;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraInboxPage) self = data;
  g_autoptr (GError) error = NULL;
  Loading *loading = tessera_store_result_get_data (result);

  if (self->session == NULL)
    return;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    tessera_screen_toast_error (GTK_WIDGET (self), error);
    return;
  }
  g_clear_pointer (&self->facts, tessera_inbox_facts_free);
  self->facts = g_steal_pointer (&loading->facts);
  g_strfreev (self->arrived);
  self->arrived = g_steal_pointer (&loading->arrived);
  self->n_sealed = g_strv_length (loading->sealed);
  show_facts (self);
  keep_focus (self);
}

static void
load (TesseraInboxPage *self) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Loading *loading = NULL;

  if (store == NULL)
    return;
  loading = g_new0 (Loading, 1);
  loading->facts = tessera_inbox_facts_new ();
  loading->inbox = tessera_screen_get_folder (self->session, "inbox");
  loading->outbox = tessera_screen_get_folder (self->session, "outbox");
  tessera_store_read_async (store, load_all, loading, loading_free, NULL, loaded_cb, g_object_ref (self));
}

static void
store_changed_cb (TesseraInboxPage *self, const char *entities) {
  static const char *const ours[] = { "referral", "referral_event", "bundle", "partner", "conflict", "device" };

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++) {
    if (tessera_session_concerns (entities, ours[i])) {
      load (self);
      return;
    }
  }
}

/* ---- files that come in
 * ------------------------------------------------------------------------------------------ */

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  g_autoptr (GFile) file = g_file_new_for_path (data);
  g_autoptr (GFileInfo) info = NULL;
  GError *error = NULL;
  char *text = NULL;
  gsize length = 0;

  info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL, &error);
  if (info != NULL && g_file_info_get_size (info) > CARD_LIMIT)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "too large");
  else if (info != NULL)
    g_file_get_contents (data, &text, &length, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_bytes_new_take (text, length), (GDestroyNotify)g_bytes_unref);
}

static void
show_taken (TesseraInboxPage *self, const char *last) {
  g_autofree char *text = NULL;

  if (self->n_taken + self->n_refused == 1)
    text = g_strdup (last);
  else if (self->n_refused == 0)
    text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u bundle was taken in.", "%u bundles were taken in.",
                                         self->n_taken),
                            self->n_taken);
  else
    text = g_strdup_printf (_("Taken in: %u. Refused: %u; the reasons stand below."), self->n_taken,
                            self->n_refused);
  show_notice (self, text);
}

/* A file on its way in, in a thread: it may be long. */
typedef struct {
  TesseraSession *session;
  TesseraStore *store;
  char *path;
  GCancellable *work;
  TesseraArrivalState state;
  char *sentence;
} Taking;

static void
taking_free (gpointer data) {
  Taking *taking = data;

  g_clear_object (&taking->store);
  g_object_unref (taking->session);
  g_free (taking->path);
  g_free (taking->sentence);
  g_free (taking);
}

static void
take_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  Taking *taking = data;
  GError *error = NULL;
  gboolean taken = tessera_inbox_take_in (taking->store, taking->path, &taking->state, &taking->sentence, taking->work,
                                          &error);

  g_clear_object (&taking->store);
  tessera_session_end_work (taking->session, g_steal_pointer (&taking->work));
  if (taken)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
taken_cb (GObject *source, GAsyncResult *result, gpointer data) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (source);
  Taking *taking = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean taken = g_task_propagate_boolean (G_TASK (result), &error);

  if (self->session == NULL || tessera_session_get_store (self->session) == NULL)
    return;
  if (taken && (taking->state == TESSERA_ARRIVAL_APPLIED || taking->state == TESSERA_ARRIVAL_KNOWN))
    self->n_taken++;
  else
    self->n_refused++;
  show_taken (self, taken ? taking->sentence : error->message);
  take_next (self);
}

static void
take_file (TesseraInboxPage *self, char *path) {
  TesseraStore *store = tessera_session_get_store (self->session);
  g_autoptr (GTask) task = NULL;
  Taking *taking = NULL;

  if (store == NULL) {
    g_free (path);
    return;
  }
  taking = g_new0 (Taking, 1);
  taking->session = g_object_ref (self->session);
  taking->store = g_object_ref (store);
  taking->path = path;
  taking->work = tessera_session_begin_work (self->session);
  task = g_task_new (self, NULL, taken_cb, NULL);
  g_task_set_task_data (task, taking, taking_free);
  g_task_run_in_thread (task, take_thread);
}

/* ---- cards ---- */

static void
card_taken_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraInboxPage) self = data;
  g_autoptr (GError) error = NULL;
  TesseraInboxCard *card = tessera_store_result_get_data (result);
  const char *trust = NULL;

  if (self->session == NULL)
    return;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    show_notice (self, error->message);
    return;
  }
  trust = tessera_record_get (card->partner, "trust");
  if (g_strcmp0 (trust, "spoken") == 0 || g_strcmp0 (trust, "in-person") == 0)
    show_notice (self, _("Their card is renewed; it is from the same organization as before."));
  else
    open_partner (self, card->partner);
  take_unknown (self);
}

static void
card_read_cb (GObject *source, GAsyncResult *result, gpointer data) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);
  const char *path = g_task_get_task_data (G_TASK (result));
  TesseraStore *store = self->session != NULL ? tessera_session_get_store (self->session) : NULL;

  if (store == NULL)
    return;
  if (bytes == NULL) {
    g_autofree char *name = g_path_get_basename (path);
    g_autofree char *text
      = g_strdup_printf (_("%s cannot be read; copy it to this computer and try again."), name);

    show_notice (self, text);
    return;
  }
  tessera_store_write_async (store, tessera_inbox_take_card, tessera_inbox_card_new (bytes), tessera_inbox_card_free,
                             NULL, card_taken_cb, g_object_ref (self));
}

static void
read_card (TesseraInboxPage *self, char *path) {
  g_autoptr (GTask) task = g_task_new (self, NULL, card_read_cb, NULL);

  g_task_set_task_data (task, path, g_free);
  g_task_run_in_thread (task, read_thread);
}

static void
take_next (TesseraInboxPage *self) {
  char *path = g_queue_pop_head (&self->files);

  if (path != NULL)
    take_file (self, path);
  else
    load (self);
}

static void
take_files (TesseraInboxPage *self) {
  self->n_taken = 0;
  self->n_refused = 0;
  take_next (self);
}

/* With a card more, what a stranger sent may be a partner's. */
static void
take_unknown (TesseraInboxPage *self) {
  g_autofree char *inbox = tessera_screen_get_folder (self->session, "inbox");

  for (guint i = 0; self->facts != NULL && i < self->facts->unknown->len; i++) {
    const char *name = tessera_record_get (g_ptr_array_index (self->facts->unknown, i), "file_name");

    if (name != NULL)
      g_queue_push_tail (&self->files, g_build_filename (inbox, name, NULL));
  }
  if (!g_queue_is_empty (&self->files))
    take_files (self);
}

static void
opened_cb (TesseraInboxPage *self, int response) {
  g_autoptr (GListModel) files = NULL;

  if (response == GTK_RESPONSE_ACCEPT) {
    files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (self->chooser));
    for (guint i = 0; i < g_list_model_get_n_items (files); i++) {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      char *path = g_file_get_path (file);

      if (path != NULL && self->chooser_kind == KIND_CARD)
        read_card (self, path);
      else if (path != NULL)
        g_queue_push_tail (&self->files, path);
    }
    if (self->chooser_kind == KIND_BUNDLE)
      take_files (self);
  }
  g_clear_object (&self->chooser);
}

static gboolean
make_chooser (TesseraInboxPage *self, const char *title, GtkFileChooserAction action, const char *accept) {
  if (self->chooser != NULL)
    return FALSE;
  self->chooser = gtk_file_chooser_native_new (title, get_window (self), action, accept, _("Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  return TRUE;
}

static void
show_chooser (TesseraInboxPage *self, GCallback callback) {
  g_signal_connect_object (self->chooser, "response", callback, self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
open_bundle_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (widget);

  if (!make_chooser (self, _("Open a Bundle"), GTK_FILE_CHOOSER_ACTION_OPEN, _("Open")))
    return;
  self->chooser_kind = KIND_BUNDLE;
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  show_chooser (self, G_CALLBACK (opened_cb));
}

static void
add_card_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (widget);

  if (!make_chooser (self, _("Add a Partner's Card"), GTK_FILE_CHOOSER_ACTION_OPEN, _("Add")))
    return;
  self->chooser_kind = KIND_CARD;
  show_chooser (self, G_CALLBACK (opened_cb));
}

static void
take_in_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (widget);
  g_autofree char *inbox = tessera_screen_get_folder (self->session, "inbox");

  for (guint i = 0; self->arrived != NULL && self->arrived[i] != NULL; i++)
    g_queue_push_tail (&self->files, g_build_filename (inbox, self->arrived[i], NULL));
  take_files (self);
}

/* ---- what a person says about bundles ---- */

/* The file goes after its row has said so. */
static void
dropped_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (GFile) file = data;

  if (tessera_store_finish (TESSERA_STORE (source), result, NULL))
    g_file_delete_async (file, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static void
drop_response_cb (TesseraInboxPage *self, const char *response, GtkWidget *dialog) {
  TesseraRecord *bundle = g_object_get_data (G_OBJECT (dialog), "bundle");
  TesseraStore *store = self->session != NULL ? tessera_session_get_store (self->session) : NULL;
  const char *name = tessera_record_get (bundle, "file_name");
  g_autofree char *inbox = NULL;

  if (g_strcmp0 (response, "drop") != 0 || store == NULL || name == NULL)
    return;
  inbox = tessera_screen_get_folder (self->session, "inbox");
  tessera_store_write_async (store, tessera_inbox_drop, g_strdup (tessera_record_get_id (bundle)), g_free, NULL,
                             dropped_cb, g_file_new_build_filename (inbox, name, NULL));
}

static void
drop_clicked_cb (TesseraInboxPage *self, GtkWidget *button) {
  TesseraRecord *bundle = g_object_get_data (G_OBJECT (button), "bundle");
  GtkWidget *dialog = adw_message_dialog_new (get_window (self), _("Drop This Bundle?"), NULL);

  adw_message_dialog_set_body (
    ADW_MESSAGE_DIALOG (dialog),
    _("It will never be taken in. What the laptop changed later was written after it and will go on waiting; if the laptop "
      "was lost or misused, revoke it."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("Cancel"), "drop", _("Drop"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "drop", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "bundle", g_object_ref (bundle), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (drop_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
forgotten_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraInboxPage) self = data;

  if (tessera_store_finish (TESSERA_STORE (source), result, NULL) && self->session != NULL)
    load (self);
}

static void
forget_refused_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (widget);
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store != NULL)
    tessera_store_write_async (store, tessera_inbox_forget_refused, NULL, NULL, NULL, forgotten_cb, g_object_ref (self));
}

/* ---- files that go out
 * ------------------------------------------------------------------------------------------- */

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraInboxPage) self = data;
  g_autoptr (GError) error = NULL;

  if (self->session == NULL)
    return;
  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    tessera_screen_toast (GTK_WIDGET (self),
                          _("Card saved: give it to your partners, and read them the fingerprint"));
  else
    show_notice (self, _("The card could not be written there; choose another folder."));
}

typedef struct {
  TesseraInboxPage *page;
  GFile *target;
} CardTarget;

static void
card_made_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autofree CardTarget *target = data;
  g_autoptr (TesseraInboxPage) self = target->page;
  g_autoptr (GFile) file = target->target;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char **text = tessera_store_result_get_data (result);

  if (self->session == NULL)
    return;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    show_notice (self, error->message);
    return;
  }
  bytes = g_bytes_new (*text, strlen (*text));
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL, written_cb,
                                       g_object_ref (self));
}

static void
free_text (gpointer data) {
  char **text = data;

  g_free (*text);
  g_free (text);
}

static void
card_target_cb (TesseraInboxPage *self, int response) {
  TesseraStore *store = tessera_session_get_store (self->session);

  if (response == GTK_RESPONSE_ACCEPT && store != NULL) {
    CardTarget *target = g_new0 (CardTarget, 1);

    target->page = g_object_ref (self);
    target->target = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
    tessera_store_write_async (store, tessera_inbox_make_card, g_new0 (char *, 1), free_text, NULL,
                               card_made_cb, target);
  }
  g_clear_object (&self->chooser);
}

static void
save_card_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (widget);

  if (!make_chooser (self, _("Save Our Card"), GTK_FILE_CHOOSER_ACTION_SAVE, _("Save")))
    return;
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), "tessera-card.txt");
  show_chooser (self, G_CALLBACK (card_target_cb));
}

/* Sealed files are copied, never moved: the outbox keeps them until they are answered. */
static void
carry_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  char **folders = data;
  g_auto (GStrv) names = list_bundles (folders[0]);
  GError *error = NULL;
  int copied = 0;

  for (guint i = 0; names[i] != NULL && error == NULL; i++) {
    g_autoptr (GFile) from = g_file_new_build_filename (folders[0], names[i], NULL);
    g_autoptr (GFile) to = g_file_new_build_filename (folders[1], names[i], NULL);

    /* The name is the hash of the contents: a file that is there is the same. */
    if (g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, &error))
      copied++;
    else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS))
      g_clear_error (&error);
  }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, copied);
}

static void
carried_cb (GObject *source, GAsyncResult *result, gpointer data) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (source);
  g_autoptr (GError) error = NULL;
  gssize copied = g_task_propagate_int (G_TASK (result), &error);
  g_autofree char *text = NULL;

  if (self->session == NULL)
    return;
  if (error != NULL)
    text = g_strdup (
      _("Not everything could be copied there: see whether the stick is full or write-protected, and try "
         "again."));
  else
    text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u bundle copied; take the folder to the partner.",
                                         "%u bundles copied; take the folder to the partner.", copied),
                            (guint)copied);
  show_notice (self, text);
  load (self);
}

typedef struct {
  TesseraInboxPage *page;
  char **folders; /* from, to */
} Carrying;

static void
carrying_free (Carrying *carrying) {
  g_object_unref (carrying->page);
  g_strfreev (carrying->folders);
  g_free (carrying);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Carrying, carrying_free)

static void
sealed_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (Carrying) carrying = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;

  if (carrying->page->session == NULL)
    return;
  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    show_notice (carrying->page, error->message);
    return;
  }
  task = g_task_new (carrying->page, NULL, carried_cb, NULL);
  g_task_set_task_data (task, g_steal_pointer (&carrying->folders), (GDestroyNotify)g_strfreev);
  g_task_run_in_thread (task, carry_thread);
}

static void
carry_to (TesseraInboxPage *self, GFile *folder) {
  TesseraStore *store = tessera_session_get_store (self->session);
  g_autofree char *outbox = tessera_screen_get_folder (self->session, "outbox");
  g_autofree char *target = g_file_get_path (folder);
  Carrying *carrying = NULL;

  if (store == NULL || target == NULL)
    return;
  carrying = g_new0 (Carrying, 1);
  carrying->page = g_object_ref (self);
  carrying->folders = g_strdupv ((char *[]){ outbox, target, NULL });
  tessera_store_write_async (store, tessera_inbox_seal_waiting, g_strdup (outbox), g_free, NULL, sealed_cb,
                             carrying);
}

static void
carry_target_cb (TesseraInboxPage *self, int response) {
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));

    carry_to (self, folder);
  }
  g_clear_object (&self->chooser);
}

static void
carry_cb (GtkWidget *widget, const char *action, GVariant *parameter) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (widget);

  if (make_chooser (self, _("Copy What Waits to a Folder"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                    _("Copy Here")))
    show_chooser (self, G_CALLBACK (carry_target_cb));
}

/* ---- the page
 * ---------------------------------------------------------------------------------------------------- */

static void
menu_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data) {
  g_autofree char *name = g_strconcat ("inbox.", g_action_get_name (G_ACTION (action)), NULL);

  gtk_widget_activate_action (GTK_WIDGET (data), name, NULL);
}

/* The menu stands in the header bar, outside the page: it gets actions of its own that call the page's. */
static void
add_menu_actions (TesseraInboxPage *self) {
  static const char *const names[] = { "open-bundle", "add-card", "save-card", "carry" };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GSimpleAction) action = g_simple_action_new (names[i], NULL);

    g_signal_connect_object (action, "activate", G_CALLBACK (menu_action_cb), self, 0);
    g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
  }
  gtk_widget_insert_action_group (GTK_WIDGET (self->menu_button), "inbox", G_ACTION_GROUP (group));
}

static char *
tessera_inbox_page_get_title (TesseraPage *page) {
  return g_strdup (_("Inbox"));
}

static GtkWidget *
tessera_inbox_page_get_header_widget (TesseraPage *page) {
  return GTK_WIDGET (TESSERA_INBOX_PAGE (page)->menu_button);
}

static GVariant *
tessera_inbox_page_save_state (TesseraPage *page) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (page);

  return g_variant_new_double (
    gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->scroller)));
}

static void
tessera_inbox_page_restore_state (TesseraPage *page, GVariant *state) {
  tessera_screen_scroll_later (TESSERA_INBOX_PAGE (page)->scroller, g_variant_get_double (state));
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_inbox_page_get_title;
  iface->get_header_widget = tessera_inbox_page_get_header_widget;
  iface->save_state = tessera_inbox_page_save_state;
  iface->restore_state = tessera_inbox_page_restore_state;
}

static void
tessera_inbox_page_dispose (GObject *object) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (object);

  g_clear_object (&self->chooser);
  g_queue_clear_full (&self->files, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_INBOX_PAGE);
  g_clear_pointer (&self->facts, tessera_inbox_facts_free);
  g_clear_pointer (&self->arrived, g_strfreev);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_inbox_page_parent_class)->dispose (object);
}

static void
tessera_inbox_page_class_init (TesseraInboxPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_inbox_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-inbox-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, notice_revealer);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, notice_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, arrived_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, asked_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, unknown_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, set_aside_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, parked_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, changes_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, conflicts_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, answered_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, waiting_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, outbox_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, refused_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, partners_group);
  gtk_widget_class_bind_template_child (widget_class, TesseraInboxPage, own_group);
  gtk_widget_class_bind_template_callback (widget_class, close_notice_cb);
  gtk_widget_class_install_action (widget_class, "inbox.open-bundle", NULL, open_bundle_cb);
  gtk_widget_class_install_action (widget_class, "inbox.add-card", NULL, add_card_cb);
  gtk_widget_class_install_action (widget_class, "inbox.save-card", NULL, save_card_cb);
  gtk_widget_class_install_action (widget_class, "inbox.carry", NULL, carry_cb);
  gtk_widget_class_install_action (widget_class, "inbox.take-in", NULL, take_in_cb);
  gtk_widget_class_install_action (widget_class, "inbox.forget-refused", NULL, forget_refused_cb);
}

static void
tessera_inbox_page_init (TesseraInboxPage *self) {
  g_queue_init (&self->files);
  gtk_widget_init_template (GTK_WIDGET (self));
  add_menu_actions (self);
}

GtkWidget *
tessera_inbox_page_new (TesseraSession *session, const char *argument) {
  TesseraInboxPage *self = g_object_new (TESSERA_TYPE_INBOX_PAGE, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (store_changed_cb), self, G_CONNECT_SWAPPED);
  load (self);
  return GTK_WIDGET (self);
}
