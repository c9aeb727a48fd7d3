/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-record.c: one row in memory: an id and canonical texts in the order of the entity's fields.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-identifier.h"
#include "tessera-record.h"

struct _TesseraRecord {
  GObject parent_instance;

  TesseraRegistry *registry;
  const TesseraEntity *entity;
  char *id;
  char **values;
};

G_DEFINE_FINAL_TYPE (TesseraRecord, tessera_record, G_TYPE_OBJECT)

static void
tessera_record_finalize (GObject *object) {
  TesseraRecord *self = TESSERA_RECORD (object);

  for (guint i = 0; self->values && i < self->entity->n_fields; i++)
    g_free (self->values[i]);
  g_free (self->values);
  g_free (self->id);
  g_clear_object (&self->registry);
  G_OBJECT_CLASS (tessera_record_parent_class)->finalize (object);
}

static void
tessera_record_class_init (TesseraRecordClass *class) {
  G_OBJECT_CLASS (class)->finalize = tessera_record_finalize;
}

static void
tessera_record_init (TesseraRecord *self) {
}

TesseraRecord *
tessera_record_new_for (TesseraRegistry *registry, const TesseraEntity *entity, const char *id) {
  TesseraRecord *self = g_object_new (TESSERA_TYPE_RECORD, NULL);

  self->registry = g_object_ref (registry);
  self->entity = entity;
  self->id = id ? g_strdup (id) : tessera_uuid_new ();
  self->values = g_new0 (char *, entity->n_fields);
  return self;
}

TesseraRecord *
tessera_record_new (TesseraRegistry *registry, const char *name) {
  const TesseraEntity *entity = tessera_registry_get_entity (registry, name);

  g_return_val_if_fail (entity != NULL, NULL);
  return tessera_record_new_for (registry, entity, NULL);
}

TesseraRecord *
tessera_record_copy (TesseraRecord *self) {
  TesseraRecord *copy = tessera_record_new_for (self->registry, self->entity, self->id);

  for (guint i = 0; i < self->entity->n_fields; i++)
    copy->values[i] = g_strdup (self->values[i]);
  return copy;
}

const TesseraEntity *
tessera_record_get_entity (TesseraRecord *self) {
  return self->entity;
}

TesseraRegistry *
tessera_record_get_registry (TesseraRecord *self) {
  return self->registry;
}

const char *
tessera_record_get_id (TesseraRecord *self) {
  return self->id;
}

const char *
tessera_record_get_at (TesseraRecord *self, guint index) {
  g_return_val_if_fail (index < self->entity->n_fields, NULL);
  return self->values[index];
}

const char *const *
tessera_record_peek_values (TesseraRecord *self) {
  return (const char *const *) self->values;
}

const char *
tessera_record_get (TesseraRecord *self, const char *field) {
  int index = tessera_entity_find_field (self->entity, field);

  if (index < 0 && strcmp (field, "id") == 0)
    return self->id;
  g_return_val_if_fail (index >= 0, NULL);
  return self->values[index];
}

gint64
tessera_record_get_integer (TesseraRecord *self, const char *field) {
  const char *value = tessera_record_get (self, field);

  return value ? g_ascii_strtoll (value, NULL, 10) : 0;
}

gboolean
tessera_record_get_boolean (TesseraRecord *self, const char *field) {
  return g_strcmp0 (tessera_record_get (self, field), "1") == 0;
}

char **
tessera_record_get_set (TesseraRecord *self, const char *field) {
  const char *value = tessera_record_get (self, field);

  return value ? g_strsplit (value, ",", -1) : g_new0 (char *, 1);
}

gboolean
tessera_record_set_contains (TesseraRecord *self, const char *field, const char *code) {
  g_auto (GStrv) codes = tessera_record_get_set (self, field);

  return g_strv_contains ((const char *const *) codes, code);
}

void
tessera_record_set_at (TesseraRecord *self, guint index, const char *value) {
  char *copy = value && *value ? g_strdup (value) : NULL;

  g_return_if_fail (index < self->entity->n_fields);
  g_free (self->values[index]);
  self->values[index] = copy;
}

void
tessera_record_set (TesseraRecord *self, const char *field, const char *value) {
  int index = tessera_entity_find_field (self->entity, field);

  g_return_if_fail (index >= 0);
  tessera_record_set_at (self, (guint) index, value);
}

void
tessera_record_set_integer (TesseraRecord *self, const char *field, gint64 value) {
  char text[24];

  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, value);
  tessera_record_set (self, field, text);
}

void
tessera_record_set_boolean (TesseraRecord *self, const char *field, gboolean value) {
  tessera_record_set (self, field, value ? "1" : "0");
}

static void
set_unknown_field_error (TesseraRecord *self, const char *field, GError **error) {
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < self->entity->n_fields; i++)
    if (!(self->entity->fields[i].flags & TESSERA_FIELD_AUTOMATIC))
      g_string_append_printf (known, "%s%s", known->len ? ", " : "", self->entity->fields[i].name);
  g_set_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_UNKNOWN_FIELD,
               _("There is no field “%s” in %s; use one of: %s."), field, self->entity->name, known->str);
}

gboolean
tessera_record_parse (TesseraRecord *self, const char *field, const char *text, GError **error) {
  int index = tessera_entity_find_field (self->entity, field);
  g_autofree char *value = NULL;

  if (index < 0) {
    set_unknown_field_error (self, field, error);
    return FALSE;
  }
  if (text) {
    value = tessera_field_check (&self->entity->fields[index], text, error);
    if (!value)
      return FALSE;
  }
  tessera_record_set_at (self, (guint) index, value);
  return TRUE;
}

gboolean
tessera_record_validate (TesseraRecord *self, GError **error) {
  for (guint i = 0; i < self->entity->n_fields; i++) {
    const TesseraField *field = &self->entity->fields[i];

    if ((field->flags & TESSERA_FIELD_REQUIRED) && !self->values[i]) {
      g_set_error (error, TESSERA_RECORD_ERROR, TESSERA_RECORD_ERROR_MISSING,
                   _("%s (%s) is missing; fill it in and save again."), tessera_field_get_label (field), field->name);
      return FALSE;
    }
  }
  return TRUE;
}
