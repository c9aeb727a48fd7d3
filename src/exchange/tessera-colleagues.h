/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-colleagues.h: which laptops the organization has and whose they are, in words for people.
 *
 * What the roster and the rows of `device` and `worker` say; it decides nothing about who may do what.
 */
#pragma once

#include "tessera-transaction.h"

G_BEGIN_DECLS

/**
 * TesseraColleague: a laptop of the organization.
 * @device: (nullable): its name
 * @worker: (nullable): who works on it
 * @active: whether it may read and write now
 * @own: this one
 */
typedef struct {
  char *device;
  char *worker;
  gboolean active;
  gboolean own;
} TesseraColleague;

/** tessera_colleagues_load: (transfer full) (element-type utf8 TesseraColleague): by id of the device (UUID); as many as
 * are known here. */
GHashTable *tessera_colleagues_load (TesseraTransaction *transaction, GError **error);

/** tessera_colleagues_count: laptops besides this one that are in use. */
guint tessera_colleagues_count (GHashTable *colleagues);

G_END_DECLS
