/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-memory.c: memory is wiped when it is given back, whoever gives it back.
 *
 * Keys live in guarded memory (tessera-secret.h); names and notes cannot: SQLite's pages, GLib's strings, the texts of
 * labels and their layout pass through the ordinary heap of a dozen libraries. So the two programs bring their own
 * free() and realloc(), which the dynamic linker prefers to the C library's for every library in the process. They
 * wipe and hand on. After locking, what was freed is zeros, in the heap and in whatever reached the swap later.
 *
 * Part of the programs, not of the library: tests and other programs keep theirs. Leak and bounds checkers bring their
 * own as well, and builds for them do without this.
 */
#include "config.h"

#ifndef __SANITIZE_ADDRESS__

#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void (*next_free) (void *memory);
static void *(*next_realloc) (void *memory, size_t size);

/* Before that, what the loader frees is left alone: some hundred bytes, once. */
__attribute__ ((constructor)) static void
find_next (void) {
  *(void **) &next_realloc = dlsym (RTLD_NEXT, "realloc");
  *(void **) &next_free = dlsym (RTLD_NEXT, "free");
}

void
free (void *memory) {
  if (memory == NULL || next_free == NULL)
    return;
  explicit_bzero (memory, malloc_usable_size (memory));
  next_free (memory);
}

/* Growing always moves, because the next realloc() would leave a copy behind where it moves. */
void *
realloc (void *memory, size_t size) {
  size_t usable = memory != NULL ? malloc_usable_size (memory) : 0;
  void *moved = NULL;

  if (memory == NULL)
    return malloc (size);
  if (size == 0) {
    free (memory);
    return NULL;
  }
  if (size <= usable) {
    if (next_realloc == NULL)
      return memory;
    explicit_bzero ((char *) memory + size, usable - size);
    return next_realloc (memory, size);
  }
  moved = malloc (size);
  if (moved == NULL)
    return NULL;
  memcpy (moved, memory, usable);
  free (memory);
  return moved;
}

#endif
