/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-attachment.c: taking content in, naming it, and clearing away what belongs to nobody.
 *
 * A row without a name belongs to nobody. While somebody still reads its content in, its number is among the
 * connection's pending ones, which only memory knows: whatever a crash left behind is therefore nobody's. The writing
 * thread clears such rows away in small steps whenever it has nothing else to do.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "tessera-attachment-private.h"

#define SETTING_LIMIT "attachment.limit"
#define KEY_NAME "attachment.key"

/* What is written in one transaction: some milliseconds of the writing thread. Larger portions are not faster. */
#define PORTION (4 * TESSERA_ATTACHMENT_CHUNK)
#define SWEEP_CHUNKS 4
#define HEAD_SIZE 4096

struct _TesseraAttachment {
  GObject parent_instance;

  TesseraStore *store;
  gint64 number;                  /* of the row; 0 before there is one */
  gint64 size;
  gint64 n_chunks;
  char *id;
  GBytes *head;
  TesseraAttachmentHash *hash;    /* while being read in */
};

G_DEFINE_FINAL_TYPE (TesseraAttachment, tessera_attachment, G_TYPE_OBJECT)

TesseraAttachmentHash *
tessera_attachment_hash_new (TesseraConnection *connection) {
  TesseraAttachmentHash *self = sodium_malloc (sizeof *self);

  if (!self)
    g_error ("out of guarded memory");
  crypto_generichash_init (self, tessera_secret_get_data (connection->attachment_key),
                           tessera_secret_get_size (connection->attachment_key), TESSERA_ATTACHMENT_HASH_SIZE);
  return self;
}

void
tessera_attachment_hash_update (TesseraAttachmentHash *self, gconstpointer bytes, gsize size) {
  crypto_generichash_update (self, bytes, size);
}

char *
tessera_attachment_hash_finish (TesseraAttachmentHash *self) {
  guint8 hash[TESSERA_ATTACHMENT_HASH_SIZE];
  char *id = g_malloc (2 * sizeof hash + 1);

  crypto_generichash_final (self, hash, sizeof hash);
  tessera_attachment_hash_free (self);
  return sodium_bin2hex (id, 2 * sizeof hash + 1, hash, sizeof hash);
}

void
tessera_attachment_hash_free (TesseraAttachmentHash *self) {
  sodium_free (self);
}

void
tessera_attachment_check (TesseraConnection *connection, gint64 attachment, gint64 number, gconstpointer bytes,
                          gsize size, guint8 ret_check[TESSERA_ATTACHMENT_CHECK_SIZE]) {
  guint64 place[2] = { GUINT64_TO_BE ((guint64) attachment), GUINT64_TO_BE ((guint64) number) };
  crypto_generichash_state state;

  crypto_generichash_init (&state, tessera_secret_get_data (connection->attachment_key),
                           tessera_secret_get_size (connection->attachment_key), TESSERA_ATTACHMENT_CHECK_SIZE);
  crypto_generichash_update (&state, (const guint8 *) place, sizeof place);
  crypto_generichash_update (&state, bytes, size);
  crypto_generichash_final (&state, ret_check, TESSERA_ATTACHMENT_CHECK_SIZE);
  sodium_memzero (&state, sizeof state);
}

/* The key is derived once and then kept in the store: names go on being right when the data key is changed. */
static gboolean
open_key (TesseraConnection *self, TesseraVault *vault, gboolean writable, GError **error) {
  TesseraTransaction transaction = { .connection = self, .writable = writable };

  self->attachment_key = tessera_transaction_get_secret (&transaction, KEY_NAME);
  if (self->attachment_key)
    return TRUE;
  self->attachment_key = tessera_vault_derive (vault, "attachmt");
  return !writable || tessera_transaction_put_secret (&transaction, KEY_NAME, self->attachment_key, error);
}

