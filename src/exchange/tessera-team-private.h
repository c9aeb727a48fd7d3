/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-team-private.h: what sending to and receiving from colleagues have in common.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "tessera-bundle-writer.h"
#include "tessera-exchange.h"
#include "tessera-identity-private.h"
#include "tessera-merge.h"
#include "tessera-roster.h"

G_BEGIN_DECLS

/** Data schema of what we write, and the newest we can apply. */
#define TESSERA_TEAM_SCHEMA 1

/** Most bytes of lines in one bundle of changes; what is beyond goes into the next. */
#define TESSERA_TEAM_MAX_RAW (G_GINT64_CONSTANT (512) << 20)

/**
 * TesseraTeamLetter: one bundle for colleagues: what is in it and who reads it, decided in one transaction, sealed in
 * another, noted in a third.
 * @after: (nullable): where the changes begin: stream to sequence
 * @everybody: changes of all streams, for a snapshot
 * @team: (nullable): the readers hold this team's clients only
 * @fills: (nullable) (element-type utf8): clients that came to the team
 * @audience: (nullable): whose debt is paid, if it holds contents of documents
 * @contents: (nullable) (element-type TesseraContentDue): those contents, and nothing else is in it
 * @readers: (element-type utf8): ids of devices
 */
typedef struct {
  TesseraFlow flow;
  char *circle;
  char *mailbox;
  char *stream;
  gboolean everybody;
  char *team;
  GPtrArray *fills;
  char *audience;
  GPtrArray *contents;
  GHashTable *after;
  GPtrArray *readers;
  GArray *keys;           /* guint8, 32 for each reader */
  GPtrArray *rosters;     /* texts, for a roster: the newest last */
  TesseraManifest *manifest;
  char *name;
  char *manifest_hash;
  gint64 size;
} TesseraTeamLetter;

void tessera_team_letter_free (TesseraTeamLetter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraTeamLetter, tessera_team_letter_free)

/** tessera_team_letter_new: to nobody yet. */
TesseraTeamLetter *tessera_team_letter_new (TesseraFlow flow, const TesseraRoster *roster,
                                            const TesseraRosterCircle *circle);
gboolean tessera_team_letter_add_reader (TesseraTeamLetter *letter, const TesseraRosterDevice *device, GError **error);
/** tessera_team_letter_add_readers: everybody who reads its circle, but @self. */
gboolean tessera_team_letter_add_readers (TesseraTeamLetter *letter, const TesseraRoster *roster, const char *self,
                                          GError **error);

/** tessera_team_book_load: (transfer full): what is remembered of a circle. */
JsonObject *tessera_team_book_load (TesseraTransaction *transaction, const char *circle);
gboolean tessera_team_book_save (TesseraTransaction *transaction, const char *circle, JsonObject *book, GError **error);
/** tessera_team_book_get_part: (transfer none): made when it is not there. */
JsonObject *tessera_team_book_get_part (JsonObject *book, const char *name);

/** tessera_team_plan: (transfer full) (element-type TesseraTeamLetter): what is to be sealed now; empty on a device that
 * belongs to no organization. Needs a writing transaction. */
GPtrArray *tessera_team_plan (TesseraTransaction *transaction, GError **error);

/** tessera_team_note_sealed: the file of @letter is in the outbox. */
gboolean tessera_team_note_sealed (TesseraTransaction *transaction, TesseraTeamLetter *letter, GError **error);

/** tessera_team_note_heard: @device said what it has of the streams of @circle. */
gboolean tessera_team_note_heard (TesseraTransaction *transaction, const char *circle, const char *device,
                                  GHashTable *vector, GError **error);

/** tessera_team_note_behind: somebody of @circle still goes by an older roster. */
gboolean tessera_team_note_behind (TesseraTransaction *transaction, const char *circle, GError **error);

/** tessera_team_note_withdrawn: what we sealed of our stream into @mailbox, from change @first on, was taken back: whoever
 * did not say that they have it is sealed it again. */
gboolean tessera_team_note_withdrawn (TesseraTransaction *transaction, const char *mailbox, const char *stream,
                                      gint64 first, GError **error);

/** tessera_team_note_snapshot_withdrawn: the one that was sealed into @mailbox, unless its reader was heard of since; in
 * the mailbox of a team, of clients who came to it, everybody of the team. */
gboolean tessera_team_note_snapshot_withdrawn (TesseraTransaction *transaction, const char *mailbox, GError **error);

/**
 * tessera_team_get_audience: (transfer none) (nullable): the circle whose bundles @device reads: the organization's (the
 * first) if it holds everybody's clients, else the team's whose clients it holds.
 */
const TesseraRosterCircle *tessera_team_get_audience (const TesseraRoster *roster, const TesseraRosterDevice *device);

/** tessera_team_is_reader: whether bundles for @circle are sealed to @device by the device @self (32 digits). */
gboolean tessera_team_is_reader (const TesseraRoster *roster, const TesseraRosterDevice *device, const char *circle,
                                 const char *self);

/** tessera_team_device_mailbox: (transfer full): where a device alone finds what is for it alone. */
char *tessera_team_device_mailbox (const char *circle_mailbox, const char *device);

/** tessera_team_compact: at most once a day, takes from the change log what no laptop needs any more. */
gboolean tessera_team_compact (TesseraStore *store, GCancellable *cancellable, GError **error);

/** tessera_team_may: a #TesseraMergeMay; @data is a #TesseraTeamAuthor. */
typedef struct {
  const char *device;
  const char *role;
  gboolean is_snapshot;
  gboolean any_clock; /* a person said that its times are to be taken as they are */
} TesseraTeamAuthor;

gboolean tessera_team_may (TesseraTransaction *transaction, const TesseraMergeChange *change, gpointer data,
                           GError **error);

G_END_DECLS
