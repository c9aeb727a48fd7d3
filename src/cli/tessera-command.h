/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-command.h: what a command of tessera-cli is, and the tables of them.
 *
 * One table per noun, in the file of that noun. The usage line of a command is also its grammar: which
 * options and how many arguments it takes is read from it (see tessera-arguments.h), so that the help cannot
 * be wrong.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

typedef struct _TesseraCli TesseraCli;

/**
 * TesseraAccess:
 * @TESSERA_ACCESS_NONE: nothing is unlocked
 * @TESSERA_ACCESS_STORE: the store is open, the command makes its own transactions
 * @TESSERA_ACCESS_READ: runs inside one read-only snapshot
 * @TESSERA_ACCESS_WRITE: runs inside one writing transaction: when it fails, nothing has changed
 *
 * What a command needs before it runs. Output made by a command is only printed once it (and its commit)
 * succeeded.
 */
typedef enum {
  TESSERA_ACCESS_NONE,
  TESSERA_ACCESS_STORE,
  TESSERA_ACCESS_READ,
  TESSERA_ACCESS_WRITE,
} TesseraAccess;

/** TesseraCommandFunc: @transaction is %NULL unless the command's access is READ or WRITE. */
typedef gboolean (*TesseraCommandFunc) (TesseraCli *self, TesseraTransaction *transaction, GError **error);

/**
 * TesseraCommand:
 * @verb: (nullable): %NULL for a noun that is a command by itself
 * @usage: what follows the verb: "CLIENT [--limit N] FIELD=VALUE…"; capital words are arguments, brackets
 * mean optional, "…" means several
 * @summary: one short English sentence, marked for translation
 */
typedef struct {
  const char *noun;
  const char *verb;
  const char *usage;
  const char *summary;
  TesseraAccess access;
  TesseraCommandFunc run;
} TesseraCommand;

/** tessera_commands: all tables, each ended by an entry without noun; %NULL-terminated. */
extern const TesseraCommand *const tessera_commands[];

G_END_DECLS
