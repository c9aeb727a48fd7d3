/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-webdav-carrier.c: which requests make a listing, a fetch, a put; and what their answers mean.
 *
 * Servers do not agree on preconditions (If-None-Match, If-Match) or on what an upload that was cut leaves behind; all
 * refuse a MOVE with Overwrite: F when something is there. So a file is uploaded as `.up-…` and moved.
 */
#include "config.h"

#include "tessera-webdav-carrier.h"

#include <libsoup/soup.h>
#include <string.h>
#include <unistd.h>

#include "tessera-carrier-private.h"
#include "tessera-carrier-transfer.h"
#include "tessera-webdav-client.h"
#include "tessera-webdav-error.h"
#include "tessera-webdav-listing.h"

#define PROPERTIES \
  "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" \
  "<propfind xmlns=\"DAV:\"><prop><getcontentlength/><resourcetype/></prop></propfind>\n"
#define ROOT_PATH TESSERA_CARRIER_ROOT "/"
#define PART_PREFIX ".up-"
#define NAME_DIGITS_LENGTH 52
/* From this size on it is asked whether a file is there before it is sent; below, sending it is as quick. */
#define SIZE_WORTH_ASKING (1024 * 1024)

struct _TesseraWebdavCarrier {
  GObject parent_instance;
  TesseraWebdavClient *client;
  TesseraCarrierCheck check;
  GHashTable *known; /* mailboxes that are there */
};

static void tessera_webdav_carrier_implement (TesseraCarrierInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraWebdavCarrier, tessera_webdav_carrier, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (TESSERA_TYPE_CARRIER, tessera_webdav_carrier_implement))

static void
tessera_webdav_carrier_finalize (GObject *object) {
  TesseraWebdavCarrier *self = TESSERA_WEBDAV_CARRIER (object);

  tessera_webdav_client_free (self->client);
  g_hash_table_unref (self->known);
  G_OBJECT_CLASS (tessera_webdav_carrier_parent_class)->finalize (object);
}

static void
tessera_webdav_carrier_class_init (TesseraWebdavCarrierClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = tessera_webdav_carrier_finalize;
}