/* The key may have been replaced, through this connection or another, since it was last looked at. */
void
tessera_attachments_refresh (TesseraTransaction *transaction) {
  TesseraSecret *key = tessera_transaction_get_secret (transaction, KEY_NAME);

  if (!key)
    return;
  tessera_secret_free (transaction->connection->attachment_key);
  transaction->connection->attachment_key = key;
}

TesseraSecret *
tessera_transaction_get_attachment_key (TesseraTransaction *self) {
  return tessera_transaction_get_secret (self, KEY_NAME);
}

gboolean
tessera_transaction_adopt_attachment_key (TesseraTransaction *self, const TesseraSecret *key, GError **error) {
  g_autoptr (TesseraStatement) any = tessera_transaction_prepare (self, "SELECT EXISTS (SELECT 1 FROM attachment)", error);

  g_return_val_if_fail (self->writable && tessera_secret_get_size (key) == TESSERA_ATTACHMENT_KEY_SIZE, FALSE);
  if (!any || !tessera_statement_step (any, error))
    return FALSE;
  return tessera_statement_get_integer (any, 0) || tessera_transaction_put_secret (self, KEY_NAME, key, error);
}

gboolean
tessera_attachments_open (TesseraConnection *self, TesseraVault *vault, gboolean writable, GError **error) {
  g_autoptr (TesseraStatement) last = NULL;

  if (!open_key (self, vault, writable, error))
    return FALSE;
  if (!writable)
    return TRUE;
  last = tessera_connection_prepare (self, "SELECT max(number) FROM attachment", NULL, error);
  if (!last || !tessera_statement_step (last, error))
    return FALSE;
  self->last_attachment = tessera_statement_get_integer (last, 0);
  self->pending = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->unswept = TRUE;
  return TRUE;
}

gboolean
tessera_attachment_begin (TesseraTransaction *transaction, gint64 *ret_number, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;

  tessera_attachments_refresh (transaction);
  *ret_number = ++transaction->connection->last_attachment;
  statement = tessera_transaction_prepare (
    transaction, "INSERT INTO attachment (number, size, chunks, created) VALUES (?1, 0, 0, ?2)", error);
  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, *ret_number);
  tessera_statement_bind_integer (statement, 2, tessera_transaction_get_now (transaction));
  return tessera_statement_run (statement, error);
}

/* A number is given once in the life of a connection, also when its transaction failed: pending ones stay distinct. */
static gboolean
begin (TesseraTransaction *transaction, TesseraAttachment *self, GError **error) {
  TesseraConnection *connection = transaction->connection;
  gboolean begun = tessera_attachment_begin (transaction, &self->number, error);

  g_hash_table_add (connection->pending, g_memdup2 (&self->number, sizeof self->number));
  self->hash = tessera_attachment_hash_new (connection);
  return begun;
}

gboolean
tessera_attachment_insert_chunk (TesseraTransaction *transaction, gint64 attachment, gint64 number,
                                 const guint8 *bytes, gsize size, GError **error) {
  guint8 check[TESSERA_ATTACHMENT_CHECK_SIZE];
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "INSERT INTO attachment_chunk (attachment, number, hash, bytes) VALUES (?1, ?2, ?3, ?4)", error);

  if (!statement)
    return FALSE;
  tessera_attachment_check (transaction->connection, attachment, number, bytes, size, check);
  tessera_statement_bind_integer (statement, 1, attachment);
  tessera_statement_bind_integer (statement, 2, number);
  tessera_statement_bind_raw (statement, 3, check, sizeof check);
  tessera_statement_bind_raw (statement, 4, bytes, size);
  return tessera_statement_run (statement, error);
}

typedef struct {
  TesseraAttachment *attachment;
  const guint8 *bytes;
  gsize size;
} Portion;

