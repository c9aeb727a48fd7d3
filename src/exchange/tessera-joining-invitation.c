/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-joining-invitation.c: writing and reading invitations. Format: docs/bundle-format.md, Invitation.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-age-armor.h"
#include "tessera-age.h"
#include "tessera-attachment.h"
#include "tessera-base32.h"
#include "tessera-base64.h"
#include "tessera-certificate.h"
#include "tessera-joining.h"
#include "tessera-json-fields.h"
#include "tessera-manifest.h"
#include "tessera-signed-line.h"

/* Of one device; more are in the roster. */
#define MOST_CIRCLES 64

static const TesseraSignedLine kind = {
  TESSERA_INVITATION_FORMAT, TESSERA_INVITATION_MAX_SIZE,
  N_("This file is not an invitation; ask the supervisor for the one that “team admit” wrote."),
  N_("This invitation was not signed by the organization it names; do not use it, and tell the supervisor."),
};

TesseraInvitation *
tessera_invitation_new (void) {
  TesseraInvitation *self = g_new0 (TesseraInvitation, 1);

  self->circles = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_roster_circle_free);
  return self;
}

void
tessera_invitation_free (TesseraInvitation *self) {
  if (!self)
    return;
  g_free (self->organization);
  g_free (self->name);
  g_free (self->languages);
  g_free (self->device);
  g_free (self->worker);
  g_free (self->role);
  g_free (self->certificate);
  g_free (self->certificate_signature);
  g_ptr_array_unref (self->circles);
  g_clear_pointer (&self->attachment_key, tessera_secret_free);
  g_free (self);
}

/* ---- writing ---- */

static void
put_attachment_key (JsonObject *object, const TesseraSecret *key) {
  char text[sodium_base64_ENCODED_LEN (TESSERA_ATTACHMENT_KEY_SIZE, sodium_base64_VARIANT_ORIGINAL)];

  sodium_bin2base64 (text, sizeof text, tessera_secret_get_data (key), TESSERA_ATTACHMENT_KEY_SIZE,
                     sodium_base64_VARIANT_ORIGINAL);
  json_object_set_string_member (object, "att", text);
  sodium_memzero (text, sizeof text);
}

static JsonObject *
build_object (const TesseraInvitation *self, guint n_circles) {
  JsonObject *object = json_object_new ();
  JsonArray *circles = json_array_new ();

  for (guint i = 0; i < n_circles; i++) {
    const TesseraRosterCircle *circle = self->circles->pdata[i];
    JsonObject *one = json_object_new ();

    json_object_set_string_member (one, "id", circle->id);
    json_object_set_string_member (one, "name", circle->name);
    json_object_set_string_member (one, "mailbox", circle->mailbox);
    json_array_add_object_element (circles, one);
  }
  json_object_set_string_member (object, "org", self->organization);
  json_object_set_string_member (object, "name", self->name);
  tessera_json_take_text (object, "key", tessera_minisign_public_key_to_text (self->root_key));
  json_object_set_array_member (object, "languages", tessera_json_build_tags (self->languages));
  json_object_set_string_member (object, "dev", self->device);
  json_object_set_string_member (object, "worker", self->worker);
  json_object_set_string_member (object, "role", self->role);
  json_object_set_string_member (object, "cert", self->certificate);
  json_object_set_string_member (object, "cert_sig", self->certificate_signature);
  json_object_set_array_member (object, "circles", circles);
  if (self->attachment_key)
    put_attachment_key (object, self->attachment_key);
  json_object_set_int_member (object, "roster", self->roster);
  tessera_json_take_text (object, "created", tessera_instant_to_text (self->created));
  tessera_json_take_text (object, "expires", tessera_instant_to_text (self->expires));
  return object;
}

/* To one device and no decoys: it is handed over, not left on a carrier. */
static GBytes *
seal_text (const char *text, const char *encryption, GError **error) {
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (TesseraAgeWriter) writer = NULL;
  guint8 key[TESSERA_AGE_KEY_SIZE];

  if (!tessera_age_public_key_from_text (encryption, key, error))
    return NULL;
  writer = tessera_age_writer_new (output, key, 1, FALSE, error);
  if (!writer || !tessera_age_writer_write (writer, text, strlen (text), error)
      || !tessera_age_writer_finish (writer, error) || !g_output_stream_close (output, NULL, error))
    return NULL;
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}

static char *
seal_with (const TesseraInvitation *self, guint n_circles, const TesseraSecret *root, const char *encryption,
           GError **error) {
  g_autofree char *text =
    tessera_signed_line_write (&kind, build_object (self, n_circles), "invitation of one device", root, error);
  g_autoptr (GBytes) file = text ? seal_text (text, encryption, error) : NULL;

  if (text)
    sodium_memzero (text, strlen (text));
  return file ? tessera_age_armor (file) : NULL;
}

char *
tessera_invitation_seal (const TesseraInvitation *self, const TesseraSecret *root, const char *encryption,
                         GError **error) {
  guint n_circles = MIN (self->circles->len, MOST_CIRCLES);
  char *armored = seal_with (self, n_circles, root, encryption, error);

  while (armored && strlen (armored) > TESSERA_INVITATION_QR_SIZE && n_circles > 1) {
    g_free (armored);
    armored = seal_with (self, --n_circles, root, encryption, error);
  }
  return armored;
}

/* ---- reading ---- */

