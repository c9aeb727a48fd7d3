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
G_STATIC_ASSERT (TESSERA_PAGE_RESERVED == TESSERA_PAGE_NONCE + TESSERA_PAGE_TAG);

/* Smaller ones do not leave SQLite the 480 bytes it needs; larger ones it does not know. */
#define TESSERA_PAGE_SMALLEST 1024
#define TESSERA_PAGE_LARGEST 65536

/* Write-ahead log: SQLite's header of 32 bytes and frames of 24 bytes and a page, and ours. */
#define TESSERA_LOG_HEADER 32
#define TESSERA_LOG_FRAME_HEADER 24
#define TESSERA_LOG_CHECKSUM 8
#define TESSERA_LOG_SEALED_HEADER 96
#define TESSERA_LOG_SEALED_FRAME_HEADER (TESSERA_LOG_FRAME_HEADER + TESSERA_PAGE_RESERVED)

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
  TESSERA_PAGE_KIND_TABLE = 9,
} TesseraPageKind;

#define TESSERA_PAGE_JOURNAL_ID 16
#define TESSERA_PAGE_DIGEST 32

/* The state of the store, kept twice in its head: which generation of the log belongs to it, how many frames
 * of that log have already gone (in part) into the database and therefore must still be there, which rollback
 * journal (zeros for none) must be played back first, how far that journal must reach (in sectors of 512
 * bytes, to the end of its last header that was synchronized), the size of a page, and what the table of
 * pages looks like. */
typedef struct {
  guint64 sequence;
  guint8 generation[TESSERA_PAGE_NONCE];
  guint32 frames;
  guint8 journal[TESSERA_PAGE_JOURNAL_ID];
  guint32 journal_sectors;
  guint32 page_size; /* 0 as long as there is no page */
  guint32 pages;     /* in the table */
  guint64 edition;   /* of the table */
  guint8 digest[TESSERA_PAGE_DIGEST];
} TesseraPageMark;

#define TESSERA_PAGE_MARK_PLAIN 104
#define TESSERA_PAGE_MARK_SEALED (TESSERA_PAGE_MARK_PLAIN + TESSERA_PAGE_RESERVED)

/* The first eight bytes of the nonce of each page's block, by number from 1; 0 where there is none. Enough to
 * tell the block that was written last from every earlier one. */
typedef struct {
  guint64 *stamps;
  guint32 count;
  guint32 capacity;
} TesseraPageStamps;

/* One block of the table on the disk, which stands in one of two places. */
typedef struct {
  guint64 edition;
  guint8 nonce[TESSERA_PAGE_NONCE];
  guint8 next_nonce[TESSERA_PAGE_NONCE]; /* of the one being written */
  guint8 place;
  gboolean changed; /* since it was written */
} TesseraPageTableBlock;

typedef struct {
  TesseraPageStamps stamps;
  TesseraPageTableBlock *blocks;
  guint32 count;
  guint32 capacity;
  guint64 highest;  /* edition that may stand on the disk */
  gboolean changed; /* any of it, or how many pages there are */
} TesseraPageTable;

typedef struct _TesseraPageFile TesseraPageFile;
typedef struct _TesseraPageNode TesseraPageNode;

/* What all handles on one store file share. The lock guards everything behind it. */
struct _TesseraPageNode {
  TesseraPageNode *next;
  char *path;
  guint references;
  GMutex lock;
  TesseraPageFile *databases; /* open handles on the database file, by their next_database */
  TesseraPageMark mark;       /* as on disk */
  guint64 sequence;           /* the highest that may be on the disk */
  guint good_copy;            /* of the mark: surely on the disk */
  gboolean mark_known;
  gboolean mark_cached;    /* another program wrote it, and perhaps did not live to synchronize it */
  gboolean mark_uncertain; /* writing it failed: something else may be on the disk */
  guint32 page_size;                     /* 0 as long as there is no page */
  TesseraPageTable table;                /* of the database on the disk */
  TesseraPageStamps frames;              /* of the pages in the log */
  gboolean generation_known;             /* the log on disk has a header of ours ... */
  guint8 generation[TESSERA_PAGE_NONCE]; /* ... with this nonce */
  guint serial;                          /* counts generations seen, so that handles know when theirs is past */
  guint32 last_commit;                   /* last frame that ends a transaction */
};

/* Memory for one handle's work; wiped when the handle is closed. */
typedef struct {
  guint8 nonces[TESSERA_PAGE_NONCE_BATCH * TESSERA_PAGE_NONCE];
  guint used; /* of the nonces */
  guint32 page_size;
  guint8 *block; /* a sealed frame */
  guint8 *plain; /* a page */
} TesseraPageScratch;

struct _TesseraPageFile {
  sqlite3_file base;
  sqlite3_file *real; /* lies right behind this structure */
  TesseraPageVfs *vfs;
  TesseraPageNode *node;
  TesseraPageFile *next_database;
  const char *name;          /* of a database: as SQLite made it, which lives as long as the handle */
  TesseraPageFile *database; /* of a log or journal: its database; else NULL */
  TesseraPageFile *log;      /* of a database: its log and journal, if open */
  TesseraPageFile *journal;
  TesseraPageScratch *scratch;

  /* log */
  guint32 header_frame;  /* frame whose header was written last through this handle, 0 for none */
  guint32 header_page;   /* its page number ... */
  guint32 header_commit; /* ... and database size, if it ends a transaction */
  guint32 unsummed;      /* the first frame that SQLite wrote without a checksum, to make it later; 0 for none ... */
  guint32 last_unsummed; /* ... and the last one */
  gboolean
    recovering;   /* the header was read and nothing written or looked up since: SQLite looks for the end */
  gboolean is_synchronized; /* SQLite asks for it (of a journal too), so it does before pages go into the database */
  guint32 synced;           /* last commit that is surely on the disk ... */
  guint synced_serial;      /* ... in this generation */

