/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team-compact.c: once a day, what everybody has and nobody needs any more goes from the change log.
 *
 * A laptop that is silent holds this up until a supervisor retires it; when it comes back it begins with a snapshot.
 */
#include "config.h"
#include <string.h>

#include "tessera-team-private.h"

#define DAY G_GINT64_CONSTANT (86400000)
#define KEEP_DAYS 365
#define MOST_DAYS 36500
/* Of tessera_transaction_compact() in a row: the next day goes on. */
#define MOST_CALLS 100
#define SETTING_AT "exchange.compacted_at"
#define SETTING_KEEP "exchange.keep_days"

typedef struct {
  gboolean begun;
  gboolean more;
} Round;

static gint64
get_number (TesseraTransaction *transaction, const char *key, gint64 most, gint64 otherwise) {
  g_autofree char *text = tessera_transaction_get_setting (transaction, key);
  gint64 number;

  return text && g_ascii_string_to_signed (text, 10, 0, most, &number, NULL) ? number : otherwise;
}

static gboolean
is_due (TesseraTransaction *transaction) {
  gint64 at = get_number (transaction, SETTING_AT, G_MAXINT64, 0);
  gint64 now = tessera_transaction_get_now (transaction);

  return at > now || now - at >= DAY;
}

static GHashTable *
find_stable (TesseraTransaction *transaction, const TesseraRoster *roster, const char *own, GError **error) {
  g_autoptr (GPtrArray) others = g_ptr_array_new ();

  for (guint i = 0; i < roster->devices->len; i++) {
    const TesseraRosterDevice *device = roster->devices->pdata[i];

    if (device->state == TESSERA_DEVICE_ACTIVE && strcmp (device->id, own) != 0)
      g_ptr_array_add (others, device->id);
  }
  return tessera_transaction_get_stable (transaction, others, error);
}

static gboolean
compact (TesseraTransaction *transaction, const TesseraRoster *roster, const char *own, gboolean *ret_more,
         GError **error) {
  gint64 keep = get_number (transaction, SETTING_KEEP, MOST_DAYS, KEEP_DAYS);
  g_autoptr (GHashTable) stable = find_stable (transaction, roster, own, error);
  gint64 count;

  return stable
         && tessera_transaction_compact (transaction, stable, tessera_transaction_get_now (transaction) - keep * DAY,
                                         &count, ret_more, error);
}

static gboolean
run_round (TesseraTransaction *transaction, gpointer data, GError **error) {
  Round *round = data;
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, NULL);
  g_autofree char *own = tessera_identity_get_device (transaction);
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, tessera_transaction_get_now (transaction));

  round->more = FALSE;
  if (!roster || (!round->begun && !is_due (transaction)))
    return TRUE;
  round->begun = TRUE;
  return compact (transaction, roster, own, &round->more, error)
         && tessera_transaction_set_setting (transaction, SETTING_AT, now, error);
}

gboolean
tessera_team_compact (TesseraStore *store, GCancellable *cancellable, GError **error) {
  Round round = { FALSE, TRUE };

  for (guint i = 0; round.more && i < MOST_CALLS; i++)
    if (!tessera_store_should_go_on (store, cancellable, error)
        || !tessera_store_write (store, run_round, &round, error))
      return FALSE;
  return TRUE;
}
