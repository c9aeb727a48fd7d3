/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fault-vfs.h: SQLite on a disk of fault-disk.h, and calls that fail when they are told to.
 *
 * Behaves as unix-excl does: shared memory in the heap, the folder synchronized with a new log or journal,
 * locks between the connections of this process. The page layer stands on it.
 */
#pragma once

#include <sqlite3.h>

#include "fault-disk.h"

typedef enum {
  FAULT_CALL_OPEN,
  FAULT_CALL_READ,
  FAULT_CALL_WRITE,
  FAULT_CALL_TRUNCATE,
  FAULT_CALL_SYNC,
  FAULT_CALL_SIZE,
  FAULT_CALL_DELETE,
  FAULT_CALL_ACCESS,
  FAULT_CALL_LOCK,
  FAULT_CALL_SHARE, /* a piece of shared memory */
} FaultCall;
#define FAULT_CALLS (FAULT_CALL_SHARE + 1)

/* How much of a failing call is done nevertheless. */
typedef enum {
  FAULT_DONE_NOTHING,
  FAULT_DONE_HALF,
  FAULT_DONE_ALL,
} FaultDone;

typedef struct {
  FaultCall call;
  int code; /* SQLite's, extended */
  FaultDone done;
  const char *name;
} FaultError;

/* All that can go wrong; ends with a name of NULL. */
extern const FaultError fault_errors[];

typedef struct _FaultVfs FaultVfs;

FaultVfs *fault_vfs_new (void);
void fault_vfs_free (FaultVfs *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultVfs, fault_vfs_free)

const char *fault_vfs_get_name (const FaultVfs *self);
/* @disk (not owned) is what files are on from now on; none may be open. Calls are counted anew, none fails. */
void fault_vfs_insert (FaultVfs *self, FaultDisk *disk);
FaultDisk *fault_vfs_get_disk (const FaultVfs *self);
guint fault_vfs_get_open_files (const FaultVfs *self);

/* Calls made since the disk was inserted. */
guint fault_vfs_get_calls (const FaultVfs *self);
/* What call @index was, from 0. */
FaultCall fault_vfs_get_call (const FaultVfs *self, guint index);
/* Call @index shall fail with @error, which must fit, and if @lasting every later one of its kind. */
void fault_vfs_fail (FaultVfs *self, guint index, const FaultError *error, gboolean lasting);
/* All is well again. */
void fault_vfs_mend (FaultVfs *self);
/* How many calls failed. */
guint fault_vfs_get_failed (const FaultVfs *self);
