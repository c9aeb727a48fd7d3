/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fault-disk.c: a disk in memory that can be found as a crash would leave it.
 *
 * A file is kept twice, as programs see it and as it surely is on the disk, with the operations that lie
 * between. Of operations on one sector a later one never gives way to an earlier one; apart from that any of
 * them may be missing. Names are made and deleted in order, each name for itself.
 */
#include "config.h"

#include "fault-disk.h"

#include <string.h>

typedef enum {
  OPERATION_CREATE,
  OPERATION_DELETE,
  OPERATION_WRITE,
  OPERATION_TRUNCATE,
  OPERATION_SYNC,
  OPERATION_SYNC_FOLDER,
} OperationKind;

/* Counted by references: recorded, and waiting to be synchronized. */
typedef struct {
  OperationKind kind;
  guint number; /* in time */
  int file;
  char *name;       /* of a creation or deletion */
  gboolean at_once; /* of a creation */
  gint64 offset;    /* of a write; of a truncation the size */
  gsize size;       /* of a write */
  guint8 *bytes;
} Operation;

typedef struct {
  GByteArray *seen;
  GByteArray *sure;
  GPtrArray *pending; /* Operation, oldest first */
} File;

struct _FaultDisk {
  GPtrArray *files;  /* File */
  GHashTable *seen;  /* name → number + 1 */
  GHashTable *sure;  /* the same, as the folder surely is on the disk */
  GPtrArray *pending; /* Operation on the folder, oldest first */
  GPtrArray *recorded; /* Operation, or NULL */
  guint next;         /* number of the next operation */
};

guint64
fault_random (guint64 *state)
{
  guint64 z = *state += 0x9e3779b97f4a7c15u;

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

const char *
fault_found_get_name (FaultFound way)
{
  static const char *const names[FAULT_FOUND_WAYS] = { "kept", "dropped", "older", "newer", "some", "torn" };

  return names[way];
}

/* ---- operations and files ---- */

static void
operation_clear (gpointer data)
{
  Operation *self = data;

  g_free (self->name);
  g_free (self->bytes);
}

static void
operation_unref (gpointer data)
{
  g_rc_box_release_full (data, operation_clear);
}

static File *
file_new (void)
{
  File *self = g_new0 (File, 1);

  self->seen = g_byte_array_new ();
  self->sure = g_byte_array_new ();
  self->pending = g_ptr_array_new_with_free_func (operation_unref);
  return self;
}

static void
file_free (gpointer data)
{
  File *self = data;

  g_byte_array_unref (self->seen);
  g_byte_array_unref (self->sure);
  g_ptr_array_unref (self->pending);
  g_free (self);
}

static File *
get_file (const FaultDisk *self, int number)
{
  return g_ptr_array_index (self->files, number);
}

static void
resize (GByteArray *bytes, gint64 size)
{
  guint before = bytes->len;

  g_byte_array_set_size (bytes, (guint) size);
  if (bytes->len > before)
    memset (bytes->data + before, 0, bytes->len - before);
}

static void
put (GByteArray *bytes, gint64 offset, const guint8 *from, gsize size)
{
  if (offset + (gint64) size > bytes->len)
    resize (bytes, offset + (gint64) size);
  if (size > 0)
    memcpy (bytes->data + offset, from, size);
}

static void
perform (GByteArray *bytes, const Operation *operation)
{
  if (operation->kind == OPERATION_TRUNCATE)
    resize (bytes, operation->offset);
  else
    put (bytes, operation->offset, operation->bytes, operation->size);
}

static void
perform_on_folder (GHashTable *folder, const Operation *operation)
{
  if (operation->kind == OPERATION_CREATE)
    g_hash_table_insert (folder, g_strdup (operation->name), GINT_TO_POINTER (operation->file + 1));
  else
    g_hash_table_remove (folder, operation->name);
}

/* ---- the disk ---- */

FaultDisk *
fault_disk_new (void)
{
  FaultDisk *self = g_new0 (FaultDisk, 1);

  self->files = g_ptr_array_new_with_free_func (file_free);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->sure = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->pending = g_ptr_array_new_with_free_func (operation_unref);
  return self;
}

void
fault_disk_free (FaultDisk *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->files);
  g_hash_table_unref (self->seen);
  g_hash_table_unref (self->sure);
  g_ptr_array_unref (self->pending);
  g_clear_pointer (&self->recorded, g_ptr_array_unref);
  g_free (self);
}

