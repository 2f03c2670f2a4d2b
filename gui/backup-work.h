/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

G_BEGIN_DECLS

/* What takes seconds: a backup written to a file here, looked at, or put in the server's place.
 * Sources of the results are the connection. */

/* Writes beside the file and takes its place when all is there; after an error nothing is changed.
 */
void sp_backup_work_save (SpServerConnection *connection,
                          GFile *file,
                          const char *passphrase,
                          GAsyncReadyCallback callback,
                          gpointer data);
gboolean sp_backup_work_save_finish (GAsyncResult *result, GError **error);

/* The facts (a{sv}) of CheckBackup(); NULL: an error. */
void sp_backup_work_check (SpServerConnection *connection,
                           GFile *file,
                           const char *passphrase,
                           GAsyncReadyCallback callback,
                           gpointer data);
GVariant *sp_backup_work_check_finish (GAsyncResult *result, GError **error);

/* `settings`: whether they are taken over, too. */
void sp_backup_work_restore (SpServerConnection *connection,
                             GFile *file,
                             const char *passphrase,
                             gboolean settings,
                             GAsyncReadyCallback callback,
                             gpointer data);
gboolean sp_backup_work_restore_finish (GAsyncResult *result, GError **error);

/* The passphrase of weekly backups. */
void sp_backup_work_set_passphrase (SpServerConnection *connection,
                                    const char *passphrase,
                                    GAsyncReadyCallback callback,
                                    gpointer data);
gboolean sp_backup_work_set_passphrase_finish (GAsyncResult *result, GError **error);

G_END_DECLS
