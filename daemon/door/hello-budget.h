/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "codec/dtls-datagram.h"

#include <glib.h>

G_BEGIN_DECLS

/* How much work hellos with a genuine id may cause.  PURE, fixed memory; the time is told.
 *
 * An id travels in the clear, so anybody on the path can replay it, also from forged addresses.
 * Each attachment therefore has two lanes: its owner's and everybody else's, so that the latter
 * cannot starve the former.  The owner is the address that first proved by a cookie that it
 * receives there what we send; until somebody did, it is the one that was heard first.
 *
 * A hello of a mode that is not challenged (walls/main-door.h: SpHelloMode) proves no address, so
 * its owner stays the one that was heard first.  Whoever read the id on the path can send such a
 * hello from forged addresses.  That costs main a socket and the worker a handshake's first step,
 * at most once in SP_HELLO_REPEAT_SECONDS for each attachment beside its owner's own hellos; it
 * makes the worker send one flight of about twice the hello's size, and its retransmissions, to the
 * forged address; and it may push out a candidate that has not finished.  It never touches the
 * current channel, for which the keys are needed. */

typedef struct _SpHelloBudget SpHelloBudget;

SpHelloBudget *sp_hello_budget_new (const guint64 seed[2]);
void sp_hello_budget_free (SpHelloBudget *budget);

/* A hello with a genuine id arrived: may it cost us a cookie (to check or to send)?  Those that
 * bring a cookie have a budget of their own: who repeats a client's first hello, be it from the
 * client's own address and port, cannot use up what its second one needs, since nobody has seen
 * that yet. */
gboolean sp_hello_budget_spend (SpHelloBudget *budget,
                                guint64 attachment,
                                const SpEndpoint *peer,
                                gboolean has_cookie,
                                gint64 now);

/* A hello with a valid cookie (`proved`), or one that needs none: may it go to main?  One a second
 * in each lane; and the same hello from the same peer, being a retransmission, not before
 * SP_HELLO_REPEAT_SECONDS: a peer that has its own socket by then is not heard here any more.
 * Neither is one of the others that proved nothing. */
#define SP_HELLO_REPEAT_SECONDS 3
gboolean sp_hello_budget_may_forward (SpHelloBudget *budget,
                                      guint64 attachment,
                                      const SpEndpoint *peer,
                                      const SpDtlsHello *hello,
                                      gboolean proved,
                                      gint64 now);
/* It went to main. */
void sp_hello_budget_forwarded (SpHelloBudget *budget,
                                guint64 attachment,
                                const SpEndpoint *peer,
                                const SpDtlsHello *hello,
                                gint64 now);

/* The attachment is over: nothing is done for its id any more, as long as there is room to remember
 * that. */
void sp_hello_budget_end (SpHelloBudget *budget, guint64 attachment, gint64 now);
gboolean sp_hello_budget_is_over (SpHelloBudget *budget, guint64 attachment);

gsize sp_hello_budget_get_size (const SpHelloBudget *budget); /* bytes; constant */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHelloBudget, sp_hello_budget_free)

G_END_DECLS
