/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team-contents-in.c: what is in colleagues' documents, taken in: lines say which blob is the content of which row,
 * then the blobs come. Content is kept only if a row here asks for it and it is what the row's name of it says.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-attachment.h"
#include "tessera-contents.h"
#include "tessera-identifier.h"
#include "tessera-json-fields.h"
#include "tessera-strict-json.h"
#include "tessera-team-contents.h"

/* Equal content of several documents is one blob. */
#define MOST_LINES 1024

typedef struct {
  char *name;
  gboolean wanted;
  gboolean came;
} Blob;

struct _TesseraTeamContents {
  TesseraTransaction *transaction;
  GHashTable *blobs;            /* name in the bundle -> Blob */
  TesseraIncoming *incoming;    /* the one that is coming */
  guint n_lines;
  gint64 n_early;
  gint64 n_stored;
};

static void
blob_free (gpointer pointer) {
  Blob *blob = pointer;

  g_free (blob->name);
  g_free (blob);
}

TesseraTeamContents *
tessera_team_contents_new (TesseraTransaction *transaction) {
  TesseraTeamContents *self = g_new0 (TesseraTeamContents, 1);

  self->transaction = transaction;
  self->blobs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, blob_free);
  return self;
}

void
tessera_team_contents_free (TesseraTeamContents *self) {
  if (!self)
    return;
  g_clear_pointer (&self->incoming, tessera_incoming_free);
  g_hash_table_unref (self->blobs);
  g_free (self);
}

static gboolean
set_malformed (GError **error) {
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_MALFORMED,
                       _("This bundle should hold the contents of documents and does not; ask your colleague to "
                         "exchange again."));
  return FALSE;
}

/* ---- lines ---- */

static Blob *
get_blob (TesseraTeamContents *self, const char *hash, const char *name) {
  Blob *blob = g_hash_table_lookup (self->blobs, hash);

  if (blob)
    return strcmp (blob->name, name) == 0 ? blob : NULL;
  if (g_hash_table_size (self->blobs) == TESSERA_BUNDLE_MAX_BLOBS)
    return NULL;
  blob = g_new0 (Blob, 1);
  blob->name = g_strdup (name);
  g_hash_table_insert (self->blobs, g_strdup (hash), blob);
  return blob;
}

static gboolean
note_line (TesseraTeamContents *self, JsonObject *line, GError **error) {
  const char *row = tessera_json_peek_text (line, "i");
  const char *client = tessera_json_peek_text (line, "p");
  const char *name = tessera_json_peek_text (line, "a");
  const char *hash = tessera_json_peek_text (line, "b");
  TesseraContentWish wish;
  guint8 id[16];
  Blob *blob;

  if (strcmp (tessera_json_peek_text (line, "k"), "blob") != 0
      || strcmp (tessera_json_peek_text (line, "e"), "document") != 0 || !tessera_uuid_parse (row, id)
      || !tessera_uuid_parse (client, id) || !tessera_is_hex (name, 64) || !tessera_is_hex (hash, 64)
      || ++self->n_lines > MOST_LINES)
    return set_malformed (error);
  blob = get_blob (self, hash, name);
  if (!blob)
    return set_malformed (error);
  if (!tessera_transaction_weigh_content (self->transaction, row, client, name, &wish, error))
    return FALSE;
  blob->wanted |= wish == TESSERA_CONTENT_WANTED;
  self->n_early += wish == TESSERA_CONTENT_EARLY;
  return TRUE;
}

gboolean
tessera_team_contents_line (TesseraTeamContents *self, const char *line, gsize length, GError **error) {
  g_autoptr (JsonNode) node = tessera_strict_json_parse (line, length);

  return node ? note_line (self, json_node_get_object (node), error) : set_malformed (error);
}

/* ---- blobs ---- */

static gboolean
finish_blob (TesseraTeamContents *self, GError **error) {
  g_autoptr (TesseraIncoming) incoming = g_steal_pointer (&self->incoming);
  gboolean same;

  if (!tessera_incoming_finish (incoming, &same, error))
    return FALSE;
  self->n_stored++;
  if (same)
    return TRUE;
  g_set_error_literal (error, TESSERA_BUNDLE_ERROR, TESSERA_BUNDLE_ERROR_REFUSED,
                       _("What came for a document is not what belongs to it; nothing of this bundle was taken in. Ask a "
                         "supervisor."));
  return FALSE;
}

gboolean
tessera_team_contents_piece (TesseraTeamContents *self, const char *hash, gconstpointer piece, gsize size, gboolean last,
                             GError **error) {
  Blob *blob = g_hash_table_lookup (self->blobs, hash);

  if (!blob)
    return set_malformed (error);
  blob->came = TRUE;
  if (!blob->wanted)
    return TRUE;
  if (!self->incoming)
    self->incoming = tessera_incoming_new (self->transaction, blob->name, error);
  return self->incoming && tessera_incoming_add (self->incoming, piece, size, error)
         && (!last || finish_blob (self, error));
}

gboolean
tessera_team_contents_finish (TesseraTeamContents *self, gint64 *ret_count, gint64 *ret_early, GError **error) {
  GHashTableIter iter;
  gpointer blob;

  g_hash_table_iter_init (&iter, self->blobs);
  while (g_hash_table_iter_next (&iter, NULL, &blob))
    if (!((Blob *) blob)->came)
      return set_malformed (error);
  *ret_count = self->n_stored;
  *ret_early = self->n_early;
  return TRUE;
}
