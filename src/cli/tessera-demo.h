/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo.h: a synthetic shop of any size, for demonstrations, screenshots and measurements.
 *
 * Nobody in it exists: given names are common ones of many languages, every family name is that language's
 * word for "example", "sample" or the like. The same options give the same rows with the same ids, byte for
 * byte.
 */
#pragma once

#include "tessera-store.h"

G_BEGIN_DECLS

/** TesseraDemoProgress: called on the caller's thread after every batch. */
typedef void (*TesseraDemoProgress) (guint done, guint total, gpointer data);

/** TESSERA_DEMO_MOST_CLIENTS and TESSERA_DEMO_MOST_VISITS: more is refused. */
#define TESSERA_DEMO_MOST_CLIENTS 1000000
#define TESSERA_DEMO_MOST_VISITS 1000

/**
 * TesseraDemoOptions:
 * @clients: how many clients
 * @visits_per_client: how many visits each has on average, give or take a half
 * @seed: the same seed, the same shop
 * @now: the day it is in the shop, milliseconds UTC; 0 for tessera_now()
 * @progress: (nullable)
 */
typedef struct {
  guint clients;
  guint visits_per_client;
  guint64 seed;
  gint64 now;
  TesseraDemoProgress progress;
  gpointer progress_data;
} TesseraDemoOptions;

/**
 * tessera_demo_fill:
 *
 * Fills a store that has no clients yet: workers, partners, clients with households, needs, visits,
 * assessments, steps, goals, tasks, appointments, consents, and referrals in every state. Referrals name
 * services of the directory if there is one, so import that first. Works in batches; memory does not grow
 * with the number of clients.
 */
gboolean tessera_demo_fill (TesseraStore *store, const TesseraDemoOptions *options, GError **error);

/** tessera_demo_import_directory: takes in the service directory that comes with Tessera, from
 * PACKAGE_DATA_DIR or the folder that the environment variable TESSERA_DATA_DIR names; does nothing where
 * there is none. */
gboolean tessera_demo_import_directory (TesseraStore *store, GError **error);

/**
 * tessera_demo_add_post:
 * @count: how many bundles
 *
 * Adds one more partner, whose referrals wait in the vault's folder `inbox` as sealed bundles. The store must
 * have an identity (tessera_identity_create()). Keys and files are new every time.
 */
gboolean tessera_demo_add_post (TesseraStore *store, guint count, guint64 seed, GError **error);

/** tessera_demo_add_documents: small papers in the files of the @count clients who came last. */
gboolean tessera_demo_add_documents (TesseraStore *store, guint count, guint64 seed, GError **error);

G_END_DECLS
