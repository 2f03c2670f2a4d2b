/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection-private.h"

#include "base/error.h"
#include "base/log.h"

#include <string.h>

/* What a worker may tell main.  It never decides who somebody is. */

static void
on_tunnel_requested (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpConnection *self = user_data;

  if (sp_link_get_phase (self->link) == SP_MAIN_WORKER_ENDING)
    return; /* crossed our STOP */
  self->facts.request = *(const SpTunnelRequested *) message;
  self->facts.has_request = TRUE;
  sp_link_enter (self->link, SP_MAIN_WORKER_WAITING);
  self->events->requested (self->user_data, self);
}

static void
on_attached (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpConnection *self = user_data;
  const SpAttached *attached = message;

  if (sp_link_get_phase (self->link) == SP_MAIN_WORKER_ENDING)
    return;
  sp_link_enter (self->link, SP_MAIN_WORKER_TUNNEL);
  self->events->attached (self->user_data, self, attached->mtu);
}

static void
on_channel_current (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpChannelCurrent *current = message;

  sp_connection_became_current (user_data, current->association);
}

static void
on_stray_proven (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpStrayProven *proven = message;

  sp_connection_stray_proven (user_data, proven->stray);
}

static void
on_channel_closed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  const SpChannelClosed *closed = message;

  sp_connection_end_association (user_data, closed->association);
}

static void
on_mtu_changed (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpConnection *self = user_data;
  const SpMtuChanged *changed = message;

  self->events->mtu_changed (self->user_data, self, changed->mtu);
}

static void
on_report (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpConnection *self = user_data;

  self->events->reported (self->user_data, self, message);
}

static void
on_reach_asked (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpConnection *self = user_data;
  const SpReachAsked *asked = message;

  if (sp_link_get_phase (self->link) != SP_MAIN_WORKER_ENDING)
    self->events->asked_reach (self->user_data, self, asked->digest);
}

static void
on_recalled (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  sp_connection_kill (user_data);
}

static void
on_client_left (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpConnection *self = user_data;
  const SpClientLeft *left = message;

  sp_connection_let_go (self);
  self->facts.left = (SpLeft) MIN (left->how, SP_LEFT_LAST);
  memcpy (self->facts.left_text, left->text, left->text_length);
  sp_link_enter (self->link, SP_MAIN_WORKER_ENDING);
  sp_connection_expect_end (self);
}

/* The end itself is told by the pidfd; a worker that broke the rules is helped to it. */
static void
on_closed (gpointer user_data, const GError *error)
{
  SpConnection *self = user_data;

  g_clear_pointer (&self->link, sp_link_free);
  if (!g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    {
      sp_log (SP_LOG_WARNING, "worker", "%d: %s", (int) self->facts.pid, error->message);
      sp_connection_kill (self);
      return;
    }
  sp_connection_expect_end (self);
}

const SpLinkTable sp_from_worker = {
  .handlers = {
    [SP_MESSAGE_TUNNEL_REQUESTED] = on_tunnel_requested,
    [SP_MESSAGE_ATTACHED] = on_attached,
    [SP_MESSAGE_CHANNEL_CURRENT] = on_channel_current,
    [SP_MESSAGE_CHANNEL_CLOSED] = on_channel_closed,
    [SP_MESSAGE_STRAY_PROVEN] = on_stray_proven,
    [SP_MESSAGE_MTU_CHANGED] = on_mtu_changed,
    [SP_MESSAGE_REPORT] = on_report,
    [SP_MESSAGE_RECALLED] = on_recalled,
    [SP_MESSAGE_REACH_ASKED] = on_reach_asked,
    [SP_MESSAGE_CLIENT_LEFT] = on_client_left,
  },
  .closed = on_closed,
};
