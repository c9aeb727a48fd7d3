/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-private.h: the size limits of what one referral may bring.
 */
#pragma once

#include "tessera-manifest.h"
#include "tessera-post.h"

/* Lines of one letter, and bytes of them together: one person's data, not a database. */
#define TESSERA_POST_MAX_LINES 20000
#define TESSERA_POST_MAX_SIZE (16 * 1024 * 1024)
