/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carriers-open.c: from settings to a carrier; the only place that knows all kinds.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-bundle.h"
#include "tessera-carriers.h"
#include "tessera-folder-carrier.h"

static TesseraCarrier *
open_folder (const TesseraCarrierSettings *settings, GError **error) {
  g_autofree char *path = g_filename_from_uri (settings->uri, NULL, error);

  return path ? TESSERA_CARRIER (tessera_folder_carrier_new (path, tessera_bundle_check_name)) : NULL;
}

TesseraCarrier *
tessera_carriers_open (TesseraTransaction *transaction, const TesseraCarrierSettings *settings, GError **error) {
  return open_folder (settings, error);
}
