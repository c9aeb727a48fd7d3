/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-setup.h: making a vault with its organization and first worker, and adding workers.
 *
 * Shared by `vault create`, `vault add-worker` and `demo create`.
 */
#pragma once

#include "tessera-cli.h"

G_BEGIN_DECLS

/** TesseraSetup: @role and @language may be %NULL: supervisor, and the language of the locale. A vault that is @joining
 * has no @organization and no @role yet; @device (nullable) is the laptop's name. */
typedef struct {
  gboolean joining;
  const char *device;
  const char *organization;
  const char *worker;
  const char *role;
  const char *language;
  TesseraWorkFactor work_factor;
} TesseraSetup;

/** tessera_cli_parse_work_factor: the option --work-factor. */
gboolean tessera_cli_parse_work_factor (TesseraCli *self, TesseraWorkFactor *ret_work_factor, GError **error);

/**
 * tessera_cli_set_up:
 * @ret_recovery_key: (out) (transfer full)
 *
 * Makes the vault in --vault with the new passphrase and leaves its store open. If anything fails, nothing is
 * left behind. Returns: (transfer full): what was made: id, folder, organization, worker …
 */
JsonObject *tessera_cli_set_up (TesseraCli *self, const TesseraSetup *setup, TesseraSecret **ret_recovery_key,
                                GError **error);

/** tessera_cli_add_worker: (transfer full): a key slot with the new passphrase, and the worker's row. */
TesseraRecord *tessera_cli_add_worker (TesseraCli *self, const TesseraSetup *setup, GError **error);

G_END_DECLS
