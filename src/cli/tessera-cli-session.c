/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-session.c: passphrases, and opening a vault and its store for one command.
 *
 * Passphrases come from a file, a descriptor or the terminal, never from the command line or the environment,
 * which other programs can read.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "tessera-backup.h"
#include "tessera-cli-private.h"
#include "tessera-identity.h"

static int
open_file (const char *path, GError **error) {
  int descriptor = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

  if (descriptor < 0)
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                 _("The passphrase file %s cannot be read: %s"), path, g_strerror (errno));
  return descriptor;
}

static TesseraSecret *
read_file (const char *path, GError **error) {
  int descriptor = open_file (path, error);
  TesseraSecret *secret;

  if (descriptor < 0)
    return NULL;
  secret = tessera_secret_read_line (descriptor, error);
  close (descriptor);
  return secret;
}

/* The number in @text, or -1. */
static int
check_descriptor (const char *text, GError **error) {
  guint64 descriptor;

  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &descriptor, NULL)
      && fcntl ((int) descriptor, F_GETFD) >= 0)
    return (int) descriptor;
  g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE,
               _("“%s” is not an open file descriptor."), text);
  return -1;
}

static TesseraSecret *
read_descriptor (const char *text, GError **error) {
  int descriptor = check_descriptor (text, error);

  return descriptor >= 0 ? tessera_secret_read_line (descriptor, error) : NULL;
}

/* Waits for a line. A signal is left pending, to be delivered when the terminal shows again what is typed. */
static gboolean
wait_for_line (int terminal, const sigset_t *signals) {
  int interrupted = signalfd (-1, signals, SFD_CLOEXEC);
  struct pollfd waiting[] = { { .fd = terminal, .events = POLLIN }, { .fd = interrupted, .events = POLLIN } };

  while (poll (waiting, G_N_ELEMENTS (waiting), -1) < 0 && errno == EINTR)
    ;
  if (interrupted >= 0)
    close (interrupted);
  return (waiting[1].revents & POLLIN) == 0;
}

static TesseraSecret *
ask_silently (int terminal, const struct termios *before, const char *question, GError **error) {
  struct termios silent = *before;
  sigset_t signals, signals_before;
  TesseraSecret *secret = NULL;

  sigemptyset (&signals);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGQUIT);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGHUP);
  sigaddset (&signals, SIGTSTP);
  pthread_sigmask (SIG_BLOCK, &signals, &signals_before);
  silent.c_lflag &= ~(tcflag_t) ECHO;
  if (tcsetattr (terminal, TCSAFLUSH, &silent) != 0) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_LOCKED,
                 _("The terminal cannot hide what is typed: %s"), g_strerror (errno));
  } else {
    dprintf (terminal, "%s: ", question);
    if (wait_for_line (terminal, &signals))
      secret = tessera_secret_read_line (terminal, error);
    else
      g_set_error_literal (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_LOCKED,
                           _("No passphrase was given."));
    dprintf (terminal, "\n");
    tcsetattr (terminal, TCSAFLUSH, before);
  }
  pthread_sigmask (SIG_SETMASK, &signals_before, NULL);
  return secret;
}

/* Asks on the terminal itself, so that standard input and output may be pipes. */
static TesseraSecret *
ask (const char *question, const char *option, GError **error) {
  int terminal = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  struct termios before;
  TesseraSecret *secret = NULL;

  if (terminal >= 0 && tcgetattr (terminal, &before) == 0)
    secret = ask_silently (terminal, &before, question, error);
  else
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_LOCKED,
                 _("There is no terminal to ask for a passphrase; use --%s-fd or --%s-file."), option,
                 option);
  if (terminal >= 0)
    close (terminal);
  return secret;
}

/* Sets @ret_secret from the options "@option-fd" and "@option-file", or leaves it %NULL when neither is
 * given. */
