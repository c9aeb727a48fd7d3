/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-language.c: the languages of the user interface; see the header.
 */
#include "config.h"
#include "tessera-language.h"

#include <locale.h>
#include <string.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

/* The last entries are for computers without the locale: any UTF-8 one makes gettext look at LANGUAGE. */
static const TesseraLanguage languages[] = {
  { "en", "English", "en", { "en_US.UTF-8", "en_GB.UTF-8", "C.UTF-8", NULL }, FALSE },
  { "fr", "Français", "fr", { "fr_FR.UTF-8", "fr_BE.UTF-8", "en_US.UTF-8", "C.UTF-8", NULL }, FALSE },
  { "ar", "العربية", "ar", { "ar_EG.UTF-8", "ar_JO.UTF-8", "en_US.UTF-8", "C.UTF-8", NULL }, TRUE },
};

/* Only the main thread reads or writes it: the process has one locale, so there is one current language. */
static const TesseraLanguage *current = &languages[0];

/* glibc's own counter: bumping it makes gettext forget which catalogue it found for the previous LANGUAGE. */
extern int _nl_msg_cat_cntr;

static const char *const common_languages[] = {
  "ar", "en", "fr", "fa", "prs", "ps", "ckb", "kmr", "uk", "ru", "tr", "so", "ti", "am", "sw", "es", "pt",
  "ur", "bn", "hi", "sq", "rn",  "ln", "ff",  "wo",  "zh", "vi", "ro", "pl", "de", "nl", "it", NULL,
};

const TesseraLanguage *
tessera_language_get_all (guint *ret_count) {
  *ret_count = G_N_ELEMENTS (languages);
  return languages;
}

const TesseraLanguage *
tessera_language_find (const char *tag) {
  gsize length;

  if (tag == NULL)
    return NULL;
  length = strcspn (tag, "-_.@");
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    if (strlen (languages[i].tag) == length && g_ascii_strncasecmp (languages[i].tag, tag, length) == 0)
      return &languages[i];
  return NULL;
}

const TesseraLanguage *
tessera_language_get_preferred (void) {
  const char *const *names = g_get_language_names ();

  for (guint i = 0; names[i] != NULL; i++) {
    const TesseraLanguage *language = tessera_language_find (names[i]);

    if (language != NULL)
      return language;
  }
  return &languages[0];
}

void
tessera_language_apply (const TesseraLanguage *self) {
  g_return_if_fail (self != NULL);

  g_setenv ("LANGUAGE", self->chain, TRUE);
  for (guint i = 0; self->locales[i] != NULL; i++)
    if (setlocale (LC_ALL, self->locales[i]) != NULL)
      break;
  /* What is stored, sent and computed must not depend on who reads the screen. */
  setlocale (LC_NUMERIC, "C");
  _nl_msg_cat_cntr++;
  current = self;
  gtk_widget_set_default_direction (self->right_to_left ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
}

const TesseraLanguage *
tessera_language_get_current (void) {
  return current;
}

GMenuModel *
tessera_language_make_menu (void) {
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (languages); i++) {
    g_autoptr (GMenuItem) item = g_menu_item_new (languages[i].endonym, NULL);

    g_menu_item_set_action_and_target (item, "app.language", "s", languages[i].tag);
    g_menu_append_item (menu, item);
  }
  return G_MENU_MODEL (menu);
}

static char *
display_name (const char *tag, const char *in) {
  UChar wide[128];
  char narrow[512];
  int32_t length = 0;
  UErrorCode status = U_ZERO_ERROR;

  uloc_getDisplayName (tag, in, wide, G_N_ELEMENTS (wide), &status);
  if (U_FAILURE (status) || status == U_STRING_NOT_TERMINATED_WARNING)
    return g_strdup (tag);
  u_strToUTF8 (narrow, sizeof narrow, &length, wide, -1, &status);
  if (U_FAILURE (status) || length == 0)
    return g_strdup (tag);
  return g_strdup (narrow);
}

/* Names of languages stand in lists and at the beginning of lines: capitalized where the script knows
 * capitals. */
static char *
capitalize (char *text) {
  gunichar first = g_utf8_get_char (text);
  g_autofree char *owned = text;
  char head[8] = "";

  if (!g_unichar_islower (first))
    return g_steal_pointer (&owned);
  g_unichar_to_utf8 (g_unichar_toupper (first), head);
  return g_strconcat (head, g_utf8_next_char (text), NULL);
}

char *
tessera_language_get_name (const char *tag) {
  return capitalize (display_name (tag, current->tag));
}

char *
tessera_language_get_endonym (const char *tag) {
  return capitalize (display_name (tag, tag));
}

GtkTextDirection
tessera_language_get_direction (const char *tag) {
  return tag != NULL && uloc_isRightToLeft (tag) ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR;
}

const char *const *
tessera_language_get_common (void) {
  return common_languages;
}
