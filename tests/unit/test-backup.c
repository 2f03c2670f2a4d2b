/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backup-place.h"
#include "backup-stream.h"

#include "base/error.h"
#include "base/io.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What is sealed comes out again; what was changed, cut, prolonged or put together anew does not.
 */

static const guint8 right_key[SP_BACKUP_KEY_SIZE] = { 1, 2, 3 };
static const guint8 wrong_key[SP_BACKUP_KEY_SIZE] = { 1, 2, 4 };

static int
make_file (const guint8 *bytes, gsize size)
{
  int fd = memfd_create ("test", MFD_CLOEXEC);

  g_assert_no_errno (fd);
  g_assert_cmpint (write (fd, bytes, size), ==, size);
  g_assert_no_errno ((int) lseek (fd, 0, SEEK_SET));
  return fd;
}

static GBytes *
read_file (int fd)
{
  gsize size = (gsize) lseek (fd, 0, SEEK_END);
  guint8 *bytes = g_malloc (size + 1);

  g_assert_cmpint (pread (fd, bytes, size, 0), ==, size);
  return g_bytes_new_take (bytes, size);
}

static int
make_part (gsize size, guint8 seed)
{
  g_autofree guint8 *bytes = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 7 + i / 251 + seed);
  return make_file (bytes, size);
}

static SpBackupHeader
make_header (void)
{
  SpBackupHeader header = { .created = 1700000000000000,
                            .passes = 1,
                            .memory = SP_BACKUP_MEMORY_MIN,
                            .main_schema = 2,
                            .keyholder_schema = 3,
                            .program = "0.1.0" };

  memset (header.salt, 5, sizeof header.salt);
  return header;
}

typedef struct
{
  gsize sizes[SP_BACKUP_N_PARTS];
} Case;

static GBytes *
make_backup (const Case *sizes)
{
  SpBackupHeader header = make_header ();
  int file = memfd_create ("backup", MFD_CLOEXEC);
  int parts[SP_BACKUP_N_PARTS];
  g_autoptr (GError) error = NULL;
  GBytes *bytes;

  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    parts[i] = make_part (sizes->sizes[i], (guint8) i);
  (void) sp_backup_write (file, &header, right_key, parts, NULL, &error);
  g_assert_no_error (error);
  bytes = read_file (file);
  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    sp_fd_clear (&parts[i]);
  sp_fd_clear (&file);
  return bytes;
}

/* NULL: it opens. */
static GError *
open_backup (const guint8 *bytes, gsize size, const guint8 *key, int *sinks)
{
  static const int nowhere[SP_BACKUP_N_PARTS] = { -1, -1, -1 };
  guint8 header_bytes[SP_BACKUP_HEADER_SIZE];
  sp_autofd int file = make_file (bytes, size);
  SpBackupHeader header;
  GError *error = NULL;

  if (sp_backup_read_header (file, &header, header_bytes, &error))
    (void) sp_backup_read (file, header_bytes, key, sinks != NULL ? sinks : nowhere, NULL, &error);
  return error;
}

static void
check_refused (const guint8 *bytes, gsize size, const guint8 *key, const char *word)
{
  g_autoptr (GError) error = open_backup (bytes, size, key, NULL);

  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  if (word != NULL && strstr (error->message, word) == NULL)
    g_error ("“%s” does not say “%s”", error->message, word);
}

static void
test_circle (gconstpointer data)
{
  const Case *sizes = data;
  g_autoptr (GBytes) backup = make_backup (sizes);
  g_autoptr (GError) error = NULL;
  int sinks[SP_BACKUP_N_PARTS];
  gsize size;
  const guint8 *bytes = g_bytes_get_data (backup, &size);

  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    sinks[i] = memfd_create ("sink", MFD_CLOEXEC);
  error = open_backup (bytes, size, right_key, sinks);
  g_assert_no_error (error);
  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    {
      sp_autofd int expected = make_part (sizes->sizes[i], (guint8) i);
      g_autoptr (GBytes) wanted = read_file (expected);
      g_autoptr (GBytes) got = read_file (sinks[i]);

      g_assert_true (g_bytes_equal (wanted, got));
      sp_fd_clear (&sinks[i]);
    }
  check_refused (bytes, size, wrong_key, "passphrase");
}

