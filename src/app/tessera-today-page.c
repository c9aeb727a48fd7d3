/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-today-page.c: what is half-written, who comes, what is due, what came back.
 *
 * The first page of the morning: every row leads to where the work is.
 */
#include "config.h"
#include "tessera-today-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-backup.h"
#include "tessera-disagreement.h"
#include "tessera-identifier.h"
#include "tessera-page.h"
#include "tessera-text.h"
#include "tessera-today.h"
#include "tessera-window.h"

/* Most rows of one group; the group says how many there are in all. */
#define MOST_ROWS 12

struct _TesseraTodayPage {
  AdwBin parent_instance;

  TesseraSession *session;
  double scroll;

  GtkToggleButton *everyone_button;
  GtkScrolledWindow *list_pane;
  AdwBin *body_bin;
  GtkWidget *empty_pane;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraTodayPage, tessera_today_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

typedef struct {
  char *worker;
  TesseraToday *today;
  GHashTable *draft_clients;
  TesseraBackupState *backups;
  guint n_conflicts;
} Reading;

static void
reading_free (gpointer data) {
  Reading *reading = data;

  g_free (reading->worker);
  g_clear_pointer (&reading->today, tessera_today_free);
  g_hash_table_unref (reading->draft_clients);
  g_clear_pointer (&reading->backups, tessera_backup_state_free);
  g_free (reading);
}

static const char *
get_draft_argument (const char *key) {
  const char *colon = strchr (key, ':');

  return colon != NULL ? colon + 1 : NULL;
}

static gboolean
read_today (TesseraTransaction *transaction, gpointer data, GError **error) {
  Reading *reading = data;

  reading->today = tessera_today_load (transaction, reading->worker, MOST_ROWS, error);
  if (reading->today == NULL)
    return FALSE;
  reading->backups = tessera_transaction_get_backup_state (transaction);
  reading->n_conflicts = tessera_disagreement_count (transaction);
  for (guint i = 0; i < reading->today->drafts->len; i++) {
    const char *id = get_draft_argument (reading->today->drafts->pdata[i]);
    guint8 bytes[16];
    TesseraRecord *client = NULL;

    if (id != NULL && tessera_uuid_parse (id, bytes))
      client = tessera_transaction_find (transaction, "client", id);
    if (client != NULL)
      g_hash_table_insert (reading->draft_clients, g_strdup (id), client);
  }
  return TRUE;
}

static const char *
get_call (TesseraRecord *client) {
  const char *name = tessera_record_get (client, "how_to_call");

  if (name == NULL)
    name = tessera_record_get (client, "name");
  return name != NULL ? name : tessera_record_get (client, "code");
}

static void
row_activated_cb (GtkWidget *row) {
  TesseraWindow *window = tessera_window_get_for (row);
  const char *kind = g_object_get_data (G_OBJECT (row), "kind");
  const char *argument = g_object_get_data (G_OBJECT (row), "argument");

  if (g_strcmp0 (kind, "inbox") == 0)
    tessera_window_open_section (window, "inbox");
  else
    tessera_window_push (window, kind, argument);
}

/* @kind and @argument: where the row leads. */
static GtkWidget *
make_row (const char *icon, const char *title, const char *below, const char *kind, const char *argument) {
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), below != NULL ? below : "");
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name (icon));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data (G_OBJECT (row), "kind", (gpointer) kind);
  g_object_set_data_full (G_OBJECT (row), "argument", g_strdup (argument), g_free);
  g_signal_connect (row, "activated", G_CALLBACK (row_activated_cb), NULL);
  return row;
}

static GtkWidget *
add_group (GtkWidget *box, const char *title, guint shown, guint count) {
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  if (count > shown) {
    g_autofree char *text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u in all", "%u in all", count),
                                             count);

    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), text);
  }
  gtk_box_append (GTK_BOX (box), group);
  return group;
}

static const char *
describe_draft (const char *key, const char **ret_kind, const char **ret_argument) {
  static const struct {
    const char *prefix;
    const char *kind;
    const char *label;
  } kinds[] = {
    { "visit:", "visit", N_("A visit") },
    { "assessment:", "assessment", N_("An assessment") },
    { "refer:", "refer", N_("A referral") },
    { "step:", "step", N_("A change of step") },
    { "client:", "edit", N_("Changes to the record") },
  };

  *ret_argument = get_draft_argument (key);
  if (g_str_equal (key, "client:new")) {
    *ret_kind = "intake";
    *ret_argument = NULL;
    return _("A new client");
  }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_prefix (key, kinds[i].prefix)) {
      *ret_kind = kinds[i].kind;
      return _(kinds[i].label);
    }
  return NULL;
}

static void
add_drafts (GtkWidget *box, Reading *reading) {
  GtkWidget *group = NULL;

  for (guint i = 0; i < reading->today->drafts->len; i++) {
    const char *kind = NULL;
    const char *argument = NULL;
    const char *what = describe_draft (reading->today->drafts->pdata[i], &kind, &argument);
    TesseraRecord *client = argument != NULL ? g_hash_table_lookup (reading->draft_clients, argument) : NULL;

    /* A draft of a client who is no longer here leads nowhere. */
    if (what == NULL || (argument != NULL && client == NULL))
      continue;
    if (group == NULL)
      group = add_group (box, _("Half-Written"), 0, 0);
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                               make_row ("document-edit-symbolic", client != NULL ? get_call (client) : what,
                                         client != NULL ? what : NULL, kind, argument));
  }
}

