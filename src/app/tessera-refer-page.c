/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-refer-page.c: refers a client to a partner, showing exactly what they will see
 */
#include "config.h"
#include "tessera-refer-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-page.h"

struct _TesseraReferPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *argument;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraReferPage, tessera_refer_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static char *
tessera_refer_page_get_title (TesseraPage *page) {
  return g_strdup (_("Refer"));
}

static void
tessera_refer_page_dispose (GObject *object) {
  TesseraReferPage *self = TESSERA_REFER_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_REFER_PAGE);
  g_clear_pointer (&self->argument, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_refer_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_refer_page_get_title;
}

static void
tessera_refer_page_class_init (TesseraReferPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_refer_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-refer-page.ui");
}

static void
tessera_refer_page_init (TesseraReferPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_refer_page_new (TesseraSession *session, const char *argument) {
  TesseraReferPage *self = g_object_new (TESSERA_TYPE_REFER_PAGE, NULL);

  self->session = g_object_ref (session);
  self->argument = g_strdup (argument);
  return GTK_WIDGET (self);
}
