/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-process.c: what a program holding keys tells the operating system first.
 */
#include "config.h"

#include "tessera-process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void
tessera_process_harden (void)
{
  const struct rlimit none = { 0, 0 };

  setrlimit (RLIMIT_CORE, &none);
  /* Old GLib keeps small blocks to itself when they are freed; so it clears them. The rest of the heap is the matter of
   * tessera-memory.c. */
  g_mem_gc_friendly = TRUE;
  /* A core pattern that pipes into a program ignores the limit; it does not ignore this. A build for finding leaks
   * has to look into itself and leaves it. */
#ifndef __SANITIZE_ADDRESS__
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}
