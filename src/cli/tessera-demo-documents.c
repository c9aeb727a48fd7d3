/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-documents.c: papers in some files of the demonstration, each saying that it is none.
 *
 * They are named by the vault's own key, so they are not part of what is the same for the same seed.
 */
#include "config.h"
#include <string.h>

#include "tessera-demo-private.h"
#include "tessera-documents.h"
#include "tessera-identifier.h"

#define LONGEST_AGO 60

/* A white square of one point, so that a photo is a photo. */
static const guint8 picture[] = {
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
  0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b,
  0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0xf8, 0x0f, 0x00, 0x01,
  0x01, 0x01, 0x00, 0x1c, 0xb0, 0x8c, 0x99, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae,
  0x42, 0x60, 0x82,
};

static const struct {
  const char *title;
  const char *kind;
  const char *file_name;
  const char *note;
} papers[] = {
  { "Rental contract", "contract", "rental-contract.txt", NULL },
  { "Letter from the school", "letter", "letter-school.txt", "To be answered together at the next visit." },
  { "Certificate of the language course", "certificate", "language-course.txt", NULL },
  { "Birth certificate of the daughter", "family", "birth-certificate.txt", "The original stays with the family." },
  { "Pay slip", "money", "pay-slip.txt", NULL },
  { "Photo for the library card", "photo", "photo.png", NULL },
  { "Letter of recommendation", "letter", "recommendation.txt", NULL },
};

typedef struct {
  TesseraDemo demo;
  guint count;
  GPtrArray *clients; /* TesseraRecord */
} Papers;

static gboolean
find_clients (TesseraTransaction *transaction, gpointer data, GError **error) {
  Papers *self = data;
  g_autoptr (TesseraStatement) statement = NULL;

  /* Those who came last stand where people look first. */
  statement = tessera_transaction_select (transaction, "client",
                                          "WHERE merged_into IS NULL ORDER BY last_contact DESC LIMIT ?1", error);
  if (statement == NULL)
    return FALSE;
  tessera_statement_bind_integer (statement, 1, self->count);
  self->clients = tessera_statement_collect (statement, error);
  return self->clients != NULL;
}

typedef struct {
  TesseraRecord *document;
  TesseraAttachment *content;
  const char *file_name;
} Filing;

static gboolean
file_paper (TesseraTransaction *transaction, gpointer data, GError **error) {
  Filing *filing = data;

  return tessera_documents_add (transaction, filing->document, filing->content, filing->file_name, error);
}

static GInputStream *
make_content (TesseraRecord *client, const char *title, const char *kind) {
  char *text = NULL;

  if (g_str_equal (kind, "photo"))
    return g_memory_input_stream_new_from_data (picture, sizeof picture, NULL);
  text = g_strdup_printf ("%s\n\n%s\n\nThis is an example. Nobody in it exists, and nobody wrote it.\n", title,
                          tessera_record_get (client, "code"));
  return g_memory_input_stream_new_from_data (text, (gssize) strlen (text), g_free);
}

static gboolean
add_paper (TesseraStore *store, Papers *self, TesseraRecord *client, guint number, GError **error) {
  g_autoptr (TesseraRecord) document = tessera_record_new (tessera_store_get_registry (store), "document");
  g_autoptr (GInputStream) stream = make_content (client, papers[number].title, papers[number].kind);
  g_autoptr (TesseraAttachment) content = NULL;
  gint64 at = tessera_demo_at_desk (&self->demo, tessera_demo_random_between (&self->demo.random, 1, LONGEST_AGO));
  Filing filing = { document, NULL, papers[number].file_name };

  content = tessera_store_add_attachment (store, stream, -1, NULL, NULL, NULL, error);
  if (content == NULL)
    return FALSE;
  filing.content = content;
  tessera_record_set (document, "client", tessera_record_get_id (client));
  tessera_record_set (document, "title", papers[number].title);
  tessera_record_set (document, "kind", papers[number].kind);
  tessera_record_set (document, "note", papers[number].note);
  tessera_record_set_integer (document, "added_at", MAX (at, tessera_record_get_integer (client, "registered_at")));
  tessera_demo_set_date (document, "date", at - TESSERA_DEMO_DAY);
  return tessera_store_write (store, file_paper, &filing, error);
}

gboolean
tessera_demo_add_documents (TesseraStore *store, guint count, guint64 seed, GError **error) {
  Papers self = { .demo = { .random = { .state = seed }, .now = tessera_now () }, .count = count };
  gboolean added = tessera_store_read (store, find_clients, &self, error);

  for (guint i = 0; added && i < self.clients->len; i++) {
    guint first = tessera_demo_random_below (&self.demo.random, G_N_ELEMENTS (papers));
    guint n_papers = 1 + tessera_demo_random_below (&self.demo.random, 3);

    for (guint j = 0; added && j < n_papers; j++)
      added = add_paper (store, &self, g_ptr_array_index (self.clients, i), (first + j) % G_N_ELEMENTS (papers), error);
  }
  g_clear_pointer (&self.clients, g_ptr_array_unref);
  return added;
}
