/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-entities-sharing.c: partners, consent, referrals, and the bundles that carried them.
 *
 * A referral lives on both sides under the same id. Its state is never stored as the truth: it is derived from the
 * events; `status` is the last derivation, kept for lists.
 */
#include "tessera-entities.h"

static const TesseraField partner_fields[] = {
  { "name", N_("Name"), TEXT, NONE, NEVER, LAST, REQUIRED | SEARCHED, NULL },
  { "organization_key", N_("Organization key"), TEXT, NONE, NEVER, CONFLICT, REQUIRED | AUTOMATIC | INDEXED, NULL },
  { "fingerprint", N_("Fingerprint"), TEXT, NONE, NEVER, LAST, AUTOMATIC | INDEXED, NULL },
  { "card", N_("Card"), TEXT, NONE, NEVER, LAST, AUTOMATIC, NULL },
  { "card_number", N_("Card number"), INTEGER, NONE, NEVER, LAST, AUTOMATIC, NULL },
  { "languages", N_("Languages"), SET, NONE, NEVER, MEMBERS, PLAIN, "language" },
  { "trust", N_("Trust"), CHOICE, NONE, NEVER, CONFLICT, AUTOMATIC, "trust" },
  { "trusted_at", N_("Trusted since"), INSTANT, NONE, NEVER, LAST, AUTOMATIC, NULL },
  { "revoked_at", N_("Revoked"), INSTANT, NONE, NEVER, LAST, AUTOMATIC, NULL },
  { "organization", N_("In the directory"), REFERENCE, NONE, NEVER, LAST, PLAIN, "organization" },
};

