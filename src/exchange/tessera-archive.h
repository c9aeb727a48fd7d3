/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-archive.h: several files one behind the other, in a form every tar opens.
 *
 * POSIX ustar, reduced to one way of writing each member: regular file, mode 0600, owner 0, time 0, no prefix. The
 * reader computes what the header of a member must be and refuses everything else, so there is nothing to interpret:
 * no links, no folders, no paths, no extensions. It does not know which members belong in a bundle.
 */
#pragma once

#include "tessera-bundle-error.h"

G_BEGIN_DECLS

#define TESSERA_ARCHIVE_BLOCK_SIZE 512
/** Two blocks of zeros end an archive; nothing may follow. */
#define TESSERA_ARCHIVE_END_SIZE 1024
/** Bytes of a member's name. */
#define TESSERA_ARCHIVE_MAX_NAME 99
/** Bytes of one member: what eleven octal digits hold. */
#define TESSERA_ARCHIVE_MAX_MEMBER G_GINT64_CONSTANT (0x1ffffffff)

/** tessera_archive_member_space: bytes that a member of @size bytes takes, header and filling included. */
guint64 tessera_archive_member_space (guint64 size);

/** TesseraArchiveSink: where the bytes of an archive go, one after the other. */
typedef gboolean (*TesseraArchiveSink) (gconstpointer data, gsize size, gpointer user_data, GError **error);

/**
 * TesseraArchiveWriter:
 *
 * Writes an archive front to back, in constant memory. The size of a member is stated first, and exactly so many bytes
 * must follow.
 */
typedef struct _TesseraArchiveWriter TesseraArchiveWriter;

/** tessera_archive_writer_new: Returns: (transfer full) */
TesseraArchiveWriter *tessera_archive_writer_new (TesseraArchiveSink sink, gpointer user_data);

/** tessera_archive_writer_begin: begins a member of @size bytes, after the last one is whole. */
gboolean tessera_archive_writer_begin (TesseraArchiveWriter *self, const char *name, guint64 size, GError **error);

/** tessera_archive_writer_write: bytes of the member begun. */
gboolean tessera_archive_writer_write (TesseraArchiveWriter *self, gconstpointer data, gsize size, GError **error);

/** tessera_archive_writer_add: a whole member at once. */
gboolean tessera_archive_writer_add (TesseraArchiveWriter *self, const char *name, gconstpointer data, gsize size,
                                     GError **error);

/** tessera_archive_writer_finish: writes the end mark. */
gboolean tessera_archive_writer_finish (TesseraArchiveWriter *self, GError **error);

void tessera_archive_writer_free (TesseraArchiveWriter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraArchiveWriter, tessera_archive_writer_free)

/**
 * TesseraArchiveReader:
 *
 * Reads an archive front to back. Errors: %TESSERA_BUNDLE_ERROR_MALFORMED (an early end too: the stream
 * below tells when a file was cut), and those of the stream.
 */
typedef struct _TesseraArchiveReader TesseraArchiveReader;

/** tessera_archive_reader_new: @input is kept open. Returns: (transfer full) */
TesseraArchiveReader *tessera_archive_reader_new (GInputStream *input);

/**
 * tessera_archive_reader_next:
 * @ret_name: (out) (transfer none) (nullable): the member's name; %NULL when the archive ended properly
 * @ret_size: (out): its bytes
 *
 * Goes to the next member, reading over what was not read of this one.
 */
gboolean tessera_archive_reader_next (TesseraArchiveReader *self,
                                      const char          **ret_name,
                                      guint64              *ret_size,
                                      GError              **error);

/**
 * tessera_archive_reader_read:
 * @ret_size: (out): bytes read, less than @size only at the member's end
 *
 * Reads on in the current member.
 */
gboolean tessera_archive_reader_read (TesseraArchiveReader *self,
                                      gpointer              buffer,
                                      gsize                 size,
                                      gsize                *ret_size,
                                      GError              **error);

/** tessera_archive_reader_read_member: the whole current member, at most @limit bytes. Returns: (transfer full) */
GBytes *tessera_archive_reader_read_member (TesseraArchiveReader *self, gsize limit, GError **error);

void tessera_archive_reader_free (TesseraArchiveReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraArchiveReader, tessera_archive_reader_free)

G_END_DECLS
