/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-partner-dialog.c: making sure that a partner's card is really theirs; see the header.
 */
#include "config.h"
#include "tessera-partner-dialog.h"

#include <glib/gi18n-lib.h>

#include "tessera-fingerprint.h"
#include "tessera-partners.h"
#include "tessera-screen.h"

static const char *const ways[] = { "spoken", "in-person" };

struct _TesseraPartnerDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  TesseraRecord *partner;

  GtkButton *trust_button;
  GtkLabel *name_label;
  GtkLabel *state_label;
  GtkLabel *own_label;
  AdwEntryRow *theirs_row;
  AdwComboRow *how_row;
  GtkLabel *result_label;
  GtkButton *revoke_button;
};

G_DEFINE_FINAL_TYPE (TesseraPartnerDialog, tessera_partner_dialog, ADW_TYPE_WINDOW)

typedef struct {
  char *id;
  char *fingerprint;
  const char *how; /* NULL to revoke */
} Deciding;

static void
deciding_free (gpointer data) {
  Deciding *deciding = data;

  g_free (deciding->id);
  g_free (deciding->fingerprint);
  g_free (deciding);
}

static gboolean
decide (TesseraTransaction *transaction, gpointer data, GError **error) {
  Deciding *deciding = data;

  if (deciding->how == NULL)
    return tessera_partners_revoke (transaction, deciding->id, error);
  return tessera_partners_trust (transaction, deciding->id, deciding->fingerprint, deciding->how, error);
}

static void
decided_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (TesseraPartnerDialog) self = data;
  g_autoptr (GError) error = NULL;
  Deciding *deciding = tessera_store_result_get_data (result);

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    gtk_label_set_label (self->result_label, error->message);
    gtk_widget_set_sensitive (GTK_WIDGET (self->trust_button), TRUE);
    return;
  }
  tessera_screen_toast (GTK_WIDGET (self), deciding->how != NULL
                                             ? _("They are trusted now: referrals can go to them")
                                             : _("Nothing goes to them or comes from them now"));
  gtk_window_close (GTK_WINDOW (self));
}

static void
start (TesseraPartnerDialog *self, const char *how) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Deciding *deciding = NULL;

  if (store == NULL)
    return;
  deciding = g_new0 (Deciding, 1);
  deciding->id = g_strdup (tessera_record_get_id (self->partner));
  deciding->fingerprint = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->theirs_row)));
  deciding->how = how;
  gtk_widget_set_sensitive (GTK_WIDGET (self->trust_button), FALSE);
  tessera_store_write_async (store, decide, deciding, deciding_free, NULL, decided_cb, g_object_ref (self));
}

static gboolean
matches (TesseraPartnerDialog *self) {
  g_autofree char *typed
    = tessera_fingerprint_parse (gtk_editable_get_text (GTK_EDITABLE (self->theirs_row)), NULL);

  return typed != NULL && g_strcmp0 (typed, tessera_record_get (self->partner, "fingerprint")) == 0;
}

static void
theirs_changed_cb (TesseraPartnerDialog *self) {
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->theirs_row));
  g_autofree char *typed = NULL;

  if (self->partner == NULL)
    return;
  typed = tessera_fingerprint_parse (text, NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->trust_button), matches (self));
  if (matches (self))
    gtk_label_set_label (self->result_label, _("It is the same. The card is theirs."));
  else if (typed != NULL)
    gtk_label_set_label (self->result_label,
                         _("It is not the same. Let them read it once more; if it stays different, "
                            "the card is not theirs: do not trust it."));
  else
    gtk_label_set_label (self->result_label,
                         *text != '\0' ? _("Go on typing: twenty characters in all.") : "");
}

static void
trust_clicked_cb (TesseraPartnerDialog *self) {
  if (matches (self))
    start (self, ways[MIN (adw_combo_row_get_selected (self->how_row), G_N_ELEMENTS (ways) - 1)]);
}

static void
revoke_response_cb (TesseraPartnerDialog *self, const char *response) {
  if (g_strcmp0 (response, "revoke") == 0)
    start (self, NULL);
}

static void
revoke_clicked_cb (TesseraPartnerDialog *self) {
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _("Stop Trusting This Partner?"), NULL);

  adw_message_dialog_set_body (
    ADW_MESSAGE_DIALOG (dialog),
    _("Nothing is sent to them or taken from them any more. What they already have cannot be "
       "taken back. This cannot be undone."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("Cancel"), "revoke",
                                    _("Stop Trusting"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "revoke",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (revoke_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
tessera_partner_dialog_dispose (GObject *object) {
  TesseraPartnerDialog *self = TESSERA_PARTNER_DIALOG (object);

  g_clear_object (&self->partner);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_partner_dialog_parent_class)->dispose (object);
}

static void
tessera_partner_dialog_class_init (TesseraPartnerDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_partner_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-partner-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraPartnerDialog, trust_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraPartnerDialog, name_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraPartnerDialog, state_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraPartnerDialog, own_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraPartnerDialog, theirs_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraPartnerDialog, how_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraPartnerDialog, result_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraPartnerDialog, revoke_button);
  gtk_widget_class_bind_template_callback (widget_class, trust_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, theirs_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, revoke_clicked_cb);
}

static void
tessera_partner_dialog_init (TesseraPartnerDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

TesseraPartnerDialog *
tessera_partner_dialog_new (TesseraSession *session,
                            GtkWindow *parent,
                            TesseraRecord *partner,
                            const char *own_fingerprint) {
  TesseraPartnerDialog *self = g_object_new (TESSERA_TYPE_PARTNER_DIALOG, "transient-for", parent, NULL);
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);
  const char *trust = tessera_record_get (partner, "trust");
  gboolean revoked = tessera_record_get (partner, "revoked_at") != NULL;

  self->session = g_object_ref (session);
  self->partner = g_object_ref (partner);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    gtk_string_list_append (labels, tessera_vocabulary_get_label ("trust", ways[i]));
  adw_combo_row_set_model (self->how_row, G_LIST_MODEL (labels));
  gtk_label_set_label (self->name_label, tessera_record_get (partner, "name"));
  gtk_label_set_label (self->state_label,
                       revoked ? _("No longer trusted")
                               : tessera_vocabulary_get_label ("trust", trust != NULL ? trust : "none"));
  gtk_label_set_label (self->own_label, own_fingerprint != NULL ? own_fingerprint : "–");
  gtk_widget_set_direction (GTK_WIDGET (self->own_label), GTK_TEXT_DIR_LTR);
  gtk_widget_set_visible (GTK_WIDGET (self->revoke_button), !revoked);
  return self;
}
