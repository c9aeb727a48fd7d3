/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-entities-directory.c: the service map, in the words of HSDS 3 (Open Referral, schema reference).
 *
 * Fields are named as in HSDS without the _id of references. `extra` keeps members we do not know, as JSON, so that
 * they are written back unchanged. Texts in further languages are rows of `translation`.
 */
#include "tessera-entities.h"

static const TesseraField organization_fields[] = {
  { "name", N_("Name"), TEXT, NONE, PUBLIC, LAST, REQUIRED | SEARCHED | TRANSLATED, NULL },
  { "description", N_("Description"), TEXT, NONE, PUBLIC, LAST, LONG | TRANSLATED, NULL },
  { "alternate_name", N_("Other name"), TEXT, NONE, PUBLIC, LAST, SEARCHED | TRANSLATED, NULL },
  { "email", N_("Email"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "website", N_("Website"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "legal_status", N_("Legal form"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "year_incorporated", N_("Founded"), INTEGER, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "logo", N_("Logo address"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "uri", N_("Address on the web"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "parent_organization", N_("Part of"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "organization" },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField program_fields[] = {
  { "organization", N_("Organization"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "organization" },
  { "name", N_("Name"), TEXT, NONE, PUBLIC, LAST, REQUIRED | TRANSLATED, NULL },
  { "alternate_name", N_("Other name"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "description", N_("Description"), TEXT, NONE, PUBLIC, LAST, LONG | TRANSLATED, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField service_fields[] = {
  { "organization", N_("Organization"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "organization" },
  { "program", N_("Program"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "program" },
  { "name", N_("Name"), TEXT, NONE, PUBLIC, LAST, REQUIRED | SEARCHED | TRANSLATED | INDEXED, NULL },
  { "alternate_name", N_("Other name"), TEXT, NONE, PUBLIC, LAST, SEARCHED | TRANSLATED, NULL },
  { "description", N_("Description"), TEXT, NONE, PUBLIC, LAST, SEARCHED | LONG | TRANSLATED, NULL },
  { "url", N_("Website"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "email", N_("Email"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "status", N_("Status"), CHOICE, NONE, PUBLIC, LAST, INDEXED, "service_status" },
  { "interpretation_services", N_("Interpretation"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "application_process", N_("How to get it"), TEXT, NONE, PUBLIC, LAST, SEARCHED | LONG | TRANSLATED, NULL },
  { "fees_description", N_("Cost"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "accreditations", N_("Accreditations"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "eligibility_description", N_("Who it is for"), TEXT, NONE, PUBLIC, LAST, SEARCHED | LONG | TRANSLATED, NULL },
  { "minimum_age", N_("Youngest age"), NUMBER, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "maximum_age", N_("Oldest age"), NUMBER, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "assured_date", N_("Checked on"), DATE, NONE, PUBLIC, LAST, INDEXED, NULL },
  { "assurer_email", N_("Checked by"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "alert", N_("Alert"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "last_modified", N_("Changed"), INSTANT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField location_fields[] = {
  { "organization", N_("Organization"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "organization" },
  { "location_type", N_("Kind of place"), CHOICE, NONE, PUBLIC, LAST, PLAIN, "location_type" },
  { "name", N_("Name"), TEXT, NONE, PUBLIC, LAST, SEARCHED | TRANSLATED, NULL },
  { "alternate_name", N_("Other name"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "description", N_("Description"), TEXT, NONE, PUBLIC, LAST, LONG | TRANSLATED, NULL },
  { "transportation", N_("How to get there"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "latitude", N_("Latitude"), NUMBER, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "longitude", N_("Longitude"), NUMBER, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "url", N_("Website"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "external_identifier", N_("External identifier"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "external_identifier_type", N_("Kind of identifier"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField service_at_location_fields[] = {
  { "service", N_("Service"), REFERENCE, NONE, PUBLIC, LAST, REQUIRED | INDEXED, "service" },
  { "location", N_("Place"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "location" },
  { "description", N_("Description"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField address_fields[] = {
  { "location", N_("Place"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "location" },
  { "attention", N_("Attention"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "address_1", N_("Address"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "address_2", N_("Address, second line"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "city", N_("City"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "region", N_("Region"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "state_province", N_("Province"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "postal_code", N_("Postal code"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "country", N_("Country"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "address_type", N_("Kind of address"), CHOICE, NONE, PUBLIC, LAST, PLAIN, "location_type" },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField phone_fields[] = {
  { "organization", N_("Organization"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "organization" },
  { "service", N_("Service"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "service" },
  { "location", N_("Place"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "location" },
  { "contact", N_("Contact"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "contact" },
  { "service_at_location", N_("Service at place"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "service_at_location" },
  { "number", N_("Number"), TEXT, NONE, PUBLIC, LAST, REQUIRED, NULL },
  { "extension", N_("Extension"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "type", N_("Kind"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "description", N_("Description"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField contact_fields[] = {
  { "organization", N_("Organization"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "organization" },
  { "service", N_("Service"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "service" },
  { "service_at_location", N_("Service at place"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "service_at_location" },
  { "location", N_("Place"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "location" },
  { "name", N_("Name"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "title", N_("Title"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "department", N_("Department"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "email", N_("Email"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField schedule_fields[] = {
  { "service", N_("Service"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "service" },
  { "location", N_("Place"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "location" },
  { "service_at_location", N_("Service at place"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "service_at_location" },
  { "valid_from", N_("Valid from"), DATE, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "valid_to", N_("Valid to"), DATE, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "dtstart", N_("Starts"), DATE, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "until", N_("Until"), DATE, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "count", N_("Times"), INTEGER, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "wkst", N_("Week starts"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "freq", N_("How often"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "interval", N_("Every"), INTEGER, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "byday", N_("Days"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "byweekno", N_("Weeks of the year"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "bymonthday", N_("Days of the month"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "byyearday", N_("Days of the year"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "opens_at", N_("Opens"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "closes_at", N_("Closes"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "description", N_("Opening times"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "notes", N_("Remarks"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField language_fields[] = {
  { "service", N_("Service"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "service" },
  { "location", N_("Place"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "location" },
  { "phone", N_("Phone"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "phone" },
  { "name", N_("Name"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "code", N_("Language"), LANGUAGE, NONE, PUBLIC, LAST, INDEXED, NULL },
  { "note", N_("Remark"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField cost_option_fields[] = {
  { "service", N_("Service"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "service" },
  { "valid_from", N_("Valid from"), DATE, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "valid_to", N_("Valid to"), DATE, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "option", N_("Option"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "currency", N_("Currency"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "amount", N_("Amount"), NUMBER, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "amount_description", N_("About the amount"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField required_document_fields[] = {
  { "service", N_("Service"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "service" },
  { "document", N_("Document"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "uri", N_("Address on the web"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField service_area_fields[] = {
  { "service", N_("Service"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "service" },
  { "service_at_location", N_("Service at place"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "service_at_location" },
  { "name", N_("Name"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "description", N_("Description"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "extent", N_("Extent"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "extent_type", N_("Kind of extent"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "uri", N_("Address on the web"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField accessibility_fields[] = {
  { "location", N_("Place"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "location" },
  { "description", N_("Description"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "details", N_("Details"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "url", N_("Website"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField capacity_fields[] = {
  { "service", N_("Service"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "service" },
  { "unit", N_("Unit"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "available", N_("Available"), NUMBER, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "maximum", N_("At most"), NUMBER, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "description", N_("Description"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "updated", N_("Updated"), INSTANT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField attribute_fields[] = {
  { "link_id", N_("About"), TEXT, NONE, PUBLIC, LAST, INDEXED, NULL },
  { "link_entity", N_("Kind of row"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "link_type", N_("Kind of link"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "taxonomy_term", N_("Term"), REFERENCE, NONE, PUBLIC, LAST, INDEXED, "taxonomy_term" },
  { "value", N_("Value"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "label", N_("Label"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField taxonomy_term_fields[] = {
  { "code", N_("Code"), TEXT, NONE, PUBLIC, LAST, INDEXED, NULL },
  { "name", N_("Name"), TEXT, NONE, PUBLIC, LAST, REQUIRED | TRANSLATED, NULL },
  { "description", N_("Description"), TEXT, NONE, PUBLIC, LAST, TRANSLATED, NULL },
  { "parent", N_("Under"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "taxonomy_term" },
  { "taxonomy", N_("Taxonomy"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "language", N_("Language"), LANGUAGE, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "term_uri", N_("Address on the web"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
  { "extra", N_("Other data"), TEXT, NONE, PUBLIC, LAST, AUTOMATIC, NULL },
};

static const TesseraField translation_fields[] = {
  { "entity", N_("Entity"), TEXT, NONE, PUBLIC, LAST, REQUIRED, NULL },
  { "row", N_("Row"), TEXT, NONE, PUBLIC, LAST, REQUIRED | INDEXED, NULL },
  { "field", N_("Field"), TEXT, NONE, PUBLIC, LAST, REQUIRED, NULL },
  { "language", N_("Language"), LANGUAGE, NONE, PUBLIC, LAST, REQUIRED | INDEXED, NULL },
  { "text", N_("Text"), TEXT, NONE, PUBLIC, LAST, SEARCHED | LONG, NULL },
};

static const TesseraField verification_fields[] = {
  { "service", N_("Service"), REFERENCE, NONE, PUBLIC, LAST, REQUIRED | INDEXED, "service" },
  { "on_date", N_("Checked on"), DATE, NONE, PUBLIC, LAST, REQUIRED, NULL },
  { "worker", N_("Checked by"), REFERENCE, NONE, PUBLIC, LAST, PLAIN, "worker" },
  { "result", N_("Result"), CHOICE, NONE, PUBLIC, LAST, PLAIN, "verification_result" },
  { "notes", N_("Remarks"), TEXT, NONE, PUBLIC, LAST, PLAIN, NULL },
};

const TesseraEntity tessera_directory_entities[] = {
  TESSERA_ENTITY (organization, N_("Organization"), 60, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (program, N_("Program"), 61, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (service, N_("Service"), 62, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (location, N_("Place"), 63, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (service_at_location, N_("Service at place"), 64, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (address, N_("Address"), 65, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (phone, N_("Phone"), 66, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (contact, N_("Contact"), 67, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (schedule, N_("Opening times"), 68, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (language, N_("Language"), 69, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (cost_option, N_("Cost"), 70, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (required_document, N_("Required document"), 71, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (service_area, N_("Service area"), 72, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (accessibility, N_("Accessibility"), 73, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (capacity, N_("Capacity"), 74, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (attribute, N_("Attribute"), 75, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (taxonomy_term, N_("Term"), 76, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (translation, N_("Translation"), 77, TESSERA_ENTITY_DIRECTORY, NULL),
  TESSERA_ENTITY (verification, N_("Verification"), 78, TESSERA_ENTITY_DIRECTORY, NULL),
};
const guint tessera_n_directory_entities = G_N_ELEMENTS (tessera_directory_entities);
