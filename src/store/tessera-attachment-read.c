/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-attachment-read.c: content on its way out, checked chunk by chunk and as a whole.
 *
 * Every chunk is read in a snapshot of its own, so that a slow reader does not hold up the lists; content never
 * changes, and when it was removed meanwhile the reader is told.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-attachment-private.h"

/* A chunk that claims to be larger was not written by any Tessera. */
#define LARGEST_CHUNK (1024 * 1024)
#define COPY_SIZE (64 * 1024)

#define TESSERA_TYPE_ATTACHMENT_STREAM (tessera_attachment_stream_get_type ())
G_DECLARE_FINAL_TYPE (TesseraAttachmentStream, tessera_attachment_stream, TESSERA, ATTACHMENT_STREAM, GInputStream)

struct _TesseraAttachmentStream {
  GInputStream parent_instance;

  TesseraStore *store;             /* or: */
  TesseraTransaction *transaction;
  char *id;
  TesseraAttachmentRow row;
  gint64 next;                    /* chunk to be loaded */
  gint64 done;                    /* bytes of the chunks loaded */
  guint8 *chunk;
  gsize size;
  gsize place;
  TesseraAttachmentHash *hash;    /* until the end was checked */
  gboolean failed;                /* for good: reading on is no way around it */
};

G_DEFINE_FINAL_TYPE (TesseraAttachmentStream, tessera_attachment_stream, G_TYPE_INPUT_STREAM)

gboolean
tessera_attachment_set_damaged (GError **error) {
  g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
               _("The content of a document is damaged; restore it from a backup."));
  return FALSE;
}

gboolean
tessera_attachment_find (TesseraTransaction *transaction, const char *id, TesseraAttachmentRow *ret_row,
                         GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT number, size, chunks FROM attachment WHERE id = ?1", error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, id);
  if (tessera_statement_step (statement, &local_error)) {
    ret_row->number = tessera_statement_get_integer (statement, 0);
    ret_row->size = tessera_statement_get_integer (statement, 1);
    ret_row->n_chunks = tessera_statement_get_integer (statement, 2);
    return TRUE;
  }
  if (local_error)
    g_propagate_error (error, local_error);
  else
    g_set_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_NOT_FOUND,
                 _("The content of this document is not in this vault; it was removed, or never came along."));
  return FALSE;
}

static guint8 *
check_chunk (TesseraTransaction *transaction, TesseraStatement *statement, const TesseraAttachmentRow *row,
             gint64 number, gsize *ret_size) {
  guint8 check[TESSERA_ATTACHMENT_CHECK_SIZE];
  gsize check_size = 0, size = 0;
  gconstpointer stored = tessera_statement_peek_bytes (statement, 0, &check_size);
  gconstpointer bytes = tessera_statement_peek_bytes (statement, 1, &size);

  if (!stored || !bytes || check_size != sizeof check || size > LARGEST_CHUNK)
    return NULL;
  tessera_attachment_check (transaction->connection, row->number, number, bytes, size, check);
  if (sodium_memcmp (check, stored, sizeof check) != 0)
    return NULL;
  *ret_size = size;
  return g_memdup2 (bytes, size);
}

guint8 *
tessera_attachment_load_chunk (TesseraTransaction *transaction, const TesseraAttachmentRow *row, gint64 number,
                               gsize *ret_size, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT hash, bytes FROM attachment_chunk WHERE attachment = ?1 AND number = ?2", error);
  GError *local_error = NULL;
  guint8 *chunk = NULL;

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, row->number);
  tessera_statement_bind_integer (statement, 2, number);
  if (tessera_statement_step (statement, &local_error))
    chunk = check_chunk (transaction, statement, row, number, ret_size);
  if (local_error)
    g_propagate_error (error, local_error);
  else if (!chunk)
    tessera_attachment_set_damaged (error);
  return chunk;
}

static gboolean
open_content (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraAttachmentStream *self = data;

  if (!tessera_attachment_find (transaction, self->id, &self->row, error))
    return FALSE;
  tessera_attachments_refresh (transaction);
  self->hash = tessera_attachment_hash_new (transaction->connection);
  return TRUE;
}

