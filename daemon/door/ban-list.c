/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ban-list.h"

#include <string.h>

typedef struct
{
  SpNetwork network;
  SpBanWhom whom;
} Entry;

struct _SpBanList
{
  guint n;
  Entry entries[SP_BANS_MAX];
};

SpBanList *
sp_ban_list_new (void)
{
  return g_new0 (SpBanList, 1);
}

void
sp_ban_list_free (SpBanList *list)
{
  g_free (list);
}

static Entry *
find (SpBanList *list, const SpNetwork *network)
{
  for (guint i = 0; i < list->n; i++)
    if (list->entries[i].network.length == network->length &&
        memcmp (list->entries[i].network.address, network->address, SP_ADDRESS_SIZE) == 0)
      return &list->entries[i];
  return NULL;
}

gboolean
sp_ban_list_set (SpBanList *list, const SpNetwork *network, SpBanWhom whom)
{
  Entry *entry = find (list, network);

  if (whom == SP_BAN_NOBODY)
    {
      if (entry != NULL)
        *entry = list->entries[--list->n];
      return TRUE;
    }
  if (entry == NULL && list->n == SP_BANS_MAX)
    return FALSE;
  if (entry == NULL)
    entry = &list->entries[list->n++];
  *entry = (Entry){ *network, whom };
  return TRUE;
}

SpBanWhom
sp_ban_list_find (const SpBanList *list, const guint8 *address)
{
  SpBanWhom whom = SP_BAN_NOBODY;

  for (guint i = 0; i < list->n && whom != SP_BAN_EVERYBODY; i++)
    if (list->entries[i].whom > whom && sp_network_contains (&list->entries[i].network, address))
      whom = list->entries[i].whom;
  return whom;
}
