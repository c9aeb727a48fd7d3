/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * team-fixture.c: laptops of one organization found it, join it, and hand files to each other.
 */
#include <string.h>

#include "team-fixture.h"
#include "tessera-fixture.h"
#include "tessera-identifier.h"
#include "tessera-identity-private.h"
#include "tessera-joining.h"

void
team_run (Laptop *laptop, Func func, gpointer data) {
  g_autoptr (GError) error = NULL;

  g_assert_true (tessera_store_write (laptop->store, func, data, &error));
  g_assert_no_error (error);
}

void
team_set_worker (Laptop *laptop, TesseraRecord *worker) {
  tessera_store_set_worker (laptop->store, tessera_record_get_id (worker));
}

static gboolean
create_organization (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraRecord **worker = data;
  TesseraIdentityFacts facts = { .organization = "Harbour Aid", .worker = "Sara Test", .role = "supervisor",
                                 .language = "en" };

  *worker = tessera_identity_create (transaction, &facts, error);
  return *worker != NULL;
}

void
team_open_laptop (Laptop *laptop) {
  laptop->folder = fixture_make_folder ();
  laptop->vault = fixture_create_vault (laptop->folder);
  laptop->store = fixture_open_store (laptop->vault);
  laptop->n_taken = 0;
}

void
team_close_laptop (Laptop *laptop) {
  fixture_close (&laptop->store, &laptop->vault);
  fixture_remove_folder (laptop->folder);
  g_free (laptop->folder);
}

/* ---- joining ---- */

typedef struct {
  const char *name;
  const char *role;
  char *request;
  char *invitation;
  const char *const *circles;
} Joining;

static gboolean
ask (TesseraTransaction *transaction, gpointer data, GError **error) {
  Joining *joining = data;
  TesseraJoiningFacts facts = { .worker = joining->name, .language = "en" };

  if (!tessera_joining_prepare (transaction, &facts, error))
    return FALSE;
  joining->request = tessera_joining_request (transaction, NULL, error);
  return joining->request != NULL;
}

static gboolean
admit (TesseraTransaction *transaction, gpointer data, GError **error) {
  Joining *joining = data;
  TesseraAdmission admission = { .role = joining->role, .circles = joining->circles };

  joining->invitation = tessera_joining_admit (transaction, joining->request, strlen (joining->request), &admission,
                                               NULL, error);
  return joining->invitation != NULL;
}

static gboolean
join (TesseraTransaction *transaction, gpointer data, GError **error) {
  Joining *joining = data;

  return tessera_joining_join (transaction, joining->invitation, strlen (joining->invitation), NULL, error);
}

void
team_add_laptop_to (Laptop *supervisor, Laptop *laptop, const char *name, const char *role, const char *circle) {
  const char *circles[] = { circle, NULL };
  Joining joining = { name, role, NULL, NULL, circle ? circles : NULL };

  team_open_laptop (laptop);
  team_run (laptop, ask, &joining);
  team_run (supervisor, admit, &joining);
  team_run (laptop, join, &joining);
  g_free (joining.request);
  g_free (joining.invitation);
}

void
team_add_laptop (Laptop *supervisor, Laptop *laptop, const char *name, const char *role) {
  team_add_laptop_to (supervisor, laptop, name, role, NULL);
}

void
team_found (Laptop *laptop) {
  g_autoptr (TesseraRecord) worker = NULL;

  team_open_laptop (laptop);
  team_run (laptop, create_organization, &worker);
  team_set_worker (laptop, worker);
}

/* ---- carrying ---- */

void
team_carrier_init (Carrier *carrier) {
  carrier->paths = g_ptr_array_new_with_free_func (g_free);
  carrier->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  carrier->copies = NULL;
}

void
team_carrier_clear (Carrier *carrier) {
  g_ptr_array_unref (carrier->paths);
  g_hash_table_unref (carrier->names);
}

guint
team_send (Laptop *laptop, Carrier *carrier) {
  g_autofree char *outbox = g_build_filename (laptop->folder, "outbox", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = NULL;
  const char *name;
  guint count;

  g_assert_true (tessera_exchange_seal_waiting (laptop->store, &count, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  folder = g_dir_open (outbox, 0, NULL);
  while (folder && (name = g_dir_read_name (folder)))
    if (tessera_bundle_is_name (name) && g_hash_table_add (carrier->names, g_strdup (name)))
      g_ptr_array_add (carrier->paths, g_build_filename (outbox, name, NULL));
  return count;
}

/* The author takes files back that carry somebody who was erased; this keeps them as somebody would who has a copy. */
void
team_keep_copies (Laptop *laptop, Carrier *carrier) {
  if (!carrier->copies)
    carrier->copies = g_dir_make_tmp ("tessera-copies-XXXXXX", NULL);
  for (guint i = 0; i < carrier->paths->len; i++) {
    g_autofree char *name = g_path_get_basename (carrier->paths->pdata[i]);
    g_autofree char *contents = NULL;
    gsize size;

    if (!g_str_has_prefix (carrier->paths->pdata[i], laptop->folder)
        || !g_file_get_contents (carrier->paths->pdata[i], &contents, &size, NULL))
      continue;
    g_free (carrier->paths->pdata[i]);
    carrier->paths->pdata[i] = g_build_filename (carrier->copies, name, NULL);
    g_assert_true (g_file_set_contents (carrier->paths->pdata[i], contents, (gssize) size, NULL));
  }
}

void
team_drop_copies (Carrier *carrier) {
  if (carrier->copies)
    fixture_remove_folder (carrier->copies);
  g_clear_pointer (&carrier->copies, g_free);
}

TesseraArrival *
team_take (Laptop *laptop, const char *path) {
  g_autoptr (GError) error = NULL;
  TesseraArrival *arrival = tessera_exchange_take_in (laptop->store, path, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return arrival;
}

/* Everything on the carrier that this laptop has not looked at; its own and others' too. */
gint64
team_fetch (Laptop *laptop, Carrier *carrier) {
  gint64 n_changes = 0;

  for (; laptop->n_taken < carrier->paths->len; laptop->n_taken++) {
    const char *path = carrier->paths->pdata[laptop->n_taken];
    g_autoptr (TesseraArrival) arrival = NULL;

    if (g_str_has_prefix (path, laptop->folder) || !g_file_test (path, G_FILE_TEST_EXISTS))
      continue;
    arrival = team_take (laptop, path);
    n_changes += arrival->n_changes;
  }
  return n_changes;
}

/* An hour later, so that nobody finds it too early to say what they have. */
void
team_let_time_pass (void) {
  g_autofree char *now = tessera_instant_format (tessera_now () + 3600000);

  g_setenv ("TESSERA_NOW", now, TRUE);
}

void
team_exchange (Carrier *carrier, Laptop *const *laptops, guint n_laptops, guint rounds) {
  for (guint round = 0; round < rounds; round++) {
    team_let_time_pass ();
    for (guint i = 0; i < n_laptops; i++)
      team_send (laptops[i], carrier);
    for (guint i = 0; i < n_laptops; i++)
      team_fetch (laptops[i], carrier);
  }
}