static void
tessera_webdav_carrier_init (TesseraWebdavCarrier *self) {
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

TesseraWebdavCarrier *
tessera_webdav_carrier_new (const char *uri, TesseraCarrierCheck check, GError **error) {
  g_autoptr (TesseraWebdavClient) client = tessera_webdav_client_new (uri, error);
  TesseraWebdavCarrier *self;

  if (client == NULL)
    return NULL;
  self = g_object_new (TESSERA_TYPE_WEBDAV_CARRIER, NULL);
  self->client = g_steal_pointer (&client);
  self->check = check;
  return self;
}

void
tessera_webdav_carrier_set_credentials (TesseraWebdavCarrier *self, const char *user, TesseraWebdavPassword password,
                                        gpointer data, GDestroyNotify destroy) {
  tessera_webdav_client_set_credentials (self->client, user, password, data, destroy);
}

gboolean
tessera_webdav_carrier_set_pin (TesseraWebdavCarrier *self, const char *pin, GError **error) {
  return tessera_webdav_client_set_pin (self->client, pin, error);
}

const char *
tessera_webdav_carrier_get_seen_pin (TesseraWebdavCarrier *self) {
  return tessera_webdav_client_get_seen_pin (self->client);
}

void
tessera_webdav_carrier_set_timeout (TesseraWebdavCarrier *self, guint seconds) {
  tessera_webdav_client_set_timeout (self->client, seconds);
}

/* ---- requests ---- */

static char *
mailbox_path (const char *mailbox) {
  return g_strconcat (ROOT_PATH, mailbox, "/", NULL);
}

static char *
file_path (const char *mailbox, const char *name) {
  return g_strconcat (ROOT_PATH, mailbox, "/", name, NULL);
}

static char *
part_path (const char *mailbox, const char *name) {
  return g_strdup_printf (ROOT_PATH "%s/" PART_PREFIX "%.*s", mailbox, NAME_DIGITS_LENGTH, name);
}

static char *
random_part_path (const char *mailbox) {
  char digits[NAME_DIGITS_LENGTH + 1] = { 0 };

  for (guint i = 0; i < NAME_DIGITS_LENGTH; i++)
    digits[i] = (char) ('a' + g_random_int_range (0, 26));
  return part_path (mailbox, digits);
}

/* Returns the status; 0 with an error. */
static guint
send_plain (TesseraWebdavCarrier *self, const char *method, const char *path, GCancellable *cancellable,
            GError **error) {
  const TesseraWebdavRequest request = { .method = method, .path = path };

  return tessera_webdav_client_send (self->client, &request, cancellable, error);
}

static gboolean
begin_listing (guint status, SoupMessageHeaders *headers, gpointer data, GError **error) {
  return status == SOUP_STATUS_MULTI_STATUS;
}

static gboolean
take_listing (gconstpointer bytes, gsize size, gpointer data, GError **error) {
  return tessera_webdav_listing_feed (data, bytes, size, error) && !tessera_webdav_listing_is_full (data);
}

/* Files that @path names, itself one or a folder. Returns the status; 0 with an error; anything but 207 is left to the
 * caller. */
static guint
ask (TesseraWebdavCarrier *self, const char *path, const char *depth, GPtrArray **ret_items,
     GCancellable *cancellable, GError **error) {
  g_autoptr (TesseraWebdavListing) listing = tessera_webdav_listing_new ();
  const TesseraWebdavRequest request = { .method = "PROPFIND", .path = path, .depth = depth, .text = PROPERTIES,
                                         .begin = begin_listing, .take = take_listing, .data = listing };
  guint status = tessera_webdav_client_send (self->client, &request, cancellable, error);

  if (status != SOUP_STATUS_MULTI_STATUS)
    return status;
  *ret_items = tessera_webdav_listing_finish (listing, error);
  return *ret_items != NULL ? status : 0;
}

/* Whether @path is on the server; a server's refusal is no error yet, since writing may be allowed all the same. */
static guint
ask_existence (TesseraWebdavCarrier *self, const char *path, GCancellable *cancellable, GError **error) {
  g_autoptr (GPtrArray) items = NULL;

  return ask (self, path, "0", &items, cancellable, error);
}

/* ---- listing ---- */

static GPtrArray *
tessera_webdav_carrier_list (TesseraCarrier *carrier, const char *mailbox, GCancellable *cancellable,
                             GError **error) {
  TesseraWebdavCarrier *self = TESSERA_WEBDAV_CARRIER (carrier);
  g_autofree char *path = mailbox_path (mailbox);
  g_autoptr (GPtrArray) items = NULL;
  guint status = ask (self, path, "1", &items, cancellable, error);

  if (status == SOUP_STATUS_MULTI_STATUS)
    return g_steal_pointer (&items);
  if (status == SOUP_STATUS_NOT_FOUND)
    return g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_carrier_item_free);
  if (status != 0)
    tessera_webdav_client_set_error (self->client, status, error);
  return NULL;
}

/* ---- fetching ---- */

typedef struct {
  TesseraWebdavCarrier *carrier;
  const char *path;
  TesseraTransfer *transfer;
  gint64 total;
  TesseraCarrierProgress progress;
  gpointer data;
  GCancellable *cancellable;
} Download;

/* A part is added only where it belongs; anything else begins anew. */
static gboolean
is_continuation (guint status, SoupMessageHeaders *headers, gint64 from) {
  goffset first, last, total;

  return status == SOUP_STATUS_PARTIAL_CONTENT
         && soup_message_headers_get_content_range (headers, &first, &last, &total) && first == from;
}