static char *
join (const char *a, const char *b) {
  if (a == NULL || *a == '\0')
    return g_strdup (b);
  return b != NULL && *b != '\0' ? g_strdup_printf ("%s · %s", a, b) : g_strdup (a);
}

static char *
describe_task (TesseraRecord *task) {
  const char *date = tessera_record_get (task, "due");
  g_autofree char *due = date != NULL ? tessera_text_due (date, NULL) : NULL;
  g_autofree char *what = tessera_text_isolate (tessera_record_get (task, "text"));

  return join (what, due);
}

static char *
describe_appointment (TesseraRecord *appointment) {
  g_autofree char *time = tessera_text_time (tessera_record_get_integer (appointment, "at"));
  g_autofree char *about
    = join (tessera_record_get (appointment, "about"), tessera_record_get (appointment, "place"));

  return join (time, about);
}

static char *
describe_referral (TesseraTodayItem *item) {
  const char *status = tessera_record_get (item->record, "status");
  const char *partner = item->partner != NULL ? tessera_record_get (item->partner, "name") : NULL;
  g_autofree char *isolated = tessera_text_isolate (partner != NULL ? partner : "");

  return join (status != NULL ? tessera_vocabulary_get_label ("referral_status", status) : NULL,
               partner != NULL ? isolated : tessera_record_get (item->record, "service_name"));
}

static char *
describe_consent (TesseraTodayItem *item) {
  g_autofree char *date = tessera_text_date (tessera_record_get (item->record, "expires_on"));
  g_autofree char *until = g_strdup_printf (_("Ends on %s"), date);

  return join (item->partner != NULL ? tessera_record_get (item->partner, "name") : NULL, until);
}

static char *
describe_item (TesseraTodayItem *item) {
  const char *entity = tessera_record_get_entity (item->record)->name;

  if (g_str_equal (entity, "task"))
    return describe_task (item->record);
  if (g_str_equal (entity, "appointment"))
    return describe_appointment (item->record);
  if (g_str_equal (entity, "referral"))
    return describe_referral (item);
  if (g_str_equal (entity, "consent"))
    return describe_consent (item);
  if (g_str_equal (entity, "procedure"))
    return g_strdup (tessera_record_get (item->record, "waits_for"));
  return NULL;
}

static void
add_list (GtkWidget *box, const char *title, const char *icon, const TesseraTodayList *list) {
  GtkWidget *group = NULL;

  if (list->items == NULL || list->items->len == 0)
    return;
  group = add_group (box, title, list->items->len, list->count);
  for (guint i = 0; i < list->items->len; i++) {
    TesseraTodayItem *item = list->items->pdata[i];
    g_autofree char *below = describe_item (item);

    if (item->client != NULL)
      adw_preferences_group_add (
        ADW_PREFERENCES_GROUP (group),
        make_row (icon, get_call (item->client), below, "client", tessera_record_get_id (item->client)));
    else
      /* An incoming referral is nobody's client yet: the inbox has it. */
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                                 make_row (icon, below != NULL ? below : title, NULL, "inbox", NULL));
  }
}

/* Said to everybody: whoever is there can carry a stick. */
static void
add_reminder (GtkWidget *box, const TesseraBackupState *backups) {
  g_autofree char *title = NULL;
  GtkWidget *group = NULL;

  if (!backups->is_reminder_due)
    return;
  if (backups->elsewhere != NULL)
    title = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "The last backup away from this computer is %u day old",
                                          "The last backup away from this computer is %u days old", backups->days),
                             backups->days);
  else
    title = g_strdup (_("There is no backup away from this computer"));
  group = adw_preferences_group_new ();
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             make_row ("dialog-warning-symbolic", title,
                                       _("If the disk breaks or the computer is stolen, everything is lost."), "safety",
                                       NULL));
  gtk_box_append (GTK_BOX (box), group);
}

static void
add_conflicts (GtkWidget *box, guint count) {
  g_autofree char *title = g_strdup_printf (
    g_dngettext (GETTEXT_PACKAGE, "%u field has two versions", "%u fields have two versions", count), count);
  GtkWidget *group = NULL;

  if (count == 0)
    return;
  group = adw_preferences_group_new ();
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             make_row ("dialog-question-symbolic", title,
                                       _("Two laptops wrote them differently. Somebody has to decide."), "inbox", NULL));
  gtk_box_append (GTK_BOX (box), group);
}

