/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which channel carries packets to the client.  A pure state machine: told facts and the time
 * (microseconds), asked when there is something to send. */

#define SP_PATH_SILENCE_SECONDS 25 /* the client's NAT may have forgotten it by then */
#define SP_PATH_PROBE_SECONDS   10 /* ask before, so that a one-way stream does not change over */

typedef enum
{
  SP_PATH_STREAM,
  SP_PATH_DATAGRAM,
  SP_PATH_DATAGRAM_PROBE /* the datagram channel, and a DPD request with it */
} SpPath;

typedef enum
{
  SP_PATH_NO_DATAGRAM, /* there is no such channel */
  SP_PATH_ACTIVE,
  SP_PATH_INACTIVE /* there is one, but the client seems not to use it */
} SpPathState;

typedef struct
{
  SpPathState state;
  gint64 heard;
  gboolean probed; /* since it was heard last */
} SpPathChoice;

void sp_path_choice_init (SpPathChoice *choice);

/* Facts */
void sp_path_choice_datagram_heard (SpPathChoice *choice,
                                    gint64 now);           /* any authenticated record */
void sp_path_choice_datagram_gone (SpPathChoice *choice);  /* the channel is closed */
void sp_path_choice_datagram_lost (SpPathChoice *choice);  /* the channel is silent */
void sp_path_choice_stream_carried (SpPathChoice *choice); /* a packet came over the stream */

SpPath sp_path_choice_ask (SpPathChoice *choice, gint64 now);

G_END_DECLS
