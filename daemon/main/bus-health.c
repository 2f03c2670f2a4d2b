/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-health.h"

#include "bus-certificate.h"
#include "acme.h"
#include "bus-reachability.h"
#include "clock-watch.h"
#include "dynamic-dns.h"
#include "filter-check.h"
#include "health.h"
#include "port-mapping.h"

#include "platform/wall-timer.h"

#include <netinet/in.h>

#define ATTACK_SECONDS 10  /* between other numbers of an attack */
#define LOOK_SECONDS   600 /* when nothing happens but that time goes by */

/* One for each exported server; ends with it. */
typedef struct
{
  SpServer *server;
  SpSleepGuard *guard;
  SpFirewalldGuest *guest;
  SpBusServer *bus; /* not a reference */
  SpClockWatch *clock;
  SpFilterCheck *filters; /* NULL while the server is not on */
  SpReachTold reach;
  guint timer;
  guint attack_timer; /* the numbers of an attack are told then */
} Follower;

static void
add_active (Follower *self,
            GVariantBuilder *entries,
            const SpCertificateKnown *known,
            const char *element,
            gint64 now)
{
  const SpSettings *settings = sp_configuration_get (sp_server_get_configuration (self->server));
  g_autofree char *path = sp_exported_certificate_path (element);
  const char *text;
  SpTokenState state =
      sp_certificate_registry_get_token (sp_server_get_certificates (self->server), &text);

  sp_health_add_certificate (entries, known, path, settings->name, now);
  if (settings->name_gate == SP_WORD_LABEL)
    sp_health_add_wildcard (entries, known, path, settings->name);
  sp_health_add_token (entries, state, text, path);
}

static void
add_range (Follower *self, GVariantBuilder *entries)
{
  const SpNetwork *range = sp_server_get_range (self->server);
  g_autofree char *network =
      range != NULL
          ? sp_surroundings_find_overlap (sp_server_get_surroundings (self->server), range)
          : NULL;
  char text[SP_ENDPOINT_TEXT_MAX];

  if (network == NULL)
    return;
  sp_network_to_text (range, text);
  sp_health_add_overlap (entries, text, network);
}

static void
add_attack (Follower *self, GVariantBuilder *entries)
{
  SpPenaltyBook *penalties = sp_server_get_penalties (self->server);
  const SpAttack *attack = sp_penalty_book_get_attack (penalties);
  gint64 now = g_get_real_time ();
  SpPenalty culprit;
  gboolean can_be_blocked =
      attack != NULL && sp_penalty_book_find_culprit (penalties, now, &culprit) &&
      !sp_ban_registry_has (sp_server_get_bans (self->server), &culprit.network);

  sp_health_add_attack (entries, attack, can_be_blocked ? &culprit : NULL, now);
}

/* One that is shown and that we made ourselves began when the clock said so. */
static gint64
find_own_beginning (Follower *self, const char *const *elements)
{
  SpCertificateRegistry *certificates = sp_server_get_certificates (self->server);
  guint64 beginning = 0;

  for (guint i = 0; elements[i] != NULL; i++)
    {
      const SpCertificateKnown *known = sp_certificate_registry_find (certificates, elements[i]);

      if (known->active && known->origin != SP_CERTIFICATE_IMPORTED)
        beginning = MAX (beginning, known->not_before);
    }
  return (gint64) MIN (beginning, G_MAXINT64);
}

/* The time, or 0 if the clock cannot be right. */
static gint64
add_clock (Follower *self, GVariantBuilder *entries, const char *const *elements)
{
  gint64 now = g_get_real_time ();
  gint64 latest = sp_clock_watch_look (self->clock, now, sp_wall_clock_is_synchronised (),
                                       find_own_beginning (self, elements));

  if (latest == 0)
    return now;
  sp_health_add_clock (entries, now, latest);
  return 0;
}

static void look (Follower *self);

static void
follow_filters (gpointer follower)
{
  look (follower);
}

