/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-assessment-page.h: the domains, worker and client side by side
 */
#pragma once

#include <adwaita.h>

#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_ASSESSMENT_PAGE (tessera_assessment_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraAssessmentPage, tessera_assessment_page, TESSERA, ASSESSMENT_PAGE, AdwBin)

GtkWidget *tessera_assessment_page_new (TesseraSession *session, const char *argument);

G_END_DECLS
