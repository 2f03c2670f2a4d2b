/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account-linux.h"

#include "base/error.h"
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

/* systemd's UIDS-GIDS.md: dynamic users. */
#define DYNAMIC_FIRST 61184
#define DYNAMIC_COUNT (65519 - DYNAMIC_FIRST + 1)

#define RECORD_BYTES_MAX 16384
#define FOLDER_DEPTH_MAX 8

/* Numbers stay with their names: files on disk outlive the process. */
static gboolean
number_is_free (id_t number)
{
  g_autofree char *buffer = g_malloc (RECORD_BYTES_MAX);
  struct passwd user, *user_found = NULL;
  struct group group, *group_found = NULL;

  if (getpwuid_r (number, &user, buffer, RECORD_BYTES_MAX, &user_found) != 0)
    return FALSE;
  if (getgrgid_r (number, &group, buffer, RECORD_BYTES_MAX, &group_found) != 0)
    return FALSE;
  return user_found == NULL && group_found == NULL;
}

static gboolean
find_free_number (const char *name, SpAccount *ret, GError **error)
{
  guint start = g_str_hash (name) % DYNAMIC_COUNT;

  for (guint i = 0; i < DYNAMIC_COUNT; i++)
    {
      id_t number = DYNAMIC_FIRST + (start + i) % DYNAMIC_COUNT;
      if (!number_is_free (number))
        continue;
      ret->uid = number;
      ret->gid = number;
      return TRUE;
    }
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "No user number is free for %s", name);
  return FALSE;
}

gboolean
sp_account_find (const char *name, SpAccount *ret, GError **error)
{
  g_autofree char *buffer = g_malloc (RECORD_BYTES_MAX);
  struct passwd user, *found = NULL;
  int result = getpwnam_r (name, &user, buffer, RECORD_BYTES_MAX, &found);

  if (found == NULL && (result == 0 || result == ENOENT || result == ESRCH))
    return find_free_number (name, ret, error);
  if (found == NULL)
    {
      sp_error_set_errno (error, result, "looking up the account %s", name);
      return FALSE;
    }
  if (user.pw_uid == 0)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "The account %s is the superuser's", name);
      return FALSE;
    }
  ret->uid = user.pw_uid;
  ret->gid = user.pw_gid;
  return TRUE;
}

static gboolean give_entries (const SpAccount *account, int folder_fd, guint depth, GError **error);

static gboolean
give_entry (const SpAccount *account, int folder_fd, const char *name, guint depth, GError **error)
{
  sp_autofd int fd =
      openat (folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat status;

  if (fd < 0 && (errno == ELOOP || errno == ENXIO || errno == ENOENT))
    return TRUE;
  if (fd < 0 || fstat (fd, &status) != 0)
    {
      sp_error_set_errno (error, errno, "opening %s", name);
      return FALSE;
    }
  if (S_ISDIR (status.st_mode) && !give_entries (account, fd, depth + 1, error))
    return FALSE;
  if (!S_ISDIR (status.st_mode) && (!S_ISREG (status.st_mode) || status.st_nlink != 1))
    return TRUE;
  if (fchown (fd, account->uid, account->gid) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "giving %s to its account", name);
  return FALSE;
}

static gboolean
give_entries (const SpAccount *account, int folder_fd, guint depth, GError **error)
{
  int fd = openat (folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *listing = fd >= 0 ? fdopendir (fd) : NULL;
  gboolean good = depth <= FOLDER_DEPTH_MAX;

  if (listing == NULL)
    {
      sp_error_set_errno (error, errno, "reading the folder");
      sp_fd_clear (&fd);
      return FALSE;
    }
  if (!good)
    g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "The folder is too deep");
  for (struct dirent *entry = readdir (listing); good && entry != NULL; entry = readdir (listing))
    if (g_strcmp0 (entry->d_name, ".") != 0 && g_strcmp0 (entry->d_name, "..") != 0)
      good = give_entry (account, dirfd (listing), entry->d_name, depth, error);
  (void) closedir (listing);
  return good;
}

gboolean
sp_account_give_folder (const SpAccount *account, const char *folder, GError **error)
{
  sp_autofd int fd = -1;
  sp_autofd int open_fd = -1;
  struct stat status;

  if (mkdir (folder, 0700) != 0 && errno != EEXIST)
    {
      sp_error_set_errno (error, errno, "making %s", folder);
      return FALSE;
    }
  /* Main need not be able to read it: as a service it may not. */
  fd = open (folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &status) != 0)
    {
      sp_error_set_errno (error, errno, "opening %s", folder);
      return FALSE;
    }
  if (status.st_uid == account->uid && status.st_gid == account->gid)
    return TRUE;
  open_fd = openat (fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (open_fd < 0)
    {
      sp_error_set_errno (error, errno, "reading %s, which is not its account's", folder);
      return FALSE;
    }
  if (!give_entries (account, open_fd, 0, error))
    return FALSE;
  /* Last, so that an interrupted walk begins again. */
  if (fchown (open_fd, account->uid, account->gid) == 0 && fchmod (open_fd, 0700) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "giving %s to its account", folder);
  return FALSE;
}
