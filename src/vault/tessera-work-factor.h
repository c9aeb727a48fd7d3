/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-work-factor.h: how much work a passphrase costs on this computer.
 *
 * Chooses the numbers for Argon2id. It derives no key that is kept.
 */
#pragma once

#include "tessera-vault.h"

G_BEGIN_DECLS

/**
 * tessera_work_factor_choose:
 * @ret_passes: (out): Argon2id passes
 * @ret_kibibytes: (out): Argon2id memory
 *
 * Measures (one to two seconds) unless @factor is the minimum.
 */
void tessera_work_factor_choose (TesseraWorkFactor factor, guint32 *ret_passes, guint32 *ret_kibibytes);

G_END_DECLS
