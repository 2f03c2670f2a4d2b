/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-conflict.h"

#include "base/error.h"
#include "user-network.h"

#include <string.h>

void
sp_user_network_read_fixed (const SpUserRecord *record, SpLease *ret)
{
  g_autofree const char **texts =
      sp_user_values_get_texts (&record->values, SP_USER_FIXED_ADDRESSES);
  guint8 address[SP_ADDRESS_SIZE];

  memset (ret, 0, sizeof *ret);
  for (guint i = 0; texts[i] != NULL; i++)
    if (sp_address_from_text (texts[i], address))
      memcpy (sp_address_is_ipv4 (address) ? ret->ipv4 : ret->ipv6, address, SP_ADDRESS_SIZE);
}

GArray *
sp_user_network_list_behind (const SpUserRecord *record)
{
  g_autofree const char **texts =
      sp_user_values_get_texts (&record->values, SP_USER_NETWORKS_BEHIND);
  GArray *networks = g_array_new (FALSE, TRUE, sizeof (SpNetwork));
  SpNetwork network;

  memset (&network, 0, sizeof network);
  for (guint i = 0; texts[i] != NULL; i++)
    if (sp_user_read_network (texts[i], &network))
      g_array_append_val (networks, network);
  return networks;
}

static const SpUserValue claims[] = { SP_USER_FIXED_ADDRESSES, SP_USER_NETWORKS_BEHIND };

gboolean
sp_user_conflict_is_possible (const SpUserRecord *before, const SpUserRecord *record)
{
  for (guint i = 0; i < G_N_ELEMENTS (claims); i++)
    if (!g_variant_equal (sp_user_values_get (&before->values, claims[i]),
                          sp_user_values_get (&record->values, claims[i])))
      return TRUE;
  return FALSE;
}

static gboolean
claims_nothing (const SpUserRecord *record)
{
  for (guint i = 0; i < G_N_ELEMENTS (claims); i++)
    if (!sp_user_values_is_default (&record->values, claims[i]))
      return FALSE;
  return TRUE;
}

static gboolean
set_conflict (GError **error, const char *value, const char *what, const SpUserRecord *other)
{
  g_set_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT, "“%s”: %s is that of “%s”", value, what,
               other->login);
  return FALSE;
}

static gboolean
check_address (const guint8 *own, const guint8 *theirs, const SpUserRecord *other, GError **error)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (sp_address_is_unset (own) || memcmp (own, theirs, SP_ADDRESS_SIZE) != 0)
    return TRUE;
  sp_address_to_text (own, text);
  return set_conflict (error, "FixedAddresses", text, other);
}

static gboolean
check_networks (GArray *own, GArray *theirs, const SpUserRecord *other, GError **error)
{
  for (guint i = 0; i < own->len; i++)
    for (guint j = 0; j < theirs->len; j++)
      {
        char text[SP_ENDPOINT_TEXT_MAX];

        if (!sp_network_overlaps (&g_array_index (own, SpNetwork, i),
                                  &g_array_index (theirs, SpNetwork, j)))
          continue;
        sp_network_to_text (&g_array_index (theirs, SpNetwork, j), text);
        return set_conflict (error, "NetworksBehind", text, other);
      }
  return TRUE;
}

gboolean
sp_user_conflict_check (SpUserRegistry *users, const SpUserRecord *record, GError **error)
{
  SpLease fixed;
  g_autoptr (GArray) behind = NULL;

  sp_user_network_read_fixed (record, &fixed);
  behind = sp_user_network_list_behind (record);
  for (guint i = 0; i < sp_user_registry_get_n (users); i++)
    {
      const SpUserRecord *other = sp_user_get_record (sp_user_registry_get (users, i));
      g_autoptr (GArray) their_behind = NULL;
      SpLease theirs;

      if (memcmp (other->id, record->id, SP_ID_SIZE) == 0 || claims_nothing (other))
        continue;
      sp_user_network_read_fixed (other, &theirs);
      their_behind = sp_user_network_list_behind (other);
      if (!check_address (fixed.ipv4, theirs.ipv4, other, error) ||
          !check_address (fixed.ipv6, theirs.ipv6, other, error) ||
          !check_networks (behind, their_behind, other, error))
        return FALSE;
    }
  return TRUE;
}
