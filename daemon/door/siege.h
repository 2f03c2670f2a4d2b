/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether we are under attack.  PURE arithmetic: counts and the time are told, in microseconds of a
 * clock that starts above 0.
 *
 * What is turned away heats, and heat leaks.  It begins when so much came that leaking did not keep
 * up, and it is over when all has leaked, which takes a minute after the worst: so it does not come
 * and go with each pause of the attacker, and what scanners of the internet send never begins it.
 */

#define SP_SIEGE_LEAK  10  /* refused connections a second that are nothing special */
#define SP_SIEGE_BEGIN 300 /* refused connections that are too many at once */
#define SP_SIEGE_MOST                                                                              \
  600 /* more are not remembered: it is over SP_SIEGE_MOST / SP_SIEGE_LEAK                         \
       * seconds after them at the latest */
#define SP_SIEGE_DATAGRAMS 200 /* datagrams that weigh as much as one connection */

#define SP_SIEGE_NETWORKS_BITS 32768 /* of the sketch that counts networks */

typedef struct
{
  gboolean on;
  gint64 since;        /* of the first that was turned away; 0 while nothing happens */
  guint64 connections; /* turned away since then */
  guint64 datagrams;   /* dropped since then */
  /* behind it */
  guint64 heat; /* in datagrams */
  gint64 told;  /* up to when it has leaked */
  guint64 seed;
  gboolean noted; /* a network, since the last time that connections were told */
  guint n_empty;
  guint8 networks[SP_SIEGE_NETWORKS_BITS / 8];
} SpSiege;

/* `seed` is random, so that nobody outside chooses networks that look like one. */
void sp_siege_init (SpSiege *siege, guint64 seed);

/* A connection from this network (a number of base/prefix.h) was turned away. */
void sp_siege_note_network (SpSiege *siege, guint64 network, gint64 now);
/* So many more were turned away since the last call.  To be called when something was, and at the
 * end. */
void sp_siege_tell (SpSiege *siege, guint64 connections, guint64 datagrams, gint64 now);
/* When it is over if nothing more comes; G_MAXINT64 while there is none. */
gint64 sp_siege_get_end (const SpSiege *siege);
/* From how many networks connections came that were turned away: an estimate, within a few in a
 * hundred up to some ten thousand. */
guint sp_siege_count_networks (const SpSiege *siege);

/* How long, in microseconds, a stranger may take for its hello, who has `usual` otherwise: under
 * attack their lane is narrow, so that who hangs makes room for who speaks. */
#define SP_SIEGE_PATIENCE (2 * (gint64) G_USEC_PER_SEC)
gint64 sp_siege_get_patience (const SpSiege *siege, gint64 usual);

G_END_DECLS
