/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-entities-people.c: who works here, who comes here, and what happened at the desk.
 *
 * There is no field for residence status, nationality or religion, and none may be added here: an organization that
 * must record one adds its own field with a written reason.
 */
#include "tessera-entities.h"

static const TesseraField worker_fields[] = {
  { "name", N_("Name"), TEXT, NONE, NEVER, LAST, REQUIRED, NULL },
  { "role", N_("Role"), CHOICE, NONE, NEVER, CONFLICT, REQUIRED, "role" },
  { "language", N_("Language"), LANGUAGE, NONE, NEVER, LAST, PLAIN, NULL },
  { "languages", N_("Languages spoken"), SET, NONE, NEVER, MEMBERS, PLAIN, "language" },
  { "slot", N_("Key slot"), INTEGER, NONE, NEVER, LAST, AUTOMATIC, NULL },
  { "active", N_("Active"), BOOLEAN, NONE, NEVER, LAST, PLAIN, NULL },
};

static const TesseraField device_fields[] = {
  { "name", N_("Name"), TEXT, NONE, NEVER, LAST, PLAIN, NULL },
  { "signing_key", N_("Signing key"), TEXT, NONE, NEVER, LAST, AUTOMATIC, NULL },
  { "encryption_key", N_("Encryption key"), TEXT, NONE, NEVER, LAST, AUTOMATIC, NULL },
  { "registered_at", N_("Registered"), INSTANT, NONE, NEVER, LAST, AUTOMATIC, NULL },
};

static const TesseraField household_fields[] = {
  { "name", N_("Household name"), TEXT, HOUSEHOLD, CONSENT, LAST, SEARCHED, NULL },
  { "size", N_("People in the household"), INTEGER, HOUSEHOLD, CONSENT, LAST, PLAIN, NULL },
  { "children", N_("Children"), INTEGER, HOUSEHOLD, CONSENT, LAST, PLAIN, NULL },
  { "situation", N_("Household situation"), TEXT, HOUSEHOLD, CONSENT, LAST, LONG, NULL },
};

static const TesseraField household_member_fields[] = {
  { "household", N_("Household"), REFERENCE, HOUSEHOLD, CONSENT, LAST, REQUIRED | INDEXED, "household" },
  { "client", N_("Client"), REFERENCE, HOUSEHOLD, NEVER, LAST, INDEXED, "client" },
  { "name", N_("Name"), TEXT, HOUSEHOLD, CONSENT, LAST, PLAIN, NULL },
  { "relation", N_("Relation"), CHOICE, HOUSEHOLD, CONSENT, LAST, PLAIN, "relation" },
  { "birth_year", N_("Year of birth"), INTEGER, HOUSEHOLD, CONSENT, LAST, PLAIN, NULL },
};

static const TesseraField client_fields[] = {
  { "code", N_("Client code"), TEXT, IDENTITY, REFERRAL, LAST, AUTOMATIC | SEARCHED | INDEXED, NULL },
  { "name", N_("Full name"), TEXT, IDENTITY, CONSENT, CONFLICT, SEARCHED | INDEXED, NULL },
  { "how_to_call", N_("How to call them"), TEXT, IDENTITY, CONSENT, LAST, SEARCHED, NULL },
  { "other_names", N_("Other names and spellings"), TEXT, IDENTITY, CONSENT, LAST, SEARCHED, NULL },
  { "birth_date", N_("Date of birth"), DATE, IDENTITY, CONSENT, CONFLICT, PLAIN, NULL },
  { "birth_year", N_("Year of birth"), INTEGER, IDENTITY, CONSENT, CONFLICT, PLAIN, NULL },
  { "gender", N_("Gender"), CHOICE, IDENTITY, CONSENT, LAST, PLAIN, "gender" },
  { "language", N_("Preferred language"), LANGUAGE, IDENTITY, REFERRAL, LAST, INDEXED, NULL },
  { "languages", N_("Languages spoken"), SET, IDENTITY, REFERRAL, MEMBERS, PLAIN, "language" },
  { "interpreter_needed", N_("Needs a mediator"), CHOICE, IDENTITY, REFERRAL, LAST, PLAIN, "interpreter" },
  { "phone", N_("Phone"), TEXT, CONTACT, CONSENT, CONFLICT, SEARCHED, NULL },
  { "email", N_("Email"), TEXT, CONTACT, CONSENT, LAST, PLAIN, NULL },
  { "address", N_("Address"), TEXT, CONTACT, CONSENT, CONFLICT, LONG, NULL },
  { "safe_contact", N_("Safe way to reach them"), CHOICE, CONTACT, CONSENT, CONFLICT, PLAIN, "safe_contact" },
  { "safe_times", N_("Safe times"), TEXT, CONTACT, CONSENT, LAST, PLAIN, NULL },
  { "do_not", N_("Do not"), TEXT, CONTACT, CONSENT, CONFLICT, PLAIN, NULL },
  { "household", N_("Household"), REFERENCE, HOUSEHOLD, NEVER, LAST, INDEXED, "household" },
  { "household_size", N_("Household size"), INTEGER, HOUSEHOLD, CONSENT, LAST, PLAIN, NULL },
  { "expectation", N_("What they want, in their own words"), TEXT, NEEDS, CONSENT, LAST, LONG, NULL },
  { "access_needs", N_("Access needs"), TEXT, HEALTH, CONSENT, LAST, PLAIN, NULL },
  { "health_note", N_("Health"), TEXT, HEALTH, CONSENT, CONFLICT, LONG, NULL },
  { "protection_note", N_("Safety and protection"), TEXT, PROTECTION, CONSENT, CONFLICT, LONG, NULL },
  { "risk_level", N_("Risk"), CHOICE, PROTECTION, CONSENT, CONFLICT, PLAIN, "risk" },
  { "housing_situation", N_("Where they live now"), TEXT, HOUSING, CONSENT, LAST, LONG, NULL },
  { "work_situation", N_("Work and income"), TEXT, WORK, CONSENT, LAST, LONG, NULL },
  { "notes", N_("Worker's notes"), TEXT, NOTES, NEVER, LAST, LONG, NULL },
  { "step", N_("Step"), CHOICE, PATHWAY, CONSENT, LAST, AUTOMATIC | INDEXED, "step" },
  { "case_state", N_("Case"), CHOICE, PATHWAY, NEVER, LAST, AUTOMATIC, "case_state" },
  { "worker", N_("Case worker"), REFERENCE, PATHWAY, NEVER, LAST, INDEXED, "worker" },
  { "registered_at", N_("Registered"), INSTANT, VISITS, NEVER, LAST, AUTOMATIC, NULL },
  { "last_contact", N_("Last contact"), INSTANT, VISITS, NEVER, LAST, AUTOMATIC | INDEXED, NULL },
  { "merged_into", N_("Merged into"), REFERENCE, IDENTITY, NEVER, LAST, AUTOMATIC | INDEXED, "client" },
  { "team", N_("Team"), TEXT, NONE, NEVER, LAST, AUTOMATIC, NULL },
};

