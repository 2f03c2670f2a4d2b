/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load-segments.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define IPV4_SIZE        20 /* without options */
#define IPV6_SIZE        40
#define TCP_SIZE         20
#define TCP_SEQUENCE     4
#define TCP_OFFSET       12
#define TCP_FLAGS        13
#define TCP_CHECKSUM     16
#define UDP_CHECKSUM     6
#define FLAG_FIN         0x01
#define FLAG_PSH         0x08
#define FLAG_ACK         0x10
#define FLAG_CWR         0x80
#define PACKET_BYTES_MAX 65535

static guint16
get16 (const guint8 *bytes)
{
  return (guint16) (bytes[0] << 8 | bytes[1]);
}

static void
put16 (guint8 *bytes, gsize value)
{
  bytes[0] = (guint8) (value >> 8);
  bytes[1] = (guint8) value;
}

static guint32
get32 (const guint8 *bytes)
{
  return (guint32) get16 (bytes) << 16 | get16 (bytes + 2);
}

static void
put32 (guint8 *bytes, guint32 value)
{
  put16 (bytes, value >> 16);
  put16 (bytes + 2, value & 0xffff);
}

/* RFC 1071, in the machine's own byte order: a sum is what memory says.  Four words at a time,
 * which compilers make one instruction of. */
static guint64
add_up (const guint8 *bytes, gsize size, guint64 sum)
{
  guint64 sums[4] = { sum };
  guint32 words[4];

  for (; size >= sizeof words; size -= sizeof words, bytes += sizeof words)
    {
      memcpy (words, bytes, sizeof words);
      for (guint i = 0; i < G_N_ELEMENTS (words); i++)
        sums[i] += words[i];
    }
  memset (words, 0, sizeof words);
  memcpy (words, bytes, size);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    sums[i] += words[i];
  return sums[0] + sums[1] + sums[2] + sums[3];
}

static guint16
fold (guint64 sum)
{
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return (guint16) sum;
}

static guint64
add_up_pseudo_header (const guint8 *packet, guint8 protocol, gsize length)
{
  gboolean ipv6 = packet[0] >> 4 == 6;
  gsize address = ipv6 ? 16 : 4;

  return add_up (packet + (ipv6 ? 8 : 12), 2 * address, 0) + htons (protocol) +
         htons ((guint16) length);
}

static void
put_sum (guint8 *field, guint16 sum)
{
  memcpy (field, &sum, sizeof sum);
}

static void
write_ip_header (guint8 *packet, gsize size, guint16 number)
{
  if (packet[0] >> 4 == 6)
    {
      put16 (packet + 4, size - IPV6_SIZE);
      return;
    }
  put16 (packet + 2, size);
  put16 (packet + 4, number);
  put16 (packet + 10, 0);
  put_sum (packet + 10, (guint16) ~fold (add_up (packet, (gsize) (packet[0] & 0xf) * 4, 0)));
}

static void
write_tcp_checksum (guint8 *packet, gsize size, gsize tcp)
{
  put16 (packet + tcp + TCP_CHECKSUM, 0);
  put_sum (packet + tcp + TCP_CHECKSUM,
           (guint16) ~fold (
               add_up (packet + tcp, size - tcp, 0) + /* both are far from what 64 bits hold */
               add_up_pseudo_header (packet, IPPROTO_TCP, size - tcp)));
}

/* --- taking apart --- */

