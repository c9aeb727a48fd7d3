/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tamper-bench.h: a small store at several moments of its life, and a judge of what is read from changed files.
 *
 * Every transaction sets all rows to the same new version and changes every page with content, so that a
 * mixture of an older and a newer state shows. Files are in memory (fault-vfs.h) and the key is given: no
 * passphrase is needed. It knows nothing of how files are changed.
 */
#pragma once

#include "fault-vfs.h"
#include "tessera-page-vfs.h"

typedef enum {
  TAMPER_STORE,
  TAMPER_LOG,
  TAMPER_JOURNAL,
} TamperFile;
#define TAMPER_FILES (TAMPER_JOURNAL + 1)

typedef enum {
  TAMPER_EARLY,   /* all in the database, no log */
  TAMPER_LATER,   /* the same, some transactions later */
  TAMPER_TRIED,   /* a transaction under a rollback journal was cut short */
  TAMPER_LOGGED,  /* some transactions in the log only */
  TAMPER_HALF,    /* part of the log is in the database */
  TAMPER_AGAIN,   /* the log was begun again over its earlier self */
  TAMPER_UNDONE,  /* once more a transaction under a rollback journal */
  TAMPER_LAST,    /* all in the database, no log */
  TAMPER_SHRUNK,  /* pages were given back */
} TamperMoment;
#define TAMPER_MOMENTS (TAMPER_SHRUNK + 1)

/* Files as they lie in the folder; NULL where there is none. */
typedef struct {
  GByteArray *bytes[TAMPER_FILES];
} TamperFiles;

void tamper_files_copy (TamperFiles *self, const TamperFiles *from);
void tamper_files_clear (TamperFiles *self);
gboolean tamper_files_are_same (const TamperFiles *one, const TamperFiles *other);
FaultDisk *tamper_files_to_disk (const TamperFiles *self);
void tamper_files_take (TamperFiles *self, FaultDisk *disk);

typedef struct {
  FaultVfs *beneath;
  TesseraPageVfs *pages;
  TesseraSecret *key;
  guint8 id[TESSERA_PAGE_ID_BYTES];
  int page_size;
  int rows;
  TamperFiles moments[TAMPER_MOMENTS];
  int least[TAMPER_MOMENTS]; /* versions that can be read when the end of the log is cut off ... */
  int most[TAMPER_MOMENTS];  /* ... and when nothing is */
} TamperBench;

/* @seed: of id and key. @rows: about so many pages of @page_size bytes there are. */
TamperBench *tamper_bench_new (guint seed, int page_size, int rows);
/* The same with another id under the same key. */
TamperBench *tamper_bench_new_sibling (const TamperBench *of, guint seed);
void tamper_bench_free (TamperBench *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TamperBench, tamper_bench_free)

/* Opens what is on the disk inserted into @self->beneath, as a vault does. Returns SQLite's code. */
int tamper_bench_open (TamperBench *self, int flags, sqlite3 **ret_database);

#define TAMPER_VERSION_ERROR -1

/* What is in @files: the version, or %TAMPER_VERSION_ERROR and SQLite's code in *@ret_code. Anything but these
 * ends the test. @write: whether to write a new version over it then, and read that. @left: (nullable): gets
 * the files as they are afterwards. */
int tamper_bench_read (TamperBench *self, const TamperFiles *files, gboolean write, TamperFiles *left,
                       int *ret_code);

/* Which versions may be read from @files: those of the moment whose mark is in force there; only the last one
 * if its log is whole. FALSE if none may. */
gboolean tamper_bench_allows (const TamperBench *self, const TamperFiles *files, int *ret_least, int *ret_most);
