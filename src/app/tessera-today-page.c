/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-today-page.c: what is due, who comes, what came back, what is half-written
 */
#include "config.h"
#include "tessera-today-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-page.h"

struct _TesseraTodayPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *argument;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraTodayPage, tessera_today_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static char *
tessera_today_page_get_title (TesseraPage *page) {
  return g_strdup (_("Today"));
}

static void
tessera_today_page_dispose (GObject *object) {
  TesseraTodayPage *self = TESSERA_TODAY_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_TODAY_PAGE);
  g_clear_pointer (&self->argument, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_today_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_today_page_get_title;
}

static void
tessera_today_page_class_init (TesseraTodayPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_today_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-today-page.ui");
}

static void
tessera_today_page_init (TesseraTodayPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_today_page_new (TesseraSession *session, const char *argument) {
  TesseraTodayPage *self = g_object_new (TESSERA_TYPE_TODAY_PAGE, NULL);

  self->session = g_object_ref (session);
  self->argument = g_strdup (argument);
  return GTK_WIDGET (self);
}
