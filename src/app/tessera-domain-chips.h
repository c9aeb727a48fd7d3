/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-domain-chips.h: the twelve domains of a life as chips to switch on, in three lines, one for each step.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define TESSERA_TYPE_DOMAIN_CHIPS (tessera_domain_chips_get_type ())
G_DECLARE_FINAL_TYPE (TesseraDomainChips, tessera_domain_chips, TESSERA, DOMAIN_CHIPS, GtkBox)

/* Signal: changed (). */

/** tessera_domain_chips_get: (transfer full): canonical text of a set: codes in byte order, separated by commas. */
char *tessera_domain_chips_get (TesseraDomainChips *self);

/** tessera_domain_chips_set: @codes: (nullable): as above; unknown codes are kept for tessera_domain_chips_get(). */
void tessera_domain_chips_set (TesseraDomainChips *self, const char *codes);

G_END_DECLS
