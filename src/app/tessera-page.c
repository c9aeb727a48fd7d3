/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page.c: the interface of a screen; see the header.
 */
#include "config.h"
#include "tessera-page.h"

G_DEFINE_INTERFACE (TesseraPage, tessera_page, GTK_TYPE_WIDGET)

static void
tessera_page_default_init (TesseraPageInterface *iface) {
  g_signal_new ("title-changed", TESSERA_TYPE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

char *
tessera_page_get_title (TesseraPage *self) {
  g_return_val_if_fail (TESSERA_IS_PAGE (self), NULL);
  return TESSERA_PAGE_GET_IFACE (self)->get_title (self);
}

char *
tessera_page_get_subtitle (TesseraPage *self) {
  TesseraPageInterface *iface = TESSERA_PAGE_GET_IFACE (self);

  return iface->get_subtitle != NULL ? iface->get_subtitle (self) : NULL;
}

GtkWidget *
tessera_page_get_header_widget (TesseraPage *self) {
  TesseraPageInterface *iface = TESSERA_PAGE_GET_IFACE (self);

  return iface->get_header_widget != NULL ? iface->get_header_widget (self) : NULL;
}

GVariant *
tessera_page_save_state (TesseraPage *self) {
  TesseraPageInterface *iface = TESSERA_PAGE_GET_IFACE (self);
  GVariant *state = iface->save_state != NULL ? iface->save_state (self) : NULL;

  return state != NULL ? g_variant_take_ref (state) : NULL;
}

void
tessera_page_restore_state (TesseraPage *self, GVariant *state) {
  TesseraPageInterface *iface = TESSERA_PAGE_GET_IFACE (self);

  if (iface->restore_state != NULL && state != NULL)
    iface->restore_state (self, state);
}

void
tessera_page_focus (TesseraPage *self) {
  TesseraPageInterface *iface = TESSERA_PAGE_GET_IFACE (self);

  if (iface->focus != NULL)
    iface->focus (self);
  else
    gtk_widget_child_focus (GTK_WIDGET (self), GTK_DIR_TAB_FORWARD);
}

void
tessera_page_title_changed (TesseraPage *self) {
  g_signal_emit_by_name (self, "title-changed");
}
