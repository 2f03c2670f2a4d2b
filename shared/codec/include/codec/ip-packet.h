/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* The fixed part of an IPv4 (RFC 791 3.1) or IPv6 (RFC 8200 3) header. */
typedef struct
{
  guint8 version;                      /* 4 or 6 */
  guint8 protocol;                     /* IPv6: next header, extension headers are not followed */
  guint16 header_length;               /* bytes; IPv6: 40 */
  guint32 total_length;                /* bytes, header included, at most what was given */
  guint8 source[SP_ADDRESS_SIZE];      /* 16-byte form: mapped (::ffff:…) if and only if IPv4 */
  guint8 destination[SP_ADDRESS_SIZE]; /* likewise */
} SpIpPacket;

/* FALSE unless `packet` begins with a whole packet whose lengths agree.  An IPv6 packet with an
 * IPv4-mapped address is refused: such addresses do not belong on a wire, and it could pass for
 * the IPv4 packet of somebody else. */
gboolean sp_ip_packet_read (const guint8 *packet, gsize size, SpIpPacket *ret);

G_END_DECLS
