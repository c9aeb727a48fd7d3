/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vault-fixture.h: a throw-away vault for a test, and what tests do to its files.
 */
#pragma once

#include "tessera-vault.h"

#define WORKER "Synthetic Worker"
#define PASSPHRASE "correct horse battery"

typedef struct {
  char *root;   /* temporary folder, removed at the end */
  char *folder; /* the vault's */
} VaultFixture;

void fixture_set_up (VaultFixture *fixture, gconstpointer data);
void fixture_tear_down (VaultFixture *fixture, gconstpointer data);

TesseraSecret *secret_from (const char *text);
TesseraVault *fixture_create (VaultFixture *fixture);
TesseraVault *fixture_unlock (VaultFixture *fixture);
sqlite3 *fixture_open (TesseraVault *vault, gboolean writable);

/* Runs SQL that must work. */
void must_run (sqlite3 *database, const char *sql);
/* The first value of the first row as text, or NULL after any error, whose code is in *@ret_code. */
char *query_text (sqlite3 *database, const char *sql, int *ret_code);
gint64 must_count (sqlite3 *database, const char *sql);

char *fixture_path (VaultFixture *fixture, const char *name);
GBytes *fixture_load (VaultFixture *fixture, const char *name);
void fixture_save (VaultFixture *fixture, const char *name, gconstpointer bytes, gsize size);
void fixture_copy (VaultFixture *fixture, const char *from, const char *to);
void remove_tree (const char *path);
