/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-random.h: reproducible chance for the demonstration shop. Not for anything secret.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** TesseraDemoRandom: splitmix64 (Steele, Lea, Flood 2014): 64 bits of state, any seed is good. */
typedef struct {
  guint64 state;
} TesseraDemoRandom;

guint64 tessera_demo_random_next (TesseraDemoRandom *self);

/** tessera_demo_random_below: 0 to @limit - 1. */
guint tessera_demo_random_below (TesseraDemoRandom *self, guint limit);

/** tessera_demo_random_between: @least to @most, both included. */
int tessera_demo_random_between (TesseraDemoRandom *self, int least, int most);

/** tessera_demo_random_chance: %TRUE in @percent of 100 cases. */
gboolean tessera_demo_random_chance (TesseraDemoRandom *self, guint percent);

/** tessera_demo_random_weighted: an index, as often as its weight says. */
guint tessera_demo_random_weighted (TesseraDemoRandom *self, const guint *weights, guint n_weights);

/** tessera_demo_random_uuid: (transfer full): a UUIDv7 of the time @at (milliseconds UTC). */
char *tessera_demo_random_uuid (TesseraDemoRandom *self, gint64 at);

/** tessera_demo_random_code: (transfer full): a client code with its check digit. */
char *tessera_demo_random_code (TesseraDemoRandom *self);

/** TESSERA_DEMO_PICK: an element of a static array. */
#define TESSERA_DEMO_PICK(random, array) ((array)[tessera_demo_random_below ((random), G_N_ELEMENTS (array))])

G_END_DECLS
