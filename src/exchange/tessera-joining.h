/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-joining.h: how a new laptop becomes one of the organization's: it asks, a supervisor admits it, it joins.
 *
 * The request says who asks and with which keys; its fingerprint is read aloud, so that nobody puts another one in its
 * place. The invitation is sealed to the new device and signed by the organization; its fingerprint is compared before or
 * after joining. Formats: docs/bundle-format.md, Request and Invitation.
 */
#pragma once

#include "tessera-minisign.h"
#include "tessera-roster.h"

G_BEGIN_DECLS

#define TESSERA_REQUEST_FORMAT "tessera-request/1"
#define TESSERA_REQUEST_MAX_SIZE (16 * 1024)
#define TESSERA_INVITATION_FORMAT "tessera-invitation/1"
#define TESSERA_INVITATION_MAX_SIZE (32 * 1024)
/** Characters that one QR code holds. */
#define TESSERA_INVITATION_QR_SIZE 2900
#define TESSERA_INVITATION_DAYS 14

#define TESSERA_JOINING_ERROR (tessera_joining_error_quark ())
GQuark tessera_joining_error_quark (void);

/**
 * TesseraJoiningError:
 * @TESSERA_JOINING_ERROR_JOINED: this vault belongs to an organization already
 * @TESSERA_JOINING_ERROR_OTHER_DEVICE: the invitation is for another device
 * @TESSERA_JOINING_ERROR_MISMATCH: the fingerprint that was read is another one
 * @TESSERA_JOINING_ERROR_REVOKED: the device was revoked; it must start anew
 * @TESSERA_JOINING_ERROR_REFUSED: anything else that cannot be admitted
 *
 * What is wrong with a file comes as %TESSERA_BUNDLE_ERROR (among them _EXPIRED).
 */
typedef enum {
  TESSERA_JOINING_ERROR_JOINED,
  TESSERA_JOINING_ERROR_OTHER_DEVICE,
  TESSERA_JOINING_ERROR_MISMATCH,
  TESSERA_JOINING_ERROR_REVOKED,
  TESSERA_JOINING_ERROR_REFUSED,
} TesseraJoiningError;

/* ---- request ---- */

/**
 * TesseraRequest:
 * @device: 32 hexadecimal digits
 * @name: of the laptop
 * @worker: name of the first person who will work on it
 * @encryption: `age1…`
 */
typedef struct {
  char *device;
  char *name;
  char *worker;
  char *language;
  guint8 signing_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  char *encryption;
  gint64 created;
} TesseraRequest;

void tessera_request_free (TesseraRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraRequest, tessera_request_free)

/** tessera_request_sign: (transfer full): by the device's own signing key. */
char *tessera_request_sign (const TesseraRequest *self, const TesseraSecret *key, GError **error);

/** tessera_request_parse: (transfer full) (nullable): its parts belong together; whose it is says only the fingerprint. */
TesseraRequest *tessera_request_parse (const char *text, gsize length, GError **error);

/** tessera_request_get_fingerprint: (transfer full): five groups of four, of the device's signing key. */
char *tessera_request_get_fingerprint (const TesseraRequest *self);

/* ---- invitation ---- */

/**
 * TesseraInvitation:
 * @certificate, @certificate_signature: of the device (tessera-certificate.h)
 * @worker: (32 hexadecimal digits): the row of `worker`
 * @circles: (element-type TesseraRosterCircle): as many as there was room for; the roster has all
 * @attachment_key: (nullable): how content is named in the organization; missing in older invitations
 * @roster: version of the roster that admitted the device
 */
typedef struct {
  char *organization;
  char *name;
  guint8 root_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  char *languages;
  char *device;
  char *worker;
  char *role;
  char *certificate;
  char *certificate_signature;
  GPtrArray *circles;
  TesseraSecret *attachment_key;
  gint64 roster;
  gint64 created;
  gint64 expires;
} TesseraInvitation;

TesseraInvitation *tessera_invitation_new (void);
void tessera_invitation_free (TesseraInvitation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraInvitation, tessera_invitation_free)

/** tessera_invitation_seal: (transfer full): signed with @root, sealed to @encryption (`age1…`), as armored text; circles
 * that do not fit %TESSERA_INVITATION_QR_SIZE are left out. */
char *tessera_invitation_seal (const TesseraInvitation *self, const TesseraSecret *root, const char *encryption,
                               GError **error);

/** tessera_invitation_open: (transfer full) (nullable): with one of @keys; its signature fits the root key it names, and so
 * does that of the certificate. Whose organization it is says only the fingerprint. */
TesseraInvitation *tessera_invitation_open (const char *text, gsize length, const TesseraSecret *const *keys,
                                            gsize n_keys, GError **error);

/* ---- in the store ---- */

/** TesseraJoiningFacts: who will work on a new laptop. @device: (nullable): its name; %NULL is that of the worker. */
typedef struct {
  const char *worker;
  const char *language;
  const char *device;
  guint slot;
} TesseraJoiningFacts;

/** tessera_joining_prepare: makes the keys of a vault that is to join; nothing that would have to be told to others. */
gboolean tessera_joining_prepare (TesseraTransaction *transaction, const TesseraJoiningFacts *facts, GError **error);

/** tessera_joining_request: (transfer full): the request of this device: to join, or, when it is one already, to have a
 * new encryption key or certificate. @ret_fingerprint (out) (optional) (transfer full): to be read aloud. */
char *tessera_joining_request (TesseraTransaction *transaction, char **ret_fingerprint, GError **error);

/**
 * TesseraAdmission: what a supervisor decides.
 * @role: `worker`, `mediator` or `supervisor`
 * @fingerprint: (nullable): as it was read aloud; compared with the request's
 * @name: (nullable): another name for the laptop
 * @circles: (nullable) (array zero-terminated=1): names of circles; %NULL is the organization's
 */
typedef struct {
  const char *role;
  const char *fingerprint;
  const char *name;
  const char *const *circles;
} TesseraAdmission;

/** tessera_joining_admit: (transfer full): makes the worker's row (or takes the active one of that name), the certificate
 * and the next roster. Returns the invitation. Needs the root key here and a supervisor. @ret_device (out) (optional)
 * (transfer full): 32 hexadecimal digits */
char *tessera_joining_admit (TesseraTransaction *transaction, const char *request, gsize length,
                             const TesseraAdmission *admission, char **ret_device, GError **error);

/** tessera_joining_read: (transfer full) (nullable): an invitation for this device, checked but not yet accepted, to show
 * whose it is. */
TesseraInvitation *tessera_joining_read (TesseraTransaction *transaction, const char *text, gsize length,
                                         GError **error);

/** tessera_joining_list_circles: (transfer full) (element-type TesseraRosterCircle): those that the invitation named: where
 * the first exchange is looked for while no roster is here. */
GPtrArray *tessera_joining_list_circles (TesseraTransaction *transaction);

/** tessera_joining_join: accepts it. @fingerprint (nullable): of the organization, as it was read aloud. On a device that
 * joined already only a newer certificate of the same organization is taken. */
gboolean tessera_joining_join (TesseraTransaction *transaction, const char *text, gsize length, const char *fingerprint,
                               GError **error);

G_END_DECLS
