/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-attachment.h: files kept in the store: streamed in and out by chunks, never on disk in the clear.
 *
 * Content is named by its keyed hash, so that the same content is kept once and nobody without this vault can tell
 * what it is. Whose file it is stands in a row, in a field of type blob that holds the name; content that no row
 * refers to any more goes with the transaction that dropped the last reference. It knows nothing of kinds of files.
 */
#pragma once

#include "tessera-store.h"

G_BEGIN_DECLS

/** TESSERA_ATTACHMENT_CHUNK: bytes of one row of content. Measured from 64 to 256 KiB: neither time (20 MB in 0.3 s in, 0.1 s
 * out) nor space (2.6 % more than the content) differ. */
#define TESSERA_ATTACHMENT_CHUNK (128 * 1024)

/** TESSERA_ATTACHMENT_LIMIT: most bytes of one file, unless the setting `attachment.limit` says otherwise. */
#define TESSERA_ATTACHMENT_LIMIT G_GINT64_CONSTANT (25000000)

/** TESSERA_ATTACHMENT_MOST: what the setting can be raised to. */
#define TESSERA_ATTACHMENT_MOST G_GINT64_CONSTANT (1000000000)

#define TESSERA_TYPE_ATTACHMENT (tessera_attachment_get_type ())

/**
 * TesseraAttachment: content that was taken in and belongs to no row yet.
 *
 * It is in the store, unnamed, until tessera_transaction_keep_attachment(); dropping the last reference, or a crash,
 * gives it up, and it is cleared away.
 */
G_DECLARE_FINAL_TYPE (TesseraAttachment, tessera_attachment, TESSERA, ATTACHMENT, GObject)

/** tessera_attachment_get_id: 64 hexadecimal digits; canonical text of a field of type blob. */
const char *tessera_attachment_get_id (TesseraAttachment *self);
/** tessera_attachment_get_size: in bytes. */
gint64 tessera_attachment_get_size (TesseraAttachment *self);
/** tessera_attachment_get_head: (transfer none): its first bytes, at most 4096, for guessing what it is. */
GBytes *tessera_attachment_get_head (TesseraAttachment *self);

/**
 * tessera_store_add_attachment:
 * @stream: read to its end, in portions of 512 KiB; memory does not grow with it
 * @expected: how many bytes to expect, or -1; more than the limit is refused before anything is read
 * @progress: (nullable): told bytes done and @expected, in the calling thread
 *
 * Takes content in. Blocks on @stream: call it from a thread of its own. The writing thread is busy only while one
 * portion is written, so that others' saves go in between.
 * Returns: (transfer full): or %TESSERA_STORE_ERROR_TOO_LARGE, %G_IO_ERROR_CANCELLED, an error of @stream or store
 */
TesseraAttachment *tessera_store_add_attachment (TesseraStore *store, GInputStream *stream, gint64 expected,
                                                 GCancellable *cancellable, GFileProgressCallback progress,
                                                 gpointer data, GError **error);

/** tessera_transaction_keep_attachment: gives the content its name, in the transaction that saves the row which
 * refers to it; content that is here already is not kept twice. */
gboolean tessera_transaction_keep_attachment (TesseraTransaction *transaction, TesseraAttachment *attachment,
                                              GError **error);

/**
 * tessera_store_read_attachment:
 *
 * The content named @id. Each chunk is checked before a byte of it is given out, the whole when the end is reached:
 * damage is %TESSERA_VAULT_ERROR_DAMAGED from a read, never an early end. Read it from any thread but the store's.
 * Returns: (transfer full): or %TESSERA_STORE_ERROR_NOT_FOUND
 */
GInputStream *tessera_store_read_attachment (TesseraStore *store, const char *id, GError **error);

/** tessera_store_copy_attachment: writes the content named @id to @stream, which is left open; blocks. @progress
 * (nullable) is told bytes done and their total, in the calling thread. */
gboolean tessera_store_copy_attachment (TesseraStore *store, const char *id, GOutputStream *stream,
                                        GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                                        GError **error);

/** tessera_transaction_read_attachment: the same within a transaction, which must outlive the stream. */
GInputStream *tessera_transaction_read_attachment (TesseraTransaction *transaction, const char *id, GError **error);

/** tessera_transaction_has_attachment: whether the content named @id is here; that of a colleague's document may not have
 * come yet. */
gboolean tessera_transaction_has_attachment (TesseraTransaction *transaction, const char *id, gboolean *ret_has,
                                             GError **error);

/** tessera_transaction_verify_attachment: reads all of it; %TESSERA_VAULT_ERROR_DAMAGED when it is not what it was. */
gboolean tessera_transaction_verify_attachment (TesseraTransaction *transaction, const char *id, GError **error);

/** tessera_transaction_verify_attachments: the same for all there are, and that none is missing which a row of this device
 * refers to; a colleague's may be on its way.
 * @ret_count (out) (optional): how many there are. */
gboolean tessera_transaction_verify_attachments (TesseraTransaction *transaction, gint64 *ret_count, GError **error);

/* ---- between the laptops of an organization ---- */

/** TESSERA_ATTACHMENT_KEY_SIZE: bytes of the key that names content. */
#define TESSERA_ATTACHMENT_KEY_SIZE 32

/** tessera_transaction_get_attachment_key: (transfer full) (nullable): what content is named with here. */
TesseraSecret *tessera_transaction_get_attachment_key (TesseraTransaction *self);

/** tessera_transaction_adopt_attachment_key: names content as colleagues do from now on; a vault that has content already
 * keeps its own key. */
gboolean tessera_transaction_adopt_attachment_key (TesseraTransaction *self, const TesseraSecret *key, GError **error);

/** TesseraIncoming: content that comes piece by piece, within one transaction. */
typedef struct _TesseraIncoming TesseraIncoming;

/** tessera_incoming_new: (transfer full) (nullable): for content that rows call @id. */
TesseraIncoming *tessera_incoming_new (TesseraTransaction *transaction, const char *id, GError **error);
gboolean tessera_incoming_add (TesseraIncoming *self, gconstpointer bytes, gsize size, GError **error);

/** tessera_incoming_finish: after the last piece. @ret_same: (out): whether it is what @id names; if not, it is given
 * up. */
gboolean tessera_incoming_finish (TesseraIncoming *self, gboolean *ret_same, GError **error);
void tessera_incoming_free (TesseraIncoming *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraIncoming, tessera_incoming_free)

/** tessera_transaction_get_attachment_limit: most bytes of one file. */
gint64 tessera_transaction_get_attachment_limit (TesseraTransaction *transaction);

/** tessera_transaction_set_attachment_limit: from 1 to %TESSERA_ATTACHMENT_MOST; what is here stays. */
gboolean tessera_transaction_set_attachment_limit (TesseraTransaction *transaction, gint64 limit, GError **error);

G_END_DECLS
