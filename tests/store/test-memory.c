/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-memory.c: what is left in the memory of a program that did its work and locked.
 *
 * The program under test is this one again, run for each case: hardened as the two programs are, with their
 * allocator, it opens a store, writes, reads, searches, locks, and looks through all its own readable memory. What it
 * looks for it knows only in a form that is not itself found.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tessera-fixture.h"
#include "tessera-process.h"
#include "tessera-vault-private.h"

#define CHUNK (1 << 20)
#define WORD 16
#define MASK 0x5a

/* ---- looking for something without having it ---- */

typedef struct {
  const char *what;
  guint8 masked[64];
  gsize size;
  guint found;
} Wanted;

static void
want (Wanted *self, const char *what, const guint8 *bytes, gsize size)
{
  self->what = what;
  self->size = size;
  self->found = 0;
  for (gsize i = 0; i < size; i++)
    self->masked[i] = bytes[i] ^ MASK;
}

static gboolean
stands_at (const Wanted *self, const guint8 *bytes)
{
  for (gsize i = 0; i < self->size; i++)
    if ((guint8) (bytes[i] ^ MASK) != self->masked[i])
      return FALSE;
  return TRUE;
}

static void
search_chunk (const guint8 *bytes, gsize size, Wanted *wanted, guint n_wanted)
{
  for (guint w = 0; w < n_wanted; w++)
    for (gsize i = 0; i + wanted[w].size <= size; i++)
      if ((guint8) (bytes[i] ^ MASK) == wanted[w].masked[0] && stands_at (&wanted[w], bytes + i))
        wanted[w].found++;
}

/* All that can be read, but the buffer itself. Returns how many bytes. */
static guint64
search_memory (Wanted *wanted, guint n_wanted)
{
  static guint8 buffer[CHUNK + 64];
  FILE *maps = fopen ("/proc/self/maps", "re");
  int memory = open ("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  unsigned long from, to;
  char rights[8], line[512];
  guint64 read_bytes = 0;

  g_assert_nonnull (maps);
  g_assert_cmpint (memory, >=, 0);
  while (fgets (line, sizeof line, maps) != NULL) {
    g_assert_cmpint (sscanf (line, "%lx-%lx %7s", &from, &to, rights), ==, 3);
    for (unsigned long at = from; rights[0] == 'r' && at < to; at += CHUNK) {
      gsize size = MIN (to - at, sizeof buffer);
      gssize got;

      memset (buffer, 0, sizeof buffer);
      if (at < (unsigned long) buffer + sizeof buffer && at + size > (unsigned long) buffer) {
        /* Up to the buffer, and from behind it. */
        unsigned long end = (unsigned long) buffer + sizeof buffer;

        if (at < (unsigned long) buffer)
          size = (unsigned long) buffer - at;
        else {
          at = end - CHUNK;
          continue;
        }
      }
      got = pread (memory, buffer, size, (off_t) at);
      if (got > 0) {
        search_chunk (buffer, (gsize) got, wanted, n_wanted);
        read_bytes += (guint64) got;
      }
    }
  }
  fclose (maps);
  close (memory);
  memset (buffer, 0, sizeof buffer);
  return read_bytes;
}

/* ---- work ---- */

/* Random letters, in memory that is wiped. */
static void
make_word (guint8 word[WORD])
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

  for (guint i = 0; i < WORD; i++)
    word[i] = (guint8) letters[g_random_int_range (0, 26)];
}

enum {
  WORD_NAME,
  WORD_NOTES,
  WORD_DRAFT,
  WORD_SEARCH,
  WORDS,
};

typedef struct {
  guint8 words[WORDS][WORD];
  TesseraSecret *secret;
} Work;

static char *
text_of (const guint8 word[WORD])
{
  return g_strndup ((const char *) word, WORD);
}

