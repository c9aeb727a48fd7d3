/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-key-file.c: vault.keys as text, and its authenticator.
 *
 * The text is canonical: parsing writes it again and compares, so no byte of the file is without meaning. How
 * the file gets onto the disk is in tessera-key-file-disk.c, what a slot holds in tessera-key-slot.c.
 */
#include "config.h"

#include "tessera-key-file.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "tessera-sodium.h"
#include "tessera-vault.h"

#define STEM "tessera vault keys "
#define VERSION_NUMBER 2
#define VERSION G_STRINGIFY (VERSION_NUMBER)
#define MAC_BYTES 32
#define SUM_BYTES 16
#define SLOT_LIMIT 128
#define FIELDS_RECOVERY 5 /* and one more with a box */
#define FIELDS_WORKER 10

/* A hostile file must not make a computer calculate for hours. */
#define PASSES_LIMIT 32
#define KIBIBYTES_MINIMUM 8
#define KIBIBYTES_LIMIT (4 * 1024 * 1024)

#define CONTEXT_MAC "TesKyMac"

TesseraKeyFile *
tessera_key_file_new (void)
{
  TesseraKeyFile *self = g_new0 (TesseraKeyFile, 1);

  tessera_sodium_ensure ();
  randombytes_buf (self->id, sizeof self->id);
  self->next = TESSERA_KEY_FILE_RECOVERY_SLOT + 1;
  self->slots = g_array_new (FALSE, TRUE, sizeof (TesseraKeySlot));
  return self;
}

TesseraKeyFile *
tessera_key_file_copy (const TesseraKeyFile *self)
{
  TesseraKeyFile *copy = g_memdup2 (self, sizeof *self);

  copy->slots = g_array_copy (self->slots);
  return copy;
}

void
tessera_key_file_free (TesseraKeyFile *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->slots);
  g_free (self);
}

/* ---- writing ---- */

static void
append_hex (GString *text, const guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
}

static void
append_head (GString *text, const TesseraKeyFile *self)
{
  g_string_append (text, STEM VERSION "\nvault ");
  append_hex (text, self->id, sizeof self->id);
  g_string_append_c (text, '\n');
}

/* The line of @slot up to what is sealed. */
static void
append_slot_facts (GString *text, const TesseraKeySlot *slot)
{
  if (slot->number == TESSERA_KEY_FILE_RECOVERY_SLOT) {
    g_string_append_printf (text, "slot %u recovery ", slot->number);
  } else {
    g_string_append_printf (text, "slot %u worker ", slot->number);
    append_hex (text, slot->name, sizeof slot->name);
    g_string_append_printf (text, " argon2id13 %u %u ", slot->passes, slot->kibibytes);
    append_hex (text, slot->salt, sizeof slot->salt);
    g_string_append_c (text, ' ');
  }
  append_hex (text, slot->public_key, sizeof slot->public_key);
}

char *
tessera_key_file_describe_slot (const TesseraKeyFile *self, const TesseraKeySlot *slot)
{
  GString *text = g_string_new (NULL);

  append_head (text, self);
  append_slot_facts (text, slot);
  return g_string_free (text, FALSE);
}

static GString *
body_text (const TesseraKeyFile *self)
{
  GString *text = g_string_new (NULL);

  append_head (text, self);
  g_string_append_printf (text, "store %s\nnext %u\n", self->has_store ? "made" : "none", self->next);
  for (guint i = 0; i < self->slots->len; i++) {
    const TesseraKeySlot *slot = &g_array_index (self->slots, TesseraKeySlot, i);

    append_slot_facts (text, slot);
    g_string_append_c (text, ' ');
    append_hex (text, slot->sealed, sizeof slot->sealed);
    if (slot->has_box) {
      g_string_append_c (text, ' ');
      append_hex (text, slot->box, sizeof slot->box);
    }
    g_string_append_c (text, '\n');
  }
  return text;
}

TesseraSecret *
tessera_key_file_subkey (const TesseraSecret *data_key, const char *context, guint64 id)
{
  TesseraSecret *subkey = tessera_secret_new (TESSERA_KEY_FILE_KEY_BYTES);

  G_STATIC_ASSERT (crypto_kdf_CONTEXTBYTES == 8);
  g_assert (strlen (context) == crypto_kdf_CONTEXTBYTES);
  crypto_kdf_derive_from_key (tessera_secret_get_writable (subkey), TESSERA_KEY_FILE_KEY_BYTES, id, context,
                              tessera_secret_get_data (data_key));
  return subkey;
}

static void
compute_mac (const GString *body, const TesseraSecret *data_key, guint8 mac[MAC_BYTES])
{
  g_autoptr (TesseraSecret) key = tessera_key_file_subkey (data_key, CONTEXT_MAC, 0);

  crypto_generichash (mac, MAC_BYTES, (const guint8 *) body->str, body->len, tessera_secret_get_data (key),
                      TESSERA_KEY_FILE_KEY_BYTES);
}

