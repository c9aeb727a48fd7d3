/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-fold.h: words as search and duplicate detection compare them.
 *
 * Folding brings scripts, case and marks together (Muḥammad, Мухаммад and محمد meet). Never shown to anyone.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** tessera_fold: (transfer full): lower-case ASCII-ish words separated by single spaces: ICU transliteration to Latin,
 * marks dropped. Also keeps the words of the original script (case-folded, marks dropped) in front when they differ,
 * so that a search in the same script is exact. */
char *tessera_fold (const char *text);

/** tessera_fold_latin: (transfer full): only the transliterated words. */
char *tessera_fold_latin (const char *text);

/** tessera_fold_append_latin: the same at the end of @out. */
void tessera_fold_append_latin (GString *out, const char *text);

/** tessera_fold_sound: (transfer full): consonant skeleton of every word of tessera_fold_latin(): vowels (and y, w
 * inside a word) and doubled letters dropped, letters that transliterations confuse united (q/k/c, p/b …): what is left
 * of a name whichever way it was transcribed. */
char *tessera_fold_sound (const char *text);

G_END_DECLS
