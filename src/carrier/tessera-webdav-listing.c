/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-webdav-listing.c: the few elements of RFC 4918 that matter, by their local names and where they stand.
 *
 * GMarkupParser knows no entities but the five of XML, and loads nothing; a document type is refused all the same.
 */
#include "config.h"

#include "tessera-webdav-listing.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-carrier-private.h"

/* Longest text of interest: a path, a status line. */
#define TEXT_LIMIT 4096
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

typedef enum {
  KIND_DOCUMENT,
  KIND_MULTISTATUS,
  KIND_RESPONSE,
  KIND_HREF,
  KIND_RESPONSE_STATUS,
  KIND_PROPSTAT,
  KIND_PROPSTAT_STATUS,
  KIND_PROP,
  KIND_LENGTH,
  KIND_TYPE,
  KIND_COLLECTION,
  KIND_OTHER,
} Kind;

static const struct {
  Kind parent;
  const char *name;
  Kind kind;
} grammar[] = {
  { KIND_DOCUMENT, "multistatus", KIND_MULTISTATUS },
  { KIND_MULTISTATUS, "response", KIND_RESPONSE },
  { KIND_RESPONSE, "href", KIND_HREF },
  { KIND_RESPONSE, "status", KIND_RESPONSE_STATUS },
  { KIND_RESPONSE, "propstat", KIND_PROPSTAT },
  { KIND_PROPSTAT, "status", KIND_PROPSTAT_STATUS },
  { KIND_PROPSTAT, "prop", KIND_PROP },
  { KIND_PROP, "getcontentlength", KIND_LENGTH },
  { KIND_PROP, "resourcetype", KIND_TYPE },
  { KIND_TYPE, "collection", KIND_COLLECTION },
};

/* What a part of an answer says of the properties in it; counts only if its status is good. */
typedef struct {
  gint64 size;
  gboolean is_collection;
  gboolean is_good;
} Properties;

struct _TesseraWebdavListing {
  GMarkupParseContext *parser;
  GPtrArray *items;
  gsize total;
  guint mark;  /* bytes of a byte order mark that came, or all when none does any more */
  gsize token; /* bytes since the last angle bracket */
  gboolean is_full;
  gboolean is_refused;

  Kind kinds[TESSERA_WEBDAV_LISTING_MAX_DEPTH + 1];
  guint depth;
  GString *text;
  gboolean is_overlong;

  /* the response that is being read */
  char *name;
  Properties found;
  Properties part;
};

static void
set_form_error (GError **error) {
  g_set_error_literal (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_FAILED,
                       _("The server’s answer cannot be understood; check that the address is that of a WebDAV "
                         "folder."));
}

static Kind
find_kind (Kind parent, const char *element) {
  const char *colon = strrchr (element, ':');
  const char *name = colon != NULL ? colon + 1 : element;

  for (guint i = 0; i < G_N_ELEMENTS (grammar); i++)
    if (grammar[i].parent == parent && strcmp (grammar[i].name, name) == 0)
      return grammar[i].kind;
  return KIND_OTHER;
}

static const Properties nothing = { .size = -1, .is_good = TRUE };

static void
begin_element (GMarkupParseContext *context, const char *element, const char **names, const char **values,
               gpointer data, GError **error) {
  TesseraWebdavListing *self = data;
  Kind kind = find_kind (self->kinds[self->depth], element);

  if (self->depth == TESSERA_WEBDAV_LISTING_MAX_DEPTH || (self->depth == 0 && kind != KIND_MULTISTATUS)) {
    set_form_error (error);
    return;
  }
  self->kinds[++self->depth] = kind;
  g_string_truncate (self->text, 0);
  self->is_overlong = FALSE;
  if (kind == KIND_RESPONSE) {
    g_clear_pointer (&self->name, g_free);
    self->found = nothing;
  } else if (kind == KIND_PROPSTAT) {
    self->part = nothing;
  } else if (kind == KIND_COLLECTION) {
    self->part.is_collection = TRUE;
  }
}

/* Of a path only its last part counts; a slash that is written as %2F is inside of that and no name of ours. */
static char *
name_of_path (const char *path) {
  g_autofree char *stripped = g_strstrip (g_strdup (path));
  const char *slash = strrchr (stripped, '/');
  g_autofree char *name = g_uri_unescape_string (slash != NULL ? slash + 1 : stripped, NULL);

  return name != NULL && tessera_carrier_is_name (name) ? g_steal_pointer (&name) : NULL;
}

/* "HTTP/1.1 200 OK" */
static gboolean
is_good_status (const char *status) {
  const char *space = strchr (status, ' ');

  return space != NULL && space[1] == '2';
}

static gint64
parse_size (const char *text) {
  g_autofree char *digits = g_strstrip (g_strdup (text));
  guint64 size;

  return g_ascii_string_to_unsigned (digits, 10, 0, G_MAXINT64, &size, NULL) ? (gint64) size : -1;
}

static void
end_text (TesseraWebdavListing *self, Kind kind) {
  const char *text = self->is_overlong ? "" : self->text->str;

  if (kind == KIND_HREF) {
    g_free (self->name);
    self->name = name_of_path (text);
  } else if (kind == KIND_LENGTH) {
    self->part.size = parse_size (text);
  } else if (kind == KIND_PROPSTAT_STATUS) {
    self->part.is_good = is_good_status (text);
  } else if (kind == KIND_RESPONSE_STATUS) {
    self->found.is_good = is_good_status (text);
  }
}

