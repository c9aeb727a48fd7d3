/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-period.h: two days that a person gave, and the instants they mean here.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** tessera_period_check: %TESSERA_CASEWORK_ERROR_INVALID for days that are none, or in the wrong order. */
gboolean tessera_period_check (const char *from, const char *to, GError **error);

/** tessera_period_find_midnight: the local midnight at the beginning of @date, @days later. */
gint64 tessera_period_find_midnight (const char *date, int days);

G_END_DECLS
