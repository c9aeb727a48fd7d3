/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-share-preview.c: records as the other side will read them; see the header.
 *
 * A list of lines and not of boxes: a client with two hundred visits is shown as fast as one with two.
 */
#include "config.h"
#include "tessera-share-preview.h"

#include <glib/gi18n-lib.h>

#include "tessera-language.h"
#include "tessera-text.h"

/* One line: a heading (text NULL) or a field. */
#define TESSERA_TYPE_PREVIEW_LINE (tessera_preview_line_get_type ())
G_DECLARE_FINAL_TYPE (TesseraPreviewLine, tessera_preview_line, TESSERA, PREVIEW_LINE, GObject)

struct _TesseraPreviewLine {
  GObject parent_instance;

  char *title;
  char *text;
};

G_DEFINE_FINAL_TYPE (TesseraPreviewLine, tessera_preview_line, G_TYPE_OBJECT)

static void
tessera_preview_line_finalize (GObject *object) {
  TesseraPreviewLine *self = TESSERA_PREVIEW_LINE (object);

  g_free (self->title);
  g_free (self->text);
  G_OBJECT_CLASS (tessera_preview_line_parent_class)->finalize (object);
}

static void
tessera_preview_line_class_init (TesseraPreviewLineClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = tessera_preview_line_finalize;
}

static void
tessera_preview_line_init (TesseraPreviewLine *self) {}

struct _TesseraSharePreview {
  AdwBin parent_instance;

  GListStore *lines;
  guint n_fields;
  GtkStack *stack;
  GtkLabel *label;
  GtkListView *list_view;
};

G_DEFINE_FINAL_TYPE (TesseraSharePreview, tessera_share_preview, ADW_TYPE_BIN)

static void
add_line (GPtrArray *lines, const char *title, char *text) {
  TesseraPreviewLine *line = g_object_new (TESSERA_TYPE_PREVIEW_LINE, NULL);

  line->title = g_strdup (title);
  line->text = text;
  g_ptr_array_add (lines, line);
}

static char *
format_value (const TesseraField *field, const char *value) {
  if (field->type == TESSERA_FIELD_LANGUAGE)
    return tessera_language_get_name (value);
  if (field->type == TESSERA_FIELD_SET && g_strcmp0 (field->of, "language") == 0) {
    g_auto (GStrv) tags = g_strsplit (value, ",", -1);

    for (guint i = 0; tags[i] != NULL; i++) {
      char *name = tessera_language_get_name (tags[i]);

      g_free (tags[i]);
      tags[i] = name;
    }
    return g_strjoinv (", ", tags);
  }
  if (field->type == TESSERA_FIELD_DATE)
    return tessera_text_date (value);
  if (field->type == TESSERA_FIELD_INSTANT)
    return tessera_text_instant (g_ascii_strtoll (value, NULL, 10));
  return tessera_field_format (field, value);
}

static void
add_record (TesseraSharePreview *self, GPtrArray *lines, TesseraRecord *record) {
  const TesseraEntity *entity = tessera_record_get_entity (record);
  guint heading = lines->len;

  add_line (lines, tessera_entity_get_label (entity), NULL);
  for (guint i = 0; i < entity->n_fields; i++) {
    const TesseraField *field = &entity->fields[i];
    const char *value = tessera_record_get_at (record, i);

    if (value == NULL || field->type == TESSERA_FIELD_REFERENCE || field->type == TESSERA_FIELD_ID)
      continue;
    add_line (lines, tessera_field_get_label (field), format_value (field, value));
    self->n_fields++;
  }
  if (lines->len == heading + 1)
    g_ptr_array_remove_index (lines, heading);
}

void
tessera_share_preview_show (TesseraSharePreview *self, GPtrArray *records) {
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_object_unref);

  self->n_fields = 0;
  for (guint i = 0; i < records->len; i++)
    add_record (self, lines, g_ptr_array_index (records, i));
  g_list_store_splice (self->lines, 0, g_list_model_get_n_items (G_LIST_MODEL (self->lines)), lines->pdata,
                       lines->len);
  gtk_stack_set_visible_child_name (self->stack, "list");
}

void
tessera_share_preview_say (TesseraSharePreview *self, const char *text) {
  self->n_fields = 0;
  g_list_store_remove_all (self->lines);
  gtk_label_set_label (self->label, text);
  gtk_stack_set_visible_child_name (self->stack, "text");
}

guint
tessera_share_preview_count (TesseraSharePreview *self) {
  return self->n_fields;
}

static GtkWidget *
make_label (const char *css_class) {
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item) {
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_widget_add_css_class (box, "preview-line");
  gtk_box_append (GTK_BOX (box), make_label ("preview-title"));
  gtk_box_append (GTK_BOX (box), make_label (NULL));
  gtk_list_item_set_child (item, box);
  gtk_list_item_set_activatable (item, FALSE);
  gtk_list_item_set_selectable (item, FALSE);
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item) {
  TesseraPreviewLine *line = gtk_list_item_get_item (item);
  GtkWidget *box = gtk_list_item_get_child (item);
  GtkWidget *title = gtk_widget_get_first_child (box);
  GtkWidget *text = gtk_widget_get_last_child (box);
  gboolean heading = line->text == NULL;
  g_autofree char *name
    = heading ? g_strdup (line->title) : g_strdup_printf ("%s: %s", line->title, line->text);

  gtk_label_set_label (GTK_LABEL (title), line->title);
  gtk_label_set_label (GTK_LABEL (text), heading ? "" : line->text);
  gtk_widget_set_visible (text, !heading);
  if (heading)
    gtk_widget_add_css_class (box, "preview-heading");
  else
    gtk_widget_remove_css_class (box, "preview-heading");
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (box)), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
}

static void
tessera_share_preview_dispose (GObject *object) {
  TesseraSharePreview *self = TESSERA_SHARE_PREVIEW (object);

  /* The child is bound as well: without this both the template and AdwBin would unparent it. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TESSERA_TYPE_SHARE_PREVIEW);
  g_clear_object (&self->lines);
  G_OBJECT_CLASS (tessera_share_preview_parent_class)->dispose (object);
}

static void
tessera_share_preview_class_init (TesseraSharePreviewClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tessera_share_preview_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCE_PATH "/ui/tessera-share-preview.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraSharePreview, stack);
  gtk_widget_class_bind_template_child (widget_class, TesseraSharePreview, label);
  gtk_widget_class_bind_template_child (widget_class, TesseraSharePreview, list_view);
}

static void
tessera_share_preview_init (TesseraSharePreview *self) {
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  GtkNoSelection *selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->lines = g_list_store_new (TESSERA_TYPE_PREVIEW_LINE);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  selection = gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->lines)));
  gtk_list_view_set_model (self->list_view, GTK_SELECTION_MODEL (selection));
  gtk_list_view_set_factory (self->list_view, factory);
  g_object_unref (selection);
}
