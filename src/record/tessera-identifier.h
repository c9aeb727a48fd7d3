/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-identifier.h: UUIDs, the human client code, and the time they are made at.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** tessera_uuid_new: (transfer full): UUIDv7 (RFC 9562 section 5.7) in lower case, increasing within a process. */
char *tessera_uuid_new (void);

/** tessera_uuid_for_name: (transfer full): UUIDv5 (RFC 9562 section 5.5) of @name in the namespace UUID @space. */
char *tessera_uuid_for_name (const char *space, const char *name);

/** tessera_uuid_parse: fills 16 bytes; %FALSE unless @text is a UUID in its 36-character form. */
gboolean tessera_uuid_parse (const char *text, guint8 ret_bytes[16]);

/** tessera_uuid_format: writes the 36 characters and a zero byte. */
void tessera_uuid_format (const guint8 bytes[16], char ret_text[37]);

/**
 * tessera_client_code_new:
 *
 * A code such as T-7K3F-92QX: seven random Crockford base 32 digits (35 bits) and a check digit (the sum of digit
 * values times their place, modulo 31, so that a wrong digit or two swapped neighbours show). It carries no data.
 * Returns: (transfer full)
 */
char *tessera_client_code_new (void);

/** tessera_client_code_normalize: (transfer full) (nullable): canonical form of what a person typed (case, dashes,
 * O for 0, I and L for 1, missing T-), or %NULL if the check digit does not fit. */
char *tessera_client_code_normalize (const char *text);

/** tessera_now: milliseconds since 1970 UTC, from the clock or from TESSERA_NOW (ISO 8601), which tests set. */
gint64 tessera_now (void);

/** tessera_today: (transfer full): local date of tessera_now(), ISO 8601. */
char *tessera_today (void);

/** tessera_instant_parse: milliseconds from ISO 8601 (with offset or Z; a bare date or local time is local) or from
 * decimal milliseconds. */
gboolean tessera_instant_parse (const char *text, gint64 *ret_instant);

/** tessera_instant_format: (transfer full): ISO 8601 in UTC with milliseconds, e.g. 2026-11-21T09:30:00.000Z. */
char *tessera_instant_format (gint64 instant);

/** tessera_date_is_valid: YYYY-MM-DD that is in the calendar (no 31 February). */
gboolean tessera_date_is_valid (const char *text);

G_END_DECLS