static char *
unseal_text (const char *armored, gsize length, const TesseraSecret *const *keys, gsize n_keys, GError **error) {
  g_autoptr (GBytes) file = tessera_age_dearmor (armored, length, error);
  g_autoptr (GInputStream) source = file ? g_memory_input_stream_new_from_bytes (file) : NULL;
  g_autoptr (TesseraAgeInputStream) input = NULL;
  g_autofree char *text = g_malloc0 (TESSERA_INVITATION_MAX_SIZE + 2);
  gsize size;

  input = source ? tessera_age_input_stream_new (source, keys, n_keys, error) : NULL;
  if (!input
      || !g_input_stream_read_all (G_INPUT_STREAM (input), text, TESSERA_INVITATION_MAX_SIZE + 1, &size, NULL, error))
    return NULL;
  if (size <= TESSERA_INVITATION_MAX_SIZE && strlen (text) == size)
    return g_steal_pointer (&text);
  tessera_signed_line_set_malformed (error);
  return NULL;
}

static gboolean
read_circles (TesseraInvitation *self, JsonObject *object) {
  JsonArray *array = tessera_json_peek_array (object, "circles");
  guint count = array ? json_array_get_length (array) : 0;

  for (guint i = 0; i < count && i < MOST_CIRCLES; i++) {
    JsonObject *circle = tessera_json_peek_element_object (array, i);
    const char *id = circle ? tessera_json_peek_text (circle, "id") : "";
    const char *mailbox = circle ? tessera_json_peek_text (circle, "mailbox") : "";
    g_autofree char *name = circle ? tessera_json_read_name (circle, "name") : NULL;

    if (!tessera_is_hex (id, TESSERA_MANIFEST_ID_DIGITS) || !name || !tessera_base32_is_mailbox (mailbox))
      return FALSE;
    g_ptr_array_add (self->circles, tessera_roster_circle_new (id, name, mailbox));
  }
  return count >= 1 && count <= MOST_CIRCLES;
}

static gboolean
read_attachment_key (TesseraInvitation *self, JsonObject *object) {
  const char *text = tessera_json_peek_text (object, "att");
  gsize size = 0;

  if (!json_object_has_member (object, "att"))
    return TRUE;
  self->attachment_key = tessera_secret_new (TESSERA_ATTACHMENT_KEY_SIZE);
  return tessera_base64_decode (text, strlen (text), TRUE, tessera_secret_get_writable (self->attachment_key),
                                TESSERA_ATTACHMENT_KEY_SIZE, &size)
         && size == TESSERA_ATTACHMENT_KEY_SIZE;
}

static gboolean
read_fields (TesseraInvitation *self, JsonObject *object) {
  static const char *const roles[] = { "worker", "mediator", "supervisor", NULL };

  self->organization = g_strdup (tessera_json_peek_text (object, "org"));
  self->name = tessera_json_read_name (object, "name");
  self->languages = tessera_json_read_tags (object, "languages");
  self->device = g_strdup (tessera_json_peek_text (object, "dev"));
  self->worker = g_strdup (tessera_json_peek_text (object, "worker"));
  self->role = g_strdup (tessera_json_peek_text (object, "role"));
  self->certificate = g_strdup (tessera_json_peek_text (object, "cert"));
  self->certificate_signature = g_strdup (tessera_json_peek_text (object, "cert_sig"));
  return tessera_is_hex (self->organization, TESSERA_MANIFEST_ID_DIGITS) && self->name
         && tessera_minisign_public_key_from_text (tessera_json_peek_text (object, "key"), self->root_key, NULL, NULL)
         && tessera_is_hex (self->device, TESSERA_MANIFEST_ID_DIGITS)
         && tessera_is_hex (self->worker, TESSERA_MANIFEST_ID_DIGITS) && g_strv_contains (roles, self->role)
         && read_circles (self, object) && read_attachment_key (self, object) && tessera_json_read_number (object, "roster", &self->roster)
         && tessera_instant_from_text (tessera_json_peek_text (object, "created"), &self->created)
         && tessera_instant_from_text (tessera_json_peek_text (object, "expires"), &self->expires);
}

/* The certificate is what partners will see; one that they would refuse is found out here. */
static gboolean
check_certificate (const TesseraInvitation *self, GError **error) {
  g_autoptr (TesseraMinisignSignature) signature = NULL;
  g_autoptr (TesseraCertificate) certificate = NULL;
  gsize length = strlen (self->certificate);

  signature = tessera_minisign_signature_parse (self->certificate_signature, strlen (self->certificate_signature), error);
  if (!signature
      || !tessera_minisign_signature_verify (signature, self->root_key, self->certificate, length, error))
    return FALSE;
  certificate = tessera_certificate_parse (self->certificate, length, error);
  if (!certificate)
    return FALSE;
  return (strcmp (certificate->organization, self->organization) == 0
          && strcmp (certificate->device, self->device) == 0)
         || tessera_signed_line_set_malformed (error);
}

TesseraInvitation *
tessera_invitation_open (const char *armored, gsize length, const TesseraSecret *const *keys, gsize n_keys,
                         GError **error) {
  g_autofree char *text = unseal_text (armored, length, keys, n_keys, error);
  g_autoptr (JsonNode) root = text ? tessera_signed_line_parse (&kind, text, strlen (text), error) : NULL;
  g_autoptr (TesseraInvitation) self = tessera_invitation_new ();

  gboolean good = root != NULL;

  if (good && !read_fields (self, json_node_get_object (root)))
    good = tessera_signed_line_set_malformed (error);
  good = good && tessera_signed_line_verify (&kind, text, strlen (text), self->root_key, error)
         && check_certificate (self, error);
  if (text)
    sodium_memzero (text, strlen (text));
  return good ? g_steal_pointer (&self) : NULL;
}
