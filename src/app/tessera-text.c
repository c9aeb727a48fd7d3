/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-text.c: dates and free text as people read them; see the header.
 */
#include "config.h"
#include "tessera-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/udat.h>
#include <unicode/unum.h>
#include <unicode/ureldatefmt.h>
#include <unicode/ustring.h>

#include "tessera-identifier.h"
#include "tessera-language.h"

/* Counted days are told as such up to this many; then the date says more. */
#define TOLD_DAYS 30

typedef UChar Wide[160];

static void
get_locale (char *ret_locale, gsize size) {
  g_snprintf (ret_locale, size, "%s@numbers=latn", tessera_language_get_current ()->tag);
}

static char *
to_utf8 (const UChar *wide, UErrorCode status, const char *fallback) {
  char narrow[640];
  int32_t length = 0;

  if (U_SUCCESS (status))
    u_strToUTF8 (narrow, sizeof narrow, &length, wide, -1, &status);
  return g_strdup (U_SUCCESS (status) ? narrow : fallback);
}

static char *
format (gint64 instant, UDateFormatStyle date, UDateFormatStyle time, const char *fallback) {
  Wide wide = { 0 };
  char locale[64];
  UErrorCode status = U_ZERO_ERROR;
  UDateFormat *formatter = NULL;

  get_locale (locale, sizeof locale);
  formatter = udat_open (time, date, locale, NULL, 0, NULL, 0, &status);
  udat_format (formatter, (UDate) instant, wide, G_N_ELEMENTS (wide) - 1, NULL, &status);
  if (formatter != NULL)
    udat_close (formatter);
  return to_utf8 (wide, status, fallback);
}

/* Noon, so that no time zone moves the day. */
static gboolean
parse_date (const char *iso, gint64 *ret_noon) {
  g_autofree char *noon = NULL;

  if (iso == NULL || !tessera_date_is_valid (iso))
    return FALSE;
  noon = g_strconcat (iso, "T12:00:00", NULL);
  return tessera_instant_parse (noon, ret_noon);
}

char *
tessera_text_date (const char *iso) {
  gint64 noon = 0;

  if (!parse_date (iso, &noon))
    return g_strdup (iso != NULL ? iso : "");
  return format (noon, UDAT_MEDIUM, UDAT_NONE, iso);
}

char *
tessera_text_instant (gint64 instant) {
  g_autofree char *iso = tessera_instant_format (instant);

  return format (instant, UDAT_MEDIUM, UDAT_SHORT, iso);
}

char *
tessera_text_time (gint64 instant) {
  return format (instant, UDAT_NONE, UDAT_SHORT, "");
}

/* Days from today to @date, by the calendar. */
static int
count_days (GDateTime *date) {
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_local (tessera_now () / 1000);
  GDate a;
  GDate b;

  g_date_clear (&a, 1);
  g_date_clear (&b, 1);
  g_date_set_dmy (&a, g_date_time_get_day_of_month (now), g_date_time_get_month (now),
                  g_date_time_get_year (now));
  g_date_set_dmy (&b, g_date_time_get_day_of_month (date), g_date_time_get_month (date),
                  g_date_time_get_year (date));
  return g_date_days_between (&a, &b);
}

static char *
describe_days (int days) {
  Wide wide = { 0 };
  char locale[64];
  UErrorCode status = U_ZERO_ERROR;
  URelativeDateTimeFormatter *formatter = NULL;

  get_locale (locale, sizeof locale);
  formatter = ureldatefmt_open (locale, NULL, UDAT_STYLE_LONG,
                                UDISPCTX_CAPITALIZATION_FOR_BEGINNING_OF_SENTENCE, &status);
  ureldatefmt_format (formatter, days, UDAT_REL_UNIT_DAY, wide, G_N_ELEMENTS (wide) - 1, &status);
  if (formatter != NULL)
    ureldatefmt_close (formatter);
  return to_utf8 (wide, status, "");
}

char *
tessera_text_ago (gint64 instant) {
  g_autoptr (GDateTime) date = NULL;
  int days = 0;

  if (instant <= 0)
    return g_strdup (_("Never"));
  date = g_date_time_new_from_unix_local (instant / 1000);
  days = count_days (date);
  if (days < -TOLD_DAYS || days > TOLD_DAYS)
    return format (instant, UDAT_MEDIUM, UDAT_NONE, "");
  return describe_days (days);
}

char *
tessera_text_due (const char *iso, gboolean *ret_late) {
  g_autoptr (GDateTime) date = NULL;
  g_autofree char *day = NULL;
  g_autofree char *shown = NULL;
  gint64 noon = 0;
  int days = 0;

  if (ret_late != NULL)
    *ret_late = FALSE;
  if (!parse_date (iso, &noon))
    return g_strdup (iso != NULL ? iso : "");
  date = g_date_time_new_from_unix_local (noon / 1000);
  days = count_days (date);
  if (ret_late != NULL)
    *ret_late = days < 0;
  if (days == 0)
    return g_strdup (_("Due today"));
  if (days == 1)
    return g_strdup (_("Due tomorrow"));
  if (days < 0 && days >= -TOLD_DAYS)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d day late", "%d days late", -days), -days);
  day = tessera_text_date (iso);
  shown = tessera_text_isolate (day);
  /* Translators: %s is a date. */
  return g_strdup_printf (days < 0 ? _("Late since %s") : _("Due %s"), shown);
}

GtkTextDirection
tessera_text_direction (const char *text) {
  for (const char *c = text; c != NULL && *c != '\0'; c = g_utf8_next_char (c)) {
    UCharDirection direction = u_charDirection (g_utf8_get_char (c));

    if (direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC)
      return GTK_TEXT_DIR_RTL;
    if (direction == U_LEFT_TO_RIGHT)
      return GTK_TEXT_DIR_LTR;
  }
  return gtk_widget_get_default_direction ();
}

char *
tessera_text_isolate (const char *text) {
  return g_strconcat ("\xe2\x81\xa8", text != NULL ? text : "", "\xe2\x81\xa9", NULL);
}

void
tessera_text_show (GtkLabel *label, const char *text) {
  gtk_label_set_label (label, text != NULL ? text : "");
  gtk_widget_set_direction (GTK_WIDGET (label), tessera_text_direction (text));
  gtk_label_set_xalign (label, 0);
}
