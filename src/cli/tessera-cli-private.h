/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-private.h: the insides of a run, shared by the files that implement tessera-cli.h and by nobody
 * else.
 */
#pragma once

#include "tessera-cli.h"

G_BEGIN_DECLS

/* @text is what people read, @document what --json prints; only one of them is used. @transaction is set
 * while a command runs in one, so that references can be shown by name. */
struct _TesseraCli {
  TesseraArguments *arguments;
  TesseraRegistry *registry;
  TesseraVault *vault;
  TesseraStore *store;
  TesseraTransaction *transaction;
  char *folder;
  gboolean json;
  gboolean progress_shown;
  GString *text;
  JsonNode *document;
};

/** tessera_cli_close: closes store and vault, wiping the keys. */
void tessera_cli_close (TesseraCli *self);

/** tessera_cli_print: what was put goes to standard output; %FALSE if it cannot be written. */
gboolean tessera_cli_print (TesseraCli *self, GError **error);

G_END_DECLS
