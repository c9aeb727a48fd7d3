/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-language.h: the languages of the user interface, and switching between them while the program runs.
 *
 * It is about what the worker reads, not about the languages clients speak (BCP 47 tags in records), though
 * it knows how to name those too.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * TesseraLanguage:
 * @tag: BCP 47 tag and gettext catalogue name
 * @endonym: what its readers call it; never translated
 * @chain: value for the LANGUAGE variable, best first
 * @locales: C library locales to try, best first, ending with %NULL
 * @right_to_left: whether widgets are mirrored
 */
typedef struct {
  const char *tag;
  const char *endonym;
  const char *chain;
  const char *locales[5];
  gboolean right_to_left;
} TesseraLanguage;

/** tessera_language_get_all: the table; @ret_count is its length. */
const TesseraLanguage *tessera_language_get_all (guint *ret_count);

/** tessera_language_find: (nullable): by tag ("ar", "fr-CH" finds "fr"). */
const TesseraLanguage *tessera_language_find (const char *tag);

/** tessera_language_get_preferred: the first language of the desktop that we have, or English. */
const TesseraLanguage *tessera_language_get_preferred (void);

/**
 * tessera_language_apply:
 *
 * Makes the main thread speak @self from now on: messages, dates and the direction of new widgets. Widgets
 * that exist keep their texts: rebuild them (see #TesseraPage). Works when the C library lacks the locale:
 * then only sorting and the texts of the C library itself stay as they were. Call it on the main thread, with
 * no store work formatting text.
 */
void tessera_language_apply (const TesseraLanguage *self);

/** tessera_language_get_current: the language applied last. */
const TesseraLanguage *tessera_language_get_current (void);

/** tessera_language_make_menu: (transfer full): every language by its endonym, for action app.language. */
GMenuModel *tessera_language_make_menu (void);

/** tessera_language_get_name: (transfer full): name of the language @tag in the current language
 * ("Tigrinya"). */
char *tessera_language_get_name (const char *tag);

/** tessera_language_get_endonym: (transfer full): name of the language @tag in itself ("ትግርኛ"). */
char *tessera_language_get_endonym (const char *tag);

/** tessera_language_get_direction: direction the language @tag is written in. */
GtkTextDirection tessera_language_get_direction (const char *tag);

/** tessera_language_get_common: (transfer none): tags offered first where a client's language is chosen;
 * %NULL-terminated. */
const char *const *tessera_language_get_common (void);

G_END_DECLS
