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

/**
 * tessera_work_factor_raise:
 * @passes: (inout): of a key slot
 * @kibibytes: (inout): likewise
 * @elapsed: microseconds that this computer took for them
 *
 * Raises them to what tessera_work_factor_choose() would measure today, if they are far below: less memory than the
 * floor although there is memory, or much less than the second they should take. Never lowers them, and leaves
 * %TESSERA_WORK_FACTOR_MINIMUM alone, because nobody gets that without asking for it. Measures only if needed.
 *
 * Returns: whether they were raised
 */
gboolean tessera_work_factor_raise (guint32 *passes, guint32 *kibibytes, gint64 elapsed);

G_END_DECLS
