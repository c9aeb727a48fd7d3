/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-base64.h: base64 with exactly one spelling for each sequence of bytes.
 *
 * libsodium 1.0.18 refuses loose endings, but takes some bytes beyond ASCII for letters, which would let somebody
 * change a file without changing its meaning. Here every character is looked at first.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * tessera_base64_decode:
 * @padded: whether the text must end with `=` as needed, or must not
 * @bytes: (out): room for @size bytes
 * @ret_size: (out): bytes decoded, at most @size
 *
 * Standard alphabet (RFC 4648 section 4), no white space, unused bits zero. %FALSE if @text is anything else.
 */
gboolean tessera_base64_decode (const char *text, gsize length, gboolean padded, guint8 *bytes, gsize size,
                                gsize *ret_size);

G_END_DECLS
