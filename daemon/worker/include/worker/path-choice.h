/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which channel carries packets to the client.  A pure state machine: told facts and the time
 * (microseconds), asked when there is something to send. */

#define SP_PATH_SILENCE_SECONDS 25 /* the client's NAT may have forgotten it by then */
/* Before that, whether silence is the path's or only the client's is asked: from here on with what
 * is sent, each second, so that a one-way stream does not change over for a lost answer. */
#define SP_PATH_PROBE_SECONDS   2
#define SP_PATH_REPROBE_SECONDS 1
#define SP_PATH_UNHEARD_SECONDS 3 /* after the first such question: nothing comes back */

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
  gint64 first_probe; /* since it was heard last; 0 = none */
  gint64 last_probe;
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
