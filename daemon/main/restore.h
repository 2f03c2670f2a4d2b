/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How the contents of a backup take the place of what is there, at one moment: either all of the
 * old state counts or all of the new one, whenever the program is killed.
 *
 *   stage    makes a folder in the state folder with an empty database in it, and an empty file of
 *            settings beside the settings.  The keyholder makes its own file in its own folder.
 *   commit   after everything was verified: writes the journal.  From here on the new state counts.
 *   recover  at each start, before anything else is read: with a journal, puts main's files into
 *            their places and says what the keyholder shall do with its own; without one, removes
 *            what an attempt left.
 *   finish   when the keyholder has done its part: removes the journal. */

typedef struct
{
  int settings; /* empty files, open for writing */
  int database;
} SpRestoreFiles;

gboolean sp_restore_stage (const char *state_folder,
                           const char *config_path,
                           SpRestoreFiles *ret_files,
                           GError **error);
/* Where the staged database is, as sp_store_open wants it; where the staged settings are. */
char *sp_restore_get_folder (const char *state_folder);
char *sp_restore_get_settings (const char *config_path);
/* `origin`: SP_ORIGIN_RESTORED or SP_ORIGIN_NOTHING. */
gboolean sp_restore_commit (const char *state_folder,
                            const char *config_path,
                            guint8 origin,
                            GError **error);
/* Removes what was staged. */
void sp_restore_discard (const char *state_folder, const char *config_path);
/* `ret_origin`: what the keyholder is to begin with. */
gboolean sp_restore_recover (const char *state_folder,
                             const char *config_path,
                             guint8 *ret_origin,
                             GError **error);
void sp_restore_finish (const char *state_folder);

G_END_DECLS
