/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

/* The server's part in certificates from an authority: when to look. */

static void
condition_changed (SpServer *self)
{
  g_object_notify (G_OBJECT (self), "acme");
}

static void
look_cb (SpServer *self)
{
  if (sp_server_get_state (self) == SP_SERVER_ON && sp_keyholder_client_is_ready (self->keyholder))
    sp_dns_validation_tidy (self->dns_validation);
  sp_acme_look (self->acme);
}

void
sp_server_open_acme (SpServer *self, const char *libexec_folder)
{
  static const char *const signals[] = { "added", "changed", "removed" };

  self->dns_validation = sp_dns_validation_new (self, libexec_folder);
  self->acme = sp_acme_new (self, libexec_folder, condition_changed);
  g_signal_connect (self, "notify::state", G_CALLBACK (look_cb), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (self->certificates, signals[i], G_CALLBACK (look_cb), self,
                             G_CONNECT_SWAPPED);
}

void
sp_server_get_acme (SpServer *self, SpAcmeCondition *ret)
{
  sp_acme_get_condition (self->acme, ret);
}

gboolean
sp_server_is_proving (SpServer *self, SpAcmeWay way)
{
  return sp_acme_is_proving (self->acme, way);
}

gboolean
sp_server_order_certificate (SpServer *self, GError **error)
{
  return sp_acme_order (self->acme, error);
}
