/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-webdav-listing.c: what real servers say, what hostile ones could say, and too much of it.
 */
#include <string.h>
#include <sys/resource.h>

#include "tessera-webdav-listing.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.age"
#define ENTRY "<D:response><D:href>/x/%s</D:href></D:response>"

/* Listed as name:size, one in a line; %NULL: refused. */
static char *
read_seed (const char *name) {
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "carrier", "seeds", "listing", name, NULL);
  g_autoptr (TesseraWebdavListing) listing = tessera_webdav_listing_new ();
  g_autoptr (GPtrArray) items = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  GString *found = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  if (tessera_webdav_listing_feed (listing, text, size, &error))
    items = tessera_webdav_listing_finish (listing, &error);
  if (items == NULL) {
    g_assert_error (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FAILED);
    return NULL;
  }
  found = g_string_new (NULL);
  for (guint i = 0; i < items->len; i++) {
    const TesseraCarrierItem *item = g_ptr_array_index (items, i);

    g_string_append_printf (found, "%s%c:%" G_GINT64_FORMAT, i > 0 ? " " : "", item->name[0], item->size);
  }
  return g_string_free (found, FALSE);
}

static void
test_answers (void) {
  static const struct {
    const char *seed;
    const char *found;
  } cases[] = {
    { "apache.xml", "a:20000 b:20000" },
    { "lighttpd.xml", "a:20000 b:20000" },
    { "rclone.xml", "a:20000 b:20000" },
    { "nextcloud-form.xml", "a:20000 b:20000" },
    { "default-namespace.xml", "a:5" },
    { "mark.xml", "a:100" },
    { "cdata.xml", "a:100" },
    { "entities.xml", "a:100" },
    { "names.xml", "a:100 b:100" },
    { "sizes.xml", "a:-1 b:-1 c:-1 e:268435456 f:12 g:-1" },
    { "twice.xml", "a:100 b:-1" },
    { "folder.xml", "" },
    { "nested.xml", "" },
    { "latin1.xml", "" },
    { "no-utf8.xml", "a:-1" },
    { "bomb.xml", NULL },
    { "external.xml", NULL },
    { "unknown-entity.xml", NULL },
    { "deep.xml", NULL },
    { "html.xml", NULL },
    { "cut.xml", NULL },
    { "empty.xml", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *found = read_seed (cases[i].seed);

    g_test_message ("%s", cases[i].seed);
    g_assert_cmpstr (found, ==, cases[i].found);
  }
}

static gboolean
feed (TesseraWebdavListing *listing, const char *text, GError **error) {
  return tessera_webdav_listing_feed (listing, text, strlen (text), error);
}

/* A hundred thousand files are taken, and then no more is read. */
static void
test_limit (void) {
  g_autoptr (TesseraWebdavListing) listing = tessera_webdav_listing_new ();
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GError) error = NULL;
  char name[] = A;

  g_assert_true (feed (listing, "<D:multistatus xmlns:D='DAV:'>", &error));
  for (guint i = 0; !tessera_webdav_listing_is_full (listing); i++) {
    g_autofree char *entry = NULL;

    for (guint rest = i, at = 0; at < 5; rest /= 26, at++)
      name[at] = (char) ('a' + rest % 26);
    entry = g_strdup_printf (ENTRY, name);
    g_assert_true (feed (listing, entry, &error));
    g_assert_cmpuint (i, <, TESSERA_CARRIER_LIST_LIMIT);
  }
  g_assert_true (feed (listing, "nonsense that nobody reads", &error));
  items = tessera_webdav_listing_finish (listing, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, TESSERA_CARRIER_LIST_LIMIT);
}

/* Feeds @block until it is refused, or there is no sense in going on. */
static void
flood (TesseraWebdavListing *listing, const char *block, GError **error) {
  gsize total = 0;

  while (feed (listing, block, error) && !tessera_webdav_listing_is_full (listing)) {
    total += strlen (block);
    g_assert_cmpuint (total, <=, TESSERA_WEBDAV_LISTING_SIZE_LIMIT);
  }
}

static void
test_floods (void) {
  static const struct {
    const char *head;
    const char *block;
    int code; /* -1: what was found counts */
  } cases[] = {
    { "<multistatus>", "<response><href>/x/somebody%20else.txt</href></response>\n", TESSERA_CARRIER_ERROR_UNSAFE },
    { "<multistatus>", "<!-- a remark -->", TESSERA_CARRIER_ERROR_UNSAFE },
    { "<multistatus><response><href>/x/" A "</href></response>", "<response><href>/x/y</href></response>", -1 },
    { "<multistatus>", "xxxxxxxxxxxxxxxx", TESSERA_CARRIER_ERROR_FAILED },
    { "<multistatus ", "a='b' ", TESSERA_CARRIER_ERROR_FAILED },
    { "<multistatus", "xxxxxxxxxxxxxxxx", TESSERA_CARRIER_ERROR_FAILED },
    { "<multistatus><a b='", "xxxxxxxxxxxxxxxx", TESSERA_CARRIER_ERROR_FAILED },
    { "<!--", "xxxxxxxxxxxxxxxx", TESSERA_CARRIER_ERROR_FAILED },
    { "<multistatus><![CDATA[", "xxxxxxxxxxxxxxxx", TESSERA_CARRIER_ERROR_FAILED },
    { "<multistatus>", "<response>", TESSERA_CARRIER_ERROR_FAILED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TesseraWebdavListing) listing = tessera_webdav_listing_new ();
    g_autoptr (GPtrArray) items = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_true (feed (listing, cases[i].head, &error));
    flood (listing, cases[i].block, &error);
    if (cases[i].code >= 0) {
      g_assert_error (error, TESSERA_CARRIER_ERROR, cases[i].code);
      continue;
    }
    items = tessera_webdav_listing_finish (listing, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (items->len, ==, 1);
  }
}

/* All of the above, one listing after the other, needs little room. */
static void
test_memory (void) {
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  g_test_message ("%ld KiB at most", usage.ru_maxrss);
#if !defined(__SANITIZE_ADDRESS__)
  g_assert_cmpint (usage.ru_maxrss, <, 64 * 1024);
#endif
}

int
main (int argc, char *argv[]) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/webdav-listing/answers", test_answers);
  g_test_add_func ("/webdav-listing/limit", test_limit);
  g_test_add_func ("/webdav-listing/floods", test_floods);
  g_test_add_func ("/webdav-listing/memory", test_memory);
  return g_test_run ();
}
