/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-carriers.h: which carriers this device uses, and how the last exchange with each went.
 *
 * A carrier is a setting `carrier.NAME` (JSON) and, when it wants a password, a secret of its own: both stay on this
 * device, for the next laptop has other drives and other accounts. It moves nothing itself.
 */
#pragma once

#include "tessera-carrier.h"
#include "tessera-transaction.h"

G_BEGIN_DECLS

#define TESSERA_CARRIERS_ERROR (tessera_carriers_error_quark ())
GQuark tessera_carriers_error_quark (void);

/**
 * TesseraCarriersError:
 * @TESSERA_CARRIERS_ERROR_INVALID: a name, address, user or fingerprint that cannot be one; the message says why
 * @TESSERA_CARRIERS_ERROR_EXISTS: there is a carrier of that name
 * @TESSERA_CARRIERS_ERROR_NOT_FOUND: there is none
 */
typedef enum {
  TESSERA_CARRIERS_ERROR_INVALID,
  TESSERA_CARRIERS_ERROR_EXISTS,
  TESSERA_CARRIERS_ERROR_NOT_FOUND,
} TesseraCarriersError;

/** TesseraCarrierKind: a folder of this computer (a stick, a synchronized folder), or a WebDAV server. */
typedef enum {
  TESSERA_CARRIER_FOLDER,
  TESSERA_CARRIER_WEBDAV,
} TesseraCarrierKind;

/**
 * TesseraCarrierSettings:
 * @uri: `file:///…` or `https://…`
 * @user: (nullable)
 * @pin: (nullable): SHA-256 of the server's certificate, 64 hexadecimal digits
 * @metered: may be used on lines that cost by amount
 * @paused: left alone until a person says otherwise
 * @succeeded_at: last whole exchange; 0 for none
 * @problem: (nullable): why the last one failed: a sentence
 * @needs_person: trying again by itself would not help
 * @n_failures: in a row
 * @next_try: not before; 0 at once
 *
 * Times are milliseconds.
 */
typedef struct {
  char *name;
  TesseraCarrierKind kind;
  char *uri;
  char *user;
  char *pin;
  gboolean metered;
  gboolean paused;
  gint64 succeeded_at;
  char *problem;
  gboolean needs_person;
  guint n_failures;
  gint64 next_try;
} TesseraCarrierSettings;

void tessera_carrier_settings_free (TesseraCarrierSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraCarrierSettings, tessera_carrier_settings_free)

/**
 * tessera_carrier_settings_new:
 * @name: what people call it: 1 to 60 characters
 * @place: a path, `file:///…`, `https://…`, or `http://` for this computer itself; without user and password
 *
 * Checks what a person typed; looks at neither disk nor net. Returns: (transfer full) (nullable)
 */
TesseraCarrierSettings *tessera_carrier_settings_new (const char *name, const char *place, GError **error);

/** tessera_carrier_settings_set_user: (@user nullable); only servers have users. */
gboolean tessera_carrier_settings_set_user (TesseraCarrierSettings *self, const char *user, GError **error);

/** tessera_carrier_settings_set_pin: @pin as people copy it, in either case, with or without colons. */
gboolean tessera_carrier_settings_set_pin (TesseraCarrierSettings *self, const char *pin, GError **error);

/** tessera_carrier_settings_get_place: (transfer full): path or address, as people read it. */
char *tessera_carrier_settings_get_place (const TesseraCarrierSettings *self);

/** tessera_carrier_settings_open: (transfer full) (nullable): the carrier itself, to be checked before it is kept; nothing
 * is reached for yet. @password (nullable) */
TesseraCarrier *tessera_carrier_settings_open (const TesseraCarrierSettings *settings, const TesseraSecret *password,
                                               GError **error);

/** tessera_carriers_list: (transfer full) (element-type TesseraCarrierSettings): by name. */
GPtrArray *tessera_carriers_list (TesseraTransaction *transaction, GError **error);

/** tessera_carriers_find: (transfer full) (nullable): %TESSERA_CARRIERS_ERROR_NOT_FOUND names those there are. */
TesseraCarrierSettings *tessera_carriers_find (TesseraTransaction *transaction, const char *name, GError **error);

/** tessera_carriers_add: @password (nullable). */
gboolean tessera_carriers_add (TesseraTransaction *transaction, const TesseraCarrierSettings *settings,
                               const TesseraSecret *password, GError **error);

/** tessera_carriers_save: @settings in place of what was there; the password stays. */
gboolean tessera_carriers_save (TesseraTransaction *transaction, const TesseraCarrierSettings *settings, GError **error);

/** tessera_carriers_set_password: a new one (%NULL: none); what the old one made fail is forgotten. */
gboolean tessera_carriers_set_password (TesseraTransaction *transaction, const char *name,
                                        const TesseraSecret *password, GError **error);

/** tessera_carriers_get_password: (transfer full) (nullable) */
TesseraSecret *tessera_carriers_get_password (TesseraTransaction *transaction, const char *name);

/** tessera_carriers_remove: with its password and the memory of what it has; what is on it stays there. */
gboolean tessera_carriers_remove (TesseraTransaction *transaction, const char *name, GError **error);

/** tessera_carriers_open: (transfer full) (nullable): the carrier itself; nothing is reached for yet. */
TesseraCarrier *tessera_carriers_open (TesseraTransaction *transaction, const TesseraCarrierSettings *settings,
                                       GError **error);

G_END_DECLS
