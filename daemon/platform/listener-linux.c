/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/listener.h"

#include "peer-filter-linux.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG              1024 /* the kernel bounds it by somaxconn */
#define DEFER_ACCEPT_SECONDS 10   /* a client that says nothing costs no descriptor until then */

/* After a run that was killed its workers take a moment to end and let go of the port. */
#define TRIES_MAX              20
#define TRY_AGAIN_MICROSECONDS 10000

static gboolean
set_option (int fd, int level, int option, int value, const char *what, GError **error)
{
  if (setsockopt (fd, level, option, &value, sizeof value) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "setting %s", what);
  return FALSE;
}

static int
open_socket (int family, int type, GError **error)
{
  int fd = socket (family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0)
    sp_error_set_errno (error, errno, "making a socket");
  return fd;
}

static gboolean
bind_socket (int fd, int family, const SpEndpoint *local, GError **error)
{
  struct sockaddr_storage address;
  socklen_t length = sp_endpoint_to_sockaddr (local, family, &address);
  char text[SP_ENDPOINT_TEXT_MAX];

  if (family == AF_INET6 && !set_option (fd, IPPROTO_IPV6, IPV6_V6ONLY, 0, "both families", error))
    return FALSE;
  if (bind (fd, (struct sockaddr *) &address, length) == 0)
    return TRUE;
  sp_endpoint_to_text (local, text);
  if (errno == EADDRNOTAVAIL)
    g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "This machine has no address %s", text);
  else
    sp_error_set_errno (error, errno, "listening on %s", text);
  return FALSE;
}

/* With SO_REUSEPORT the kernel would let us share the port with another program of the same user.
 */
static gboolean
port_is_free (int family, const SpEndpoint *local, GError **error)
{
  sp_autofd int probe = open_socket (family, SOCK_DGRAM, error);

  return probe >= 0 && (local->port == 0 || bind_socket (probe, family, local, error));
}

