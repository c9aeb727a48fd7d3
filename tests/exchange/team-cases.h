/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * team-cases.h: rosters, requests and invitations, good ones and one for each rule that they can break.
 */
#pragma once

#include <glib.h>

/**
 * TeamCase:
 * @kind: `roster`, `request` or `invitation`
 * @code: a TesseraBundleError, or -1 when it is to be accepted
 * @old, @new: (nullable): what is replaced in the good line before it is signed
 * @signer: name of the key that signs
 */
typedef struct {
  const char *name;
  const char *kind;
  int code;
  const char *old;
  const char *new;
  const char *signer;
  const char *what;
} TeamCase;

extern const TeamCase team_cases[];
extern const guint n_team_cases;

/** team_case_make: (transfer full): the text of the file. */
char *team_case_make (const TeamCase *self);
