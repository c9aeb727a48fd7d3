/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * carrier-fixture.h: files with names that fit them, and a folder for each test; for all kinds of carriers.
 */
#pragma once

#include "tessera-carrier.h"

G_BEGIN_DECLS

#define CARRIER_MAILBOX "abcdefghijklmnopqrstuvwxyz"
#define CARRIER_OTHER_MAILBOX "zyxwvutsrqponmlkjihgfedcba"

/** CarrierFile: a file of ours, @path, and the name it has on a carrier. */
typedef struct {
  char *name;
  char *path;
  GBytes *content;
} CarrierFile;

/** carrier_file_new: @size bytes that depend on @seed, in @folder. */
CarrierFile *carrier_file_new (const char *folder, guint seed, gsize size);
void carrier_file_free (CarrierFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CarrierFile, carrier_file_free)

GBytes *carrier_make_content (guint seed, gsize size);
char *carrier_name_content (GBytes *content);

/** carrier_check_name: a TesseraCarrierCheck; any 256-bit hash does here, the carriers do not know which one it is. */
gboolean carrier_check_name (const char *name, GInputStream *source, GError **error);

void carrier_remove_folder (const char *folder);
guint carrier_count_entries (const char *folder);

void carrier_assert_put (TesseraCarrier *carrier, CarrierFile *file);
/** carrier_assert_fetches: into @folder, and that nothing but the file is left there. */
void carrier_assert_fetches (TesseraCarrier *carrier, CarrierFile *file, const char *folder);
void carrier_assert_refuses (TesseraCarrier *carrier, const char *name, const char *folder, int code);
void carrier_assert_listed (TesseraCarrier *carrier, guint expected);

G_END_DECLS
