/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crowd.h"

#include "base/endpoint.h"

#include <string.h>

#define PREFIX_BYTES_IPV4 15 /* a /24 in the 16-byte form */
#define PREFIX_BYTES_IPV6 7  /* a /56 */

static gboolean
shares_prefix (const SpStranger *a, const SpStranger *b)
{
  gsize size = sp_address_is_ipv4 (a->address) ? PREFIX_BYTES_IPV4 : PREFIX_BYTES_IPV6;

  return memcmp (a->address, b->address, size) == 0;
}

static guint
count_company (const SpStranger *strangers, guint n, guint whose)
{
  guint company = 0;

  for (guint i = 0; i < n; i++)
    company += shares_prefix (&strangers[whose], &strangers[i]) ? 1 : 0;
  return company;
}

guint
sp_crowd_choose (const SpStranger *strangers, guint n)
{
  guint victim = 0;
  guint most = 0;

  for (guint i = 0; i < n; i++)
    {
      guint company = count_company (strangers, n, i);

      if (company < most ||
          (company == most && most > 0 && strangers[i].since >= strangers[victim].since))
        continue;
      most = company;
      victim = i;
    }
  return victim;
}