static gboolean
read_from_options (TesseraCli *self, const char *option, TesseraSecret **ret_secret, GError **error) {
  g_autofree char *by_descriptor = g_strconcat (option, "-fd", NULL);
  g_autofree char *by_file = g_strconcat (option, "-file", NULL);
  const char *descriptor = tessera_arguments_get_general (self->arguments, by_descriptor);
  const char *file = tessera_arguments_get_general (self->arguments, by_file);

  *ret_secret = NULL;
  if (descriptor != NULL && file != NULL) {
    g_set_error (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_USAGE, _("Give --%s or --%s, not both."),
                 by_descriptor, by_file);
    return FALSE;
  }
  if (descriptor != NULL)
    *ret_secret = read_descriptor (descriptor, error);
  else if (file != NULL)
    *ret_secret = read_file (file, error);
  else
    return TRUE;
  return *ret_secret != NULL;
}

TesseraSecret *
tessera_cli_read_passphrase (TesseraCli *self, const char *question, GError **error) {
  TesseraSecret *secret;

  if (!read_from_options (self, "passphrase", &secret, error))
    return NULL;
  return secret != NULL ? secret : ask (question, "passphrase", error);
}

/* Sets @ret_descriptor to where the command's options "@option-fd" or "@option-file" say, or to -1 for the terminal;
 * @ret_own tells whether to close it. */
static gboolean
find_source (TesseraCli *self, const char *option, int *ret_descriptor, gboolean *ret_own, GError **error) {
  g_autofree char *by_descriptor = g_strconcat (option, "-fd", NULL);
  g_autofree char *by_file = g_strconcat (option, "-file", NULL);
  const char *descriptor = tessera_cli_get_option (self, by_descriptor);
  const char *file = tessera_cli_get_option (self, by_file);

  *ret_descriptor = -1;
  *ret_own = file != NULL;
  if (file != NULL)
    *ret_descriptor = open_file (file, error);
  else if (descriptor != NULL)
    *ret_descriptor = check_descriptor (descriptor, error);
  return *ret_descriptor >= 0 || (file == NULL && descriptor == NULL);
}

GPtrArray *
tessera_cli_read_secrets (TesseraCli *self, const char *option, const char *question, guint most, GError **error) {
  g_autoptr (GPtrArray) secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_secret_free);
  TesseraSecret *secret = NULL;
  gboolean own;
  int descriptor;

  if (!find_source (self, option, &descriptor, &own, error))
    return NULL;
  do {
    secret = descriptor >= 0 ? tessera_secret_read_line (descriptor, error) : ask (question, option, error);
    if (secret != NULL && tessera_secret_get_size (secret) > 0)
      g_ptr_array_add (secrets, g_steal_pointer (&secret));
    else
      break;
  } while (secrets->len < most);
  if (own)
    close (descriptor);
  if (secret == NULL && secrets->len < most)
    return NULL;
  g_clear_pointer (&secret, tessera_secret_free);
  return g_steal_pointer (&secrets);
}

gboolean
tessera_cli_has_new_passphrase (TesseraCli *self) {
  return tessera_arguments_get_general (self->arguments, "new-passphrase-fd") != NULL
         || tessera_arguments_get_general (self->arguments, "new-passphrase-file") != NULL;
}

static gboolean
secrets_are_equal (const TesseraSecret *one, const TesseraSecret *other) {
  return tessera_secret_get_size (one) == tessera_secret_get_size (other)
         && sodium_memcmp (tessera_secret_get_data (one), tessera_secret_get_data (other),
                           tessera_secret_get_size (one))
              == 0;
}

static TesseraSecret *
ask_twice (GError **error) {
  g_autoptr (TesseraSecret) secret = ask (_("New passphrase"), "new-passphrase", error);
  g_autoptr (TesseraSecret) again = NULL;

  if (secret == NULL)
    return NULL;
  again = ask (_("The same once more"), "new-passphrase", error);
  if (again == NULL)
    return NULL;
  if (!secrets_are_equal (secret, again)) {
    g_set_error_literal (error, TESSERA_CLI_ERROR, TESSERA_CLI_ERROR_REFUSED,
                         _("The two passphrases are not the same; nothing was changed."));
    return NULL;
  }
  return g_steal_pointer (&secret);
}

