/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/segmenter.h"

#include "codec/checksum.h"

#include <string.h>

/* Virtual I/O Device 1.1, 5.1.6 (struct virtio_net_hdr) */
#define FLAGS_OFFSET           0
#define FLAG_NEEDS_CHECKSUM    0x01
#define KIND_OFFSET            1
#define KIND_NONE              0
#define KIND_TCP_IPV4          1
#define KIND_TCP_IPV6          4
#define KIND_UDP               5
#define KIND_ECN               0x80 /* only TCP; the flag in its header says the same */
#define SEGMENT_SIZE_OFFSET    4
#define CHECKSUM_START_OFFSET  6
#define CHECKSUM_OFFSET_OFFSET 8

/* RFC 791 3.1 */
#define IPV4_HEADER_MIN      20
#define IPV4_LENGTH_OFFSET   2
#define IPV4_ID_OFFSET       4
#define IPV4_FRAGMENT_OFFSET 6
#define IPV4_FRAGMENT_MASK   0x3fff /* there are more, or it is not the first */
#define IPV4_PROTOCOL_OFFSET 9

/* RFC 8200 3 and 4 */
#define IPV6_HEADER           40
#define IPV6_LENGTH_OFFSET    4
#define IPV6_NEXT_OFFSET      6
#define IPV6_HOP_BY_HOP       0
#define IPV6_ROUTING          43
#define IPV6_DESTINATION      60
#define IPV6_EXTENSION_HEADER 2
#define IPV6_EXTENSION_UNIT   8

/* RFC 9293 3.1 */
#define PROTOCOL_TCP        6
#define TCP_HEADER_MIN      20
#define TCP_SEQUENCE_OFFSET 4
#define TCP_SIZE_OFFSET     12
#define TCP_FLAGS_OFFSET    13
#define TCP_FIN             0x01
#define TCP_PSH             0x08
#define TCP_CWR             0x80 /* RFC 3168 6.1.2: once */
#define TCP_CHECKSUM_OFFSET 16

/* RFC 768 */
#define PROTOCOL_UDP        17
#define UDP_HEADER          8
#define UDP_LENGTH_OFFSET   4
#define UDP_CHECKSUM_OFFSET 6

static guint16
read_16 (const guint8 *bytes)
{
  return (guint16) (bytes[0] << 8 | bytes[1]);
}

static guint16
read_16_little (const guint8 *bytes)
{
  return (guint16) (bytes[1] << 8 | bytes[0]);
}

static void
write_16 (guint8 *bytes, gsize number)
{
  bytes[0] = (guint8) (number >> 8);
  bytes[1] = (guint8) number;
}

static void
increase_32 (guint8 *bytes, gsize by)
{
  guint32 number = (guint32) read_16 (bytes) << 16 | read_16 (bytes + 2);

  number += (guint32) by;
  write_16 (bytes, number >> 16);
  write_16 (bytes + 2, number);
}

/* Where the transport header begins, and of which protocol it is; 0 if it cannot be found. */
static gsize
find_transport_ipv4 (const guint8 *packet, gsize size, guint8 *ret_protocol)
{
  gsize length = (packet[0] & 0x0fU) * 4;

  if (size < IPV4_HEADER_MIN || length < IPV4_HEADER_MIN || length > size ||
      (read_16 (packet + IPV4_FRAGMENT_OFFSET) & IPV4_FRAGMENT_MASK) != 0)
    return 0;
  *ret_protocol = packet[IPV4_PROTOCOL_OFFSET];
  return length;
}

static gsize
find_transport_ipv6 (const guint8 *packet, gsize size, guint8 *ret_protocol)
{
  gsize length = IPV6_HEADER;
  guint8 next;

  if (size < IPV6_HEADER)
    return 0;
  next = packet[IPV6_NEXT_OFFSET];
  while (next == IPV6_HOP_BY_HOP || next == IPV6_ROUTING || next == IPV6_DESTINATION)
    {
      if (size - length < IPV6_EXTENSION_HEADER)
        return 0;
      next = packet[length];
      length += (packet[length + 1] + 1U) * IPV6_EXTENSION_UNIT;
      if (length > size)
        return 0;
    }
  *ret_protocol = next;
  return length;
}

/* 0 if there is no whole header. */
static gsize
measure_transport (const guint8 *transport, gsize size, gboolean tcp)
{
  gsize length = UDP_HEADER;

  if (tcp && size < TCP_HEADER_MIN)
    return 0;
  if (tcp)
    length = MAX (TCP_HEADER_MIN, (transport[TCP_SIZE_OFFSET] >> 4) * 4U);
  return length <= size ? length : 0;
}

/* The kernel has summed up the pseudo header, and whatever it says of final destinations counts. */
static guint64
take_pseudo_header (guint8 *field, guint32 length)
{
  guint64 sum = sp_checksum_subtract_32 (sp_checksum_add (0, field, 2), length);

  memset (field, 0, 2);
  return sum;
}

static void
take_headers (SpSegmenter *self, const guint8 *packet, gsize size)
{
  guint8 *transport = self->headers + self->transport;
  guint32 length = (guint32) (size - self->transport);

  memcpy (self->headers, packet, self->size);
  if (self->tcp)
    {
      guint8 *flags = transport + TCP_FLAGS_OFFSET;

      self->pseudo = take_pseudo_header (transport + TCP_CHECKSUM_OFFSET, length);
      self->at_end = *flags & (TCP_FIN | TCP_PSH);
      *flags &= (guint8) ~(TCP_FIN | TCP_PSH);
    }
  else
    self->pseudo = take_pseudo_header (transport + UDP_CHECKSUM_OFFSET, length);
}