static void
drop_chunk (TesseraAttachmentStream *self) {
  if (self->chunk)
    sodium_memzero (self->chunk, self->size);
  g_clear_pointer (&self->chunk, g_free);
  self->size = self->place = 0;
}

static gboolean
load_next (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraAttachmentStream *self = data;
  TesseraAttachmentRow row;

  if (!tessera_attachment_find (transaction, self->id, &row, error))
    return FALSE;
  /* Removed and added again meanwhile: the same content under another number. */
  if (row.size != self->row.size || row.n_chunks != self->row.n_chunks)
    return tessera_attachment_set_damaged (error);
  self->row = row;
  self->chunk = tessera_attachment_load_chunk (transaction, &row, self->next, &self->size, error);
  return self->chunk != NULL;
}

/* Either there are bytes to give out, or the end was reached and everything was what it should be. */
static gboolean
fill (TesseraAttachmentStream *self, GError **error) {
  g_autofree char *id = NULL;

  if (self->place < self->size || !self->hash)
    return TRUE;
  drop_chunk (self);
  if (self->next < self->row.n_chunks) {
    if (!(self->transaction ? load_next (self->transaction, self, error)
                            : tessera_store_read (self->store, load_next, self, error)))
      return FALSE;
    tessera_attachment_hash_update (self->hash, self->chunk, self->size);
    self->next++;
    self->done += (gint64) self->size;
    return TRUE;
  }
  id = tessera_attachment_hash_finish (g_steal_pointer (&self->hash));
  if (self->done == self->row.size && strcmp (id, self->id) == 0)
    return TRUE;
  return tessera_attachment_set_damaged (error);
}

static gssize
tessera_attachment_stream_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable,
                                GError **error) {
  TesseraAttachmentStream *self = TESSERA_ATTACHMENT_STREAM (stream);
  gsize size;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  if (self->failed) {
    tessera_attachment_set_damaged (error);
    return -1;
  }
  if (!fill (self, error)) {
    self->failed = TRUE;
    return -1;
  }
  size = MIN (count, self->size - self->place);
  if (size > 0)
    memcpy (buffer, self->chunk + self->place, size);
  self->place += size;
  return (gssize) size;
}

static void
tessera_attachment_stream_finalize (GObject *object) {
  TesseraAttachmentStream *self = TESSERA_ATTACHMENT_STREAM (object);

  drop_chunk (self);
  g_clear_pointer (&self->hash, tessera_attachment_hash_free);
  g_clear_object (&self->store);
  g_free (self->id);
  G_OBJECT_CLASS (tessera_attachment_stream_parent_class)->finalize (object);
}

static void
tessera_attachment_stream_class_init (TesseraAttachmentStreamClass *class) {
  G_OBJECT_CLASS (class)->finalize = tessera_attachment_stream_finalize;
  G_INPUT_STREAM_CLASS (class)->read_fn = tessera_attachment_stream_read;
}

static void
tessera_attachment_stream_init (TesseraAttachmentStream *self) {
}

static TesseraAttachmentStream *
open_stream (TesseraStore *store, const char *id, GError **error) {
  g_autoptr (TesseraAttachmentStream) self = g_object_new (TESSERA_TYPE_ATTACHMENT_STREAM, NULL);

  self->store = g_object_ref (store);
  self->id = g_strdup (id);
  return tessera_store_read (store, open_content, self, error) ? g_steal_pointer (&self) : NULL;
}

GInputStream *
tessera_store_read_attachment (TesseraStore *store, const char *id, GError **error) {
  g_return_val_if_fail (TESSERA_IS_STORE (store) && id, NULL);
  return (GInputStream *) open_stream (store, id, error);
}

GInputStream *
tessera_transaction_read_attachment (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraAttachmentStream) self = g_object_new (TESSERA_TYPE_ATTACHMENT_STREAM, NULL);

  self->transaction = transaction;
  self->id = g_strdup (id);
  return open_content (transaction, self, error) ? G_INPUT_STREAM (g_steal_pointer (&self)) : NULL;
}

