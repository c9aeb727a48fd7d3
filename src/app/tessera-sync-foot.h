/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-sync-foot.h: how exchange stands, in two short lines at the foot of the sidebar.
 *
 * It only tells; choosing it opens the screen where carriers are looked after. Hidden as long as there is nobody to
 * exchange with and nothing to exchange over.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_SYNC_FOOT (tessera_sync_foot_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSyncFoot, tessera_sync_foot, TESSERA, SYNC_FOOT, AdwBin)

/** tessera_sync_foot_follow: tells about the exchange of @session from now on. */
void tessera_sync_foot_follow (TesseraSyncFoot *self, TesseraSession *session);

G_END_DECLS
