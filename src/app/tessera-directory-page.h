/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-page.h: the service map of the town: finding a service, and taking in a file of them.
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_DIRECTORY_PAGE (tessera_directory_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraDirectoryPage, tessera_directory_page, TESSERA, DIRECTORY_PAGE, AdwBin)

/** tessera_directory_page_new: @argument is not used. */
GtkWidget *tessera_directory_page_new (TesseraSession *session, const char *argument);

G_END_DECLS
