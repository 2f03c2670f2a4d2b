/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "connection.h"
#include "holding.h"

#include "link/link.h"
#include "link/watch.h"

G_BEGIN_DECLS

#define SP_ASSOCIATIONS_MAX                                                                        \
  4                     /* current, candidate, trial, and those that the worker is closing         \
                         */
#define SP_STRAYS_MAX 4 /* that may be offered to one worker within SP_STRAY_SECONDS */

/* A connected UDP socket that was lent to the worker.  Main keeps it to hand it to the door later.
 */
typedef struct
{
  guint32 number; /* from 1, in the life of the connection */
  SpEndpoint peer;
  int fd;            /* -1: free slot */
  gboolean on_trial; /* made for a stray: whether the client is there is not known yet */
} SpAssociation;

/* A record of an unknown peer that this worker was asked about: main believes nobody else where it
 * came from. */
typedef struct
{
  guint32 number; /* 0 = none */
  SpEndpoint peer;
  SpEndpoint local;
  gint64 offered_at;
} SpStray;

struct _SpConnection
{
  SpConnectionFacts facts;
  SpLink *link; /* NULL once the wall is closed */
  int pidfd;
  int stream; /* the client's connection, never read here: see sp_connection_recall; -1 = none */
  gboolean recalled;
  SpWatch *exit_watch; /* its process ends */
  guint goodbye_timer;
  gboolean stopped;
  SpAssociation associations[SP_ASSOCIATIONS_MAX];
  guint32 last_association;
  guint32 current_association; /* 0 = none */
  SpStray strays[SP_STRAYS_MAX];
  guint32 last_stray;
  gint64 last_roam;   /* monotonic */
  SpHolding *holding; /* keeps it; NULL = nobody does */
  SpKeepSession kept; /* as it was said last */
  const SpConnectionEvents *events;
  gpointer user_data;
};

extern const SpLinkTable sp_from_worker;

void sp_connection_expect_end (SpConnection *self);
void sp_connection_end_association (SpConnection *self, guint32 number);
/* Finds a free slot and fills it, takes *fd; NULL if there is none, or the peer has one already. */
SpAssociation *sp_connection_add_association (SpConnection *self, const SpEndpoint *peer, int *fd);
SpAssociation *sp_connection_find_association (SpConnection *self, guint32 number);
SpAssociation *sp_connection_find_peer (SpConnection *self, const SpEndpoint *peer);

/* connection-keeping.c: what is kept of one that is kept follows */
void sp_connection_keep_association (SpConnection *self, const SpAssociation *association);
void sp_connection_keep_numbers (SpConnection *self);
void sp_connection_let_association_go (SpConnection *self, guint32 number);
/* It is on its way out: no other main shall have it. */
void sp_connection_let_go (SpConnection *self);

/* connection-roaming.c: what the worker says about it */
void sp_connection_stray_proven (SpConnection *self, guint32 number);
void sp_connection_became_current (SpConnection *self, guint32 number);

G_END_DECLS
