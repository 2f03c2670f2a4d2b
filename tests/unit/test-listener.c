/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/listener.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MILLISECONDS 2000
#define STRANGERS             16
#define ROUNDS                200
#define UNHEARD_MAX           100 /* fewer than a socket's buffer takes */

static SpEndpoint
endpoint (const char *address, guint16 port)
{
  SpEndpoint ret = { .port = port };

  g_assert_true (sp_address_from_text (address, ret.address));
  return ret;
}

static int
open_listener (SpListenerKind kind, const char *address, SpEndpoint *ret_local)
{
  g_autoptr (GError) error = NULL;
  SpEndpoint local = endpoint (address, 0);
  int fd = sp_listener_open (kind, &local, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  g_assert_true (sp_listener_get_local (fd, ret_local, &error));
  g_assert_cmpuint (ret_local->port, !=, 0);
  return fd;
}

/* A client's socket, connected to `to`. */
static int
open_peer (const SpEndpoint *to, SpEndpoint *ret_own)
{
  int family = sp_address_is_ipv4 (to->address) ? AF_INET : AF_INET6;
  struct sockaddr_storage address;
  socklen_t length = sp_endpoint_to_sockaddr (to, family, &address);
  int fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (connect (fd, (struct sockaddr *) &address, length));
  g_assert_true (sp_listener_get_local (fd, ret_own, NULL));
  return fd;
}

static gboolean
is_readable (int fd, int milliseconds)
{
  struct pollfd wanted = { fd, POLLIN, 0 };

  return poll (&wanted, 1, milliseconds) == 1 && (wanted.revents & POLLIN);
}

static guint
count_datagrams (int fd)
{
  char bytes[64];
  guint count = 0;

  while (recv (fd, bytes, sizeof bytes, MSG_DONTWAIT) >= 0)
    count++;
  return count;
}

static int
associate (int listener, const SpEndpoint *local, const SpEndpoint *peer)
{
  g_autoptr (GError) error = NULL;
  SpAssociationPlan plan = { *local, *peer, SP_MTU_DISCOVERY_PROBE, 262144, 262144, TRUE };
  int fd = sp_association_open (listener, &plan, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static void
test_stream (void)
{
  SpEndpoint local;
  g_autoptr (GError) error = NULL;
  sp_autofd int listener = open_listener (SP_LISTENER_STREAM, "127.0.0.1", &local);
  sp_autofd int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sp_autofd int accepted = -1;
  struct sockaddr_storage address;
  socklen_t length = sp_endpoint_to_sockaddr (&local, AF_INET, &address);
  SpStreamPlan plan = { 0, 16384, 20 };
  int value = 0;

  g_assert_no_errno (connect (client, (struct sockaddr *) &address, length));
  /* deferred: nothing to accept before the client speaks */
  g_assert_false (is_readable (listener, 50));
  g_assert_cmpint (write (client, "hello", 5), ==, 5);
  g_assert_true (is_readable (listener, PATIENCE_MILLISECONDS));
  accepted = accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  g_assert_cmpint (accepted, >=, 0);
  g_assert_true (sp_stream_configure (accepted, &plan, &error));
  g_assert_no_error (error);
  length = sizeof value;
  g_assert_no_errno (getsockopt (accepted, IPPROTO_TCP, TCP_NODELAY, &value, &length));
  g_assert_cmpint (value, !=, 0);
  g_assert_no_errno (getsockopt (accepted, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, &length));
  g_assert_cmpint (value, ==, 16384);
  g_assert_no_errno (getsockopt (accepted, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &length));
  g_assert_cmpint (value, ==, 20000);
}

static void
test_port_in_use (gconstpointer data)
{
  SpListenerKind kind = (SpListenerKind) GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;
  SpEndpoint local;
  sp_autofd int listener = open_listener (kind, "127.0.0.1", &local);

  g_assert_cmpint (listener, >=, 0);
  g_assert_cmpint (sp_listener_open (kind, &local, &error), ==, -1);
  g_assert_error (error, SP_ERROR, SP_ERROR_PORT_IN_USE);
  g_clear_error (&error);
  local = endpoint ("192.0.2.77", 4433); /* RFC 5737: nobody's */
  g_assert_cmpint (sp_listener_open (kind, &local, &error), ==, -1);
  g_assert_error (error, SP_ERROR, SP_ERROR_NOT_FOUND);
}

static gpointer
close_soon (gpointer data)
{
  g_usleep (50000);
  sp_fd_clear (data);
  return NULL;
}

/* What a killed run's last worker still holds. */
static void
test_port_gets_free (gconstpointer data)
{
  SpListenerKind kind = (SpListenerKind) GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;
  SpEndpoint local;
  int earlier = open_listener (kind, "127.0.0.1", &local);
  GThread *thread = g_thread_new ("earlier", close_soon, &earlier);
  sp_autofd int listener = sp_listener_open (kind, &local, &error);

  g_assert_no_error (error);
  g_assert_cmpint (listener, >=, 0);
  (void) g_thread_join (thread);
}

static void
test_flags (gconstpointer data)
{
  SpEndpoint local;
  sp_autofd int listener =
      open_listener ((SpListenerKind) GPOINTER_TO_INT (data), "127.0.0.1", &local);

  g_assert_true (fcntl (listener, F_GETFL) & O_NONBLOCK);
  g_assert_true (fcntl (listener, F_GETFD) & FD_CLOEXEC);
}

/* {listener, where the peer sends to} */
static const struct
{
  const char *name;
  const char *listener;
  const char *address;
} places[] = {
  { "ipv4", "127.0.0.1", "127.0.0.1" },
  { "any-ipv4", "::", "127.0.0.1" },
  { "any-other-ipv4", "::", "127.0.0.2" },
  { "any4-ipv4", "0.0.0.0", "127.0.0.1" },
  { "any4-other-ipv4", "0.0.0.0", "127.0.0.3" },
  { "ipv6", "::1", "::1" },
  { "any-ipv6", "::", "::1" },
};

static gboolean
place_exists (guint place)
{
  SpEndpoint local = endpoint (places[place].address, 0);
  sp_autofd int fd = sp_listener_open (SP_LISTENER_DATAGRAM, &local, NULL);

  if (fd >= 0)
    return TRUE;
  g_test_skip ("this machine has no such address");
  return FALSE;
}

static void
test_association (gconstpointer data)
{
  guint place = GPOINTER_TO_UINT (data);
  sp_autofd int listener = -1;
  sp_autofd int peer_fd = -1;
  sp_autofd int stranger_fd = -1;
  sp_autofd int association = -1;
  SpEndpoint local, peer, stranger, own;
  char byte;

  if (!place_exists (place))
    return;
  listener = open_listener (SP_LISTENER_DATAGRAM, places[place].listener, &local);
  local = endpoint (places[place].address, local.port);
  peer_fd = open_peer (&local, &peer);
  stranger_fd = open_peer (&local, &stranger);
  g_assert_cmpint (send (peer_fd, "1", 1, 0), ==, 1);
  g_assert_true (is_readable (listener, PATIENCE_MILLISECONDS));

  association = associate (listener, &local, &peer);
  g_assert_true (sp_listener_get_local (association, &own, NULL));
  g_assert_true (sp_endpoint_equal (&own, &local));
  g_assert_false (is_readable (association, 0));
  g_assert_cmpint (send (peer_fd, "2", 1, 0), ==, 1);
  g_assert_true (is_readable (association, PATIENCE_MILLISECONDS));
  g_assert_cmpint (recv (association, &byte, 1, MSG_DONTWAIT), ==, 1);
  g_assert_cmpint (byte, ==, '2');
  g_assert_cmpint (send (stranger_fd, "3", 1, 0), ==, 1);
  g_assert_false (is_readable (association, 50));
  g_assert_cmpuint (count_datagrams (listener), ==, 2);

  /* the peer hears the association, from the address that it wrote to */
  g_assert_cmpint (send (association, "4", 1, 0), ==, 1);
  g_assert_true (is_readable (peer_fd, PATIENCE_MILLISECONDS));

  sp_fd_clear (&association);
  g_assert_cmpint (send (peer_fd, "5", 1, 0), ==, 1);
  g_assert_true (is_readable (listener, PATIENCE_MILLISECONDS));
}

/* The window between bind and connect, held open: a member of the group that is not connected. */
static void
test_unconnected_member (gconstpointer data)
{
  guint place = GPOINTER_TO_UINT (data);
  sp_autofd int listener = -1;
  sp_autofd int member = -1;
  SpEndpoint local, stranger;
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  int on = 1;

  if (!place_exists (place))
    return;
  listener = open_listener (SP_LISTENER_DATAGRAM, places[place].listener, &local);
  g_assert_no_errno (getsockname (listener, (struct sockaddr *) &address, &length));
  member = socket (address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (setsockopt (member, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on));
  g_assert_no_errno (bind (member, (struct sockaddr *) &address, length));
  local = endpoint (places[place].address, local.port);
  for (guint i = 0; i < STRANGERS; i++)
    {
      sp_autofd int stranger_fd = open_peer (&local, &stranger);
      g_assert_cmpint (send (stranger_fd, "x", 1, 0), ==, 1);
    }
  g_assert_cmpuint (count_datagrams (listener), ==, STRANGERS);
  g_assert_cmpuint (count_datagrams (member), ==, 0);
}

typedef struct
{
  int fds[STRANGERS];
  gint stop;
  gint sent;
  gint heard; /* by the listener */
} Strangers;

static gpointer
send_all_the_time (gpointer data)
{
  Strangers *strangers = data;

  while (!g_atomic_int_get (&strangers->stop))
    for (guint i = 0; i < STRANGERS; i++)
      {
        if (g_atomic_int_get (&strangers->sent) - g_atomic_int_get (&strangers->heard) <
            UNHEARD_MAX)
          g_atomic_int_add (&strangers->sent, send (strangers->fds[i], "x", 1, 0) == 1);
        g_usleep (20);
      }
  return NULL;
}

/* Strangers write all the time while associations come and go: none may catch a stranger's
 * datagram, and where the listener's group has the same address none may be lost. */
static void
test_window (gconstpointer data)
{
  guint place = GPOINTER_TO_UINT (data);
  sp_autofd int listener = -1;
  sp_autofd int peer_fd = -1;
  SpEndpoint local, peer, stranger;
  Strangers strangers = { .stop = 0 };
  GThread *thread;
  guint caught = 0;

  if (!place_exists (place))
    return;
  listener = open_listener (SP_LISTENER_DATAGRAM, places[place].listener, &local);
  local = endpoint (places[place].address, local.port);
  peer_fd = open_peer (&local, &peer);
  for (guint i = 0; i < STRANGERS; i++)
    strangers.fds[i] = open_peer (&local, &stranger);
  thread = g_thread_new ("strangers", send_all_the_time, &strangers);
  /* a busy machine may let the strangers wait */
  for (guint i = 0; i < ROUNDS || g_atomic_int_get (&strangers.sent) < STRANGERS; i++)
    {
      sp_autofd int association = associate (listener, &local, &peer);
      caught += count_datagrams (association);
      g_atomic_int_add (&strangers.heard, (gint) count_datagrams (listener));
    }
  g_atomic_int_set (&strangers.stop, 1);
  (void) g_thread_join (thread);
  strangers.heard += (gint) count_datagrams (listener);
  g_test_message ("%d sent, %d heard by the listener", strangers.sent, strangers.heard);
  g_assert_cmpuint (caught, ==, 0);
  if (g_strcmp0 (places[place].listener, places[place].address) == 0)
    g_assert_cmpint (strangers.heard, ==, strangers.sent);
  for (guint i = 0; i < STRANGERS; i++)
    sp_fd_clear (&strangers.fds[i]);
}

static void
test_address_is_told (gconstpointer data)
{
  guint place = GPOINTER_TO_UINT (data);
  sp_autofd int listener = -1;
  sp_autofd int peer_fd = -1;
  SpEndpoint local, peer;
  char byte;
  union
  {
    struct cmsghdr header;
    char bytes[256];
  } control;
  struct iovec part = { &byte, 1 };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  SpEndpoint told = { .port = 0 };

  if (!place_exists (place))
    return;
  listener = open_listener (SP_LISTENER_DATAGRAM, places[place].listener, &local);
  local = endpoint (places[place].address, local.port);
  peer_fd = open_peer (&local, &peer);
  g_assert_cmpint (send (peer_fd, "1", 1, 0), ==, 1);
  g_assert_true (is_readable (listener, PATIENCE_MILLISECONDS));
  g_assert_cmpint (recvmsg (listener, &message, 0), ==, 1);
  for (struct cmsghdr *c = CMSG_FIRSTHDR (&message); c != NULL; c = CMSG_NXTHDR (&message, c))
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
      memcpy (told.address, &((struct in6_pktinfo *) CMSG_DATA (c))->ipi6_addr, SP_ADDRESS_SIZE);
    else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
      sp_address_from_ipv4 (told.address,
                            ntohl (((struct in_pktinfo *) CMSG_DATA (c))->ipi_addr.s_addr));
  told.port = local.port;
  g_assert_true (sp_endpoint_equal (&told, &local));
}

/* A door that was taken over may ask for any socket: it gets those of the listener's port. */
static void
test_other_port (void)
{
  g_autoptr (GError) error = NULL;
  SpAssociationPlan plan = { .peer = endpoint ("127.0.0.1", 53) };
  sp_autofd int listener = open_listener (SP_LISTENER_DATAGRAM, "127.0.0.1", &plan.local);

  plan.local.port++;
  g_assert_cmpint (sp_association_open (listener, &plan, &error), ==, -1);
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  plan.local.port--;
  plan.peer.port = 0;
  g_assert_cmpint (sp_association_open (listener, &plan, NULL), ==, -1);
}

/* Only a connection of these ends is one, and while it is not configured its end is abrupt. */
static void
test_stream_check (void)
{
  static const SpStreamPlan plan = { .unsent_low_water = 1 };
  SpEndpoint local, peer, other;
  sp_autofd int listener = open_listener (SP_LISTENER_STREAM, "127.0.0.1", &local);
  sp_autofd int datagram = open_listener (SP_LISTENER_DATAGRAM, "127.0.0.1", &other);
  sp_autofd int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  sp_autofd int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sp_autofd int accepted = -1;
  struct sockaddr_storage name;
  socklen_t length = sp_endpoint_to_sockaddr (&local, AF_INET, &name);
  struct linger linger;
  socklen_t linger_size = sizeof linger;

  g_assert_no_errno (connect (client, (struct sockaddr *) &name, length));
  g_assert_cmpint (send (client, "x", 1, 0), ==, 1);
  g_assert_true (sp_listener_get_local (client, &peer, NULL));
  g_assert_true (is_readable (listener, PATIENCE_MILLISECONDS));
  accepted = accept (listener, NULL, NULL);
  g_assert_true (sp_stream_check (accepted, &peer, &local));
  other = peer;
  other.port++;
  g_assert_false (sp_stream_check (accepted, &other, &local));
  g_assert_false (sp_stream_check (accepted, &peer, &peer));
  g_assert_false (sp_stream_check (listener, &peer, &local));
  g_assert_false (sp_stream_check (datagram, &peer, &local));
  g_assert_false (sp_stream_check (null, &peer, &local));
  g_assert_no_errno (getsockopt (accepted, SOL_SOCKET, SO_LINGER, &linger, &linger_size));
  g_assert_true (linger.l_onoff != 0 && linger.l_linger == 0);
  g_assert_true (sp_stream_configure (accepted, &plan, NULL));
  g_assert_no_errno (getsockopt (accepted, SOL_SOCKET, SO_LINGER, &linger, &linger_size));
  g_assert_cmpint (linger.l_onoff, ==, 0);
}

static gboolean
connects (const SpEndpoint *local)
{
  sp_autofd int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_storage address;
  socklen_t length = sp_endpoint_to_sockaddr (local, AF_INET, &address);

  return connect (client, (struct sockaddr *) &address, length) == 0;
}

/* One for a single address beside one for all, while that lets it, and nobody else. */
static void
test_beside (gconstpointer data)
{
  SpListenerKind kind = (SpListenerKind) GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;
  SpEndpoint local, single;
  sp_autofd int listener = open_listener (kind, "::", &local);
  sp_autofd int beside = -1;

  single.port = local.port;
  g_assert_true (sp_address_from_text ("127.0.0.1", single.address));
  g_assert_cmpint (sp_listener_open (kind, &single, &error), ==, -1);
  g_assert_error (error, SP_ERROR, SP_ERROR_PORT_IN_USE);
  g_clear_error (&error);
  if (kind == SP_LISTENER_STREAM)
    {
      g_assert_cmpint (sp_listener_open_beside (NULL, kind, &single, NULL), ==, -1);
      sp_listener_share (listener, TRUE);
    }
  beside = sp_listener_open_beside (NULL, kind, &single, &error);
  g_assert_no_error (error);
  g_assert_cmpint (beside, >=, 0);
  if (kind != SP_LISTENER_STREAM)
    return;
  sp_listener_share (listener, FALSE);
  sp_listener_end (listener);
  g_assert_true (connects (&single));
}

/* Whoever still has it: nobody is let in, and the port is free. */
static void
test_end (void)
{
  g_autoptr (GError) error = NULL;
  SpEndpoint local;
  sp_autofd int listener = open_listener (SP_LISTENER_STREAM, "127.0.0.1", &local);
  sp_autofd int copy = fcntl (listener, F_DUPFD_CLOEXEC, 0);
  sp_autofd int next = -1;

  g_assert_true (connects (&local));
  sp_listener_end (listener);
  g_assert_false (connects (&local));
  next = sp_listener_open (SP_LISTENER_STREAM, &local, &error);
  g_assert_no_error (error);
  g_assert_cmpint (next, >=, 0);
  g_assert_cmpint (copy, >=, 0);
}

static void
add_places (const char *name, GTestDataFunc test)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_strdup_printf ("/listener/%s/%s", name, places[i].name);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test);
    }
}

int
main (int argc, char **argv)
{
  gconstpointer stream = GINT_TO_POINTER (SP_LISTENER_STREAM);
  gconstpointer datagram = GINT_TO_POINTER (SP_LISTENER_DATAGRAM);

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/listener/stream", test_stream);
  g_test_add_func ("/listener/stream-check", test_stream_check);
  g_test_add_func ("/listener/other-port", test_other_port);
  g_test_add_data_func ("/listener/port-in-use/stream", stream, test_port_in_use);
  g_test_add_data_func ("/listener/port-in-use/datagram", datagram, test_port_in_use);
  g_test_add_data_func ("/listener/port-gets-free/stream", stream, test_port_gets_free);
  g_test_add_data_func ("/listener/port-gets-free/datagram", datagram, test_port_gets_free);
  g_test_add_data_func ("/listener/flags/stream", stream, test_flags);
  g_test_add_data_func ("/listener/flags/datagram", datagram, test_flags);
  g_test_add_data_func ("/listener/beside/stream", stream, test_beside);
  g_test_add_data_func ("/listener/beside/datagram", datagram, test_beside);
  g_test_add_func ("/listener/end", test_end);
  add_places ("association", test_association);
  add_places ("unconnected-member", test_unconnected_member);
  add_places ("window", test_window);
  add_places ("address-is-told", test_address_is_told);
  return g_test_run ();
}
