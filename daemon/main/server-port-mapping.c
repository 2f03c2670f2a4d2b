/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

/* The server's part in port mapping: when to look. */

static void
status_changed (SpServer *self)
{
  sp_dynamic_dns_look (self->dynamic_dns); /* it may be our address that the router has */
  g_object_notify (G_OBJECT (self), "port-mapping");
}

void
sp_server_look_at_routers (SpServer *self)
{
  sp_port_mapping_look (self->port_mapping);
  sp_port_mapping_look (self->pinholes);
}

static void
surroundings_changed_cb (SpSurroundings *surroundings, SpServer *self)
{
  sp_server_look_at_routers (self);
}

void
sp_server_open_port_mapping (SpServer *self, const char *libexec_folder)
{
  self->port_mapping = sp_port_mapping_new (self, FALSE, libexec_folder, status_changed);
  self->pinholes = sp_port_mapping_new (self, TRUE, libexec_folder, status_changed);
  g_signal_connect (self, "notify::state", G_CALLBACK (sp_server_look_at_routers), NULL);
  g_signal_connect_object (self->surroundings, "changed", G_CALLBACK (surroundings_changed_cb),
                           self, 0);
}

void
sp_server_get_port_mapping (SpServer *self, SpPortMappingStatus *ret)
{
  sp_port_mapping_get_status (self->port_mapping, ret);
}

void
sp_server_get_pinholes (SpServer *self, SpPortMappingStatus *ret)
{
  sp_port_mapping_get_status (self->pinholes, ret);
}

/* One of both is enough. */
gboolean
sp_server_renew_port_mapping (SpServer *self, GError **error)
{
  gboolean asks = sp_port_mapping_renew (self->pinholes, NULL);

  return sp_port_mapping_renew (self->port_mapping, asks ? NULL : error) || asks;
}
