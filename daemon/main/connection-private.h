/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "connection.h"

#include "link/link.h"

G_BEGIN_DECLS

#define SP_ASSOCIATIONS_MAX 4 /* current, candidate, and those that the worker is closing */

/* A connected UDP socket that was lent to the worker.  Main keeps it to hand it to the door later.
 */
typedef struct
{
  guint32 number; /* from 1, in the life of the connection */
  SpEndpoint peer;
  int fd; /* -1: free slot */
} SpAssociation;

struct _SpConnection
{
  SpConnectionFacts facts;
  SpLink *link; /* NULL once the wall is closed */
  int pidfd;
  guint exit_source;
  guint goodbye_timer;
  gboolean stopped;
  SpAssociation associations[SP_ASSOCIATIONS_MAX];
  guint32 last_association;
  const SpConnectionEvents *events;
  gpointer user_data;
};

extern const SpLinkTable sp_from_worker;

void sp_connection_expect_end (SpConnection *self);
void sp_connection_end_association (SpConnection *self, guint32 number);
gboolean sp_connection_has_association (SpConnection *self, const SpCandidate *candidate);

G_END_DECLS
