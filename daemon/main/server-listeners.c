/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

#include "base/error.h"
#include "base/io.h"
#include "platform/inherited.h"
#include "platform/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* The sockets that clients come to: opened here, read by the door alone. */

G_STATIC_ASSERT (SP_LISTENERS_MAX >= 2 * (8 + SP_ALSO_LISTEN_MAX)); /* listen-addresses, and more */

/* FileDescriptorName= of the socket unit */
#define SP_SOCKETS_NAME "clients"

/* An error says which key to change; what is wrong with a single port needs no such hint. */
static void
name_key (GError **error, const char *key)
{
  if (error != NULL && *error != NULL)
    g_prefix_error (error, "[server] %s: ", key);
}

static gboolean
open_listener (SpServer *self, guint8 kind, const SpEndpoint *local, GError **error)
{
  SpDoorListener *listener = &self->listeners[self->n_listeners];
  const char *device = self->settings->listen_device;

  listener->kind = kind;
  listener->local = *local;
  /* Those of an earlier main are taken all together, or none. */
  listener->fd = self->adopts ? sp_holding_take_listener (self->holding, kind, local, device)
                              : sp_listener_open_on (device[0] != '\0' ? device : NULL,
                                                     kind == SP_LISTENER_TCP ? SP_LISTENER_STREAM
                                                                             : SP_LISTENER_DATAGRAM,
                                                     local, error);
  if (listener->fd < 0)
    return FALSE;
  self->n_listeners++;
  return TRUE;
}

static gboolean
open_place (SpServer *self, const SpEndpoint *tcp, guint16 udp_port, GError **error)
{
  SpEndpoint udp = *tcp;

  udp.port = udp_port;
  return open_listener (self, SP_LISTENER_TCP, tcp, error) &&
         (udp_port == 0 || open_listener (self, SP_LISTENER_UDP, &udp, error));
}

static gboolean
open_addresses (SpServer *self, GError **error)
{
  const SpAddressList *addresses = &self->settings->listen_addresses;
  guint16 udp_port = (guint16) self->settings->udp_port;
  SpEndpoint tcp = { .port = (guint16) self->settings->port };
  gboolean opened = addresses->n > 0 || open_place (self, &tcp, udp_port, error);

  for (guint i = 0; opened && i < addresses->n; i++)
    {
      memcpy (tcp.address, addresses->items[i], SP_ADDRESS_SIZE);
      opened = open_place (self, &tcp, udp_port, error);
    }
  if (!opened && addresses->n > 0)
    name_key (error, "listen-addresses");
  return opened;
}

static gboolean
open_more (SpServer *self, GError **error)
{
  const SpEndpointList *more = &self->settings->also_listen;

  for (guint i = 0; i < more->n; i++)
    if (!open_place (self, &more->items[i], self->settings->udp_port != 0 ? more->items[i].port : 0,
                     error))
      {
        name_key (error, "also-listen");
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_device (SpServer *self, GError **error)
{
  const char *device = self->settings->listen_device;

  if (device[0] == '\0' || sp_listener_has_device (device))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND,
               "[server] listen-device: this machine has no network device %s now", device);
  return FALSE;
}

/* They are for this computer alone, whichever device clients come by. */
static gboolean
open_metrics (SpServer *self, GError **error)
{
  for (guint i = 0; i < self->settings->metrics.n; i++)
    {
      SpDoorListener *listener = &self->listeners[self->n_listeners];

      listener->kind = SP_LISTENER_METRICS;
      listener->local = self->settings->metrics.items[i];
      listener->fd = sp_listener_open (SP_LISTENER_LOCAL, &listener->local, error);
      if (listener->fd < 0)
        {
          if (error != NULL)
            g_prefix_error (error, "[log] metrics: ");
          return FALSE;
        }
      self->n_listeners++;
    }
  return TRUE;
}

static gboolean
adopt (SpServer *self, const SpInherited *inherited, GError **error)
{
  SpDoorListener *listener = &self->listeners[self->n_listeners];
  SpListenerKind kind;

  if (self->n_listeners == SP_LISTENERS_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "more than %d sockets for clients were handed over", SP_LISTENERS_MAX);
      return FALSE;
    }
  if (!sp_listener_adopt (inherited->fd, &kind, &listener->local, error))
    return FALSE;
  /* The original stays, for the next time that the server is turned on. */
  listener->fd = fcntl (inherited->fd, F_DUPFD_CLOEXEC, 0);
  if (listener->fd < 0)
    {
      sp_error_set_errno (error, errno, "keeping a socket");
      return FALSE;
    }
  listener->kind = kind == SP_LISTENER_STREAM ? SP_LISTENER_TCP : SP_LISTENER_UDP;
  self->n_listeners++;
  return TRUE;
}

/* Sockets named SP_SOCKETS_NAME were opened for us by who started the daemon. */
static gboolean
adopt_all (SpServer *self, GError **error)
{
  for (guint i = 0; self->inherited != NULL && i < self->inherited->len; i++)
    {
      const SpInherited *inherited = self->inherited->pdata[i];

      if (strcmp (inherited->name, SP_SOCKETS_NAME) == 0 && !adopt (self, inherited, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
open_own (SpServer *self, GError **error)
{
  return check_device (self, error) && open_addresses (self, error) && open_more (self, error);
}

gboolean
sp_server_open_listeners (SpServer *self, GError **error)
{
  if (adopt_all (self, error) && (self->n_listeners > 0 || open_own (self, error)) &&
      open_metrics (self, error))
    return TRUE;
  sp_server_close_listeners (self);
  return FALSE;
}

void
sp_server_close_listeners (SpServer *self)
{
  while (self->n_listeners > 0)
    sp_fd_clear (&self->listeners[--self->n_listeners].fd);
}

void
sp_server_tell_proxies (SpServer *self)
{
  sp_door_client_set_proxies (self->door, self->settings->proxies.items, self->settings->proxies.n);
}
