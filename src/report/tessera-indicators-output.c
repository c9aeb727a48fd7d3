/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-indicators-output.c: indicators in words, as a table for spreadsheets, and as JSON.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-indicators.h"

/* In which vocabulary the codes of a group are, if in one. */
static const struct {
  const char *group;
  const char *label;
  const char *vocabulary;
} groups[] = {
  { "clients", N_("Clients"), NULL },
  { "clients_language", N_("Clients seen, by language"), NULL },
  { "open_step", N_("Open cases now, by step"), "step" },
  { "visits", N_("Visits"), NULL },
  { "visits_how", N_("Visits, by way of contact"), "visit_how" },
  { "visits_mediator", N_("Visits, by mediator"), "mediator" },
  { "mediator_unmet", N_("Visits that lacked a mediator, by language"), NULL },
  { "domains", N_("Visits in which it was talked about"), "domain" },
  { "step_changes", N_("Changes of step"), NULL },
  { "tasks_done", N_("Tasks done, by whom"), "who" },
  { "referrals", N_("Referrals sent"), NULL },
  { "doors", N_("Clients, by services of partners that took them in"), NULL },
};

static const TesseraChoice codes[] = {
  { "total", N_("All") },
  { "registered", N_("Registered") },
  { "seen", N_("Seen") },
  { "unrecorded", N_("Not written down") },
  { "other", N_("Others together") },
  { "forward", N_("Forward") },
  { "back", N_("Back") },
  { "same", N_("Same step") },
  { "first", N_("First step") },
  { "share_alone", N_("Share done by the client alone") },
  { "share_together", N_("Share done together") },
  { "sent", N_("Sent") },
  { "accepted", N_("Accepted") },
  { "declined", N_("Declined") },
  { "unanswered", N_("Unanswered") },
  { "withdrawn", N_("Withdrawn") },
  { "share_accepted", N_("Share accepted") },
  { "median_days", N_("Median days to the first answer") },
  { "1", N_("One") },
  { "2", N_("Two") },
  { "3+", N_("Three or more") },
};

static const char *const units[] = { "count", "percent", "days" };
static const char *const suppressions[] = { "", "small", "complementary" };

const char *
tessera_indicator_get_group_label (const TesseraIndicator *self) {
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (strcmp (groups[i].group, self->group) == 0)
      return _(groups[i].label);
  return self->group;
}

const char *
tessera_indicator_get_label (const TesseraIndicator *self) {
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++) {
    const char *vocabulary = groups[i].vocabulary;

    if (vocabulary && strcmp (groups[i].group, self->group) == 0
        && tessera_vocabulary_has (tessera_vocabulary_find (vocabulary), self->code))
      return tessera_vocabulary_get_label (vocabulary, self->code);
  }
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (strcmp (codes[i].code, self->code) == 0)
      return _(codes[i].label);
  return self->code;
}

char *
tessera_indicator_format (const TesseraIndicator *self) {
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (self->is_empty)
    return g_strdup ("");
  if (self->suppressed == TESSERA_SUPPRESSION_SMALL)
    return g_strdup ("<5");
  if (self->suppressed == TESSERA_SUPPRESSION_COMPLEMENTARY)
    return g_strdup ("hidden");
  if (self->unit == TESSERA_INDICATOR_DAYS)
    return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.1f", self->value));
  return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) self->value);
}

/* Spreadsheets run cells that begin like a formula: codes may come from a newer colleague, labels from a
 * translator. */
static void
append_cell (GString *csv, const char *text, const char *end) {
  g_auto (GStrv) pieces = g_strsplit (text, "\"", -1);
  g_autofree char *quoted = g_strjoinv ("\"\"", pieces);
  gboolean is_formula = *text && strchr ("=+-@\t\r\n|%", *text);

  if (is_formula || strpbrk (text, "\",;\t\r\n"))
    g_string_append_printf (csv, "\"%s%s\"%s", is_formula ? "'" : "", quoted, end);
  else
    g_string_append_printf (csv, "%s%s", text, end);
}

char *
tessera_indicators_to_csv (const TesseraIndicators *self) {
  GString *csv = g_string_new ("from,to,group,code,label,unit,value,suppressed\r\n");

  for (guint i = 0; i < self->rows->len; i++) {
    const TesseraIndicator *row = g_ptr_array_index (self->rows, i);
    g_autofree char *value = tessera_indicator_format (row);

    append_cell (csv, self->from, ",");
    append_cell (csv, self->to, ",");
    append_cell (csv, row->group, ",");
    append_cell (csv, row->code, ",");
    append_cell (csv, tessera_indicator_get_label (row), ",");
    append_cell (csv, units[row->unit], ",");
    append_cell (csv, value, ",");
    append_cell (csv, suppressions[row->suppressed], "\r\n");
  }
  return g_string_free (csv, FALSE);
}

static JsonObject *
describe (const TesseraIndicator *row) {
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "group", row->group);
  json_object_set_string_member (object, "code", row->code);
  json_object_set_string_member (object, "label", tessera_indicator_get_label (row));
  json_object_set_string_member (object, "unit", units[row->unit]);
  if (row->is_empty || row->suppressed)
    json_object_set_null_member (object, "value");
  else if (row->unit == TESSERA_INDICATOR_DAYS)
    json_object_set_double_member (object, "value", row->value);
  else
    json_object_set_int_member (object, "value", (gint64) row->value);
  json_object_set_string_member (object, "suppressed", suppressions[row->suppressed]);
  return object;
}

JsonObject *
tessera_indicators_to_json (const TesseraIndicators *self) {
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_sized_new (self->rows->len);

  for (guint i = 0; i < self->rows->len; i++)
    json_array_add_object_element (array, describe (g_ptr_array_index (self->rows, i)));
  json_object_set_string_member (object, "from", self->from);
  json_object_set_string_member (object, "to", self->to);
  json_object_set_array_member (object, "indicators", array);
  return object;
}
