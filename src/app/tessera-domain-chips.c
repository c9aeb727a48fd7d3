/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-domain-chips.c: see tessera-domain-chips.h.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-domain-chips.h"

#include "tessera-pathway.h"
#include "tessera-wrap-layout.h"

struct _TesseraDomainChips {
  GtkBox parent_instance;

  GtkToggleButton *chips[TESSERA_N_DOMAINS];
  char *unknown; /* codes of a newer colleague, passed through untouched */
  gboolean setting;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (TesseraDomainChips, tessera_domain_chips, GTK_TYPE_BOX)

static void
chip_toggled_cb (TesseraDomainChips *self) {
  if (!self->setting)
    g_signal_emit (self, changed_signal, 0);
}

static const char *
domain_step (guint index) {
  return tessera_pathway_get_domain_step (tessera_pathway_get_domain (index));
}

static GtkWidget *
make_line (TesseraDomainChips *self, const char *step, guint *index) {
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *title = gtk_label_new (tessera_vocabulary_get_label ("step", step));
  GtkWidget *chips = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "caption-heading");
  gtk_widget_add_css_class (title, "dim-label");
  gtk_widget_set_layout_manager (chips, tessera_wrap_layout_new (6));
  gtk_accessible_update_relation (GTK_ACCESSIBLE (chips), GTK_ACCESSIBLE_RELATION_LABELLED_BY, title, NULL,
                                  -1);

  for (; *index < TESSERA_N_DOMAINS && g_str_equal (domain_step (*index), step); (*index)++) {
    const char *label = tessera_vocabulary_get_label ("domain", tessera_pathway_get_domain (*index));
    GtkWidget *chip = gtk_toggle_button_new_with_label (label);

    gtk_widget_add_css_class (chip, "chip");
    g_signal_connect_object (chip, "toggled", G_CALLBACK (chip_toggled_cb), self, G_CONNECT_SWAPPED);
    gtk_box_append (GTK_BOX (chips), chip);
    self->chips[*index] = GTK_TOGGLE_BUTTON (chip);
  }
  gtk_box_append (GTK_BOX (line), title);
  gtk_box_append (GTK_BOX (line), chips);
  return line;
}

static void
tessera_domain_chips_finalize (GObject *object) {
  TesseraDomainChips *self = TESSERA_DOMAIN_CHIPS (object);

  g_free (self->unknown);
  G_OBJECT_CLASS (tessera_domain_chips_parent_class)->finalize (object);
}

static void
tessera_domain_chips_class_init (TesseraDomainChipsClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = tessera_domain_chips_finalize;
  changed_signal = g_signal_new ("changed", TESSERA_TYPE_DOMAIN_CHIPS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
tessera_domain_chips_init (TesseraDomainChips *self) {
  guint index = 0;

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 12);
  while (index < TESSERA_N_DOMAINS)
    gtk_box_append (GTK_BOX (self), make_line (self, domain_step (index), &index));
}

static int
compare_codes (gconstpointer a, gconstpointer b) {
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char *
tessera_domain_chips_get (TesseraDomainChips *self) {
  g_autoptr (GPtrArray) codes = g_ptr_array_new ();
  g_auto (GStrv) unknown = g_strsplit (self->unknown ? self->unknown : "", ",", -1);

  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    if (gtk_toggle_button_get_active (self->chips[i]))
      g_ptr_array_add (codes, (gpointer)tessera_pathway_get_domain (i));
  for (guint i = 0; unknown[i]; i++)
    if (*unknown[i])
      g_ptr_array_add (codes, unknown[i]);
  g_ptr_array_sort (codes, compare_codes);
  g_ptr_array_add (codes, NULL);
  return g_strjoinv (",", (char **)codes->pdata);
}

void
tessera_domain_chips_set (TesseraDomainChips *self, const char *codes) {
  g_auto (GStrv) wanted = g_strsplit (codes ? codes : "", ",", -1);
  g_autoptr (GString) unknown = g_string_new (NULL);

  self->setting = TRUE;
  for (guint i = 0; i < TESSERA_N_DOMAINS; i++)
    gtk_toggle_button_set_active (
      self->chips[i], g_strv_contains ((const char *const *)wanted, tessera_pathway_get_domain (i)));
  for (guint i = 0; wanted[i]; i++) {
    gboolean known = FALSE;

    for (guint j = 0; j < TESSERA_N_DOMAINS; j++)
      known = known || g_str_equal (tessera_pathway_get_domain (j), wanted[i]);
    if (!known && *wanted[i])
      g_string_append_printf (unknown, "%s%s", unknown->len ? "," : "", wanted[i]);
  }
  g_free (self->unknown);
  self->unknown = g_strdup (unknown->str);
  self->setting = FALSE;
}
