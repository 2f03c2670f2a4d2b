/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* Backups: one encrypted file with the settings and both databases.  What is secret in it passes
 * main as descriptors alone; the keyholder seals and opens.  Sessions are not in it. */

/* Descriptors are taken.  `passphrase`: a sealed memory file, or for an export -1: the key that was
 * kept.  Each file is regular and stands where the backup begins.
 *
 * A check and an import verify everything before they change anything.  An import and a reset leave
 * the running server stopped; then whoever owns it has to make another one, which begins with the
 * new state (sp_server_new). */
void sp_server_export_async (
    SpServer *self, int file, int passphrase, GAsyncReadyCallback callback, gpointer user_data);
void sp_server_check_backup_async (
    SpServer *self, int file, int passphrase, GAsyncReadyCallback callback, gpointer user_data);
/* `with_settings`: also the file of settings. */
void sp_server_import_async (SpServer *self,
                             int file,
                             int passphrase,
                             gboolean with_settings,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
/* What the backup's header says; free with g_free. */
SpBackupSealed *sp_server_backup_finish (SpServer *self, GAsyncResult *result, GError **error);

/* `passphrase` -1: forget the kept key. */
void sp_server_set_backup_key_async (SpServer *self,
                                     int passphrase,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
/* Users, keys, history and settings become those of a new server, which is off. */
void sp_server_reset_async (SpServer *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean sp_server_backup_done_finish (SpServer *self, GAsyncResult *result, GError **error);

/* Emits "replaced": the state on the disk is another one.  `waiting` is for the owner, who answers
 * it when the new server is there. */
void sp_server_tell_replaced (SpServer *self, gpointer waiting);

G_END_DECLS
