/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/prefix.h"

#include "base/endpoint.h"

#define IPV4_NARROW (1ULL << 32)
#define IPV4_WIDE   (2ULL << 32)
#define IPV4_24     0xffffff00u
#define IPV6_48     0xffffffffffff0000ULL

static guint64
upper_half (const guint8 *address)
{
  guint64 value = 0;

  for (guint i = 0; i < 8; i++)
    value = value << 8 | address[i];
  return value;
}

guint64
sp_prefix_narrow (const guint8 *address)
{
  if (sp_address_is_ipv4 (address))
    return IPV4_NARROW | sp_address_to_ipv4 (address);
  return upper_half (address);
}

guint64
sp_prefix_wide (const guint8 *address)
{
  if (sp_address_is_ipv4 (address))
    return IPV4_WIDE | (sp_address_to_ipv4 (address) & IPV4_24);
  return upper_half (address) & IPV6_48;
}
