/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listener-set.h"

#include "base/error.h"
#include "base/io.h"
#include "platform/inherited.h"
#include "platform/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

G_STATIC_ASSERT (SP_LISTENERS_MAX >= 2 * (8 + SP_ALSO_LISTEN_MAX)); /* listen-addresses, and more */

/* FileDescriptorName= of the socket unit */
#define SP_SOCKETS_NAME "clients"

typedef struct
{
  const SpSettings *settings;
  const SpListenerSet *before; /* or NULL */
  SpListenerSet *set;
} Opening;

/* --- what there is --- */

static gboolean
is_same (const SpDoorListener *one, const SpDoorListener *other)
{
  return one->kind == other->kind && sp_endpoint_equal (&one->local, &other->local) &&
         strcmp (one->device, other->device) == 0;
}

const SpDoorListener *
sp_listener_set_find (const SpListenerSet *self, const SpDoorListener *like)
{
  for (guint i = 0; i < self->n_listeners; i++)
    if (is_same (&self->listeners[i], like))
      return &self->listeners[i];
  return NULL;
}

gboolean
sp_listener_set_equal (const SpListenerSet *self, const SpListenerSet *other)
{
  gboolean equal = self->n_listeners == other->n_listeners;

  for (guint i = 0; equal && i < self->n_listeners; i++)
    {
      const SpDoorListener *found = sp_listener_set_find (other, &self->listeners[i]);

      equal = found != NULL && found->retired_at == self->listeners[i].retired_at;
    }
  return equal;
}

gboolean
sp_listener_set_has_retired (const SpListenerSet *self)
{
  for (guint i = 0; i < self->n_listeners; i++)
    if (self->listeners[i].retired_at != 0)
      return TRUE;
  return FALSE;
}

gboolean
sp_listener_set_add (SpListenerSet *self, const SpDoorListener *listener)
{
  int fd = listener->fd;

  if (self->n_listeners == SP_DOOR_SOCKETS_MAX)
    {
      sp_fd_clear (&fd);
      return FALSE;
    }
  self->listeners[self->n_listeners++] = *listener;
  return TRUE;
}

static int
copy_descriptor (int fd, GError **error)
{
  int copy = fcntl (fd, F_DUPFD_CLOEXEC, 0);

  if (copy < 0)
    sp_error_set_errno (error, errno, "keeping a socket");
  return copy;
}

/* --- what is wanted --- */

/* An error says which key to change; what is wrong with a single port needs no such hint. */
static void
name_key (GError **error, const char *key)
{
  if (error != NULL && *error != NULL)
    g_prefix_error (error, "%s: ", key);
}

/* Whether others of ours are at the port; of TCP they share it, or do not any more. */
static gboolean
share_port (Opening *self, const SpDoorListener *wanted, gboolean share)
{
  gboolean is_shared = FALSE;

  for (guint i = 0; self->before != NULL && i < self->before->n_listeners; i++)
    {
      const SpDoorListener *one = &self->before->listeners[i];

      if ((one->kind == SP_LISTENER_UDP) != (wanted->kind == SP_LISTENER_UDP) ||
          one->local.port != wanted->local.port)
        continue;
      if (one->kind != SP_LISTENER_UDP)
        sp_listener_share (one->fd, share);
      is_shared = TRUE;
    }
  return is_shared;
}

/* Those of before go on until these take their place, also where one stands for the other. */
static int
open_socket (Opening *self, const SpDoorListener *wanted, GError **error)
{
  static const SpListenerKind kinds[] = { [SP_LISTENER_TCP] = SP_LISTENER_STREAM,
                                          [SP_LISTENER_UDP] = SP_LISTENER_DATAGRAM,
                                          [SP_LISTENER_METRICS] = SP_LISTENER_LOCAL };
  SpListenerKind kind = kinds[wanted->kind];
  int fd;

  if (!share_port (self, wanted, TRUE))
    return sp_listener_open_on (wanted->device, kind, &wanted->local, error);
  fd = sp_listener_open_beside (wanted->device, kind, &wanted->local, error);
  (void) share_port (self, wanted, FALSE);
  return fd;
}

static gboolean
open_listener (
    Opening *self, guint8 kind, const SpEndpoint *local, const char *device, GError **error)
{
  SpDoorListener wanted = { .kind = kind, .local = *local };
  const SpDoorListener *earlier;

  g_strlcpy (wanted.device, device, sizeof wanted.device);
  earlier = self->before != NULL ? sp_listener_set_find (self->before, &wanted) : NULL;
  wanted.fd =
      earlier != NULL ? copy_descriptor (earlier->fd, error) : open_socket (self, &wanted, error);
  return wanted.fd >= 0 && sp_listener_set_add (self->set, &wanted);
}

static gboolean
open_place (Opening *self, const SpEndpoint *tcp, guint16 udp_port, GError **error)
{
  const char *device = self->settings->listen_device;
  SpEndpoint udp = *tcp;

  udp.port = udp_port;
  return open_listener (self, SP_LISTENER_TCP, tcp, device, error) &&
         (udp_port == 0 || open_listener (self, SP_LISTENER_UDP, &udp, device, error));
}

static gboolean
open_addresses (Opening *self, GError **error)
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
    name_key (error, "[server] listen-addresses");
  return opened;
}

static gboolean
open_more (Opening *self, GError **error)
{
  const SpEndpointList *more = &self->settings->also_listen;

  for (guint i = 0; i < more->n; i++)
    if (!open_place (self, &more->items[i], self->settings->udp_port != 0 ? more->items[i].port : 0,
                     error))
      {
        name_key (error, "[server] also-listen");
        return FALSE;
      }
  return TRUE;
}

