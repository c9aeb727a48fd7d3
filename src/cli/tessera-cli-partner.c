/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-partner.c: `partner …`: our card for others, their cards for us, and how sure we are of them.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-cli-fields.h"
#include "tessera-identity.h"
#include "tessera-partners.h"

/* Our card, to a file or to standard output. It is public; nothing in it needs to be kept secret. */
static gboolean
card (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *path = tessera_cli_get_argument (self, 0);
  g_autofree char *text = tessera_identity_make_card (transaction, error);
  g_autofree char *fingerprint = text != NULL ? tessera_identity_get_fingerprint (transaction, error) : NULL;
  JsonObject *object;

  if (fingerprint == NULL || (path != NULL
                              && (!tessera_cli_check_target (self, path, error)
                                  || !g_file_set_contents (path, text, -1, error))))
    return FALSE;
  if (path == NULL && !tessera_cli_is_json (self)) {
    tessera_cli_put_line (self, "%s", g_strchomp (text));
    tessera_cli_warn (self, _("Fingerprint, to be read aloud: %s"), fingerprint);
    return TRUE;
  }
  object = json_object_new ();
  if (path != NULL)
    json_object_set_string_member (object, "file", path);
  json_object_set_string_member (object, "fingerprint", fingerprint);
  if (tessera_cli_is_json (self))
    json_object_set_string_member (object, "card", text);
  tessera_cli_put_object (self, object);
  return TRUE;
}

static gboolean
add (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GBytes) file =
    tessera_cli_read_file (tessera_cli_get_argument (self, 0), TESSERA_CARD_MAX_SIZE, error);
  g_autoptr (TesseraRecord) partner = NULL;

  if (file == NULL)
    return FALSE;
  partner = tessera_partners_add (transaction, g_bytes_get_data (file, NULL), g_bytes_get_size (file), error);
  if (partner == NULL)
    return FALSE;
  tessera_cli_put_record (self, partner);
  return TRUE;
}

static gboolean
list (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  g_autoptr (GPtrArray) partners =
    tessera_transaction_select_records (transaction, "partner", "ORDER BY name, id", NULL, error);

  if (partners == NULL)
    return FALSE;
  tessera_cli_put_records (self, partners, "id name fingerprint trust revoked_at");
  return TRUE;
}

static gboolean
put_partner (TesseraCli *self, TesseraTransaction *transaction, TesseraRecord *partner, GError **error) {
  g_autoptr (TesseraRecord) after =
    tessera_transaction_load (transaction, "partner", tessera_record_get_id (partner), error);

  if (after == NULL)
    return FALSE;
  tessera_cli_put_record (self, after);
  return TRUE;
}

static gboolean
trust (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *text = tessera_cli_get_argument (self, 0);
  g_autoptr (TesseraRecord) partner = tessera_partners_resolve (transaction, text, error);

  return partner != NULL
         && tessera_partners_trust (transaction, tessera_record_get_id (partner),
                                    tessera_cli_get_option (self, "fingerprint"),
                                    tessera_cli_has (self, "in-person") ? "in-person" : "spoken", error)
         && put_partner (self, transaction, partner, error);
}

static gboolean
revoke_partner (TesseraCli *self, TesseraTransaction *transaction, GError **error) {
  const char *text = tessera_cli_get_argument (self, 0);
  g_autoptr (TesseraRecord) partner = tessera_partners_resolve (transaction, text, error);

  return partner != NULL && tessera_partners_revoke (transaction, tessera_record_get_id (partner), error)
         && put_partner (self, transaction, partner, error);
}

const TesseraCommand tessera_partner_commands[] = {
  { "partner", "card", "[FILE]", N_("Makes our card to give to partners, and tells its fingerprint."),
    TESSERA_ACCESS_WRITE, card },
  { "partner", "add", "FILE", N_("Takes in a partner's card; nothing is sent before it is trusted."),
    TESSERA_ACCESS_WRITE, add },
  { "partner", "list", "", N_("Lists partners with fingerprint and trust."), TESSERA_ACCESS_READ, list },
  { "partner", "trust", "ID --fingerprint TEXT [--in-person]",
    N_("The fingerprint was compared with the partner, by telephone or in person."), TESSERA_ACCESS_WRITE,
    trust },
  { "partner", "revoke", "ID", N_("Nothing is sent to or taken from them any more."), TESSERA_ACCESS_WRITE,
    revoke_partner },
  { NULL },
};
