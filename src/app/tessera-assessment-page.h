/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-assessment-page.h: how it goes in the twelve domains, asked together.
 *
 * Nothing has to be asked. What was said last time stands beside; at the end stands what the rule suggests,
 * which nobody has to follow.
 */
#pragma once

#include <adwaita.h>

#include "tessera-page.h"
#include "tessera-session.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_ASSESSMENT_PAGE (tessera_assessment_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraAssessmentPage, tessera_assessment_page, TESSERA, ASSESSMENT_PAGE, AdwBin)

/** tessera_assessment_page_new: @client: id. Its draft has the key "assessment:@client". */
GtkWidget *tessera_assessment_page_new (TesseraSession *session, const char *client);

G_END_DECLS