static const TesseraField agreement_fields[] = {
  { "partner", N_("Partner"), REFERENCE, NONE, NEVER, LAST, REQUIRED | INDEXED, "partner" },
  { "kind", N_("Kind"), CHOICE, NONE, NEVER, LAST, PLAIN, "agreement_kind" },
  { "signed_on", N_("Signed on"), DATE, NONE, NEVER, LAST, PLAIN, NULL },
  { "ends_on", N_("Ends on"), DATE, NONE, NEVER, LAST, PLAIN, NULL },
  { "contact", N_("Contact"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
  { "text", N_("What was agreed"), TEXT, NONE, NEVER, LAST, LONG, NULL },
};

static const TesseraField consent_fields[] = {
  { "client", N_("Client"), REFERENCE, DOCUMENTS, NEVER, CONFLICT, REQUIRED | INDEXED, "client" },
  { "partner", N_("To"), REFERENCE, DOCUMENTS, NEVER, CONFLICT, INDEXED, "partner" },
  { "purpose", N_("Purpose"), CHOICE, DOCUMENTS, REFERRAL, CONFLICT, REQUIRED, "purpose" },
  { "groups", N_("What may be shared"), SET, DOCUMENTS, REFERRAL, CONFLICT, PLAIN, "category" },
  { "answer", N_("Answer"), CHOICE, DOCUMENTS, REFERRAL, CONFLICT, REQUIRED, "consent_answer" },
  { "text", N_("Text as read"), TEXT, DOCUMENTS, REFERRAL, CONFLICT, LONG, NULL },
  { "text_version", N_("Text version"), TEXT, DOCUMENTS, REFERRAL, CONFLICT, AUTOMATIC, NULL },
  { "text_hash", N_("Text hash"), TEXT, DOCUMENTS, REFERRAL, CONFLICT, AUTOMATIC, NULL },
  { "language", N_("Language it was read in"), LANGUAGE, DOCUMENTS, REFERRAL, CONFLICT, PLAIN, NULL },
  { "how", N_("How it was explained"), CHOICE, DOCUMENTS, REFERRAL, CONFLICT, PLAIN, "consent_how" },
  { "given_by", N_("Given by"), CHOICE, DOCUMENTS, REFERRAL, CONFLICT, PLAIN, "given_by" },
  { "signature", N_("Signature"), CHOICE, DOCUMENTS, REFERRAL, CONFLICT, PLAIN, "signature" },
  { "explained_by", N_("Explained by"), REFERENCE, DOCUMENTS, NEVER, CONFLICT, PLAIN, "worker" },
  { "given_at", N_("Given"), INSTANT, DOCUMENTS, REFERRAL, CONFLICT, REQUIRED | AUTOMATIC, NULL },
  { "expires_on", N_("Until"), DATE, DOCUMENTS, REFERRAL, CONFLICT, INDEXED, NULL },
  { "withdrawn_at", N_("Withdrawn"), INSTANT, DOCUMENTS, REFERRAL, CONFLICT, AUTOMATIC, NULL },
  { "withdrawn_reason", N_("Why withdrawn"), TEXT, DOCUMENTS, NEVER, CONFLICT, PLAIN, NULL },
};

static const TesseraField consent_override_fields[] = {
  { "client", N_("Client"), REFERENCE, DOCUMENTS, NEVER, APPEND, REQUIRED | INDEXED, "client" },
  { "consent", N_("Consent"), REFERENCE, DOCUMENTS, NEVER, APPEND, PLAIN, "consent" },
  { "worker", N_("Who"), REFERENCE, DOCUMENTS, NEVER, APPEND, PLAIN, "worker" },
  { "at", N_("When"), INSTANT, DOCUMENTS, NEVER, APPEND, REQUIRED, NULL },
  { "ground", N_("Ground"), CHOICE, DOCUMENTS, NEVER, APPEND, REQUIRED, "override_ground" },
  { "text", N_("Reason"), TEXT, DOCUMENTS, NEVER, APPEND, REQUIRED | LONG, NULL },
};

static const TesseraField referral_fields[] = {
  { "direction", N_("Direction"), CHOICE, VISITS, NEVER, LAST, REQUIRED | INDEXED, "direction" },
  { "client", N_("Client"), REFERENCE, VISITS, NEVER, LAST, INDEXED, "client" },
  { "partner", N_("Partner"), REFERENCE, VISITS, NEVER, LAST, REQUIRED | INDEXED, "partner" },
  { "service", N_("Service"), REFERENCE, VISITS, REFERRAL, LAST, PLAIN, "service" },
  { "service_name", N_("Service name"), TEXT, VISITS, REFERRAL, LAST, PLAIN, NULL },
  { "kind", N_("Kind"), CHOICE, VISITS, REFERRAL, LAST, REQUIRED, "referral_kind" },
  { "priority", N_("Priority"), CHOICE, VISITS, REFERRAL, LAST, PLAIN, "priority" },
  { "reason", N_("Reason"), TEXT, NEEDS, REFERRAL, LAST, REQUIRED | LONG, NULL },
  { "consent", N_("Consent"), REFERENCE, DOCUMENTS, REFERRAL, LAST, PLAIN, "consent" },
  { "groups", N_("What is shared"), SET, DOCUMENTS, REFERRAL, MEMBERS, PLAIN, "category" },
  { "worker", N_("Worker"), REFERENCE, VISITS, NEVER, LAST, PLAIN, "worker" },
  { "created_at", N_("Created"), INSTANT, VISITS, REFERRAL, LAST, AUTOMATIC, NULL },
  { "due_on", N_("Answer due"), DATE, VISITS, REFERRAL, LAST, INDEXED, NULL },
  { "status", N_("Status"), CHOICE, VISITS, NEVER, LAST, AUTOMATIC | INDEXED, "referral_status" },
  { "status_at", N_("Since"), INSTANT, VISITS, NEVER, LAST, AUTOMATIC, NULL },
  { "code", N_("Answer code"), CHOICE, VISITS, NEVER, LAST, AUTOMATIC, "referral_code" },
  { "received", N_("What was received"), TEXT, STORY, NEVER, LAST, AUTOMATIC | LONG, NULL },
  { "client_code", N_("Their client code"), TEXT, IDENTITY, NEVER, LAST, AUTOMATIC, NULL },
  { "erasure_asked_at", N_("They ask you to erase this person"), INSTANT, VISITS, NEVER, LAST, AUTOMATIC, NULL },
};

static const TesseraField referral_event_fields[] = {
  { "referral", N_("Referral"), REFERENCE, VISITS, NEVER, APPEND, REQUIRED | INDEXED, "referral" },
  { "client", N_("Client"), REFERENCE, VISITS, NEVER, APPEND, INDEXED, "client" },
  { "side", N_("Side"), CHOICE, VISITS, REFERRAL, APPEND, REQUIRED, "referral_side" },
  { "number", N_("Number"), INTEGER, VISITS, REFERRAL, APPEND, REQUIRED, NULL },
  { "kind", N_("What happened"), CHOICE, VISITS, REFERRAL, APPEND, REQUIRED, "referral_status" },
  { "code", N_("Code"), CHOICE, VISITS, REFERRAL, APPEND, PLAIN, "referral_code" },
  { "text", N_("Message"), TEXT, VISITS, REFERRAL, APPEND, LONG, NULL },
  { "may_tell_client", N_("The client may be told"), BOOLEAN, VISITS, REFERRAL, APPEND, PLAIN, NULL },
  { "on_date", N_("On"), DATE, VISITS, REFERRAL, APPEND, PLAIN, NULL },
  { "at", N_("When"), INSTANT, VISITS, REFERRAL, APPEND, REQUIRED, NULL },
  { "worker", N_("Worker"), REFERENCE, VISITS, NEVER, APPEND, PLAIN, "worker" },
  { "bundle", N_("Bundle"), TEXT, VISITS, NEVER, APPEND, AUTOMATIC, NULL },
};

static const TesseraField bundle_fields[] = {
  { "direction", N_("Direction"), CHOICE, NONE, NEVER, LAST, REQUIRED | INDEXED, "direction" },
  { "manifest_id", N_("Bundle id"), TEXT, NONE, NEVER, LAST, INDEXED, NULL },
  { "flow", N_("Flow"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
  { "partner", N_("Partner"), REFERENCE, NONE, NEVER, LAST, INDEXED, "partner" },
  { "referral", N_("Referral"), REFERENCE, NONE, NEVER, LAST, INDEXED, "referral" },
  { "number", N_("Last event carried"), INTEGER, NONE, NEVER, LAST, PLAIN, NULL },
  { "manifest_hash", N_("Manifest hash"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
  { "file_name", N_("File name"), TEXT, NONE, NEVER, LAST, INDEXED, NULL },
  { "size", N_("Size"), INTEGER, NONE, NEVER, LAST, PLAIN, NULL },
  { "state", N_("State"), CHOICE, NONE, NEVER, LAST, INDEXED, "bundle_state" },
  { "reason", N_("Reason"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
  { "at", N_("When"), INSTANT, NONE, NEVER, LAST, PLAIN, NULL },
  { "mailbox", N_("Mailbox"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
  { "stream", N_("Whose changes"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
  { "first", N_("First change carried"), INTEGER, NONE, NEVER, LAST, PLAIN, NULL },
  { "carried_at", N_("Handed to a carrier"), INSTANT, NONE, NEVER, LAST, PLAIN, NULL },
  { "sender", N_("Sender"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
};

/* Which carrier has which of our files: a stick and a server each get their own copy, and each is tidied up. */
static const TesseraField delivery_fields[] = {
  { "bundle", N_("Bundle"), REFERENCE, NONE, NEVER, LAST, REQUIRED | INDEXED, "bundle" },
  { "carrier", N_("Carrier"), TEXT, NONE, NEVER, LAST, REQUIRED | INDEXED, NULL },
  { "at", N_("When"), INSTANT, NONE, NEVER, LAST, REQUIRED, NULL },
};

/* What is left of a referral whose client was erased; the id is made from the referral's. Direction out: we ask the partner to erase
 * too; in: we tell the partner, who asked, that we did. Nothing here is about a person. */
static const TesseraField erasure_request_fields[] = {
  { "referral", N_("Referral"), REFERENCE, NONE, NEVER, LAST, REQUIRED | INDEXED, "referral" },
  { "direction", N_("Direction"), CHOICE, NONE, NEVER, LAST, REQUIRED, "direction" },
  { "partner", N_("Partner"), REFERENCE, NONE, NEVER, LAST, REQUIRED | INDEXED, "partner" },
  { "erased", N_("Erased client"), TEXT, NONE, NEVER, LAST, AUTOMATIC | INDEXED, NULL },
  { "number", N_("Number"), INTEGER, NONE, NEVER, LAST, AUTOMATIC, NULL },
  { "event", N_("Event"), TEXT, NONE, NEVER, LAST, AUTOMATIC, NULL },
  { "asked_at", N_("Asked"), INSTANT, NONE, NEVER, LAST, AUTOMATIC, NULL },
  { "answered_at", N_("Answered"), INSTANT, NONE, NEVER, LAST, AUTOMATIC, NULL },
};

static const TesseraField conflict_fields[] = {
  { "client", N_("Client"), REFERENCE, NONE, NEVER, LAST, INDEXED, "client" },
  { "entity", N_("Entity"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
  { "row", N_("Row"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
  { "field", N_("Field"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
  { "opened_at", N_("Noticed"), INSTANT, NONE, NEVER, LAST, PLAIN, NULL },
  { "resolved_at", N_("Resolved"), INSTANT, NONE, NEVER, LAST, INDEXED, NULL },
  { "resolved_on", N_("Resolved on"), REFERENCE, NONE, NEVER, LAST, PLAIN, "device" },
};

const TesseraEntity tessera_sharing_entities[] = {
  TESSERA_ENTITY (partner, N_("Partner"), 40, TESSERA_ENTITY_PLAIN, NULL),
  TESSERA_ENTITY (agreement, N_("Sharing agreement"), 41, TESSERA_ENTITY_PLAIN, NULL),
  TESSERA_ENTITY (consent, N_("Consent"), 42, TESSERA_ENTITY_PLAIN, "client"),
  TESSERA_ENTITY (consent_override, N_("Consent override"), 43, TESSERA_ENTITY_APPEND_ONLY, "client"),
  TESSERA_ENTITY (referral, N_("Referral"), 44, TESSERA_ENTITY_PLAIN, "client"),
  TESSERA_ENTITY (referral_event, N_("Referral event"), 45, TESSERA_ENTITY_APPEND_ONLY, "client"),
  TESSERA_ENTITY (bundle, N_("Bundle"), 46, TESSERA_ENTITY_LOCAL, NULL),
  TESSERA_ENTITY (conflict, N_("Conflict"), 47, TESSERA_ENTITY_LOCAL, "client"),
  TESSERA_ENTITY (delivery, N_("Delivery"), 48, TESSERA_ENTITY_LOCAL, NULL),
  TESSERA_ENTITY (erasure_request, N_("Request to erase"), 49, TESSERA_ENTITY_PLAIN, NULL),
};
const guint tessera_n_sharing_entities = G_N_ELEMENTS (tessera_sharing_entities);