/* Sockets of one that is gone are good again when it comes back. */
static gboolean
check_device (Opening *self, GError **error)
{
  const char *device = self->settings->listen_device;

  for (guint i = 0; self->before != NULL && i < self->before->n_listeners; i++)
    if (strcmp (self->before->listeners[i].device, device) == 0)
      return TRUE;
  if (device[0] == '\0' || sp_listener_has_device (device))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND,
               "[server] listen-device: this machine has no network device %s now", device);
  return FALSE;
}

/* They are for this computer alone, whichever device clients come by. */
static gboolean
open_metrics (Opening *self, GError **error)
{
  for (guint i = 0; i < self->settings->metrics.n; i++)
    if (!open_listener (self, SP_LISTENER_METRICS, &self->settings->metrics.items[i], "", error))
      {
        name_key (error, "[log] metrics");
        return FALSE;
      }
  return TRUE;
}

static gboolean
open_own (Opening *self, GError **error)
{
  return check_device (self, error) && open_addresses (self, error) && open_more (self, error);
}

/* --- what was handed over --- */

static gboolean
adopt (Opening *self, const SpInherited *inherited, GError **error)
{
  SpDoorListener listener = { .is_handed = TRUE };
  SpListenerKind kind;

  if (self->set->n_listeners == SP_LISTENERS_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "more than %d sockets for clients were handed over", SP_LISTENERS_MAX);
      return FALSE;
    }
  if (!sp_listener_adopt (inherited->fd, &kind, &listener.local, error))
    return FALSE;
  listener.kind = kind == SP_LISTENER_STREAM ? SP_LISTENER_TCP : SP_LISTENER_UDP;
  /* The original stays, for the next time that the server is turned on. */
  listener.fd = copy_descriptor (inherited->fd, error);
  return listener.fd >= 0 && sp_listener_set_add (self->set, &listener);
}

/* Sockets named SP_SOCKETS_NAME were opened for us by who started the daemon. */
static gboolean
adopt_all (Opening *self, const GPtrArray *handed, GError **error)
{
  for (guint i = 0; handed != NULL && i < handed->len; i++)
    {
      const SpInherited *inherited = handed->pdata[i];

      if (strcmp (inherited->name, SP_SOCKETS_NAME) == 0 && !adopt (self, inherited, error))
        return FALSE;
    }
  return TRUE;
}

/* --- what is not wanted any more --- */

static guint
count_retired (const SpListenerSet *self)
{
  guint n = 0;

  for (guint i = 0; i < self->n_listeners; i++)
    n += self->listeners[i].retired_at != 0 ? 1 : 0;
  return n;
}

/* `were_retired`: those that were so before, or those that were not. */
static gboolean
retire (Opening *self, gboolean were_retired, guint64 last_attachment, GError **error)
{
  for (guint i = 0; i < self->before->n_listeners; i++)
    {
      SpDoorListener listener = self->before->listeners[i];

      if ((listener.retired_at != 0) != were_retired || listener.kind != SP_LISTENER_UDP ||
          listener.is_handed || sp_listener_set_find (self->set, &listener) != NULL ||
          count_retired (self->set) == SP_RETIRED_LISTENERS_MAX)
        continue;
      listener.retired_at = were_retired ? listener.retired_at : last_attachment;
      listener.fd = copy_descriptor (listener.fd, error);
      if (listener.fd < 0 || !sp_listener_set_add (self->set, &listener))
        return FALSE;
    }
  return TRUE;
}

/* The latest first: where there are too many, the oldest go. */
static gboolean
retire_rest (Opening *self, guint64 last_attachment, GError **error)
{
  return self->before == NULL ||
         (retire (self, FALSE, last_attachment, error) && retire (self, TRUE, 0, error));
}

/* --- life --- */

SpListenerSet *
sp_listener_set_open (const SpSettings *settings,
                      const GPtrArray *handed,
                      const SpListenerSet *before,
                      guint64 last_attachment,
                      GError **error)
{
  g_autoptr (SpListenerSet) set = g_new0 (SpListenerSet, 1);
  Opening opening = { .settings = settings, .before = before, .set = set };

  if (adopt_all (&opening, handed, error) && (set->n_listeners > 0 || open_own (&opening, error)) &&
      open_metrics (&opening, error) && retire_rest (&opening, last_attachment, error))
    return g_steal_pointer (&set);
  return NULL;
}

void
sp_listener_set_free (SpListenerSet *self)
{
  if (self == NULL)
    return;
  while (self->n_listeners > 0)
    sp_fd_clear (&self->listeners[--self->n_listeners].fd);
  g_free (self);
}

SpListenerSet *
sp_listener_set_thin_out (const SpListenerSet *self,
                          gboolean (*is_needed) (gpointer user_data, guint64 last_attachment),
                          gpointer user_data)
{
  g_autoptr (SpListenerSet) set = g_new0 (SpListenerSet, 1);

  for (guint i = 0; i < self->n_listeners; i++)
    {
      SpDoorListener listener = self->listeners[i];

      if (listener.retired_at != 0 && !is_needed (user_data, listener.retired_at))
        continue;
      listener.fd = copy_descriptor (listener.fd, NULL);
      if (listener.fd < 0 || !sp_listener_set_add (set, &listener))
        return NULL;
    }
  return set->n_listeners < self->n_listeners ? g_steal_pointer (&set) : NULL;
}
