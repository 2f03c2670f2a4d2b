/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-registry-private.h"

#include "base/io.h"
#include "base/log.h"
#include "platform/listener.h"

#include <string.h>

/* A verified hello becomes a connected socket for the worker that holds the session. */

#define HELLO_INTERVAL_MICROSECONDS (G_USEC_PER_SEC)
/* Some 200 datagrams that wait for a worker's turn on the CPU.  The system's own size loses half as
 * many again in a fast upload; twice this one doubles the ping of a loaded tunnel. */
#define RECEIVE_BUFFER (256 * 1024)

static SpSession *
find_by_attachment (SpSessionRegistry *self, guint64 attachment)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      SpSessionEstate *estate = sp_session_get_estate (self->sessions->pdata[i]);
      if (estate->attachment == attachment && estate->holder != NULL)
        return self->sessions->pdata[i];
    }
  return NULL;
}

static void
candidate_from_hello (SpCandidate *candidate, const SpHelloVerified *hello)
{
  memset (candidate, 0, sizeof *candidate);
  memcpy (candidate->peer_address, hello->peer_address, SP_ADDRESS_SIZE);
  candidate->peer_port = hello->peer_port;
  memcpy (candidate->local_address, hello->local_address, SP_ADDRESS_SIZE);
  candidate->local_port = hello->local_port;
  memcpy (candidate->prestate, hello->prestate, sizeof candidate->prestate);
  memcpy (candidate->datagram, hello->datagram, hello->datagram_length);
  candidate->datagram_length = hello->datagram_length;
}

void
sp_session_registry_set_listeners (SpSessionRegistry *self,
                                   const SpDoorListener *listeners,
                                   guint n_listeners)
{
  self->listeners = listeners;
  self->n_listeners = n_listeners;
}

guint64
sp_session_registry_get_last_attachment (SpSessionRegistry *self)
{
  return self->last_attachment;
}

gboolean
sp_session_registry_has_attachment_until (SpSessionRegistry *self, guint64 attachment)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      const SpSessionEstate *estate = sp_session_get_estate (self->sessions->pdata[i]);

      if (estate->holder != NULL && estate->attachment != 0 && estate->attachment <= attachment)
        return TRUE;
    }
  return FALSE;
}

/* The one that the datagram came in at: the address itself, or all of them with that port.  -1:
 * none has the port. */
static int
find_listener (SpSessionRegistry *self, const SpEndpoint *local)
{
  int found = -1;

  for (guint i = 0; i < self->n_listeners; i++)
    {
      const SpDoorListener *listener = &self->listeners[i];

      if (listener->kind != SP_LISTENER_UDP || listener->local.port != local->port)
        continue;
      if (sp_endpoint_equal (&listener->local, local))
        return listener->fd;
      if (sp_address_is_unset (listener->local.address))
        found = listener->fd;
    }
  return found;
}

int
sp_session_registry_open_association (SpSessionRegistry *self,
                                      const SpEndpoint *peer,
                                      const SpEndpoint *local,
                                      GError **error)
{
  SpAssociationPlan plan = { .peer = *peer,
                             .local = *local,
                             .mtu_discovery = SP_MTU_DISCOVERY_OFF,
                             .receive_buffer = RECEIVE_BUFFER,
                             .receive_coalesced = TRUE };

  return sp_association_open (find_listener (self, local), &plan, error);
}

void
sp_session_registry_tell_no_socket (SpSessionRegistry *self, const GError *error)
{
  guint suppressed;

  if (sp_log_throttle (&self->no_sockets, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_WARNING, "session", "no datagram socket: %s (%u more in the minutes before)",
            error->message, suppressed);
}

static void
offer_candidate (SpSessionRegistry *self, SpSessionEstate *estate, const SpHelloVerified *hello)
{
  SpEndpoint peer = { .port = hello->peer_port };
  SpEndpoint local = { .port = hello->local_port };
  g_autofree SpCandidate *candidate = NULL;
  g_autoptr (GError) error = NULL;
  sp_autofd int fd = -1;

  if (g_get_monotonic_time () - estate->last_hello < HELLO_INTERVAL_MICROSECONDS)
    return;
  candidate = g_new (SpCandidate, 1);
  candidate_from_hello (candidate, hello);
  memcpy (peer.address, hello->peer_address, SP_ADDRESS_SIZE);
  memcpy (local.address, hello->local_address, SP_ADDRESS_SIZE);
  fd = sp_session_registry_open_association (self, &peer, &local, &error);
  if (fd < 0)
    {
      sp_session_registry_tell_no_socket (self, error);
      estate->last_hello = g_get_monotonic_time ();
      return;
    }
  if (sp_connection_offer_candidate (estate->holder, candidate, &fd))
    estate->last_hello = g_get_monotonic_time ();
}

/* The worker says ATTACHED before its client learns the id, but the hello comes by another wall and
 * may be read first.  The door takes no repetition for some seconds: it must not be lost here. */
void
sp_session_registry_hello (SpSessionRegistry *self, const SpHelloVerified *hello)
{
  SpSession *session = find_by_attachment (self, hello->attachment);
  SpSessionEstate *estate = session != NULL ? sp_session_get_estate (session) : NULL;

  if (estate == NULL)
    return;
  if (sp_connection_takes_datagrams (estate->holder))
    {
      offer_candidate (self, estate, hello);
      return;
    }
  g_free (estate->early_hello);
  estate->early_hello = g_memdup2 (hello, sizeof *hello);
}

void
sp_session_registry_serve_early_hello (SpSessionRegistry *self, SpSession *session)
{
  g_autofree SpHelloVerified *hello =
      g_steal_pointer (&sp_session_get_estate (session)->early_hello);

  if (hello != NULL)
    sp_session_registry_hello (self, hello);
}
