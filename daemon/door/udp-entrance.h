/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ban-list.h"
#include "poller.h"
#include "tally.h"
#include "to-main.h"

G_BEGIN_DECLS

/* UDP: datagrams of peers that have no socket of their own, on the listening sockets and on the
 * lingering ones.  No datagram changes anything before its id and its cookie verify. */

typedef struct _SpUdpEntrance SpUdpEntrance;

/* All borrowed. */
SpUdpEntrance *sp_udp_entrance_new (int poller, SpToMain *to_main, SpTally *tally, gint64 now);
void sp_udp_entrance_free (SpUdpEntrance *entrance);

/* Once, before anything is minted or received; see id-keys.h. */
void sp_udp_entrance_recall_keys (SpUdpEntrance *entrance, int fd);
/* Takes a bound socket that tells local addresses; FALSE if there are too many. */
/* Whom not to hear; borrowed.  NULL: everybody is heard. */
void sp_udp_entrance_heed_bans (SpUdpEntrance *entrance, const SpBanList *bans);

gboolean sp_udp_entrance_listen (SpUdpEntrance *entrance, int fd);
/* Takes a connected socket whose association ended. */
void sp_udp_entrance_linger (SpUdpEntrance *entrance, int fd, guint64 attachment, gint64 now);
/* Hellos with its id are late from here on. */
void sp_udp_entrance_end_attachment (SpUdpEntrance *entrance, guint64 attachment, gint64 now);
void sp_udp_entrance_mint (SpUdpEntrance *entrance,
                           guint64 attachment,
                           SpHelloMode mode,
                           guint8 ret_id[SP_APP_ID_SIZE]);

void sp_udp_entrance_receive (SpUdpEntrance *entrance, const SpEvent *event);
void sp_udp_entrance_drain (SpUdpEntrance *entrance, const SpEvent *event);
/* Does what is due; returns when something will be. */
gint64 sp_udp_entrance_tick (SpUdpEntrance *entrance, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpUdpEntrance, sp_udp_entrance_free)

G_END_DECLS
