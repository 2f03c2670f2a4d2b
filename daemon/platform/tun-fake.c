/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/tun.h"

#include "platform/fake.h"

#include "base/io.h"
#include "base/names.h"

#include <fcntl.h>

struct _SpTun
{
  guint number;
  char name[SP_TUN_NAME_SIZE];
  int pair[2]; /* queue, kernel */
  guint32 mtu;
  guint n_networks;
  gboolean silent;
  guint64 carried;
};

/* nocheck: the one world of a test; see platform/fake.h */
static struct
{
  GHashTable *devices; /* name → SpTun */
  guint next;
} world;

static GHashTable *
get_devices (void)
{
  if (world.devices == NULL)
    world.devices = g_hash_table_new (g_str_hash, g_str_equal);
  return world.devices;
}

void
sp_fake_tun_reset (void)
{
  g_clear_pointer (&world.devices, g_hash_table_unref);
  world.next = 0;
}

guint
sp_fake_tun_count (void)
{
  return g_hash_table_size (get_devices ());
}

int
sp_fake_tun_get_kernel_end (const char *device)
{
  const SpTun *tun = g_hash_table_lookup (get_devices (), device);

  return tun != NULL ? tun->pair[1] : -1;
}

guint32
sp_fake_tun_get_mtu (const char *device)
{
  const SpTun *tun = g_hash_table_lookup (get_devices (), device);

  return tun != NULL ? tun->mtu : 0;
}

gboolean
sp_tun_check (GError **error)
{
  return !sp_fake_fails (SP_FAKE_TUN, error);
}

SpTun *
sp_tun_prepare (GError **error)
{
  SpTun *tun;
  int pair[2];

  if (sp_fake_fails (SP_FAKE_TUN, error) || !sp_socket_pair (pair, error))
    return NULL;
  tun = g_new0 (SpTun, 1);
  tun->number = world.next++;
  g_snprintf (tun->name, sizeof tun->name, SP_TUN_PREFIX "%u", tun->number);
  tun->pair[0] = pair[0];
  tun->pair[1] = pair[1];
  g_hash_table_insert (get_devices (), tun->name, tun);
  return tun;
}

SpTun *
sp_tun_open (SpTun *prepared, const SpTunPlan *plan, GError **error)
{
  SpTun *tun = prepared != NULL ? prepared : sp_tun_prepare (error);

  if (tun != NULL)
    tun->mtu = plan->mtu;
  return tun;
}

SpTun *
sp_tun_adopt (const SpTunPlan *plan, int *queue, GError **error)
{
  SpTun *tun = sp_tun_open (NULL, plan, error);

  if (tun == NULL)
    return NULL;
  sp_fd_clear (&tun->pair[0]);
  tun->pair[0] = sp_fd_steal (queue);
  return tun;
}

int
sp_tun_get_queue (SpTun *tun)
{
  return tun->pair[0];
}

const char *
sp_tun_get_name (SpTun *tun)
{
  return tun->name;
}

guint
sp_tun_get_index (SpTun *tun)
{
  return tun->number + 1;
}

int
sp_tun_lend (SpTun *tun, GError **error)
{
  return sp_fake_fails (SP_FAKE_TUN, error) ? -1 : fcntl (tun->pair[0], F_DUPFD_CLOEXEC, 0);
}

gboolean
sp_tun_set_mtu (SpTun *tun, guint32 mtu, GError **error)
{
  if (sp_fake_fails (SP_FAKE_TUN, error))
    return FALSE;
  tun->mtu = mtu;
  return TRUE;
}

gboolean
sp_tun_set_networks (SpTun *tun, const SpNetwork *networks, guint n, GError **error)
{
  if (sp_fake_fails (SP_FAKE_TUN, error))
    return FALSE;
  tun->n_networks = n;
  return TRUE;
}

gboolean
sp_tun_set_silent (SpTun *tun, gboolean silent, GError **error)
{
  if (sp_fake_fails (SP_FAKE_TUN, error))
    return FALSE;
  tun->silent = silent;
  return TRUE;
}

gboolean
sp_fake_tun_is_silent (const char *device)
{
  const SpTun *tun = g_hash_table_lookup (get_devices (), device);

  return tun != NULL && tun->silent;
}

gboolean
sp_tun_get_carried (SpTun *tun, guint64 *ret_bytes, GError **error)
{
  *ret_bytes = tun->carried;
  return TRUE;
}

void
sp_fake_tun_carry (const char *device, guint64 bytes)
{
  SpTun *tun = g_hash_table_lookup (get_devices (), device);

  if (tun != NULL)
    tun->carried += bytes;
}

guint
sp_fake_tun_count_networks (const char *device)
{
  const SpTun *tun = g_hash_table_lookup (get_devices (), device);

  return tun != NULL ? tun->n_networks : 0;
}

void
sp_tun_close (SpTun *tun)
{
  if (tun == NULL)
    return;
  g_hash_table_remove (get_devices (), tun->name);
  sp_fd_clear (&tun->pair[0]);
  sp_fd_clear (&tun->pair[1]);
  g_free (tun);
}

void
sp_tun_close_wait (void)
{
}
