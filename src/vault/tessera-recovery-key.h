/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-recovery-key.h: 256 bits on a sheet of paper.
 *
 * Turns a recovery key into text a person can copy, and back, saying which group is mistyped. Format
 * (alphabet of Douglas Crockford's base 32; section "Recovery key" of docs/vault-format.md): the 256 bits and
 * four zero bits make 52 characters, in 13 groups of four, each followed by one check character; groups are
 * separated by dashes. What the key opens is no concern of this file.
 */
#pragma once

#include "tessera-secret.h"

G_BEGIN_DECLS

#define TESSERA_RECOVERY_KEY_BYTES 32
#define TESSERA_RECOVERY_KEY_GROUPS 13

/** tessera_recovery_key_format: @key has 32 bytes. Returns: (transfer full): 77 characters */
TesseraSecret *tessera_recovery_key_format (const TesseraSecret *key);

/**
 * tessera_recovery_key_parse:
 *
 * Case, spaces and dashes do not matter; I and L are read as 1, O as 0. Fails with
 * %TESSERA_VAULT_ERROR_INVALID and the number of the group to look at. Returns: (transfer full): 32 bytes
 */
TesseraSecret *tessera_recovery_key_parse (const TesseraSecret *text, GError **error);

G_END_DECLS
