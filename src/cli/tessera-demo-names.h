/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-names.h: names for people who do not exist, in the scripts newcomers write.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** TesseraDemoName: as its bearer writes it, and in Latin letters (the same for Latin scripts). */
typedef struct {
  const char *native;
  const char *latin;
} TesseraDemoName;

/**
 * TesseraDemoOrigin:
 * @language: BCP 47
 * @also: (nullable): a second language spoken by some
 * @weight: how many of the clients, relatively
 * @family_first: the family name is written first
 */
typedef struct {
  const char *language;
  const char *also;
  guint weight;
  gboolean family_first;
  const TesseraDemoName *women;
  guint n_women;
  const TesseraDemoName *men;
  guint n_men;
  const TesseraDemoName *families;
  guint n_families;
} TesseraDemoOrigin;

extern const TesseraDemoOrigin tessera_demo_origins[];
extern const guint tessera_demo_n_origins;

G_END_DECLS
