/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-roster.h: which devices belong to the organization, who works on them, and who may read whom.
 *
 * Format tessera-roster/1 (docs/bundle-format.md): one line of JSON and behind it its minisign signature by the
 * organization's root key, like a card. Each version names the hash of the one before; only the next version is
 * accepted, never an older one, so that nobody can bring back a device that was revoked. It decides nothing by itself.
 */
#pragma once

#include "tessera-minisign.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

#define TESSERA_ROSTER_FORMAT "tessera-roster/1"
#define TESSERA_ROSTER_MAX_SIZE (1024 * 1024)
#define TESSERA_ROSTER_MAX_DEVICES 4096
/** Devices of one circle: every bundle is sealed to each. */
#define TESSERA_ROSTER_MAX_MEMBERS 64

/**
 * TesseraRosterCircle: devices that may read the same people.
 * @id: 32 hexadecimal digits
 * @mailbox: 26 characters: where its bundles are on a carrier
 */
typedef struct {
  char *id;
  char *name;
  char *mailbox;
} TesseraRosterCircle;

/**
 * TesseraDeviceState:
 * @TESSERA_DEVICE_ACTIVE: reads and writes
 * @TESSERA_DEVICE_RETIRED: no longer used; what it wrote stays
 * @TESSERA_DEVICE_REVOKED: lost or stolen; what it wrote after its last good changes counts for nothing
 */
typedef enum {
  TESSERA_DEVICE_ACTIVE,
  TESSERA_DEVICE_RETIRED,
  TESSERA_DEVICE_REVOKED,
} TesseraDeviceState;

/**
 * TesseraRosterDevice:
 * @id: 32 hexadecimal digits
 * @worker: (nullable): 32 hexadecimal digits, the row of `worker`
 * @role: `worker`, `mediator` or `supervisor`
 * @encryption: (element-type utf8): `age1…`; the first is the current one, bundles are sealed to it; others are accepted
 * @circles: (element-type utf8): ids
 * @last: (nullable) (element-type utf8 gint64): of a revoked device: its streams to the last good change; a stream that
 *   is not named has none
 */
typedef struct {
  char *id;
  char *name;
  char *worker;
  char *role;
  guint8 signing_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  GPtrArray *encryption;
  GPtrArray *circles;
  TesseraDeviceState state;
  gint64 since;
  GHashTable *last;
} TesseraRosterDevice;

/**
 * TesseraRoster:
 * @previous: (nullable): BLAKE2b-256 of the text of the version before, 64 hexadecimal digits
 * @circles: (element-type TesseraRosterCircle): the first is the organization's
 * @devices: (element-type TesseraRosterDevice)
 */
typedef struct {
  char *organization;
  char *name;
  gint64 version;
  char *previous;
  gint64 created;
  gint64 expires;
  GPtrArray *circles;
  GPtrArray *devices;
} TesseraRoster;

TesseraRoster *tessera_roster_new (void);
TesseraRoster *tessera_roster_copy (const TesseraRoster *self);
void tessera_roster_free (TesseraRoster *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraRoster, tessera_roster_free)

/** tessera_roster_sign: (transfer full): the text of a roster file, checked by reading it back. */
char *tessera_roster_sign (const TesseraRoster *self, const TesseraSecret *root, GError **error);

/** tessera_roster_parse: (transfer full) (nullable): after checking the signature by @root_key. */
TesseraRoster *tessera_roster_parse (const char *text, gsize length, const guint8 *root_key, GError **error);

/** tessera_roster_find_device: (nullable) (transfer none) */
const TesseraRosterDevice *tessera_roster_find_device (const TesseraRoster *self, const char *device);
/** tessera_roster_find_signer: (nullable) (transfer none): by full signing key. */
const TesseraRosterDevice *tessera_roster_find_signer (const TesseraRoster *self, const guint8 *signing_key);
const TesseraRosterCircle *tessera_roster_find_circle (const TesseraRoster *self, const char *circle);
gboolean tessera_roster_device_is_in (const TesseraRosterDevice *self, const char *circle);

/* ---- the store's ---- */

/** tessera_roster_load: (transfer full) (nullable): the newest one here; of an organization with one laptop, which never
 * needed one, it is made (version 1) if this device has the root key. */
TesseraRoster *tessera_roster_load (TesseraTransaction *transaction, GError **error);

/** tessera_roster_load_version: (transfer full) (nullable): an older one, to judge what was written under it. */
TesseraRoster *tessera_roster_load_version (TesseraTransaction *transaction, gint64 version, GError **error);

/**
 * tessera_roster_take_in:
 * @text: as it came
 * @ret_is_new: (out) (optional): %FALSE when it is the one we have (or older and the same as what we have of it)
 *
 * Accepts the next version only (or any, on a device that is joining), keeps it, and brings the rows of `stream` in line
 * (devices, circles, states). Refused: another root, a gap, another text for a version we have.
 */
gboolean tessera_roster_take_in (TesseraTransaction *transaction, const char *text, gsize length, gboolean *ret_is_new,
                                 GError **error);

/** tessera_roster_publish: signs @roster as the next version with the root key here, and takes it in. */
gboolean tessera_roster_publish (TesseraTransaction *transaction, TesseraRoster *roster, GError **error);

G_END_DECLS
