/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * store-fuzz.c: fuzz input as changes to the files of a store, before or after they are sealed.
 *
 * The input is a byte of flags and then changes: what (1 byte), which (1), where in it (2), how many bytes (1), and
 * these. Nonces stay as they were, so that table and mark still name the blocks.
 */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "store-fuzz.h"
#include "tessera-page-private.h"

#define PAGE 1024
#define FRAME (TESSERA_LOG_SEALED_FRAME_HEADER + PAGE)
#define PLACES 2
#define MAGIC_BYTES 16
#define FIRST_BLOCK TESSERA_PAGE_HEAD_BYTES
#define STEPS_BETWEEN_LOOKS 1000
#define MOST_LOOKS 300

enum {
  FLAG_RAW = 1,  /* the rest of the input is the file, as it lies there */
  FLAG_SUMS = 2, /* SQLite's checksums in log and journal are made to fit */
};

typedef enum {
  CHANGE_MARK,
  CHANGE_BOTH_MARKS,
  CHANGE_TABLE,
  CHANGE_PAGE,
  CHANGE_LOG_HEADER,
  CHANGE_FRAME_HEADER,
  CHANGE_FRAME_PAGE,
  CHANGE_JOURNAL_HEADER,
  CHANGE_JOURNAL_PAGE,
  CHANGE_BYTES_OF_STORE,
  CHANGE_BYTES_OF_LOG,
  CHANGE_BYTES_OF_JOURNAL,
  CHANGE_LENGTH_OF_STORE,
  CHANGE_LENGTH_OF_LOG,
  CHANGE_LENGTH_OF_JOURNAL,
} Change;
#define CHANGES (CHANGE_LENGTH_OF_JOURNAL + 1)

typedef struct {
  guint which;
  guint at;
  guint size;
  const guint8 *bytes;
} Edit;

/* ---- the same store each time ---- */

static guint64 random_state = 1;

static const char *
get_random_name (void)
{
  return "fuzz";
}

static guint32
get_random (void)
{
  return (guint32) fault_random (&random_state);
}

static void
fill_random (void *out, const size_t size)
{
  for (size_t i = 0; i < size; i++)
    ((guint8 *) out)[i] = (guint8) fault_random (&random_state);
}

static TamperBench *
get_bench (void)
{
  static randombytes_implementation source = { .implementation_name = get_random_name,
                                               .random = get_random,
                                               .buf = fill_random };
  static TamperBench *bench;

  if (bench == NULL) {
    randombytes_set_implementation (&source);
    bench = tamper_bench_new (1, PAGE, 4);
  }
  return bench;
}

/* ---- opening, changing, sealing again ---- */

static void
apply (guint8 *plain, gsize size, const Edit *edit)
{
  for (guint i = 0; i < edit->size; i++)
    plain[(edit->at + i) % size] = edit->bytes[i];
}

/* A sealed block of @size bytes of plaintext at @at. Returns whether it was one. */
static gboolean
edit_block (TamperBench *bench, GByteArray *file, gsize at, gsize size, const TesseraPageAad *aad, const Edit *edit)
{
  g_autofree guint8 *plain = g_malloc (size);
  guint8 nonce[TESSERA_PAGE_NONCE];

  if (file == NULL || at + size + TESSERA_PAGE_RESERVED > file->len ||
      !tessera_page_open (bench->key, aad, plain, file->data + at, size))
    return FALSE;
  apply (plain, size, edit);
  memcpy (nonce, file->data + at + size, sizeof nonce);
  tessera_page_seal (bench->key, aad, nonce, file->data + at, plain, size);
  return TRUE;
}

static void
edit_mark (TamperBench *bench, GByteArray *store, const Edit *edit)
{
  guint copy = edit->which % 2;
  TesseraPageAad aad;

  tessera_page_aad_begin (&aad, bench->id, TESSERA_PAGE_KIND_MARK);
  tessera_page_aad_add32 (&aad, copy);
  edit_block (bench, store, (gsize) TESSERA_PAGE_SIZE * (1 + copy), TESSERA_PAGE_MARK_PLAIN, &aad, edit);
}

static void
edit_both_marks (TamperBench *bench, GByteArray *store, const Edit *edit)
{
  for (guint copy = 0; copy < 2; copy++)
    edit_mark (bench, store, &(Edit){ .which = copy, .at = edit->at, .size = edit->size, .bytes = edit->bytes });
}

