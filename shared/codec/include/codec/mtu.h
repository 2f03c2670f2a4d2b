/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* How large a packet may be.  The link MTU is the outer IP packet's, the data MTU the inner one's;
 * one data MTU serves both channels.  All numbers in bytes. */

#define SP_MTU_IPV6_MIN 1280 /* RFC 8200 5: below this a path carries no IPv6 */
#define SP_MTU_PATH_MIN 576  /* a path that claims less is not believed */

typedef struct
{
  guint32 limit;       /* the owner's setting; 0 = SP_MTU_DEFAULT */
  guint32 base_mtu;    /* X-CSTP-Base-MTU; 0 = not told */
  guint32 cstp_mtu;    /* X-CSTP-MTU, used only without the former; 0 = not told */
  guint32 path_mtu;    /* the kernel's knowledge of the path to the client; 0 = none */
  gboolean outer_ipv6; /* the client came over IPv6 */
  gboolean inner_ipv6; /* the session has an IPv6 address */
} SpMtuFacts;

/* The link MTU.  Offers below what the session needs or above SP_MTU_LINK_MAX are ignored.  The
 * result lies between SP_MTU_PATH_MIN and SP_MTU_LINK_MAX. */
guint32 sp_mtu_link (const SpMtuFacts *facts);

/* The data MTU: link, less IP and UDP headers, less `overhead` and the type byte; with an overhead
 * of 0 (no datagram channel) only the headers.  0 if nothing is left. */
guint32 sp_mtu_data (guint32 link, gboolean outer_ipv6, guint32 overhead);

gboolean sp_mtu_carries_ipv6 (guint32 data);

/* Bytes that a DTLS record adds to its content at worst, record header included.  The names are
 * GnuTLS's (gnutls_cipher_get_name, gnutls_mac_get_name); an AEAD cipher's MAC does not matter
 * and may be NULL.  A cipher that is not in the table gets the largest overhead of all. */
guint32 sp_mtu_overhead (const char *cipher, const char *mac);

G_END_DECLS
