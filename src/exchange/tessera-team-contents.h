/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team-contents.h: what is in colleagues' documents, out and in. Bundles of their own, so that changes never wait
 * for scans. Format: docs/bundle-format.md, Attachments.
 */
#pragma once

#include "tessera-bundle-writer.h"
#include "tessera-team-private.h"

G_BEGIN_DECLS

/** Most bytes of contents in one bundle, unless it holds a single one. */
#define TESSERA_TEAM_MAX_CONTENTS (G_GINT64_CONSTANT (64) << 20)
/** Most bytes of one content; what is larger stays where it is. */
#define TESSERA_TEAM_LARGEST_CONTENT (G_GINT64_CONSTANT (192) << 20)

/** tessera_team_plan_contents: (transfer full) (element-type TesseraTeamLetter): contents that colleagues who have been
 * heard of lack; after the letters of tessera_team_plan() were sealed. Needs a writing transaction. */
GPtrArray *tessera_team_plan_contents (TesseraTransaction *transaction, GError **error);

/** tessera_team_add_contents: what @letter is about, into @writer. Damaged content is left out. @go_on as in sealing. */
gboolean tessera_team_add_contents (TesseraTransaction *transaction, const TesseraTeamLetter *letter,
                                    TesseraBundleWriter *writer, TesseraStore *store, GCancellable *cancellable,
                                    GError **error);

/** tessera_team_note_contents: @letter was sealed: contents that go after it are owed, those in it no longer. */
gboolean tessera_team_note_contents (TesseraTransaction *transaction, const TesseraTeamLetter *letter, GError **error);

/** tessera_team_owe_colleague: @device, who reads @circle, has @vector; what this device wrote later was not sealed to
 * it. */
gboolean tessera_team_owe_colleague (TesseraTransaction *transaction, const char *circle, const char *device,
                                     GHashTable *vector, GError **error);

/** TesseraTeamContents: a bundle of contents being read. */
typedef struct _TesseraTeamContents TesseraTeamContents;

/** tessera_team_contents_new: (transfer full) */
TesseraTeamContents *tessera_team_contents_new (TesseraTransaction *transaction);
gboolean tessera_team_contents_line (TesseraTeamContents *self, const char *line, gsize length, GError **error);
gboolean tessera_team_contents_piece (TesseraTeamContents *self, const char *hash, gconstpointer piece, gsize size,
                                      gboolean last, GError **error);

/** tessera_team_contents_finish: @ret_count: (out): contents stored; @ret_early: (out): contents whose rows have not
 * arrived. */
gboolean tessera_team_contents_finish (TesseraTeamContents *self, gint64 *ret_count, gint64 *ret_early, GError **error);
void tessera_team_contents_free (TesseraTeamContents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraTeamContents, tessera_team_contents_free)

G_END_DECLS
