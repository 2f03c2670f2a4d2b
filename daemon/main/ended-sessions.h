/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* Ids of sessions whose cookie died lately.  The keyholder may have accepted a cookie just before
 * it died, while the worker's request for the tunnel is still under way: who asks for one of these
 * has come too late.  An id is drawn anew at each sign-in and never returns, so that forgetting the
 * oldest is the only way out of here; there is room for every session to end in one moment. */
typedef struct
{
  guint8 ids[SP_SESSIONS_MAX][SP_ID_SIZE];
  guint n;    /* how many are filled */
  guint next; /* the place of the next one */
} SpEndedSessions;

void sp_ended_sessions_add (SpEndedSessions *self, const guint8 *id);
gboolean sp_ended_sessions_has (const SpEndedSessions *self, const guint8 *id);

G_END_DECLS
