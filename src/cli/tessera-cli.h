/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli.h: one run of tessera-cli: what a command may ask of it and where its output goes.
 *
 * Commands put records, documents and lines into a run; it prints them, as text or as one JSON document, when
 * the command and its transaction have succeeded. Opens vault and store when the command's access says so.
 */
#pragma once

#include "tessera-arguments.h"
#include "tessera-store.h"

G_BEGIN_DECLS

/**
 * tessera_cli_main:
 * @words: (array zero-terminated=1): without the program's name
 *
 * Runs one command. Returns: the exit status of design section 8
 */
int tessera_cli_main (const char *const *words);

/** tessera_cli_get_status: 0 to 5 for an error of any layer (%NULL: 0). */
int tessera_cli_get_status (const GError *error);

/* What was asked for; see tessera-arguments.h. */
const char *tessera_cli_get_argument (TesseraCli *self, guint place);
guint tessera_cli_count_arguments (TesseraCli *self);
const char *tessera_cli_get_option (TesseraCli *self, const char *name);
gboolean tessera_cli_has (TesseraCli *self, const char *name);

/** tessera_cli_get_number: the option @name as a number from 1 to @most, or @fallback when it is not given.
 */
gboolean tessera_cli_get_number (TesseraCli *self, const char *name, guint64 most, guint64 fallback,
                                 guint64 *ret_number, GError **error);

/** tessera_cli_get_worker: (nullable): the general option --worker, who unlocks. */
const char *tessera_cli_get_worker (TesseraCli *self);

/** tessera_cli_get_folder: the vault's folder: --vault, or the one in the user's data folder. */
const char *tessera_cli_get_folder (TesseraCli *self);

TesseraRegistry *tessera_cli_get_registry (TesseraCli *self);

/** tessera_cli_get_store: (nullable): the open store; %NULL before tessera_cli_open(). */
TesseraStore *tessera_cli_get_store (TesseraCli *self);

/** tessera_cli_get_vault: (nullable): the vault, after tessera_cli_unlock(). */
TesseraVault *tessera_cli_get_vault (TesseraCli *self);

/** tessera_cli_open: unlocks --vault with the passphrase and opens its store in the name of the worker whose
 * slot it is. Commands whose access is not NONE find it done. */
gboolean tessera_cli_open (TesseraCli *self, GError **error);

/** tessera_cli_unlock: only the first half of that. */
gboolean tessera_cli_unlock (TesseraCli *self, GError **error);

/** tessera_cli_rotate: changes the data key of the unlocked vault, whose store is closed for it and opened again. */
gboolean tessera_cli_rotate (TesseraCli *self, gint64 *ret_pages, GError **error);

/** tessera_cli_adopt: opens the store of a vault that is already unlocked (just created); takes a reference.
 */
gboolean tessera_cli_adopt (TesseraCli *self, TesseraVault *vault, GError **error);

/** tessera_cli_read_passphrase: (transfer full): from --passphrase-fd, --passphrase-file or the terminal,
 * asked with
 * @question. */
TesseraSecret *tessera_cli_read_passphrase (TesseraCli *self, const char *question, GError **error);

/** tessera_cli_read_new_passphrase: (transfer full): from --new-passphrase-fd or --new-passphrase-file; else,
 * if
 * @may_be_current, from the --passphrase options; else from the terminal, twice. */
TesseraSecret *tessera_cli_read_new_passphrase (TesseraCli *self, gboolean may_be_current, GError **error);

/** tessera_cli_read_secrets: (transfer full) (element-type TesseraSecret): lines, at most @most and up to an empty one,
 * from where the command's option "@option-fd" or "@option-file" says, or else from the terminal, asked with @question. */
GPtrArray *tessera_cli_read_secrets (TesseraCli *self, const char *option, const char *question, guint most,
                                     GError **error);

/** tessera_cli_has_new_passphrase: whether an option says where a new passphrase comes from. */
gboolean tessera_cli_has_new_passphrase (TesseraCli *self);

/** tessera_cli_put_line: one line of text for people; nothing under --json. */
void tessera_cli_put_line (TesseraCli *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/** tessera_cli_put_record: the record: labels and values, or a JSON object with the registry's field names.
 */
void tessera_cli_put_record (TesseraCli *self, TesseraRecord *record);

/** tessera_cli_put_records: a table with @columns (field names, blank-separated), or a JSON array of whole
 * records. */
void tessera_cli_put_records (TesseraCli *self, GPtrArray *records, const char *columns);

/** tessera_cli_put_object: (transfer full): an object that is no record; members as lines of text, or as
 * JSON. */
void tessera_cli_put_object (TesseraCli *self, JsonObject *object);

/** tessera_cli_put_objects: (transfer full): an array of objects; a table of @columns, or JSON. */
void tessera_cli_put_objects (TesseraCli *self, JsonArray *objects, const char *columns);

/** TesseraCliFileFunc: what a command does with one of its files. Returns: (transfer full) (nullable) */
typedef JsonObject *(*TesseraCliFileFunc) (TesseraCli *self, const char *path, GError **error);

/**
 * tessera_cli_for_each_file:
 * @done: gets an object for every file that was taken in
 *
 * Calls @func for every argument. A single file that is refused is simply an error; of several each one is
 * named on standard error, the others go on, and the error says how many.
 */
gboolean
tessera_cli_for_each_file (TesseraCli *self, TesseraCliFileFunc func, JsonArray *done, GError **error);

/** tessera_cli_read_file: (transfer full): a whole file of at most @most bytes, with a zero byte behind it.
 */
GBytes *tessera_cli_read_file (const char *path, gsize most, GError **error);

/**
 * tessera_cli_check_target:
 * @path: a file or folder that a command is about to write
 *
 * Refuses what writing would destroy: a place inside the vault's folder, where our own files lie, and anything that is
 * neither a file nor a folder.
 */
gboolean tessera_cli_check_target (TesseraCli *self, const char *path, GError **error);

/** tessera_cli_join_arguments: (transfer full): arguments from @first on, with spaces between. */
char *tessera_cli_join_arguments (TesseraCli *self, guint first);

/** tessera_cli_is_json: whether --json was given. */
gboolean tessera_cli_is_json (TesseraCli *self);

/** tessera_cli_warn: one line on standard error, at once. */
void tessera_cli_warn (TesseraCli *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/** tessera_cli_progress: how far long work is, on standard error when that is a terminal. */
void tessera_cli_progress (TesseraCli *self, guint done, guint total);

G_END_DECLS
