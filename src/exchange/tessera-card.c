/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-card.c: writing and reading cards. Format: docs/bundle-format.md, Cards.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-age.h"
#include "tessera-base32.h"
#include "tessera-card.h"
#include "tessera-json-fields.h"
#include "tessera-manifest.h"
#include "tessera-signed-line.h"

static void
card_device_free (gpointer pointer) {
  TesseraCardDevice *device = pointer;

  g_free (device->id);
  g_free (device->encryption);
  g_free (device);
}

TesseraCard *
tessera_card_new (void) {
  TesseraCard *self = g_new0 (TesseraCard, 1);

  self->devices = g_ptr_array_new_with_free_func (card_device_free);
  return self;
}

void
tessera_card_add_device (TesseraCard *self, const char *id, const char *encryption) {
  TesseraCardDevice *device = g_new0 (TesseraCardDevice, 1);

  device->id = g_strdup (id);
  device->encryption = g_strdup (encryption);
  g_ptr_array_add (self->devices, device);
}

static JsonArray *
build_devices (const TesseraCard *card) {
  JsonArray *devices = json_array_new ();

  for (guint i = 0; i < card->devices->len; i++) {
    const TesseraCardDevice *device = card->devices->pdata[i];
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "id", device->id);
    json_object_set_string_member (object, "enc", device->encryption);
    json_array_add_object_element (devices, object);
  }
  return devices;
}

static const TesseraSignedLine kind = {
  TESSERA_CARD_FORMAT, TESSERA_CARD_MAX_SIZE,
  N_("This file is not a card; ask the partner for the file they exported with “partner card”."),
  N_("This card was changed after it was made; ask the partner for it again."),
};

char *
tessera_card_sign (const TesseraCard *card, const TesseraSecret *key, GError **error) {
  g_autofree char *about = g_strdup_printf ("card %" G_GINT64_FORMAT " of this organization", card->number);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "org", card->organization);
  json_object_set_string_member (object, "name", card->name);
  tessera_json_take_text (object, "key", tessera_minisign_public_key_to_text (card->root_key));
  json_object_set_int_member (object, "n", card->number);
  tessera_json_take_text (object, "created", tessera_instant_to_text (card->created));
  tessera_json_take_text (object, "expires", tessera_instant_to_text (card->expires));
  if (card->mailbox)
    json_object_set_string_member (object, "mailbox", card->mailbox);
  json_object_set_array_member (object, "languages", tessera_json_build_tags (card->languages));
  json_object_set_array_member (object, "devices", build_devices (card));
  return tessera_signed_line_write (&kind, object, about, key, error);
}

static gboolean
read_device (TesseraCard *card, JsonObject *object) {
  guint8 key[TESSERA_AGE_KEY_SIZE];

  if (!object || !tessera_is_hex (tessera_json_peek_text (object, "id"), TESSERA_MANIFEST_ID_DIGITS)
      || !tessera_age_public_key_from_text (tessera_json_peek_text (object, "enc"), key, NULL))
    return FALSE;
  tessera_card_add_device (card, tessera_json_peek_text (object, "id"), tessera_json_peek_text (object, "enc"));
  return TRUE;
}

static gboolean
read_devices (TesseraCard *card, JsonObject *object) {
  JsonArray *array = tessera_json_peek_array (object, "devices");

  if (!array || json_array_get_length (array) < 1 || json_array_get_length (array) > TESSERA_CARD_MAX_DEVICES)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_device (card, tessera_json_peek_element_object (array, i)))
      return FALSE;
  return TRUE;
}

/* Cards had no mailbox at first; a wrong one is worse than none. */
static gboolean
read_mailbox (TesseraCard *card, JsonObject *object) {
  if (!json_object_has_member (object, "mailbox"))
    return TRUE;
  card->mailbox = g_strdup (tessera_json_peek_text (object, "mailbox"));
  return tessera_base32_is_mailbox (card->mailbox);
}

static gboolean
read_fields (TesseraCard *card, JsonObject *object) {
  card->organization = g_strdup (tessera_json_peek_text (object, "org"));
  card->name = tessera_json_read_name (object, "name");
  card->languages = tessera_json_read_tags (object, "languages");
  return tessera_is_hex (card->organization, TESSERA_MANIFEST_ID_DIGITS) && card->name
         && tessera_minisign_public_key_from_text (tessera_json_peek_text (object, "key"), card->root_key, NULL, NULL)
         && tessera_json_read_number (object, "n", &card->number)
         && tessera_instant_from_text (tessera_json_peek_text (object, "created"), &card->created)
         && tessera_instant_from_text (tessera_json_peek_text (object, "expires"), &card->expires)
         && read_mailbox (card, object) && read_devices (card, object);
}

TesseraCard *
tessera_card_parse (const char *text, gsize length, gint64 now, GError **error) {
  g_autoptr (TesseraCard) card = tessera_card_new ();
  g_autoptr (JsonNode) root = tessera_signed_line_parse (&kind, text, length, error);

  if (!root)
    return NULL;
  if (!read_fields (card, json_node_get_object (root))) {
    tessera_signed_line_set_malformed (error);
    return NULL;
  }
  if (!tessera_signed_line_verify (&kind, text, length, card->root_key, error))
    return NULL;
  if (now && card->expires < now) {
    g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_EXPIRED,
                         _("This card is past its date; ask the partner for a new one."));
    return NULL;
  }
  return g_steal_pointer (&card);
}

void
tessera_card_free (TesseraCard *self) {
  if (!self)
    return;
  g_free (self->organization);
  g_free (self->name);
  g_free (self->languages);
  g_free (self->mailbox);
  g_ptr_array_unref (self->devices);
  g_free (self);
}

char *
tessera_card_relation_mailbox (const char *card_mailbox, const char *sender_organization) {
  guint8 hash[16];

  crypto_generichash (hash, sizeof hash, (const guint8 *) sender_organization, strlen (sender_organization),
                      (const guint8 *) card_mailbox, strlen (card_mailbox));
  return tessera_base32_encode (hash, sizeof hash);
}