static gboolean
begin_download (guint status, SoupMessageHeaders *headers, gpointer data, GError **error) {
  Download *self = data;
  gint64 length = -1;

  if (!is_continuation (status, headers, self->transfer->size) && !tessera_transfer_restart (self->transfer, error))
    return FALSE;
  if (status == SOUP_STATUS_PARTIAL_CONTENT && self->transfer->size == 0) {
    tessera_webdav_client_set_error (self->carrier->client, status, error);
    return FALSE;
  }
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH)
    length = soup_message_headers_get_content_length (headers);
  if (length > TESSERA_CARRIER_SIZE_LIMIT - self->transfer->size) {
    tessera_transfer_restart (self->transfer, NULL);
    tessera_carrier_set_size_error (error, self->transfer->name);
    return FALSE;
  }
  self->total = length >= 0 ? self->transfer->size + length : -1;
  return TRUE;
}

static gboolean
take_download (gconstpointer bytes, gsize size, gpointer data, GError **error) {
  Download *self = data;

  if (!tessera_transfer_write (self->transfer, bytes, size, error))
    return FALSE;
  if (self->progress != NULL)
    self->progress (self->transfer->size, self->total, self->data);
  return TRUE;
}

static gboolean
download (TesseraTransfer *transfer, gpointer data, GError **error) {
  Download *self = data;
  const TesseraWebdavRequest request = { .method = "GET", .path = self->path, .from = transfer->size,
                                         .begin = begin_download, .take = take_download, .data = self };
  guint status;

  self->transfer = transfer;
  status = tessera_webdav_client_send (self->carrier->client, &request, self->cancellable, error);
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    return TRUE;
  /* Nothing is behind what we have: then it is the whole, or nothing of use. */
  if (status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE && transfer->size > 0)
    return TRUE;
  if (status == SOUP_STATUS_NOT_FOUND || status == SOUP_STATUS_GONE)
    tessera_carrier_set_gone_error (error, transfer->name);
  else if (status != 0)
    tessera_webdav_client_set_error (self->carrier->client, status, error);
  return FALSE;
}

static gboolean
tessera_webdav_carrier_fetch (TesseraCarrier *carrier, const char *mailbox, const char *name, const char *path,
                              TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable,
                              GError **error) {
  TesseraWebdavCarrier *self = TESSERA_WEBDAV_CARRIER (carrier);
  g_autofree char *remote = file_path (mailbox, name);
  Download work = { self, remote, NULL, -1, progress, data, cancellable };

  return tessera_transfer_run (name, path, self->check, download, &work, error);
}

/* ---- putting ---- */

static gboolean
is_folder_made (guint status) {
  /* Not allowed on what is there already: that is how servers say that it is. */
  return SOUP_STATUS_IS_SUCCESSFUL (status) || status == SOUP_STATUS_METHOD_NOT_ALLOWED;
}

/* The mailbox and the folder above it, never that above. */
static gboolean
make_mailbox (TesseraWebdavCarrier *self, const char *mailbox, GCancellable *cancellable, GError **error) {
  g_autofree char *path = mailbox_path (mailbox);
  guint status = send_plain (self, "MKCOL", ROOT_PATH, cancellable, error);

  /* An account may have the right to make mailboxes in a folder that is not its own. */
  if (is_folder_made (status) || status == SOUP_STATUS_FORBIDDEN)
    status = send_plain (self, "MKCOL", path, cancellable, error);
  /* When two make it at once, some servers refuse it to the second. */
  if (status == SOUP_STATUS_FORBIDDEN && ask_existence (self, path, cancellable, NULL) == SOUP_STATUS_MULTI_STATUS)
    status = SOUP_STATUS_CREATED;
  if (is_folder_made (status)) {
    g_hash_table_add (self->known, g_strdup (mailbox));
    return TRUE;
  }
  if (status != 0)
    tessera_webdav_client_set_error (self->client, status, error);
  return FALSE;
}