static void
edit_table (TamperBench *bench, GByteArray *store, const Edit *edit)
{
  guint place = edit->which % PLACES;
  TesseraPageAad aad;

  tessera_page_aad_begin (&aad, bench->id, TESSERA_PAGE_KIND_TABLE);
  tessera_page_aad_add32 (&aad, 0);
  tessera_page_aad_add32 (&aad, place);
  edit_block (bench, store, FIRST_BLOCK + (gsize) place * PAGE, PAGE - TESSERA_PAGE_RESERVED, &aad, edit);
}

static void
edit_page (TamperBench *bench, GByteArray *store, const Edit *edit)
{
  gsize pages = store->len > FIRST_BLOCK + PLACES * PAGE ? (store->len - FIRST_BLOCK) / PAGE - PLACES : 0;
  guint32 number = pages > 0 ? edit->which % (guint32) pages + 1 : 1;
  TesseraPageAad aad;

  tessera_page_aad_begin (&aad, bench->id, TESSERA_PAGE_KIND_DATABASE);
  tessera_page_aad_add32 (&aad, number);
  edit_block (bench, store, FIRST_BLOCK + (gsize) (PLACES - 1 + number) * PAGE, PAGE - TESSERA_PAGE_RESERVED, &aad,
              edit);
}

/* ---- the log ---- */

static const guint8 *
generation_of (const GByteArray *log)
{
  return log->data + TESSERA_LOG_SEALED_HEADER - TESSERA_PAGE_RESERVED;
}

static void
frame_aad (TamperBench *bench, const GByteArray *log, TesseraPageKind kind, guint32 frame, TesseraPageAad *aad)
{
  tessera_page_aad_begin (aad, bench->id, kind);
  tessera_page_aad_add (aad, generation_of (log), TESSERA_PAGE_NONCE);
  tessera_page_aad_add32 (aad, frame);
}

static gsize
frame_at (guint32 frame)
{
  return TESSERA_LOG_SEALED_HEADER + (gsize) (frame - 1) * FRAME;
}

static guint32
count_frames (const GByteArray *log)
{
  return log != NULL && log->len > TESSERA_LOG_SEALED_HEADER
           ? (guint32) ((log->len - TESSERA_LOG_SEALED_HEADER) / FRAME)
           : 0;
}

static void
edit_log_header (TamperBench *bench, GByteArray *log, const Edit *edit)
{
  TesseraPageAad aad;

  if (log == NULL || log->len < TESSERA_LOG_SEALED_HEADER)
    return;
  tessera_page_aad_begin (&aad, bench->id, TESSERA_PAGE_KIND_LOG_HEADER);
  tessera_page_aad_add (&aad, log->data, MAGIC_BYTES);
  edit_block (bench, log, MAGIC_BYTES, TESSERA_LOG_SEALED_HEADER - MAGIC_BYTES - TESSERA_PAGE_RESERVED, &aad, edit);
}

/* The page must be sealed again under the number in the new header. */
static gboolean
open_frame (TamperBench *bench, GByteArray *log, guint32 frame, guint8 header[TESSERA_LOG_FRAME_HEADER],
            guint8 page[PAGE])
{
  gsize at = frame_at (frame);
  TesseraPageAad aad;

  memset (page, 0, PAGE);
  frame_aad (bench, log, TESSERA_PAGE_KIND_LOG_FRAME_HEADER, frame, &aad);
  if (!tessera_page_open (bench->key, &aad, header, log->data + at, TESSERA_LOG_FRAME_HEADER))
    return FALSE;
  frame_aad (bench, log, TESSERA_PAGE_KIND_LOG_PAGE, frame, &aad);
  tessera_page_aad_add32 (&aad, tessera_page_get32 (header));
  return tessera_page_open (bench->key, &aad, page, log->data + at + TESSERA_LOG_SEALED_FRAME_HEADER,
                            PAGE - TESSERA_PAGE_RESERVED);
}

