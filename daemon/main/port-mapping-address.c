/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-mapping-address.h"

#include "codec/update-answer.h"

#include <string.h>

const guint8 *
sp_mapping_find_ipv4 (const SpUplink *uplink)
{
  for (guint i = 0; uplink->default_ipv4 != 0 && i < uplink->addresses->len; i++)
    {
      const SpUplinkAddress *own = &g_array_index (uplink->addresses, SpUplinkAddress, i);

      if (own->interface_index == uplink->default_ipv4 && sp_address_is_ipv4 (own->address) &&
          sp_network_contains (&own->network, uplink->router))
        return own->address;
    }
  return NULL;
}

/* A router that is reached by no address of its own cannot be asked. */
const guint8 *
sp_mapping_find_ipv6 (const SpUplink *uplink, const guint8 *before)
{
  const guint8 *found = NULL;

  if (uplink->default_ipv6 == 0 || sp_address_is_unset (uplink->router6))
    return NULL;
  for (guint i = 0; i < uplink->addresses->len; i++)
    {
      const SpUplinkAddress *own = &g_array_index (uplink->addresses, SpUplinkAddress, i);

      if (own->interface_index != uplink->default_ipv6 || own->is_passing ||
          sp_address_is_ipv4 (own->address) || !sp_address_is_global (own->address))
        continue;
      if (found == NULL || memcmp (own->address, before, SP_ADDRESS_SIZE) == 0)
        found = own->address;
    }
  return found;
}