static const TesseraField visit_fields[] = {
  { "client", N_("Client"), REFERENCE, VISITS, NEVER, APPEND, REQUIRED | INDEXED, "client" },
  { "at", N_("When"), INSTANT, VISITS, CONSENT, APPEND, REQUIRED | INDEXED, NULL },
  { "worker", N_("Worker"), REFERENCE, VISITS, NEVER, APPEND, PLAIN, "worker" },
  { "how", N_("How"), CHOICE, VISITS, CONSENT, APPEND, REQUIRED, "visit_how" },
  { "language", N_("Language used"), LANGUAGE, VISITS, CONSENT, APPEND, PLAIN, NULL },
  { "mediator", N_("Mediator"), CHOICE, VISITS, CONSENT, APPEND, PLAIN, "mediator" },
  { "mediator_worker", N_("Mediator's name"), REFERENCE, VISITS, NEVER, APPEND, PLAIN, "worker" },
  { "minutes", N_("Minutes"), INTEGER, VISITS, NEVER, APPEND, PLAIN, NULL },
  { "domains", N_("What we talked about"), SET, VISITS, CONSENT, APPEND, PLAIN, "domain" },
  { "summary", N_("What was said"), TEXT, VISITS, CONSENT, APPEND, SEARCHED | LONG, NULL },
  { "told", N_("What we told them"), TEXT, VISITS, CONSENT, APPEND, SEARCHED | LONG, NULL },
  { "next_step", N_("What happens next"), TEXT, VISITS, CONSENT, APPEND, PLAIN, NULL },
  { "next_who", N_("Who does it"), CHOICE, VISITS, CONSENT, APPEND, PLAIN, "who" },
  { "next_by", N_("By when"), DATE, VISITS, CONSENT, APPEND, PLAIN, NULL },
  { "notes", N_("Worker's notes"), TEXT, NOTES, NEVER, APPEND, LONG, NULL },
  { "corrects", N_("Corrects"), REFERENCE, VISITS, NEVER, APPEND, AUTOMATIC, "visit" },
};

static const TesseraField advice_fields[] = {
  { "client", N_("Client"), REFERENCE, VISITS, NEVER, APPEND, REQUIRED | INDEXED, "client" },
  { "visit", N_("Visit"), REFERENCE, VISITS, NEVER, APPEND, PLAIN, "visit" },
  { "at", N_("When"), INSTANT, VISITS, CONSENT, APPEND, REQUIRED, NULL },
  { "domain", N_("Topic"), CHOICE, VISITS, CONSENT, APPEND, PLAIN, "domain" },
  { "text", N_("What we told them"), TEXT, VISITS, CONSENT, APPEND, REQUIRED | LONG, NULL },
};

