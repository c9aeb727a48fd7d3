/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-base32.h: bytes as the names that files and mailboxes have on carriers.
 *
 * RFC 4648 section 6, lower case, without padding. For people there is another alphabet (tessera-fingerprint.h).
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TESSERA_BASE32_ALPHABET "abcdefghijklmnopqrstuvwxyz234567"
/** Characters that name a mailbox: 128 bits. */
#define TESSERA_BASE32_MAILBOX 26

/** tessera_base32_encode: Returns: (transfer full): unused bits of the last character are zero */
char *tessera_base32_encode (const guint8 *bytes, gsize size);

/** tessera_base32_new_mailbox: Returns: (transfer full): a random name of %TESSERA_BASE32_MAILBOX characters */
char *tessera_base32_new_mailbox (void);

/** tessera_base32_is_mailbox: whether @text has the form of one. */
gboolean tessera_base32_is_mailbox (const char *text);

G_END_DECLS
