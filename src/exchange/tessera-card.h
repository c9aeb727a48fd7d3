/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-card.h: an organization's public identity as a small signed text.
 *
 * Format tessera-card/1 (docs/bundle-format.md): the first line is one JSON object, the lines after it are its minisign
 * signature by the organization's root key, so that stock minisign can check it:
 * head -n 1 card > c; tail -n +2 card > c.minisig; minisign -VHm c -P KEY
 */
#pragma once

#include <gio/gio.h>

#include "tessera-minisign.h"

G_BEGIN_DECLS

#define TESSERA_CARD_FORMAT "tessera-card/1"
#define TESSERA_CARD_MAX_SIZE (64 * 1024)
#define TESSERA_CARD_MAX_DEVICES 64

/** TesseraCardDevice: @id 32 hexadecimal digits; @encryption an age1… recipient. */
typedef struct {
  char *id;
  char *encryption;
} TesseraCardDevice;

/**
 * TesseraCard:
 * @organization: 32 hexadecimal digits
 * @root_key: Ed25519 public key that signs the card and device certificates
 * @number: grows with every change; an older card never replaces a newer one
 * @created, @expires: Unix milliseconds
 * @languages: BCP 47 tags, comma-separated, or empty
 * @mailbox: (nullable): 26 characters of base 32, from which each relation's mailbox on a carrier follows; older cards
 *   have none
 * @devices: (element-type TesseraCardDevice): to whom bundles are sealed
 */
typedef struct {
  char *organization;
  char *name;
  guint8 root_key[TESSERA_MINISIGN_PUBLIC_KEY_SIZE];
  gint64 number;
  gint64 created;
  gint64 expires;
  char *languages;
  char *mailbox;
  GPtrArray *devices;
} TesseraCard;

/** tessera_card_new: (transfer full): empty, to be filled and signed. */
TesseraCard *tessera_card_new (void);

/** tessera_card_add_device: @id 32 hexadecimal digits; @encryption an age1… recipient. */
void tessera_card_add_device (TesseraCard *self, const char *id, const char *encryption);

/** tessera_card_sign: (transfer full): @card as the text of a file, signed with the root key @key. */
char *tessera_card_sign (const TesseraCard *card, const TesseraSecret *key, GError **error);

/** tessera_card_parse: (transfer full) (nullable): checks size, form, signature by the key it names, and expiry
 * against @now (0 to skip). A card proves only that its parts belong together; who it belongs to is for people. */
TesseraCard *tessera_card_parse (const char *text, gsize length, gint64 now, GError **error);

/**
 * tessera_card_relation_mailbox: (transfer full):
 * @card_mailbox: of the card of the receiver
 * @sender_organization: 32 hexadecimal digits
 *
 * The folder on a carrier where the sender puts what is for the receiver: who holds the card finds it, others do not.
 */
char *tessera_card_relation_mailbox (const char *card_mailbox, const char *sender_organization);

void tessera_card_free (TesseraCard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraCard, tessera_card_free)

G_END_DECLS
