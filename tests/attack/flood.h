/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "flood-kinds.h"

#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* One flood: what is sent, to whom, from where and how fast; and what came of it. */

typedef struct
{
  const FloodKind *kind;
  SpEndpoint server;
  gboolean chooses_source; /* else the kernel does */
  SpNetwork sources;
  guint32 source_count; /* of IPv4 sources, from the first on; an IPv6 network is taken at random */
  guint rate;
  guint at_once;
  gint64 duration; /* microseconds */
  gboolean tells_progress;
  const char *name;
  const char *login;
  guint8 id[SP_APP_ID_SIZE];
} FloodPlan;

typedef struct
{
  guint64 begun;     /* connections tried, datagrams sent */
  guint64 connected; /* TCP's handshake was done */
  guint64 refused;   /* it was not */
  guint64 handshakes;
  guint64 guesses;
  guint64 ended;   /* by the server */
  guint64 dropped; /* by us, to make room */
  guint64 bytes_sent;
  guint64 answers; /* reads that brought something, datagrams that came */
  guint64 bytes_received;
  guint64 skipped; /* could not be sent in time: the plan is faster than this machine */
} FloodResult;

/* A fast generator of bytes that nobody has to be afraid of. */
typedef struct
{
  guint64 state;
} FloodDice;

guint64 flood_dice_roll (FloodDice *dice);
void flood_dice_fill (FloodDice *dice, guint8 *bytes, gsize size);

/* The source of the n-th. */
void flood_source (const FloodPlan *plan, guint64 n, FloodDice *dice, guint8 ret[SP_ADDRESS_SIZE]);
/* A socket to the server's family whose source may be any address that routes lead back to us. */
int flood_open_socket (const FloodPlan *plan, int type);

/* How many are due after so long; `done` of them were.  What cannot be caught up in a hundredth of
 * a second is not tried any more, and counted. */
guint flood_due (const FloodPlan *plan, gint64 elapsed, guint64 done, FloodResult *result);

/* One line of JSON. */
void flood_print (const FloodPlan *plan, const FloodResult *result, gint64 elapsed);
/* The same about every second, if that is wished for; `told` is 0 at first. */
void flood_tell_progress (const FloodPlan *plan,
                          const FloodResult *result,
                          gint64 elapsed,
                          gint64 *told);

void flood_streams (const FloodPlan *plan, FloodResult *ret);
void flood_datagrams (const FloodPlan *plan, FloodResult *ret);

G_END_DECLS