static gboolean
do_work (TesseraTransaction *tx, gpointer data, GError **error)
{
  Work *work = data;
  g_autofree char *name = text_of (work->words[WORD_NAME]), *notes = text_of (work->words[WORD_NOTES]);
  g_autofree char *draft = text_of (work->words[WORD_DRAFT]), *searched = text_of (work->words[WORD_SEARCH]);
  g_autofree char *body = g_strdup_printf ("{\"summary\":\"%s\"}", draft);
  g_autoptr (TesseraRecord) client = tessera_transaction_new_record (tx, "client");
  g_autoptr (TesseraRecord) loaded = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (TesseraSecret) read = NULL;

  tessera_record_set (client, "name", name);
  tessera_record_set (client, "notes", notes);
  if (!tessera_transaction_save (tx, client, error) || !tessera_transaction_put_draft (tx, "client:new", body, error) ||
      !tessera_transaction_put_secret (tx, "device.test", work->secret, error))
    return FALSE;
  loaded = tessera_transaction_load (tx, "client", tessera_record_get_id (client), error);
  read = tessera_transaction_get_secret (tx, "device.test");
  g_assert_nonnull (read);
  found = tessera_transaction_search (tx, "client", name, 10, error);
  if (found == NULL || found->len != 1)
    return FALSE;
  g_ptr_array_unref (g_steal_pointer (&found));
  found = tessera_transaction_search (tx, "client", searched, 10, error);
  return loaded != NULL && found != NULL;
}

/* How many mappings are locked: not written to swap, and not dumped either. */
static guint
count_locked_mappings (void)
{
  FILE *smaps = fopen ("/proc/self/smaps", "re");
  char line[512];
  guint locked = 0;
  gboolean is_locked_kind = FALSE;
  unsigned kibibytes;

  g_assert_nonnull (smaps);
  while (fgets (line, sizeof line, smaps) != NULL) {
    if (sscanf (line, "Locked: %u", &kibibytes) == 1)
      is_locked_kind = kibibytes > 0;
    if (g_str_has_prefix (line, "VmFlags:") && is_locked_kind) {
      /* Locked memory is also left out of dumps. */
      g_assert_nonnull (strstr (line, " lo"));
      g_assert_nonnull (strstr (line, " dd"));
      locked++;
    }
  }
  fclose (smaps);
  return locked;
}

static void
fill_passphrase (TesseraSecret *passphrase)
{
  make_word (tessera_secret_get_writable (passphrase));
}

/* What is not to be found, before it is gone. */
static void
want_all (Wanted *wanted, Work *work, TesseraSecret *passphrase, TesseraVault *vault)
{
  g_autoptr (TesseraSecret) pages = tessera_key_file_subkey (vault->data_key, "TesPages", 0);
  g_autoptr (TesseraSecret) derived = tessera_vault_derive (vault, "auditlog");
  static const char *const names[WORDS] = { "a name", "notes", "a draft", "words searched for" };

  for (guint i = 0; i < WORDS; i++)
    want (&wanted[i], names[i], work->words[i], WORD);
  want (&wanted[WORDS], "the passphrase", tessera_secret_get_data (passphrase), WORD);
  want (&wanted[WORDS + 1], "the data key", tessera_secret_get_data (vault->data_key), 32);
  want (&wanted[WORDS + 2], "the key of the pages", tessera_secret_get_data (pages), 32);
  want (&wanted[WORDS + 3], "the key of the audit", tessera_secret_get_data (derived), 32);
  want (&wanted[WORDS + 4], "a secret in the store", tessera_secret_get_data (work->secret), 32);
}

#define WANTED (WORDS + 5)

static void
run_work (const char *folder, Wanted *wanted)
{
  g_autoptr (TesseraSecret) passphrase = tessera_secret_new (WORD);
  g_autoptr (TesseraSecret) recovery = NULL;
  g_autoptr (GError) error = NULL;
  TesseraVault *vault;
  TesseraStore *store;
  Work work = { .secret = tessera_secret_new_random (32) };

  fill_passphrase (passphrase);
  for (guint i = 0; i < WORDS; i++)
    make_word (work.words[i]);
  vault = tessera_vault_create (folder, "Test Worker", passphrase, TESSERA_WORK_FACTOR_MINIMUM, &recovery, &error);
  g_assert_no_error (error);
  want_all (wanted, &work, passphrase, vault);
  store = fixture_open_store (vault);
  tessera_store_write (store, do_work, &work, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_locked_mappings (), >, 0);
  /* It can be found while it is there, or the search would prove nothing. */
  search_memory (wanted, WANTED);
  for (guint i = 0; i < WANTED; i++)
    g_assert_cmpuint (wanted[i].found, >, 0);
  tessera_secret_free (work.secret);
  memset (work.words, 0, sizeof work.words);
  fixture_close (&store, &vault);
  explicit_bzero (&work, sizeof work);
}