static const Case circles[] = {
  { { 0, 0, 0 } },
  { { 1, 0, 0 } },
  { { 0, 0, 1 } },
  { { 300, 4096, 8192 } },
  { { SP_BACKUP_CHUNK, 0, 0 } },
  { { SP_BACKUP_CHUNK - 1, 2, SP_BACKUP_CHUNK - 1 } },
  { { 17, SP_BACKUP_CHUNK, SP_BACKUP_CHUNK - 17 } },
  { { 5, 3 * SP_BACKUP_CHUNK + 11, 7 } },
};

static const Case small = { { 40, 300, 200 } };

static void
test_each_byte (void)
{
  g_autoptr (GBytes) backup = make_backup (&small);
  gsize size;
  g_autofree guint8 *bytes = g_bytes_unref_to_data (g_steal_pointer (&backup), &size);

  g_assert_cmpuint (size, >, 600);
  for (gsize i = 0; i < size; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        bytes[i] ^= (guint8) (1 << bit);
        check_refused (bytes, size, right_key, NULL);
        bytes[i] ^= (guint8) (1 << bit);
      }
}

static void
test_each_length (void)
{
  g_autoptr (GBytes) backup = make_backup (&small);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (backup, &size);
  g_autofree guint8 *longer = g_malloc0 (size + 1);

  for (gsize shorter = 0; shorter < size; shorter++)
    check_refused (bytes, shorter, right_key,
                   shorter < SP_BACKUP_HEADER_SIZE ? "not a backup" : "cut off");
  memcpy (longer, bytes, size);
  check_refused (longer, size + 1, right_key, "follows");
}

/* Whole messages that were swapped, doubled or left out authenticate by themselves. */
static void
test_messages (void)
{
  static const Case large = { { 0, 3 * SP_BACKUP_CHUNK, 10 } };
  const gsize first = SP_BACKUP_HEADER_SIZE + 8 * SP_BACKUP_N_PARTS + 17;
  const gsize message = SP_BACKUP_CHUNK + 17;
  g_autoptr (GBytes) backup = make_backup (&large);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (backup, &size);
  g_autofree guint8 *other = g_memdup2 (bytes, size);

  memcpy (other + first, bytes + first + message, message);
  check_refused (other, size, right_key, "damaged");
  memcpy (other + first + message, bytes + first, message);
  check_refused (other, size, right_key, "damaged");
  memcpy (other + first, bytes + first, message);
  memmove (other + first + message, bytes + first + 2 * message, size - first - 2 * message);
  check_refused (other, size - message, right_key, "damaged");
  /* cut between two messages */
  check_refused (bytes, first + message, right_key, "cut off");
}

/* The beginning of one backup before the rest of another one of the same key. */
static void
test_graft (void)
{
  g_autoptr (GBytes) one = make_backup (&small);
  g_autoptr (GBytes) other = make_backup (&small);
  gsize size;
  g_autofree guint8 *grafted = g_bytes_unref_to_data (g_steal_pointer (&one), &size);

  memcpy (grafted + SP_BACKUP_HEADER_SIZE,
          (const guint8 *) g_bytes_get_data (other, NULL) + SP_BACKUP_HEADER_SIZE,
          size - SP_BACKUP_HEADER_SIZE);
  check_refused (grafted, size, right_key, "passphrase");
}

static void
test_foreign (void)
{
  g_autoptr (GBytes) backup = make_backup (&small);
  gsize size;
  g_autofree guint8 *bytes = g_bytes_unref_to_data (g_steal_pointer (&backup), &size);
  g_autofree guint8 *zeros = g_malloc0 (4096);

  check_refused (zeros, 0, right_key, "not a backup");
  check_refused (zeros, 4096, right_key, "not a backup");
  bytes[9] = 2; /* the format */
  check_refused (bytes, size, right_key, "newer");
  bytes[9] = 1;
  bytes[12] ^= 1;
  check_refused (bytes, size, right_key, "damaged");
}

