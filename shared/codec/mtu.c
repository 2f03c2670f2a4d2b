/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/mtu.h"

#include <string.h>

#define OUTER_IPV4 (20 + 8) /* IP and UDP headers */
#define OUTER_IPV6 (40 + 8)
#define TYPE_BYTE  1
/* What a client without a base MTU has taken off: AES-CBC, SHA-1. */
#define OVERHEAD_CLIENT_MTU 65
#define OVERHEAD_WORST      93

/* Record header, explicit nonce or IV, tag or MAC, and the most padding (as GnuTLS 3.7.9 has it).
 */
static const struct
{
  const char *cipher;
  const char *mac; /* NULL: the cipher authenticates */
  guint32 bytes;
} overheads[] = {
  { "AES-128-GCM", NULL, 37 },       { "AES-256-GCM", NULL, 37 },     { "AES-128-CCM", NULL, 37 },
  { "AES-256-CCM", NULL, 37 },       { "AES-128-CCM-8", NULL, 29 },   { "AES-256-CCM-8", NULL, 29 },
  { "CHACHA20-POLY1305", NULL, 29 }, { "AES-128-CBC", "SHA1", 65 },   { "AES-256-CBC", "SHA1", 65 },
  { "AES-128-CBC", "SHA256", 77 },   { "AES-256-CBC", "SHA384", 93 }, { "3DES-CBC", "SHA1", 49 },
};

static guint32
outer_headers (gboolean outer_ipv6)
{
  return outer_ipv6 ? OUTER_IPV6 : OUTER_IPV4;
}

/* The link MTU that the client's headers speak of; 0 if they say nothing. */
static guint32
offered_link (const SpMtuFacts *facts)
{
  if (facts->base_mtu != 0)
    return facts->base_mtu;
  if (facts->cstp_mtu == 0 || facts->cstp_mtu > SP_MTU_LINK_MAX)
    return 0;
  return facts->cstp_mtu + outer_headers (facts->outer_ipv6) + TYPE_BYTE + OVERHEAD_CLIENT_MTU;
}

guint32
sp_mtu_link (const SpMtuFacts *facts)
{
  guint32 link = facts->limit == 0 ? SP_MTU_DEFAULT : facts->limit;
  guint32 floor = facts->inner_ipv6 ? SP_MTU_LINK_MIN_IPV6 : SP_MTU_LINK_MIN_IPV4;
  guint32 offered = offered_link (facts);

  if (offered >= floor && offered <= SP_MTU_LINK_MAX)
    link = MIN (link, offered);
  if (facts->path_mtu >= SP_MTU_PATH_MIN)
    link = MIN (link, facts->path_mtu);
  return CLAMP (link, SP_MTU_PATH_MIN, SP_MTU_LINK_MAX);
}

guint32
sp_mtu_data (guint32 link, gboolean outer_ipv6, guint32 overhead)
{
  guint32 taken = outer_headers (outer_ipv6) + (overhead == 0 ? 0 : TYPE_BYTE + overhead);

  return link > taken ? link - taken : 0;
}

gboolean
sp_mtu_carries_ipv6 (guint32 data)
{
  return data >= SP_MTU_IPV6_MIN;
}

guint32
sp_mtu_overhead (const char *cipher, const char *mac)
{
  for (guint i = 0; i < G_N_ELEMENTS (overheads); i++)
    if (g_strcmp0 (overheads[i].cipher, cipher) == 0 &&
        (overheads[i].mac == NULL || g_strcmp0 (overheads[i].mac, mac) == 0))
      return overheads[i].bytes;
  return OVERHEAD_WORST;
}
