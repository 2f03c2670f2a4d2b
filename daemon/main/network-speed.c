/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "network-speed.h"

#include "base/limits.h"

#include <string.h>

typedef struct
{
  guint8 id[SP_ID_SIZE];
  SpShaper *shaper;
} User;

struct _SpNetworkSpeed
{
  GPtrArray *users;    /* of User: those that have limits and sessions */
  GHashTable *devices; /* index → User */
};

static void
user_free (gpointer data)
{
  User *user = data;

  sp_shaper_close (user->shaper);
  g_free (user);
}

SpNetworkSpeed *
sp_network_speed_new (void)
{
  SpNetworkSpeed *speed = g_new0 (SpNetworkSpeed, 1);

  speed->users = g_ptr_array_new_with_free_func (user_free);
  speed->devices = g_hash_table_new (g_direct_hash, g_direct_equal);
  return speed;
}

void
sp_network_speed_free (SpNetworkSpeed *speed)
{
  g_hash_table_unref (speed->devices);
  g_ptr_array_unref (speed->users);
  g_free (speed);
}

static User *
find_user (SpNetworkSpeed *speed, const guint8 *id)
{
  for (guint i = 0; i < speed->users->len; i++)
    {
      User *user = speed->users->pdata[i];
      if (memcmp (user->id, id, SP_ID_SIZE) == 0)
        return user;
    }
  return NULL;
}

static User *
find_or_make_user (SpNetworkSpeed *speed, const guint8 *id, const SpRates *rates, GError **error)
{
  User *user = find_user (speed, id);
  SpShaper *shaper;

  if (user != NULL)
    return sp_shaper_change (user->shaper, rates, error) ? user : NULL;
  shaper = sp_shaper_open (rates, error);
  if (shaper == NULL)
    return NULL;
  user = g_new0 (User, 1);
  memcpy (user->id, id, SP_ID_SIZE);
  user->shaper = shaper;
  g_ptr_array_add (speed->users, user);
  return user;
}

static void
forget_unused (SpNetworkSpeed *speed, User *user)
{
  if (sp_shaper_count (user->shaper) == 0)
    (void) g_ptr_array_remove_fast (speed->users, user);
}

gboolean
sp_network_speed_set (SpNetworkSpeed *speed,
                      const guint8 *user_id,
                      guint device,
                      const SpRates *rates,
                      GError **error)
{
  User *user;

  if (rates->up == 0 && rates->down == 0)
    {
      sp_network_speed_forget (speed, device);
      return TRUE;
    }
  user = find_or_make_user (speed, user_id, rates, error);
  if (user == NULL)
    return FALSE;
  if (g_hash_table_contains (speed->devices, GUINT_TO_POINTER (device)))
    return TRUE;
  if (!sp_shaper_attach (user->shaper, device, error))
    {
      forget_unused (speed, user);
      return FALSE;
    }
  g_hash_table_insert (speed->devices, GUINT_TO_POINTER (device), user);
  return TRUE;
}

void
sp_network_speed_forget (SpNetworkSpeed *speed, guint device)
{
  User *user = g_hash_table_lookup (speed->devices, GUINT_TO_POINTER (device));

  if (user == NULL)
    return;
  g_hash_table_remove (speed->devices, GUINT_TO_POINTER (device));
  sp_shaper_detach (user->shaper, device);
  forget_unused (speed, user);
}
