/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-hsds-shape.c: the table of nested objects, and names and ids in HSDS and in the registry.
 */
#include "config.h"

#include "tessera-hsds-shape.h"
#include "tessera-identifier.h"

/* Namespace of ids made from foreign ids (RFC 9562 section 5.5); a random UUID, fixed for ever. */
#define FOREIGN_ID_SPACE "6b1f0c0e-58a4-4c39-9a6e-6f3b0d4b7c11"

#define ONE FALSE
#define MANY TRUE
#define OWN FALSE
#define SHARED TRUE
#define READ FALSE
#define WRITE TRUE

const TesseraHsdsNest tessera_hsds_nests[] = {
  { "service", "organization", "organization", ONE, NULL, "organization", SHARED, WRITE },
  { "service", "program", "program", ONE, NULL, "program", SHARED, WRITE },
  { "service", "service_at_locations", "service_at_location", MANY, "service", NULL, OWN, WRITE },
  { "service", "phones", "phone", MANY, "service", NULL, OWN, WRITE },
  { "service", "contacts", "contact", MANY, "service", NULL, OWN, WRITE },
  { "service", "schedules", "schedule", MANY, "service", NULL, OWN, WRITE },
  { "service", "languages", "language", MANY, "service", NULL, OWN, WRITE },
  { "service", "cost_options", "cost_option", MANY, "service", NULL, OWN, WRITE },
  { "service", "required_documents", "required_document", MANY, "service", NULL, OWN, WRITE },
  { "service", "service_areas", "service_area", MANY, "service", NULL, OWN, WRITE },
  { "service", "capacities", "capacity", MANY, "service", NULL, OWN, WRITE },
  { "organization", "services", "service", MANY, "organization", NULL, OWN, READ },
  { "organization", "locations", "location", MANY, "organization", NULL, SHARED, READ },
  { "organization", "programs", "program", MANY, "organization", NULL, SHARED, READ },
  { "organization", "phones", "phone", MANY, "organization", NULL, OWN, WRITE },
  { "organization", "contacts", "contact", MANY, "organization", NULL, OWN, WRITE },
  { "service_at_location", "location", "location", ONE, NULL, "location", SHARED, WRITE },
  { "service_at_location", "service", "service", ONE, NULL, "service", SHARED, READ },
  { "service_at_location", "phones", "phone", MANY, "service_at_location", NULL, OWN, WRITE },
  { "service_at_location", "contacts", "contact", MANY, "service_at_location", NULL, OWN, WRITE },
  { "service_at_location", "schedules", "schedule", MANY, "service_at_location", NULL, OWN, WRITE },
  { "service_at_location", "service_areas", "service_area", MANY, "service_at_location", NULL, OWN, WRITE },
  { "location", "addresses", "address", MANY, "location", NULL, OWN, WRITE },
  { "location", "phones", "phone", MANY, "location", NULL, OWN, WRITE },
  { "location", "contacts", "contact", MANY, "location", NULL, OWN, WRITE },
  { "location", "schedules", "schedule", MANY, "location", NULL, OWN, WRITE },
  { "location", "languages", "language", MANY, "location", NULL, OWN, WRITE },
  { "location", "accessibility", "accessibility", MANY, "location", NULL, OWN, WRITE },
  { "phone", "languages", "language", MANY, "phone", NULL, OWN, WRITE },
  { "contact", "phones", "phone", MANY, "contact", NULL, OWN, WRITE },
  { "attribute", "taxonomy_term", "taxonomy_term", ONE, NULL, "taxonomy_term", SHARED, WRITE },
  { NULL },
};

/* Attributes may hang under every object but those that describe them. */
static const TesseraHsdsNest attributes_nest =
  { "", "attributes", "attribute", MANY, "link_id", NULL, OWN, WRITE };

const TesseraHsdsNest *
tessera_hsds_find_nest (const char *parent, const char *member) {
  for (const TesseraHsdsNest *nest = tessera_hsds_nests; nest->parent != NULL; nest++) {
    if (g_str_equal (nest->parent, parent) && g_str_equal (nest->member, member))
      return nest;
  }
  if (g_str_equal (member, "attributes") && !g_str_equal (parent, "attribute")
      && !g_str_equal (parent, "taxonomy_term"))
    return &attributes_nest;
  return NULL;
}

int
tessera_hsds_find_field (const TesseraEntity *entity, const char *member) {
  int index = tessera_entity_find_field (entity, member);
  g_autofree char *stem = NULL;

  if (index >= 0) {
    const TesseraField *field = &entity->fields[index];
    gboolean ours = field->type == TESSERA_FIELD_REFERENCE || g_str_equal (field->name, "extra");

    return ours ? -1 : index;
  }
  if (!g_str_has_suffix (member, "_id"))
    return -1;
  stem = g_strndup (member, strlen (member) - 3);
  index = tessera_entity_find_field (entity, stem);
  return index >= 0 && entity->fields[index].type == TESSERA_FIELD_REFERENCE ? index : -1;
}

char *
tessera_hsds_member_name (const TesseraField *field) {
  if (field->type == TESSERA_FIELD_REFERENCE)
    return g_strconcat (field->name, "_id", NULL);
  return g_strdup (field->name);
}

char *
tessera_hsds_canonical_id (const char *entity, const char *text, gboolean *ret_derived) {
  guint8 bytes[16];
  char uuid[37];
  g_autofree char *lower = g_ascii_strdown (text, -1);
  gboolean derived = !tessera_uuid_parse (lower, bytes);
  g_autofree char *name = NULL;

  if (ret_derived != NULL)
    *ret_derived = derived;
  if (!derived) {
    tessera_uuid_format (bytes, uuid);
    return g_strdup (uuid);
  }
  name = g_strconcat (entity, ":", text, NULL);
  return tessera_uuid_for_name (FOREIGN_ID_SPACE, name);
}
