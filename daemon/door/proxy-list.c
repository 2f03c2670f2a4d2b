/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proxy-list.h"

#include <string.h>

gboolean
sp_proxy_list_set (SpProxyList *proxies, const SpSetProxies *message)
{
  guint n = message->networks_length / SP_PROXY_NETWORK_SIZE;

  proxies->n = 0;
  if (message->networks_length % SP_PROXY_NETWORK_SIZE != 0 || n > SP_PROXIES_MAX)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const guint8 *next = message->networks + i * SP_PROXY_NETWORK_SIZE;

      if (next[SP_ADDRESS_SIZE] > 8 * SP_ADDRESS_SIZE)
        return FALSE;
      memcpy (proxies->networks[i].address, next, SP_ADDRESS_SIZE);
      proxies->networks[i].length = next[SP_ADDRESS_SIZE];
    }
  proxies->n = n;
  return TRUE;
}

gboolean
sp_proxy_list_has (const SpProxyList *proxies, const guint8 *address)
{
  for (guint i = 0; i < proxies->n; i++)
    if (sp_network_contains (&proxies->networks[i], address))
      return TRUE;
  return FALSE;
}
