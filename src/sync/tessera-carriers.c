/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carriers.c: the carriers of this device, kept as settings.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "tessera-carriers.h"
#include "tessera-roster-table.h"

#define PREFIX "carrier."
#define NAME_LIMIT 60
#define USER_LIMIT 255
#define PIN_LENGTH 64

G_DEFINE_QUARK (tessera-carriers-error-quark, tessera_carriers_error)

void
tessera_carrier_settings_free (TesseraCarrierSettings *self) {
  if (!self)
    return;
  g_free (self->name);
  g_free (self->uri);
  g_free (self->user);
  g_free (self->pin);
  g_free (self->problem);
  g_free (self);
}

static gboolean
refuse (GError **error, const char *message) {
  g_set_error_literal (error, TESSERA_CARRIERS_ERROR, TESSERA_CARRIERS_ERROR_INVALID, message);
  return FALSE;
}

/* ---- what a person typed ---- */

static gboolean
has_control_characters (const char *text) {
  for (const char *at = text; *at; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return TRUE;
  return FALSE;
}

static char *
check_name (const char *text, GError **error) {
  g_autofree char *name = text && g_utf8_validate (text, -1, NULL)
                            ? g_utf8_normalize (text, -1, G_NORMALIZE_DEFAULT_COMPOSE) : NULL;

  if (name)
    g_strstrip (name);
  if (name && *name && g_utf8_strlen (name, -1) <= NAME_LIMIT && !has_control_characters (name))
    return g_steal_pointer (&name);
  refuse (error, _("The name of a carrier is 1 to 60 characters on one line; choose another."));
  return NULL;
}

static gboolean
is_loopback (const char *host) {
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address ? g_inet_address_get_is_loopback (address) : g_ascii_strcasecmp (host, "localhost") == 0;
}

/* The library's parser takes blanks and the like for part of a name. */
static gboolean
is_host (const char *host) {
  if (!host || !*host)
    return FALSE;
  for (const guchar *at = (const guchar *) host; *at; at++)
    if (*at < 128 && !g_ascii_isalnum (*at) && !strchr (".-_:", *at))
      return FALSE;
  return TRUE;
}

/* An address that says only where: who and with which password are told apart, and never shown. */
static char *
check_address (const char *place, GError **error) {
  g_autoptr (GUri) uri = g_uri_parse (place, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);
  const char *host = uri ? g_uri_get_host (uri) : NULL;

  if (!is_host (host) || g_uri_get_fragment (uri) || g_uri_get_query (uri)) {
    refuse (error, _("This is not the address of a folder on a server; it looks like "
                     "https://cloud.example.org/remote.php/dav/files/NAME/."));
    return NULL;
  }
  if (g_uri_get_userinfo (uri)) {
    refuse (error, _("Leave user and password out of the address; they are given on their own."));
    return NULL;
  }
  if (g_str_equal (g_uri_get_scheme (uri), "http") && !is_loopback (host)) {
    refuse (error, _("Without encryption everybody on the way could read the password; use an https:// address."));
    return NULL;
  }
  return g_uri_to_string (uri);
}

static char *
check_folder (const char *place, GError **error) {
  g_autofree char *path = NULL;
  g_autofree char *whole = NULL;

  if (g_ascii_strncasecmp (place, "file:", 5) != 0) {
    path = g_strdup (place);
  } else {
    g_autofree char *host = NULL;

    path = g_filename_from_uri (place, &host, NULL);
    if (!path || host) {
      refuse (error, _("This is not the address of a folder of this computer; it looks like file:///media/stick."));
      return NULL;
    }
  }
  whole = g_canonicalize_filename (path, NULL);
  return g_filename_to_uri (whole, NULL, error);
}

static gboolean
set_place (TesseraCarrierSettings *self, const char *place, GError **error) {
  g_autofree char *scheme = g_uri_parse_scheme (place);

  if (!*place)
    return refuse (error, _("Say where the carrier is: a folder, or the https:// address of a server."));
  if (!scheme || g_ascii_strcasecmp (scheme, "file") == 0) {
    self->kind = TESSERA_CARRIER_FOLDER;
    self->uri = check_folder (place, error);
  } else if (g_ascii_strcasecmp (scheme, "https") == 0 || g_ascii_strcasecmp (scheme, "http") == 0) {
    self->kind = TESSERA_CARRIER_WEBDAV;
    self->uri = check_address (place, error);
  } else {
    return refuse (error, _("A carrier is a folder or an https:// address; other kinds are not known."));
  }
  return self->uri != NULL;
}

TesseraCarrierSettings *
tessera_carrier_settings_new (const char *name, const char *place, GError **error) {
  g_autoptr (TesseraCarrierSettings) self = g_new0 (TesseraCarrierSettings, 1);

  self->name = check_name (name, error);
  if (!self->name || !set_place (self, place, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
tessera_carrier_settings_set_user (TesseraCarrierSettings *self, const char *user, GError **error) {
  if (user && self->kind != TESSERA_CARRIER_WEBDAV)
    return refuse (error, _("A folder has no user; leave it out."));
  if (user && (!*user || strlen (user) > USER_LIMIT || !g_utf8_validate (user, -1, NULL)
               || has_control_characters (user) || strchr (user, ':')))
    return refuse (error, _("This cannot be the name of a user on a server."));
  g_free (self->user);
  self->user = g_strdup (user);
  return TRUE;
}

gboolean
tessera_carrier_settings_set_pin (TesseraCarrierSettings *self, const char *pin, GError **error) {
  g_autoptr (GString) digits = g_string_new (NULL);

  if (pin && self->kind != TESSERA_CARRIER_WEBDAV)
    return refuse (error, _("A folder has no certificate; leave the fingerprint out."));
  for (const char *at = pin; at && *at; at++) {
    if (*at == ':' || *at == ' ')
      continue;
    if (!g_ascii_isxdigit (*at) || digits->len == PIN_LENGTH)
      return refuse (error, _("The fingerprint of a certificate is its SHA-256: 64 hexadecimal digits."));
    g_string_append_c (digits, g_ascii_tolower (*at));
  }
  if (pin && digits->len != PIN_LENGTH)
    return refuse (error, _("The fingerprint of a certificate is its SHA-256: 64 hexadecimal digits."));
  g_free (self->pin);
  self->pin = pin ? g_strdup (digits->str) : NULL;
  return TRUE;
}

char *
tessera_carrier_settings_get_place (const TesseraCarrierSettings *self) {
  g_autofree char *path = self->kind == TESSERA_CARRIER_FOLDER ? g_filename_from_uri (self->uri, NULL, NULL) : NULL;

  return path ? g_filename_display_name (path) : g_strdup (self->uri);
}

/* ---- as settings ---- */

static char *
get_key (const char *name) {
  return g_strconcat (PREFIX, name, NULL);
}

static char *
get_password_key (const char *name) {
  return g_strconcat (PREFIX, name, ".password", NULL);
}

static void
set_text (JsonObject *object, const char *member, const char *value) {
  if (value)
    json_object_set_string_member (object, member, value);
}

static char *
settings_to_text (const TesseraCarrierSettings *self) {
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  set_text (object, "kind", self->kind == TESSERA_CARRIER_FOLDER ? "folder" : "webdav");
  set_text (object, "uri", self->uri);
  set_text (object, "user", self->user);
  set_text (object, "pin", self->pin);
  json_object_set_boolean_member (object, "metered", self->metered);
  json_object_set_boolean_member (object, "paused", self->paused);
  json_object_set_int_member (object, "succeeded_at", self->succeeded_at);
  set_text (object, "problem", self->problem);
  json_object_set_boolean_member (object, "needs_person", self->needs_person);
  json_object_set_int_member (object, "failures", self->n_failures);
  json_object_set_int_member (object, "next_try", self->next_try);
  json_node_take_object (node, object);
  return json_to_string (node, FALSE);
}

static char *
get_text (JsonObject *object, const char *member) {
  return g_strdup (json_object_get_string_member_with_default (object, member, NULL));
}

static TesseraCarrierSettings *
settings_from_text (const char *name, const char *text) {
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  JsonObject *object = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autoptr (TesseraCarrierSettings) self = g_new0 (TesseraCarrierSettings, 1);

  if (!object)
    return NULL;
  self->name = g_strdup (name);
  self->kind = g_str_equal (json_object_get_string_member_with_default (object, "kind", ""), "webdav")
                 ? TESSERA_CARRIER_WEBDAV : TESSERA_CARRIER_FOLDER;
  self->uri = get_text (object, "uri");
  self->user = get_text (object, "user");
  self->pin = get_text (object, "pin");
  self->metered = json_object_get_boolean_member_with_default (object, "metered", FALSE);
  self->paused = json_object_get_boolean_member_with_default (object, "paused", FALSE);
  self->succeeded_at = json_object_get_int_member_with_default (object, "succeeded_at", 0);
  self->problem = get_text (object, "problem");
  self->needs_person = json_object_get_boolean_member_with_default (object, "needs_person", FALSE);
  self->n_failures = (guint) CLAMP (json_object_get_int_member_with_default (object, "failures", 0), 0, G_MAXINT);
  self->next_try = json_object_get_int_member_with_default (object, "next_try", 0);
  return self->uri ? g_steal_pointer (&self) : NULL;
}

GPtrArray *
tessera_carriers_list (TesseraTransaction *transaction, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_prepare (
    transaction, "SELECT key, value FROM setting WHERE key >= 'carrier.' AND key < 'carrier/' ORDER BY key", error);
  g_autoptr (GPtrArray) carriers = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_carrier_settings_free);
  GError *local_error = NULL;

  if (!statement)
    return NULL;
  while (tessera_statement_step (statement, &local_error)) {
    TesseraCarrierSettings *settings = settings_from_text (tessera_statement_get_text (statement, 0) + strlen (PREFIX),
                                                           tessera_statement_get_text (statement, 1));

    if (settings)
      g_ptr_array_add (carriers, settings);
  }
  if (!local_error)
    return g_steal_pointer (&carriers);
  g_propagate_error (error, local_error);
  return NULL;
}

static TesseraCarrierSettings *
look_up (TesseraTransaction *transaction, const char *name) {
  g_autofree char *normal = check_name (name, NULL);
  g_autofree char *key = normal ? get_key (normal) : NULL;
  g_autofree char *text = key ? tessera_transaction_get_setting (transaction, key) : NULL;

  return text ? settings_from_text (normal, text) : NULL;
}

static char *
join_names (GPtrArray *carriers) {
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < carriers->len; i++)
    g_string_append_printf (names, "%s“%s”", i > 0 ? ", " : "", ((TesseraCarrierSettings *) carriers->pdata[i])->name);
  return g_string_free (names, FALSE);
}

TesseraCarrierSettings *
tessera_carriers_find (TesseraTransaction *transaction, const char *name, GError **error) {
  g_autoptr (TesseraCarrierSettings) settings = look_up (transaction, name);
  g_autoptr (GPtrArray) carriers = NULL;
  g_autofree char *names = NULL;

  if (settings)
    return g_steal_pointer (&settings);
  carriers = tessera_carriers_list (transaction, error);
  if (!carriers)
    return NULL;
  names = join_names (carriers);
  if (carriers->len > 0)
    g_set_error (error, TESSERA_CARRIERS_ERROR, TESSERA_CARRIERS_ERROR_NOT_FOUND,
                 _("There is no carrier “%s”; there are: %s."), name, names);
  else
    g_set_error (error, TESSERA_CARRIERS_ERROR, TESSERA_CARRIERS_ERROR_NOT_FOUND,
                 _("There is no carrier “%s”; add one first."), name);
  return NULL;
}

gboolean
tessera_carriers_save (TesseraTransaction *transaction, const TesseraCarrierSettings *settings, GError **error) {
  g_autofree char *key = get_key (settings->name);
  g_autofree char *before = tessera_transaction_get_setting (transaction, key);
  g_autofree char *text = settings_to_text (settings);

  return g_strcmp0 (before, text) == 0 || tessera_transaction_set_setting (transaction, key, text, error);
}

static gboolean
put_password (TesseraTransaction *transaction, const char *name, const TesseraSecret *password, GError **error) {
  g_autofree char *key = get_password_key (name);

  return password ? tessera_transaction_put_secret (transaction, key, password, error)
                  : tessera_transaction_drop_secret (transaction, key, error);
}

TesseraSecret *
tessera_carriers_get_password (TesseraTransaction *transaction, const char *name) {
  g_autofree char *key = get_password_key (name);

  return tessera_transaction_get_secret (transaction, key);
}

gboolean
tessera_carriers_add (TesseraTransaction *transaction, const TesseraCarrierSettings *settings,
                      const TesseraSecret *password, GError **error) {
  g_autoptr (TesseraCarrierSettings) existing = look_up (transaction, settings->name);

  if (existing) {
    g_set_error (error, TESSERA_CARRIERS_ERROR, TESSERA_CARRIERS_ERROR_EXISTS,
                 _("There is already a carrier “%s”; remove it first, or choose another name."), settings->name);
    return FALSE;
  }
  return put_password (transaction, settings->name, password, error)
         && tessera_carriers_save (transaction, settings, error);
}

gboolean
tessera_carriers_set_password (TesseraTransaction *transaction, const char *name, const TesseraSecret *password,
                               GError **error) {
  g_autoptr (TesseraCarrierSettings) settings = tessera_carriers_find (transaction, name, error);

  if (!settings)
    return FALSE;
  settings->needs_person = FALSE;
  settings->next_try = 0;
  settings->n_failures = 0;
  return put_password (transaction, settings->name, password, error)
         && tessera_carriers_save (transaction, settings, error);
}

static gboolean
forget_deliveries (TesseraTransaction *transaction, const char *name, GError **error) {
  g_autoptr (TesseraStatement) statement = tessera_transaction_select (transaction, "delivery", "WHERE carrier = ?1",
                                                                       error);
  g_autoptr (GPtrArray) deliveries = NULL;

  if (!statement)
    return FALSE;
  tessera_statement_bind_text (statement, 1, name);
  deliveries = tessera_statement_collect (statement, error);
  for (guint i = 0; deliveries && i < deliveries->len; i++)
    if (!tessera_transaction_delete (transaction, deliveries->pdata[i], error))
      return FALSE;
  return deliveries != NULL;
}

gboolean
tessera_carriers_remove (TesseraTransaction *transaction, const char *name, GError **error) {
  g_autoptr (TesseraCarrierSettings) settings = tessera_carriers_find (transaction, name, error);
  g_autofree char *key = settings ? get_key (settings->name) : NULL;

  return settings && forget_deliveries (transaction, settings->name, error)
         && put_password (transaction, settings->name, NULL, error)
         && tessera_transaction_drop_setting (transaction, key, error);
}