static void
sync_file (File *file)
{
  for (guint i = 0; i < file->pending->len; i++)
    perform (file->sure, g_ptr_array_index (file->pending, i));
  g_ptr_array_set_size (file->pending, 0);
}

static void
sync_folder (FaultDisk *self)
{
  for (guint i = 0; i < self->pending->len; i++)
    perform_on_folder (self->sure, g_ptr_array_index (self->pending, i));
  g_ptr_array_set_size (self->pending, 0);
}

static void
change_file (FaultDisk *self, Operation *operation)
{
  File *file = get_file (self, operation->file);

  perform (file->seen, operation);
  g_ptr_array_add (file->pending, g_rc_box_acquire (operation));
}

static void
change_folder (FaultDisk *self, Operation *operation)
{
  perform_on_folder (self->seen, operation);
  if (operation->at_once)
    perform_on_folder (self->sure, operation);
  else
    g_ptr_array_add (self->pending, g_rc_box_acquire (operation));
}

/* Takes over @operation. */
static void
carry_out (FaultDisk *self, Operation *operation)
{
  self->next = operation->number + 1;
  if (self->recorded != NULL)
    g_ptr_array_add (self->recorded, g_rc_box_acquire (operation));
  switch (operation->kind) {
  case OPERATION_CREATE:
    g_assert_cmpint (operation->file, ==, self->files->len);
    g_ptr_array_add (self->files, file_new ());
    change_folder (self, operation);
    break;
  case OPERATION_DELETE:
    change_folder (self, operation);
    break;
  case OPERATION_SYNC:
    sync_file (get_file (self, operation->file));
    break;
  case OPERATION_SYNC_FOLDER:
    sync_folder (self);
    break;
  case OPERATION_WRITE:
  case OPERATION_TRUNCATE:
  default:
    change_file (self, operation);
    break;
  }
  operation_unref (operation);
}

static Operation *
operation_new (FaultDisk *self, OperationKind kind, int file)
{
  Operation *operation = g_rc_box_new0 (Operation);

  operation->kind = kind;
  operation->file = file;
  operation->number = self->next;
  return operation;
}

int
fault_disk_look_up (const FaultDisk *self, const char *name)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->seen, name)) - 1;
}

int
fault_disk_create (FaultDisk *self, const char *name, gboolean at_once)
{
  Operation *operation = operation_new (self, OPERATION_CREATE, (int) self->files->len);

  operation->name = g_strdup (name);
  operation->at_once = at_once;
  carry_out (self, operation);
  return (int) self->files->len - 1;
}

void
fault_disk_delete (FaultDisk *self, const char *name)
{
  Operation *operation = operation_new (self, OPERATION_DELETE, fault_disk_look_up (self, name));

  operation->name = g_strdup (name);
  carry_out (self, operation);
}

void
fault_disk_write (FaultDisk *self, int file, gint64 offset, gconstpointer bytes, gsize size)
{
  Operation *operation = operation_new (self, OPERATION_WRITE, file);

  operation->offset = offset;
  operation->size = size;
  operation->bytes = g_memdup2 (bytes, size);
  carry_out (self, operation);
}

void
fault_disk_truncate (FaultDisk *self, int file, gint64 size)
{
  Operation *operation = operation_new (self, OPERATION_TRUNCATE, file);

  operation->offset = size;
  carry_out (self, operation);
}

void
fault_disk_sync (FaultDisk *self, int file)
{
  carry_out (self, operation_new (self, OPERATION_SYNC, file));
}

void
fault_disk_sync_folder (FaultDisk *self)
{
  carry_out (self, operation_new (self, OPERATION_SYNC_FOLDER, -1));
}

gint64
fault_disk_get_size (const FaultDisk *self, int file)
{
  return get_file (self, file)->seen->len;
}

gsize
fault_disk_read (const FaultDisk *self, int file, gint64 offset, gpointer out, gsize size)
{
  const GByteArray *seen = get_file (self, file)->seen;
  gsize there = offset < seen->len ? MIN (size, seen->len - (gsize) offset) : 0;

  if (there > 0)
    memcpy (out, seen->data + offset, there);
  memset ((guint8 *) out + there, 0, size - there);
  return there;
}

/* ---- recording ---- */

void
fault_disk_record (FaultDisk *self)
{
  g_clear_pointer (&self->recorded, g_ptr_array_unref);
  self->recorded = g_ptr_array_new_with_free_func (operation_unref);
}

guint
fault_disk_get_recorded (const FaultDisk *self)
{
  return self->recorded != NULL ? self->recorded->len : 0;
}

