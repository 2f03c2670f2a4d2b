/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net-world.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "platform/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#define SKIPPED               77
#define PATIENCE_MILLISECONDS 300
#define IPV4_HEADER           20
#define IPV6_HEADER           40
#define UDP_HEADER            8
#define TCP_HEADER            24 /* with one option */
#define PROTOCOL_TCP          6
#define PROTOCOL_UDP          17

/* Addresses are good at once, else pictures of the network would differ from second to second. */
#define NO_DETECTION "sysctl -qw net.ipv6.conf.default.accept_dad=0"

void
net_world_enter (void)
{
  if (geteuid () != 0 || unshare (CLONE_NEWNET | CLONE_NEWNS) != 0)
    {
      printf ("1..0 # SKIP needs root, for a network namespace of its own\n");
      exit (SKIPPED);
    }
  g_assert_no_errno (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  g_assert_no_errno (mount ("tmpfs", "/run", "tmpfs", 0, "mode=755"));
  net_world_do ("ip link set lo up");
  net_world_do (NO_DETECTION);
}

static char *
run_command (const char *command)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *complaint = NULL;
  char *output = NULL;
  int status = 0;

  if (!g_spawn_command_line_sync (command, &output, &complaint, &status, &error))
    g_error ("%s: %s", command, error->message);
  if (status != 0)
    g_error ("%s: %s", command, complaint);
  return output;
}

char *
net_world_run (const char *format, ...)
{
  g_autofree char *command = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return run_command (command);
}

void
net_world_do (const char *format, ...)
{
  g_autofree char *command = NULL;
  g_autofree char *output = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  output = run_command (command);
}

static void
add_addresses (const char *namespace_option, const char *device, const char *addresses)
{
  g_auto (GStrv) words = g_strsplit (addresses, " ", -1);

  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++)
    {
      net_world_do ("ip %s addr add %s dev %s %s", namespace_option, words[i], device,
                    strchr (words[i], ':') != NULL ? "nodad" : "");
    }
}

void
net_world_add_host (const char *name, const char *addresses_here, const char *addresses_there)
{
  g_autofree char *option = g_strdup_printf ("-n %s", name);

  net_world_do ("ip netns add %s", name);
  net_world_do ("ip netns exec %s " NO_DETECTION, name);
  net_world_do ("ip link add %s type veth peer name eth0 netns %s", name, name);
  net_world_do ("ip link set %s up", name);
  net_world_do ("ip -n %s link set lo up", name);
  net_world_do ("ip -n %s link set eth0 up", name);
  add_addresses ("", name, addresses_here);
  add_addresses (option, "eth0", addresses_there);
}

int
net_world_open_socket (const char *host, int family, int type, int protocol)
{
  sp_autofd int here = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  sp_autofd int there = -1;
  int fd;

  if (host != NULL)
    {
      g_autofree char *path = g_build_filename ("/run/netns", host, NULL);
      there = open (path, O_RDONLY | O_CLOEXEC);
      g_assert_no_errno (setns (there, CLONE_NEWNET));
    }
  fd = socket (family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  g_assert_cmpint (fd, >=, 0);
  g_assert_no_errno (setns (here, CLONE_NEWNET));
  return fd;
}

int
net_world_open_udp (const char *host, const char *address, guint16 port)
{
  SpEndpoint endpoint = { .port = port };
  struct sockaddr_storage name;
  socklen_t length;
  int family, fd;

  g_assert_true (sp_address_from_text (address, endpoint.address));
  family = sp_address_is_ipv4 (endpoint.address) ? AF_INET : AF_INET6;
  fd = net_world_open_socket (host, family, SOCK_DGRAM, 0);
  length = sp_endpoint_to_sockaddr (&endpoint, family, &name);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &name, length));
  return fd;
}

static void
put_16 (guint8 *bytes, guint value)
{
  bytes[0] = (guint8) (value >> 8);
  bytes[1] = (guint8) value;
}

/* RFC 1071 */
static guint32
add_up (const guint8 *bytes, gsize length, guint32 sum)
{
  for (gsize i = 0; i + 1 < length; i += 2)
    sum += (guint32) (bytes[i] << 8 | bytes[i + 1]);
  if (length % 2 != 0)
    sum += (guint32) (bytes[length - 1] << 8);
  return sum;
}

