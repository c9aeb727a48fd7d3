/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-vocabularies.c: the codes of choices and sets, with their English labels.
 *
 * Codes travel in bundles and stay for ever; labels may change. A code a newer colleague used is shown as it is.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-registry.h"

static const TesseraChoice role[] = {
  { "worker", N_("Case worker") },
  { "mediator", N_("Intercultural mediator") },
  { "supervisor", N_("Supervisor") },
};

static const TesseraChoice gender[] = {
  { "woman", N_("Woman") },
  { "man", N_("Man") },
  { "other", N_("Another") },
  { "unsaid", N_("Prefers not to say") },
};

static const TesseraChoice relation[] = {
  { "partner", N_("Spouse or partner") },
  { "child", N_("Child") },
  { "parent", N_("Parent") },
  { "sibling", N_("Brother or sister") },
  { "relative", N_("Other relative") },
  { "other", N_("Another person") },
};

static const TesseraChoice interpreter[] = {
  { "no", N_("No") },
  { "sometimes", N_("For difficult things") },
  { "yes", N_("Always") },
};

static const TesseraChoice safe_contact[] = {
  { "phone", N_("Phone call") },
  { "message", N_("Text message") },
  { "email", N_("Email") },
  { "through-us", N_("Only through us") },
  { "none", N_("Do not contact") },
};

static const TesseraChoice risk[] = {
  { "none", N_("None known") },
  { "low", N_("Low") },
  { "medium", N_("Medium") },
  { "high", N_("High") },
};

static const TesseraChoice step[] = {
  { "basic-needs", N_("Basic needs") },
  { "inclusion", N_("Inclusion") },
  { "autonomy", N_("Autonomy") },
};

static const TesseraChoice case_state[] = {
  { "open", N_("Open") },
  { "closed", N_("Closed") },
  { "reopened", N_("Reopened") },
};

static const TesseraChoice domain[] = {
  { "home", N_("A place to sleep") },
  { "essentials", N_("Food and things for the day") },
  { "safety", N_("Being safe") },
  { "health", N_("Health and calm") },
  { "language", N_("Language") },
  { "rights", N_("Rights and advice") },
  { "learning", N_("Learning and skills") },
  { "work", N_("Work and income") },
  { "family", N_("Children and family") },
  { "people", N_("People and belonging") },
  { "navigate", N_("Finding the way") },
  { "affairs", N_("Running own affairs") },
};

static const TesseraChoice visit_how[] = {
  { "in-person", N_("In person") },
  { "phone", N_("By phone") },
  { "online", N_("Online") },
  { "home", N_("Home visit") },
  { "outreach", N_("Outside, on the way") },
};

static const TesseraChoice mediator[] = {
  { "not-needed", N_("Not needed") },
  { "present", N_("Present") },
  { "phone", N_("By phone") },
  { "not-available", N_("Needed, but not available") },
};

static const TesseraChoice who[] = {
  { "client", N_("The client, alone") },
  { "together", N_("Together") },
  { "worker", N_("Us") },
  { "partner", N_("A partner") },
};

static const TesseraChoice appointment_state[] = {
  { "planned", N_("Planned") },
  { "kept", N_("Kept") },
  { "missed", N_("Missed") },
  { "canceled", N_("Canceled") },
};

static const TesseraChoice answered_by[] = {
  { "self", N_("The client") },
  { "together", N_("Together") },
  { "worker", N_("The worker") },
};

static const TesseraChoice unasked[] = {
  { "not-asked", N_("Not asked") },
  { "not-said", N_("Prefers not to say") },
  { "not-applicable", N_("Does not apply") },
};

/* What a paper is, never what it says about somebody's right to be here. */
static const TesseraChoice document_kind[] = {
  { "identity", N_("Identity paper") },
  { "family", N_("Family paper") },
  { "certificate", N_("Certificate or diploma") },
  { "letter", N_("Letter") },
  { "contract", N_("Contract") },
  { "money", N_("Income, bill or receipt") },
  { "medical", N_("Medical paper") },
  { "photo", N_("Photo") },
  { "other", N_("Another paper") },
};

static const TesseraChoice step_reason[] = {
  { "assessment", N_("The assessment shows it") },
  { "client-wish", N_("The client wishes it") },
  { "goal-reached", N_("A goal was reached") },
  { "lost-home", N_("Lost their home") },
  { "lost-work", N_("Lost their work") },
  { "crisis", N_("A crisis") },
  { "correction", N_("Correction of a mistake") },
  { "other", N_("Another reason") },
};

