/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-caseload-model.c: the clients of a query, read as they are looked at; see the header.
 */
#include "config.h"
#include "tessera-caseload-model.h"

/* A list view keeps about two hundred rows alive: one page, or two at a border. */
#define PAGE_ROWS 200
#define KEPT_PAGES 16

struct _TesseraCaseloadItem {
  GObject parent_instance;

  TesseraCaseloadRow *row;
};

G_DEFINE_FINAL_TYPE (TesseraCaseloadItem, tessera_caseload_item, G_TYPE_OBJECT)

static guint item_changed;

const TesseraCaseloadRow *
tessera_caseload_item_get_row (TesseraCaseloadItem *self) {
  return self->row;
}

static void
item_take_row (TesseraCaseloadItem *self, TesseraCaseloadRow *row) {
  g_clear_pointer (&self->row, tessera_caseload_row_free);
  self->row = row;
  g_signal_emit (self, item_changed, 0);
}

static void
tessera_caseload_item_finalize (GObject *object) {
  g_clear_pointer (&TESSERA_CASELOAD_ITEM (object)->row, tessera_caseload_row_free);
  G_OBJECT_CLASS (tessera_caseload_item_parent_class)->finalize (object);
}

static void
tessera_caseload_item_class_init (TesseraCaseloadItemClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = tessera_caseload_item_finalize;
  item_changed = g_signal_new ("changed", TESSERA_TYPE_CASELOAD_ITEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void
tessera_caseload_item_init (TesseraCaseloadItem *self) {
}

/* Places PAGE_ROWS * number and on; made whole when one of them is asked for. */
typedef struct {
  TesseraCaseloadItem *items[PAGE_ROWS];
  guint used;
} Page;

struct _TesseraCaseloadModel {
  GObject parent_instance;

  TesseraSession *session;
  TesseraCaseloadQuery query;
  char *words;
  char *step;
  char *worker;
  guint count;
  guint clock;
  GHashTable *pages;
  GCancellable *cancellable;
};

static void model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraCaseloadModel, tessera_caseload_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, model_iface_init))

enum {
  SIGNAL_LOADED,
  SIGNAL_FAILED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
page_free (gpointer data) {
  Page *page = data;

  for (guint i = 0; i < PAGE_ROWS; i++)
    g_clear_object (&page->items[i]);
  g_free (page);
}

/* One reading of the store: the whole answer, or one more page of it. */
typedef struct {
  TesseraCaseloadModel *model;
  TesseraCaseloadQuery query;
  char *words;
  char *step;
  char *worker;
  gboolean whole;
  guint page;
  gint64 count;
  GPtrArray *rows;
} Reading;

static void
reading_free (gpointer data) {
  Reading *reading = data;

  g_object_unref (reading->model);
  g_free (reading->words);
  g_free (reading->step);
  g_free (reading->worker);
  g_clear_pointer (&reading->rows, g_ptr_array_unref);
  g_free (reading);
}

static gboolean
read_rows (TesseraTransaction *transaction, gpointer data, GError **error) {
  Reading *reading = data;

  if (reading->whole && (reading->count = tessera_caseload_count (transaction, &reading->query, error)) < 0)
    return FALSE;
  reading->rows
    = tessera_caseload_page (transaction, &reading->query, reading->page * PAGE_ROWS, PAGE_ROWS, error);
  return reading->rows != NULL;
}

static void
fill_page (Page *page, GPtrArray *rows) {
  /* Every row finds its new owner below. */
  g_ptr_array_set_free_func (rows, NULL);
  for (guint i = 0; i < rows->len; i++)
    item_take_row (page->items[i], g_steal_pointer (&rows->pdata[i]));
}

static Page *
make_page (TesseraCaseloadModel *self, guint number) {
  Page *page = g_new0 (Page, 1);

  for (guint i = 0; i < PAGE_ROWS; i++)
    page->items[i] = g_object_new (TESSERA_TYPE_CASELOAD_ITEM, NULL);
  page->used = ++self->clock;
  g_hash_table_insert (self->pages, GUINT_TO_POINTER (number), page);
  return page;
}

static void
forget_oldest_page (TesseraCaseloadModel *self) {
  GHashTableIter iter;
  gpointer number = NULL;
  gpointer value = NULL;
  gpointer oldest = NULL;
  guint used = G_MAXUINT;

  if (g_hash_table_size (self->pages) <= KEPT_PAGES)
    return;
  g_hash_table_iter_init (&iter, self->pages);
  while (g_hash_table_iter_next (&iter, &number, &value))
    if (((Page *) value)->used < used) {
      used = ((Page *) value)->used;
      oldest = number;
    }
  g_hash_table_remove (self->pages, oldest);
}

static void read_async (TesseraCaseloadModel *self, gboolean whole, guint page);

/* The rest of what is on the screen, after the first page told that the places are the same. */
static void
refresh_other_pages (TesseraCaseloadModel *self) {
  g_autoptr (GList) numbers = g_hash_table_get_keys (self->pages);

  for (GList *l = numbers; l != NULL; l = l->next)
    if (GPOINTER_TO_UINT (l->data) != 0)
      read_async (self, FALSE, GPOINTER_TO_UINT (l->data));
}

static void
take_answer (TesseraCaseloadModel *self, Reading *reading) {
  Page *first = g_hash_table_lookup (self->pages, GUINT_TO_POINTER (0));
  guint old = self->count;

  if (first != NULL && (guint) reading->count == old && old > 0) {
    fill_page (first, reading->rows);
    refresh_other_pages (self);
  } else {
    g_hash_table_remove_all (self->pages);
    self->count = reading->count;
    if (self->count > 0)
      fill_page (make_page (self, 0), reading->rows);
    if (old > 0 || self->count > 0)
      g_list_model_items_changed (G_LIST_MODEL (self), 0, old, self->count);
  }
  g_signal_emit (self, signals[SIGNAL_LOADED], 0);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data) {
  g_autoptr (GCancellable) cancellable = user_data;
  Reading *reading = tessera_store_result_get_data (result);
  g_autoptr (GError) error = NULL;
  Page *page = NULL;

  if (!tessera_store_finish (TESSERA_STORE (source), result, &error)) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
        !g_error_matches (error, TESSERA_STORE_ERROR, TESSERA_STORE_ERROR_CLOSED))
      g_signal_emit (reading->model, signals[SIGNAL_FAILED], 0, error->message);
    return;
  }
  /* An answer to an older query that could no longer be called back. */
  if (g_cancellable_is_cancelled (cancellable))
    return;
  if (reading->whole) {
    take_answer (reading->model, reading);
    return;
  }
  page = g_hash_table_lookup (reading->model->pages, GUINT_TO_POINTER (reading->page));
  if (page != NULL)
    fill_page (page, reading->rows);
}

