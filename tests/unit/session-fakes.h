/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session-registry.h"

G_BEGIN_DECLS

/* What stands in the place of workers, door and keyholder below the session registry: no process,
 * every call is remembered. */

/* Orders to the keyholder, in order: "hold 01 release 01 300 forget 01", by the session's first
 * byte; and to workers: "stop 01".  Empty again after it was read; free with g_free. */
char *sp_fakes_take_orders (void);
/* Whether the keyholder does not do what it is asked about devices. */
void sp_fakes_refuse_devices (gboolean refuse);
/* The last one that the door was told to be over. */
guint64 sp_fakes_get_ended_attachment (void);

typedef struct
{
  SpConnectionFacts facts; /* first: main's view of it */
  SpTunnelGranted granted;
  guint n_grants;
  guint16 refused; /* HTTP status; 0 = was not */
  guint n_recalls;
  gboolean stopped;
  gboolean killed;
  gboolean paused;
  guint n_kept;
  SpKeepSession kept;           /* as it was said last */
  guint64 allowance;            /* told after the grant */
  char text[SP_REASON_MAX + 1]; /* of the refusal or the stop */
  gboolean attached;            /* said so: takes candidates */
  guint n_candidates;
  gboolean deaf;  /* takes no strays */
  guint n_strays; /* that it was offered and took */
} SpFakeConnection;

/* One whose cookie of this session and user was accepted, and which asked for a tunnel. */
SpConnection *sp_fake_connection_new (const guint8 *session, const guint8 *user);
SpFakeConnection *sp_fake_connection (SpConnection *connection);
void sp_fake_connection_free (SpConnection *connection);

G_END_DECLS
