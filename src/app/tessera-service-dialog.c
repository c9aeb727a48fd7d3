/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-service-dialog.c: picks one service of the directory; see the header.
 */
#include "config.h"
#include "tessera-service-dialog.h"

#include "tessera-service-list.h"

struct _TesseraServiceDialog {
  AdwWindow parent_instance;

  TesseraServiceList *service_list;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (TesseraServiceDialog, tessera_service_dialog, ADW_TYPE_WINDOW)

static void
close_cb (gpointer data) {
  g_autoptr (TesseraServiceDialog) self = data;

  gtk_window_close (GTK_WINDOW (self));
}

/* Not at once: the list is still busy with the row that was activated. */
static void
service_chosen_cb (TesseraServiceDialog *self, TesseraServiceRow *row) {
  g_signal_emit (self, chosen_signal, 0, row->id, row->name, row->organization_id, row->organization);
  g_idle_add_once (close_cb, g_object_ref (self));
}

static void
tessera_service_dialog_class_init (TesseraServiceDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (TESSERA_TYPE_SERVICE_LIST);
  chosen_signal = g_signal_new ("chosen", TESSERA_TYPE_SERVICE_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 4, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-service-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraServiceDialog, service_list);
  gtk_widget_class_bind_template_callback (widget_class, service_chosen_cb);
}

static void
tessera_service_dialog_init (TesseraServiceDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

TesseraServiceDialog *
tessera_service_dialog_new (TesseraSession *session, GtkWindow *parent) {
  TesseraServiceDialog *self = g_object_new (TESSERA_TYPE_SERVICE_DIALOG, "transient-for", parent, NULL);

  tessera_service_list_start (self->service_list, session);
  tessera_service_list_focus (self->service_list);
  return self;
}
