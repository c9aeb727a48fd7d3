/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carrier-private.h: what the files of this folder share and nobody else needs (but their tests).
 */
#pragma once

#include "tessera-carrier.h"

G_BEGIN_DECLS

/* The system's @reason (an errno) as %TESSERA_CARRIER_ERROR; @where is the file or folder a person knows. */
void tessera_carrier_set_write_error (GError **error, int reason, const char *where);
void tessera_carrier_set_read_error (GError **error, int reason, const char *where);
void tessera_carrier_set_missing_error (GError **error, const char *where);
void tessera_carrier_set_unsafe_error (GError **error, const char *where);

void tessera_carrier_set_name_error (GError **error, const char *name);
void tessera_carrier_set_size_error (GError **error, const char *name);
void tessera_carrier_set_gone_error (GError **error, const char *name);

/* @error is of %TESSERA_CARRIER_ERROR. */
void tessera_carrier_error_set_retry_after (GError *error, guint seconds);

/* A listing in the order and form that tessera_carrier_list() promises: sorted, each name once. */
void tessera_carrier_sort_items (GPtrArray *items);
TesseraCarrierItem *tessera_carrier_item_new (const char *name, gint64 size);

/**
 * tessera_carrier_open_source:
 * @path: a file of ours that is to be put as @name
 *
 * Its descriptor, at its beginning, after all of it was checked; or -1.
 */
int tessera_carrier_open_source (const char *path, const char *name, TesseraCarrierCheck check, gint64 *ret_size,
                                 GError **error);

/** tessera_carrier_descriptor_fits: whether the content of @descriptor is what @name says; leaves it at its
 * beginning. */
gboolean tessera_carrier_descriptor_fits (int descriptor, const char *name, TesseraCarrierCheck check);

/** tessera_carrier_open_folder: descriptor of the existing folder @path, or -1. */
int tessera_carrier_open_folder (const char *path, GError **error);

/**
 * tessera_carrier_write_part:
 * @folder: descriptor of the folder
 * @mode: permissions before umask
 * @where: for messages
 *
 * Writes @bytes under a fresh temporary name in @folder and brings it to the disk. Returns: (transfer full)
 * (nullable): that name; on an error nothing stays behind
 */
char *tessera_carrier_write_part (int folder, GBytes *bytes, guint mode, const char *where, GError **error);

/** tessera_carrier_create_part: descriptor of a fresh file with such a name in @folder, or -1 and errno. */
int tessera_carrier_create_part (int folder, guint mode, char **ret_name);

/** tessera_carrier_close_part: brings it to the disk. Returns 0 or an errno; @descriptor is closed in any case. */
int tessera_carrier_close_part (int descriptor);

/** tessera_carrier_is_part: whether @name is one that tessera_carrier_write_part() makes. */
gboolean tessera_carrier_is_part (const char *name);

/** tessera_carrier_write_all: 0, or an errno. */
int tessera_carrier_write_all (int descriptor, gconstpointer data, gsize size);

/** tessera_carrier_sync: fsync(), 0 or an errno; file systems that know no such thing are taken as they
 * are. */
int tessera_carrier_sync (int descriptor);

/**
 * TesseraRenameWay: file systems differ in how a file gets its name without replacing another: the atomic
 * way, a second link (where the first is not known), or looking before renaming (FAT over old kernels, FUSE;
 * two writers at the same instant could then replace each other's file, which has the same content).
 */
typedef enum {
  TESSERA_RENAME_ATOMIC,
  TESSERA_RENAME_LINK,
  TESSERA_RENAME_LOOK,
} TesseraRenameWay;

/** tessera_carrier_rename_new: 0, EEXIST when @to is there already (then @from stays), or another errno;
 * begins with
 * @way and goes on to the next where the file system does not know it. */
int tessera_carrier_rename_new (int folder, const char *from, const char *to, TesseraRenameWay way);

G_END_DECLS
