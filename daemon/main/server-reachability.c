/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-reachability.h"

#include "server-private.h"

#include <string.h>

static void
name_heard (SpServer *self, const char *name, const SpNameLookedUp *said)
{
  sp_reachability_set_name (self->reachability, name, said);
}

static void
outside_changed_cb (SpServer *self)
{
  SpPortMappingStatus mapping;
  SpDynamicDnsStatus dns;
  SpReachSighting router;
  SpReachSighting seen;

  sp_server_get_port_mapping (self, &mapping);
  sp_server_get_dynamic_dns (self, &dns);
  router.told_at = mapping.asked_at;
  seen.told_at = dns.seen_at;
  memcpy (router.address, mapping.address, SP_ADDRESS_SIZE);
  memcpy (seen.address, dns.seen, SP_ADDRESS_SIZE);
  sp_reachability_set_outside (self->reachability, &router, &seen);
  sp_reachability_set_told (self->reachability, dns.told_at);
  sp_name_watch_note_told (self->name_watch, dns.told_at);
}

static void
look_cb (SpServer *self)
{
  sp_name_watch_look (self->name_watch);
}

void
sp_server_open_reachability (SpServer *self, const char *libexec_folder)
{
  self->name_watch = sp_name_watch_new (self, libexec_folder, name_heard);
  g_signal_connect (self, "notify::port-mapping", G_CALLBACK (outside_changed_cb), NULL);
  g_signal_connect (self, "notify::dynamic-dns", G_CALLBACK (outside_changed_cb), NULL);
  g_signal_connect (self, "notify::state", G_CALLBACK (look_cb), NULL);
  g_signal_connect_object (self->configuration, "changed", G_CALLBACK (look_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->surroundings, "changed", G_CALLBACK (look_cb), self,
                           G_CONNECT_SWAPPED);
}

void
sp_server_begin_reach_test (SpServer *self,
                            const char *host,
                            guint seconds,
                            guint8 ret_token[SP_TOKEN_SIZE])
{
  sp_reachability_begin_test (self->reachability, host, seconds, ret_token);
  sp_name_watch_set_host (self->name_watch, host);
}
