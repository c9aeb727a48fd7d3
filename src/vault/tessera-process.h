/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-process.h: what a program holding keys tells the operating system first.
 *
 * Called at the start of main() of every program of ours; not by libraries or tests.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * tessera_process_harden:
 *
 * No core dumps, and no reading of this process's memory by other processes of the same user (ptrace, /proc).
 * Passphrase-free: it can only make things stricter, so failures are not reported.
 */
void tessera_process_harden (void);

G_END_DECLS
