/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uplink-manager.h"

/* Where nobody can ask NetworkManager: it never says anything. */
SpUplinkManager *
sp_uplink_manager_new (void)
{
  return g_object_new (SP_TYPE_UPLINK_MANAGER, NULL);
}
