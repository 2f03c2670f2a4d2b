/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/own-address.h"

#include "netlink-linux.h"

#include "base/error.h"

#include <errno.h>
#include <net/if.h>

#define LOOPBACK "lo"

static gboolean
change_address (const guint8 *address, gboolean remove, GError **error)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();
  guint loopback = if_nametoindex (LOOPBACK);

  if (loopback == 0)
    {
      sp_error_set_errno (error, errno, "finding the device " LOOPBACK);
      return FALSE;
    }
  sp_netlink_add_address (batch, remove, loopback, address);
  return sp_netlink_batch_send (batch, error);
}

gboolean
sp_own_address_add (const guint8 *address, GError **error)
{
  return change_address (address, FALSE, error);
}

gboolean
sp_own_address_remove (const guint8 *address, GError **error)
{
  g_autoptr (GError) own_error = NULL;

  if (change_address (address, TRUE, &own_error) || own_error->code == SP_ERROR_NOT_FOUND)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}
