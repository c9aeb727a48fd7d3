/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-exchange-window.h: "Team and Exchange": the laptops of the organization, and how their changes travel.
 *
 * Shows and asks; what is done is in tessera-exchange-work.h, in exchange and in sync.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_EXCHANGE_WINDOW (tessera_exchange_window_get_type ())
G_DECLARE_FINAL_TYPE (TesseraExchangeWindow, tessera_exchange_window, TESSERA, EXCHANGE_WINDOW, AdwPreferencesWindow)

/** tessera_exchange_window_new: @argument: (nullable): "exchange" begins with the carriers. */
GtkWidget *tessera_exchange_window_new (TesseraSession *session, const char *argument);

G_END_DECLS
