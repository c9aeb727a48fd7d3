/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-domains.c: the twelve domains of life, the words of their levels, and the rule that suggests a
 * step.
 *
 * Words and cut-offs are ours. Nobody has validated the cut-offs; the rule only ever suggests. Pure: no store
 * here.
 */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#include "tessera-pathway.h"

#define N_BASICS 4
#define N_INCLUSION 6
#define FIRST_AUTONOMY (N_BASICS + N_INCLUSION)

typedef struct {
  const char *code;
  const char *step;
  const char *anchors[TESSERA_N_LEVELS];
} Domain;

static const Domain domains[TESSERA_N_DOMAINS] = {
  { "home", "basic-needs",
    { N_("No safe place for tonight"), N_("A place for days only, or unfit or overcrowded"),
      N_("A temporary place, with our support"), N_("Own place; rent or contract still shaky"),
      N_("A stable home; knows a tenant's rights") } },
  { "essentials", "basic-needs",
    { N_("Went without food or warm clothes this week"), N_("Depends on hand-outs, with gaps"),
      N_("Regular help covers it"), N_("Buys most things; needs help at the end of the month"),
      N_("Covers it; knows where to turn if short") } },
  { "safety", "basic-needs",
    { N_("Threat, violence, or held by someone's debt or papers"),
      N_("Fear or pressure; the plan does not work"),
      N_("Safe with a plan and contacts"), N_("Feels safe; knows whom to call"),
      N_("Safe, and can tell others where help is") } },
  { "health", "basic-needs",
    { N_("Urgent illness or distress without care"), N_("Needs care and cannot get it"),
      N_("Care has started, with help"), N_("Gets care alone, with some barriers"),
      N_("Knows how to use doctor, vaccines and insurance") } },
  { "language", "inclusion",
    { N_("Cannot say basic needs, no interpreter"), N_("Single words; always needs someone"),
      N_("Goes to class, or can talk simply"), N_("Daily life; forms with help"),
      N_("Handles most matters") } },
  { "rights", "inclusion",
    { N_("A deadline or letter not understood, nobody advising"),
      N_("Knows there is a problem; has no adviser"),
      N_("Has an adviser; the next step is clear"), N_("Follows own steps; asks when unsure"),
      N_("Knows rights and duties; can go alone") } },
  { "learning", "inclusion",
    { N_("No access to school or class"), N_("Waiting; skills recognized nowhere"),
      N_("Enrolled, or recognition started"), N_("Course going well, or partly recognized"),
      N_("Qualification used, or course finished") } },
  { "work", "inclusion",
    { N_("None, or exploited or unpaid"), N_("Odd jobs without protection"),
      N_("Training, job search or support income"), N_("Regular work, not yet enough or below skills"),
      N_("Decent steady work; knows a worker's rights") } },
  { "family", "inclusion",
    { N_("A child or dependant at risk, or family cut off"), N_("School or care missing, strain"),
      N_("School or care in place, with help"), N_("Manages, with some gaps"),
      N_("Family settled; takes part in school life") } },
  { "people", "inclusion",
    { N_("Alone, nobody to call"), N_("Only own family, or only us"), N_("One group or friend"),
      N_("Mixed contacts; takes part sometimes"), N_("Part of local life; gives something back") } },
  { "navigate", "autonomy",
    { N_("Cannot reach a service alone"), N_("Needs company or a driver each time"),
      N_("Goes with directions; phone or app with help"), N_("Goes alone; forms with some help"),
      N_("Uses transport, phone, offices and online services alone") } },
  { "affairs", "autonomy",
    { N_("No money for tomorrow, or heavy debt"), N_("Bills pile up, no overview"),
      N_("Plan and help with bills; bank account in hand"), N_("Plans the month; rarely needs help"),
      N_("Plans ahead, own contracts, takes part in decisions") } },
};

static const char *const level_names[TESSERA_N_LEVELS] = {
  N_("Danger now"),
  N_("Hard, much help needed"),
  N_("Covered, with our help"),
  N_("Mostly alone, some help"),
  N_("Alone, and can help others find the way"),
};

const char *
tessera_pathway_get_domain (guint index) {
  g_return_val_if_fail (index < TESSERA_N_DOMAINS, NULL);
  return domains[index].code;
}

int
tessera_pathway_find_domain (const char *domain) {
  for (int i = 0; domain && i < TESSERA_N_DOMAINS; i++)
    if (strcmp (domains[i].code, domain) == 0)
      return i;
  return -1;
}

const char *
tessera_pathway_get_domain_step (const char *domain) {
  int index = tessera_pathway_find_domain (domain);

  g_return_val_if_fail (index >= 0, NULL);
  return domains[index].step;
}

const char *
tessera_pathway_get_level_name (int level) {
  g_return_val_if_fail (level >= 1 && level <= TESSERA_N_LEVELS, NULL);
  return _(level_names[level - 1]);
}

const char *
tessera_pathway_get_domain_anchor (const char *domain, int level) {
  int index = tessera_pathway_find_domain (domain);

  g_return_val_if_fail (index >= 0 && level >= 1 && level <= TESSERA_N_LEVELS, NULL);
  return _(domains[index].anchors[level - 1]);
}