char *
tessera_key_file_serialize (TesseraKeyFile *self, const TesseraSecret *data_key)
{
  GString *text = body_text (self);
  guint8 sum[SUM_BYTES];

  if (data_key != NULL)
    compute_mac (text, data_key, self->mac);
  g_string_append (text, "mac ");
  append_hex (text, self->mac, sizeof self->mac);
  g_string_append_c (text, '\n');
  /* No secret in this one: it tells an accident from a wrong passphrase before anybody has waited for Argon2.
   */
  crypto_generichash (sum, sizeof sum, (const guint8 *) text->str, text->len, NULL, 0);
  g_string_append (text, "sum ");
  append_hex (text, sum, sizeof sum);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

gboolean
tessera_key_file_verify (TesseraKeyFile *self, const TesseraSecret *data_key)
{
  GString *body = body_text (self);
  guint8 mac[MAC_BYTES];

  compute_mac (body, data_key, mac);
  g_string_free (body, TRUE);
  return sodium_memcmp (mac, self->mac, sizeof mac) == 0;
}

/* ---- reading ---- */

static gboolean
parse_hex (const char *text, guint8 *out, gsize size)
{
  gsize length = 0;

  return strlen (text) == size * 2 && sodium_hex2bin (out, size, text, size * 2, NULL, &length, NULL) == 0 &&
         length == size;
}

static gboolean
parse_number (const char *text, guint64 minimum, guint64 maximum, guint32 *ret_number)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, minimum, maximum, &number, NULL))
    return FALSE;
  *ret_number = (guint32) number;
  return TRUE;
}

/* What both kinds of slots end with: @fields begins with the public key. */
static gboolean
parse_slot_keys (char **fields, TesseraKeySlot *slot)
{
  slot->has_box = fields[2] != NULL;
  return parse_hex (fields[0], slot->public_key, sizeof slot->public_key) &&
         parse_hex (fields[1], slot->sealed, sizeof slot->sealed) &&
         (!slot->has_box || parse_hex (fields[2], slot->box, sizeof slot->box));
}

static gboolean
parse_slot (char **fields, TesseraKeySlot *slot)
{
  guint count = g_strv_length (fields);

  if (count == FIELDS_RECOVERY || count == FIELDS_RECOVERY + 1)
    return strcmp (fields[1], "0") == 0 && strcmp (fields[2], "recovery") == 0 &&
           parse_slot_keys (fields + 3, slot);
  return (count == FIELDS_WORKER || count == FIELDS_WORKER + 1) &&
         parse_number (fields[1], 1, G_MAXUINT16, &slot->number) && strcmp (fields[2], "worker") == 0 &&
         parse_hex (fields[3], slot->name, sizeof slot->name) && strcmp (fields[4], "argon2id13") == 0 &&
         parse_number (fields[5], 1, PASSES_LIMIT, &slot->passes) &&
         parse_number (fields[6], KIBIBYTES_MINIMUM, KIBIBYTES_LIMIT, &slot->kibibytes) &&
         parse_hex (fields[7], slot->salt, sizeof slot->salt) && parse_slot_keys (fields + 8, slot);
}

static gboolean
add_parsed_slot (TesseraKeyFile *self, char **fields)
{
  TesseraKeySlot slot = { 0 };
  guint count = self->slots->len;

  if (count >= SLOT_LIMIT || !parse_slot (fields, &slot))
    return FALSE;
  if (count == 0 ? slot.number != TESSERA_KEY_FILE_RECOVERY_SLOT
                 : slot.number <= g_array_index (self->slots, TesseraKeySlot, count - 1).number)
    return FALSE;
  g_array_append_val (self->slots, slot);
  return TRUE;
}

static gboolean
parse_line (TesseraKeyFile *self, guint number, const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, " ", FIELDS_WORKER + 2);

  if (fields[0] == NULL || fields[1] == NULL)
    return FALSE;
  if (strcmp (fields[0], "slot") == 0)
    return number >= 4 && add_parsed_slot (self, fields);
  if (strcmp (fields[0], "mac") == 0)
    return parse_hex (fields[1], self->mac, sizeof self->mac);
  if (number == 1 && strcmp (fields[0], "vault") == 0)
    return parse_hex (fields[1], self->id, sizeof self->id);
  if (number == 2 && strcmp (fields[0], "store") == 0) {
    self->has_store = strcmp (fields[1], "made") == 0;
    return TRUE;
  }
  if (number == 3 && strcmp (fields[0], "next") == 0)
    return parse_number (fields[1], 1, G_MAXUINT16, &self->next);
  return number == 0 || strcmp (fields[0], "sum") == 0;
}

