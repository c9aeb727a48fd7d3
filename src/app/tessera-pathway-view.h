/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-pathway-view.h: where a client stands: step, domains, what comes next, goals.
 *
 * Shows and asks; the page it is on does the saving.
 */
#pragma once

#include <adwaita.h>

#include "tessera-pathway.h"

G_BEGIN_DECLS

#define TESSERA_TYPE_PATHWAY_VIEW (tessera_pathway_view_get_type ())
G_DECLARE_FINAL_TYPE (TesseraPathwayView, tessera_pathway_view, TESSERA, PATHWAY_VIEW, AdwBin)

/*
 * TesseraPathwayView::done (self, const char *entity, const char *id, const char *who): a task or goal was
 * done;
 * @who is a code of vocabulary `who`.
 */

GtkWidget *tessera_pathway_view_new (void);

/**
 * tessera_pathway_view_show:
 * @tasks, @goals: (element-type TesseraRecord): open ones
 */
void tessera_pathway_view_show (TesseraPathwayView *self,
                                TesseraRecord *client,
                                const TesseraDomainStates *states,
                                GPtrArray *tasks,
                                GPtrArray *goals);

G_END_DECLS
