/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-registry.c: the built-in tables and an organization's own fields, found by name or number.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-entities.h"
#include "tessera-record.h"

struct _TesseraRegistry {
  GObject parent_instance;

  GPtrArray *entities;   /* TesseraEntity, NULL-terminated; ours, so that fields can be added */
  GHashTable *by_name;
  GHashTable *by_number;
};

G_DEFINE_FINAL_TYPE (TesseraRegistry, tessera_registry, G_TYPE_OBJECT)

static void
entity_free (TesseraEntity *entity) {
  g_free ((gpointer) entity->fields);
  g_free (entity);
}

/* Field tables are copied so that an added field leaves the built-in ones alone; the strings stay static. */
static void
add_entities (TesseraRegistry *self, const TesseraEntity *entities, guint n_entities) {
  for (guint i = 0; i < n_entities; i++) {
    TesseraEntity *entity = g_memdup2 (&entities[i], sizeof entities[i]);

    entity->fields = g_memdup2 (entities[i].fields, entities[i].n_fields * sizeof (TesseraField));
    g_ptr_array_add (self->entities, entity);
    g_hash_table_insert (self->by_name, (gpointer) entity->name, entity);
    g_hash_table_insert (self->by_number, GUINT_TO_POINTER (entity->number), entity);
  }
}

static void
tessera_registry_finalize (GObject *object) {
  TesseraRegistry *self = TESSERA_REGISTRY (object);

  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->by_number);
  g_ptr_array_unref (self->entities);
  G_OBJECT_CLASS (tessera_registry_parent_class)->finalize (object);
}

static void
tessera_registry_class_init (TesseraRegistryClass *class) {
  G_OBJECT_CLASS (class)->finalize = tessera_registry_finalize;
}

static void
tessera_registry_init (TesseraRegistry *self) {
  self->entities = g_ptr_array_new_null_terminated (64, (GDestroyNotify) entity_free, TRUE);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_number = g_hash_table_new (NULL, NULL);
  add_entities (self, tessera_people_entities, tessera_n_people_entities);
  add_entities (self, tessera_pathway_entities, tessera_n_pathway_entities);
  add_entities (self, tessera_sharing_entities, tessera_n_sharing_entities);
  add_entities (self, tessera_directory_entities, tessera_n_directory_entities);
}

TesseraRegistry *
tessera_registry_new (void) {
  return g_object_new (TESSERA_TYPE_REGISTRY, NULL);
}

static gboolean
check_new_field (const TesseraEntity *entity, const TesseraField *field, GError **error) {
  gboolean needs_vocabulary = field->type == TESSERA_FIELD_CHOICE || field->type == TESSERA_FIELD_SET;

  if (!g_str_has_prefix (field->name, "x_") || tessera_entity_find_field (entity, field->name) >= 0) {
    g_set_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_INVALID,
                 _("A field of your own needs a new name that begins with x_; “%s” does not."), field->name);
    return FALSE;
  }
  for (const char *c = field->name; *c; c++) {
    if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && *c != '_') {
      g_set_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_INVALID,
                   _("The name of a field is made of small letters, digits and _; “%s” is not."), field->name);
      return FALSE;
    }
  }
  if (needs_vocabulary && g_strcmp0 (field->of, "language") != 0
      && (!field->of || !tessera_vocabulary_find (field->of))) {
    g_set_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_INVALID,
                 _("There is no vocabulary “%s” for the field “%s”."), field->of ? field->of : "", field->name);
    return FALSE;
  }
  return TRUE;
}

gboolean
tessera_registry_add_field (TesseraRegistry *self, const char *name, const TesseraField *field, GError **error) {
  TesseraEntity *entity = g_hash_table_lookup (self->by_name, name);
  g_autofree TesseraField *fields = NULL;
  TesseraField *added;

  if (!entity) {
    g_set_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_UNKNOWN_ENTITY,
                 _("There is no kind of record called “%s”."), name);
    return FALSE;
  }
  if (!check_new_field (entity, field, error))
    return FALSE;

  fields = g_new (TesseraField, entity->n_fields + 1);
  memcpy (fields, entity->fields, entity->n_fields * sizeof *fields);
  added = &fields[entity->n_fields];
  *added = *field;
  added->name = g_intern_string (field->name);
  added->label = g_intern_string (field->label);
  added->of = field->of ? g_intern_string (field->of) : NULL;
  g_free ((gpointer) entity->fields);
  entity->fields = g_steal_pointer (&fields);
  entity->n_fields++;
  return TRUE;
}

const TesseraEntity *
tessera_registry_get_entity (TesseraRegistry *self, const char *name) {
  return g_hash_table_lookup (self->by_name, name);
}

const TesseraEntity *
tessera_registry_get_entity_by_number (TesseraRegistry *self, guint number) {
  return g_hash_table_lookup (self->by_number, GUINT_TO_POINTER (number));
}

const TesseraEntity *const *
tessera_registry_get_entities (TesseraRegistry *self) {
  return (const TesseraEntity *const *) self->entities->pdata;
}

int
tessera_entity_find_field (const TesseraEntity *entity, const char *name) {
  for (guint i = 0; i < entity->n_fields; i++)
    if (strcmp (entity->fields[i].name, name) == 0)
      return (int) i;
  return -1;
}

const char *
tessera_entity_get_label (const TesseraEntity *entity) {
  return _(entity->label);
}

const char *
tessera_field_get_label (const TesseraField *field) {
  return _(field->label);
}

/* language[-Script][-REGION][-variant…] (RFC 5646 section 2.1, without extensions and private use). */
gboolean
tessera_language_is_valid (const char *tag) {
  g_auto (GStrv) parts = g_strsplit (tag, "-", -1);

  for (guint i = 0; parts[i]; i++) {
    gsize length = strlen (parts[i]);

    if (i == 0 ? (length < 2 || length > 3) : (length < 2 || length > 8))
      return FALSE;
    for (const char *c = parts[i]; *c; c++)
      if (i == 0 ? !g_ascii_isalpha (*c) : !g_ascii_isalnum (*c))
        return FALSE;
  }
  return parts[0] != NULL;
}