/* Others' rules do not matter while nobody can connect. */
static void
add_filters (Follower *self, GVariantBuilder *entries, SpReachBlocked *ret_blocked)
{
  const SpSettings *settings = sp_server_get_settings (self->server);
  const SpFilterNeeds needs = {
    .uplink = sp_surroundings_get_uplink (sp_server_get_surroundings (self->server)),
    .has_ipv6 = settings->ipv6 == SP_WORD_NAT || settings->ipv6 == SP_WORD_ROUTED,
    .port = settings->port,
    .udp_port = settings->udp_port,
    .firewalld_is_asked = sp_firewalld_guest_is_waiting (self->guest),
  };

  if (sp_server_get_state (self->server) != SP_SERVER_ON)
    {
      g_clear_pointer (&self->filters, sp_filter_check_free);
      return;
    }
  if (self->filters == NULL)
    self->filters = sp_filter_check_new (follow_filters, self);
  sp_filter_check_add (self->filters, &needs, entries);
  ret_blocked->tcp = sp_filter_check_drops (self->filters, &needs, IPPROTO_TCP);
  ret_blocked->udp = sp_filter_check_drops (self->filters, &needs, IPPROTO_UDP);
}

/* Nor does what others reach from here. */
static void
add_connectivity (Follower *self, GVariantBuilder *entries)
{
  const SpUplink *uplink = sp_surroundings_get_uplink (sp_server_get_surroundings (self->server));

  if (uplink != NULL && sp_server_get_state (self->server) == SP_SERVER_ON)
    sp_health_add_connectivity (entries, uplink->connectivity);
}

static void
add_dynamic_dns (Follower *self, GVariantBuilder *entries)
{
  SpDynamicDnsStatus status;

  sp_server_get_dynamic_dns (self->server, &status);
  if (status.state == SP_DYNAMIC_DNS_FAILED)
    sp_health_add_dynamic_dns (entries, status.reason, status.advice, status.word);
}

static void
add_port_mapping (Follower *self, GVariantBuilder *entries)
{
  SpPortMappingStatus status;

  sp_server_get_port_mapping (self->server, &status);
  if (status.state > SP_PORT_MAPPING_MAPPED && self->reach.verdict != SP_REACH_UDP_ONLY)
    sp_health_add_port_mapping (entries, status.reason, status.advice);
  sp_server_get_pinholes (self->server, &status);
  if (status.is_denied)
    sp_health_add_pinholes (entries, status.reason, status.advice);
}

static void
add_acme (Follower *self, GVariantBuilder *entries)
{
  SpAcmeCondition condition;

  sp_server_get_acme (self->server, &condition);
  if (condition.state == SP_ACME_FAILED)
    sp_health_add_acme (entries, condition.reason, condition.advice,
                        condition.certificate[0] != '\0');
}

static void
look (Follower *self)
{
  SpCertificateRegistry *certificates = sp_server_get_certificates (self->server);
  g_auto (GStrv) elements = sp_certificate_registry_list (certificates);
  GVariantBuilder entries = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a" SP_HEALTH_TYPE));
  SpReachBlocked blocked = { FALSE, FALSE };
  gint64 now;

  now = add_clock (self, &entries, (const char *const *) elements);
  for (guint i = 0; elements[i] != NULL; i++)
    {
      const SpCertificateKnown *known = sp_certificate_registry_find (certificates, elements[i]);

      if (known->kind == SP_CERTIFICATE_SERVER && known->active)
        add_active (self, &entries, known, elements[i], now);
    }
  sp_health_add_limits (&entries, sp_server_get_speed_trouble (self->server));
  add_range (self, &entries);
  add_filters (self, &entries, &blocked);
  add_connectivity (self, &entries);
  sp_bus_reachability_tell (self->server, &blocked, &self->reach, self->bus, &entries);
  add_dynamic_dns (self, &entries);
  add_port_mapping (self, &entries);
  add_acme (self, &entries);
  add_attack (self, &entries);
  if (sp_sleep_guard_may_sleep (self->guard))
    sp_health_add_sleep (&entries, sp_sleep_guard_get_trouble (self->guard));
  sp_bus_server_set_health (self->bus, g_variant_builder_end (&entries));
}

