/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-sync-foot.c: how exchange stands; see the header.
 */
#include "config.h"
#include "tessera-sync-foot.h"

#include <glib/gi18n-lib.h>

#include "tessera-colleagues.h"
#include "tessera-identifier.h"
#include "tessera-text.h"

struct _TesseraSyncFoot {
  AdwBin parent_instance;

  TesseraSession *session;
  GSignalGroup *signals;   /* of the TesseraSync that is there now */
  guint n_colleagues;
  gint64 changed_at;       /* when something was written that colleagues have not got */

  GtkButton *button;
  GtkImage *icon;
  GtkSpinner *spinner;
  GtkLabel *first_label;
  GtkLabel *second_label;
};

G_DEFINE_FINAL_TYPE (TesseraSyncFoot, tessera_sync_foot, ADW_TYPE_BIN)

static GPtrArray *
list_status (TesseraSyncFoot *self) {
  TesseraSync *sync = self->session != NULL ? tessera_session_get_sync (self->session) : NULL;

  return sync != NULL ? tessera_sync_list_status (sync) : g_ptr_array_new ();
}

/* The one a person should hear of: who needs them, else who is being visited. */
static const TesseraSyncStatus *
choose (GPtrArray *carriers) {
  static const TesseraSyncState order[] = { TESSERA_SYNC_NEEDS_ATTENTION, TESSERA_SYNC_WORKING };

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    for (guint j = 0; j < carriers->len; j++) {
      const TesseraSyncStatus *status = g_ptr_array_index (carriers, j);

      if (status->state == order[i])
        return status;
    }
  return NULL;
}

static guint
count_state (GPtrArray *carriers, TesseraSyncState state) {
  guint n = 0;

  for (guint i = 0; i < carriers->len; i++)
    n += ((TesseraSyncStatus *) g_ptr_array_index (carriers, i))->state == state;
  return n;
}

/* What was just written is sealed with the next visit, and counted from then on. */
static gboolean
is_unsealed (TesseraSyncFoot *self, TesseraSync *sync) {
  return self->n_colleagues > 0 && self->changed_at > tessera_sync_get_last_success (sync);
}

static char *
describe_waiting (TesseraSyncFoot *self, TesseraSync *sync) {
  gint64 n = tessera_sync_get_waiting (sync);

  if (n == 0)
    return g_strdup (is_unsealed (self, sync) ? _("Changes wait to be sent") : _("Everything is sent"));
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u to send", "%u to send", (gulong) n), (guint) n);
}

/* The time when it was today, the day when it was not. */
static char *
describe_last (gint64 instant) {
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (instant / 1000);
  g_autofree char *when = NULL;

  if (instant == 0)
    return g_strdup (_("No exchange yet"));
  when = g_date_time_get_day_of_year (now) == g_date_time_get_day_of_year (then)
             && g_date_time_get_year (now) == g_date_time_get_year (then)
           ? tessera_text_time (instant) : tessera_text_ago (instant);
  /* Translators: %s is a time ("10:42") or a day ("Yesterday"). */
  return g_strdup_printf (_("last exchange: %s"), when);
}

static char *
describe_line (TesseraSync *sync, GPtrArray *carriers) {
  g_autofree char *last = describe_last (tessera_sync_get_last_success (sync));

  if (carriers->len == 0)
    return g_strdup (_("No way to send it yet"));
  if (count_state (carriers, TESSERA_SYNC_PAUSED) == carriers->len)
    return g_strdup_printf (_("Paused · %s"), last);
  return g_strdup_printf (tessera_sync_get_online (sync) ? _("Online · %s") : _("Offline · %s"), last);
}

/* All carriers, one line each. */
static char *
describe_carriers (GPtrArray *carriers) {
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < carriers->len; i++) {
    const TesseraSyncStatus *status = g_ptr_array_index (carriers, i);
    g_autofree char *name = tessera_text_isolate (status->name);

    g_string_append_printf (text, "%s%s: %s", i > 0 ? "\n" : "", name, status->sentence);
  }
  return g_strdup (text->len > 0 ? text->str : _("Nothing can be sent before there is a carrier."));
}

static const char *
choose_icon (TesseraSyncFoot *self, TesseraSync *sync, const TesseraSyncStatus *important, GPtrArray *carriers) {
  if (important != NULL && important->state == TESSERA_SYNC_NEEDS_ATTENTION)
    return "dialog-warning-symbolic";
  if (carriers->len > 0 && count_state (carriers, TESSERA_SYNC_PAUSED) == carriers->len)
    return "media-playback-pause-symbolic";
  return tessera_sync_get_waiting (sync) > 0 || is_unsealed (self, sync) ? "mail-send-symbolic"
                                                                         : "tessera-check-symbolic";
}

