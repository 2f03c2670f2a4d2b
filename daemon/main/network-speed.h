/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/shaper.h"

#include <glib.h>

G_BEGIN_DECLS

/* How fast each user's sessions are, together: one shaper a user that has limits and sessions. */

typedef struct _SpNetworkSpeed SpNetworkSpeed;

SpNetworkSpeed *sp_network_speed_new (void);
void sp_network_speed_free (SpNetworkSpeed *speed);

/* The device (its index) is one of this user (SP_ID_SIZE bytes), whose limits are now `rates`.
 * Errors: as sp_shaper_open; the device has no limit then. */
gboolean sp_network_speed_set (
    SpNetworkSpeed *speed, const guint8 *user, guint device, const SpRates *rates, GError **error);
/* It is fine if it has no limit. */
void sp_network_speed_forget (SpNetworkSpeed *speed, guint device);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpNetworkSpeed, sp_network_speed_free)

G_END_DECLS
