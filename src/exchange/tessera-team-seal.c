/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team-seal.c: bundles for colleagues, sealed into the outbox.
 *
 * Lines go from the change log through the bundle writer to the file, so memory does not grow with them. They are read on
 * a connection of their own: nobody who looks something up meanwhile has to wait.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-erasing.h"
#include "tessera-outbox.h"
#include "tessera-partners.h"
#include "tessera-post.h"
#include "tessera-team-contents.h"
#include "tessera-team-private.h"

typedef struct {
  TesseraStore *store;
  const char *outbox;
  TesseraTeamLetter *letter;
  TesseraBundleWriter *writer;
  GFileProgressCallback progress;
  gpointer data;
  GCancellable *cancellable;
  guint n_lines;
} Sealing;

static gboolean
add_line (const char *line, gsize length, gpointer data, GError **error) {
  Sealing *self = data;

  if (++self->n_lines % 512 == 0) {
    if (!tessera_store_should_go_on (self->store, self->cancellable, error))
      return FALSE;
    if (self->progress)
      self->progress (tessera_bundle_writer_get_raw (self->writer), -1, self->data);
  }
  return tessera_bundle_writer_add_line (self->writer, line, length, error);
}

static gboolean
add_roster (Sealing *self, const char *roster, GError **error) {
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *line = json_object_new ();
  g_autofree char *text = NULL;

  json_object_set_string_member (line, "k", "roster");
  json_object_set_string_member (line, "roster", roster);
  json_node_take_object (node, line);
  text = json_to_string (node, FALSE);
  return tessera_bundle_writer_add_line (self->writer, text, strlen (text), error);
}

