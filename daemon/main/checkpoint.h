/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* The settings as they were before somebody changed them, to come back by themselves unless that is
 * confirmed in time: who changes them over the VPN may have cut the own branch.  There is one at a
 * time; it lies on the disk, and its time goes on over restarts.
 * Signals: "changed" (it is open, or not any more), "ended" (char *id, char *outcome: "confirmed",
 * "rolled-back" or "expired"). */
#define SP_TYPE_CHECKPOINT (sp_checkpoint_get_type ())
G_DECLARE_FINAL_TYPE (SpCheckpoint, sp_checkpoint, SP, CHECKPOINT, GObject)

#define SP_CHECKPOINT_SECONDS_MIN 5
#define SP_CHECKPOINT_SECONDS_MAX 3600

/* Takes up what a daemon before left in the folder: what is over comes back before the settings are
 * read, the rest is waited for.  Borrows the server. */
SpCheckpoint *sp_checkpoint_new (SpServer *server, const char *folder);

/* NULL: none is open. */
const char *sp_checkpoint_get_id (SpCheckpoint *self);
gint64 sp_checkpoint_get_until (SpCheckpoint *self); /* µs since the epoch; 0: none is open */

/* For so many seconds, SP_CHECKPOINT_SECONDS_MIN to _MAX.  Errors: SP_ERROR_CHECKPOINT_ACTIVE,
 * SP_ERROR_INVALID_ARGUMENTS (the settings' file is wrong already), SP_ERROR_FAILED. */
gboolean sp_checkpoint_create (SpCheckpoint *self, guint seconds, GError **error);
/* The settings stay as they are.  Errors: SP_ERROR_NOT_FOUND (it is over), SP_ERROR_FAILED. */
gboolean sp_checkpoint_confirm (SpCheckpoint *self, const char *id, GError **error);
/* The settings of before come back.  A server that was on is on again with them, which takes a new
 * start if some of them apply only then.  Errors: those of confirming, and of starting; with the
 * latter the settings are back all the same. */
void sp_checkpoint_rollback_async (SpCheckpoint *self,
                                   const char *id,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean sp_checkpoint_rollback_finish (SpCheckpoint *self, GAsyncResult *result, GError **error);

G_END_DECLS
