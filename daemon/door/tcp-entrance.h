/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ban-list.h"
#include "name-gate.h"
#include "proxy-list.h"
#include "poller.h"
#include "tally.h"
#include "to-main.h"

G_BEGIN_DECLS

/* TCP: accept, look at the ClientHello without reading it, pass the socket to main. */

typedef struct _SpTcpEntrance SpTcpEntrance;

#define SP_HELLO_MILLISECONDS_DEFAULT 5000
#define SP_HELLO_MILLISECONDS_MIN     100
#define SP_HELLO_MILLISECONDS_MAX     60000

/* All but the limits are borrowed; 0 = the built-in value. */
SpTcpEntrance *sp_tcp_entrance_new (
    int poller, SpToMain *to_main, SpTally *tally, guint half_open_max, guint hello_milliseconds);
void sp_tcp_entrance_free (SpTcpEntrance *entrance);

/* Whom not to let in; borrowed.  NULL: everybody may. */
void sp_tcp_entrance_heed_bans (SpTcpEntrance *entrance, const SpBanList *bans);
/* Which server names to let in; borrowed.  NULL: any. */
void sp_tcp_entrance_heed_gate (SpTcpEntrance *entrance, SpNameGate *gate);

/* Whose connections begin with a PROXY header; lent. */
void sp_tcp_entrance_heed_proxies (SpTcpEntrance *entrance, const SpProxyList *proxies);

/* Takes a listening socket; FALSE if there are too many. */
gboolean sp_tcp_entrance_listen (SpTcpEntrance *entrance, int fd);

void sp_tcp_entrance_accept (SpTcpEntrance *entrance, const SpEvent *event);
void sp_tcp_entrance_look (SpTcpEntrance *entrance, const SpEvent *event);
/* The wall is writable again. */
void sp_tcp_entrance_resume (SpTcpEntrance *entrance, gint64 now);
/* Main tells how a connection ended. */
void sp_tcp_entrance_ended (SpTcpEntrance *entrance,
                            const guint8 *address,
                            SpOutcome outcome,
                            gint64 now);
/* Does what is due; returns when something will be. */
gint64 sp_tcp_entrance_tick (SpTcpEntrance *entrance, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTcpEntrance, sp_tcp_entrance_free)

G_END_DECLS
