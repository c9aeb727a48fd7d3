/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-referral-receive.c: what the other side sent: a referral to us, or its steps in one of ours.
 *
 * Nothing from outside may touch what is ours: not an own referral, not an own event, not an event already
 * here.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "tessera-casework-private.h"
#include "tessera-referral.h"

/* Fields of the form the sender may still change (a new text, another priority). */
static void
copy_form (TesseraRecord *ours, TesseraRecord *theirs) {
  const TesseraEntity *entity = tessera_record_get_entity (ours);

  for (guint i = 0; i < entity->n_fields; i++)
    if (entity->fields[i].share == TESSERA_SHARE_REFERRAL && tessera_record_get_at (theirs, i))
      tessera_record_set_at (ours, i, tessera_record_get_at (theirs, i));
}

static gboolean
check_same_origin (TesseraRecord *known, const char *partner, GError **error) {
  if (g_strcmp0 (tessera_record_get (known, "direction"), "in") == 0
      && g_strcmp0 (tessera_record_get (known, "partner"), partner) == 0)
    return TRUE;
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED,
                       _("The partner sent a referral under the id of another one; it was not taken in."));
  return FALSE;
}

/* The form's fields and nothing else: what the sender thinks of our own columns is no matter. */
static TesseraRecord *
make_incoming (TesseraTransaction *transaction, TesseraRecord *theirs, const char *partner) {
  TesseraRecord *ours = tessera_record_new_for (tessera_record_get_registry (theirs),
                                                tessera_record_get_entity (theirs),
                                                tessera_record_get_id (theirs));

  copy_form (ours, theirs);
  tessera_record_set (ours, "direction", "in");
  tessera_record_set (ours, "partner", partner);
  tessera_record_set (ours, "status", "draft");
  tessera_record_set_integer (ours, "status_at", tessera_transaction_get_now (transaction));
  tessera_casework_set_if_empty (ours, "kind", "refer");
  if (!tessera_record_get (ours, "created_at")
      || tessera_record_get_integer (ours, "created_at") > tessera_transaction_get_now (transaction))
    tessera_record_set_integer (ours, "created_at", tessera_transaction_get_now (transaction));
  return ours;
}

gboolean
tessera_referral_receive (TesseraTransaction *transaction, TesseraRecord *referral, const char *partner,
                          GError **error) {
  g_autoptr (TesseraRecord) known = NULL;
  g_autoptr (TesseraRecord) ours = NULL;

  known = tessera_transaction_find (transaction, "referral", tessera_record_get_id (referral));
  if (known && !check_same_origin (known, partner, error))
    return FALSE;
  ours = known ? g_object_ref (known) : make_incoming (transaction, referral, partner);
  if (known)
    copy_form (ours, referral);
  /* What was received, as the exchange kept it, and the code they use. */
  if (tessera_record_get (referral, "received"))
    tessera_record_set (ours, "received", tessera_record_get (referral, "received"));
  if (tessera_record_get (referral, "client_code"))
    tessera_record_set (ours, "client_code", tessera_record_get (referral, "client_code"));
  return tessera_transaction_save (transaction, ours, error);
}

static gboolean
refuse_event (GError **error, const char *message) {
  g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_NOT_ALLOWED, message);
  return FALSE;
}

static gboolean
check_event (TesseraRecord *referral, TesseraRecord *event, const char *partner, GError **error) {
  const char *side = tessera_record_get (event, "side");
  gint64 number = tessera_record_get_integer (event, "number");

  if (g_strcmp0 (tessera_record_get (referral, "partner"), partner) != 0)
    return refuse_event (error,
                         _("An answer came from a partner the referral has nothing to do with; it was not "
                                  "taken in."));
  if ((g_strcmp0 (side, "sender") != 0 && g_strcmp0 (side, "receiver") != 0)
      || strcmp (side, tessera_referral_get_side (referral)) == 0)
    return refuse_event (error, _("The partner sent a step that only we can take; it was not taken in."));
  if (!tessera_record_get (event, "kind") || strcmp (tessera_record_get (event, "kind"), "draft") == 0
      || number < 1 || number > TESSERA_REFERRAL_EVENT_LIMIT) {
    g_set_error_literal (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_INVALID,
                         _("A step of this referral is not numbered or named as it should be; ask the partner to "
                           "send it again."));
    return FALSE;
  }
  return TRUE;
}

/* The same step may come again with less: a copy restored from a backup does not know that it was sent, and the consent
 * for its words may have ended since. */
