/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-unlock-page.c: who are you, and the passphrase
 */
#include "config.h"
#include "tessera-unlock-page.h"

#include <glib/gi18n-lib.h>

#include "tessera-page.h"

struct _TesseraUnlockPage {
  AdwBin parent_instance;

  TesseraSession *session;
  char *argument;
};

static void page_iface_init (TesseraPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraUnlockPage, tessera_unlock_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_PAGE, page_iface_init))

static char *
tessera_unlock_page_get_title (TesseraPage *page) {
  return g_strdup (_("Unlock"));
}

static void
tessera_unlock_page_dispose (GObject *object) {
  TesseraUnlockPage *self = TESSERA_UNLOCK_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_UNLOCK_PAGE);
  g_clear_pointer (&self->argument, g_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_unlock_page_parent_class)->dispose (object);
}

static void
page_iface_init (TesseraPageInterface *iface) {
  iface->get_title = tessera_unlock_page_get_title;
}

static void
tessera_unlock_page_class_init (TesseraUnlockPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_unlock_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-unlock-page.ui");
}

static void
tessera_unlock_page_init (TesseraUnlockPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tessera_unlock_page_new (TesseraSession *session, const char *argument) {
  TesseraUnlockPage *self = g_object_new (TESSERA_TYPE_UNLOCK_PAGE, NULL);

  self->session = g_object_ref (session);
  self->argument = g_strdup (argument);
  return GTK_WIDGET (self);
}
