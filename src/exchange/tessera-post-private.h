/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-private.h: the size limits of what one referral may bring, and what partners tell each other they have.
 */
#pragma once

#include "tessera-manifest.h"
#include "tessera-post.h"

/* Lines of one letter, and bytes of them together: one person's data, not a database. */
#define TESSERA_POST_MAX_LINES 20000
#define TESSERA_POST_MAX_SIZE (16 * 1024 * 1024)

/** tessera_post_fill_vector: referral to the highest number of @partner's events that is here. */
gboolean tessera_post_fill_vector (TesseraTransaction *transaction, const char *partner, GHashTable *vector,
                                   GError **error);

/** tessera_post_note_vector: what @partner says it has of our events. */
gboolean tessera_post_note_vector (TesseraTransaction *transaction, const char *partner, GHashTable *vector,
                                   GError **error);

gboolean tessera_post_owes_acknowledgement (TesseraTransaction *transaction, const char *partner);
