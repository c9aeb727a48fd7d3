/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-change-line.h: the text of changes: one JSON object on a line, read strictly and written by hand, because a
 * first exchange has a hundred thousand of them. It knows neither tables nor rights.
 *
 * Values are written as in a record's JSON: whole numbers and booleans as such, a set of a new row as an array, a change
 * of a set as {"+":[…],"-":[…]}, everything else as text, null for a field that was emptied.
 */
#pragma once

#include "tessera-merge.h"

G_BEGIN_DECLS

/** Bytes of a line; names, codes and members of sets; fields of one line; streams of one segment. */
#define TESSERA_LINE_LIMIT (64 * 1024 * 1024)
#define TESSERA_LINE_NAME_LIMIT 100
#define TESSERA_LINE_FIELD_LIMIT 512
#define TESSERA_LINE_MEMBER_LIMIT 1000
#define TESSERA_LINE_STREAM_LIMIT 1024
#define TESSERA_STREAM_SIZE 16

/** A value as it came; @text is canonical text for what the type can be, members of a set each end with a zero byte. */
typedef enum {
  TESSERA_VALUE_NULL,
  TESSERA_VALUE_TEXT,   /* string or number: the text */
  TESSERA_VALUE_BOOLEAN, /* "0" or "1" */
  TESSERA_VALUE_SET,    /* members in byte order, separated by commas */
  TESSERA_VALUE_MEMBERS, /* @text: added, @removed: taken away; both like a set */
  TESSERA_VALUE_OTHER,  /* something a newer Tessera writes */
} TesseraValueKind;

typedef struct {
  const char *name;
  TesseraValueKind kind;
  const char *text;
  const char *removed;
} TesseraLineField;

/** What a segment's author had applied of one stream. */
typedef struct {
  guint8 stream[TESSERA_STREAM_SIZE];
  gint64 sequence;
} TesseraLineSeen;

/**
 * TesseraChangeLine: a line taken apart; strings are valid until the next line is parsed into it.
 * @is_segment: then @stream, @device, @circle, @from and @seen are set, else the others
 * @is_fill: what follows is here as stubs; nothing else is set
 * @body: (nullable): the object behind "f", as it came, not ended by a zero byte
 */
typedef struct {
  gboolean is_segment;
  gboolean is_fill;
  guint8 stream[TESSERA_STREAM_SIZE];
  guint8 device[TESSERA_STREAM_SIZE];
  guint8 circle[TESSERA_STREAM_SIZE];
  gint64 from;
  GArray *seen;

  gint64 sequence;
  gint64 clock;
  gint64 schema;
  TesseraChangeKind kind;
  const char *entity;
  guint8 row[16];
  gboolean has_subject;
  guint8 subject[16];
  const char *reason;
  const char *body;
  gsize body_length;
  GArray *fields;

  GArray *places; /* where the texts of the fields begin */
  GString *text; /* what the strings above point into */
} TesseraChangeLine;

void tessera_change_line_init (TesseraChangeLine *self);
void tessera_change_line_clear (TesseraChangeLine *self);

/** tessera_change_line_parse: %FALSE with %TESSERA_MERGE_ERROR_MALFORMED for anything that is not exactly such a line;
 * names that are not known are passed over. */
gboolean tessera_change_line_parse (TesseraChangeLine *self, const char *line, gsize length, GError **error);

/** tessera_change_line_parse_body: the fields of a stored body into @self->fields. */
gboolean tessera_change_line_parse_body (TesseraChangeLine *self, const char *body, gsize length, GError **error);

const char *tessera_change_kind_to_text (TesseraChangeKind kind);

/* ---- writing ---- */

void tessera_json_append_string (GString *out, const char *text);
/** tessera_json_append_value: @value (nullable) of @field as it stands in a new row. */
void tessera_json_append_value (GString *out, const TesseraField *field, const char *value);
void tessera_json_append_integer (GString *out, gint64 number);
void tessera_json_append_hex (GString *out, const guint8 *bytes);
void tessera_json_append_uuid (GString *out, const guint8 *bytes);
/** tessera_json_append_record: {"field":value,…} of all fields that have a value. */
void tessera_json_append_record (GString *out, TesseraRecord *record);
/** tessera_json_append_difference: {"field":value,…} of the fields in which @after differs. */
void tessera_json_append_difference (GString *out, TesseraRecord *before, TesseraRecord *after);

G_END_DECLS
