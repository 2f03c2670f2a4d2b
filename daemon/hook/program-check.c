/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program-check.h"

#include "base/error.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, text);
  return FALSE;
}

static gboolean
is_only_roots (const struct stat *facts)
{
  return facts->st_uid == 0 && (facts->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static gboolean
check_file (const char *path, GError **error)
{
  struct stat facts;

  if (lstat (path, &facts) != 0)
    return refuse (error, sp_error_describe (errno));
  if (S_ISLNK (facts.st_mode))
    return refuse (error, "it is a symbolic link; name what that leads to");
  if (!S_ISREG (facts.st_mode))
    return refuse (error, "it is no file");
  if (facts.st_uid != 0)
    return refuse (error, "root does not own it");
  if (!is_only_roots (&facts))
    return refuse (error, "others than root may change it");
  if (access (path, X_OK) != 0)
    return refuse (error, "the account that runs it may not execute it");
  return TRUE;
}

/* Each folder that leads to it: who can change one could put another file there. */
static gboolean
check_folders (const char *path, GError **error)
{
  g_autofree char *above = g_path_get_dirname (path);
  struct stat facts;

  for (;;)
    {
      g_autofree char *folder = g_steal_pointer (&above);

      if (stat (folder, &facts) != 0 || !is_only_roots (&facts))
        return refuse (error, "others than root may change a folder that leads to it");
      if (folder[1] == '\0')
        return TRUE;
      above = g_path_get_dirname (folder);
    }
}

char *
sp_program_find (const char *path, GError **error)
{
  g_autofree char *found = NULL;
  char *real;

  if (!g_path_is_absolute (path))
    {
      (void) refuse (error, "it is not named from the root on");
      return NULL;
    }
  if (!check_file (path, error))
    return NULL;
  real = realpath (path, NULL);
  found = g_strdup (real);
  free (real);
  if (found == NULL)
    (void) refuse (error, sp_error_describe (errno));
  if (found == NULL || !check_folders (found, error))
    return NULL;
  return g_steal_pointer (&found);
}
