/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reach-name.h"

#include "reach-judgement.h"

#include <string.h>

/* What was found of the addresses of one family. */
typedef struct
{
  gboolean is_known;   /* which ones are ours */
  gboolean leads_here; /* one of them is */
  const guint8 *other; /* a public one that is not; NULL: there is none */
} Found;

static const guint8 *
get_address (const SpReachAddresses *addresses, guint i)
{
  return addresses->bytes + (gsize) i * SP_ADDRESS_SIZE;
}

gboolean
sp_reach_has_address (const SpReachAddresses *addresses, const guint8 *address)
{
  for (guint i = 0; i < addresses->n; i++)
    if (memcmp (get_address (addresses, i), address, SP_ADDRESS_SIZE) == 0)
      return TRUE;
  return FALSE;
}

/* This computer has its IPv6 addresses itself; which of IPv4 is its router's, that has to tell. */
static gboolean
knows_own (const SpReachAddresses *own, gboolean ipv4)
{
  for (guint i = 0; ipv4 && i < own->n; i++)
    if (sp_address_is_ipv4 (get_address (own, i)) &&
        sp_reach_get_kind (get_address (own, i)) == SP_ADDRESS_PUBLIC)
      return TRUE;
  return !ipv4;
}

static Found
look_through (const SpReachAddresses *said, const SpReachAddresses *own, gboolean ipv4)
{
  Found found = { .is_known = knows_own (own, ipv4) };

  for (guint i = 0; i < said->n; i++)
    {
      const guint8 *address = get_address (said, i);

      if (sp_address_is_ipv4 (address) != ipv4 || sp_reach_get_kind (address) != SP_ADDRESS_PUBLIC)
        continue;
      if (sp_reach_has_address (own, address))
        found.leads_here = TRUE;
      else
        found.other = address;
    }
  return found;
}

static gboolean
is_elsewhere (const Found *found)
{
  return found->is_known && !found->leads_here && found->other != NULL;
}

/* Of what has several addresses of a family, the one that is ours counts. */
SpReachName
sp_reach_judge_name (const SpReachAddresses *said,
                     const SpReachAddresses *own,
                     const guint8 **ret_wrong)
{
  const Found ipv4 = look_through (said, own, TRUE);
  const Found ipv6 = look_through (said, own, FALSE);
  gboolean has_ipv4 = ipv4.leads_here || ipv4.other != NULL;

  *ret_wrong = NULL;
  if (said->n == 0)
    return SP_REACH_NAME_UNKNOWN;
  if (!has_ipv4 && !ipv6.leads_here && ipv6.other == NULL)
    {
      *ret_wrong = said->bytes;
      return SP_REACH_NAME_PRIVATE;
    }
  if (is_elsewhere (&ipv4))
    {
      *ret_wrong = ipv4.other;
      return SP_REACH_NAME_ELSEWHERE;
    }
  if (is_elsewhere (&ipv6))
    {
      *ret_wrong = ipv6.other;
      return has_ipv4 ? SP_REACH_NAME_IPV6_ELSEWHERE : SP_REACH_NAME_ELSEWHERE;
    }
  return ipv4.leads_here || ipv6.leads_here ? SP_REACH_NAME_HERE : SP_REACH_NAME_UNCLEAR;
}
