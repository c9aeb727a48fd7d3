/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-joining-work.h: what the page of a laptop that joins an organization reads and changes.
 *
 * Functions for tessera_store_write_async() and its twin. The rules are those of exchange. No widgets here.
 */
#pragma once

#include "tessera-store.h"

G_BEGIN_DECLS

/**
 * TesseraJoiningState:
 * @is_asking: it has not joined yet; then @request and @fingerprint are those of this laptop
 * @has_roster: the first exchange brought the list of the organization's laptops
 * @n_clients: of those that came
 */
typedef struct {
  gboolean is_asking;
  gboolean has_roster;
  char *request;
  char *fingerprint;
  char *organization;
  gint64 n_clients;
} TesseraJoiningState;

void tessera_joining_state_free (gpointer data);

/** tessera_joining_load: @data is a cleared #TesseraJoiningState. */
gboolean tessera_joining_load (TesseraTransaction *transaction, gpointer data, GError **error);

/** TesseraInvited: @file: an invitation; @organization and @fingerprint: (out): whose it is */
typedef struct {
  GBytes *file;
  char *organization;
  char *fingerprint;
} TesseraInvited;

void tessera_invited_free (gpointer data);

/** tessera_joining_look: @data is a #TesseraInvited: reads the invitation and accepts nothing. */
gboolean tessera_joining_look (TesseraTransaction *transaction, gpointer data, GError **error);

/** tessera_joining_accept: @data is a #TesseraInvited that a person has compared. */
gboolean tessera_joining_accept (TesseraTransaction *transaction, gpointer data, GError **error);

G_END_DECLS