static void
test_stop (void)
{
  g_autoptr (GError) error = NULL;
  SpBackupHeader header = make_header ();
  sp_autofd int file = memfd_create ("backup", MFD_CLOEXEC);
  int parts[SP_BACKUP_N_PARTS] = { make_part (1, 0), make_part (1, 1), make_part (1, 2) };
  int stop = 1;

  g_assert_false (sp_backup_write (file, &header, right_key, parts, &stop, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_BUSY);
  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    sp_fd_clear (&parts[i]);
}

static void
test_keys (void)
{
  SpBackupHeader header = make_header ();
  SpBackupHeader other = make_header ();
  guint8 keys[3][SP_BACKUP_KEY_SIZE];
  g_autoptr (GError) error = NULL;

  other.salt[0] ^= 1;
  g_assert_true (sp_backup_derive_key ((const guint8 *) "a", 1, &header, keys[0], &error));
  g_assert_true (sp_backup_derive_key ((const guint8 *) "b", 1, &header, keys[1], &error));
  g_assert_true (sp_backup_derive_key ((const guint8 *) "a", 1, &other, keys[2], &error));
  g_assert_true (memcmp (keys[0], keys[1], sizeof keys[0]) != 0);
  g_assert_true (memcmp (keys[0], keys[2], sizeof keys[0]) != 0);
  g_assert_true (sp_backup_derive_key ((const guint8 *) "a", 1, &header, keys[1], &error));
  g_assert_cmpmem (keys[0], sizeof keys[0], keys[1], sizeof keys[1]);
}

/* --- which database is opened --- */

#define KEPT_LOG SP_KEYHOLDER_DATABASE "-wal"

static char *
read_text (const char *file)
{
  char *text = NULL;

  (void) g_file_get_contents (file, &text, NULL, NULL);
  return text;
}

static void
check_place (guint8 origin, gboolean restored, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (SP_KEYHOLDER_DATABASE, "old", -1, NULL));
  g_assert_true (g_file_set_contents (KEPT_LOG, "log", -1, NULL));
  g_assert_true (g_file_set_contents (SP_COPIED_DATABASE, "copy", -1, NULL));
  if (restored)
    g_assert_true (g_file_set_contents (SP_RESTORED_DATABASE, "new", -1, NULL));
  g_assert_true (sp_backup_place_settle (origin, &error));
  g_assert_no_error (error);
  text = read_text (SP_KEYHOLDER_DATABASE);
  g_assert_cmpstr (text, ==, expected);
  /* a log stays with its own database only */
  g_assert_true (g_file_test (KEPT_LOG, G_FILE_TEST_EXISTS) == (g_strcmp0 (text, "old") == 0));
  g_assert_false (g_file_test (SP_RESTORED_DATABASE, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (SP_COPIED_DATABASE, G_FILE_TEST_EXISTS));
}

static void
test_places (void)
{
  g_autofree char *folder = g_dir_make_tmp ("backup-XXXXXX", NULL);
  g_autofree char *before = g_get_current_dir ();

  g_assert_no_errno (g_chdir (folder));
  check_place (SP_ORIGIN_KEPT, FALSE, "old");
  check_place (SP_ORIGIN_KEPT, TRUE, "old");
  check_place (SP_ORIGIN_RESTORED, TRUE, "new");
  check_place (SP_ORIGIN_RESTORED, FALSE, "old"); /* it was taken before */
  check_place (SP_ORIGIN_NOTHING, TRUE, NULL);
  (void) g_unlink (KEPT_LOG);
  (void) g_unlink (SP_KEYHOLDER_DATABASE);
  g_assert_no_errno (g_chdir (before));
  g_assert_no_errno (g_rmdir (folder));
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (sp_backup_begin (&error));
  for (guint i = 0; i < G_N_ELEMENTS (circles); i++)
    {
      g_autofree char *name = g_strdup_printf ("/backup/circle/%u", i);

      g_test_add_data_func (name, &circles[i], test_circle);
    }
  g_test_add_func ("/backup/each-byte", test_each_byte);
  g_test_add_func ("/backup/each-length", test_each_length);
  g_test_add_func ("/backup/messages", test_messages);
  g_test_add_func ("/backup/graft", test_graft);
  g_test_add_func ("/backup/foreign", test_foreign);
  g_test_add_func ("/backup/stop", test_stop);
  g_test_add_func ("/backup/keys", test_keys);
  g_test_add_func ("/backup/places", test_places);
  return g_test_run ();
}
