/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "database-place.h"

#include <sqlite3.h>

#define PLACE "current-folder"

static int
keep_name (sqlite3_vfs *place, const char *name, int size, char *ret_name)
{
  return g_strlcpy (ret_name, name, (gsize) size) < (gsize) size ? SQLITE_OK : SQLITE_CANTOPEN;
}

const char *
sp_database_place (void)
{
  sqlite3_vfs *usual = sqlite3_vfs_find (NULL);
  sqlite3_vfs *place;

  if (sqlite3_vfs_find (PLACE) != NULL)
    return PLACE;
  if (usual == NULL)
    return NULL;
  place = g_memdup2 (usual, sizeof *usual);
  place->zName = PLACE;
  place->pNext = NULL;
  place->xFullPathname = keep_name;
  /* SQLite keeps it for as long as the program runs. */
  return sqlite3_vfs_register (place, FALSE) == SQLITE_OK ? PLACE : NULL;
}
