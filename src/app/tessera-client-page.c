/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-client-page.c: one person: head, timeline, pathway
 */
#include "config.h"
#include "tessera-client-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-page.h"

struct _TesseraClientPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *argument;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraClientPage, tessera_client_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static char *
tessera_client_page_get_title (TesseraPage *page) {
  return g_strdup (_("Client"));
}

static void
tessera_client_page_dispose (GObject *object) {
  TesseraClientPage *self = TESSERA_CLIENT_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_CLIENT_PAGE);
  g_clear_pointer (&self->argument, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_client_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_client_page_get_title;
}

static void
tessera_client_page_class_init (TesseraClientPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_client_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-client-page.ui");
}

static void
tessera_client_page_init (TesseraClientPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_client_page_new (TesseraSession *session, const char *argument) {
  TesseraClientPage *self = g_object_new (TESSERA_TYPE_CLIENT_PAGE, NULL);

  self->session = g_object_ref (session);
  self->argument = g_strdup (argument);
  return GTK_WIDGET (self);
}
