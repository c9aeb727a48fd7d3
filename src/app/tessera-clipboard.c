/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-clipboard.c: secrets on the clipboard, for a short while; see the header.
 */
#include "config.h"
#include "tessera-clipboard.h"

#include <string.h>

#define TEXT_TYPE "text/plain;charset=utf-8"
/* The word clipboard managers go by, whoever wrote them. */
#define HINT_TYPE "x-kde-passwordManagerHint"
#define HINT "secret"

#define TESSERA_TYPE_SECRET_CONTENT (tessera_secret_content_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSecretContent, tessera_secret_content, TESSERA, SECRET_CONTENT, GdkContentProvider)

struct _TesseraSecretContent {
  GdkContentProvider parent_instance;

  TesseraSecret *text;
  GdkClipboard *clipboard; /* while it is there */
  guint timeout;
};

G_DEFINE_FINAL_TYPE (TesseraSecretContent, tessera_secret_content, GDK_TYPE_CONTENT_PROVIDER)

static GdkContentFormats *
tessera_secret_content_ref_formats (GdkContentProvider *provider) {
  static const char *const types[] = { TEXT_TYPE, HINT_TYPE };

  return gdk_content_formats_new ((const char **) types, G_N_ELEMENTS (types));
}

/* Nothing is left with a clipboard manager when the program ends. */
static GdkContentFormats *
tessera_secret_content_ref_storable_formats (GdkContentProvider *provider) {
  return gdk_content_formats_new (NULL, 0);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
tessera_secret_content_write_mime_type_async (GdkContentProvider *provider, const char *type, GOutputStream *stream,
                                              int priority, GCancellable *cancellable, GAsyncReadyCallback callback,
                                              gpointer user_data) {
  TesseraSecretContent *self = TESSERA_SECRET_CONTENT (provider);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  gboolean is_hint = g_str_equal (type, HINT_TYPE);

  g_output_stream_write_all_async (stream, is_hint ? HINT : (const char *) tessera_secret_get_data (self->text),
                                   is_hint ? strlen (HINT) : tessera_secret_get_size (self->text), priority,
                                   cancellable, written_cb, task);
}

static gboolean
tessera_secret_content_write_mime_type_finish (GdkContentProvider *provider, GAsyncResult *result, GError **error) {
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
timeout_cb (gpointer data) {
  TesseraSecretContent *self = data;

  self->timeout = 0;
  if (self->clipboard != NULL)
    gdk_clipboard_set_content (self->clipboard, NULL);
  return G_SOURCE_REMOVE;
}

static void
tessera_secret_content_attach_clipboard (GdkContentProvider *provider, GdkClipboard *clipboard) {
  TesseraSecretContent *self = TESSERA_SECRET_CONTENT (provider);

  self->clipboard = clipboard;
  self->timeout = g_timeout_add_seconds (TESSERA_CLIPBOARD_SECONDS, timeout_cb, self);
}

static void
tessera_secret_content_detach_clipboard (GdkContentProvider *provider, GdkClipboard *clipboard) {
  TesseraSecretContent *self = TESSERA_SECRET_CONTENT (provider);

  self->clipboard = NULL;
  g_clear_handle_id (&self->timeout, g_source_remove);
}

static void
tessera_secret_content_finalize (GObject *object) {
  TesseraSecretContent *self = TESSERA_SECRET_CONTENT (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  tessera_secret_free (self->text);
  G_OBJECT_CLASS (tessera_secret_content_parent_class)->finalize (object);
}

static void
tessera_secret_content_class_init (TesseraSecretContentClass *klass) {
  GdkContentProviderClass *provider_class = GDK_CONTENT_PROVIDER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = tessera_secret_content_finalize;
  provider_class->ref_formats = tessera_secret_content_ref_formats;
  provider_class->ref_storable_formats = tessera_secret_content_ref_storable_formats;
  provider_class->write_mime_type_async = tessera_secret_content_write_mime_type_async;
  provider_class->write_mime_type_finish = tessera_secret_content_write_mime_type_finish;
  provider_class->attach_clipboard = tessera_secret_content_attach_clipboard;
  provider_class->detach_clipboard = tessera_secret_content_detach_clipboard;
}

static void
tessera_secret_content_init (TesseraSecretContent *self) {}

void
tessera_clipboard_copy_secret (GtkWidget *widget, const TesseraSecret *text) {
  g_autoptr (TesseraSecretContent) content = g_object_new (TESSERA_TYPE_SECRET_CONTENT, NULL);

  content->text = tessera_secret_copy (text);
  gdk_clipboard_set_content (gtk_widget_get_clipboard (widget), GDK_CONTENT_PROVIDER (content));
}

void
tessera_clipboard_clear (GdkDisplay *display) {
  GdkClipboard *clipboard = gdk_display_get_clipboard (display);
  GdkContentProvider *content = gdk_clipboard_get_content (clipboard);

  if (content != NULL && TESSERA_IS_SECRET_CONTENT (content))
    gdk_clipboard_set_content (clipboard, NULL);
}
