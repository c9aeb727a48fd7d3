/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-step-dialog.c: sets the step with a reason
 */
#include "config.h"
#include "tessera-step-dialog.h"

#include <glib/gi18n-lib.h>

#include "tessera-page.h"

struct _TesseraStepDialog {
  AdwWindow parent_instance;

  TesseraSession *session;
  char *argument;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraStepDialog, tessera_step_dialog, ADW_TYPE_WINDOW,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static char *
tessera_step_dialog_get_title (TesseraPage *page) {
  return g_strdup (_("Step"));
}

static void
tessera_step_dialog_dispose (GObject *object) {
  TesseraStepDialog *self = TESSERA_STEP_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_STEP_DIALOG);
  g_clear_pointer (&self->argument, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_step_dialog_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_step_dialog_get_title;
}

static void
tessera_step_dialog_class_init (TesseraStepDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_step_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-step-dialog.ui");
}

static void
tessera_step_dialog_init (TesseraStepDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_step_dialog_new (TesseraSession *session, const char *argument) {
  TesseraStepDialog *self = g_object_new (TESSERA_TYPE_STEP_DIALOG, NULL);

  self->session = g_object_ref (session);
  self->argument = g_strdup (argument);
  return GTK_WIDGET (self);
}
