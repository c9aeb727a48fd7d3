/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-attachment-private.h: how content is hashed, and what the writing thread does for it.
 */
#pragma once

#include <sodium.h>

#include "tessera-attachment.h"
#include "tessera-connection.h"

G_BEGIN_DECLS

#define TESSERA_ATTACHMENT_HASH_SIZE 32
#define TESSERA_ATTACHMENT_CHECK_SIZE 16

/** TesseraAttachmentHash: a running keyed hash of all content; the state holds the key, so it is in guarded memory. */
typedef crypto_generichash_state TesseraAttachmentHash;

TesseraAttachmentHash *tessera_attachment_hash_new (TesseraConnection *connection);
void tessera_attachment_hash_update (TesseraAttachmentHash *self, gconstpointer bytes, gsize size);
/** tessera_attachment_hash_finish: (transfer full): the name; @self is used up and freed. */
char *tessera_attachment_hash_finish (TesseraAttachmentHash *self);
void tessera_attachment_hash_free (TesseraAttachmentHash *self);

/** tessera_attachment_check: what stands beside chunk @number of attachment row @attachment: bound to its place. */
void tessera_attachment_check (TesseraConnection *connection, gint64 attachment, gint64 number, gconstpointer bytes,
                               gsize size, guint8 ret_check[TESSERA_ATTACHMENT_CHECK_SIZE]);

/** TesseraAttachmentRow: what is known of a named attachment. */
typedef struct {
  gint64 number;
  gint64 size;
  gint64 n_chunks;
} TesseraAttachmentRow;

/** tessera_attachment_find: %TESSERA_STORE_ERROR_NOT_FOUND when there is none named @id. */
gboolean tessera_attachment_find (TesseraTransaction *transaction, const char *id, TesseraAttachmentRow *ret_row,
                                  GError **error);

/** tessera_attachment_load_chunk: (transfer full): the checked bytes of one chunk; wipe before freeing. */
guint8 *tessera_attachment_load_chunk (TesseraTransaction *transaction, const TesseraAttachmentRow *row, gint64 number,
                                       gsize *ret_size, GError **error);

/** tessera_attachments_refresh: looks at the key once more; before content is hashed. */
void tessera_attachments_refresh (TesseraTransaction *transaction);

/** tessera_attachments_look_at: at the end of the transaction it is looked whether a row refers to @id. */
void tessera_attachments_look_at (TesseraTransaction *transaction, const char *id);

/** tessera_attachment_begin: a row that belongs to nobody yet. */
gboolean tessera_attachment_begin (TesseraTransaction *transaction, gint64 *ret_number, GError **error);
gboolean tessera_attachment_insert_chunk (TesseraTransaction *transaction, gint64 attachment, gint64 number,
                                          const guint8 *bytes, gsize size, GError **error);
/** tessera_attachment_name: it is all there and called @id. */
gboolean tessera_attachment_name (TesseraTransaction *transaction, gint64 number, const char *id, gint64 size,
                                  gint64 n_chunks, GError **error);

gboolean tessera_attachment_set_damaged (GError **error);

G_END_DECLS
