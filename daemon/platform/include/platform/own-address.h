/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* The machine's own addresses inside the tunnel, at which clients reach its services.  They belong
 * to no session, so they are on the loopback device, alone (/32, /128).  Addresses as in
 * base/endpoint.h. */

/* It is fine if it is there already.  Errors: SP_ERROR_NOT_AUTHORIZED, SP_ERROR_FAILED. */
gboolean sp_own_address_add (const guint8 *address, GError **error);
/* It is fine if it is gone already. */
gboolean sp_own_address_remove (const guint8 *address, GError **error);

G_END_DECLS