static gboolean
look_at_attack_cb (gpointer follower)
{
  Follower *self = follower;

  self->attack_timer = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static void
look_at_attack (Follower *self)
{
  if (self->attack_timer == 0)
    self->attack_timer = g_timeout_add_seconds (ATTACK_SECONDS, look_at_attack_cb, self);
}

static void
clock_changed (gpointer follower)
{
  look (follower);
}

static gboolean
look_cb (gpointer follower)
{
  look (follower);
  return G_SOURCE_CONTINUE;
}

static void
end (gpointer follower, GObject *gone)
{
  Follower *self = follower;

  g_source_remove (self->timer);
  g_clear_handle_id (&self->attack_timer, g_source_remove);
  g_signal_handlers_disconnect_by_data (sp_server_get_certificates (self->server), self);
  g_signal_handlers_disconnect_by_data (sp_server_get_configuration (self->server), self);
  g_signal_handlers_disconnect_by_data (sp_server_get_sessions (self->server), self);
  g_signal_handlers_disconnect_by_data (sp_server_get_users (self->server), self);
  g_signal_handlers_disconnect_by_data (self->server, self);
  g_signal_handlers_disconnect_by_data (self->guard, self);
  g_signal_handlers_disconnect_by_data (self->guest, self);
  g_signal_handlers_disconnect_by_data (sp_server_get_penalties (self->server), self);
  g_signal_handlers_disconnect_by_data (sp_server_get_bans (self->server), self);
  g_signal_handlers_disconnect_by_data (sp_server_get_surroundings (self->server), self);
  g_signal_handlers_disconnect_by_data (sp_server_get_reachability (self->server), self);
  sp_clock_watch_free (self->clock);
  g_clear_pointer (&self->filters, sp_filter_check_free);
  g_object_unref (self->guard);
  g_object_unref (self->guest);
  g_object_unref (self->server);
  g_free (self);
}

/* What may be blocked changes with the bans. */
static void
follow_attacks (Follower *self)
{
  SpPenaltyBook *penalties = sp_server_get_penalties (self->server);
  SpBanRegistry *bans = sp_server_get_bans (self->server);

  g_signal_connect_swapped (penalties, "attack-began", G_CALLBACK (look), self);
  g_signal_connect_swapped (penalties, "attack-goes-on", G_CALLBACK (look_at_attack), self);
  g_signal_connect_swapped (penalties, "attack-ended", G_CALLBACK (look), self);
  g_signal_connect_swapped (bans, "added", G_CALLBACK (look), self);
  g_signal_connect_swapped (bans, "removed", G_CALLBACK (look), self);
}

void
sp_bus_health_follow (SpServer *server,
                      SpSleepGuard *guard,
                      SpFirewalldGuest *guest,
                      SpBusServer *bus)
{
  static const char *const signals[] = { "added", "changed", "removed" };
  Follower *self = g_new0 (Follower, 1);

  self->server = g_object_ref (server);
  self->guard = g_object_ref (guard);
  self->guest = g_object_ref (guest);
  self->bus = bus;
  self->clock = sp_clock_watch_new (sp_server_get_store (server), clock_changed, self);
  self->timer = g_timeout_add_seconds (LOOK_SECONDS, look_cb, self);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_swapped (sp_server_get_certificates (server), signals[i], G_CALLBACK (look),
                              self);
  g_signal_connect_swapped (sp_server_get_configuration (server), "changed", G_CALLBACK (look),
                            self);
  /* Limits are tried when somebody comes, and when they change. */
  g_signal_connect_swapped (sp_server_get_sessions (server), "opened", G_CALLBACK (look), self);
  g_signal_connect_swapped (sp_server_get_users (server), "changed", G_CALLBACK (look), self);
  g_signal_connect_swapped (guard, "changed", G_CALLBACK (look), self);
  g_signal_connect_swapped (guest, "changed", G_CALLBACK (look), self);
  g_signal_connect_swapped (sp_server_get_surroundings (server), "changed", G_CALLBACK (look),
                            self);
  g_signal_connect_swapped (sp_server_get_reachability (server), "changed", G_CALLBACK (look),
                            self);
  g_signal_connect_swapped (server, "notify::state", G_CALLBACK (look), self);
  g_signal_connect_swapped (server, "notify::dynamic-dns", G_CALLBACK (look), self);
  g_signal_connect_swapped (server, "notify::port-mapping", G_CALLBACK (look), self);
  g_signal_connect_swapped (server, "notify::acme", G_CALLBACK (look), self);
  follow_attacks (self);
  g_object_weak_ref (G_OBJECT (bus), end, self);
  look (self);
}