static void
seal_frame (TamperBench *bench, GByteArray *log, guint32 frame, const guint8 header[TESSERA_LOG_FRAME_HEADER],
            const guint8 page[PAGE])
{
  guint8 *at = log->data + frame_at (frame);
  guint8 nonces[2][TESSERA_PAGE_NONCE];
  TesseraPageAad aad;

  memcpy (nonces[0], at + TESSERA_LOG_FRAME_HEADER, TESSERA_PAGE_NONCE);
  memcpy (nonces[1], at + FRAME - TESSERA_PAGE_RESERVED, TESSERA_PAGE_NONCE);
  frame_aad (bench, log, TESSERA_PAGE_KIND_LOG_FRAME_HEADER, frame, &aad);
  tessera_page_seal (bench->key, &aad, nonces[0], at, header, TESSERA_LOG_FRAME_HEADER);
  frame_aad (bench, log, TESSERA_PAGE_KIND_LOG_PAGE, frame, &aad);
  tessera_page_aad_add32 (&aad, tessera_page_get32 (header));
  tessera_page_seal (bench->key, &aad, nonces[1], at + TESSERA_LOG_SEALED_FRAME_HEADER, page,
                     PAGE - TESSERA_PAGE_RESERVED);
}

static void
edit_frame (TamperBench *bench, GByteArray *log, gboolean is_header, const Edit *edit)
{
  guint8 header[TESSERA_LOG_FRAME_HEADER], page[PAGE];
  guint32 frames = count_frames (log), frame = frames > 0 ? edit->which % frames + 1 : 0;

  if (frame == 0 || !open_frame (bench, log, frame, header, page))
    return;
  apply (is_header ? header : page, is_header ? sizeof header : PAGE - TESSERA_PAGE_RESERVED, edit);
  seal_frame (bench, log, frame, header, page);
}

/* SQLite's, as its documentation has it. @big: whether words are big-endian. */
static void
add_to_sum (guint32 sum[2], const guint8 *bytes, gsize size, gboolean big)
{
  for (gsize i = 0; i + 8 <= size; i += 8) {
    guint32 first = tessera_page_get32 (bytes + i), second = tessera_page_get32 (bytes + i + 4);

    sum[0] += (big ? first : GUINT32_SWAP_LE_BE (first)) + sum[1];
    sum[1] += (big ? second : GUINT32_SWAP_LE_BE (second)) + sum[0];
  }
}

static void
put_sum (guint8 *out, const guint32 sum[2])
{
  tessera_page_put32 (out, sum[0]);
  tessera_page_put32 (out + 4, sum[1]);
}

/* Makes all checksums of the log fit, and the salts of its frames. */
static void
fix_log (TamperBench *bench, GByteArray *log)
{
  guint8 plain[TESSERA_LOG_SEALED_HEADER], header[TESSERA_LOG_FRAME_HEADER], page[PAGE];
  guint32 sum[2] = { 0, 0 };
  TesseraPageAad aad;
  gboolean big;

  if (log == NULL || log->len < TESSERA_LOG_SEALED_HEADER)
    return;
  tessera_page_aad_begin (&aad, bench->id, TESSERA_PAGE_KIND_LOG_HEADER);
  tessera_page_aad_add (&aad, log->data, MAGIC_BYTES);
  if (!tessera_page_open (bench->key, &aad, plain, log->data + MAGIC_BYTES,
                          TESSERA_LOG_SEALED_HEADER - MAGIC_BYTES - TESSERA_PAGE_RESERVED))
    return;
  big = plain[3] & 1;
  add_to_sum (sum, plain, 24, big);
  put_sum (plain + 24, sum);
  edit_log_header (bench, log, &(Edit){ .at = 24, .size = 8, .bytes = plain + 24 });
  for (guint32 frame = 1; frame <= count_frames (log) && open_frame (bench, log, frame, header, page); frame++) {
    memcpy (header + 8, plain + 16, 8);
    add_to_sum (sum, header, 8, big);
    add_to_sum (sum, page, PAGE, big);
    put_sum (header + 16, sum);
    seal_frame (bench, log, frame, header, page);
  }
}

/* ---- the journal ---- */

#define SECTOR 512
#define JOURNAL_ID_AT 32
#define JOURNAL_MAC_AT 48
#define JOURNAL_MAC_BYTES 16
#define RECORD (4 + PAGE + 4)

static void
edit_journal_header (TamperBench *bench, GByteArray *journal, const Edit *edit)
{
  guint8 place[8] = { 0 };
  crypto_generichash_state state;
  TesseraPageAad aad;

  if (journal == NULL || journal->len < SECTOR)
    return;
  apply (journal->data, JOURNAL_MAC_AT, edit);
  tessera_page_aad_begin (&aad, bench->id, TESSERA_PAGE_KIND_JOURNAL_HEADER);
  tessera_page_aad_add (&aad, place, sizeof place);
  crypto_generichash_init (&state, tessera_secret_get_data (bench->key), TESSERA_PAGE_KEY_BYTES, JOURNAL_MAC_BYTES);
  crypto_generichash_update (&state, aad.bytes, aad.size);
  crypto_generichash_update (&state, journal->data, JOURNAL_MAC_AT);
  crypto_generichash_final (&state, journal->data + JOURNAL_MAC_AT, JOURNAL_MAC_BYTES);
}

