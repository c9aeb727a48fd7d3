/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-service-page.c: one service of the directory
 */
#include "config.h"
#include "tessera-service-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-page.h"

struct _TesseraServicePage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *argument;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraServicePage, tessera_service_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static char *
tessera_service_page_get_title (TesseraPage *page) {
  return g_strdup (_("Service"));
}

static void
tessera_service_page_dispose (GObject *object) {
  TesseraServicePage *self = TESSERA_SERVICE_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_SERVICE_PAGE);
  g_clear_pointer (&self->argument, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_service_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_service_page_get_title;
}

static void
tessera_service_page_class_init (TesseraServicePageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_service_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-service-page.ui");
}

static void
tessera_service_page_init (TesseraServicePage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_service_page_new (TesseraSession *session, const char *argument) {
  TesseraServicePage *self = g_object_new (TESSERA_TYPE_SERVICE_PAGE, NULL);

  self->session = g_object_ref (session);
  self->argument = g_strdup (argument);
  return GTK_WIDGET (self);
}
