/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sync-fixture.h: a carrier that keeps its files in memory and fails when told to, and an exchange that seals and reads
 * what tests give it.
 */
#pragma once

#include "tessera-fixture.h"
#include "tessera-post-office-private.h"

G_BEGIN_DECLS

#define CIRCLE "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FROM_PARTNER "bbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TO_PARTNER "cccccccccccccccccccccccccc"

#define FAKE_TYPE_CARRIER (fake_carrier_get_type ())
G_DECLARE_FINAL_TYPE (FakeCarrier, fake_carrier, FAKE, CARRIER, GObject)

/**
 * FakeCarrier:
 * @fail_at: number of the call (from 1) that fails; 0 for none. @fail_for: how many fail from there on
 * @fail_late: the call does what it should and fails all the same
 * @blocks: calls wait until they are cancelled
 */
struct _FakeCarrier {
  GObject parent_instance;

  GHashTable *mailboxes; /* name to (name to GBytes) */
  guint n_calls;
  guint fail_at;
  guint fail_for;
  gboolean fail_late;
  GError *failure;
  gboolean blocks;
  guint n_puts;
  guint n_fetches;
};

FakeCarrier *fake_carrier_new (void);
/** fake_carrier_lay: somebody puts a file that says @text into @mailbox. Returns: (transfer full): its name */
char *fake_carrier_lay (FakeCarrier *self, const char *mailbox, const char *text);
gboolean fake_carrier_has (FakeCarrier *self, const char *mailbox, const char *name);
void fake_carrier_drop (FakeCarrier *self, const char *mailbox, const char *name);
guint fake_carrier_count (FakeCarrier *self, const char *mailbox);
/** fake_carrier_fail: from the call number @at on, @count times. */
void fake_carrier_fail (FakeCarrier *self, guint at, guint count, gboolean late, GQuark domain, int code);

/** The exchange: what is to be sealed next, and names of what came in, as often as it did. */
typedef struct {
  TesseraStore *store;
  GPtrArray *waiting; /* "MAILBOX text" */
  GHashTable *done;   /* names of files of ours that everybody has */
  GHashTable *withheld; /* names of files of ours that must not go */
  GHashTable *applied; /* name to how often */
  guint n_seals;
  gboolean breaks_after_taking_in;
} FakeExchange;

extern const TesseraExchangeWays fake_ways;

/** fake_exchange_begin: there is one at a time. */
FakeExchange *fake_exchange_begin (TesseraStore *store);
void fake_exchange_end (void);
/** fake_exchange_write: a message for @mailbox waits to be sealed. Returns: (transfer full): the name it will have */
char *fake_exchange_write (FakeExchange *self, const char *mailbox, const char *text);
/** fake_exchange_is_taken_in_once: whether what @name says was applied exactly once. */
gboolean fake_exchange_is_taken_in_once (FakeExchange *self, const char *name);

char *fake_name (const char *text);

G_END_DECLS
