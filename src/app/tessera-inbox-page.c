/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-inbox-page.c: what arrived, and what answers it needs
 */
#include "config.h"
#include "tessera-inbox-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-page.h"

struct _TesseraInboxPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *argument;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraInboxPage, tessera_inbox_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static char *
tessera_inbox_page_get_title (TesseraPage *page) {
  return g_strdup (_("Inbox"));
}

static void
tessera_inbox_page_dispose (GObject *object) {
  TesseraInboxPage *self = TESSERA_INBOX_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_INBOX_PAGE);
  g_clear_pointer (&self->argument, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_inbox_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_inbox_page_get_title;
}

static void
tessera_inbox_page_class_init (TesseraInboxPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_inbox_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-inbox-page.ui");
}

static void
tessera_inbox_page_init (TesseraInboxPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_inbox_page_new (TesseraSession *session, const char *argument) {
  TesseraInboxPage *self = g_object_new (TESSERA_TYPE_INBOX_PAGE, NULL);

  self->session = g_object_ref (session);
  self->argument = g_strdup (argument);
  return GTK_WIDGET (self);
}
