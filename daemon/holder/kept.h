/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-holder.h"

G_BEGIN_DECLS

/* What main said that shall outlive it: each thing once, and bounded.  Descriptors that are kept
 * are closed when they are let go, replaced or freed. */
typedef struct _SpKept SpKept;

SpKept *sp_kept_new (void);
void sp_kept_free (SpKept *self);

/* Each takes the descriptors of `fds` that it keeps (sets them to -1).  FALSE: there is no room,
 * which only a main that goes wrong can cause. */
void sp_kept_put_server (SpKept *self, const SpKeepServer *server);
void sp_kept_put_door_keys (SpKept *self, int *fd);
void sp_kept_put_lock (SpKept *self, int *fd);
gboolean sp_kept_put_listener (SpKept *self, const SpKeepListener *listener, int *fd);
void sp_kept_remove_listener (SpKept *self, const SpLetListenerGo *listener);
gboolean sp_kept_put_session (SpKept *self, const SpKeepSession *session, int *fds);
/* Of one that is not kept nothing is. */
void sp_kept_change_session (SpKept *self, const SpChangeSession *session);
gboolean sp_kept_put_channel (SpKept *self, const SpKeepChannel *channel, int *fd);
void sp_kept_remove_channel (SpKept *self, guint64 worker, guint32 number);
void sp_kept_remove_session (SpKept *self, guint64 worker);
void sp_kept_clear (SpKept *self); /* all but the lock */
gboolean sp_kept_has_server (SpKept *self);
guint sp_kept_count_sessions (SpKept *self);

/* Hands each thing to `tell`, a session before its channels, until that says FALSE; `fds` are lent.
 * `message` is the struct of the message `type` of the wall. */
typedef gboolean (*SpKeptTell) (
    gpointer user_data, guint8 type, gconstpointer message, const int *fds, guint n_fds);
gboolean sp_kept_tell_all (SpKept *self, SpKeptTell tell, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpKept, sp_kept_free)

G_END_DECLS