static void
set_texts (TesseraSyncFoot *self, const char *first, const char *second, const char *details) {
  g_autofree char *spoken = g_strdup_printf ("%s · %s", first, second);

  gtk_label_set_label (self->first_label, first);
  gtk_label_set_label (self->second_label, second);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), details);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, details, -1);
}

static void
show (TesseraSyncFoot *self, TesseraSync *sync, GPtrArray *carriers) {
  const TesseraSyncStatus *important = choose (carriers);
  gboolean working = important != NULL && important->state == TESSERA_SYNC_WORKING;
  g_autofree char *first = NULL;
  g_autofree char *second = describe_line (sync, carriers);
  g_autofree char *details = describe_carriers (carriers);

  if (important != NULL && !working) {
    first = g_strdup_printf (_("Exchange stopped: %s"), important->sentence);
    gtk_widget_add_css_class (GTK_WIDGET (self->first_label), "warning");
  } else {
    first = working ? g_strdup (important->sentence) : describe_waiting (self, sync);
    gtk_widget_remove_css_class (GTK_WIDGET (self->first_label), "warning");
  }
  gtk_image_set_from_icon_name (self->icon, choose_icon (self, sync, important, carriers));
  gtk_widget_set_visible (GTK_WIDGET (self->icon), !working);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), working);
  gtk_spinner_set_spinning (self->spinner, working);
  set_texts (self, first, second, details);
}

static void
update (TesseraSyncFoot *self) {
  TesseraSync *sync = self->session != NULL ? tessera_session_get_sync (self->session) : NULL;
  g_autoptr (GPtrArray) carriers = list_status (self);
  gboolean visible = sync != NULL && (carriers->len > 0 || self->n_colleagues > 0);

  gtk_widget_set_visible (GTK_WIDGET (self), visible);
  if (visible)
    show (self, sync, carriers);
  else
    gtk_spinner_set_spinning (self->spinner, FALSE);
}

/* ---- how many colleagues ---- */

static gboolean
count_colleagues (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_autoptr (GHashTable) colleagues = tessera_colleagues_load (transaction, error);

  if (colleagues != NULL)
    *(guint *) data = tessera_colleagues_count (colleagues);
  return colleagues != NULL;
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraSyncFoot) self = data;

  if (!tessera_store_finish (TESSERA_STORE (source), result, NULL) || self->session == NULL)
    return;
  self->n_colleagues = *(guint *) tessera_store_result_get_data (result);
  update (self);
}

static void
count (TesseraSyncFoot *self) {
  TesseraStore *store = tessera_session_get_store (self->session);

  if (store != NULL)
    tessera_store_read_async (store, count_colleagues, g_new0 (guint, 1), g_free, NULL, counted_cb, g_object_ref (self));
}

/* ---- what it follows ---- */

static gboolean
is_for_others (TesseraSyncFoot *self, const char *entities) {
  g_auto (GStrv) names = g_strsplit (entities, ",", -1);

  for (guint i = 0; names[i] != NULL; i++) {
    const TesseraEntity *entity = tessera_registry_get_entity (tessera_session_get_registry (self->session), names[i]);

    if (entity != NULL && !(entity->flags & TESSERA_ENTITY_LOCAL))
      return TRUE;
  }
  return FALSE;
}

static void
session_changed_cb (TesseraSyncFoot *self, const char *entities) {
  if (is_for_others (self, entities)) {
    self->changed_at = tessera_now ();
    update (self);
  }
  if (tessera_session_concerns (entities, "device"))
    count (self);
}

static void
state_changed_cb (TesseraSyncFoot *self) {
  g_signal_group_set_target (self->signals, tessera_session_get_sync (self->session));
  count (self);
  update (self);
}

void
tessera_sync_foot_follow (TesseraSyncFoot *self, TesseraSession *session) {
  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (session_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  state_changed_cb (self);
}

static void
tessera_sync_foot_dispose (GObject *object) {
  TesseraSyncFoot *self = TESSERA_SYNC_FOOT (object);

  if (self->signals != NULL)
    g_signal_group_set_target (self->signals, NULL);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  /* First, because disposing the template frees a bound child that the bin would unparent once more. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_SYNC_FOOT);
  G_OBJECT_CLASS (tessera_sync_foot_parent_class)->dispose (object);
}

static void
tessera_sync_foot_class_init (TesseraSyncFootClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_sync_foot_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-sync-foot.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraSyncFoot, button);
  gtk_widget_class_bind_template_child (widget_class, TesseraSyncFoot, icon);
  gtk_widget_class_bind_template_child (widget_class, TesseraSyncFoot, spinner);
  gtk_widget_class_bind_template_child (widget_class, TesseraSyncFoot, first_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraSyncFoot, second_label);
}

static void
tessera_sync_foot_init (TesseraSyncFoot *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  self->signals = g_signal_group_new (TESSERA_TYPE_SYNC);
  g_signal_group_connect_swapped (self->signals, "changed", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->signals, "progress", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->signals, "notify", G_CALLBACK (update), self);
}