void
fault_disk_replay (FaultDisk *self, const FaultDisk *recorded, guint index)
{
  carry_out (self, g_rc_box_acquire (g_ptr_array_index (recorded->recorded, index)));
}

gboolean
fault_disk_is_write (const FaultDisk *recorded, guint index, gint64 *ret_offset, gsize *ret_size)
{
  const Operation *operation = g_ptr_array_index (recorded->recorded, index);

  *ret_offset = operation->offset;
  *ret_size = operation->size;
  return operation->kind == OPERATION_WRITE;
}

char *
fault_disk_describe (const FaultDisk *recorded, guint index)
{
  static const char *const kinds[] = { "create", "delete", "write", "truncate", "sync", "sync folder" };
  const Operation *operation = g_ptr_array_index (recorded->recorded, index);

  return g_strdup_printf ("operation %u, %s file %d %s offset %" G_GINT64_FORMAT " size %" G_GSIZE_FORMAT, index,
                          kinds[operation->kind], operation->file,
                          operation->name != NULL ? operation->name : "", operation->offset, operation->size);
}

static GByteArray *
copy_bytes (const GByteArray *bytes)
{
  GByteArray *copy = g_byte_array_sized_new (bytes->len);

  if (bytes->len > 0)
    g_byte_array_append (copy, bytes->data, bytes->len);
  return copy;
}

static void
copy_folder (GHashTable *to, GHashTable *from)
{
  GHashTableIter iter;
  gpointer name, number;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &name, &number))
    g_hash_table_insert (to, g_strdup (name), number);
}

static void
copy_pending (GPtrArray *to, const GPtrArray *from)
{
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (to, g_rc_box_acquire (g_ptr_array_index (from, i)));
}

FaultDisk *
fault_disk_copy (const FaultDisk *self)
{
  FaultDisk *copy = fault_disk_new ();

  for (guint i = 0; i < self->files->len; i++) {
    const File *from = get_file (self, (int) i);
    File *to = g_new0 (File, 1);

    to->seen = copy_bytes (from->seen);
    to->sure = copy_bytes (from->sure);
    to->pending = g_ptr_array_new_with_free_func (operation_unref);
    copy_pending (to->pending, from->pending);
    g_ptr_array_add (copy->files, to);
  }
  copy_folder (copy->seen, self->seen);
  copy_folder (copy->sure, self->sure);
  copy_pending (copy->pending, self->pending);
  copy->next = self->next;
  return copy;
}

gboolean
fault_disk_is_pending (const FaultDisk *self)
{
  for (guint i = 0; i < self->files->len; i++)
    if (get_file (self, (int) i)->pending->len > 0)
      return TRUE;
  return self->pending->len > 0;
}

/* ---- as it would be found ---- */

/* What chance decided about one finding. */
typedef struct {
  FaultFound way;
  guint64 random;
  guint moment;     /* before or after which operations count */
  guint keep;       /* of 8 operations, how many are kept */
  gboolean garbage; /* whether sectors that a file grew by, but that were not written, hold anything */
} Chance;

static guint
roll (Chance *chance, guint sides)
{
  return (guint) (fault_random (&chance->random) % sides);
}

static void
note_oldest (const GPtrArray *pending, guint *oldest)
{
  if (pending->len > 0)
    *oldest = MIN (*oldest, ((const Operation *) g_ptr_array_index (pending, 0))->number);
}

static void
chance_init (Chance *chance, const FaultDisk *disk, FaultFound way, guint64 seed)
{
  guint oldest = disk->next;

  *chance = (Chance){ .way = way, .random = seed };
  note_oldest (disk->pending, &oldest);
  for (guint i = 0; i < disk->files->len; i++)
    note_oldest (get_file (disk, (int) i)->pending, &oldest);
  chance->moment = oldest + roll (chance, disk->next - oldest + 1);
  chance->keep = 1 + roll (chance, 7);
  chance->garbage = roll (chance, 2) == 0;
}

static gboolean
is_kept (Chance *chance, const Operation *operation)
{
  switch (chance->way) {
  case FAULT_FOUND_KEPT:
    return TRUE;
  case FAULT_FOUND_DROPPED:
    return FALSE;
  case FAULT_FOUND_OLDER:
    return operation->number < chance->moment;
  case FAULT_FOUND_NEWER:
    return operation->number >= chance->moment;
  case FAULT_FOUND_SOME:
  case FAULT_FOUND_TORN:
  default:
    return roll (chance, 8) < chance->keep;
  }
}

