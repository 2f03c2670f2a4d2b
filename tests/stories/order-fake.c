/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backdoor.h"

#include "acme.h"
#include "base/error.h"

#include <string.h>

#define ORDER "order" /* of the server: its step and one more */

void
sp_fake_order (SpServer *self, guint step)
{
  g_object_set_data (G_OBJECT (self), ORDER, GUINT_TO_POINTER (step + 1));
  g_object_notify (G_OBJECT (self), "state"); /* upon which all of it is told */
}

void
sp_server_get_acme (SpServer *self, SpAcmeCondition *ret)
{
  guint order = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (self), ORDER));

  memset (ret, 0, sizeof *ret);
  ret->reason = ret->advice = "";
  if (order == 0)
    return;
  ret->state = SP_ACME_ORDERING;
  ret->step = (SpAcmeStep) MIN (order - 1, SP_ACME_STEP_LAST);
}

gboolean
sp_server_is_proving (SpServer *self, SpAcmeWay way)
{
  return FALSE;
}

gboolean
sp_server_order_certificate (SpServer *self, GError **error)
{
  g_set_error_literal (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED, "no authority is set");
  return FALSE;
}
