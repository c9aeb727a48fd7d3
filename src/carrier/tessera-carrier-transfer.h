/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carrier-transfer.h: our end of a fetch: the file that grows under a temporary name, is checked, and gets its
 * name. Where the bytes come from is each carrier's own.
 */
#pragma once

#include "tessera-carrier.h"

G_BEGIN_DECLS

/**
 * TesseraTransfer:
 * @size: bytes that are there already; a source goes on behind them
 */
typedef struct {
  const char *name;
  const char *path;
  char *part;
  int descriptor;
  gint64 size;
} TesseraTransfer;

/** TesseraTransferSource: gives what is missing with tessera_transfer_write(). */
typedef gboolean (*TesseraTransferSource) (TesseraTransfer *transfer, gpointer data, GError **error);

/** tessera_transfer_run: as tessera_carrier_fetch(). If what an earlier call left turns out to be of something else,
 * the file is fetched once more from its beginning. */
gboolean tessera_transfer_run (const char *name, const char *path, TesseraCarrierCheck check,
                               TesseraTransferSource source, gpointer data, GError **error);

/** tessera_transfer_write: refuses what would be more than %TESSERA_CARRIER_SIZE_LIMIT. */
gboolean tessera_transfer_write (TesseraTransfer *self, gconstpointer data, gsize size, GError **error);

/** tessera_transfer_restart: forgets what is there. */
gboolean tessera_transfer_restart (TesseraTransfer *self, GError **error);

G_END_DECLS
