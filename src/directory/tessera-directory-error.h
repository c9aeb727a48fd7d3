/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-directory-error.h: what can go wrong with a service directory file, by what a person can do about
 * it.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TESSERA_DIRECTORY_ERROR (tessera_directory_error_quark ())
GQuark tessera_directory_error_quark (void);

/**
 * TesseraDirectoryError:
 * @TESSERA_DIRECTORY_ERROR_FAILED: the file cannot be opened or read
 * @TESSERA_DIRECTORY_ERROR_TOO_LARGE: larger, deeper or with more values than the limits of
 *   tessera-hsds-reader.h
 * @TESSERA_DIRECTORY_ERROR_NOT_JSON: not JSON, or not UTF-8
 * @TESSERA_DIRECTORY_ERROR_NOT_HSDS: JSON, but neither services nor organizations
 * @TESSERA_DIRECTORY_ERROR_INVALID: a member has the wrong type or an impossible value; the message names row
 *   and field
 * @TESSERA_DIRECTORY_ERROR_IDENTIFIER: an id is missing, or used for two different things
 *
 * Every message is one sentence fit to be shown. A refused file changes nothing.
 */
typedef enum {
  TESSERA_DIRECTORY_ERROR_FAILED,
  TESSERA_DIRECTORY_ERROR_TOO_LARGE,
  TESSERA_DIRECTORY_ERROR_NOT_JSON,
  TESSERA_DIRECTORY_ERROR_NOT_HSDS,
  TESSERA_DIRECTORY_ERROR_INVALID,
  TESSERA_DIRECTORY_ERROR_IDENTIFIER,
} TesseraDirectoryError;

G_END_DECLS
