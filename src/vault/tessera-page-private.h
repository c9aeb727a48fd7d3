/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-page-private.h: what the parts of the page layer share.
 *
 * Only for the tessera-page-*.c files and their tests.
 */
#pragma once

#include <sodium.h>

#include "tessera-page-vfs.h"

G_BEGIN_DECLS

#define TESSERA_PAGE_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TESSERA_PAGE_TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define TESSERA_PAGE_BODY (TESSERA_PAGE_SIZE - TESSERA_PAGE_RESERVED)
G_STATIC_ASSERT (TESSERA_PAGE_RESERVED == TESSERA_PAGE_NONCE + TESSERA_PAGE_TAG);

/* Write-ahead log: SQLite's header of 32 bytes and frames of 24 + 4096 bytes, and ours. */
#define TESSERA_LOG_HEADER 32
#define TESSERA_LOG_FRAME_HEADER 24
#define TESSERA_LOG_FRAME (TESSERA_LOG_FRAME_HEADER + TESSERA_PAGE_SIZE)
#define TESSERA_LOG_SEALED_HEADER 96
#define TESSERA_LOG_SEALED_FRAME_HEADER (TESSERA_LOG_FRAME_HEADER + TESSERA_PAGE_RESERVED)
#define TESSERA_LOG_SEALED_FRAME (TESSERA_LOG_SEALED_FRAME_HEADER + TESSERA_PAGE_SIZE)

#define TESSERA_PAGE_NONCE_BATCH 128
#define TESSERA_PAGE_AAD_MAX 80

/* What a sealed block is; part of its additional data, so that none can stand in for another. */
typedef enum {
  TESSERA_PAGE_KIND_DATABASE = 1,
  TESSERA_PAGE_KIND_MARK = 2,
  TESSERA_PAGE_KIND_LOG_HEADER = 3,
  TESSERA_PAGE_KIND_LOG_FRAME_HEADER = 4,
  TESSERA_PAGE_KIND_LOG_PAGE = 5,
  TESSERA_PAGE_KIND_JOURNAL_HEADER = 6,
  TESSERA_PAGE_KIND_JOURNAL_PAGE = 7,
  TESSERA_PAGE_KIND_JOURNAL_MASK = 8,
} TesseraPageKind;

#define TESSERA_PAGE_JOURNAL_ID 16

/* The state of the store, kept twice in its head: which generation of the log belongs to it, how many frames
 * of that log have already gone (in part) into the database and therefore must still be there, how many pages
 * the database had when that generation began, which rollback journal (zeros for none) must be played back
 * first, and how far that journal must reach: in sectors of 512 bytes, to the end of its last header that was
 * synchronized. */
typedef struct {
  guint64 sequence;
  guint8 generation[TESSERA_PAGE_NONCE];
  guint32 frames;
  guint32 pages;
  guint8 journal[TESSERA_PAGE_JOURNAL_ID];
  guint32 journal_sectors;
} TesseraPageMark;

#define TESSERA_PAGE_MARK_PLAIN 64
#define TESSERA_PAGE_MARK_SEALED (TESSERA_PAGE_MARK_PLAIN + TESSERA_PAGE_RESERVED)

typedef struct _TesseraPageFile TesseraPageFile;

/* What all handles on one store file share. The lock guards everything behind it. */
typedef struct {
  char *path;
  guint references;
  GMutex lock;
  GPtrArray *databases; /* TesseraPageFile, not owned: open handles on the database file */
  TesseraPageMark mark; /* as on disk */
  gboolean mark_known;
  gboolean generation_known;             /* the log on disk has a header of ours ... */
  guint8 generation[TESSERA_PAGE_NONCE]; /* ... with this nonce */
  guint serial;        /* counts generations seen, so that handles know when theirs is past */
  guint32 floor;       /* the database file cannot be shorter than this many pages */
  guint32 last_commit; /* last frame that ends a transaction */
} TesseraPageNode;

/* Memory for one handle's work; wiped when the handle is closed. */
typedef struct {
  guint8 block[TESSERA_LOG_SEALED_FRAME];
  guint8 plain[TESSERA_PAGE_SIZE];
  guint8 nonces[TESSERA_PAGE_NONCE_BATCH * TESSERA_PAGE_NONCE];
  guint used; /* of the nonces */
} TesseraPageScratch;

struct _TesseraPageFile {
  sqlite3_file base;
  sqlite3_file *real; /* lies right behind this structure */
  TesseraPageVfs *vfs;
  TesseraPageNode *node;
  TesseraPageFile *database; /* of a log or journal: its database; else NULL */
  TesseraPageFile *log;      /* of a database: its log and journal, if open */
  TesseraPageFile *journal;
  TesseraPageScratch *scratch;