static void
end_response (TesseraWebdavListing *self) {
  if (self->name == NULL || !self->found.is_good || self->found.is_collection
      || self->found.size > TESSERA_CARRIER_SIZE_LIMIT || self->is_full)
    return;
  g_ptr_array_add (self->items, tessera_carrier_item_new (self->name, self->found.size));
  self->is_full = self->items->len >= TESSERA_CARRIER_LIST_LIMIT;
}

static void
end_element (GMarkupParseContext *context, const char *element, gpointer data, GError **error) {
  TesseraWebdavListing *self = data;
  Kind kind = self->kinds[self->depth--];

  end_text (self, kind);
  if (kind == KIND_PROPSTAT && self->part.is_good) {
    self->found.is_collection |= self->part.is_collection;
    if (self->part.size >= 0)
      self->found.size = self->part.size;
  } else if (kind == KIND_RESPONSE) {
    end_response (self);
  }
}

static void
take_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error) {
  TesseraWebdavListing *self = data;

  if (self->text->len + length <= TEXT_LIMIT)
    g_string_append_len (self->text, text, (gssize) length);
  else
    self->is_overlong = TRUE;
}

/* Comments, the declaration of XML, and document types. The parser goes on after an error of this function, so it sets
 * none. */
static void
take_other (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error) {
  TesseraWebdavListing *self = data;

  if (length >= 2 && text[0] == '<' && text[1] == '!' && !(length >= 4 && strncmp (text, "<!--", 4) == 0))
    self->is_refused = TRUE;
}

TesseraWebdavListing *
tessera_webdav_listing_new (void) {
  static const GMarkupParser parser = { begin_element, end_element, take_text, take_other, NULL };
  TesseraWebdavListing *self = g_new0 (TesseraWebdavListing, 1);

  self->parser = g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, self, NULL);
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) tessera_carrier_item_free);
  self->text = g_string_new (NULL);
  self->found = self->part = nothing;
  return self;
}

void
tessera_webdav_listing_free (TesseraWebdavListing *self) {
  if (self == NULL)
    return;
  g_markup_parse_context_free (self->parser);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_string_free (self->text, TRUE);
  g_free (self->name);
  g_free (self);
}

/* Some servers begin with one; it may come in pieces like everything else. */
static void
skip_mark (TesseraWebdavListing *self, const char **text, gsize *length) {
  while (*length > 0 && self->mark < strlen (BYTE_ORDER_MARK)) {
    if (**text != BYTE_ORDER_MARK[self->mark]) {
      self->mark = strlen (BYTE_ORDER_MARK);
      return;
    }
    self->mark++;
    (*text)++;
    (*length)--;
  }
}

/* What the parser gets. It keeps a token until it is whole, so none may be long: then %NULL. And it goes astray over
 * comments that are no UTF-8; our names have but ASCII, so other bytes are as good as question marks. */
static char *
prepare (TesseraWebdavListing *self, const char *text, gsize length) {
  g_autofree char *plain = g_malloc (length);

  for (gsize i = 0; i < length; i++) {
    self->token = text[i] == '<' || text[i] == '>' ? 0 : self->token + 1;
    if (self->token > TESSERA_WEBDAV_LISTING_TOKEN_LIMIT)
      return NULL;
    plain[i] = text[i] > 0 && text[i] < 0x7f ? text[i] : '?';
  }
  return g_steal_pointer (&plain);
}

/* At the size limit what was read so far counts, if it was anything: a mailbox that somebody flooded can still be
 * emptied. */
static gboolean
reach_limit (TesseraWebdavListing *self, GError **error) {
  self->is_full = self->items->len > 0;
  if (self->is_full)
    return TRUE;
  g_set_error_literal (error, TESSERA_CARRIER_ERROR, TESSERA_CARRIER_ERROR_UNSAFE,
                       _("The server’s list of files is larger than it can rightly be and was not read; ask its "
                         "administrator."));
  return FALSE;
}

gboolean
tessera_webdav_listing_feed (TesseraWebdavListing *self, const char *text, gsize length, GError **error) {
  g_autofree char *plain = NULL;
  g_autoptr (GError) cause = NULL;

  if (self->is_full)
    return TRUE;
  skip_mark (self, &text, &length);
  self->total += length;
  if (self->total > TESSERA_WEBDAV_LISTING_SIZE_LIMIT)
    return reach_limit (self, error);
  plain = prepare (self, text, length);
  if (length == 0
      || (plain != NULL && g_markup_parse_context_parse (self->parser, plain, (gssize) length, &cause)
          && !self->is_refused))
    return TRUE;
  set_form_error (error);
  return FALSE;
}

gboolean
tessera_webdav_listing_is_full (TesseraWebdavListing *self) {
  return self->is_full;
}

GPtrArray *
tessera_webdav_listing_finish (TesseraWebdavListing *self, GError **error) {
  g_autoptr (GError) cause = NULL;

  if (!self->is_full && !g_markup_parse_context_end_parse (self->parser, &cause)) {
    set_form_error (error);
    return NULL;
  }
  tessera_carrier_sort_items (self->items);
  return g_steal_pointer (&self->items);
}