/* The child: works, locks, searches; its exit status says what was found. */
static int
run_and_search (const char *folder)
{
  static Wanted wanted[WANTED];
  guint64 searched;
  guint left = 0;

  tessera_process_harden ();
  g_assert_cmpint (prctl (PR_GET_DUMPABLE), ==, 0);
  run_work (folder, wanted);
  for (guint i = 0; i < WANTED; i++)
    wanted[i].found = 0;
  searched = search_memory (wanted, WANTED);
  for (guint i = 0; i < WANTED; i++) {
    if (wanted[i].found > 0)
      g_print ("# %s: %u times\n", wanted[i].what, wanted[i].found);
    left += wanted[i].found;
  }
  g_print ("# %" G_GUINT64_FORMAT " KiB of memory, %u remains\n", searched / 1024, left);
  return left > 0;
}

static void
test_after_locking (void)
{
  g_autofree char *folder = fixture_make_folder ();
  g_autofree char *vault = g_build_filename (folder, "vault", NULL);
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  char *arguments[] = { (char *) "/proc/self/exe", (char *) "--work", vault, NULL };

  g_spawn_sync (NULL, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &said, NULL, &status, &error);
  g_assert_no_error (error);
  g_test_message ("%s", said);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  fixture_remove_folder (folder);
}

/* ---- the end of a program ---- */

/* Dies with a message, with a limit on core files that would allow one. */
static int
run_and_crash (void)
{
  const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
  struct rlimit limit;

  setrlimit (RLIMIT_CORE, &all);
  tessera_process_harden ();
  g_assert_cmpint (getrlimit (RLIMIT_CORE, &limit), ==, 0);
  g_assert_cmpuint (limit.rlim_cur, ==, 0);
  g_assert_cmpuint (limit.rlim_max, ==, 0);
  abort ();
}

static void
test_no_core (void)
{
  g_autofree char *folder = fixture_make_folder ();
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GDir) entries = NULL;
  int status;
  char *arguments[] = { program, (char *) "--crash", NULL };

  g_spawn_sync (folder, arguments, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGABRT);
  g_assert_false (WCOREDUMP (status));
  entries = g_dir_open (folder, 0, NULL);
  g_assert_null (g_dir_read_name (entries));
  g_clear_pointer (&entries, g_dir_close);
  fixture_remove_folder (folder);
}

/* Another process of the same user, without privileges, can neither trace it nor read its memory. */
static int
try_to_trace (pid_t victim)
{
  g_autofree char *memory = g_strdup_printf ("/proc/%d/mem", (int) victim);

  if (geteuid () == 0 && (setresgid (65534, 65534, 65534) != 0 || setresuid (65534, 65534, 65534) != 0))
    return 77;
  if (ptrace (PTRACE_ATTACH, victim, NULL, NULL) == 0)
    return 1;
  return open (memory, O_RDONLY | O_CLOEXEC) >= 0 ? 2 : 0;
}

static void
test_no_trace (void)
{
  int ready[2], status;
  char byte;
  pid_t victim, spy;

  g_assert_cmpint (pipe (ready), ==, 0);
  victim = fork ();
  if (victim == 0) {
    if (geteuid () == 0 && (setresgid (65534, 65534, 65534) != 0 || setresuid (65534, 65534, 65534) != 0))
      _exit (1);
    tessera_process_harden ();
    if (write (ready[1], "x", 1) == 1)
      pause ();
    _exit (0);
  }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  spy = fork ();
  if (spy == 0)
    _exit (try_to_trace (victim));
  g_assert_cmpint (waitpid (spy, &status, 0), ==, spy);
  kill (victim, SIGKILL);
  waitpid (victim, NULL, 0);
  close (ready[0]);
  close (ready[1]);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 77)
    g_test_skip ("cannot become another user here");
  else
    g_assert_cmpint (status, ==, 0);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--work") == 0)
    return run_and_search (argv[2]);
  if (argc == 2 && strcmp (argv[1], "--crash") == 0)
    return run_and_crash ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory/after-locking", test_after_locking);
  g_test_add_func ("/memory/no-core", test_no_core);
  g_test_add_func ("/memory/no-trace", test_no_trace);
  return g_test_run ();
}