/* The group's selector: index 0, which is the listener, whatever the datagram is. */
static gboolean
attach_selector (int fd, GError **error)
{
  struct sock_filter code[] = { BPF_STMT (BPF_RET | BPF_K, 0) };
  struct sock_fprog program = { G_N_ELEMENTS (code), code };

  if (setsockopt (fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "choosing who gets datagrams");
  return FALSE;
}

static gboolean
prepare_datagrams (int fd, int family, const SpEndpoint *local, GError **error)
{
  gboolean wants_address =
      family == AF_INET6
          ? set_option (fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "packet information", error)
          : set_option (fd, IPPROTO_IP, IP_PKTINFO, 1, "packet information", error);

  return wants_address && port_is_free (family, local, error) &&
         set_option (fd, SOL_SOCKET, SO_REUSEPORT, 1, "sharing of the port", error) &&
         bind_socket (fd, family, local, error) && attach_selector (fd, error);
}

static gboolean
prepare_streams (int fd, int family, const SpEndpoint *local, GError **error)
{
  if (!set_option (fd, SOL_SOCKET, SO_REUSEADDR, 1, "reuse of the address", error) ||
      !set_option (fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, DEFER_ACCEPT_SECONDS, "deferred acceptance",
                   error) ||
      !bind_socket (fd, family, local, error))
    return FALSE;
  if (listen (fd, BACKLOG) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "listening");
  return FALSE;
}

static int
open_listener_once (int family, SpListenerKind kind, const SpEndpoint *local, GError **error)
{
  sp_autofd int fd =
      open_socket (family, kind == SP_LISTENER_STREAM ? SOCK_STREAM : SOCK_DGRAM, error);

  if (fd < 0)
    return -1;
  if (kind == SP_LISTENER_STREAM ? !prepare_streams (fd, family, local, error)
                                 : !prepare_datagrams (fd, family, local, error))
    return -1;
  return sp_fd_steal (&fd);
}

static int
open_listener (int family, SpListenerKind kind, const SpEndpoint *local, GError **error)
{
  for (guint i = 1;; i++)
    {
      g_autoptr (GError) own_error = NULL;
      int fd = open_listener_once (family, kind, local, &own_error);

      if (fd >= 0)
        return fd;
      if (own_error->code != SP_ERROR_PORT_IN_USE || i >= TRIES_MAX)
        {
          g_propagate_error (error, g_steal_pointer (&own_error));
          return -1;
        }
      g_usleep (TRY_AGAIN_MICROSECONDS);
    }
}

static gboolean
system_has_ipv6 (void)
{
  sp_autofd int fd = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  return fd >= 0;
}

int
sp_listener_open (SpListenerKind kind, const SpEndpoint *local, GError **error)
{
  gboolean any = sp_address_is_unset (local->address);
  int family =
      sp_address_is_ipv4 (local->address) || (any && !system_has_ipv6 ()) ? AF_INET : AF_INET6;
  SpEndpoint bound = *local;

  if (any && family == AF_INET)
    sp_address_from_ipv4 (bound.address, INADDR_ANY);
  return open_listener (family, kind, &bound, error);
}

gboolean
sp_listener_get_local (int fd, SpEndpoint *ret, GError **error)
{
  struct sockaddr_storage address;
  socklen_t length = sizeof address;

  if (getsockname (fd, (struct sockaddr *) &address, &length) == 0 &&
      sp_endpoint_from_sockaddr ((struct sockaddr *) &address, length, ret))
    return TRUE;
  sp_error_set_errno (error, errno, "asking a socket for its address");
  return FALSE;
}

static gboolean
set_mtu_discovery (int fd, int family, SpMtuDiscovery mtu_discovery, GError **error)
{
  static const int modes[] = { [SP_MTU_DISCOVERY_OFF] = IP_PMTUDISC_DONT,
                               [SP_MTU_DISCOVERY_KERNEL] = IP_PMTUDISC_DO,
                               [SP_MTU_DISCOVERY_PROBE] = IP_PMTUDISC_PROBE };
  int mode = modes[mtu_discovery];

  /* A socket of both families has both options. */
  return set_option (fd, IPPROTO_IP, IP_MTU_DISCOVER, mode, "MTU discovery", error) &&
         (family != AF_INET6 ||
          set_option (fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, mode, "MTU discovery", error));
}

/* Beyond the system's limit where we may, else up to it. */
static gboolean
set_buffer (int fd, int force_option, int option, gint bytes, GError **error)
{
  if (bytes == 0 || set_option (fd, SOL_SOCKET, force_option, bytes, "a buffer", NULL))
    return TRUE;
  return set_option (fd, SOL_SOCKET, option, bytes, "a buffer", error);
}

static gboolean
set_association_options (int fd, int family, const SpAssociationPlan *plan, GError **error)
{
  return set_option (fd, SOL_SOCKET, SO_REUSEPORT, 1, "sharing of the port", error) &&
         set_mtu_discovery (fd, family, plan->mtu_discovery, error) &&
         set_buffer (fd, SO_SNDBUFFORCE, SO_SNDBUF, plan->send_buffer, error) &&
         set_buffer (fd, SO_RCVBUFFORCE, SO_RCVBUF, plan->receive_buffer, error) &&
         (!plan->receive_coalesced ||
          set_option (fd, IPPROTO_UDP, UDP_GRO, 1, "coalesced receiving", error));
}

static gboolean
connect_socket (int fd, int family, const SpEndpoint *peer, GError **error)
{
  struct sockaddr_storage address;
  socklen_t length = sp_endpoint_to_sockaddr (peer, family, &address);
  char text[SP_ENDPOINT_TEXT_MAX];

  if (length > 0 && connect (fd, (struct sockaddr *) &address, length) == 0)
    return TRUE;
  sp_endpoint_to_text (peer, text);
  sp_error_set_errno (error, length > 0 ? errno : EAFNOSUPPORT, "answering %s", text);
  return FALSE;
}

static int
open_association (int family,
                  const SpEndpoint *bound,
                  const SpAssociationPlan *plan,
                  GError **error)
{
  sp_autofd int fd = open_socket (family, SOCK_DGRAM, error);

  if (fd < 0 || !set_association_options (fd, family, plan, error) ||
      !sp_peer_filter_attach (fd, &plan->peer, error) || !bind_socket (fd, family, bound, error) ||
      !connect_socket (fd, family, &plan->peer, error) || !sp_peer_filter_detach (fd, error))
    return -1;
  return sp_fd_steal (&fd);
}

int
sp_association_open (int listener, const SpAssociationPlan *plan, GError **error)
{
  SpEndpoint bound;
  SpEndpoint chosen;
  int family;
  socklen_t length = sizeof family;
  sp_autofd int fd = -1;

  if (!sp_listener_get_local (listener, &bound, error))
    return -1;
  if (getsockopt (listener, SOL_SOCKET, SO_DOMAIN, &family, &length) != 0)
    {
      sp_error_set_errno (error, errno, "asking a socket for its family");
      return -1;
    }
  /* The group is of sockets with the same address: bound as the listener is, the new socket is
   * under the selector and catches nothing before it is connected.  The kernel then chooses its
   * address by the route. */
  fd = open_association (family, &bound, plan, error);
  if (fd < 0 || !sp_listener_get_local (fd, &chosen, error))
    return -1;
  if (sp_endpoint_equal (&chosen, &plan->local))
    return sp_fd_steal (&fd);
  /* The peer wrote to another of our addresses.  Bound to that one the socket stands alone: what
   * others send there in these microseconds is lost, since the filter takes the peer's datagrams
   * only. */
  sp_fd_clear (&fd);
  return open_association (family, &plan->local, plan, error);
}

gboolean
sp_stream_configure (int fd, const SpStreamPlan *plan, GError **error)
{
  return set_option (fd, IPPROTO_TCP, TCP_NODELAY, 1, "no delay", error) &&
         set_option (fd, SOL_SOCKET, SO_KEEPALIVE, 0, "no keepalive", error) &&
         set_buffer (fd, SO_SNDBUFFORCE, SO_SNDBUF, plan->send_buffer, error) &&
         (plan->unsent_low_water == 0 ||
          set_option (fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, plan->unsent_low_water,
                      "the low water mark", error)) &&
         set_option (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, plan->user_timeout_seconds * 1000,
                     "the timeout", error);
}