static gboolean
add_rosters (Sealing *self, GError **error) {
  for (guint i = 0; i < self->letter->rosters->len; i++)
    if (!add_roster (self, self->letter->rosters->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
add_changes (TesseraTransaction *transaction, Sealing *self, GError **error) {
  const char *streams[] = { self->letter->stream, NULL };

  if (self->letter->flow == TESSERA_FLOW_ROSTER)
    return add_rosters (self, error);
  if (self->letter->contents)
    return tessera_team_add_contents (transaction, self->letter, self->writer, self->store, self->cancellable, error);
  if (self->letter->fills)
    return tessera_transaction_write_fill (transaction, self->letter->fills, add_line, self, error);
  return tessera_transaction_write_changes (transaction, self->letter->team,
                                            self->letter->everybody ? NULL : streams, self->letter->after, add_line, self,
                                            error);
}

/* Who it is from and what its author has; the facts of one moment, like the lines. */
static gboolean
describe (TesseraTransaction *transaction, TesseraTeamLetter *letter, GError **error) {
  TesseraManifest *manifest = tessera_manifest_new ();
  g_autoptr (TesseraRoster) roster = tessera_roster_load (transaction, error);

  letter->manifest = manifest;
  if (!roster)
    return FALSE;
  manifest->flow = letter->flow;
  manifest->id = tessera_manifest_new_id ();
  manifest->organization = tessera_identity_get_organization (transaction, error);
  manifest->device = tessera_identity_get_device (transaction);
  manifest->created = tessera_transaction_get_now (transaction) / 1000 * 1000;
  manifest->roster = roster->version;
  manifest->schema = TESSERA_TEAM_SCHEMA;
  g_clear_pointer (&manifest->version_vector, g_hash_table_unref);
  manifest->version_vector = tessera_transaction_get_vector (transaction, error);
  if (!manifest->organization || !manifest->version_vector)
    return FALSE;
  if (letter->stream) {
    gint64 upto = tessera_vector_get (manifest->version_vector, letter->stream);
    gint64 after = tessera_vector_get (letter->after, letter->stream);

    manifest->stream = g_strdup (letter->stream);
    manifest->from = upto > after ? after + 1 : 0;
    manifest->upto = upto > after ? upto : 0;
  }
  return TRUE;
}

static char *
make_comment (TesseraTransaction *transaction) {
  char *name = tessera_identity_get_organization_name (transaction);
  char *comment;

  g_strdelimit (name, "\"", '\'');
  comment = g_strdup_printf ("from=\"%s\" to=\"%s\"", name, name);
  g_free (name);
  return comment;
}

static gboolean
finish (TesseraTransaction *transaction, Sealing *self, GError **error) {
  TesseraTeamLetter *letter = self->letter;
  g_autoptr (TesseraSecret) key = tessera_identity_get_signing_key (transaction, error);
  g_autofree char *certificate = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *comment = make_comment (transaction);
  g_autoptr (GOutputStream) output = NULL;
  TesseraBundleSeal seal;

  if (!key || !tessera_identity_get_certificate (transaction, &certificate, &signature, error))
    return FALSE;
  seal = (TesseraBundleSeal) { certificate, signature, comment, key, (const guint8 *) letter->keys->data,
                               letter->keys->len / TESSERA_AGE_KEY_SIZE };
  output = tessera_outbox_begin (self->outbox, error);
  if (!output || !tessera_bundle_writer_finish (self->writer, letter->manifest, &seal, output, &letter->name,
                                                &letter->manifest_hash, error))
    return FALSE;
  letter->size = tessera_outbox_get_size (output);
  return tessera_outbox_commit (output, letter->name, error);
}

static gboolean
seal_in_snapshot (TesseraTransaction *transaction, gpointer data, GError **error) {
  Sealing *self = data;

  return describe (transaction, self->letter, error) && add_changes (transaction, self, error)
         && finish (transaction, self, error);
}

static gboolean
note_in_transaction (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_team_note_sealed (transaction, data, error);
}

static gboolean
seal_letter (Sealing *self, GError **error) {
  gboolean ok;

  self->writer = tessera_bundle_writer_new (self->outbox, error);
  if (!self->writer)
    return FALSE;
  ok = tessera_store_read_long (self->store, seal_in_snapshot, self, error)
       && tessera_store_write (self->store, note_in_transaction, self->letter, error);
  g_clear_pointer (&self->writer, tessera_bundle_writer_free);
  return ok;
}

/* ---- everything that waits ---- */

static gboolean
plan_in_transaction (TesseraTransaction *transaction, gpointer data, GError **error) {
  GPtrArray **letters = data;
  g_autofree char *certificate = NULL;
  g_autofree char *signature = NULL;

  *letters = tessera_team_plan (transaction, error);
  /* Here it can be renewed; while sealing it is only read. */
  return *letters && ((*letters)->len == 0
                      || tessera_identity_get_certificate (transaction, &certificate, &signature, error));
}

static gboolean
plan_contents_in_transaction (TesseraTransaction *transaction, gpointer data, GError **error) {
  GPtrArray **letters = data;

  g_autofree char *certificate = NULL;
  g_autofree char *signature = NULL;

  *letters = tessera_team_plan_contents (transaction, error);
  return *letters && ((*letters)->len == 0
                      || tessera_identity_get_certificate (transaction, &certificate, &signature, error));
}

static gboolean
seal_letters (Sealing *self, TesseraStoreFunc plan, guint *count, GError **error) {
  g_autoptr (GPtrArray) letters = NULL;

  if (!tessera_store_write (self->store, plan, &letters, error))
    return FALSE;
  for (guint i = 0; i < letters->len; i++) {
    self->letter = letters->pdata[i];
    if (!seal_letter (self, error))
      return FALSE;
    (*count)++;
  }
  return TRUE;
}

typedef struct {
  const char *outbox;
  const char *partner;
  guint n_sealed;
} Partner;

static gboolean
seal_for_partner (TesseraTransaction *transaction, gpointer data, GError **error) {
  Partner *self = data;
  g_autoptr (TesseraRecord) partner = tessera_transaction_load (transaction, "partner", self->partner, error);

  if (!partner || !tessera_partners_check_sending (partner, tessera_transaction_get_now (transaction), NULL))
    return partner != NULL;
  return tessera_post_seal_waiting (transaction, self->outbox, self->partner, &self->n_sealed, error);
}

static gboolean
list_partners (TesseraTransaction *transaction, gpointer data, GError **error) {
  GPtrArray **partners = data;

  *partners = tessera_transaction_select_records (transaction, "partner", "WHERE revoked_at IS NULL", NULL, error);
  return *partners != NULL;
}

/* One transaction for each: what stands in the way of one partner's letters holds up no other's. */
static gboolean
seal_for_partners (TesseraStore *store, const char *outbox, guint *count, GError **error) {
  g_autoptr (GPtrArray) partners = NULL;

  if (!tessera_store_read (store, list_partners, &partners, error))
    return FALSE;
  for (guint i = 0; i < partners->len; i++) {
    Partner partner = { outbox, tessera_record_get_id (partners->pdata[i]), 0 };
    GError *local_error = NULL;

    if (tessera_store_write (store, seal_for_partner, &partner, &local_error)) {
      *count += partner.n_sealed;
    } else if (local_error->domain == TESSERA_VAULT_ERROR || local_error->domain == TESSERA_STORE_ERROR) {
      g_propagate_error (error, local_error);
      return FALSE;
    }
    g_clear_error (&local_error);
  }
  return TRUE;
}

gboolean
tessera_exchange_seal_waiting (TesseraStore *store, guint *count, GFileProgressCallback progress, gpointer data,
                               GCancellable *cancellable, GError **error) {
  g_autofree char *outbox = g_build_filename (tessera_vault_get_folder (tessera_store_get_vault (store)), "outbox", NULL);
  Sealing sealing = { .store = store, .outbox = outbox, .progress = progress, .data = data, .cancellable = cancellable };
  guint n_sealed = 0;

  g_mkdir_with_parents (outbox, 0700);
  if (!tessera_exchange_withdraw (store, error) || !seal_letters (&sealing, plan_in_transaction, &n_sealed, error)
      || !seal_letters (&sealing, plan_contents_in_transaction, &n_sealed, error))
    return FALSE;
  if (!seal_for_partners (store, outbox, &n_sealed, error) || !tessera_team_compact (store, cancellable, error))
    return FALSE;
  if (count)
    *count = n_sealed;
  return TRUE;
}