/* Asked with a request that sends no file, so that one is not sent in vain to be asked for the password. */
static gboolean
find_mailbox (TesseraWebdavCarrier *self, const char *mailbox, GCancellable *cancellable, GError **error) {
  g_autofree char *path = mailbox_path (mailbox);
  guint status;

  if (g_hash_table_contains (self->known, mailbox))
    return TRUE;
  status = ask_existence (self, path, cancellable, error);
  if (status == SOUP_STATUS_NOT_FOUND || status == SOUP_STATUS_CONFLICT)
    return make_mailbox (self, mailbox, cancellable, error);
  if (status == SOUP_STATUS_UNAUTHORIZED) {
    tessera_webdav_client_set_error (self->client, status, error);
    return FALSE;
  }
  if (status == SOUP_STATUS_MULTI_STATUS)
    g_hash_table_add (self->known, g_strdup (mailbox));
  return status != 0;
}

typedef struct {
  TesseraWebdavCarrier *carrier;
  const char *mailbox;
  const char *name;
  const char *target;
  const char *part;
  guint status; /* of the request that failed, if it was one that brings the file */
  TesseraWebdavRequest request;
  GCancellable *cancellable;
} Upload;

/* Whether a file of the right name and size is there. What is in it shows when it is fetched. */
static gboolean
has_target (Upload *self, GError **error) {
  g_autoptr (GPtrArray) items = NULL;
  guint status = ask (self->carrier, self->target, "0", &items, self->cancellable, error);
  const TesseraCarrierItem *item;

  if (status != SOUP_STATUS_MULTI_STATUS || items->len != 1)
    return FALSE;
  item = g_ptr_array_index (items, 0);
  return strcmp (item->name, self->name) == 0 && (item->size < 0 || item->size == self->request.size);
}

static gboolean
send_part (Upload *self, GError **error) {
  TesseraWebdavCarrier *carrier = self->carrier;
  guint status = tessera_webdav_client_send (carrier->client, &self->request, self->cancellable, error);

  if (status == SOUP_STATUS_NOT_FOUND || status == SOUP_STATUS_CONFLICT) {
    g_hash_table_remove (carrier->known, self->mailbox);
    if (!make_mailbox (carrier, self->mailbox, self->cancellable, error))
      return FALSE;
    status = tessera_webdav_client_send (carrier->client, &self->request, self->cancellable, error);
  }
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    return TRUE;
  self->status = status;
  if (status != 0)
    tessera_webdav_client_set_error (carrier->client, status, error);
  return FALSE;
}

static guint
move_part (Upload *self, GError **error) {
  const TesseraWebdavRequest request = { .method = "MOVE", .path = self->part, .destination = self->target };

  return tessera_webdav_client_send (self->carrier->client, &request, self->cancellable, error);
}

/* Something has the name. Ours is the only content that fits it, so what has another size is half a file and goes. */
static guint
settle (Upload *self, GError **error) {
  if (has_target (self, error)) {
    send_plain (self->carrier, "DELETE", self->part, self->cancellable, NULL);
    return SOUP_STATUS_NO_CONTENT;
  }
  if (*error != NULL || send_plain (self->carrier, "DELETE", self->target, self->cancellable, error) == 0)
    return 0;
  return move_part (self, error);
}

static gboolean
give_name (Upload *self, GError **error) {
  g_autoptr (GError) cause = NULL;
  guint status = move_part (self, &cause);

  if (status == SOUP_STATUS_PRECONDITION_FAILED)
    status = settle (self, &cause);
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    return TRUE;
  self->status = status;
  if (cause != NULL)
    g_propagate_error (error, g_steal_pointer (&cause));
  else
    tessera_webdav_client_set_error (self->carrier->client, status, error);
  return FALSE;
}

static gboolean
upload_part (Upload *self, const char *part, GError **error) {
  self->part = self->request.path = part;
  self->status = 0;
  return send_part (self, error) && give_name (self, error);
}

/* Two who bring the same file at the same time use the same temporary name. The slower one then finds nothing to move,
 * or is refused by the server; for it the other's is as good, or a name that nobody else has. */
static gboolean
is_in_the_way (guint status) {
  return status == SOUP_STATUS_FORBIDDEN || status == SOUP_STATUS_NOT_FOUND;
}

