/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/listener.h"

#include "peer-filter-linux.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <linux/filter.h>
#include <fcntl.h>
#include <net/if.h>
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
/* Bytes of datagrams that may wait: strangers' ones come here, many at a time, and a client's hello
 * among them is not to be lost because the room had no CPU for a few milliseconds. */
#define DATAGRAMS_WAITING (2 << 20)

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

/* Beyond the system's limit where we may, else up to it. */
static gboolean
set_buffer (int fd, int force_option, int option, gint bytes, GError **error)
{
  if (bytes == 0 || set_option (fd, SOL_SOCKET, force_option, bytes, "a buffer", NULL))
    return TRUE;
  return set_option (fd, SOL_SOCKET, option, bytes, "a buffer", error);
}

/* NULL or empty: any device. */
static gboolean
bind_to_device (int fd, const char *device, GError **error)
{
  if (device == NULL || device[0] == '\0' ||
      setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t) strlen (device) + 1) == 0)
    return TRUE;
  if (errno == ENODEV)
    g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "This machine has no network device %s",
                 device);
  else
    sp_error_set_errno (error, errno, "listening on %s", device);
  return FALSE;
}

typedef struct
{
  const char *device; /* NULL: any */
  SpListenerKind kind;
  SpEndpoint local;
  gboolean beside; /* others of ours */
} Wish;

/* With SO_REUSEPORT the kernel would let us share the port with another program of the same user.
 */
