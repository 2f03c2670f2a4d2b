/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-network.h"

#include "base/error.h"
#include "platform/shaper.h"

gboolean
sp_user_check_rate (const SpBusKey *key, GVariant *value, GError **error)
{
  guint64 rate = g_variant_get_uint64 (value);

  if (rate == 0 || rate >= SP_RATE_MIN)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "“%s” must be 0 (no limit) or at least %" G_GUINT64_FORMAT " bits a second",
               key->name, SP_RATE_MIN);
  return FALSE;
}
