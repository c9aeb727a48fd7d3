/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-service-list.h: the services of the directory: search, filters, and one line for each.
 *
 * Used by the directory page and wherever a service is picked. It finds in the store and shows; choosing is
 * told by a signal.
 */
#pragma once

#include <adwaita.h>

#include "tessera-directory-search.h"
#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_SERVICE_LIST (tessera_service_list_get_type ())
G_DECLARE_FINAL_TYPE (TesseraServiceList, tessera_service_list, TESSERA, SERVICE_LIST, GtkBox)

/* Signal: chosen (TesseraServiceRow *row): a person chose this one. */

/** tessera_service_list_start: begins to show the directory of @session. */
void tessera_service_list_start (TesseraServiceList *self, TesseraSession *session);

/** tessera_service_list_reload: the directory changed. */
void tessera_service_list_reload (TesseraServiceList *self);

/** tessera_service_list_focus: into the search entry. */
void tessera_service_list_focus (TesseraServiceList *self);

/** tessera_service_list_save_state: (transfer full): words, filters, place. */
GVariant *tessera_service_list_save_state (TesseraServiceList *self);
void tessera_service_list_restore_state (TesseraServiceList *self, GVariant *state);

/** tessera_freshness_describe: (transfer full): "Checked 3 months ago", "Never checked"; translated now. */
char *tessera_freshness_describe (TesseraFreshness freshness, int age_days);

/** tessera_freshness_show: the same in @label, with the style class of its color. */
void tessera_freshness_show (GtkLabel *label, TesseraFreshness freshness, int age_days);

G_END_DECLS