static gboolean
write_portion (TesseraTransaction *transaction, gpointer data, GError **error) {
  Portion *portion = data;

  if (portion->attachment->number == 0 && !begin (transaction, portion->attachment, error))
    return FALSE;
  for (gsize done = 0; done < portion->size; done += TESSERA_ATTACHMENT_CHUNK)
    if (!tessera_attachment_insert_chunk (transaction, portion->attachment->number, portion->attachment->n_chunks++,
                                          portion->bytes + done,
                                          MIN (portion->size - done, TESSERA_ATTACHMENT_CHUNK), error))
      return FALSE;
  return TRUE;
}

static gboolean
read_limit (TesseraTransaction *transaction, gpointer data, GError **error) {
  *(gint64 *) data = tessera_transaction_get_attachment_limit (transaction);
  return TRUE;
}

static gboolean
refuse_size (gint64 limit, GError **error) {
  g_autofree char *most = g_format_size ((guint64) limit);

  g_set_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_TOO_LARGE,
               _("This file is larger than %s, the most one document may have here; make it smaller, for example by "
                 "scanning it with fewer dots."), most);
  return FALSE;
}

/* One portion from the stream to the store. The reading, which may be slow, happens outside of any transaction. */
static gboolean
take_portion (TesseraAttachment *self, GInputStream *stream, guint8 *buffer, gint64 limit, gsize *ret_size,
              GCancellable *cancellable, GError **error) {
  Portion portion = { self, buffer, 0 };

  if (!g_input_stream_read_all (stream, buffer, PORTION, &portion.size, cancellable, error))
    return FALSE;
  if (self->size + (gint64) portion.size > limit)
    return refuse_size (limit, error);
  if ((portion.size > 0 || self->number == 0)
      && !tessera_store_write (self->store, write_portion, &portion, error))
    return FALSE;
  if (!self->head)
    self->head = g_bytes_new (buffer, MIN (portion.size, HEAD_SIZE));
  tessera_attachment_hash_update (self->hash, buffer, portion.size);
  self->size += (gint64) portion.size;
  *ret_size = portion.size;
  return TRUE;
}

