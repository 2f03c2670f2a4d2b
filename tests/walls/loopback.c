/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loopback.h"

#include "base/endpoint.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int
loopback_connect (int type, const char *source, const char *address, guint16 port)
{
  SpEndpoint from = { 0 };
  SpEndpoint to = { .port = port };
  struct sockaddr_storage name;
  socklen_t length;
  int family;
  int fd;

  g_assert_true (sp_address_from_text (address, to.address));
  family = sp_address_is_ipv4 (to.address) ? AF_INET : AF_INET6;
  fd = socket (family, type | SOCK_CLOEXEC, 0);
  if (source != NULL)
    {
      g_assert_true (sp_address_from_text (source, from.address));
      length = sp_endpoint_to_sockaddr (&from, family, &name);
      g_assert_cmpint (bind (fd, (struct sockaddr *) &name, length), ==, 0);
    }
  length = sp_endpoint_to_sockaddr (&to, family, &name);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &name, length), ==, 0);
  return fd;
}

static int
open_socket (struct sockaddr_in *ret_address)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) ret_address, &size), ==, 0);
  return fd;
}

void
loopback_pair (int *ret_one, int *ret_other)
{
  struct sockaddr_in one, other;

  *ret_one = open_socket (&one);
  *ret_other = open_socket (&other);
  g_assert_cmpint (connect (*ret_one, (struct sockaddr *) &other, sizeof other), ==, 0);
  g_assert_cmpint (connect (*ret_other, (struct sockaddr *) &one, sizeof one), ==, 0);
}

int
loopback_ask (guint16 port, const char *request)
{
  int fd = loopback_connect (SOCK_STREAM, NULL, "127.0.0.1", port);

  g_assert_cmpint (send (fd, request, strlen (request), MSG_NOSIGNAL), ==, strlen (request));
  return fd;
}

char *
loopback_read_all (int fd)
{
  GString *text = g_string_new (NULL);
  struct timeval patience = { .tv_sec = 10 };
  char bytes[512];
  ssize_t got;

  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience));
  while ((got = recv (fd, bytes, sizeof bytes, 0)) > 0)
    g_string_append_len (text, bytes, got);
  g_assert_cmpint (got, ==, 0);
  return g_string_free (text, FALSE);
}
