/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-circles.c: the stream this device writes, and the circle it was made in. Who is in which circle is said
 * elsewhere.
 */
#include "config.h"
#include <string.h>

#include "tessera-connection.h"
#include "tessera-merge.h"
#include "tessera-store.h"

static char *
get_text (TesseraTransaction *self, const char *sql, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self->connection, sql, NULL, error);

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, self->connection->stream);
  return tessera_statement_step (statement, error) ? g_strdup (tessera_statement_get_text (statement, 0)) : NULL;
}

char *
tessera_transaction_get_circle (TesseraTransaction *self, GError **error) {
  return get_text (self, "SELECT lower(hex(circle)) FROM stream WHERE sid = ?1", error);
}

char *
tessera_transaction_get_own_stream (TesseraTransaction *self, GError **error) {
  return get_text (self, "SELECT lower(hex(id)) FROM stream WHERE sid = ?1", error);
}

gboolean
tessera_transaction_enter_circle (TesseraTransaction *self, const char *circle, GError **error) {
  g_autoptr (TesseraStatement) statement = NULL;
  guint8 bytes[16];

  g_return_val_if_fail (self->writable && strlen (circle) == 32, FALSE);
  if (self->connection->sequence > 0)
    return TRUE;
  statement = tessera_connection_prepare (self->connection, "UPDATE stream SET circle = ?2 WHERE sid = ?1", NULL, error);
  if (!statement)
    return FALSE;
  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (g_ascii_xdigit_value (circle[2 * i]) << 4 | g_ascii_xdigit_value (circle[2 * i + 1]));
  tessera_statement_bind_integer (statement, 1, self->connection->stream);
  tessera_statement_bind_raw (statement, 2, bytes, sizeof bytes);
  return tessera_statement_run (statement, error);
}
