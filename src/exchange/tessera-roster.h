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

/** tessera_roster_circle_new: (transfer full) */
TesseraRosterCircle *tessera_roster_circle_new (const char *id, const char *name, const char *mailbox);
void tessera_roster_circle_free (TesseraRosterCircle *self);

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
 * @organization: 32 hexadecimal digits
 * @version: from 1
 * @previous: (nullable): BLAKE2b-256 of the text of the version before, 64 hexadecimal digits
 * @circles: (element-type TesseraRosterCircle): the first is the organization's
 * @devices: (element-type TesseraRosterDevice)
 * @card: (nullable): the newest card (tessera-card.h), for devices that cannot sign one
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
  char *card;
} TesseraRoster;

#define TESSERA_ROSTER_ERROR (tessera_roster_error_quark ())
GQuark tessera_roster_error_quark (void);

/**
 * TesseraRosterError:
 * @TESSERA_ROSTER_ERROR_MISSING: no roster has arrived here yet, or none of that version
 * @TESSERA_ROSTER_ERROR_GAP: versions before this one are missing; keep it and try again when they came
 * @TESSERA_ROSTER_ERROR_FORKED: another text for a version we have, or one that does not follow ours: two supervisors
 *   made the next version at the same time, or somebody restored an old copy
 * @TESSERA_ROSTER_ERROR_REFUSED: of another organization, or it brings back a revoked device
 *
 * What is wrong with the text itself comes as %TESSERA_BUNDLE_ERROR.
 */
typedef enum {
  TESSERA_ROSTER_ERROR_MISSING,
  TESSERA_ROSTER_ERROR_GAP,
  TESSERA_ROSTER_ERROR_FORKED,
  TESSERA_ROSTER_ERROR_REFUSED,
} TesseraRosterError;

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

/** tessera_roster_find_circle_by_name: (nullable) (transfer none): %NULL with %TESSERA_ROSTER_ERROR_REFUSED. */
const TesseraRosterCircle *tessera_roster_find_circle_by_name (const TesseraRoster *self, const char *name,
                                                               GError **error);

/** tessera_roster_count_members: active devices of @circle. */
guint tessera_roster_count_members (const TesseraRoster *self, const char *circle);

/** tessera_roster_is_expired: it still holds, but people should be told: no newer one has come for a long time. */
gboolean tessera_roster_is_expired (const TesseraRoster *self, gint64 now);

/** tessera_roster_add_circle: (transfer none): with a random id (unless @id is given) and mailbox. */
TesseraRosterCircle *tessera_roster_add_circle (TesseraRoster *self, const char *id, const char *name);

/** tessera_roster_add_device: (transfer none): an active one, to be filled. */
TesseraRosterDevice *tessera_roster_add_device (TesseraRoster *self, const char *id);

/** tessera_roster_put_in: adds @circle to the device's, once. */
void tessera_roster_put_in (TesseraRosterDevice *self, const char *circle);

/** tessera_roster_hash: (transfer full): what `previous` of the next version says. */
char *tessera_roster_hash (const char *text);

/** tessera_device_state_to_text: `active`, `retired`, `revoked`. */
const char *tessera_device_state_to_text (TesseraDeviceState state);

/* ---- the store's ---- */

/** tessera_roster_load: (transfer full) (nullable): the newest one here; of an organization with one laptop, which never
 * needed one, it is made (version 1) if this device has the root key and the transaction may write. Otherwise, when there
 * is none, %TESSERA_ROSTER_ERROR_MISSING. */
TesseraRoster *tessera_roster_load (TesseraTransaction *transaction, GError **error);

/** tessera_roster_load_version: (transfer full) (nullable): an older one, to judge what was written under it;
 * %TESSERA_ROSTER_ERROR_MISSING when it never came here. */
TesseraRoster *tessera_roster_load_version (TesseraTransaction *transaction, gint64 version, GError **error);

/** tessera_roster_load_text: (transfer full) (nullable): as it came, to pass it on; @version 0 is the newest. */
char *tessera_roster_load_text (TesseraTransaction *transaction, gint64 version, GError **error);

/**
 * tessera_roster_take_in:
 * @text: as it came
 * @ret_is_new: (out) (optional): %FALSE when it is the one we have (or older and the same as what we have of it)
 *
 * Accepts the next version only (or, on a device that is joining, any from the one its invitation names), keeps it, enters
 * this device's circles, and takes back what revoked devices wrote after their last good change. Refused: another root, a
 * gap, another text for a version we have, a revoked device that is to come back.
 */
gboolean tessera_roster_take_in (TesseraTransaction *transaction, const char *text, gsize length, gboolean *ret_is_new,
                                 GError **error);

/** tessera_roster_begin_next: (transfer full): the newest one as the next version, to be changed and published; refused
 * unless this device holds the root key and the acting worker is a supervisor. */
TesseraRoster *tessera_roster_begin_next (TesseraTransaction *transaction, GError **error);

/** tessera_roster_publish: signs @roster as the next version with the root key here, and takes it in. Supervisors'
 * devices are in every circle; the rows of `device` follow. */
gboolean tessera_roster_publish (TesseraTransaction *transaction, TesseraRoster *roster, GError **error);

G_END_DECLS
