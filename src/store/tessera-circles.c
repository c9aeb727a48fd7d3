/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-circles.c: which circles this device writes to. A circle is a set of devices that may read the same people;
 * who is in it is said elsewhere.
 */
#include "config.h"
#include <string.h>

#include "tessera-connection.h"
#include "tessera-merge.h"
#include "tessera-store.h"

static char *
get_text (TesseraTransaction *self, const char *sql, const char *circle, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self->connection, sql, NULL, error);

  if (!statement)
    return NULL;
  tessera_statement_bind_integer (statement, 1, self->connection->stream);
  if (circle)
    tessera_statement_bind_text (statement, 2, circle);
  return tessera_statement_step (statement, error) ? g_strdup (tessera_statement_get_text (statement, 0)) : NULL;
}

char *
tessera_transaction_get_circle (TesseraTransaction *self, GError **error) {
  return get_text (self, "SELECT lower(hex(circle)) FROM stream WHERE sid = ?1", NULL, error);
}

char *
tessera_transaction_get_own_stream (TesseraTransaction *self, const char *circle, GError **error) {
  if (!circle)
    return get_text (self, "SELECT lower(hex(id)) FROM stream WHERE sid = ?1", NULL, error);
  return get_text (self, "SELECT lower(hex(s.id)) FROM stream s, stream o WHERE o.sid = ?1 AND s.device = o.device"
                         " AND s.state = 'active' AND lower(hex(s.circle)) = ?2", circle, error);
}

static gboolean
run_for_circle (TesseraTransaction *self, const char *sql, const char *circle, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_connection_prepare (self->connection, sql, NULL, error);
  guint8 bytes[16];

  if (!statement)
    return FALSE;
  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (g_ascii_xdigit_value (circle[2 * i]) << 4 | g_ascii_xdigit_value (circle[2 * i + 1]));
  tessera_statement_bind_integer (statement, 1, self->connection->stream);
  tessera_statement_bind_raw (statement, 2, bytes, sizeof bytes);
  return tessera_statement_run (statement, error);
}

gboolean
tessera_transaction_enter_circle (TesseraTransaction *self, const char *circle, GError **error) {
  g_autofree char *known = NULL;
  g_autofree char *primary = NULL;
  g_autofree char *entered = tessera_transaction_get_setting (self, "circle.entered");

  g_return_val_if_fail (self->writable && strlen (circle) == 32, FALSE);
  known = tessera_transaction_get_own_stream (self, circle, NULL);
  if (known)
    return TRUE;
  primary = tessera_transaction_get_circle (self, error);
  if (!primary)
    return FALSE;
  /* What a device made for itself gives way to the first circle it enters, not to the next. */
  if (self->connection->sequence == 0 && !entered)
    return run_for_circle (self, "UPDATE stream SET circle = ?2 WHERE sid = ?1", circle, error)
           && tessera_transaction_set_setting (self, "circle.entered", circle, error);
  return run_for_circle (self, "INSERT INTO stream (sid, id, device, circle)"
                               " SELECT (SELECT max(sid) + 1 FROM stream), randomblob(16), device, ?2 FROM stream"
                               " WHERE sid = ?1", circle, error)
         && run_for_circle (self, "INSERT INTO vv (sid, seq, clock) SELECT max(sid), 0, 0 FROM stream"
                                  " WHERE ?1 > 0 AND ?2 IS NOT NULL", circle, error);
}
