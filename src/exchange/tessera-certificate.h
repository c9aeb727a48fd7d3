/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-certificate.h: an organization says that a device is its own.
 *
 * One line of JSON with the device's signing key, signed by the organization's root key in minisign format. It
 * travels in bundles to partners, who know the root key from the card and no devices. Revocation is not here: a
 * certificate simply ends.
 */
#pragma once

#include "tessera-minisign.h"

G_BEGIN_DECLS

#define TESSERA_CERTIFICATE_FORMAT "tessera-cert/1"
/** Bytes of a certificate, line feed included. */
#define TESSERA_CERTIFICATE_MAX_SIZE 4096

/**
 * TesseraCertificate:
 * @organization: 32 hexadecimal digits
 * @device: 32 hexadecimal digits
 * @signing_key: the device's Ed25519 public key
 * @created: Unix milliseconds, whole seconds
 * @expires: the same; a certificate always ends
 */
typedef struct {
  char *organization;
  char *device;
  guint8 signing_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  gint64 created;
  gint64 expires;
} TesseraCertificate;

/** tessera_certificate_to_text: one line of JSON and a line feed. Returns: (transfer full) */
char *tessera_certificate_to_text (const TesseraCertificate *self);

/** tessera_certificate_sign: @text under the root key @key, as a .minisig file. Returns: (transfer full) */
char *tessera_certificate_sign (const TesseraSecret *key, const char *text, GError **error);

/**
 * tessera_certificate_parse: to be called only with text whose signature was checked.
 *
 * Returns: (transfer full) (nullable): %NULL with %TESSERA_BUNDLE_ERROR_MALFORMED, _TOO_LARGE or _TOO_NEW
 */
TesseraCertificate *tessera_certificate_parse (const char *text, gsize length, GError **error);

void tessera_certificate_free (TesseraCertificate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraCertificate, tessera_certificate_free)

G_END_DECLS
