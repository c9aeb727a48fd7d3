/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fault-script.h: a day's work on a store, the same each time, and what the store must hold after each commit.
 *
 * A script is a list of steps: transactions large and small, some of them taken back, checkpoints, VACUUM,
 * changes of the journal mode, closing and opening, a reader that holds on to what it saw. What each commit
 * leaves is found by running it on a plain database in memory.
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>

typedef enum {
  FAULT_STEP_COMMIT,     /* one transaction that changes something */
  FAULT_STEP_KEEP,       /* SQL after which the content is as before */
  FAULT_STEP_CHECKPOINT, /* ... and everything committed is in the database file */
  FAULT_STEP_REOPEN,     /* the writing connection is closed and opened */
  FAULT_STEP_PIN,        /* a second connection begins to read */
  FAULT_STEP_UNPIN,      /* ... must still see the same, and ends */
} FaultStepKind;

typedef struct {
  FaultStepKind kind;
  char *sql;
  guint state; /* number of commits when it is done */
} FaultStep;

/* How the store is used. */
typedef struct {
  const char *name;
  const char *journal;  /* mode of the journal */
  const char *changed;  /* mode it is changed to now and then, or NULL */
  gboolean is_durable;  /* commits are promised to survive (synchronous FULL); else only their order (NORMAL) */
  int page_size;
  guint length;         /* steps, about; 0 for one of each kind */
  gboolean no_search;   /* no search index */
  gboolean is_plain;    /* without the page layer, to see that the campaign is fair */
} FaultSetting;

typedef struct {
  const FaultSetting *setting;
  guint64 seed;
  GPtrArray *steps;  /* FaultStep */
  GArray *states;    /* guint64: the digest after so many commits; the first is that of an empty store */
  /* to make it */
  guint64 random;
  guint serial;
  sqlite3 *model;
} FaultScript;

FaultScript *fault_script_new (const FaultSetting *setting, guint64 seed);
void fault_script_free (FaultScript *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultScript, fault_script_free)

/* Of all that @database holds, except the table "probe". Returns SQLite's code. */
int fault_digest (sqlite3 *database, guint64 *ret_digest);
/* The number of commits after which @digest is right, or -1. */
int fault_script_find_state (const FaultScript *self, guint64 digest);
