/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "restore.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/names.h"
#include "configuration.h"
#include "walls/main-keyholder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL       "journal"
#define JOURNAL_MAX   64
#define SETTINGS_MODE 0644 /* as of the settings' file itself: it holds no secret */

static const char *const origin_words[] = {
  [SP_ORIGIN_KEPT] = NULL,
  [SP_ORIGIN_RESTORED] = "restored\n",
  [SP_ORIGIN_NOTHING] = "nothing\n",
};

char *
sp_restore_get_folder (const char *state_folder)
{
  return g_build_filename (state_folder, SP_RESTORE_FOLDER, NULL);
}

char *
sp_restore_get_settings (const char *config_path)
{
  return g_strconcat (config_path, ".restored", NULL);
}

static char *
in_folder (const char *state_folder, const char *name)
{
  return g_build_filename (state_folder, SP_RESTORE_FOLDER, name, NULL);
}

static gboolean
remove_file (const char *path, GError **error)
{
  if (unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  sp_error_set_errno (error, errno, "removing %s", path);
  return FALSE;
}

static gboolean
flush_folder (const char *path, GError **error)
{
  sp_autofd int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0 && fsync (fd) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "writing %s to the disk", path);
  return FALSE;
}

static gboolean
flush_folder_of (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return flush_folder (folder, error);
}

/* A database with the two files that SQLite may have beside it. */
static gboolean
remove_database (const char *path, GError **error)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *index = g_strconcat (path, "-shm", NULL);

  return remove_file (path, error) && remove_file (log, error) && remove_file (index, error);
}

static int
make_file (const char *path, mode_t mode, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);

  if (fd < 0 || fchmod (fd, mode) != 0)
    sp_error_set_errno (error, errno, "making %s", path);
  return fd;
}

gboolean
sp_restore_stage (const char *state_folder,
                  const char *config_path,
                  SpRestoreFiles *ret_files,
                  GError **error)
{
  g_autofree char *folder = sp_restore_get_folder (state_folder);
  g_autofree char *database = in_folder (state_folder, SP_DATABASE_FILE);
  g_autofree char *settings = sp_restore_get_settings (config_path);
  sp_autofd int database_fd = -1;
  GError *failure = NULL;

  sp_restore_discard (state_folder, config_path);
  if (g_mkdir (folder, 0700) != 0 && errno != EEXIST)
    {
      sp_error_set_errno (error, errno, "making %s", folder);
      return FALSE;
    }
  if (!sp_configuration_make_folder (config_path, error))
    return FALSE;
  database_fd = make_file (database, 0600, &failure);
  if (failure == NULL)
    ret_files->settings = make_file (settings, SETTINGS_MODE, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      sp_restore_discard (state_folder, config_path);
      return FALSE;
    }
  ret_files->database = sp_fd_steal (&database_fd);
  return TRUE;
}

gboolean
sp_restore_commit (const char *state_folder, const char *config_path, guint8 origin, GError **error)
{
  g_autofree char *folder = sp_restore_get_folder (state_folder);
  g_autofree char *journal = in_folder (state_folder, JOURNAL);
  g_autoptr (GError) failure = NULL;

  if (!flush_folder (folder, error) || !flush_folder_of (config_path, error))
    return FALSE;
  if (g_file_set_contents_full (journal, origin_words[origin], -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                &failure))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s", failure->message);
  return FALSE;
}

static gboolean
discard (const char *state_folder, const char *config_path, GError **error)
{
  g_autofree char *folder = sp_restore_get_folder (state_folder);
  g_autofree char *database = in_folder (state_folder, SP_DATABASE_FILE);
  g_autofree char *settings = sp_restore_get_settings (config_path);

  if (!remove_database (database, error) || !remove_file (settings, error))
    return FALSE;
  if (g_rmdir (folder) == 0 || errno == ENOENT)
    return TRUE;
  sp_error_set_errno (error, errno, "removing %s", folder);
  return FALSE;
}

void
sp_restore_discard (const char *state_folder, const char *config_path)
{
  g_autoptr (GError) error = NULL;

  if (!discard (state_folder, config_path, &error))
    sp_log (SP_LOG_WARNING, "restore", "%s", error->message);
}

/* Moves a staged file into its place; one that is not there was moved before, or never staged. */
static gboolean
move (const char *from, const char *to, GError **error)
{
  if (rename (from, to) == 0)
    return flush_folder_of (to, error);
  if (errno == ENOENT)
    return TRUE;
  sp_error_set_errno (error, errno, "moving %s to %s", from, to);
  return FALSE;
}

/* The old log must be gone before the new database has its name, or SQLite would play it onto it.
 */
static gboolean
move_database (const char *state_folder, GError **error)
{
  g_autofree char *from = in_folder (state_folder, SP_DATABASE_FILE);
  g_autofree char *to = g_build_filename (state_folder, SP_DATABASE_FILE, NULL);

  if (!g_file_test (from, G_FILE_TEST_EXISTS))
    return TRUE;
  return remove_database (to, error) && flush_folder (state_folder, error) &&
         move (from, to, error);
}

/* SP_ORIGIN_KEPT if there is no journal. */
static gboolean
read_journal (const char *state_folder, guint8 *ret_origin, GError **error)
{
  g_autofree char *path = in_folder (state_folder, JOURNAL);
  g_autofree char *text = NULL;
  g_autoptr (GError) failure = NULL;

  *ret_origin = SP_ORIGIN_KEPT;
  if (g_file_get_contents (path, &text, NULL, &failure))
    {
      for (guint8 origin = 0; origin < G_N_ELEMENTS (origin_words); origin++)
        if (g_strcmp0 (text, origin_words[origin]) == 0)
          *ret_origin = origin;
      if (*ret_origin != SP_ORIGIN_KEPT)
        return TRUE;
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s is not a journal of this program", path);
      return FALSE;
    }
  if (g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s", failure->message);
  return FALSE;
}

gboolean
sp_restore_recover (const char *state_folder,
                    const char *config_path,
                    guint8 *ret_origin,
                    GError **error)
{
  g_autofree char *settings = sp_restore_get_settings (config_path);

  if (!read_journal (state_folder, ret_origin, error))
    return FALSE;
  if (*ret_origin == SP_ORIGIN_KEPT)
    {
      sp_restore_discard (state_folder, config_path);
      return TRUE;
    }
  sp_log (SP_LOG_NOTICE, "restore", "putting a new state into the place of the old one");
  return move_database (state_folder, error) && move (settings, config_path, error);
}

void
sp_restore_finish (const char *state_folder)
{
  g_autofree char *folder = sp_restore_get_folder (state_folder);
  g_autofree char *journal = in_folder (state_folder, JOURNAL);
  g_autoptr (GError) error = NULL;

  if (!remove_file (journal, &error) || !flush_folder (folder, &error))
    sp_log (SP_LOG_ERROR, "restore", "%s", error->message);
  (void) g_rmdir (folder);
}