static void
record_aad (TamperBench *bench, const GByteArray *journal, gsize at, TesseraPageAad *aad)
{
  guint8 place[8];

  tessera_page_put64 (place, at + 4);
  tessera_page_aad_begin (aad, bench->id, TESSERA_PAGE_KIND_JOURNAL_PAGE);
  tessera_page_aad_add (aad, journal->data + JOURNAL_ID_AT, TESSERA_PAGE_JOURNAL_ID);
  tessera_page_aad_add (aad, place, sizeof place);
  tessera_page_aad_add (aad, journal->data + at, 4);
}

/* SQLite's checksum of every 200th byte, behind the mask. */
static void
fix_record (TamperBench *bench, GByteArray *journal, gsize at)
{
  guint32 sum = tessera_page_get32 (journal->data + 12);
  guint8 page[PAGE] = { 0 }, mask[crypto_generichash_BYTES_MIN], bytes[4];
  TesseraPageAad aad;

  record_aad (bench, journal, at, &aad);
  if (!tessera_page_open (bench->key, &aad, page, journal->data + at + 4, PAGE - TESSERA_PAGE_RESERVED))
    return;
  for (int i = PAGE - 200; i > 0; i -= 200)
    sum += page[i];
  tessera_page_aad_begin (&aad, bench->id, TESSERA_PAGE_KIND_JOURNAL_MASK);
  tessera_page_aad_add (&aad, journal->data + at + 4 + PAGE - TESSERA_PAGE_RESERVED, TESSERA_PAGE_NONCE);
  crypto_generichash (mask, sizeof mask, aad.bytes, aad.size, tessera_secret_get_data (bench->key),
                      TESSERA_PAGE_KEY_BYTES);
  tessera_page_put32 (bytes, sum);
  for (guint i = 0; i < 4; i++)
    journal->data[at + 4 + PAGE + i] = bytes[i] ^ mask[i];
}

/* Its number (the first four bytes) or its page. */
static void
edit_record (TamperBench *bench, GByteArray *journal, const Edit *edit)
{
  gsize records = journal != NULL && journal->len > SECTOR ? (journal->len - SECTOR) / RECORD : 0;
  gsize at = records > 0 ? SECTOR + edit->which % records * RECORD : 0;
  guint8 page[PAGE], nonce[TESSERA_PAGE_NONCE];
  TesseraPageAad aad;

  if (at == 0)
    return;
  record_aad (bench, journal, at, &aad);
  if (!tessera_page_open (bench->key, &aad, page, journal->data + at + 4, PAGE - TESSERA_PAGE_RESERVED))
    return;
  memcpy (nonce, journal->data + at + 4 + PAGE - TESSERA_PAGE_RESERVED, sizeof nonce);
  if (edit->which & 0x80) {
    apply (journal->data + at, 4, edit);
    record_aad (bench, journal, at, &aad);
  } else
    apply (page, PAGE - TESSERA_PAGE_RESERVED, edit);
  tessera_page_seal (bench->key, &aad, nonce, journal->data + at + 4, page, PAGE - TESSERA_PAGE_RESERVED);
}

static void
fix_journal (TamperBench *bench, GByteArray *journal)
{
  for (gsize at = SECTOR; journal != NULL && at + RECORD <= journal->len; at += RECORD)
    fix_record (bench, journal, at);
}

/* ---- all of it ---- */

static void
change_bytes (GByteArray *file, const Edit *edit)
{
  gsize at = edit->at + edit->which * (gsize) PAGE;

  for (guint i = 0; file != NULL && at + i < file->len && i < edit->size; i++)
    file->data[at + i] ^= edit->bytes[i];
}

static void
change_length (GByteArray *file, const Edit *edit)
{
  guint length = edit->at + edit->which * (guint) PAGE, was;

  if (file == NULL)
    return;
  was = file->len;
  g_byte_array_set_size (file, length);
  if (length > was)
    memset (file->data + was, edit->size > 0 ? edit->bytes[0] : 0, length - was);
}