/* Whether both speak of the same packet. */
static gboolean
agrees (const SpSegmenter *self, const guint8 *header, guint8 protocol)
{
  gsize checksum = self->tcp ? TCP_CHECKSUM_OFFSET : UDP_CHECKSUM_OFFSET;

  return (header[FLAGS_OFFSET] & FLAG_NEEDS_CHECKSUM) != 0 &&
         protocol == (self->tcp ? PROTOCOL_TCP : PROTOCOL_UDP) &&
         read_16_little (header + CHECKSUM_START_OFFSET) == self->transport &&
         read_16_little (header + CHECKSUM_OFFSET_OFFSET) == checksum;
}

static gboolean
begin_many (
    SpSegmenter *self, guint8 kind, const guint8 *header, guint8 *packet, gsize size, gboolean ipv6)
{
  guint8 protocol = 0;
  gsize transport_size;

  self->ipv6 = ipv6;
  self->tcp = kind != KIND_UDP;
  if (self->tcp && ipv6 != (kind == KIND_TCP_IPV6))
    return FALSE;
  self->transport = ipv6 ? find_transport_ipv6 (packet, size, &protocol)
                         : find_transport_ipv4 (packet, size, &protocol);
  self->most = read_16_little (header + SEGMENT_SIZE_OFFSET);
  if (self->transport == 0 || self->most == 0 || !agrees (self, header, protocol))
    return FALSE;
  transport_size = measure_transport (packet + self->transport, size - self->transport, self->tcp);
  self->size = self->transport + transport_size;
  if (transport_size == 0 || self->size == size || self->size > sizeof self->headers ||
      self->size + MIN (self->most, size - self->size) > G_MAXUINT16)
    return FALSE;
  take_headers (self, packet, size);
  self->next = packet + self->size;
  self->left = size - self->size;
  return TRUE;
}

/* What is there in the checksum's place belongs to the sum: it is that of the pseudo header. */
static gboolean
complete (const guint8 *header, guint8 *packet, gsize size)
{
  gsize start = read_16_little (header + CHECKSUM_START_OFFSET);
  gsize field = start + read_16_little (header + CHECKSUM_OFFSET_OFFSET);

  if (field + 2 > size)
    return FALSE;
  sp_checksum_write_not_zero (sp_checksum_add (0, packet + start, size - start), packet + field);
  return TRUE;
}

gboolean
sp_segmenter_begin (SpSegmenter *self, const guint8 *header, guint8 *packet, gsize size)
{
  guint8 kind = header[KIND_OFFSET] & (guint8) ~KIND_ECN;

  self->left = 0;
  self->size = 0;
  if (size == 0 || (packet[0] >> 4 != 4 && packet[0] >> 4 != 6))
    return FALSE;
  if (kind == KIND_TCP_IPV4 || kind == KIND_TCP_IPV6 || kind == KIND_UDP)
    return begin_many (self, kind, header, packet, size, packet[0] >> 4 == 6);
  if (kind != KIND_NONE ||
      ((header[FLAGS_OFFSET] & FLAG_NEEDS_CHECKSUM) != 0 && !complete (header, packet, size)))
    return FALSE;
  self->next = packet;
  self->left = self->most = size;
  return TRUE;
}

/* The headers of a packet with `size` bytes of payload, but for the transport's checksum. */
static void
write_lengths (SpSegmenter *self, gsize size)
{
  guint8 *headers = self->headers;

  if (self->ipv6)
    write_16 (headers + IPV6_LENGTH_OFFSET, self->size - IPV6_HEADER + size);
  else
    {
      write_16 (headers + IPV4_LENGTH_OFFSET, self->size + size);
      sp_checksum_complete_ipv4 (headers, (headers[0] & 0x0fU) * 4);
    }
  if (!self->tcp)
    write_16 (headers + self->transport + UDP_LENGTH_OFFSET, self->size - self->transport + size);
}

static void
write_checksum (const SpSegmenter *self, guint8 *packet, gsize size)
{
  guint8 *transport = packet + self->transport;
  guint32 length = (guint32) (size - self->transport);
  guint64 sum = sp_checksum_add_32 (self->pseudo, length);

  sum = sp_checksum_add (sum, transport, length);
  if (self->tcp)
    sp_checksum_write (sum, transport + TCP_CHECKSUM_OFFSET);
  else
    sp_checksum_write_not_zero (sum, transport + UDP_CHECKSUM_OFFSET);
}

/* What differs in the packet after one with `size` bytes of payload. */
static void
go_on (SpSegmenter *self, gsize size)
{
  guint8 *headers = self->headers;
  guint8 *transport = headers + self->transport;

  if (!self->ipv6)
    write_16 (headers + IPV4_ID_OFFSET, read_16 (headers + IPV4_ID_OFFSET) + 1U);
  if (!self->tcp)
    return;
  increase_32 (transport + TCP_SEQUENCE_OFFSET, size);
  transport[TCP_FLAGS_OFFSET] &= (guint8) ~TCP_CWR;
}

gboolean
sp_segmenter_next (SpSegmenter *self, guint8 **ret_packet, gsize *ret_size)
{
  gsize payload = MIN (self->left, self->most);

  if (payload == 0)
    return FALSE;
  *ret_packet = self->next - self->size;
  *ret_size = self->size + payload;
  self->next += payload;
  self->left -= payload;
  if (self->size == 0)
    return TRUE;
  if (self->left == 0 && self->tcp)
    self->headers[self->transport + TCP_FLAGS_OFFSET] |= self->at_end;
  write_lengths (self, payload);
  memcpy (*ret_packet, self->headers, self->size);
  write_checksum (self, *ret_packet, *ret_size);
  go_on (self, payload);
  return TRUE;
}

guint
sp_segmenter_count (const SpSegmenter *self)
{
  return self->left == 0 ? 0 : (guint) ((self->left + self->most - 1) / self->most);
}