static void
show (TesseraTodayPage *self, Reading *reading) {
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);
  const TesseraToday *today = reading->today;
  gboolean empty = FALSE;

  if (!tessera_session_is_demo (self->session))
    add_reminder (box, reading->backups);
  add_conflicts (box, reading->n_conflicts);
  add_drafts (box, reading);
  add_list (box, _("Appointments Today"), "tessera-today-symbolic", &today->appointments);
  add_list (box, _("Due"), "tessera-check-symbolic", &today->tasks);
  add_list (box, _("Procedures Due"), "tessera-step-symbolic", &today->procedures);
  add_list (box, _("Referrals to Us, Waiting for an Answer"), "tessera-inbox-symbolic", &today->received);
  add_list (box, _("Answers to Our Referrals"), "tessera-refer-symbolic", &today->answered);
  add_list (box, _("Referrals Without an Answer"), "tessera-refer-symbolic", &today->unanswered);
  add_list (box, _("Consent Ending Soon"), "tessera-lock-symbolic", &today->consents);
  empty = gtk_widget_get_first_child (box) == NULL;
  adw_bin_set_child (self->body_bin, box);
  gtk_widget_set_visible (self->empty_pane, empty);
  gtk_widget_set_visible (GTK_WIDGET (self->list_pane), !empty);
}

static gboolean
restore_scroll_cb (gpointer user_data) {
  TesseraTodayPage *self = user_data;

  if (self->list_pane != NULL)
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->list_pane), self->scroll);
  self->scroll = 0;
  return G_SOURCE_REMOVE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (TesseraTodayPage) self = user_data;
  Reading *reading = tessera_store_result_get_data (result);
  g_autoptr (GError) error = NULL;
  gboolean read = tessera_store_finish (TESSERA_STORE (source), result, &error);
  TesseraWindow *window = self->session != NULL ? tessera_window_get_for (GTK_WIDGET (self)) : NULL;

  if (self->session == NULL)
    return;
  if (read)
    show (self, reading);
  else if (window != NULL && !g_error_matches (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED))
    tessera_window_toast_error (window, error);
  if (self->scroll > 0)
    g_idle_add_full (G_PRIORITY_LOW, restore_scroll_cb, g_object_ref (self), g_object_unref);
}

static void
load (TesseraTodayPage *self) {
  TesseraStore *store = self->session != NULL ? tessera_session_get_store (self->session) : NULL;
  Reading *reading = NULL;

  if (store == NULL)
    return;
  reading = g_new0 (Reading, 1);
  reading->draft_clients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  if (!gtk_toggle_button_get_active (self->everyone_button))
    reading->worker = g_strdup (tessera_session_get_worker_id (self->session));
  tessera_store_read_async (store, read_today, reading, reading_free, NULL, read_cb, g_object_ref (self));
}

static void
session_changed_cb (TesseraTodayPage *self) {
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    load (self);
}

/* Read whenever it is shown: drafts and the day change without news of rows. */
static void
tessera_today_page_map (GtkWidget *widget) {
  GTK_WIDGET_CLASS (tessera_today_page_parent_class)->map (widget);
  load (TESSERA_TODAY_PAGE (widget));
}

static char *
tessera_today_page_get_title (TesseraPage *page) {
  return g_strdup (_("Today"));
}

static char *
tessera_today_page_get_subtitle (TesseraPage *page) {
  g_autofree char *today = tessera_today ();

  return tessera_text_date (today);
}

static GtkWidget *
tessera_today_page_get_header_widget (TesseraPage *page) {
  return GTK_WIDGET (TESSERA_TODAY_PAGE (page)->everyone_button);
}

static GVariant *
tessera_today_page_save_state (TesseraPage *page) {
  TesseraTodayPage *self = TESSERA_TODAY_PAGE (page);

  return g_variant_new ("(bd)", gtk_toggle_button_get_active (self->everyone_button),
                        gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->list_pane)));
}

static void
tessera_today_page_restore_state (TesseraPage *page, GVariant *state) {
  TesseraTodayPage *self = TESSERA_TODAY_PAGE (page);
  gboolean everyone = FALSE;

  g_variant_get (state, "(bd)", &everyone, &self->scroll);
  gtk_toggle_button_set_active (self->everyone_button, everyone);
}

static void
tessera_today_page_dispose (GObject *object) {
  TesseraTodayPage *self = TESSERA_TODAY_PAGE (object);

  g_clear_object (&self->session);
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_TODAY_PAGE);
  G_OBJECT_CLASS (tessera_today_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_today_page_get_title;
  iface->get_subtitle = tessera_today_page_get_subtitle;
  iface->get_header_widget = tessera_today_page_get_header_widget;
  iface->save_state = tessera_today_page_save_state;
  iface->restore_state = tessera_today_page_restore_state;
}

static void
tessera_today_page_class_init (TesseraTodayPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_today_page_dispose;
  widget_class->map = tessera_today_page_map;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-today-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraTodayPage, everyone_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraTodayPage, list_pane);
  gtk_widget_class_bind_template_child (widget_class, TesseraTodayPage, body_bin);
  gtk_widget_class_bind_template_child (widget_class, TesseraTodayPage, empty_pane);
  gtk_widget_class_bind_template_callback (widget_class, load);
}

static void
tessera_today_page_init (TesseraTodayPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_today_page_new (TesseraSession *session, const char *argument) {
  TesseraTodayPage *self = g_object_new (TESSERA_TYPE_TODAY_PAGE, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (session_changed_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