static gboolean
port_is_free (int family, const char *device, const SpEndpoint *local, GError **error)
{
  sp_autofd int probe = open_socket (family, SOCK_DGRAM, error);

  return probe >= 0 && bind_to_device (probe, device, error) &&
         (local->port == 0 || bind_socket (probe, family, local, error));
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
prepare_datagrams (int fd, int family, const Wish *wish, GError **error)
{
  gboolean wants_address =
      family == AF_INET6
          ? set_option (fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "packet information", error)
          : set_option (fd, IPPROTO_IP, IP_PKTINFO, 1, "packet information", error);

  return wants_address &&
         (wish->beside || port_is_free (family, wish->device, &wish->local, error)) &&
         set_buffer (fd, SO_RCVBUFFORCE, SO_RCVBUF, DATAGRAMS_WAITING, error) &&
         set_option (fd, SOL_SOCKET, SO_REUSEPORT, 1, "sharing of the port", error) &&
         bind_socket (fd, family, &wish->local, error) && attach_selector (fd, error);
}

/* What is accepted inherits it: until sp_stream_configure, closing is a reset. */
static gboolean
set_abrupt (int fd, gboolean on, GError **error)
{
  const struct linger linger = { .l_onoff = on ? 1 : 0, .l_linger = 0 };

  if (setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "setting how a connection ends");
  return FALSE;
}

static gboolean
prepare_streams (int fd, int family, const Wish *wish, GError **error)
{
  gboolean strangers = wish->kind == SP_LISTENER_STREAM;

  if (!set_option (fd, SOL_SOCKET, SO_REUSEADDR, 1, "reuse of the address", error) ||
      (wish->beside &&
       !set_option (fd, SOL_SOCKET, SO_REUSEPORT, 1, "sharing of the port", error)) ||
      (strangers && !set_option (fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, DEFER_ACCEPT_SECONDS,
                                 "deferred acceptance", error)) ||
      (strangers && !set_abrupt (fd, TRUE, error)) ||
      !bind_socket (fd, family, &wish->local, error))
    return FALSE;
  if (listen (fd, BACKLOG) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "listening");
  return FALSE;
}

static int
open_listener_once (int family, const Wish *wish, GError **error)
{
  gboolean datagrams = wish->kind == SP_LISTENER_DATAGRAM;
  sp_autofd int fd = open_socket (family, datagrams ? SOCK_DGRAM : SOCK_STREAM, error);

  if (fd < 0 || !bind_to_device (fd, wish->device, error))
    return -1;
  if (datagrams ? !prepare_datagrams (fd, family, wish, error)
                : !prepare_streams (fd, family, wish, error))
    return -1;
  if (!datagrams)
    sp_listener_share (fd, FALSE);
  return sp_fd_steal (&fd);
}

static int
open_listener (int family, const Wish *wish, GError **error)
{
  for (guint i = 1;; i++)
    {
      g_autoptr (GError) own_error = NULL;
      int fd = open_listener_once (family, wish, &own_error);

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

static int
open_wished (Wish *wish, GError **error)
{
  gboolean any = sp_address_is_unset (wish->local.address);
  int family =
      sp_address_is_ipv4 (wish->local.address) || (any && !system_has_ipv6 ()) ? AF_INET : AF_INET6;

  if (any && family == AF_INET)
    sp_address_from_ipv4 (wish->local.address, INADDR_ANY);
  return open_listener (family, wish, error);
}

int
sp_listener_open_on (const char *device,
                     SpListenerKind kind,
                     const SpEndpoint *local,
                     GError **error)
{
  Wish wish = { .device = device, .kind = kind, .local = *local };

  return open_wished (&wish, error);
}

int
sp_listener_open_beside (const char *device,
                         SpListenerKind kind,
                         const SpEndpoint *local,
                         GError **error)
{
  Wish wish = { .device = device, .kind = kind, .local = *local, .beside = TRUE };

  return open_wished (&wish, error);
}

int
sp_listener_open (SpListenerKind kind, const SpEndpoint *local, GError **error)
{
  return sp_listener_open_on (NULL, kind, local, error);
}

/* Who cannot share is told that the port is in use. */
void
sp_listener_share (int fd, gboolean share)
{
  int value = share ? 1 : 0;

  (void) setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &value, sizeof value);
}

void
sp_listener_end (int fd)
{
  (void) shutdown (fd, SHUT_RDWR);
}

gboolean
sp_listener_has_device (const char *device)
{
  return if_nametoindex (device) != 0;
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

/* A group is of sockets with the same device. */
static gboolean
follow_device (int fd, int listener, GError **error)
{
  char device[IFNAMSIZ] = "";
  socklen_t length = sizeof device;

  if (getsockopt (listener, SOL_SOCKET, SO_BINDTODEVICE, device, &length) == 0)
    return bind_to_device (fd, device, error);
  sp_error_set_errno (error, errno, "asking a socket for its device");
  return FALSE;
}

static int
open_association (int family,
                  int listener,
                  const SpEndpoint *bound,
                  const SpAssociationPlan *plan,
                  GError **error)
{
  sp_autofd int fd = open_socket (family, SOCK_DGRAM, error);

  if (fd < 0 || !follow_device (fd, listener, error) ||
      !set_association_options (fd, family, plan, error) ||
      !sp_peer_filter_attach (fd, &plan->peer, error) || !bind_socket (fd, family, bound, error) ||
      !connect_socket (fd, family, &plan->peer, error))
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
  if (plan->local.port != bound.port || plan->peer.port == 0)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "no datagrams come in at port %u",
                   plan->local.port);
      return -1;
    }
  if (getsockopt (listener, SOL_SOCKET, SO_DOMAIN, &family, &length) != 0)
    {
      sp_error_set_errno (error, errno, "asking a socket for its family");
      return -1;
    }
  /* The group is of sockets with the same address: bound as the listener is, the new socket is
   * under the selector and catches nothing before it is connected.  The kernel then chooses its
   * address by the route. */
  fd = open_association (family, listener, &bound, plan, error);
  if (fd < 0 || !sp_listener_get_local (fd, &chosen, error))
    return -1;
  if (sp_endpoint_equal (&chosen, &plan->local))
    return sp_fd_steal (&fd);
  /* The peer wrote to another of our addresses.  Bound to that one the socket stands alone: what
   * others send there in these microseconds is lost, since the filter takes the peer's datagrams
   * only. */
  sp_fd_clear (&fd);
  return open_association (family, listener, &plan->local, plan, error);
}

static int
ask (int fd, int option)
{
  int value = 0;
  socklen_t length = sizeof value;

  return getsockopt (fd, SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
}

static gboolean
refuse_socket (GError **error, const char *why)
{
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "a socket that was handed over %s",
               why);
  return FALSE;
}

static gboolean
adopt_stream (int fd, GError **error)
{
  if (ask (fd, SO_ACCEPTCONN) != 1)
    return refuse_socket (error, "does not listen");
  return set_option (fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, DEFER_ACCEPT_SECONDS, "deferred acceptance",
                     error) &&
         set_abrupt (fd, TRUE, error);
}

static gboolean
adopt_datagram (int fd, int family, GError **error)
{
  if (ask (fd, SO_REUSEPORT) != 1)
    return refuse_socket (error, "for datagrams does not share its port; ReusePort=yes does that");
  return (family == AF_INET6
              ? set_option (fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "packet information", error)
              : set_option (fd, IPPROTO_IP, IP_PKTINFO, 1, "packet information", error)) &&
         set_buffer (fd, SO_RCVBUFFORCE, SO_RCVBUF, DATAGRAMS_WAITING, error) &&
         attach_selector (fd, error);
}

gboolean
sp_listener_adopt (int fd, SpListenerKind *ret_kind, SpEndpoint *ret_local, GError **error)
{
  int family = ask (fd, SO_DOMAIN);
  int type = ask (fd, SO_TYPE);
  int flags = fcntl (fd, F_GETFL);

  if ((family != AF_INET && family != AF_INET6) || (type != SOCK_STREAM && type != SOCK_DGRAM))
    return refuse_socket (error, "is of neither TCP nor UDP");
  if (flags < 0 || fcntl (fd, F_SETFL, flags | O_NONBLOCK) < 0)
    return refuse_socket (error, "cannot be made not to block");
  *ret_kind = type == SOCK_STREAM ? SP_LISTENER_STREAM : SP_LISTENER_DATAGRAM;
  return sp_listener_get_local (fd, ret_local, error) &&
         (type == SOCK_STREAM ? adopt_stream (fd, error) : adopt_datagram (fd, family, error));
}

static gboolean
is_connected_stream (int fd)
{
  int type = 0, protocol = 0, listens = 1;
  socklen_t length = sizeof type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM &&
         getsockopt (fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) == 0 &&
         protocol == IPPROTO_TCP &&
         getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 && listens == 0;
}

gboolean
sp_stream_check (int fd, const SpEndpoint *peer, const SpEndpoint *local)
{
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  SpEndpoint found;

  return is_connected_stream (fd) && getpeername (fd, (struct sockaddr *) &address, &length) == 0 &&
         sp_endpoint_from_sockaddr ((struct sockaddr *) &address, length, &found) &&
         sp_endpoint_equal (&found, peer) && sp_listener_get_local (fd, &found, NULL) &&
         sp_endpoint_equal (&found, local);
}

gboolean
sp_stream_configure (int fd, const SpStreamPlan *plan, GError **error)
{
  return set_abrupt (fd, FALSE, error) &&
         set_option (fd, IPPROTO_TCP, TCP_NODELAY, 1, "no delay", error) &&
         set_option (fd, SOL_SOCKET, SO_KEEPALIVE, 0, "no keepalive", error) &&
         set_buffer (fd, SO_SNDBUFFORCE, SO_SNDBUF, plan->send_buffer, error) &&
         (plan->unsent_low_water == 0 ||
          set_option (fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, plan->unsent_low_water,
                      "the low water mark", error)) &&
         set_option (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, plan->user_timeout_seconds * 1000,
                     "the timeout", error);
}
