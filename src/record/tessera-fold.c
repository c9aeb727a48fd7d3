/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-fold.c: script, case and mark folding with ICU transliteration.
 *
 * A transliterator costs milliseconds to make and is not shared between threads, so each thread keeps its own; plain
 * ASCII, the most common text by far, takes a short way round it.
 */
#include "config.h"
#include <string.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "tessera-fold.h"

#define LATIN_RULE u"Any-Latin; NFD; [:Nonspacing Mark:] Remove; Latin-ASCII; Lower; [^\\u0000-\\u007f] Remove"
#define SCRIPT_RULE u"NFKD; [:Nonspacing Mark:] Remove; Lower; NFC"

static void
close_transliterator (gpointer transliterator) {
  utrans_close (transliterator);
}

static UTransliterator *
get_transliterator (GPrivate *slot, const UChar *rule) {
  UTransliterator *transliterator = g_private_get (slot);
  UErrorCode status = U_ZERO_ERROR;

  if (!transliterator) {
    transliterator = utrans_openU (rule, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    if (U_FAILURE (status))
      return NULL;
    g_private_set (slot, transliterator);
  }
  return transliterator;
}

static char *
transliterate (UTransliterator *transliterator, const char *text) {
  UErrorCode status = U_ZERO_ERROR;
  g_autofree UChar *wide = NULL;
  g_autofree char *result = NULL;
  glong length = (glong) strlen (text);
  int32_t capacity, wide_length, limit, size;

  /* One letter may become several (an Ethiopic syllable, a CJK sign): grow until it fits. */
  for (capacity = (int32_t) (length * 4 + 64);; capacity *= 2) {
    wide = g_renew (UChar, wide, capacity);
    status = U_ZERO_ERROR;
    u_strFromUTF8WithSub (wide, capacity, &wide_length, text, (int32_t) length, 0xfffd, NULL, &status);
    limit = wide_length;
    if (U_SUCCESS (status))
      utrans_transUChars (transliterator, wide, &wide_length, capacity, 0, &limit, &status);
    if (status != U_BUFFER_OVERFLOW_ERROR)
      break;
  }
  if (U_FAILURE (status))
    return g_strdup (text);
  result = g_malloc ((gsize) wide_length * 3 + 1);
  status = U_ZERO_ERROR;
  u_strToUTF8WithSub (result, wide_length * 3 + 1, &size, wide, wide_length, 0xfffd, NULL, &status);
  return U_FAILURE (status) ? g_strdup (text) : g_steal_pointer (&result);
}

/* Letters and digits stay, an apostrophe or half ring inside a word vanishes, everything else parts words. */
static char *
split_words (const char *text) {
  GString *out = g_string_sized_new (strlen (text) + 1);

  for (const char *c = text; *c; c = g_utf8_next_char (c)) {
    gunichar letter = g_utf8_get_char (c);

    if (g_unichar_isalnum (letter))
      g_string_append_unichar (out, letter);
    else if (letter == '\'' || letter == '`' || g_unichar_type (letter) == G_UNICODE_MODIFIER_LETTER
             || g_unichar_ismark (letter))
      continue;
    else if (out->len && out->str[out->len - 1] != ' ')
      g_string_append_c (out, ' ');
  }
  if (out->len && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

/* The same for lower-case ASCII, byte by byte; %FALSE, and nothing appended, when @text has other letters. */
static gboolean
append_ascii_words (GString *out, const char *text) {
  gsize start = out->len;

  for (const char *c = text; *c; c++) {
    if ((guchar) *c >= 0x80) {
      g_string_truncate (out, start);
      return FALSE;
    }
    if (g_ascii_isalnum (*c))
      g_string_append_c (out, g_ascii_isupper (*c) ? *c + ('a' - 'A') : *c);
    else if (*c != '\'' && *c != '`' && out->len > start && out->str[out->len - 1] != ' ')
      g_string_append_c (out, ' ');
  }
  if (out->len > start && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return TRUE;
}

static char *
fold_with (GPrivate *slot, const UChar *rule, const char *text) {
  UTransliterator *transliterator = get_transliterator (slot, rule);
  g_autofree char *folded = transliterator ? transliterate (transliterator, text) : g_utf8_strdown (text, -1);

  return split_words (folded);
}

static char *
fold_script (const char *text) {
  static GPrivate slot = G_PRIVATE_INIT (close_transliterator);

  return fold_with (&slot, SCRIPT_RULE, text);
}

static char *
fold_other_to_latin (const char *text) {
  static GPrivate slot = G_PRIVATE_INIT (close_transliterator);

  g_autoptr (GString) spelled = g_string_new (text);
  g_autofree char *latin = NULL;

  /* Final taa marbuta is heard as a, though it is romanized as t. */
  g_string_replace (spelled, "\u0629", "a", 0);
  latin = fold_with (&slot, LATIN_RULE, spelled->str);
  /* A script that ICU cannot romanize stays as it is. */
  return *latin ? g_steal_pointer (&latin) : fold_script (text);
}

void
tessera_fold_append_latin (GString *out, const char *text) {
  g_autofree char *latin = NULL;

  if (!text || append_ascii_words (out, text))
    return;
  latin = fold_other_to_latin (text);
  g_string_append (out, latin);
}

char *
tessera_fold_latin (const char *text) {
  GString *out = g_string_sized_new (text ? strlen (text) : 0);

  tessera_fold_append_latin (out, text);
  return g_string_free (out, FALSE);
}

char *
tessera_fold (const char *text) {
  g_autofree char *latin = tessera_fold_latin (text);
  g_autofree char *script = NULL;

  if (!text || g_str_is_ascii (text))
    return g_steal_pointer (&latin);
  script = fold_script (text);
  return strcmp (script, latin) == 0 ? g_steal_pointer (&latin) : g_strconcat (script, " ", latin, NULL);
}

/* Pairs that transcriptions of one name write either way. */
static char
unite (char c) {
  switch (c) {
  case 'q': case 'c': case 'g': return 'k';
  case 'p': return 'b';
  case 'v': case 'f': return 'f';
  case 'z': case 'j': return 's';
  case 't': case 'd': return 't';
  default: return c;
  }
}

static gboolean
is_vowel (char c) {
  return strchr ("aeiouyw", c) != NULL;
}

static void
append_sound (GString *out, const char *word, gsize length) {
  char last = 0;

  for (gsize i = 0; i < length; i++) {
    char c = unite (word[i]);

    if (c == 'h' && i > 0 && strchr ("ktsbg", last ? last : ' '))
      continue;
    if (is_vowel (c) && !(i == 0 && length == 1))
      continue;
    if (c == 'h' && i + 1 == length)
      continue;   /* Sarah, Sara */
    if (c == last)
      continue;
    g_string_append_c (out, c);
    last = c;
  }
}

char *
tessera_fold_sound (const char *text) {
  g_autofree char *latin = tessera_fold_latin (text);
  g_auto (GStrv) words = g_strsplit (latin, " ", -1);
  GString *out = g_string_new (NULL);

  for (guint i = 0; words[i]; i++) {
    gsize before = out->len;

    if (before)
      g_string_append_c (out, ' ');
    append_sound (out, words[i], strlen (words[i]));
    if (out->len == before + (before > 0))
      g_string_append (out, words[i]);   /* a word of vowels only is its own sound */
  }
  return g_string_free (out, FALSE);
}