static void
change (TamperBench *bench, TamperFiles *files, Change kind, const Edit *edit)
{
  GByteArray *store = files->bytes[TAMPER_STORE], *log = files->bytes[TAMPER_LOG];
  GByteArray *journal = files->bytes[TAMPER_JOURNAL];

  switch (kind) {
  case CHANGE_MARK:
    edit_mark (bench, store, edit);
    break;
  case CHANGE_BOTH_MARKS:
    edit_both_marks (bench, store, edit);
    break;
  case CHANGE_TABLE:
    edit_table (bench, store, edit);
    break;
  case CHANGE_PAGE:
    edit_page (bench, store, edit);
    break;
  case CHANGE_LOG_HEADER:
    edit_log_header (bench, log, edit);
    break;
  case CHANGE_FRAME_HEADER:
  case CHANGE_FRAME_PAGE:
    edit_frame (bench, log, kind == CHANGE_FRAME_HEADER, edit);
    break;
  case CHANGE_JOURNAL_HEADER:
    edit_journal_header (bench, journal, edit);
    break;
  case CHANGE_JOURNAL_PAGE:
    edit_record (bench, journal, edit);
    break;
  case CHANGE_BYTES_OF_STORE:
  case CHANGE_BYTES_OF_LOG:
  case CHANGE_BYTES_OF_JOURNAL:
    change_bytes (files->bytes[kind - CHANGE_BYTES_OF_STORE], edit);
    break;
  case CHANGE_LENGTH_OF_STORE:
  case CHANGE_LENGTH_OF_LOG:
  case CHANGE_LENGTH_OF_JOURNAL:
    change_length (files->bytes[kind - CHANGE_LENGTH_OF_STORE], edit);
    break;
  default:
    g_assert_not_reached ();
  }
}

static void
change_all (TamperBench *bench, TamperFiles *files, const guint8 *data, gsize size)
{
  while (size >= 5) {
    Edit edit = { .which = data[1], .at = data[2] * 256u + data[3], .bytes = data + 5 };

    edit.size = (guint) MIN (data[4], size - 5);
    change (bench, files, (Change) (data[0] % CHANGES), &edit);
    data += 5 + edit.size;
    size -= 5 + edit.size;
  }
}

/* A malformed database may send SQLite in circles. */
static int
count_looks (void *data)
{
  return ++*(guint *) data > MOST_LOOKS;
}

static void
use (TamperBench *bench, const TamperFiles *files)
{
  g_autoptr (FaultDisk) disk = tamper_files_to_disk (files);
  sqlite3 *database = NULL;
  guint looks = 0;

  fault_vfs_insert (bench->beneath, disk);
  if (tamper_bench_open (bench, 0, &database) == SQLITE_OK) {
    sqlite3_progress_handler (database, STEPS_BETWEEN_LOOKS, count_looks, &looks);
    sqlite3_exec (database, "SELECT * FROM t ORDER BY v; SELECT * FROM long", NULL, NULL, NULL);
    sqlite3_exec (database, "PRAGMA integrity_check (3)", NULL, NULL, NULL);
    sqlite3_exec (database, "UPDATE t SET v = v + 1; INSERT INTO filler VALUES (zeroblob (9000));"
                            "PRAGMA wal_checkpoint (TRUNCATE); PRAGMA journal_mode = DELETE; DELETE FROM t",
                  NULL, NULL, NULL);
  }
  sqlite3_close (database);
  g_assert_cmpuint (fault_vfs_get_open_files (bench->beneath), ==, 0);
}

void
store_fuzz (TamperMoment moment, const guint8 *data, gsize size)
{
  TamperBench *bench = get_bench ();
  TamperFiles files;

  if (size < 1)
    return;
  tamper_files_copy (&files, &bench->moments[moment]);
  if (data[0] & FLAG_RAW) {
    TamperFile file = files.bytes[TAMPER_LOG] != NULL       ? TAMPER_LOG
                      : files.bytes[TAMPER_JOURNAL] != NULL ? TAMPER_JOURNAL
                                                            : TAMPER_STORE;

    g_byte_array_set_size (files.bytes[file], 0);
    g_byte_array_append (files.bytes[file], data + 1, (guint) size - 1);
  } else
    change_all (bench, &files, data + 1, size - 1);
  if (data[0] & FLAG_SUMS) {
    fix_log (bench, files.bytes[TAMPER_LOG]);
    fix_journal (bench, files.bytes[TAMPER_JOURNAL]);
  }
  use (bench, &files);
  tamper_files_clear (&files);
}
