/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "datagram.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

typedef union
{
  char space[CMSG_SPACE (sizeof (struct in6_pktinfo)) + CMSG_SPACE (sizeof (int))];
  struct cmsghdr alignment;
} Control;

G_STATIC_ASSERT (sizeof (struct in6_pktinfo) >= sizeof (struct in_pktinfo));

struct _SpDatagramBatch
{
  int fd;
  guint16 local_port;
  struct mmsghdr headers[SP_DATAGRAM_BATCH];
  struct iovec parts[SP_DATAGRAM_BATCH];
  struct sockaddr_storage names[SP_DATAGRAM_BATCH];
  Control controls[SP_DATAGRAM_BATCH];
  guint8 bytes[SP_DATAGRAM_BATCH][SP_FIRST_DATAGRAM_MAX];
};

SpDatagramBatch *
sp_datagram_batch_new (void)
{
  SpDatagramBatch *batch = g_new0 (SpDatagramBatch, 1);

  for (guint i = 0; i < SP_DATAGRAM_BATCH; i++)
    {
      batch->parts[i].iov_base = batch->bytes[i];
      batch->parts[i].iov_len = sizeof batch->bytes[i];
      batch->headers[i].msg_hdr.msg_iov = &batch->parts[i];
      batch->headers[i].msg_hdr.msg_iovlen = 1;
      batch->headers[i].msg_hdr.msg_name = &batch->names[i];
      batch->headers[i].msg_hdr.msg_control = batch->controls[i].space;
    }
  return batch;
}

void
sp_datagram_batch_free (SpDatagramBatch *batch)
{
  g_free (batch);
}

guint
sp_datagram_batch_receive (SpDatagramBatch *batch, int fd, guint16 local_port)
{
  int count;

  batch->fd = fd;
  batch->local_port = local_port;
  for (guint i = 0; i < SP_DATAGRAM_BATCH; i++)
    {
      batch->headers[i].msg_hdr.msg_namelen = sizeof batch->names[i];
      batch->headers[i].msg_hdr.msg_controllen = sizeof batch->controls[i].space;
    }
  do
    count = recvmmsg (fd, batch->headers, SP_DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
  while (count < 0 && errno == EINTR);
  return (guint) MAX (count, 0);
}

static void
read_controls (struct msghdr *header, SpDatagram *ret)
{
  for (struct cmsghdr *control = CMSG_FIRSTHDR (header); control != NULL;
       control = CMSG_NXTHDR (header, control))
    {
      if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO)
        {
          struct in_pktinfo info;
          memcpy (&info, CMSG_DATA (control), sizeof info);
          sp_address_from_ipv4 (ret->local.address, ntohl (info.ipi_addr.s_addr));
          ret->interface = (guint) info.ipi_ifindex;
        }
      else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO)
        {
          struct in6_pktinfo info;
          memcpy (&info, CMSG_DATA (control), sizeof info);
          memcpy (ret->local.address, &info.ipi6_addr, SP_ADDRESS_SIZE);
          ret->interface = info.ipi6_ifindex;
        }
      else if (control->cmsg_level == IPPROTO_UDP && control->cmsg_type == UDP_GRO)
        {
          int segment;
          memcpy (&segment, CMSG_DATA (control), sizeof segment);
          ret->segment = (gsize) MAX (segment, 0);
        }
    }
}

gboolean
sp_datagram_batch_get (SpDatagramBatch *batch, guint n, SpDatagram *ret)
{
  struct msghdr *header = &batch->headers[n].msg_hdr;

  memset (ret, 0, sizeof *ret);
  ret->bytes = batch->bytes[n];
  ret->size = batch->headers[n].msg_len;
  ret->truncated = (header->msg_flags & MSG_TRUNC) != 0;
  ret->fd = batch->fd;
  ret->local.port = batch->local_port;
  read_controls (header, ret);
  memcpy (&ret->name, &batch->names[n], header->msg_namelen);
  ret->name_length = header->msg_namelen;
  return sp_endpoint_from_sockaddr ((struct sockaddr *) &ret->name, ret->name_length, &ret->peer);
}

gboolean
sp_datagram_split (const SpDatagram *coalesced, gsize *offset, SpDatagram *ret)
{
  gsize left;

  /* An empty datagram is one, too. */
  if (*offset > 0 && *offset >= coalesced->size)
    return FALSE;
  left = coalesced->size - *offset;
  *ret = *coalesced;
  ret->bytes += *offset;
  ret->size = coalesced->segment > 0 ? MIN (coalesced->segment, left) : left;
  ret->truncated = coalesced->truncated && ret->size == left;
  *offset += MAX (ret->size, 1);
  return TRUE;
}

static void
set_control (struct msghdr *header, Control *control, int level, int type, gsize size)
{
  struct cmsghdr *first;

  memset (control, 0, sizeof *control);
  header->msg_control = control->space;
  header->msg_controllen = CMSG_SPACE (size);
  first = CMSG_FIRSTHDR (header);
  first->cmsg_level = level;
  first->cmsg_type = type;
  first->cmsg_len = CMSG_LEN (size);
}

/* The interface is only named where an address has no meaning without it; elsewhere routes know
 * the way back. */
static void
set_source (const SpDatagram *datagram, struct msghdr *header, Control *control)
{
  const guint8 *local = datagram->local.address;
  gboolean link_local = local[0] == 0xfe && (local[1] & 0xc0) == 0x80; /* RFC 4291 2.5.6 */

  if (sp_address_is_unset (local))
    return;
  if (datagram->name.ss_family == AF_INET6)
    {
      struct in6_pktinfo info = { .ipi6_ifindex = link_local ? datagram->interface : 0 };
      memcpy (&info.ipi6_addr, local, SP_ADDRESS_SIZE);
      set_control (header, control, IPPROTO_IPV6, IPV6_PKTINFO, sizeof info);
      memcpy (CMSG_DATA (CMSG_FIRSTHDR (header)), &info, sizeof info);
    }
  else
    {
      struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl (sp_address_to_ipv4 (local)) };
      set_control (header, control, IPPROTO_IP, IP_PKTINFO, sizeof info);
      memcpy (CMSG_DATA (CMSG_FIRSTHDR (header)), &info, sizeof info);
    }
}

gssize
sp_datagram_reply (const SpDatagram *datagram, gconstpointer bytes, gsize size)
{
  struct iovec part = { .iov_base = (gpointer) bytes, .iov_len = size };
  struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
  Control control;

  if (!datagram->connected)
    {
      header.msg_name = (gpointer) &datagram->name;
      header.msg_namelen = datagram->name_length;
      set_source (datagram, &header, &control);
    }
  return sendmsg (datagram->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}
