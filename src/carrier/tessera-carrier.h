/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carrier.h: anything that brings files elsewhere: mailboxes, and files in them that are named after their
 * content.
 *
 * A mailbox is a folder with a random name under the carrier's root. A file is put once, never changed, and may be
 * there already; what is found is foreign and may be cut, changed or missing. A carrier knows nothing of what the files
 * say. Calls block and are made in a worker thread; an object is used by one thread at a time.
 */
#pragma once

#include "tessera-carrier-error.h"

G_BEGIN_DECLS

/** TESSERA_CARRIER_ROOT: folder under which all mailboxes are, on every carrier. */
#define TESSERA_CARRIER_ROOT "tessera1"
/** TESSERA_CARRIER_SIZE_LIMIT: largest file in bytes (256 MiB); larger ones are not listed, fetched or put. */
#define TESSERA_CARRIER_SIZE_LIMIT ((gint64) 256 * 1024 * 1024)
/** TESSERA_CARRIER_LIST_LIMIT: most files of one listing; what is beyond waits until some are removed. */
#define TESSERA_CARRIER_LIST_LIMIT 100000
/** TESSERA_CARRIER_NAME_LENGTH: 52 characters of base 32 (RFC 4648, lower case, unpadded: 256 bits) and ".age". */
#define TESSERA_CARRIER_NAME_LENGTH 56
/** TESSERA_CARRIER_MAILBOX_LENGTH: a mailbox's name: 26 characters of base 32 (RFC 4648, lower case, 128 bits). */
#define TESSERA_CARRIER_MAILBOX_LENGTH 26

/** TesseraCarrierItem: a file in a mailbox, as the listing says; only fetching shows what it is. */
typedef struct {
  char *name;
  gint64 size; /* bytes; -1 when the carrier does not say */
} TesseraCarrierItem;

void tessera_carrier_item_free (TesseraCarrierItem *self);

/** tessera_carrier_is_mailbox: whether @name is one a mailbox can have: ^[a-z2-7]{26}$ and nothing else. */
gboolean tessera_carrier_is_mailbox (const char *name);

/** tessera_carrier_is_name: whether @name is one a file on a carrier can have: ^[a-z2-7]{52}\.age$ and nothing else. */
gboolean tessera_carrier_is_name (const char *name);

/**
 * TesseraCarrierCheck:
 * @source: the whole file; read to its end
 *
 * Whether the file is what @name says (its BLAKE2b-256 in base 32); carriers have no cryptography.
 */
typedef gboolean (*TesseraCarrierCheck) (const char *name, GInputStream *source, GError **error);

/** TesseraCarrierProgress: bytes done and their total (-1 when not known); from the calling thread. */
typedef void (*TesseraCarrierProgress) (gint64 done, gint64 total, gpointer data);

#define TESSERA_TYPE_CARRIER (tessera_carrier_get_type ())
G_DECLARE_INTERFACE (TesseraCarrier, tessera_carrier, TESSERA, CARRIER, GObject)

/**
 * TesseraCarrierInterface: what a kind of carrier implements. All block, all answer with %TESSERA_CARRIER_ERROR or
 * %G_IO_ERROR_CANCELLED.
 */
struct _TesseraCarrierInterface {
  GTypeInterface parent;

  gboolean (*check) (TesseraCarrier *self, GCancellable *cancellable, GError **error);
  GPtrArray *(*list) (TesseraCarrier *self, const char *mailbox, GCancellable *cancellable, GError **error);
  gboolean (*fetch) (TesseraCarrier *self, const char *mailbox, const char *name, const char *path,
                     TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable, GError **error);
  gboolean (*put) (TesseraCarrier *self, const char *mailbox, const char *name, const char *path,
                   TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable, GError **error);
  gboolean (*remove) (TesseraCarrier *self, const char *mailbox, const char *name, GCancellable *cancellable,
                      GError **error);
  gboolean (*flush) (TesseraCarrier *self, GCancellable *cancellable, GError **error);
};

/** tessera_carrier_check: whether it can be reached and used now (rights, password, certificate). */
gboolean tessera_carrier_check (TesseraCarrier *self, GCancellable *cancellable, GError **error);

/** tessera_carrier_list: (transfer full) (element-type TesseraCarrierItem): in alphabetical order; a mailbox that is
 * not there yet is empty. */
GPtrArray *tessera_carrier_list (TesseraCarrier *self, const char *mailbox, GCancellable *cancellable, GError **error);

/**
 * tessera_carrier_fetch:
 * @path: a file of ours, in a private folder; made with mode 0600
 *
 * The whole file, when it returns %TRUE: its content fits its name. What an earlier, interrupted call left under @path
 * followed by ".part" is gone on with. %TESSERA_CARRIER_ERROR_NOT_COMPLETE when the content does not fit: then nothing
 * is left, and later it may.
 */
gboolean tessera_carrier_fetch (TesseraCarrier *self, const char *mailbox, const char *name, const char *path,
                                TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable,
                                GError **error);

/** tessera_carrier_put: when it returns %TRUE the whole file at @path is in @mailbox (made when missing) under @name.
 * Doing it again, or at the same time as somebody else, is harmless. */
gboolean tessera_carrier_put (TesseraCarrier *self, const char *mailbox, const char *name, const char *path,
                              TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable,
                              GError **error);

/** tessera_carrier_remove: %TRUE also when there is no such file. */
gboolean tessera_carrier_remove (TesseraCarrier *self, const char *mailbox, const char *name, GCancellable *cancellable,
                                 GError **error);

/** tessera_carrier_flush: a stick may be unplugged afterwards (once it is unmounted). */
gboolean tessera_carrier_flush (TesseraCarrier *self, GCancellable *cancellable, GError **error);

G_END_DECLS
