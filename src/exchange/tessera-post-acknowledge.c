/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-post-acknowledge.c: partners tell each other which events of each referral they have, so that a letter can go
 * from its carrier, and so that nobody wonders whether it arrived.
 *
 * Every letter says so in the manifest's version vector: referral (its id without dashes) to the highest number of the
 * other side's events. A letter without lines says nothing else, and is not answered.
 */
#include "config.h"
#include <string.h>

#include "tessera-merge.h"
#include "tessera-post-private.h"

#define MOST_REFERRALS 200
#define HOUR G_GINT64_CONSTANT (3600000)

static char *
partner_name (const char *partner) {
  return g_strconcat ("partner:", partner, NULL);
}

gboolean
tessera_post_fill_vector (TesseraTransaction *transaction, const char *partner, GHashTable *vector, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT lower(hex(id)), max(number) FROM (SELECT r.id, e.number, e.at FROM referral r"
                 " JOIN referral_event e ON e.referral = r.id WHERE r.partner = ?1"
                 " AND e.side = CASE r.direction WHEN 'out' THEN 'receiver' ELSE 'sender' END"
                 " UNION ALL SELECT r.referral, b.number, b.at FROM erasure_request r JOIN bundle b ON b.referral = r.referral"
                 " WHERE r.partner = ?1 AND b.direction = 'in' AND b.state = 'applied')"
                 " GROUP BY id ORDER BY max(at) DESC LIMIT ?2", error);
  GError *local_error = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, partner);
  tessera_statement_bind_integer (statement, 2, MOST_REFERRALS);
  while (tessera_statement_step (statement, &local_error))
    tessera_vector_set (vector, tessera_statement_get_text (statement, 0),
                        tessera_statement_get_integer (statement, 1));
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

gboolean
tessera_post_note_vector (TesseraTransaction *transaction, const char *partner, GHashTable *vector, GError **error) {
  g_autofree char *name = partner_name (partner);

  return tessera_transaction_note_acknowledged (transaction, name, vector, error);
}

/* Something came that was not only an acknowledgement, and nothing went since. */
gboolean
tessera_post_owes_acknowledgement (TesseraTransaction *transaction, const char *partner) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT max(CASE WHEN direction = 'in' AND referral IS NOT NULL THEN at END),"
                 " max(CASE WHEN direction = 'out' THEN at END) FROM bundle WHERE partner = ?1"
                 " AND state NOT IN ('refused')", NULL);
  gint64 came, went;

  if (!statement)
    return FALSE;
  tessera_statement_bind_id (statement, 1, partner);
  if (!tessera_statement_step (statement, NULL) || tessera_statement_is_null (statement, 0))
    return FALSE;
  came = tessera_statement_get_integer (statement, 0);
  went = tessera_statement_get_integer (statement, 1);
  return came > went && (went == 0 || tessera_transaction_get_now (transaction) - went > HOUR);
}

gboolean
tessera_post_is_acknowledged (TesseraTransaction *transaction, TesseraRecord *bundle) {
  const char *referral = tessera_record_get (bundle, "referral");
  const char *partner = tessera_record_get (bundle, "partner");
  g_autofree char *name = partner ? partner_name (partner) : NULL;
  g_autoptr (GHashTable) vector = NULL;
  g_autofree char *stream = NULL;
  g_auto (GStrv) parts = NULL;

  if (!partner)
    return FALSE;
  /* A mere acknowledgement is worth a day. */
  if (!referral)
    return tessera_transaction_get_now (transaction) - tessera_record_get_integer (bundle, "at") > 24 * HOUR;
  parts = g_strsplit (referral, "-", -1);
  stream = g_strjoinv (NULL, parts);
  vector = tessera_transaction_get_acknowledged (transaction, name, NULL, NULL);
  return vector && tessera_vector_get (vector, stream) >= MAX (1, tessera_record_get_integer (bundle, "number"));
}
