/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * envelope.h: age files as no honest program makes them, with a header that fits all the same.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * EnvelopePayload:
 * @ENVELOPE_WHOLE: as it must be
 * @ENVELOPE_EMPTY_LAST: full chunks, and behind them an empty one marked as the last
 * @ENVELOPE_NONE_LAST: no chunk is marked as the last
 * @ENVELOPE_SHORT_FIRST: a chunk that is not full, and others behind it
 * @ENVELOPE_NOTHING: no chunk at all
 */
typedef enum {
  ENVELOPE_WHOLE,
  ENVELOPE_EMPTY_LAST,
  ENVELOPE_NONE_LAST,
  ENVELOPE_SHORT_FIRST,
  ENVELOPE_NOTHING,
} EnvelopePayload;

/**
 * Envelope:
 * @version: (nullable): the first line, with its end
 * @before, @after: (nullable): stanzas around the one for the key `reader`
 * @type: (nullable): how that one is called
 * @arguments: (nullable): what stands behind its share
 * @body_end: (nullable): what stands behind its body instead of a line feed
 * @without_reader: leaves it out
 * @mac_end: (nullable): what stands behind the MAC instead of a line feed
 */
typedef struct {
  const char *version;
  const char *before;
  const char *after;
  const char *type;
  const char *arguments;
  const char *body_end;
  gboolean without_reader;
  const char *mac_end;
  EnvelopePayload payload;
} Envelope;

GBytes *envelope_seal (const Envelope *self, GBytes *content);

G_END_DECLS
