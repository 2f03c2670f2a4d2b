/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The Internet checksum (RFC 1071): ones' complement sums of 16-bit words, taken as they lie in
 * memory, so that nothing depends on the machine's byte order.  A sum begins with 0 or with a
 * pseudo header; each piece but the last has an even size. */

/* `sum` with the bytes added. */
guint64 sp_checksum_add (guint64 sum, gconstpointer bytes, gsize size);
/* Likewise with a number as it stands in a header, most significant byte first. */
guint64 sp_checksum_add_16 (guint64 sum, guint16 number);
guint64 sp_checksum_add_32 (guint64 sum, guint32 number);
/* `sum` without such a number that was added to it. */
guint64 sp_checksum_subtract_32 (guint64 sum, guint32 number);

/* The pseudo header of a packet (RFC 793 3.1, RFC 8200 8.1), whose addresses are read from its IPv4
 * (20 bytes) or IPv6 header (40).  `length` is that of the transport header with its data. */
guint64 sp_checksum_pseudo_header (const guint8 *packet, guint8 protocol, guint32 length);

/* The sum as 16 bits in memory order, without its complement: what a header holds while the rest of
 * its checksum is left to somebody else. */
guint16 sp_checksum_fold (guint64 sum);

/* Whether a sum over all, the checksum's own field included, says that nothing was changed. */
gboolean sp_checksum_is_right (guint64 sum);

/* Writes the checksum; the sum was taken with 0 in its place. */
void sp_checksum_write (guint64 sum, guint8 *field);
/* Likewise where 0 would say that there is none (RFC 768). */
void sp_checksum_write_not_zero (guint64 sum, guint8 *field);

/* Of the `size` bytes of an IPv4 header: zeroes its field and writes it. */
void sp_checksum_complete_ipv4 (guint8 *header, gsize size);

G_END_DECLS
