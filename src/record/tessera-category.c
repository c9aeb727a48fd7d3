/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-category.c: the kinds of data a consent speaks of.
 */
#include "config.h"
#include <glib/gi18n-lib.h>

#include "tessera-registry.h"

static const struct {
  const char *code;
  const char *label;
  const char *description;
} categories[TESSERA_N_CATEGORIES] = {
  [TESSERA_CATEGORY_NONE] = { "none", N_("General"), N_("Not about a client.") },
  [TESSERA_CATEGORY_IDENTITY] = { "identity", N_("Identity"), N_("Name, age, gender, languages.") },
  [TESSERA_CATEGORY_CONTACT] = { "contact", N_("Contact"), N_("Phone, address, how to reach them safely.") },
  [TESSERA_CATEGORY_HOUSEHOLD] = { "household", N_("Household"), N_("Who they live with.") },
  [TESSERA_CATEGORY_NEEDS] = { "needs", N_("Needs"), N_("What they need and what they wish for.") },
  [TESSERA_CATEGORY_PATHWAY] = { "pathway", N_("Pathway"), N_("Step, assessments, goals and tasks.") },
  [TESSERA_CATEGORY_VISITS] = { "visits", N_("Visits"), N_("When they came and what was talked about.") },
  [TESSERA_CATEGORY_NOTES] = { "notes", N_("Worker's notes"), N_("Never leave the organization.") },
  [TESSERA_CATEGORY_HEALTH] = { "health", N_("Health"), N_("Illness, disability, what helps.") },
  [TESSERA_CATEGORY_PROTECTION] = { "protection", N_("Safety and protection"), N_("Violence, threats, risk.") },
  [TESSERA_CATEGORY_LEGAL] = { "legal", N_("Legal matters"), N_("Only if the organization records them.") },
  [TESSERA_CATEGORY_HOUSING] = { "housing", N_("Housing"), N_("Where they live now.") },
  [TESSERA_CATEGORY_WORK] = { "work", N_("Work and income"), N_("Work, training, income.") },
  [TESSERA_CATEGORY_DOCUMENTS] = { "documents", N_("Documents"), N_("Papers kept in the file.") },
  [TESSERA_CATEGORY_STORY] = { "story", N_("Story sheet"), N_("Their story, in their own words.") },
};

const char *
tessera_category_get_code (TesseraCategory category) {
  return categories[category].code;
}

const char *
tessera_category_get_label (TesseraCategory category) {
  return _(categories[category].label);
}

const char *
tessera_category_get_description (TesseraCategory category) {
  return _(categories[category].description);
}

gboolean
tessera_category_parse (const char *code, TesseraCategory *ret_category) {
  for (guint i = 0; i < TESSERA_N_CATEGORIES; i++) {
    if (g_strcmp0 (categories[i].code, code) == 0) {
      *ret_category = (TesseraCategory) i;
      return TRUE;
    }
  }
  return FALSE;
}

gboolean
tessera_category_is_special (TesseraCategory category) {
  return category == TESSERA_CATEGORY_HEALTH || category == TESSERA_CATEGORY_PROTECTION
         || category == TESSERA_CATEGORY_LEGAL;
}

gboolean
tessera_category_is_shareable (TesseraCategory category) {
  return category != TESSERA_CATEGORY_NONE && category != TESSERA_CATEGORY_NOTES;
}
