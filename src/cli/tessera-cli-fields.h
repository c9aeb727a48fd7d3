/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-cli-fields.h: what people write for a field or a row: FIELD=VALUE, ids, codes, names.
 */
#pragma once

#include "tessera-cli.h"

G_BEGIN_DECLS

/**
 * tessera_cli_parse_fields:
 * @first: place of the first FIELD=VALUE argument
 *
 * Puts all FIELD=VALUE arguments from @first on into @record. An empty value empties the field. A reference
 * may be an id, a client's code, or the name of a worker, partner, service … if only one has it. Unknown
 * fields are refused with the names of those there are, and so are fields that Tessera fills itself.
 */
gboolean tessera_cli_parse_fields (TesseraCli *self, TesseraTransaction *transaction, TesseraRecord *record,
                                   guint first, GError **error);

/** tessera_cli_parse_field: the same for one field and its value. */
gboolean tessera_cli_parse_field (TesseraTransaction *transaction, TesseraRecord *record, const char *name,
                                  const char *value, GError **error);

/** tessera_cli_resolve_client: (transfer full): the client that argument @place names by id or code. */
TesseraRecord *
tessera_cli_resolve_client (TesseraCli *self, TesseraTransaction *transaction, guint place, GError **error);

/** tessera_cli_resolve: (transfer full): the row of @entity that @text names: an id, a client's code, a
 * template's code, a fingerprint, or a name only one row has. */
TesseraRecord *
tessera_cli_resolve (TesseraTransaction *transaction, const char *entity, const char *text, GError **error);

/** tessera_cli_resolve_option: sets @ret_id (transfer full) to the id that option @name gives for a row of
 * @entity, or to %NULL when it is not given. */
gboolean tessera_cli_resolve_option (TesseraCli *self, TesseraTransaction *transaction, const char *name,
                                     const char *entity, char **ret_id, GError **error);

/** tessera_cli_check_code: whether @code (nullable) is of @vocabulary; the error lists the codes there are.
 */
gboolean tessera_cli_check_code (const char *vocabulary, const char *code, GError **error);

G_END_DECLS
