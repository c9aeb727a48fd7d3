/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-arrival.c: see the header.
 */
#include "config.h"

#include "tessera-cli-arrival.h"

const char *
tessera_cli_arrival_to_code (TesseraArrivalState state) {
  static const char *const codes[] = {
    [TESSERA_ARRIVAL_APPLIED] = "applied",
    [TESSERA_ARRIVAL_KNOWN] = "known",
    [TESSERA_ARRIVAL_PARKED] = "parked",
    [TESSERA_ARRIVAL_QUARANTINED] = "quarantined",
    [TESSERA_ARRIVAL_UNKNOWN_SENDER] = "unknown-sender",
    [TESSERA_ARRIVAL_REFUSED] = "refused",
  };

  return codes[state];
}

gboolean
tessera_cli_arrival_is_refused (const TesseraArrival *arrival) {
  return arrival->state == TESSERA_ARRIVAL_QUARANTINED || arrival->state == TESSERA_ARRIVAL_UNKNOWN_SENDER
         || arrival->state == TESSERA_ARRIVAL_REFUSED;
}

static void
set_text (JsonObject *object, const char *name, const char *value) {
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

JsonObject *
tessera_cli_describe_arrival (const TesseraArrival *arrival, const char *file) {
  JsonObject *object = json_object_new ();

  set_text (object, "file", file);
  set_text (object, "state", tessera_cli_arrival_to_code (arrival->state));
  set_text (object, "flow", arrival->flow);
  set_text (object, "sender", arrival->sender);
  set_text (object, "bundle", arrival->bundle);
  set_text (object, "referral", arrival->referral);
  set_text (object, "reason", arrival->reason);
  json_object_set_int_member (object, "changes", arrival->n_changes);
  json_object_set_int_member (object, "conflicts", arrival->n_conflicts);
  return object;
}
