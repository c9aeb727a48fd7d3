/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-roster.c: a roster in memory: making, copying, looking up.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-base32.h"
#include "tessera-manifest.h"
#include "tessera-merge.h"
#include "tessera-roster.h"

G_DEFINE_QUARK (tessera-roster-error-quark, tessera_roster_error)

TesseraRosterCircle *
tessera_roster_circle_new (const char *id, const char *name, const char *mailbox) {
  TesseraRosterCircle *self = g_new0 (TesseraRosterCircle, 1);

  self->id = g_strdup (id);
  self->name = g_strdup (name);
  self->mailbox = g_strdup (mailbox);
  return self;
}

void
tessera_roster_circle_free (TesseraRosterCircle *self) {
  if (!self)
    return;
  g_free (self->id);
  g_free (self->name);
  g_free (self->mailbox);
  g_free (self);
}

static void
device_free (gpointer pointer) {
  TesseraRosterDevice *device = pointer;

  g_free (device->id);
  g_free (device->name);
  g_free (device->worker);
  g_free (device->role);
  g_ptr_array_unref (device->encryption);
  g_ptr_array_unref (device->circles);
  g_clear_pointer (&device->last, g_hash_table_unref);
  g_free (device);
}

TesseraRoster *
tessera_roster_new (void) {
  TesseraRoster *self = g_new0 (TesseraRoster, 1);

  self->circles = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_roster_circle_free);
  self->devices = g_ptr_array_new_with_free_func (device_free);
  return self;
}

void
tessera_roster_free (TesseraRoster *self) {
  if (!self)
    return;
  g_free (self->organization);
  g_free (self->name);
  g_free (self->previous);
  g_free (self->card);
  g_ptr_array_unref (self->circles);
  g_ptr_array_unref (self->devices);
  g_free (self);
}

TesseraRosterCircle *
tessera_roster_add_circle (TesseraRoster *self, const char *id, const char *name) {
  g_autofree char *random = tessera_manifest_new_id ();
  g_autofree char *mailbox = tessera_base32_new_mailbox ();
  TesseraRosterCircle *circle = tessera_roster_circle_new (id ? id : random, name, mailbox);

  g_ptr_array_add (self->circles, circle);
  return circle;
}

TesseraRosterDevice *
tessera_roster_add_device (TesseraRoster *self, const char *id) {
  TesseraRosterDevice *device = g_new0 (TesseraRosterDevice, 1);

  device->id = g_strdup (id);
  device->state = TESSERA_DEVICE_ACTIVE;
  device->encryption = g_ptr_array_new_with_free_func (g_free);
  device->circles = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->devices, device);
  return device;
}

static void
copy_texts (GPtrArray *from, GPtrArray *to) {
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (to, g_strdup (from->pdata[i]));
}

static void
copy_device (TesseraRoster *self, const TesseraRosterDevice *from) {
  TesseraRosterDevice *device = tessera_roster_add_device (self, from->id);
  GHashTableIter iter;
  gpointer stream, sequence;

  device->name = g_strdup (from->name);
  device->worker = g_strdup (from->worker);
  device->role = g_strdup (from->role);
  memcpy (device->signing_key, from->signing_key, sizeof device->signing_key);
  copy_texts (from->encryption, device->encryption);
  copy_texts (from->circles, device->circles);
  device->state = from->state;
  device->since = from->since;
  if (!from->last)
    return;
  device->last = tessera_vector_new ();
  g_hash_table_iter_init (&iter, from->last);
  while (g_hash_table_iter_next (&iter, &stream, &sequence))
    tessera_vector_set (device->last, stream, *(gint64 *) sequence);
}

TesseraRoster *
tessera_roster_copy (const TesseraRoster *self) {
  TesseraRoster *copy = tessera_roster_new ();

  copy->organization = g_strdup (self->organization);
  copy->name = g_strdup (self->name);
  copy->version = self->version;
  copy->previous = g_strdup (self->previous);
  copy->created = self->created;
  copy->expires = self->expires;
  copy->card = g_strdup (self->card);
  for (guint i = 0; i < self->circles->len; i++) {
    const TesseraRosterCircle *from = self->circles->pdata[i];

    g_ptr_array_add (copy->circles, tessera_roster_circle_new (from->id, from->name, from->mailbox));
  }
  for (guint i = 0; i < self->devices->len; i++)
    copy_device (copy, self->devices->pdata[i]);
  return copy;
}

const TesseraRosterDevice *
tessera_roster_find_device (const TesseraRoster *self, const char *device) {
  for (guint i = 0; i < self->devices->len; i++) {
    const TesseraRosterDevice *candidate = self->devices->pdata[i];

    if (strcmp (candidate->id, device) == 0)
      return candidate;
  }
  return NULL;
}

const TesseraRosterDevice *
tessera_roster_find_signer (const TesseraRoster *self, const guint8 *signing_key) {
  for (guint i = 0; i < self->devices->len; i++) {
    const TesseraRosterDevice *candidate = self->devices->pdata[i];

    if (memcmp (candidate->signing_key, signing_key, sizeof candidate->signing_key) == 0)
      return candidate;
  }
  return NULL;
}

const TesseraRosterCircle *
tessera_roster_find_circle (const TesseraRoster *self, const char *circle) {
  for (guint i = 0; i < self->circles->len; i++) {
    const TesseraRosterCircle *candidate = self->circles->pdata[i];

    if (strcmp (candidate->id, circle) == 0)
      return candidate;
  }
  return NULL;
}

const TesseraRosterCircle *
tessera_roster_find_circle_by_name (const TesseraRoster *self, const char *name, GError **error) {
  for (guint i = 0; i < self->circles->len; i++) {
    const TesseraRosterCircle *candidate = self->circles->pdata[i];

    if (strcmp (candidate->name, name) == 0)
      return candidate;
  }
  g_set_error (error, TESSERA_ROSTER_ERROR, TESSERA_ROSTER_ERROR_REFUSED,
               _("There is no circle “%s”; “team circle list” names them."), name);
  return NULL;
}

gboolean
tessera_roster_device_is_in (const TesseraRosterDevice *self, const char *circle) {
  return g_ptr_array_find_with_equal_func (self->circles, circle, g_str_equal, NULL);
}

void
tessera_roster_put_in (TesseraRosterDevice *self, const char *circle) {
  if (!tessera_roster_device_is_in (self, circle))
    g_ptr_array_add (self->circles, g_strdup (circle));
}

guint
tessera_roster_count_members (const TesseraRoster *self, const char *circle) {
  guint count = 0;

  for (guint i = 0; i < self->devices->len; i++) {
    const TesseraRosterDevice *device = self->devices->pdata[i];

    if (device->state == TESSERA_DEVICE_ACTIVE && tessera_roster_device_is_in (device, circle))
      count++;
  }
  return count;
}

gboolean
tessera_roster_is_expired (const TesseraRoster *self, gint64 now) {
  return self->expires < now;
}
