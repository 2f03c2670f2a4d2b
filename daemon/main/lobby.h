/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "crowd.h"

G_BEGIN_DECLS

/* Clients whom the door admitted and who wait for a worker.  A worker costs a fork and a handshake,
 * so strangers are served from a budget; who comes from where somebody signed in lately goes first
 * and needs none.  Among strangers the one from the least crowded network is next, and when the
 * lobby is full one from the most crowded network goes.  The time is told, monotonic µs. */
typedef struct _SpLobby SpLobby;

typedef struct
{
  SpEndpoint peer;
  SpEndpoint local;
  gboolean is_forwarded; /* a proxy is between, which said who it is */
  int fd;
} SpWaitingClient;

SpLobby *sp_lobby_new (void);
void sp_lobby_free (SpLobby *self);
void sp_waiting_client_free (SpWaitingClient *client);

/* Takes *fd, whatever the client's own says.  Returns who had to go when there would be more than
 * `max`, perhaps the newcomer. */
SpWaitingClient *sp_lobby_enter (
    SpLobby *self, const SpWaitingClient *client, int *fd, guint max, gint64 now);
/* How many may be served now. */
guint sp_lobby_count_turns (SpLobby *self, gint64 now);
/* Whose turn it is; FALSE: nobody's. */
gboolean sp_lobby_look (SpLobby *self, gint64 now, SpStranger *ret);
/* The same one leaves the lobby; NULL: nobody. */
SpWaitingClient *sp_lobby_take (SpLobby *self, gint64 now);
/* µs until it is somebody's turn; G_MAXINT64 while nobody waits. */
gint64 sp_lobby_get_wait (SpLobby *self, gint64 now);

/* Somebody signed in from there. */
void sp_lobby_met (SpLobby *self, const guint8 *address, gint64 now);
gboolean sp_lobby_has_met (SpLobby *self, const guint8 *address, gint64 now);
/* Whoever waits from there is sent away, or everybody with NULL. */
void sp_lobby_drop (SpLobby *self, const SpNetwork *network);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpWaitingClient, sp_waiting_client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpLobby, sp_lobby_free)

G_END_DECLS