/* The number in the first line; 0 if there is none. */
static guint
read_version (const char *text)
{
  const char *version = text + strlen (STEM);
  gsize digits;

  if (!g_str_has_prefix (text, STEM))
    return 0;
  digits = strspn (version, "0123456789");
  if (digits == 0 || digits > 9 || version[0] == '0' || version[digits] != '\n')
    return 0;
  return (guint) g_ascii_strtoull (version, NULL, 10);
}

/* Another version number says so, whatever follows it. */
static gboolean
check_version (const char *text, GError **error)
{
  guint version = read_version (text);

  if (version == VERSION_NUMBER)
    return TRUE;
  if (version > VERSION_NUMBER)
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_TOO_NEW,
                 _("The key file was written by a newer Tessera; update Tessera on this computer."));
  else if (version > 0)
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_TOO_OLD,
                 _("The key file was written by a trial version of Tessera, which is no longer read; make a new "
                   "vault."));
  else
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
                 _("The key file “%s” is damaged or is no key file; put a copy from a backup in its place."),
                 TESSERA_KEY_FILE_NAME);
  return FALSE;
}

/* Whether the text ends as every key file ends. */
static gboolean
is_complete (const char *text, gsize size)
{
  const gsize ending = strlen ("\nsum ") + SUM_BYTES * 2 + 1;

  return size > ending && text[size - 1] == '\n' &&
         memcmp (text + size - ending, "\nsum ", strlen ("\nsum ")) == 0;
}

TesseraKeyFile *
tessera_key_file_parse (const char *text, gsize size, GError **error)
{
  g_autoptr (TesseraKeyFile) self = tessera_key_file_new ();
  g_autofree char *copy = g_strndup (text, size);
  g_autofree char *again = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean good = strlen (copy) == size;

  if (size < strlen (STEM) || !is_complete (text, size)) {
    if (size >= strlen (STEM) && !check_version (copy, error))
      return NULL;
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
                 _("The key file “%s” is cut off; put a copy from a backup in its place."),
                 TESSERA_KEY_FILE_NAME);
    return NULL;
  }
  if (!check_version (copy, error))
    return NULL;
  lines = g_strsplit (copy, "\n", -1);
  for (guint i = 0; good && lines[i] != NULL && lines[i][0] != '\0'; i++)
    good = parse_line (self, i, lines[i]);
  again = tessera_key_file_serialize (self, NULL);
  if (!good || self->slots->len < 2 || strlen (again) != size || memcmp (again, text, size) != 0) {
    g_set_error (error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_DAMAGED,
                 _("The key file “%s” is damaged; put a copy from a backup in its place."),
                 TESSERA_KEY_FILE_NAME);
    return NULL;
  }
  return g_steal_pointer (&self);
}

/* ---- finding slots ---- */

void
tessera_key_file_hash_name (TesseraKeyFile *self, const char *worker, guint8 out[TESSERA_KEY_FILE_NAME_BYTES])
{
  g_autofree char *stripped = g_strstrip (g_strdup (worker));
  g_autofree char *composed = g_utf8_normalize (stripped, -1, G_NORMALIZE_NFC);
  g_autofree char *folded = composed != NULL ? g_utf8_casefold (composed, -1) : NULL;
  g_autofree char *name = folded != NULL ? g_utf8_normalize (folded, -1, G_NORMALIZE_NFC) : NULL;
  const char *bytes = name != NULL ? name : stripped;

  crypto_generichash (out, TESSERA_KEY_FILE_NAME_BYTES, (const guint8 *) bytes, strlen (bytes), self->id,
                      sizeof self->id);
}

TesseraKeySlot *
tessera_key_file_find (TesseraKeyFile *self, const char *worker)
{
  guint8 name[TESSERA_KEY_FILE_NAME_BYTES];

  tessera_key_file_hash_name (self, worker, name);
  for (guint i = 0; i < self->slots->len; i++) {
    TesseraKeySlot *slot = &g_array_index (self->slots, TesseraKeySlot, i);

    if (slot->number != TESSERA_KEY_FILE_RECOVERY_SLOT && memcmp (slot->name, name, sizeof name) == 0)
      return slot;
  }
  return NULL;
}

TesseraKeySlot *
tessera_key_file_find_number (TesseraKeyFile *self, guint number)
{
  for (guint i = 0; i < self->slots->len; i++) {
    TesseraKeySlot *slot = &g_array_index (self->slots, TesseraKeySlot, i);

    if (slot->number == number)
      return slot;
  }
  return NULL;
}

guint
tessera_key_file_count_workers (TesseraKeyFile *self)
{
  return self->slots->len > 0 ? self->slots->len - 1 : 0;
}
