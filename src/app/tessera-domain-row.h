/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-domain-row.h: one domain of an assessment: five levels for the worker, five for the client, or why
 * not.
 *
 * Opens to the five sentences; closed it says what was chosen and what it was last time.
 */
#pragma once

#include <adwaita.h>

#include "tessera-pathway.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_DOMAIN_ROW (tessera_domain_row_get_type ())
G_DECLARE_FINAL_TYPE (TesseraDomainRow, tessera_domain_row, TESSERA, DOMAIN_ROW, AdwExpanderRow)

/* Signal: changed (): a person chose something. */

/** tessera_domain_row_new: @domain: code; a static string. */
GtkWidget *tessera_domain_row_new (const char *domain);

/** tessera_domain_row_get: what is chosen; all zero when the domain was not looked at. */
TesseraScore tessera_domain_row_get (TesseraDomainRow *self);
gboolean tessera_domain_row_is_set (TesseraDomainRow *self);

/** tessera_domain_row_set: shows levels (0 for none) and @unasked (nullable). Does not emit changed. */
void tessera_domain_row_set (TesseraDomainRow *self, int worker_level, int client_level, const char *unasked);

/** tessera_domain_row_set_last: what was said the last time, shown beside. */
void tessera_domain_row_set_last (TesseraDomainRow *self, const TesseraDomainState *last);

G_END_DECLS