static gboolean
hand_out_whole (const struct virtio_net_hdr *about,
                guint8 *packet,
                gsize size,
                LoadPacketFunc cb,
                gpointer data)
{
  gsize start = about->csum_start;

  if ((about->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
    {
      if (start + about->csum_offset + 2 > size)
        return FALSE;
      /* The sum of the pseudo header is in the field already. */
      put_sum (packet + start + about->csum_offset,
               (guint16) ~fold (add_up (packet + start, size - start, 0)));
    }
  cb (data, packet, size);
  return TRUE;
}

gboolean
load_split (guint8 *bytes, gsize size, LoadPacketFunc packet_cb, gpointer data)
{
  struct virtio_net_hdr about;
  guint8 segment[PACKET_BYTES_MAX];
  guint8 *packet = bytes + LOAD_HEADER_SIZE;
  gsize tcp, headers, length;
  guint8 kind;

  if (size <= LOAD_HEADER_SIZE + IPV4_SIZE)
    return FALSE;
  memcpy (&about, bytes, sizeof about);
  size -= LOAD_HEADER_SIZE;
  kind = about.gso_type & (guint8) ~VIRTIO_NET_HDR_GSO_ECN;
  tcp = about.csum_start;
  if (kind == VIRTIO_NET_HDR_GSO_NONE)
    return hand_out_whole (&about, packet, size, packet_cb, data);
  if ((kind != VIRTIO_NET_HDR_GSO_TCPV4 && kind != VIRTIO_NET_HDR_GSO_TCPV6) ||
      about.gso_size == 0 || tcp + TCP_SIZE > size)
    return FALSE;
  headers = tcp + (gsize) (packet[tcp + TCP_OFFSET] >> 4) * 4;
  for (gsize at = headers, number = 0; at < size; at += length, number++)
    {
      guint8 *flags = segment + tcp + TCP_FLAGS;

      length = MIN (about.gso_size, size - at);
      memcpy (segment, packet, headers);
      memcpy (segment + headers, packet + at, length);
      put32 (segment + tcp + TCP_SEQUENCE,
             get32 (packet + tcp + TCP_SEQUENCE) + (guint32) (at - headers));
      if (at + length < size)
        *flags &= (guint8) ~(FLAG_FIN | FLAG_PSH);
      if (number > 0)
        *flags &= (guint8) ~FLAG_CWR;
      write_ip_header (segment, headers + length, (guint16) (get16 (packet + 4) + number));
      write_tcp_checksum (segment, headers + length, tcp);
      packet_cb (data, segment, headers + length);
    }
  return TRUE;
}

/* --- putting together --- */

void
load_joiner_init (LoadJoiner *self, int device)
{
  *self = (LoadJoiner){ .device = device, .memory = g_malloc (LOAD_SUPER_MAX) };
}

void
load_joiner_clear (LoadJoiner *self)
{
  g_clear_pointer (&self->memory, g_free);
}

/* A write that the device refuses is a packet lost, as in any network. */
void
load_joiner_flush (LoadJoiner *self)
{
  struct virtio_net_hdr about = { .gso_type = VIRTIO_NET_HDR_GSO_NONE };
  guint8 *packet = self->memory + LOAD_HEADER_SIZE;
  gsize tcp = packet[0] >> 4 == 6 ? IPV6_SIZE : IPV4_SIZE;

  if (self->size == 0)
    return;
  if (self->n_segments > 1)
    {
      about = (struct virtio_net_hdr){ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                       .gso_type = tcp == IPV6_SIZE ? VIRTIO_NET_HDR_GSO_TCPV6
                                                                    : VIRTIO_NET_HDR_GSO_TCPV4,
                                       .hdr_len = (guint16) self->headers,
                                       .gso_size = (guint16) self->segment,
                                       .csum_start = (guint16) tcp,
                                       .csum_offset = TCP_CHECKSUM };
      write_ip_header (packet, self->size, get16 (packet + 4));
      put_sum (packet + tcp + TCP_CHECKSUM,
               fold (add_up_pseudo_header (packet, IPPROTO_TCP, self->size - tcp)));
    }
  memcpy (self->memory, &about, sizeof about);
  (void) !write (self->device, self->memory, LOAD_HEADER_SIZE + self->size);
  self->size = 0;
}

/* The size of the headers of a TCP segment that may be joined to others; 0 = it may not. */
static gsize
measure_headers (const guint8 *packet, gsize size, gsize *ret_tcp)
{
  gboolean ipv6 = packet[0] >> 4 == 6;
  gsize tcp = ipv6 ? IPV6_SIZE : IPV4_SIZE;
  gsize headers;

  if (size < tcp + TCP_SIZE || (!ipv6 && packet[0] != 0x45) ||
      packet[ipv6 ? 6 : 9] != IPPROTO_TCP || (!ipv6 && (get16 (packet + 6) & 0x3fff) != 0))
    return 0;
  headers = tcp + (gsize) (packet[tcp + TCP_OFFSET] >> 4) * 4;
  *ret_tcp = tcp;
  return headers < size && (packet[tcp + TCP_FLAGS] & (guint8) ~FLAG_PSH) == FLAG_ACK ? headers : 0;
}

static gboolean
is_sound (const guint8 *packet, gsize size, gsize tcp)
{
  return fold (add_up (packet + tcp, size - tcp, 0) +
               add_up_pseudo_header (packet, IPPROTO_TCP, size - tcp)) == 0xffff;
}

/* The same in everything that one header can say for all of them. */
static gboolean
follows (const LoadJoiner *self, const guint8 *packet, gsize size, gsize headers, gsize tcp)
{
  const guint8 *first = self->memory + LOAD_HEADER_SIZE;
  gboolean ipv6 = tcp == IPV6_SIZE;

  return self->size > 0 && self->segment > 0 && headers == self->headers &&
         get32 (packet + tcp + TCP_SEQUENCE) == self->next && size - headers <= self->segment &&
         self->size + size - headers <= PACKET_BYTES_MAX && memcmp (first, packet, 2) == 0 &&
         memcmp (first + (ipv6 ? 6 : 8), packet + (ipv6 ? 6 : 8), 2) == 0 && /* TTL, protocol */
         memcmp (first + (ipv6 ? 8 : 12), packet + (ipv6 ? 8 : 12), tcp + 4 - (ipv6 ? 8 : 12)) ==
             0 &&
         memcmp (first + tcp + 8, packet + tcp + 8, 5) == 0 &&
         memcmp (first + tcp + 14, packet + tcp + 14, 2) == 0 && /* acknowledgement, window */
         memcmp (first + tcp + 18, packet + tcp + 18, headers - tcp - 18) == 0;
}

static void
begin (LoadJoiner *self, const guint8 *packet, gsize size)
{
  load_joiner_flush (self);
  memcpy (self->memory + LOAD_HEADER_SIZE, packet, size);
  self->size = size;
  self->segment = 0;
  self->n_segments = 1;
}

void
load_joiner_add (LoadJoiner *self, const guint8 *packet, gsize size)
{
  gsize tcp = 0;
  gsize headers = size > IPV4_SIZE ? measure_headers (packet, size, &tcp) : 0;
  guint8 pushed;

  if (size > PACKET_BYTES_MAX)
    return;
  if (headers == 0)
    {
      /* The kernel judges its checksum. */
      begin (self, packet, size);
      load_joiner_flush (self);
      return;
    }
  if (!is_sound (packet, size, tcp))
    {
      self->n_broken++;
      return;
    }
  pushed = packet[tcp + TCP_FLAGS] & FLAG_PSH;
  if (follows (self, packet, size, headers, tcp))
    {
      memcpy (self->memory + LOAD_HEADER_SIZE + self->size, packet + headers, size - headers);
      self->memory[LOAD_HEADER_SIZE + tcp + TCP_FLAGS] |= pushed;
      self->size += size - headers;
      self->n_segments++;
    }
  else
    {
      begin (self, packet, size);
      self->headers = headers;
      self->segment = size - headers;
    }
  self->next = get32 (packet + tcp + TCP_SEQUENCE) + (guint32) (size - headers);
  /* A short one, or one that is urgent to its reader, is the last. */
  if (size - headers < self->segment || pushed != 0)
    load_joiner_flush (self);
}
