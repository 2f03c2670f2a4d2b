/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flood-hello.h"
#include "flood.h"

#include "base/io.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#define BATCH     64
#define SIZE_MAX_ 512
#define TURN_MS   1

typedef union
{
  char space[CMSG_SPACE (sizeof (struct in6_pktinfo))];
  struct cmsghdr alignment;
} Control;

typedef struct
{
  const FloodPlan *plan;
  FloodResult *result;
  FloodDice dice;
  FloodHello hello;
  int fd;
  struct mmsghdr headers[BATCH];
  struct iovec parts[BATCH];
  Control controls[BATCH];
  guint8 bytes[BATCH][SIZE_MAX_];
} Stream;

static gsize
make_garbage (Stream *self, guint8 *bytes)
{
  gsize size = 16 + flood_dice_roll (&self->dice) % 240;

  flood_dice_fill (&self->dice, bytes, size);
  return size;
}

/* Whole records of application data, DTLS 1.2 (RFC 6347 4.1), which nobody's keys open. */
static gsize
make_record (Stream *self, guint8 *bytes)
{
  static const guint8 head[] = { 23, 254, 253, 0, 1 };
  gsize payload = 64;

  flood_dice_fill (&self->dice, bytes, 13 + payload);
  memcpy (bytes, head, sizeof head);
  bytes[11] = 0;
  bytes[12] = (guint8) payload;
  return 13 + payload;
}

static gsize
make_hello (Stream *self, guint8 *bytes)
{
  memcpy (bytes, self->hello.bytes, self->hello.size);
  if (self->plan->kind->first == FLOOD_HELLO_RANDOM_ID)
    flood_dice_fill (&self->dice, bytes + self->hello.id_offset, SP_APP_ID_SIZE);
  return self->hello.size;
}

/* P_CONTROL_HARD_RESET_CLIENT_V2 with key 0, a session id, no acknowledgements, packet 0. */
static gsize
make_openvpn (Stream *self, guint8 *bytes)
{
  memset (bytes, 0, 14);
  bytes[0] = 7 << 3;
  flood_dice_fill (&self->dice, bytes + 1, 8);
  return 14;
}

static gsize
make_datagram (Stream *self, guint8 *bytes)
{
  switch (self->plan->kind->first)
    {
      case FLOOD_RECORDS:
        return make_record (self, bytes);
      case FLOOD_HELLO_RANDOM_ID:
      case FLOOD_HELLO_GIVEN_ID:
        return make_hello (self, bytes);
      case FLOOD_OPENVPN:
        return make_openvpn (self, bytes);
      default:
        return make_garbage (self, bytes);
    }
}

static void
put_control (
    struct msghdr *header, Control *control, int level, int type, gconstpointer info, gsize size)
{
  struct cmsghdr *first;

  header->msg_control = control->space;
  header->msg_controllen = CMSG_SPACE (size);
  first = CMSG_FIRSTHDR (header);
  first->cmsg_level = level;
  first->cmsg_type = type;
  first->cmsg_len = CMSG_LEN (size);
  memcpy (CMSG_DATA (first), info, size);
}

static void
put_source (Stream *self, guint i)
{
  struct msghdr *header = &self->headers[i].msg_hdr;
  guint8 address[SP_ADDRESS_SIZE];

  flood_source (self->plan, self->result->begun + i, &self->dice, address);
  if (sp_address_is_ipv4 (address))
    {
      struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl (sp_address_to_ipv4 (address)) };
      put_control (header, &self->controls[i], IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
  else
    {
      struct in6_pktinfo info = { 0 };
      memcpy (&info.ipi6_addr, address, SP_ADDRESS_SIZE);
      put_control (header, &self->controls[i], IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
}

static void
send_batch (Stream *self, guint n)
{
  int sent;

  for (guint i = 0; i < n; i++)
    {
      self->parts[i] = (struct iovec){ self->bytes[i], make_datagram (self, self->bytes[i]) };
      self->headers[i].msg_hdr.msg_iov = &self->parts[i];
      self->headers[i].msg_hdr.msg_iovlen = 1;
      if (self->plan->chooses_source)
        put_source (self, i);
    }
  sent = sendmmsg (self->fd, self->headers, n, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != ECONNREFUSED && errno != ENOBUFS)
    g_error ("sending: %s", g_strerror (errno));
  for (int i = 0; i < sent; i++)
    self->result->bytes_sent += self->headers[i].msg_len;
  self->result->begun += (guint64) MAX (sent, 0);
  if (sent < (int) n)
    self->result->skipped += n - (guint) MAX (sent, 0);
}

static void
hear_answers (Stream *self)
{
  guint8 answer[2048];
  gssize size;

  while ((size = recv (self->fd, answer, sizeof answer, MSG_DONTWAIT)) >= 0)
    {
      self->result->answers++;
      self->result->bytes_received += (guint64) size;
    }
}

static void
prepare (Stream *self)
{
  const FloodPlan *plan = self->plan;
  struct sockaddr_storage name;
  guint8 mark[SP_APP_ID_SIZE];
  socklen_t length;
  int room = 4 << 20;
  int family = sp_address_is_ipv4 (plan->server.address) ? AF_INET : AF_INET6;

  self->dice.state = (guint64) g_get_real_time ();
  flood_dice_fill (&self->dice, mark, sizeof mark);
  if (plan->kind->first == FLOOD_HELLO_RANDOM_ID || plan->kind->first == FLOOD_HELLO_GIVEN_ID)
    flood_hello_make_dtls (plan->kind->first == FLOOD_HELLO_GIVEN_ID ? plan->id : mark,
                           &self->hello);
  if (self->hello.size > SIZE_MAX_)
    g_error ("a hello of %" G_GSIZE_FORMAT " bytes", self->hello.size);
  self->fd = flood_open_socket (plan, SOCK_DGRAM);
  length = sp_endpoint_to_sockaddr (&plan->server, family, &name);
  (void) setsockopt (self->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  /* Without a source of our own the kernel's choice is fixed, which is faster. */
  if (self->fd < 0 ||
      (!plan->chooses_source && connect (self->fd, (struct sockaddr *) &name, length) != 0))
    g_error ("no socket: %s", g_strerror (errno));
}

void
flood_datagrams (const FloodPlan *plan, FloodResult *ret)
{
  g_autofree Stream *self = g_new0 (Stream, 1);
  gint64 began = g_get_monotonic_time ();
  struct sockaddr_storage name;
  socklen_t length = sp_endpoint_to_sockaddr (
      &plan->server, sp_address_is_ipv4 (plan->server.address) ? AF_INET : AF_INET6, &name);
  gint64 told = 0;
  gint64 elapsed;

  self->plan = plan;
  self->result = ret;
  prepare (self);
  for (guint i = 0; plan->chooses_source && i < BATCH; i++)
    {
      self->headers[i].msg_hdr.msg_name = &name;
      self->headers[i].msg_hdr.msg_namelen = length;
    }
  while ((elapsed = g_get_monotonic_time () - began) < plan->duration)
    {
      struct pollfd ear = { .fd = self->fd, .events = POLLIN };
      guint due = flood_due (plan, elapsed, ret->begun, ret);

      for (guint n; due > 0; due -= n)
        {
          n = MIN (due, BATCH);
          send_batch (self, n);
        }
      if (poll (&ear, 1, TURN_MS) > 0)
        hear_answers (self);
      flood_tell_progress (plan, ret, elapsed, &told);
    }
  (void) poll (NULL, 0, 200); /* for what is still on its way */
  hear_answers (self);
  sp_fd_clear (&self->fd);
}