static const TesseraField appointment_fields[] = {
  { "client", N_("Client"), REFERENCE, VISITS, NEVER, LAST, REQUIRED | INDEXED, "client" },
  { "at", N_("When"), INSTANT, VISITS, CONSENT, LAST, REQUIRED | INDEXED, NULL },
  { "worker", N_("Worker"), REFERENCE, VISITS, NEVER, LAST, PLAIN, "worker" },
  { "place", N_("Where"), TEXT, VISITS, CONSENT, LAST, PLAIN, NULL },
  { "about", N_("About"), TEXT, VISITS, CONSENT, LAST, PLAIN, NULL },
  { "state", N_("State"), CHOICE, VISITS, NEVER, LAST, PLAIN, "appointment_state" },
};

static const TesseraField note_fields[] = {
  { "client", N_("Client"), REFERENCE, NOTES, NEVER, APPEND, REQUIRED | INDEXED, "client" },
  { "at", N_("When"), INSTANT, NOTES, NEVER, APPEND, REQUIRED, NULL },
  { "worker", N_("Worker"), REFERENCE, NOTES, NEVER, APPEND, PLAIN, "worker" },
  { "text", N_("Note"), TEXT, NOTES, NEVER, APPEND, REQUIRED | LONG, NULL },
};

static const TesseraField story_fields[] = {
  { "client", N_("Client"), REFERENCE, STORY, NEVER, LAST, REQUIRED | INDEXED, "client" },
  { "language", N_("Language"), LANGUAGE, STORY, CONSENT, LAST, PLAIN, NULL },
  { "text", N_("In their own words"), TEXT, STORY, CONSENT, CONFLICT, REQUIRED | LONG, NULL },
  { "translation", N_("In the worker's language"), TEXT, STORY, CONSENT, LAST, LONG, NULL },
  { "place", N_("Order"), INTEGER, STORY, CONSENT, LAST, PLAIN, NULL },
};

/* A paper of the client, kept in the file. With a consent that names documents a partner learns that it is there; the
 * content itself stays at home. */
static const TesseraField document_fields[] = {
  { "client", N_("Client"), REFERENCE, DOCUMENTS, NEVER, LAST, REQUIRED | INDEXED, "client" },
  { "title", N_("Title"), TEXT, DOCUMENTS, CONSENT, LAST, REQUIRED | SEARCHED, NULL },
  { "kind", N_("Kind"), CHOICE, DOCUMENTS, CONSENT, LAST, REQUIRED, "document_kind" },
  { "date", N_("Date on it"), DATE, DOCUMENTS, CONSENT, LAST, PLAIN, NULL },
  { "note", N_("Note"), TEXT, NOTES, NEVER, LAST, LONG, NULL },
  { "file_name", N_("File name"), TEXT, DOCUMENTS, NEVER, LAST, AUTOMATIC, NULL },
  { "media_type", N_("File type"), TEXT, DOCUMENTS, NEVER, LAST, AUTOMATIC, NULL },
  { "size", N_("Size"), INTEGER, DOCUMENTS, NEVER, LAST, AUTOMATIC, NULL },
  { "attachment", N_("Content"), BLOB, DOCUMENTS, NEVER, LAST, AUTOMATIC | INDEXED, NULL },
  { "worker", N_("Worker"), REFERENCE, DOCUMENTS, NEVER, LAST, AUTOMATIC, "worker" },
  { "added_at", N_("Added"), INSTANT, DOCUMENTS, NEVER, LAST, AUTOMATIC, NULL },
  { "removed_at", N_("Removed"), INSTANT, DOCUMENTS, NEVER, LAST, AUTOMATIC, NULL },
};

const TesseraEntity tessera_people_entities[] = {
  TESSERA_ENTITY (worker, N_("Worker"), 1, TESSERA_ENTITY_PLAIN, NULL),
  TESSERA_ENTITY (device, N_("Device"), 2, TESSERA_ENTITY_PLAIN, NULL),
  TESSERA_ENTITY (household, N_("Household"), 3, TESSERA_ENTITY_PLAIN, NULL),
  TESSERA_ENTITY (client, N_("Client"), 4, TESSERA_ENTITY_PLAIN, "id"),
  TESSERA_ENTITY (household_member, N_("Household member"), 5, TESSERA_ENTITY_PLAIN, "client"),
  TESSERA_ENTITY (visit, N_("Visit"), 6, TESSERA_ENTITY_APPEND_ONLY, "client"),
  TESSERA_ENTITY (advice, N_("Advice"), 7, TESSERA_ENTITY_APPEND_ONLY, "client"),
  TESSERA_ENTITY (appointment, N_("Appointment"), 8, TESSERA_ENTITY_PLAIN, "client"),
  TESSERA_ENTITY (note, N_("Note"), 9, TESSERA_ENTITY_APPEND_ONLY, "client"),
  TESSERA_ENTITY (story, N_("Story sheet"), 10, TESSERA_ENTITY_PLAIN, "client"),
  TESSERA_ENTITY (document, N_("Document"), 11, TESSERA_ENTITY_PLAIN, "client"),
};
const guint tessera_n_people_entities = G_N_ELEMENTS (tessera_people_entities);
