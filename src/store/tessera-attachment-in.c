/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-attachment-in.c: content of a colleague's document, piece by piece, within the transaction that takes in the
 * bundle. It gets its name only when it is what the name says; what is given up is cleared away like anything nobody's.
 */
#include "config.h"
#include <string.h>

#include "tessera-attachment-private.h"

struct _TesseraIncoming {
  TesseraTransaction *transaction;
  char *id;
  gint64 number;
  gint64 size;
  gint64 n_chunks;
  TesseraAttachmentHash *hash;
  guint8 *chunk;
  gsize filled;
  gboolean named;
};

TesseraIncoming *
tessera_incoming_new (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraIncoming) self = g_new0 (TesseraIncoming, 1);

  self->transaction = transaction;
  self->id = g_strdup (id);
  self->chunk = g_malloc (TESSERA_ATTACHMENT_CHUNK);
  if (!tessera_attachment_begin (transaction, &self->number, error))
    return NULL;
  self->hash = tessera_attachment_hash_new (transaction->connection);
  return g_steal_pointer (&self);
}

static gboolean
write_chunk (TesseraIncoming *self, GError **error) {
  gsize size = self->filled;

  if (size == 0)
    return TRUE;
  self->filled = 0;
  return tessera_attachment_insert_chunk (self->transaction, self->number, self->n_chunks++, self->chunk, size, error);
}

gboolean
tessera_incoming_add (TesseraIncoming *self, gconstpointer bytes, gsize size, GError **error) {
  const guint8 *next = bytes;

  tessera_attachment_hash_update (self->hash, bytes, size);
  self->size += (gint64) size;
  while (size > 0) {
    gsize part = MIN (size, TESSERA_ATTACHMENT_CHUNK - self->filled);

    memcpy (self->chunk + self->filled, next, part);
    self->filled += part;
    next += part;
    size -= part;
    if (self->filled == TESSERA_ATTACHMENT_CHUNK && !write_chunk (self, error))
      return FALSE;
  }
  return TRUE;
}

/* What was let go of here once has come back. */
static gboolean
note_back (TesseraIncoming *self, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    self->transaction, "DELETE FROM content_due WHERE audience = '' AND attachment = ?1", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, self->id);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_incoming_finish (TesseraIncoming *self, gboolean *ret_same, GError **error) {
  g_autofree char *id = NULL;
  gboolean is_here;

  if (!write_chunk (self, error))
    return FALSE;
  id = tessera_attachment_hash_finish (g_steal_pointer (&self->hash));
  *ret_same = strcmp (id, self->id) == 0;
  if (!*ret_same || !tessera_transaction_has_attachment (self->transaction, id, &is_here, error))
    return !*ret_same;
  if (is_here)
    return TRUE;
  tessera_attachments_look_at (self->transaction, id);
  g_hash_table_add (self->transaction->changed, (gpointer) "document");
  self->named = tessera_attachment_name (self->transaction, self->number, id, self->size, self->n_chunks, error);
  return self->named && note_back (self, error);
}

void
tessera_incoming_free (TesseraIncoming *self) {
  if (!self)
    return;
  if (!self->named)
    self->transaction->connection->unswept = TRUE;
  g_clear_pointer (&self->hash, tessera_attachment_hash_free);
  sodium_memzero (self->chunk, TESSERA_ATTACHMENT_CHUNK);
  g_free (self->chunk);
  g_free (self->id);
  g_free (self);
}
