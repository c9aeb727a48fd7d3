/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fault-disk.h: a disk in memory that can be found as a crash would leave it.
 *
 * It knows what a program wrote, what of it is surely on the disk (synchronized), and in which order the rest
 * came. From that it makes the disks that somebody may find after the program died or the power went. What was
 * done can be recorded and done again on another disk, one operation at a time, so that one run of a program
 * gives every moment at which it could have been interrupted. It knows nothing of SQLite; that is in
 * fault-vfs.h.
 */
#pragma once

#include <glib.h>

#define FAULT_SECTOR 512

typedef struct _FaultDisk FaultDisk;

/* How the disk is found. Whatever was synchronized is always there. */
typedef enum {
  FAULT_FOUND_KEPT,    /* only the program died: all it wrote is there */
  FAULT_FOUND_DROPPED, /* the power went: nothing else is there */
  FAULT_FOUND_OLDER,   /* of the rest, what came before some moment */
  FAULT_FOUND_NEWER,   /* ... what came after it: the disk wrote in another order */
  FAULT_FOUND_SOME,    /* ... some */
  FAULT_FOUND_TORN,    /* ... some, and of some only some sectors; what is missing is old, zeros or anything */
} FaultFound;
#define FAULT_FOUND_WAYS (FAULT_FOUND_TORN + 1)

const char *fault_found_get_name (FaultFound way);

FaultDisk *fault_disk_new (void);
void fault_disk_free (FaultDisk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultDisk, fault_disk_free)

/* As it is, with what is not synchronized: as the next program finds it if the power stays on. */
FaultDisk *fault_disk_copy (const FaultDisk *self);
/* As it would be found. The same seed gives the same disk. */
FaultDisk *fault_disk_find (const FaultDisk *self, FaultFound way, guint64 seed);
/* Whether there is anything that is not synchronized. */
gboolean fault_disk_is_pending (const FaultDisk *self);
/* Of names and contents, as a program would read them. */
guint64 fault_disk_hash (const FaultDisk *self);

/* From now on. */
void fault_disk_record (FaultDisk *self);
/* Operations recorded so far. */
guint fault_disk_get_recorded (const FaultDisk *self);
/* Does on @self what was recorded on @recorded as operation @index, from 0. */
void fault_disk_replay (FaultDisk *self, const FaultDisk *recorded, guint index);
/* Whether that operation was a write, and if so, where. */
gboolean fault_disk_is_write (const FaultDisk *recorded, guint index, gint64 *ret_offset, gsize *ret_size);
/* What that operation was, for people. */
char *fault_disk_describe (const FaultDisk *recorded, guint index);

/* Operations. Files have numbers, -1 for none; a number stays valid after its name is gone. */
int fault_disk_look_up (const FaultDisk *self, const char *name);
/* @at_once: whether the name is on the disk at once, without the folder being synchronized. */
int fault_disk_create (FaultDisk *self, const char *name, gboolean at_once);
void fault_disk_delete (FaultDisk *self, const char *name);
void fault_disk_write (FaultDisk *self, int file, gint64 offset, gconstpointer bytes, gsize size);
void fault_disk_truncate (FaultDisk *self, int file, gint64 size);
void fault_disk_sync (FaultDisk *self, int file);
void fault_disk_sync_folder (FaultDisk *self);
gint64 fault_disk_get_size (const FaultDisk *self, int file);
/* Returns how many bytes were there; the rest is filled with zeros. */
gsize fault_disk_read (const FaultDisk *self, int file, gint64 offset, gpointer out, gsize size);

/* Well spread numbers from @state, which moves on. */
guint64 fault_random (guint64 *state);