static gboolean
is_same_event (TesseraRecord *known, TesseraRecord *event) {
  const TesseraEntity *entity = tessera_record_get_entity (known);

  if (g_strcmp0 (tessera_record_get (known, "referral"), tessera_record_get (event, "referral")) != 0)
    return FALSE;
  for (guint i = 0; i < entity->n_fields; i++) {
    const char *said = tessera_record_get_at (event, i);

    if (entity->fields[i].share == TESSERA_SHARE_REFERRAL && said
        && g_strcmp0 (tessera_record_get_at (known, i), said) != 0)
      return FALSE;
  }
  return TRUE;
}

/* It comes when the partner no longer has the steps before it. */
static gboolean
is_about_erasure (TesseraRecord *event) {
  const char *kind = tessera_record_get (event, "kind");

  return g_strcmp0 (kind, "erase_request") == 0 || g_strcmp0 (kind, "erase_done") == 0;
}

static gboolean
check_order (GPtrArray *events, TesseraRecord *event, GError **error) {
  gint64 number = tessera_record_get_integer (event, "number"), last = 0;

  for (guint i = 0; i < events->len; i++)
    last = MAX (last, tessera_record_get_integer (g_ptr_array_index (events, i), "number"));
  /* The same number twice is two colleagues over there, both offline: both are kept. */
  if ((number <= last + 1 || is_about_erasure (event)) && events->len < TESSERA_REFERRAL_EVENT_LIMIT)
    return TRUE;
  g_set_error (error, TESSERA_CASEWORK_ERROR, TESSERA_CASEWORK_ERROR_OUT_OF_ORDER,
               _("Step %" PRId64 " of this referral came before step %" PRId64
                 "; ask the partner to send the missing one."), number, last + 1);
  return FALSE;
}

static gboolean
add_event (TesseraTransaction *transaction, TesseraRecord *referral, TesseraRecord *event, GError **error) {
  g_autoptr (GPtrArray) theirs = NULL;
  g_autoptr (TesseraRecord) copy = tessera_record_copy (event);

  theirs = tessera_referral_list_events (transaction, tessera_record_get_id (referral),
                                         tessera_record_get (event, "side"), error);
  if (!theirs || !check_order (theirs, event, error))
    return FALSE;
  tessera_record_set (copy, "client", tessera_record_get (referral, "client"));
  tessera_record_set (copy, "worker", NULL);
  if (g_strcmp0 (tessera_record_get (event, "kind"), "erase_request") == 0
      && g_strcmp0 (tessera_record_get (referral, "direction"), "in") == 0) {
    tessera_record_set_integer (referral, "erasure_asked_at", tessera_transaction_get_now (transaction));
    if (!tessera_transaction_save (transaction, referral, error))
      return FALSE;
  }
  return tessera_transaction_save (transaction, copy, error)
         && tessera_referral_update (transaction, tessera_record_get_id (referral), error);
}

gboolean
tessera_referral_receive_event (TesseraTransaction *transaction, TesseraRecord *event, const char *partner,
                                gboolean *ret_new, GError **error) {
  g_autoptr (TesseraRecord) referral = NULL;
  g_autoptr (TesseraRecord) known = NULL;

  if (ret_new)
    *ret_new = FALSE;
  referral = tessera_casework_load (transaction, "referral", tessera_record_get (event, "referral"), error);
  if (!referral || !check_event (referral, event, partner, error))
    return FALSE;
  known = tessera_transaction_find (transaction, "referral_event", tessera_record_get_id (event));
  if (known && !is_same_event (known, event))
    return refuse_event (error,
                         _("The partner sent a changed version of a step we have already; the first one "
                                  "was kept."));
  if (known)
    return TRUE;
  if (!add_event (transaction, referral, event, error))
    return FALSE;
  if (ret_new)
    *ret_new = TRUE;
  return TRUE;
}

gboolean
tessera_referral_link_client (TesseraTransaction *transaction, const char *id, const char *client,
                              GError **error) {
  g_autoptr (TesseraRecord) referral = tessera_casework_load (transaction, "referral", id, error);
  g_autoptr (TesseraRecord) kept = NULL;

  if (!referral)
    return FALSE;
  if (g_strcmp0 (tessera_record_get (referral, "direction"), "in") != 0)
    return refuse_event (error, _("A referral of ours is about the client it was made for; make a new one."));
  kept = tessera_casework_resolve_client (transaction, client, error);
  if (!kept)
    return FALSE;
  tessera_record_set (referral, "client", tessera_record_get_id (kept));
  return tessera_transaction_save (transaction, referral, error);
}
