/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-contents.h: whose documents' content is still to be sent to whom, and whether what comes is waited for.
 *
 * An audience is a circle or a device, as 32 hexadecimal digits. What is owed to it stays until somebody says it was sent,
 * also while the content itself has not arrived here.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

/** TesseraContentDue: @row, @client: UUID; @attachment: its name here */
typedef struct {
  char *row;
  char *client;
  char *attachment;
  gint64 size;
} TesseraContentDue;

void tessera_content_due_free (TesseraContentDue *self);

/**
 * tessera_transaction_owe_own_contents:
 * @team: (nullable): only of this team's clients
 * @after, @upto: (element-type utf8 gint64): which changes of this device's streams are looked at
 *
 * Documents that got their content in these changes.
 */
gboolean tessera_transaction_owe_own_contents (TesseraTransaction *self, const char *audience, const char *team,
                                               GHashTable *after, GHashTable *upto, GError **error);

/** tessera_transaction_owe_all_contents: of every document, whoever wrote it. */
gboolean tessera_transaction_owe_all_contents (TesseraTransaction *self, const char *audience, const char *team,
                                               GError **error);

/** tessera_transaction_owe_contents_of: of every document of @client (UUID). */
gboolean tessera_transaction_owe_contents_of (TesseraTransaction *self, const char *audience, const char *client,
                                              GError **error);

/** tessera_transaction_list_owed_contents: (transfer full) (element-type TesseraContentDue): what is owed and is here, of
 * at most @largest bytes each. What no document refers to any more is owed no longer. */
GPtrArray *tessera_transaction_list_owed_contents (TesseraTransaction *self, const char *audience, const char *team,
                                                   gint64 largest, GError **error);

/** tessera_transaction_note_content_sent: it is in the bundle with the manifest @bundle. */
gboolean tessera_transaction_note_content_sent (TesseraTransaction *self, const char *audience, const char *bundle,
                                                const TesseraContentDue *due, GError **error);

/** tessera_transaction_note_contents_withdrawn: the bundle was taken back: what is still a document's is owed again. */
gboolean tessera_transaction_note_contents_withdrawn (TesseraTransaction *self, const char *bundle, GError **error);

/** tessera_transaction_drop_owed_contents: the audience is gone. */
gboolean tessera_transaction_drop_owed_contents (TesseraTransaction *self, const char *audience, GError **error);

/** tessera_contents_await: the content of @client's documents is about to be let go of here, and not for ever.
 * tessera_contents_forget: for ever. */
gboolean tessera_contents_await (TesseraTransaction *self, const char *client, GError **error);
gboolean tessera_contents_forget (TesseraTransaction *self, const char *client, GError **error);

/** tessera_transaction_is_content_awaited: whether @attachment is not here because a colleague has it, so that it will
 * come; what this device took in itself and does not have is damage. @row: UUID of a document */
gboolean tessera_transaction_is_content_awaited (TesseraTransaction *self, const char *row, const char *attachment,
                                                 gboolean *ret_awaited, GError **error);

/**
 * TesseraContentWish:
 * @TESSERA_CONTENT_UNWANTED: it is here, or no row will ask for it
 * @TESSERA_CONTENT_WANTED: a row asks for it
 * @TESSERA_CONTENT_EARLY: the row has not arrived
 */
typedef enum {
  TESSERA_CONTENT_UNWANTED,
  TESSERA_CONTENT_WANTED,
  TESSERA_CONTENT_EARLY,
} TesseraContentWish;

gboolean tessera_transaction_weigh_content (TesseraTransaction *self, const char *row, const char *client,
                                            const char *attachment, TesseraContentWish *ret_wish, GError **error);

G_END_DECLS