TesseraSecret *
tessera_cli_read_new_passphrase (TesseraCli *self, gboolean may_be_current, GError **error) {
  TesseraSecret *secret;

  if (!read_from_options (self, "new-passphrase", &secret, error))
    return NULL;
  if (secret == NULL && may_be_current && !read_from_options (self, "passphrase", &secret, error))
    return NULL;
  return secret != NULL ? secret : ask_twice (error);
}

/* In whose name changes are made: the worker of the slot that opened the vault. */
static gboolean
find_worker (TesseraTransaction *transaction, gpointer data, GError **error) {
  TesseraCli *self = data;
  g_autoptr (TesseraRecord) worker = NULL;

  worker = tessera_identity_find_worker (transaction, tessera_vault_get_slot (self->vault));
  if (worker != NULL)
    tessera_store_set_worker (self->store, tessera_record_get_id (worker));
  return TRUE;
}

gboolean
tessera_cli_adopt (TesseraCli *self, TesseraVault *vault, GError **error) {
  g_set_object (&self->vault, vault);
  self->store = tessera_store_open (vault, self->registry, error);
  return self->store != NULL && tessera_store_read (self->store, find_worker, self, error);
}

/* Whether all that a vault needs is in it; it may be that of a creation that was interrupted. */
static gboolean
check_identity (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_identity_check (transaction, error);
}

gboolean
tessera_cli_unlock (TesseraCli *self, GError **error) {
  const char *folder = tessera_cli_get_folder (self);
  g_autoptr (TesseraSecret) passphrase = NULL;

  if (!tessera_vault_exists (folder)) {
    g_set_error (
      error, TESSERA_VAULT_ERROR, TESSERA_VAULT_ERROR_NOT_A_VAULT,
      _("There is no vault in %s; name its folder with --vault, or make one with “vault create”."), folder);
    return FALSE;
  }
  /* Before anybody types. */
  if (!tessera_vault_check (folder, error))
    return FALSE;
  passphrase = tessera_cli_read_passphrase (self, _("Passphrase"), error);
  if (passphrase == NULL)
    return FALSE;
  self->vault = tessera_vault_unlock (folder, tessera_cli_get_worker (self), passphrase, error);
  return self->vault != NULL;
}

gboolean
tessera_cli_open (TesseraCli *self, GError **error) {
  return tessera_cli_unlock (self, error) && tessera_cli_adopt (self, self->vault, error)
         && tessera_store_read (self->store, check_identity, NULL, error);
}

typedef struct {
  TesseraCli *cli;
  gint64 shown;
} Progress;

static void
show_progress (gint64 done, gint64 total, gpointer data) {
  Progress *progress = data;

  if (done == progress->shown)
    return;
  progress->shown = done;
  tessera_cli_progress (progress->cli, (guint) done, (guint) total);
}

static gboolean
note_rotation (TesseraTransaction *transaction, gpointer data, GError **error) {
  return tessera_transaction_audit (transaction, "rotate", NULL, NULL, NULL, error);
}

/* The vault's own backups, if it has any, open with the key of before. */
static gboolean
renew_backups (TesseraStore *store, GError **error) {
  g_autoptr (GPtrArray) backups = tessera_store_list_backups (store);

  return backups->len == 0 || tessera_store_backup_if_due (store, NULL, NULL, error);
}

gboolean
tessera_cli_rotate (TesseraCli *self, gint64 *ret_pages, GError **error) {
  Progress progress = { self, 0 };
  g_autoptr (GError) late = NULL;

  if (self->store != NULL)
    tessera_store_close (self->store);
  g_clear_object (&self->store);
  if (!tessera_vault_rotate (self->vault, show_progress, &progress, NULL, error))
    return FALSE;
  *ret_pages = progress.shown / 2; /* each is written and read */
  /* What follows cannot take it back. */
  if (!tessera_cli_adopt (self, self->vault, &late)
      || !tessera_store_write (self->store, note_rotation, NULL, &late)
      || !renew_backups (self->store, &late))
    tessera_cli_warn (self, "%s", late->message);
  return TRUE;
}

void
tessera_cli_close (TesseraCli *self) {
  if (self->store != NULL)
    tessera_store_close (self->store);
  g_clear_object (&self->store);
  if (self->vault != NULL)
    tessera_vault_close (self->vault);
  g_clear_object (&self->vault);
}
