/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-roster-table.c: see the header.
 */
#include "config.h"
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "tessera-connection.h"
#include "tessera-merge.h"
#include "tessera-roster-table.h"

/* A clock is milliseconds and 16 bits to count within one. */
#define CLOCK_BITS 16
#define DEVICE_BYTES 16

gboolean
tessera_transaction_may_write (TesseraTransaction *self) {
  return self->writable;
}

gboolean
tessera_transaction_put_roster (TesseraTransaction *self, gint64 version, const char *text, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "INSERT INTO roster (version, text) VALUES (?1, ?2)", NULL, error);

  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, version);
  tessera_statement_bind_text (statement, 2, text);
  g_hash_table_add (self->changed, (gpointer) "device");
  return tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_find_roster (TesseraTransaction *self, gint64 version, char **ret_text, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "SELECT text FROM roster WHERE version = ?1 OR ?1 = 0 ORDER BY version DESC LIMIT 1", NULL, error);
  GError *local_error = NULL;

  *ret_text = NULL;
  if (!statement)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, version);
  if (tessera_statement_step (statement, &local_error))
    *ret_text = g_strdup (tessera_statement_get_text (statement, 0));
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
bind_device (TesseraStatement *statement, const char *device) {
  guint8 bytes[DEVICE_BYTES];
  gsize size;

  if (sodium_hex2bin (bytes, sizeof bytes, device, strlen (device), NULL, &size, NULL) != 0 || size != sizeof bytes)
    return FALSE;
  tessera_statement_bind_raw (statement, 1, bytes, sizeof bytes);
  return TRUE;
}

static void
note_stream (GHashTable *vector, TesseraStatement *statement) {
  gsize size;
  const guint8 *id = tessera_statement_peek_bytes (statement, 0, &size);
  char text[2 * DEVICE_BYTES + 1];

  if (size == DEVICE_BYTES)
    tessera_vector_set (vector, sodium_bin2hex (text, sizeof text, id, size),
                        MAX (0, tessera_statement_get_integer (statement, 1)));
}

GHashTable *
tessera_transaction_get_vector_until (TesseraTransaction *self, const char *device, gint64 until, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "SELECT s.id, coalesce((SELECT min(c.seq) - 1 FROM change c WHERE c.sid = s.sid"
                      " AND c.clock > ?2), v.seq) FROM stream s JOIN vv v USING (sid) WHERE s.device = ?1",
    NULL, error);
  g_autoptr (GHashTable) vector = tessera_vector_new ();
  GError *local_error = NULL;

  if (!statement || !bind_device (statement, device))
    return NULL;
  /* The last moment of that millisecond. */
  tessera_statement_bind_integer (statement, 2, until >= G_MAXINT64 >> CLOCK_BITS
                                                  ? G_MAXINT64
                                                  : (until + 1) * (G_GINT64_CONSTANT (1) << CLOCK_BITS) - 1);
  while (tessera_statement_step (statement, &local_error))
    note_stream (vector, statement);
  if (!local_error)
    return g_steal_pointer (&vector);
  g_propagate_error (error, local_error);
  return NULL;
}

gint64
tessera_transaction_get_last_heard (TesseraTransaction *self, const char *device) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (
    self->connection, "SELECT max(v.clock) FROM stream s JOIN vv v USING (sid) WHERE s.device = ?1 AND v.seq > 0",
    NULL, NULL);

  if (!statement || !bind_device (statement, device) || !tessera_statement_step (statement, NULL))
    return 0;
  return tessera_statement_get_integer (statement, 0) >> CLOCK_BITS;
}