static guint
fold (guint32 sum)
{
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/* Writes the header before `length` bytes of payload, which stand where they belong already, and
 * the payload's checksum at its offset.  Returns the header's length. */
static gsize
finish_packet (guint8 *ip,
               const guint8 *source,
               const guint8 *destination,
               guint8 protocol,
               gsize length,
               gsize checksum_offset)
{
  gboolean ipv4 = sp_address_is_ipv4 (source);
  gsize header = ipv4 ? IPV4_HEADER : IPV6_HEADER;
  gsize address_size = ipv4 ? 4 : SP_ADDRESS_SIZE;
  guint8 *addresses = ip + header - 2 * address_size;
  guint32 sum;

  memset (ip, 0, header);
  ip[0] = ipv4 ? 0x45 : 0x60;
  put_16 (ip + (ipv4 ? 2 : 4), (guint) (ipv4 ? header + length : length));
  ip[ipv4 ? 8 : 7] = 64; /* time to live, hop limit */
  ip[ipv4 ? 9 : 6] = protocol;
  memcpy (addresses, source + SP_ADDRESS_SIZE - address_size, address_size);
  memcpy (addresses + address_size, destination + SP_ADDRESS_SIZE - address_size, address_size);
  if (ipv4)
    put_16 (ip + 10, fold (add_up (ip, header, 0)));
  sum = add_up (addresses, 2 * address_size, (guint32) (protocol + length));
  put_16 (ip + header + checksum_offset, fold (add_up (ip + header, length, sum)));
  return header;
}

static gsize
header_length (const char *address)
{
  return strchr (address, ':') != NULL ? IPV6_HEADER : IPV4_HEADER;
}

static void
read_addresses (const char *source, const char *destination, guint8 *ret_source, guint8 *ret)
{
  g_assert_true (sp_address_from_text (source, ret_source));
  g_assert_true (sp_address_from_text (destination, ret));
}

gsize
net_world_write_udp (guint8 *packet,
                     const char *source,
                     guint16 source_port,
                     const char *destination,
                     guint16 destination_port,
                     const char *text)
{
  guint8 from[SP_ADDRESS_SIZE], to[SP_ADDRESS_SIZE];
  guint8 *ip = packet + SP_TUN_HEADER_SIZE;
  guint8 *udp = ip + header_length (source);
  gsize length = UDP_HEADER + strlen (text);

  memset (packet, 0, NET_WORLD_PACKET_MAX);
  read_addresses (source, destination, from, to);
  put_16 (udp, source_port);
  put_16 (udp + 2, destination_port);
  put_16 (udp + 4, (guint) length);
  memcpy (udp + UDP_HEADER, text, strlen (text));
  return SP_TUN_HEADER_SIZE + finish_packet (ip, from, to, PROTOCOL_UDP, length, 6) + length;
}

gsize
net_world_write_syn (guint8 *packet,
                     const char *source,
                     const char *destination,
                     guint16 destination_port,
                     guint16 segment_size)
{
  guint8 from[SP_ADDRESS_SIZE], to[SP_ADDRESS_SIZE];
  guint8 *ip = packet + SP_TUN_HEADER_SIZE;
  guint8 *tcp = ip + header_length (source);

  memset (packet, 0, NET_WORLD_PACKET_MAX);
  read_addresses (source, destination, from, to);
  put_16 (tcp, 40000);
  put_16 (tcp + 2, destination_port);
  tcp[12] = TCP_HEADER / 4 << 4;
  tcp[13] = 2; /* SYN */
  put_16 (tcp + 14, 65535);
  tcp[20] = 2; /* maximum segment size, RFC 9293 3.7.1 */
  tcp[21] = 4;
  put_16 (tcp + 22, segment_size);
  return SP_TUN_HEADER_SIZE + finish_packet (ip, from, to, PROTOCOL_TCP, TCP_HEADER, 16) +
         TCP_HEADER;
}

char *
net_world_read_udp (const guint8 *packet, gsize length)
{
  const guint8 *ip = packet + SP_TUN_HEADER_SIZE;
  gsize header = ip[0] >> 4 == 6 ? IPV6_HEADER : IPV4_HEADER;
  gsize before = SP_TUN_HEADER_SIZE + header + UDP_HEADER;

  if (length < before || ip[header == IPV6_HEADER ? 6 : 9] != PROTOCOL_UDP)
    return NULL;
  return g_strndup ((const char *) packet + before, length - before);
}

gboolean
net_world_wait (int fd)
{
  struct pollfd wanted = { fd, POLLIN, 0 };

  return poll (&wanted, 1, PATIENCE_MILLISECONDS) == 1;
}

gssize
net_world_receive (int fd, guint8 *bytes, gsize size)
{
  return net_world_wait (fd) ? read (fd, bytes, size) : -1;
}

char *
net_world_describe (void)
{
  g_autofree char *rules = net_world_run ("nft list ruleset");
  g_autofree char *links = net_world_run ("ip -o link");
  g_autofree char *addresses = net_world_run ("ip -br addr");
  g_autofree char *routes = net_world_run ("ip route show table all");
  g_autofree char *routes6 = net_world_run ("ip -6 route show table all");
  g_autofree char *forwarding =
      net_world_run ("sysctl -a -r ^net\\.ipv[46]\\.conf\\..*\\.(forwarding|accept_ra)$");

  return g_strconcat (rules, links, addresses, routes, routes6, forwarding, NULL);
}