static void
read_async (TesseraCaseloadModel *self, gboolean whole, guint page) {
  TesseraStore *store = tessera_session_get_store (self->session);
  Reading *reading = NULL;

  if (store == NULL)
    return;
  reading = g_new0 (Reading, 1);
  reading->model = g_object_ref (self);
  reading->query = self->query;
  reading->query.words = reading->words = g_strdup (self->words);
  reading->query.step = reading->step = g_strdup (self->step);
  reading->query.worker = reading->worker = g_strdup (self->worker);
  reading->whole = whole;
  reading->page = page;
  tessera_store_read_async (store, read_rows, reading, reading_free, self->cancellable, read_cb,
                            g_object_ref (self->cancellable));
}

static void
restart (TesseraCaseloadModel *self) {
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  read_async (self, TRUE, 0);
}

void
tessera_caseload_model_set_query (TesseraCaseloadModel *self, const TesseraCaseloadQuery *query) {
  g_return_if_fail (TESSERA_IS_CASELOAD_MODEL (self));
  g_free (self->words);
  g_free (self->step);
  g_free (self->worker);
  self->query = *query;
  self->words = g_strdup (query->words);
  self->step = g_strdup (query->step);
  self->worker = g_strdup (query->worker);
  restart (self);
}

void
tessera_caseload_model_refresh (TesseraCaseloadModel *self) {
  restart (self);
}

static GType
tessera_caseload_model_get_item_type (GListModel *model) {
  return TESSERA_TYPE_CASELOAD_ITEM;
}

static guint
tessera_caseload_model_get_n_items (GListModel *model) {
  return TESSERA_CASELOAD_MODEL (model)->count;
}

static gpointer
tessera_caseload_model_get_item (GListModel *model, guint position) {
  TesseraCaseloadModel *self = TESSERA_CASELOAD_MODEL (model);
  guint number = position / PAGE_ROWS;
  Page *page = NULL;

  if (position >= self->count)
    return NULL;
  page = g_hash_table_lookup (self->pages, GUINT_TO_POINTER (number));
  if (page == NULL) {
    page = make_page (self, number);
    forget_oldest_page (self);
    read_async (self, FALSE, number);
  }
  page->used = ++self->clock;
  return g_object_ref (page->items[position % PAGE_ROWS]);
}

static void
model_iface_init (GListModelInterface *iface) {
  iface->get_item_type = tessera_caseload_model_get_item_type;
  iface->get_n_items = tessera_caseload_model_get_n_items;
  iface->get_item = tessera_caseload_model_get_item;
}

static void
tessera_caseload_model_finalize (GObject *object) {
  TesseraCaseloadModel *self = TESSERA_CASELOAD_MODEL (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_hash_table_unref (self->pages);
  g_clear_object (&self->session);
  g_free (self->words);
  g_free (self->step);
  g_free (self->worker);
  G_OBJECT_CLASS (tessera_caseload_model_parent_class)->finalize (object);
}

static void
tessera_caseload_model_class_init (TesseraCaseloadModelClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = tessera_caseload_model_finalize;
  signals[SIGNAL_LOADED] = g_signal_new ("loaded", TESSERA_TYPE_CASELOAD_MODEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", TESSERA_TYPE_CASELOAD_MODEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
tessera_caseload_model_init (TesseraCaseloadModel *self) {
  self->pages = g_hash_table_new_full (NULL, NULL, NULL, page_free);
  self->cancellable = g_cancellable_new ();
}

TesseraCaseloadModel *
tessera_caseload_model_new (TesseraSession *session) {
  TesseraCaseloadModel *self = g_object_new (TESSERA_TYPE_CASELOAD_MODEL, NULL);

  self->session = g_object_ref (session);
  return self;
}