static gboolean
take_all (TesseraAttachment *self, GInputStream *stream, guint8 *buffer, gint64 expected, gint64 limit,
          GCancellable *cancellable, GFileProgressCallback progress, gpointer data, GError **error) {
  gsize size;

  do {
    if (!take_portion (self, stream, buffer, limit, &size, cancellable, error))
      return FALSE;
    if (progress)
      progress (self->size, expected, data);
  } while (size == PORTION);
  self->id = tessera_attachment_hash_finish (g_steal_pointer (&self->hash));
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

TesseraAttachment *
tessera_store_add_attachment (TesseraStore *store, GInputStream *stream, gint64 expected, GCancellable *cancellable,
                              GFileProgressCallback progress, gpointer data, GError **error) {
  g_autoptr (TesseraAttachment) self = g_object_new (TESSERA_TYPE_ATTACHMENT, NULL);
  gint64 limit = 0;
  guint8 *buffer;
  gboolean taken;

  g_return_val_if_fail (TESSERA_IS_STORE (store) && G_IS_INPUT_STREAM (stream), NULL);
  self->store = g_object_ref (store);
  if (!tessera_store_read (store, read_limit, &limit, error))
    return NULL;
  if (expected > limit) {
    refuse_size (limit, error);
    return NULL;
  }
  buffer = g_malloc (PORTION);
  taken = take_all (self, stream, buffer, expected, limit, cancellable, progress, data, error);
  sodium_memzero (buffer, PORTION);
  g_free (buffer);
  return taken ? g_steal_pointer (&self) : NULL;
}

gboolean
tessera_transaction_has_attachment (TesseraTransaction *transaction, const char *id, gboolean *ret_has, GError **error) {
  GError *local_error = NULL;
  TesseraAttachmentRow row;

  *ret_has = tessera_attachment_find (transaction, id, &row, &local_error);
  if (*ret_has || g_error_matches (local_error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_NOT_FOUND)) {
    g_clear_error (&local_error);
    return TRUE;
  }
  g_propagate_error (error, local_error);
  return FALSE;
}

/* At the end of the transaction it is looked whether rows refer to the content. */
void
tessera_attachments_look_at (TesseraTransaction *transaction, const char *id) {
  if (!transaction->attachments)
    transaction->attachments = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (transaction->attachments, g_strdup (id));
}

gboolean
tessera_attachment_name (TesseraTransaction *transaction, gint64 number, const char *id, gint64 size, gint64 n_chunks,
                         GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "UPDATE attachment SET id = ?2, size = ?3, chunks = ?4 WHERE number = ?1", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, number);
  tessera_statement_bind_text (statement, 2, id);
  tessera_statement_bind_integer (statement, 3, size);
  tessera_statement_bind_integer (statement, 4, n_chunks);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_keep_attachment (TesseraTransaction *transaction, TesseraAttachment *attachment, GError **error) {
  gboolean is_here;

  g_return_val_if_fail (transaction->writable && attachment->id, FALSE);
  if (!tessera_transaction_has_attachment (transaction, attachment->id, &is_here, error))
    return FALSE;
  tessera_attachments_look_at (transaction, attachment->id);
  return is_here
         || tessera_attachment_name (transaction, attachment->number, attachment->id, attachment->size,
                                     attachment->n_chunks, error);
}

void
tessera_attachments_note_values (TesseraTransaction *transaction, const TesseraEntity *entity,
                                 const char *const *values) {
  for (guint i = 0; i < entity->n_fields; i++)
    if (entity->fields[i].type == TESSERA_FIELD_BLOB && values[i])
      tessera_attachments_look_at (transaction, values[i]);
}

void
tessera_attachments_note (TesseraTransaction *transaction, TesseraRecord *record) {
  if (record)
    tessera_attachments_note_values (transaction, tessera_record_get_entity (record),
                                     tessera_record_peek_values (record));
}

static gboolean
is_referred_by (TesseraTransaction *transaction, const TesseraEntity *entity, const TesseraField *field,
                const char *id, gboolean *is_referred, GError **error) {
  g_autofree char *sql = g_strdup_printf ("SELECT 1 FROM \"%s\" WHERE \"%s\" = ?1 LIMIT 1", entity->name, field->name);
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (transaction, sql, error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, id);
  *is_referred |= tessera_statement_step (statement, &local_error);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
is_referred (TesseraTransaction *transaction, const char *id, gboolean *ret_is, GError **error) {
  const TesseraEntity *const *entities = tessera_registry_get_entities (transaction->connection->registry);

  *ret_is = FALSE;
  for (guint e = 0; entities[e]; e++)
    for (guint f = 0; f < entities[e]->n_fields; f++)
      if (entities[e]->fields[f].type == TESSERA_FIELD_BLOB
          && !is_referred_by (transaction, entities[e], &entities[e]->fields[f], id, ret_is, error))
        return FALSE;
  return TRUE;
}

/* From the end of this transaction on nobody can read it; its bytes are cleared away right after. */
static gboolean
take_name (TesseraTransaction *transaction, const char *id, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "UPDATE attachment SET id = NULL WHERE id = ?1", error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, id);
  transaction->connection->unswept = TRUE;
  return tessera_statement_run (statement, error);
}

gboolean
tessera_attachments_finish (TesseraTransaction *transaction, GError **error) {
  GHashTableIter iter;
  gpointer id;
  gboolean referred;

  if (!transaction->attachments)
    return TRUE;
  g_hash_table_iter_init (&iter, transaction->attachments);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (!is_referred (transaction, id, &referred, error) || (!referred && !take_name (transaction, id, error)))
      return FALSE;
  return TRUE;
}

static gint64
find_nobodys (TesseraConnection *self) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self, "SELECT number FROM attachment WHERE id IS NULL", NULL, NULL);

  while (statement && tessera_statement_step (statement, NULL)) {
    gint64 number = tessera_statement_get_integer (statement, 0);

    if (!g_hash_table_contains (self->pending, &number))
      return number;
  }
  return 0;
}

