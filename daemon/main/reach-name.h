/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

G_BEGIN_DECLS

/* Whether the name of a server leads to it: what the DNS says, beside what is known of the
 * addresses under which the internet sees this computer.  Pure. */

typedef enum
{
  SP_REACH_NAME_UNCLEAR, /* there is no name, nobody knows where it leads, or what our address is */
  SP_REACH_NAME_HERE,
  SP_REACH_NAME_UNKNOWN,        /* the DNS has no address for it */
  SP_REACH_NAME_PRIVATE,        /* it leads to nothing but addresses that nobody outside reaches */
  SP_REACH_NAME_ELSEWHERE,      /* its public address is none of ours */
  SP_REACH_NAME_IPV6_ELSEWHERE, /* nothing is known against the one of IPv4, but that of IPv6 */
  SP_REACH_NAME_LAST = SP_REACH_NAME_IPV6_ELSEWHERE
} SpReachName;

/* Addresses that stand one behind the other. */
typedef struct
{
  const guint8 *bytes;
  guint n;
} SpReachAddresses;

gboolean sp_reach_has_address (const SpReachAddresses *addresses, const guint8 *address);

/* `said`: what the DNS has for it.  `own`: ours, as far as they are known: all of IPv6, and of IPv4
 * those that somebody told; without any of these nothing is said of where IPv4 leads.  `ret_wrong`:
 * the address that the answer is about, one of `said`; NULL: none is. */
SpReachName sp_reach_judge_name (const SpReachAddresses *said,
                                 const SpReachAddresses *own,
                                 const guint8 **ret_wrong);

G_END_DECLS