const char *
tessera_pathway_get_step_description (const char *step) {
  if (g_strcmp0 (step, "basic-needs") == 0)
    return _("A place to sleep, food, safety and health come first.");
  if (g_strcmp0 (step, "inclusion") == 0)
    return _("Language, rights, learning, work, family and people around.");
  if (g_strcmp0 (step, "autonomy") == 0)
    return _("Finding the way and running one's own affairs, with rare help.");
  return "";
}

void
tessera_suggestion_free (TesseraSuggestion *self) {
  g_strfreev (self->reasons);
  g_free (self);
}

typedef struct {
  guint unasked;
  guint at_most_2;
  guint at_most_3;
  guint at_least_4;
} Count;

static Count
count_levels (const int *levels, int first, int n) {
  Count count = { 0 };

  for (int i = first; i < first + n; i++) {
    count.unasked += levels[i] == 0;
    count.at_most_2 += levels[i] > 0 && levels[i] <= 2;
    count.at_most_3 += levels[i] > 0 && levels[i] <= 3;
    count.at_least_4 += levels[i] >= 4;
  }
  return count;
}

/* Adds the domains whose asked level is between @low and @high. */
static void
add_reasons (GStrvBuilder *builder, const int *levels, int first, int n, int low, int high) {
  for (int i = first; i < first + n; i++)
    if (levels[i] >= low && levels[i] <= high)
      g_strv_builder_add (builder, domains[i].code);
}

static void
add_unasked (GStrvBuilder *builder, const int *levels, int first, int n) {
  for (int i = first; i < first + n; i++)
    if (levels[i] == 0) {
      g_autofree char *reason = g_strconcat ("unasked:", domains[i].code, NULL);

      g_strv_builder_add (builder, reason);
    }
}

static const char *
decide (const int *levels, GStrvBuilder *reasons) {
  Count basics = count_levels (levels, 0, N_BASICS);
  Count inclusion = count_levels (levels, N_BASICS, N_INCLUSION);

  if (basics.at_most_2 > 0) {
    add_reasons (reasons, levels, 0, N_BASICS, 1, 2);
    return "basic-needs";
  }
  if (basics.unasked > 0) {
    add_unasked (reasons, levels, 0, N_BASICS);
    return NULL;
  }
  if (basics.at_least_4 == N_BASICS && inclusion.at_least_4 >= 4 && inclusion.at_most_2 == 0) {
    add_reasons (reasons, levels, N_BASICS, N_INCLUSION, 4, TESSERA_N_LEVELS);
    return "autonomy";
  }
  if (inclusion.at_most_3 > 0) {
    add_reasons (reasons, levels, N_BASICS, N_INCLUSION, 1, 3);
    return "inclusion";
  }
  /* Beyond the basics, and nothing asked says what is missing: name what stands between here and autonomy. */
  add_reasons (reasons, levels, 0, N_BASICS, 3, 3);
  add_unasked (reasons, levels, N_BASICS, N_INCLUSION);
  return NULL;
}

TesseraSuggestion *
tessera_pathway_suggest (const int levels[TESSERA_N_DOMAINS]) {
  TesseraSuggestion *suggestion = g_new0 (TesseraSuggestion, 1);
  g_autoptr (GStrvBuilder) reasons = g_strv_builder_new ();
  Count autonomy = count_levels (levels, FIRST_AUTONOMY, TESSERA_N_DOMAINS - FIRST_AUTONOMY);

  suggestion->step = decide (levels, reasons);
  suggestion->ready_to_close = g_strcmp0 (suggestion->step, "autonomy") == 0 && autonomy.at_least_4 == 2;
  suggestion->reasons = g_strv_builder_end (reasons);
  return suggestion;
}

static char *
list_reasons (const TesseraSuggestion *self) {
  g_autoptr (GStrvBuilder) labels = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;

  for (guint i = 0; self->reasons[i]; i++) {
    const char *reason = self->reasons[i];
    const char *domain = g_str_has_prefix (reason, "unasked:") ? reason + strlen ("unasked:") : reason;

    g_strv_builder_add (labels, tessera_vocabulary_get_label ("domain", domain));
  }
  parts = g_strv_builder_end (labels);
  /* TRANSLATORS: between the items of a list */
  return g_strjoinv (_(", "), parts);
}

char *
tessera_suggestion_describe (const TesseraSuggestion *self) {
  g_autofree char *domains_text = list_reasons (self);

  if (self->ready_to_close)
    return g_strdup (_("Autonomy, and ready to close if the client agrees."));
  if (self->step)
    /* TRANSLATORS: first a step, then domains */
    return g_strdup_printf (_("The rule suggests %s because of: %s."),
                            tessera_vocabulary_get_label ("step", self->step), domains_text);
  if (!*domains_text)
    return g_strdup (_("The rule suggests no step."));
  return g_strdup_printf (_("The rule suggests no step; to be looked at: %s."), domains_text);
}