static const TesseraChoice purpose[] = {
  { "share_for_service", N_("To get a service") },
  { "share_summary", N_("To share a summary") },
  { "store_file", N_("To keep a file") },
  { "contact_me", N_("To be contacted") },
  { "photos", N_("Photos") },
  { "statistics", N_("Statistics") },
  { "research", N_("Research") },
};

static const TesseraChoice consent_answer[] = {
  { "yes", N_("Yes") },
  { "no", N_("No") },
  { "later", N_("Later") },
};

static const TesseraChoice consent_how[] = {
  { "read-aloud", N_("Read aloud") },
  { "read-alone", N_("Read alone") },
  { "mediator", N_("Through a mediator") },
  { "phone-interpreter", N_("Through an interpreter on the phone") },
};

static const TesseraChoice given_by[] = {
  { "self", N_("The client") },
  { "carer", N_("A carer") },
  { "guardian", N_("A guardian") },
};

static const TesseraChoice signature[] = {
  { "verbal", N_("Said, with a witness") },
  { "ink", N_("Signed on paper") },
  { "screen", N_("Signed on the screen") },
  { "thumb", N_("Thumb print") },
};

static const TesseraChoice override_ground[] = {
  { "vital-interest", N_("Danger to life") },
  { "legal-duty", N_("Legal duty") },
  { "child-protection", N_("Protection of a child") },
};

static const TesseraChoice trust[] = {
  { "none", N_("Not checked") },
  { "first-use", N_("Seen before, not checked") },
  { "spoken", N_("Checked by reading aloud") },
  { "in-person", N_("Checked in person") },
};

static const TesseraChoice agreement_kind[] = {
  { "joint", N_("Joint responsibility") },
  { "processor", N_("On our behalf") },
  { "independent", N_("Each for itself") },
};

static const TesseraChoice direction[] = {
  { "out", N_("Sent by us") },
  { "in", N_("Sent to us") },
};

static const TesseraChoice referral_kind[] = {
  { "refer", N_("Refer") },
  { "hand-over", N_("Hand over") },
  { "ask-opinion", N_("Ask opinion") },
};

static const TesseraChoice priority[] = {
  { "emergency", N_("Emergency (24 hours)") },
  { "urgent", N_("Urgent (3 days)") },
  { "routine", N_("Routine (2 weeks)") },
};

static const TesseraChoice referral_side[] = {
  { "sender", N_("Sender") },
  { "receiver", N_("Receiver") },
};

static const TesseraChoice referral_status[] = {
  { "draft", N_("Draft") },
  { "sent", N_("Sent") },
  { "received", N_("Received") },
  { "under_review", N_("Being looked at") },
  { "info_needed", N_("A question is open") },
  { "accepted", N_("Accepted") },
  { "waitlisted", N_("On the waiting list") },
  { "scheduled", N_("Date given") },
  { "in_progress", N_("In progress") },
  { "declined", N_("Declined") },
  { "completed", N_("Completed") },
  { "failed", N_("Failed") },
  { "withdrawn", N_("Withdrawn") },
  { "expired", N_("No answer") },
  { "void", N_("Entered in error") },
  { "erase_request", N_("Asked to erase") },
  { "erase_done", N_("Erased over there") },
};

static const TesseraChoice erasure_reason[] = {
  { "asked-by-person", N_("The person asked for it") },
  { "retention-over", N_("The time we may keep it is over") },
  { "recorded-by-mistake", N_("Recorded by mistake") },
  { "other", N_("Another reason") },
};

static const TesseraChoice referral_code[] = {
  { "full", N_("No place free") },
  { "waiting_list_closed", N_("Waiting list closed") },
  { "outside_area", N_("Outside the area") },
  { "not_for_this_group", N_("Not for this group") },
  { "missing_document", N_("A document is missing") },
  { "service_ended", N_("The service has ended") },
  { "language_not_covered", N_("Language not covered") },
  { "wrong_service", N_("Wrong service") },
  { "cannot_reach_client", N_("Cannot reach the client") },
  { "already_served", N_("Already served") },
  { "client_declined", N_("The client declined") },
  { "client_moved", N_("The client moved") },
  { "client_got_help_elsewhere", N_("Help found elsewhere") },
  { "in_work_or_training", N_("In work or training") },
  { "no_transport", N_("No transport") },
  { "no_childcare", N_("No childcare") },
  { "afraid_or_no_trust", N_("Afraid, or no trust") },
  { "no_show", N_("Did not come") },
  { "no_contact", N_("No contact") },
  { "appointment_missed", N_("Appointment missed") },
  { "service_not_given", N_("Service not given") },
  { "refused_at_door", N_("Refused at the door") },
  { "cost", N_("Cost") },
  { "need_met", N_("Need met") },
  { "partly_met", N_("Partly met") },
  { "not_met_referred_on", N_("Not met, referred on") },
  { "advice_only", N_("Advice only") },
  { "consent_withdrawn", N_("Consent withdrawn") },
  { "other", N_("Another reason") },
  { "unknown", N_("Unknown") },
};

