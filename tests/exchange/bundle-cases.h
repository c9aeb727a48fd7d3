/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bundle-cases.h: every way a bundle can be right or wrong, as a recipe and the answer it must get.
 *
 * The same table makes the stored vectors and is tried with fresh files in the tests.
 */
#pragma once

#include <glib.h>

typedef struct {
  const char *name;
  int code; /* -1: must be read; otherwise a TesseraBundleError */
  GBytes *(*make) (void);
  const char *what;
} BundleCase;

extern const BundleCase bundle_cases[];
extern const guint n_bundle_cases;
