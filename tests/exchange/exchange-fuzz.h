/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exchange-fuzz.h: the entry point libFuzzer calls. Build with `CC=clang meson setup build-fuzz -Dfuzzing=true
 * -Db_sanitize=address,undefined -Dc_args=-fsanitize=fuzzer-no-link`.
 */
#pragma once

#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