static const TesseraChoice bundle_state[] = {
  { "spooled", N_("Waiting to be carried") },
  { "on_carrier", N_("On the carrier") },
  { "acknowledged", N_("Received by them") },
  { "given_up", N_("Never confirmed, no longer kept") },
  { "withdrawn", N_("Taken back after an erasure") },
  { "parked", N_("Waiting for something") },
  { "applied", N_("Taken in") },
  { "quarantined", N_("Set aside") },
  { "refused", N_("Refused") },
};

static const TesseraChoice service_status[] = {
  { "active", N_("Active") },
  { "inactive", N_("Inactive") },
  { "defunct", N_("Ended") },
  { "temporarily closed", N_("Temporarily closed") },
};

static const TesseraChoice location_type[] = {
  { "physical", N_("A place") },
  { "postal", N_("A postal address") },
  { "virtual", N_("Online") },
};

static const TesseraChoice verification_result[] = {
  { "confirmed", N_("Confirmed") },
  { "changed", N_("Changed") },
  { "not-reached", N_("Not reached") },
  { "ended", N_("Ended") },
};

static const TesseraChoice category[] = {
  { "identity", N_("Identity") },
  { "contact", N_("Contact") },
  { "household", N_("Household") },
  { "needs", N_("Needs") },
  { "pathway", N_("Pathway") },
  { "visits", N_("Visits") },
  { "health", N_("Health") },
  { "protection", N_("Safety and protection") },
  { "legal", N_("Legal matters") },
  { "housing", N_("Housing") },
  { "work", N_("Work and income") },
  { "documents", N_("Documents") },
  { "story", N_("Story sheet") },
};

#define VOCABULARY(name) { #name, name, G_N_ELEMENTS (name) }

static const TesseraVocabulary vocabularies[] = {
  VOCABULARY (role), VOCABULARY (gender), VOCABULARY (relation), VOCABULARY (interpreter),
  VOCABULARY (safe_contact), VOCABULARY (risk), VOCABULARY (step), VOCABULARY (case_state), VOCABULARY (domain),
  VOCABULARY (visit_how), VOCABULARY (mediator), VOCABULARY (who), VOCABULARY (appointment_state),
  VOCABULARY (answered_by), VOCABULARY (unasked), VOCABULARY (document_kind), VOCABULARY (step_reason),
  VOCABULARY (purpose),
  VOCABULARY (consent_answer), VOCABULARY (consent_how), VOCABULARY (given_by), VOCABULARY (signature),
  VOCABULARY (override_ground), VOCABULARY (trust), VOCABULARY (agreement_kind), VOCABULARY (direction),
  VOCABULARY (referral_kind), VOCABULARY (priority), VOCABULARY (referral_side), VOCABULARY (referral_status),
  VOCABULARY (referral_code), VOCABULARY (bundle_state), VOCABULARY (erasure_reason), VOCABULARY (service_status), VOCABULARY (location_type),
  VOCABULARY (verification_result), VOCABULARY (category),
};

const TesseraVocabulary *
tessera_vocabulary_find (const char *name) {
  for (guint i = 0; i < G_N_ELEMENTS (vocabularies); i++)
    if (strcmp (vocabularies[i].name, name) == 0)
      return &vocabularies[i];
  return NULL;
}

static const TesseraChoice *
find_choice (const TesseraVocabulary *vocabulary, const char *code) {
  for (guint i = 0; i < vocabulary->n_choices; i++)
    if (strcmp (vocabulary->choices[i].code, code) == 0)
      return &vocabulary->choices[i];
  return NULL;
}

gboolean
tessera_vocabulary_has (const TesseraVocabulary *vocabulary, const char *code) {
  return find_choice (vocabulary, code) != NULL;
}

const char *
tessera_vocabulary_get_label (const char *name, const char *code) {
  const TesseraVocabulary *vocabulary = tessera_vocabulary_find (name);
  const TesseraChoice *choice = vocabulary && code ? find_choice (vocabulary, code) : NULL;

  return choice ? _(choice->label) : code;
}
