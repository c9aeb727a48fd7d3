/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-json-guard.h: proves that a text is plain JSON within limits, before a parser builds anything from
 * it.
 *
 * json-glib descends by recursion and accepts more than JSON (comments, assignments), so a hostile file could
 * exhaust the stack or mean different things to different readers. The guard walks the text once, without
 * recursion and without allocating per value. It builds nothing and knows nothing of services.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * TesseraJsonSlice: one top-level value.
 * @start: bytes from the beginning of the text
 * @length: bytes
 */
typedef struct {
  gsize start;
  gsize length;
} TesseraJsonSlice;

/**
 * tessera_json_guard:
 * @name: name of the file for messages
 * @text: @length bytes, need not end in a zero byte
 * @max_depth: how deep objects and lists may nest; at most 256
 * @max_values: how many values the whole text may hold
 *
 * Checks the grammar of RFC 8259, UTF-8, that no string holds a zero character or half a surrogate pair, and
 * the two limits. A byte order mark in front is skipped; several top-level values may follow each other,
 * separated by white space (JSON lines).
 *
 * Returns: (transfer full) (element-type TesseraJsonSlice) (nullable): the top-level values in order, or
 *   %NULL with %TESSERA_DIRECTORY_ERROR_NOT_JSON or %TESSERA_DIRECTORY_ERROR_TOO_LARGE; the message gives
 *   line and column
 */
GArray *tessera_json_guard (const char *name, const char *text, gsize length, guint max_depth,
                            gsize max_values, GError **error);

G_END_DECLS
