/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "walls/main-holder.h"

G_BEGIN_DECLS

/* Main's end of the wall to its holder (see walls/main-holder.h): what it kept of a main before,
 * and what it shall keep of this one.  Without a holder nothing is kept, and all of this does
 * nothing; of no holding (NULL) there is no server, and telling it anything does nothing. */
typedef struct _SpHolding SpHolding;

/* A session that was kept.  Who takes a descriptor sets it to -1. */
typedef struct
{
  SpSessionKept said;
  int fds[SP_KEPT_DESCRIPTORS];
  guint n_channels;
  SpChannelKept channels[SP_HOLDER_CHANNELS_MAX];
  int channel_fds[SP_HOLDER_CHANNELS_MAX];
} SpKeptSession;

/* Listens to the holder that the environment names until it has said all, once in a program. */
SpHolding *sp_holding_open (void);
void sp_holding_free (SpHolding *self);
gboolean sp_holding_is_there (SpHolding *self);
/* There is one, of another build, with which nobody can talk: it renews itself when it is asked to
 * (SP_HOLDER_RENEW). */
gboolean sp_holding_is_strange (SpHolding *self);

/* What was kept; NULL or -1: nothing, or it was forgotten. */
const SpServerKept *sp_holding_get_server (SpHolding *self);
int sp_holding_take_door_keys (SpHolding *self);
int sp_holding_take_lock (SpHolding *self); /* that of the state folder */
/* Another one each time, and what it is. */
int sp_holding_take_listener (SpHolding *self, SpListenerKept *ret_said);
/* In the order of their places. */
guint sp_holding_count_sessions (SpHolding *self);
SpKeptSession *sp_holding_get_session (SpHolding *self, guint position);
/* What nobody took is closed, and not asked for any more; what was taken stays kept. */
void sp_holding_forget (SpHolding *self);

/* Callers are heard, from now on. */
void sp_holding_tell_serving (SpHolding *self);

/* From now on.  Descriptors are lent. */
void sp_holding_keep_server (SpHolding *self, const SpKeepServer *server);
void sp_holding_keep_door_keys (SpHolding *self, int fd);
void sp_holding_keep_lock (SpHolding *self, int fd);
void sp_holding_keep_listener (SpHolding *self, const SpKeepListener *listener, int fd);
void sp_holding_let_listener_go (SpHolding *self, const SpLetListenerGo *listener);
/* Another description of one that is kept needs no descriptors: NULL. */
void sp_holding_keep_session (SpHolding *self, const SpKeepSession *session, const int *fds);
gboolean sp_holding_has_session (SpHolding *self, guint64 worker);
void sp_holding_keep_channel (SpHolding *self, const SpKeepChannel *channel, int fd);
void sp_holding_let_channel_go (SpHolding *self, guint64 worker, guint32 number);
void sp_holding_let_session_go (SpHolding *self, guint64 worker);
void sp_holding_let_all_go (SpHolding *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHolding, sp_holding_free)

G_END_DECLS
