/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-csv.h: tables as spreadsheets write them.
 *
 * RFC 4180 with what is met in practice: a byte order mark, semicolons or tabs instead of commas (whichever
 * the first line has most of), any line ends. Text must be UTF-8.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * tessera_csv_parse:
 * @text: (array length=size)
 * @ret_lines: (out) (optional) (transfer full) (element-type guint): the line each row begins on, counted
 * from 1
 *
 * Returns: (transfer full) (element-type GStrv): rows of cells, the heading first, without empty lines; an
 * error
 *   (%G_IO_ERROR_INVALID_DATA) for text that is not UTF-8, holds a NUL, or ends inside quotes
 */
GPtrArray *tessera_csv_parse (const char *text, gsize size, GArray **ret_lines, GError **error);

G_END_DECLS