/* A sector that was not written although the file grew over it. */
static void
grow_over (GByteArray *bytes, gint64 end, Chance *chance)
{
  guint before = bytes->len;

  if (end <= bytes->len)
    return;
  resize (bytes, end);
  for (guint i = before; chance->garbage && i < bytes->len; i++)
    bytes->data[i] = (guint8) fault_random (&chance->random);
}

static void
perform_torn (GByteArray *bytes, const Operation *operation, Chance *chance)
{
  gint64 end = operation->offset + (gint64) operation->size;
  gint64 at = operation->offset;

  while (at < end) {
    gint64 next = MIN (end, (at / FAULT_SECTOR + 1) * FAULT_SECTOR);

    if (roll (chance, 2) == 0)
      put (bytes, at, operation->bytes + (at - operation->offset), (gsize) (next - at));
    else
      grow_over (bytes, next, chance);
    at = next;
  }
}

static GByteArray *
find_contents (const File *file, Chance *chance)
{
  GByteArray *bytes;

  if (chance->way == FAULT_FOUND_KEPT)
    return copy_bytes (file->seen);
  bytes = copy_bytes (file->sure);
  for (guint i = 0; i < file->pending->len; i++) {
    const Operation *operation = g_ptr_array_index (file->pending, i);

    if (chance->way == FAULT_FOUND_TORN && operation->kind == OPERATION_WRITE && roll (chance, 2) == 0)
      perform_torn (bytes, operation, chance);
    else if (is_kept (chance, operation))
      perform (bytes, operation);
  }
  return bytes;
}

/* Of one name nothing is kept behind what is missing. */
static GHashTable *
find_folder (const FaultDisk *self, Chance *chance)
{
  GHashTable *folder = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) stopped = g_hash_table_new (g_str_hash, g_str_equal);

  copy_folder (folder, self->sure);
  for (guint i = 0; i < self->pending->len; i++) {
    const Operation *operation = g_ptr_array_index (self->pending, i);

    if (!is_kept (chance, operation))
      g_hash_table_add (stopped, operation->name);
    if (!g_hash_table_contains (stopped, operation->name))
      perform_on_folder (folder, operation);
  }
  return folder;
}

static void
add_found (FaultDisk *found, const char *name, GByteArray *bytes)
{
  File *file = g_new0 (File, 1);

  file->seen = bytes;
  file->sure = copy_bytes (bytes);
  file->pending = g_ptr_array_new_with_free_func (operation_unref);
  g_ptr_array_add (found->files, file);
  g_hash_table_insert (found->seen, g_strdup (name), GINT_TO_POINTER ((int) found->files->len));
  g_hash_table_insert (found->sure, g_strdup (name), GINT_TO_POINTER ((int) found->files->len));
}

static GList *
get_names (GHashTable *folder)
{
  return g_list_sort (g_hash_table_get_keys (folder), (GCompareFunc) strcmp);
}

FaultDisk *
fault_disk_find (const FaultDisk *self, FaultFound way, guint64 seed)
{
  FaultDisk *found = fault_disk_new ();
  g_autoptr (GHashTable) folder = NULL;
  g_autoptr (GList) names = NULL;
  Chance chance;

  chance_init (&chance, self, way, seed);
  folder = find_folder (self, &chance);
  names = get_names (folder);
  for (GList *each = names; each != NULL; each = each->next) {
    int number = GPOINTER_TO_INT (g_hash_table_lookup (folder, each->data)) - 1;

    add_found (found, each->data, find_contents (get_file (self, number), &chance));
  }
  return found;
}

static guint64
hash_bytes (guint64 hash, const guint8 *bytes, gsize size)
{
  while (size > 0) {
    gsize piece = MIN (size, sizeof (guint64));
    guint64 word = piece;

    memcpy (&word, bytes, piece);
    hash = (hash ^ word) * 0x9fb21c651e98df25u;
    hash ^= hash >> 32;
    bytes += piece;
    size -= piece;
  }
  return hash;
}

guint64
fault_disk_hash (const FaultDisk *self)
{
  g_autoptr (GList) names = get_names (self->seen);
  guint64 hash = 1;

  for (GList *each = names; each != NULL; each = each->next) {
    const GByteArray *seen = get_file (self, fault_disk_look_up (self, each->data))->seen;

    hash = hash_bytes (hash, each->data, strlen (each->data) + 1);
    hash = hash_bytes (hash ^ seen->len, seen->data, seen->len);
  }
  return hash;
}
