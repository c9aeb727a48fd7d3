/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-terms.h: what the taxonomy terms of a service mean to us: theme, audience, condition …
 *
 * HSDS hangs everything machine-readable on attributes and lets each publisher bring own terms. A term is of
 * the kind its `taxonomy` names, else of the kind its code has in Tessera's own list, else a theme.
 */
#pragma once

#include "tessera-directory-language.h"

G_BEGIN_DECLS

typedef enum {
  TESSERA_TERM_THEME,
  TESSERA_TERM_AUDIENCE,
  TESSERA_TERM_CONDITION,
  TESSERA_TERM_MODE,
  TESSERA_TERM_STEP,
  TESSERA_TERM_ACCESS,
} TesseraTermKind;

/**
 * TesseraTerm:
 * @code: (nullable): e.g. "EDUCATION", "no-papers-asked"
 * @name: in the wanted language
 * @count: services that carry it and are not inactive
 */
typedef struct {
  char *id;
  char *code;
  char *name;
  TesseraTermKind kind;
  guint count;
} TesseraTerm;

void tessera_term_free (TesseraTerm *term);
TesseraTerm *tessera_term_copy (const TesseraTerm *term);
/** tessera_term_kind_get_code: "theme", "audience", "condition", "mode", "step", "access". */
const char *tessera_term_kind_get_code (TesseraTermKind kind);

/** TesseraTerms: all terms of the directory and which services carry them. */
typedef struct _TesseraTerms TesseraTerms;

TesseraTerms *tessera_terms_new (TesseraTransaction *transaction, TesseraTexts *texts, GError **error);
/** tessera_terms_new_for_service: the same for one page: other links are not read, so counts and
 * matches say nothing. */
TesseraTerms *tessera_terms_new_for_service (TesseraTransaction *transaction, TesseraTexts *texts,
                                             const char *service, GError **error);
void tessera_terms_free (TesseraTerms *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraTerms, tessera_terms_free)

/** tessera_terms_of: (transfer none) (nullable) (element-type TesseraTerm): of one service. */
GPtrArray *tessera_terms_of (TesseraTerms *self, const char *service);

/** tessera_terms_match: (transfer full) (element-type utf8): ids of the services that carry a term of @kind
 * whose id, code or name is @wanted (case does not matter). */
GHashTable *tessera_terms_match (TesseraTerms *self, TesseraTermKind kind, const char *wanted);

/** tessera_terms_match_word: adds to @services (a set of ids) those with a term of any kind one of whose
 * words begins with @word, in any script. */
void tessera_terms_match_word (TesseraTerms *self, const char *word, GHashTable *services);

/**
 * tessera_directory_list_terms:
 * @language: (nullable): of the names
 *
 * Returns: (transfer full) (element-type TesseraTerm): the terms of one kind that some service carries, most
 *   frequent first; for filters
 */
GPtrArray *tessera_directory_list_terms (TesseraTransaction *transaction, TesseraTermKind kind,
                                         const char *language, GError **error);

G_END_DECLS