static gboolean
run_for (TesseraConnection *self, const char *sql, gint64 number) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self, sql, NULL, NULL);

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, number);
  return tessera_statement_run (statement, NULL);
}

/* TRUE when something was cleared away: there may be more. */
static gboolean
sweep_some (TesseraConnection *self) {
  gint64 number = find_nobodys (self);

  return number != 0
         && run_for (self, "DELETE FROM attachment_chunk WHERE rowid IN (SELECT rowid FROM attachment_chunk"
                           " WHERE attachment = ?1 LIMIT " G_STRINGIFY (SWEEP_CHUNKS) ")", number)
         && (sqlite3_changes (self->database) == SWEEP_CHUNKS
             || run_for (self, "DELETE FROM attachment WHERE number = ?1", number));
}

gboolean
tessera_attachments_sweep (TesseraConnection *self) {
  if (!self->unswept)
    return FALSE;
  self->unswept = tessera_connection_execute (self, "BEGIN IMMEDIATE", NULL);
  if (!self->unswept)
    return FALSE;
  self->unswept = sweep_some (self);
  /* What failed, on a full disk for instance, is tried again after the next change or start. */
  if (!self->unswept || !tessera_connection_execute (self, "COMMIT", NULL)) {
    sqlite3_exec (self->database, "ROLLBACK", NULL, NULL, NULL);
    self->unswept = FALSE;
  }
  return self->unswept;
}

static gboolean
give_up (TesseraTransaction *transaction, gpointer data, GError **error) {
  g_hash_table_remove (transaction->connection->pending, data);
  transaction->connection->unswept = TRUE;
  return TRUE;
}

static void
tessera_attachment_finalize (GObject *object) {
  TesseraAttachment *self = TESSERA_ATTACHMENT (object);

  if (self->number != 0)
    tessera_store_post (self->store, give_up, g_memdup2 (&self->number, sizeof self->number), g_free);
  g_clear_pointer (&self->hash, tessera_attachment_hash_free);
  g_clear_pointer (&self->head, g_bytes_unref);
  g_clear_object (&self->store);
  g_free (self->id);
  G_OBJECT_CLASS (tessera_attachment_parent_class)->finalize (object);
}

static void
tessera_attachment_class_init (TesseraAttachmentClass *class) {
  G_OBJECT_CLASS (class)->finalize = tessera_attachment_finalize;
}

static void
tessera_attachment_init (TesseraAttachment *self) {
}

const char *
tessera_attachment_get_id (TesseraAttachment *self) {
  return self->id;
}

gint64
tessera_attachment_get_size (TesseraAttachment *self) {
  return self->size;
}

GBytes *
tessera_attachment_get_head (TesseraAttachment *self) {
  return self->head;
}

gint64
tessera_transaction_get_attachment_limit (TesseraTransaction *transaction) {
  g_autofree char *text = tessera_transaction_get_setting (transaction, SETTING_LIMIT);
  gint64 limit;

  if (text && g_ascii_string_to_signed (text, 10, 1, TESSERA_ATTACHMENT_MOST, &limit, NULL))
    return limit;
  return TESSERA_ATTACHMENT_LIMIT;
}

gboolean
tessera_transaction_set_attachment_limit (TesseraTransaction *transaction, gint64 limit, GError **error) {
  g_autofree char *text = g_strdup_printf ("%" PRId64, limit);

  if (limit >= 1 && limit <= TESSERA_ATTACHMENT_MOST)
    return tessera_transaction_set_setting (transaction, SETTING_LIMIT, text, error);
  g_set_error (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_FAILED,
               _("The most one document may have is a number of bytes from 1 to %" PRId64 "."),
               TESSERA_ATTACHMENT_MOST);
  return FALSE;
}