static gboolean
copy_all (TesseraAttachmentStream *self, GOutputStream *stream, guint8 *buffer, GCancellable *cancellable,
          GFileProgressCallback progress, gpointer data, GError **error) {
  gint64 copied = 0;
  gssize size;

  while ((size = g_input_stream_read (G_INPUT_STREAM (self), buffer, COPY_SIZE, cancellable, error)) > 0) {
    if (!g_output_stream_write_all (stream, buffer, (gsize) size, NULL, cancellable, error))
      return FALSE;
    copied += size;
    if (progress)
      progress (copied, self->row.size, data);
  }
  return size == 0;
}

gboolean
tessera_store_copy_attachment (TesseraStore *store, const char *id, GOutputStream *stream, GCancellable *cancellable,
                               GFileProgressCallback progress, gpointer data, GError **error) {
  g_autoptr (TesseraAttachmentStream) self = open_stream (store, id, error);
  guint8 *buffer;
  gboolean copied;

  if (!self)
    return FALSE;
  buffer = g_malloc (COPY_SIZE);
  copied = copy_all (self, stream, buffer, cancellable, progress, data, error);
  sodium_memzero (buffer, COPY_SIZE);
  g_free (buffer);
  return copied;
}

static gboolean
hash_chunks (TesseraTransaction *transaction, const TesseraAttachmentRow *row, TesseraAttachmentHash *hash,
             GError **error) {
  gint64 done = 0;

  for (gint64 number = 0; number < row->n_chunks; number++) {
    gsize size = 0;
    guint8 *chunk = tessera_attachment_load_chunk (transaction, row, number, &size, error);

    if (!chunk)
      return FALSE;
    tessera_attachment_hash_update (hash, chunk, size);
    done += (gint64) size;
    sodium_memzero (chunk, size);
    g_free (chunk);
  }
  return done == row->size || tessera_attachment_set_damaged (error);
}

gboolean
tessera_transaction_verify_attachment (TesseraTransaction *transaction, const char *id, GError **error) {
  TesseraAttachmentRow row;
  TesseraAttachmentHash *hash;
  g_autofree char *found = NULL;
  gboolean whole;

  if (!tessera_attachment_find (transaction, id, &row, error))
    return FALSE;
  tessera_attachments_refresh (transaction);
  hash = tessera_attachment_hash_new (transaction->connection);
  whole = hash_chunks (transaction, &row, hash, error);
  found = tessera_attachment_hash_finish (hash);
  if (whole && strcmp (found, id) != 0)
    whole = tessera_attachment_set_damaged (error);
  return whole;
}

/* Of rows that were made here; what was let go of once is awaited like a colleague's. */
static gboolean
check_none_missing (TesseraTransaction *transaction, const TesseraEntity *entity, const TesseraField *field,
                    GError **error) {
  g_autofree char *sql = g_strdup_printf (
    "SELECT 1 FROM \"%s\" AS r WHERE r.\"%s\" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attachment a"
    " WHERE a.id = r.\"%s\") AND (SELECT device FROM stream s WHERE s.sid = r._sid)"
    " = (SELECT device FROM stream WHERE sid = 1) AND NOT EXISTS (SELECT 1 FROM content_due q"
    " WHERE q.audience = '' AND q.\"row\" = r.id) LIMIT 1", entity->name, field->name, field->name);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  if (tessera_statement_step (statement, &local_error)) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
                 _("The content of a document is missing; restore it from a backup."));
    return FALSE;
  }
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

gboolean
tessera_transaction_verify_attachments (TesseraTransaction *transaction, gint64 *ret_count, GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (transaction->connection->registry);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT id FROM attachment WHERE id IS NOT NULL ORDER BY number", error);
  GError *local_error = NULL;
  gint64 count = 0;

  if (!statement)
    return FALSE;
  for (; tessera_statement_step (statement, &local_error); count++)
    if (!tessera_transaction_verify_attachment (transaction, tessera_statement_get_text (statement, 0), error))
      return FALSE;
  if (local_error) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  for (guint e = 0; entities[e]; e++)
    for (guint f = 0; f < entities[e]->n_fields; f++)
      if (entities[e]->fields[f].type == TESSERA_FIELD_BLOB
          && !check_none_missing (transaction, entities[e], &entities[e]->fields[f], error))
        return FALSE;
  if (ret_count)
    *ret_count = count;
  return TRUE;
}
