/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fault-store.h: a store on a disk that fails: opened as a vault opens it, worked on by a script, and judged.
 */
#pragma once

#include "fault-script.h"
#include "fault-vfs.h"
#include "tessera-page-vfs.h"

/* What has been promised since operation @at of the disk: at least so many commits, at most so many; -1 if the
 * store need not be there yet. */
typedef struct {
  guint at;
  int least;
  int most;
} FaultPromise;

typedef struct {
  const FaultScript *script;
  FaultVfs *vfs;
  TesseraSecret *key;
  TesseraPageVfs *pages; /* while the store is open */
  sqlite3 *writer;
  sqlite3 *reader;
  FaultPromise promise; /* the latest */
  GArray *promises;     /* FaultPromise: all of them, if they are to be kept */
  guint64 pinned;       /* digest that the reader saw */
  char answer[24];      /* first value of the last statement that gave one */
  GString *trouble;     /* what was found wrong, for people; empty if nothing was */
} FaultStore;

FaultStore *fault_store_new (const FaultScript *script);
void fault_store_free (FaultStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultStore, fault_store_free)

/* A page layer and the writing connection. @flags: SQLITE_OPEN_CREATE or 0. Returns SQLite's code. */
int fault_store_open (FaultStore *self, int flags);
/* Everything, page layer too. Files that stay open are trouble. */
void fault_store_close (FaultStore *self);

/* Begins on an empty @disk; nothing is promised yet. */
void fault_store_begin (FaultStore *self, FaultDisk *disk);
/* Does one step; SQLITE_OK means it is done and said to be done. */
int fault_store_step (FaultStore *self, const FaultStep *step);
/* Does all of them on an empty @disk, which is recorded, noting promises. Nothing may fail. */
void fault_store_run (FaultStore *self, FaultDisk *disk);
/* What was promised when @operations had been done. */
FaultPromise fault_store_get_promise (const FaultStore *self, guint operations);

/* Whether the open store holds what some commit of @promise left and is sound; else there is trouble.
 * *@ret_state: which commit. */
gboolean fault_store_judge (FaultStore *self, FaultPromise promise, int *ret_state);
/* How the next program fares that finds @disk: it opens the store, which must keep @promise, writes to it, and
 * closes it. @change_mode: it changes to a log first, as a vault does. */
gboolean fault_store_find (FaultStore *self, FaultDisk *disk, FaultPromise promise, gboolean change_mode,
                           int *ret_state);
/* Clean: something did not work, and no word of the content being wrong. */
gboolean fault_is_clean_error (int code);
/* Adds to the trouble. */
void fault_store_complain (FaultStore *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