  /* journal */
  gboolean journal_is_own; /* its header was written through this handle */
  gboolean journal_id_known;
  guint32 journal_sectors; /* up to the last header whose count is surely on the disk ... */
  guint32 counted_sectors; /* ... or was written, and has yet to be synchronized */
  guint8 journal_id[TESSERA_PAGE_JOURNAL_ID];
  sqlite3_int64 uncounted_from; /* of its own: the last header, if it does not say yet how much follows, or -1 */
  sqlite3_int64 page_number_at; /* where a page number was just written, or -1 */
  guint32 page_number;
  sqlite3_int64 checksum_at; /* where the checksum of the page just read or written stands, or -1 */
  guint8 checksum_mask[4];
  guint32 checksum_start; /* which the header that SQLite read last gives for its records ... */
  guint32 checksum;       /* ... and what follows for the page read last */
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
  int problem;    /* TesseraPageProblem */
  GMutex lock;    /* guards what is below */
  TesseraPageNode *nodes;
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

/* tessera-page-checksum.c */
void tessera_page_checksum_first (const guint8 header[TESSERA_LOG_HEADER], guint8 sum[TESSERA_LOG_CHECKSUM]);
void tessera_page_checksum_next (const guint8 header[TESSERA_LOG_HEADER],
                                 guint8 frame[TESSERA_LOG_FRAME_HEADER],
                                 const guint8 *page,
                                 guint32 page_size,
                                 guint8 sum[TESSERA_LOG_CHECKSUM]);

/* tessera-page-scratch.c */
TesseraPageScratch *tessera_page_scratch_new (void);
int tessera_page_scratch_fit (TesseraPageScratch *self, guint32 page_size);
void tessera_page_scratch_free (TesseraPageScratch *self);

/* tessera-page-stamps.c */
guint64 tessera_page_stamp (const guint8 nonce[TESSERA_PAGE_NONCE]);
int tessera_page_stamps_set (TesseraPageStamps *self, guint32 number, guint64 stamp);
guint64 tessera_page_stamps_get (const TesseraPageStamps *self, guint32 number);
void tessera_page_stamps_cut (TesseraPageStamps *self, guint32 count);
void tessera_page_stamps_clear (TesseraPageStamps *self);

/* tessera-page-head.c: the head of a store file, and the file behind it at the places of the format. All but
 * the first six need the node's lock held. */
int tessera_page_disk_read (TesseraPageFile *database, void *out, int amount, sqlite3_int64 offset);
int tessera_page_disk_write (TesseraPageFile *database, const void *bytes, int amount, sqlite3_int64 offset);
int tessera_page_disk_truncate (TesseraPageFile *database, sqlite3_int64 size);
int tessera_page_disk_size (TesseraPageFile *database, sqlite3_int64 *ret_size);
int tessera_page_head_create (TesseraPageFile *database);
int tessera_page_head_check (TesseraPageFile *database);
int tessera_page_mark_load (TesseraPageFile *database);
/* Puts the table on the disk, and with it, in one, what @mark says besides. */
int tessera_page_mark_with_table (TesseraPageFile *database, TesseraPageMark *mark);
int tessera_page_mark_table (TesseraPageFile *database);
int tessera_page_mark_begin_generation (TesseraPageFile *database,
                                        const guint8 generation[TESSERA_PAGE_NONCE]);
int tessera_page_mark_frames (TesseraPageFile *database, guint32 frames);
int tessera_page_mark_forget_log (TesseraPageFile *database);
int tessera_page_mark_journal (TesseraPageFile *database, const guint8 journal[TESSERA_PAGE_JOURNAL_ID],
                               guint32 sectors);
int tessera_page_mark_forget_journal (TesseraPageFile *database);
gboolean tessera_page_mark_needs_journal (const TesseraPageNode *node);
/* Makes sure that what is in memory is on the disk. */
int tessera_page_mark_make_certain (TesseraPageFile *database);

/* tessera-page-table.c: which block of each page is the last one. Needs the node's lock held, but for the
 * first three. */
gboolean tessera_page_is_size (guint32 page_size);
sqlite3_int64 tessera_page_table_place_of (guint32 page_size, guint32 number);
sqlite3_int64 tessera_page_table_pages_size (guint32 page_size, sqlite3_int64 file_size);
int tessera_page_table_load (TesseraPageFile *database, const TesseraPageMark *mark);
int tessera_page_table_set (TesseraPageNode *node, guint32 number, guint64 stamp);
void tessera_page_table_cut (TesseraPageNode *node, guint32 pages);
int tessera_page_table_write (TesseraPageFile *database, TesseraPageMark *mark);
void tessera_page_table_written (TesseraPageNode *node, const TesseraPageMark *mark);
void tessera_page_table_clear (TesseraPageTable *self);

/* tessera-page-database.c */
extern const sqlite3_io_methods tessera_page_database_methods;

/* tessera-page-log.c */
extern const sqlite3_io_methods tessera_page_log_methods;
int tessera_page_log_check (TesseraPageFile *log);

/* tessera-page-journal.c */
extern const sqlite3_io_methods tessera_page_journal_methods;
/* How far a journal must reach once a page changes under it. */
guint32 tessera_page_journal_sectors (const TesseraPageFile *journal);

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
