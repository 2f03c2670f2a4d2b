/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/frame-type.h"

guint8
sp_bye_read (const guint8 *payload, gsize length)
{
  return length == 0 ? SP_BYE_RECONNECTING : payload[0];
}

gboolean
sp_bye_keeps_cookie (guint8 reason)
{
  return reason != SP_BYE_USER && reason != SP_BYE_LOCAL_ERROR;
}
