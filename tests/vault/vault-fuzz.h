/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vault-fuzz.h: the entry point that libFuzzer calls, or fuzz-driver.c where there is no libFuzzer. Build with
 * `CC=clang meson setup build-fuzz -Dfuzzing=true -Db_sanitize=address,undefined -Dc_args=-fsanitize=fuzzer-no-link`
 * and run `build-fuzz/tests/vault/fuzz-vault-page -max_total_time=300 FOLDER tests/vault/seeds/page`.
 */
#pragma once

#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
