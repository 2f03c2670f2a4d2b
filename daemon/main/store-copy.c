/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-private.h"

#include "base/error.h"
#include "base/io.h"
#include "base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

/* Nobody comes back by what a backup says of sessions, their cookies are not in it; whether the
 * server is on is decided by the machine that it is restored on; and what was done before is not
 * undone after. */
static const char leave_out[] = "DELETE FROM sessions;"
                                "DELETE FROM undo;"
                                "DELETE FROM remembered WHERE name = '" SP_STORE_WANTED_ON "';"
                                "PRAGMA journal_mode = DELETE;";

typedef sqlite3 Connection;

static void
connection_close (Connection *connection)
{
  (void) sqlite3_close (connection);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Connection, connection_close)

static gboolean
fail (Connection *connection, GError **error)
{
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "copying %s: %s", SP_DATABASE_FILE,
               sqlite3_errmsg (connection));
  return FALSE;
}

static gboolean
execute (const char *path, int flags, const char *sql, GError **error)
{
  g_autoptr (Connection) connection = NULL;

  if (sqlite3_open_v2 (path, &connection, flags, NULL) != SQLITE_OK)
    return fail (connection, error);
  (void) sqlite3_busy_timeout (connection, 2000);
  return sqlite3_exec (connection, sql, NULL, NULL, NULL) == SQLITE_OK || fail (connection, error);
}

static gboolean
copy (const char *from, const char *to, GError **error)
{
  char *sql = sqlite3_mprintf ("VACUUM INTO %Q", to);
  gboolean copied = execute (from, SQLITE_OPEN_READWRITE, sql, error) &&
                    execute (to, SQLITE_OPEN_READWRITE, leave_out, error);

  sqlite3_free (sql);
  return copied;
}

/* A copy into an empty file keeps that file's mode. */
static gboolean
make_private_file (const char *path, GError **error)
{
  sp_autofd int fd = -1;

  (void) unlink (path);
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0)
    return TRUE;
  sp_error_set_errno (error, errno, "making %s", path);
  return FALSE;
}

int
sp_store_copy (const char *folder, GError **error)
{
  g_autofree char *from = g_build_filename (folder, SP_DATABASE_FILE, NULL);
  g_autofree char *to = g_build_filename (folder, SP_COPY_FILE, NULL);
  int fd = -1;

  if (!make_private_file (to, error))
    return -1;
  if (copy (from, to, error))
    {
      fd = open (to, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
      if (fd < 0)
        sp_error_set_errno (error, errno, "opening %s", to);
    }
  (void) unlink (to);
  return fd;
}