  /* log */
  guint32 header_frame;  /* frame whose header was written last through this handle, 0 for none */
  guint32 header_page;   /* its page number ... */
  guint32 header_commit; /* ... and database size, if it ends a transaction */
  gboolean
    recovering;   /* the header was read and nothing written or looked up since: SQLite looks for the end */
  guint32 synced; /* last commit that is surely on the disk ... */
  guint synced_serial; /* ... in this generation */

  /* journal */
  gboolean journal_is_own; /* its header was written through this handle */
  gboolean journal_id_known;
  guint32
    journal_sectors; /* up to the last header whose count was written, that is, before it was synchronized */
  guint8 journal_id[TESSERA_PAGE_JOURNAL_ID];
  sqlite3_int64 page_number_at; /* where a page number was just written, or -1 */
  guint32 page_number;
  sqlite3_int64 checksum_at; /* where the checksum of the page just read or written stands, or -1 */
  guint8 checksum_mask[4];
};

struct _TesseraPageVfs {
  sqlite3_vfs base;
  sqlite3_vfs *real;
  char *name;
  char *store;
  char *store_new;
  sqlite3_int64 offset;
  gboolean any_path;
  guint8 id[TESSERA_PAGE_ID_BYTES];
  TesseraSecret *key;
  int references; /* the registration and each open file */
  GMutex lock;    /* guards what is below */
  GHashTable *nodes;
  TesseraPageProblem problem;
};

/* tessera-page-seal.c */
typedef struct {
  guint8 bytes[TESSERA_PAGE_AAD_MAX];
  gsize size;
} TesseraPageAad;

void tessera_page_put32 (guint8 *out, guint32 value);
guint32 tessera_page_get32 (const guint8 *in);
void tessera_page_put64 (guint8 *out, guint64 value);
guint64 tessera_page_get64 (const guint8 *in);

/* Additional data always starts with the vault's id and the kind. */
void tessera_page_aad_begin (TesseraPageAad *aad, const guint8 id[TESSERA_PAGE_ID_BYTES],
                             TesseraPageKind kind);
void tessera_page_aad_add (TesseraPageAad *aad, gconstpointer bytes, gsize size);
void tessera_page_aad_add32 (TesseraPageAad *aad, guint32 value);

/* @out gets @size bytes of ciphertext, the nonce and the tag; it may be @plain. */
void tessera_page_seal (const TesseraSecret *key, const TesseraPageAad *aad,
                        const guint8 nonce[TESSERA_PAGE_NONCE], guint8 *out, const guint8 *plain, gsize size);
/* @sealed holds @size bytes of ciphertext, the nonce and the tag; @out gets @size bytes and may be @sealed.
 */
gboolean tessera_page_open (const TesseraSecret *key, const TesseraPageAad *aad, guint8 *out,
                            const guint8 *sealed, gsize size);
const guint8 *tessera_page_next_nonce (TesseraPageFile *file);

/* tessera-page-head.c: the head of a store file. All but the first two need the node's lock held. */
int tessera_page_head_create (TesseraPageFile *database);
int tessera_page_head_check (TesseraPageFile *database);
int tessera_page_mark_load (TesseraPageFile *database);
int tessera_page_mark_begin_generation (TesseraPageFile *database,
                                        const guint8 generation[TESSERA_PAGE_NONCE]);
int tessera_page_mark_frames (TesseraPageFile *database, guint32 frames);
int tessera_page_mark_forget_log (TesseraPageFile *database);
int tessera_page_mark_journal (TesseraPageFile *database, const guint8 journal[TESSERA_PAGE_JOURNAL_ID],
                               guint32 sectors);
int tessera_page_mark_forget_journal (TesseraPageFile *database);
gboolean tessera_page_mark_needs_journal (const TesseraPageNode *node);

/* tessera-page-database.c */
extern const sqlite3_io_methods tessera_page_database_methods;

/* tessera-page-log.c */
extern const sqlite3_io_methods tessera_page_log_methods;
int tessera_page_log_check (TesseraPageFile *log);

/* tessera-page-journal.c */
extern const sqlite3_io_methods tessera_page_journal_methods;

/* tessera-page-vfs.c */
void tessera_page_vfs_report (TesseraPageVfs *self, TesseraPageProblem problem);
int tessera_page_file_close (sqlite3_file *base);
int tessera_page_file_sync (sqlite3_file *base, int flags);
int tessera_page_file_lock (sqlite3_file *base, int level);
int tessera_page_file_unlock (sqlite3_file *base, int level);
int tessera_page_file_check_reserved (sqlite3_file *base, int *ret_reserved);
int tessera_page_file_control (sqlite3_file *base, int operation, void *argument);
int tessera_page_file_sector_size (sqlite3_file *base);
int tessera_page_file_characteristics (sqlite3_file *base);

G_END_DECLS