static gboolean
upload (Upload *self, GError **error) {
  g_autofree char *part = part_path (self->mailbox, self->name);
  g_autofree char *other_part = NULL;
  g_autoptr (GError) cause = NULL;

  if (upload_part (self, part, &cause))
    return TRUE;
  if (!is_in_the_way (self->status)) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return FALSE;
  }
  if (has_target (self, NULL))
    return TRUE;
  other_part = random_part_path (self->mailbox);
  return upload_part (self, other_part, error);
}

static gboolean
bring (Upload *self, GError **error) {
  g_autoptr (GError) cause = NULL;

  if (self->request.size >= SIZE_WORTH_ASKING && has_target (self, &cause))
    return TRUE;
  if (cause != NULL) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return FALSE;
  }
  return find_mailbox (self->carrier, self->mailbox, self->cancellable, error) && upload (self, error);
}

static gboolean
tessera_webdav_carrier_put (TesseraCarrier *carrier, const char *mailbox, const char *name, const char *path,
                            TesseraCarrierProgress progress, gpointer data, GCancellable *cancellable,
                            GError **error) {
  TesseraWebdavCarrier *self = TESSERA_WEBDAV_CARRIER (carrier);
  g_autofree char *target = file_path (mailbox, name);
  Upload work = { .carrier = self, .mailbox = mailbox, .name = name, .target = target, .cancellable = cancellable };
  gint64 size;
  int descriptor = tessera_carrier_open_source (path, name, self->check, &size, error);

  if (descriptor < 0)
    return FALSE;
  close (descriptor);
  work.request = (TesseraWebdavRequest) { .method = "PUT", .file = path, .size = size, .progress = progress,
                                          .progress_data = data };
  return bring (&work, error);
}

/* ---- removing, and whether it can be used ---- */

static gboolean
tessera_webdav_carrier_remove (TesseraCarrier *carrier, const char *mailbox, const char *name,
                               GCancellable *cancellable, GError **error) {
  TesseraWebdavCarrier *self = TESSERA_WEBDAV_CARRIER (carrier);
  g_autofree char *path = file_path (mailbox, name);
  guint status = send_plain (self, "DELETE", path, cancellable, error);

  if (SOUP_STATUS_IS_SUCCESSFUL (status) || status == SOUP_STATUS_NOT_FOUND || status == SOUP_STATUS_GONE)
    return TRUE;
  if (status != 0)
    tessera_webdav_client_set_error (self->client, status, error);
  return FALSE;
}

/* A server has a file when it has said so. */
static gboolean
tessera_webdav_carrier_flush (TesseraCarrier *carrier, GCancellable *cancellable, GError **error) {
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* Making our folder shows whether we may write. */
static gboolean
tessera_webdav_carrier_check (TesseraCarrier *carrier, GCancellable *cancellable, GError **error) {
  TesseraWebdavCarrier *self = TESSERA_WEBDAV_CARRIER (carrier);
  guint status = ask_existence (self, "", cancellable, error);
  gboolean is_usable = FALSE;

  if (status == SOUP_STATUS_MULTI_STATUS) {
    status = ask_existence (self, ROOT_PATH, cancellable, error);
    is_usable = status == SOUP_STATUS_MULTI_STATUS;
    if (status == SOUP_STATUS_NOT_FOUND) {
      status = send_plain (self, "MKCOL", ROOT_PATH, cancellable, error);
      is_usable = is_folder_made (status);
    }
  }
  if (!is_usable && status != 0)
    tessera_webdav_client_set_error (self->client, status, error);
  return is_usable;
}

static void
tessera_webdav_carrier_implement (TesseraCarrierInterface *interface) {
  interface->check = tessera_webdav_carrier_check;
  interface->list = tessera_webdav_carrier_list;
  interface->fetch = tessera_webdav_carrier_fetch;
  interface->put = tessera_webdav_carrier_put;
  interface->remove = tessera_webdav_carrier_remove;
  interface->flush = tessera_webdav_carrier_flush;
}
