/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filter-check.h"

#include "health.h"

#include "base/log.h"
#include "base/names.h"

#include <netinet/in.h>

#define TOPIC      "firewall"
#define CLIENT     SP_TUN_PREFIX "0"
#define CLIENTS    SP_TUN_PREFIX "*"
#define CLIENTS_XT SP_TUN_PREFIX "+"

struct _SpFilterCheck
{
  SpForeignFilterWatch *watch; /* NULL: they cannot be followed */
  SpForeignFilter *filter;     /* NULL: they are not known */
  SpForeignFilterChanged changed;
  gpointer user_data;
};

static const char *const programs[] = {
  [SP_FOREIGN_SOMEBODY] = "",
  [SP_FOREIGN_DOCKER] = "Docker",
  [SP_FOREIGN_UFW] = "ufw",
  [SP_FOREIGN_FIREWALLD] = "firewalld",
};
G_STATIC_ASSERT (G_N_ELEMENTS (programs) == SP_FOREIGN_LAST + 1);

void
sp_filter_check_look (SpFilterCheck *check)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&check->filter, sp_foreign_filter_free);
  check->filter = sp_foreign_filter_read (&error);
  if (check->filter == NULL)
    sp_log (SP_LOG_NOTICE, TOPIC, "nobody knows what others' rules do with devices' packets: %s",
            error->message);
}

static void
follow (gpointer data)
{
  SpFilterCheck *check = data;

  sp_filter_check_look (check);
  check->changed (check->user_data);
}

SpFilterCheck *
sp_filter_check_new (SpForeignFilterChanged changed, gpointer user_data)
{
  SpFilterCheck *check = g_new0 (SpFilterCheck, 1);
  g_autoptr (GError) error = NULL;

  check->changed = changed;
  check->user_data = user_data;
  check->watch = sp_foreign_filter_watch_new (follow, check, &error);
  if (check->watch == NULL)
    sp_log (SP_LOG_NOTICE, TOPIC, "%s", error->message);
  sp_filter_check_look (check);
  return check;
}

void
sp_filter_check_free (SpFilterCheck *check)
{
  g_clear_pointer (&check->watch, sp_foreign_filter_watch_free);
  g_clear_pointer (&check->filter, sp_foreign_filter_free);
  g_free (check);
}

/* --- words --- */

/* Names of tables are any bytes. */
static char *
write_place (const SpForeignDrop *drop)
{
  char *place = g_strdup_printf ("%s %s %s", drop->family, drop->table, drop->chain);

  for (char *c = place; *c != '\0'; c++)
    if (*c != ' ' && !g_ascii_isgraph (*c))
      *c = '?';
  return place;
}

static char *
write_forwarding_fix (const SpForeignDrop *drop, const char *place)
{
  const char *tool = g_str_equal (drop->family, "ip6") ? "ip6tables" : "iptables";

  switch (drop->keeper)
    {
      case SP_FOREIGN_DOCKER:
        return g_strdup_printf ("%s -I DOCKER-USER -i " CLIENTS_XT " -j ACCEPT; "
                                "%s -I DOCKER-USER -o " CLIENTS_XT
                                " -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                                tool, tool);
      case SP_FOREIGN_UFW:
        return g_strdup ("ufw route allow in on " CLIENTS_XT);
      case SP_FOREIGN_FIREWALLD:
        return g_strdup ("firewall-cmd --zone=trusted --add-interface=" CLIENTS_XT);
      case SP_FOREIGN_SOMEBODY:
      default:
        return g_strdup_printf ("nft 'insert rule %s iifname \"" CLIENTS "\" accept; "
                                "insert rule %s oifname \"" CLIENTS
                                "\" ct state established,related accept'",
                                place, place);
    }
}

static char *
write_port_fix (const SpForeignDrop *drop, const char *place, const char *protocol, guint port)
{
  switch (drop->keeper)
    {
      case SP_FOREIGN_UFW:
        return g_strdup_printf ("ufw allow %u/%s", port, protocol);
      case SP_FOREIGN_FIREWALLD:
        return g_strdup_printf ("firewall-cmd --add-port=%u/%s", port, protocol);
      case SP_FOREIGN_DOCKER:
      case SP_FOREIGN_SOMEBODY:
      default:
        return g_strdup_printf ("nft 'insert rule %s %s dport %u accept'", place, protocol, port);
    }
}

static void
add_entry (GVariantBuilder *entries,
           const char *id,
           const char *severity,
           const char *what,
           const SpForeignDrop *drop,
           const char *place,
           const char *fix)
{
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const char *program = programs[drop->keeper];
  g_autofree char *text =
      g_strdup_printf ("the packet filter of %s (nftables chain %s) %s; to let it pass: %s",
                       *program != '\0' ? program : "another program", place, what, fix);

  g_variant_builder_add (&details, "{sv}", "Text", g_variant_new_string (text));
  g_variant_builder_add (&details, "{sv}", "Program", g_variant_new_string (program));
  g_variant_builder_add (&details, "{sv}", "Chain", g_variant_new_string (place));
  g_variant_builder_add (&details, "{sv}", "Fix", g_variant_new_string (fix));
  g_variant_builder_add (entries, SP_HEALTH_TYPE, id, severity, &details);
}

/* --- questions --- */

static gboolean
forwarding_is_blocked (const SpFilterCheck *check,
                       const char *device,
                       gboolean is_ipv6,
                       SpForeignDrop *ret)
{
  const SpForeignPacket out = {
    .in = CLIENT, .out = device, .is_ipv6 = is_ipv6, .protocol = IPPROTO_TCP
  };
  const SpForeignPacket back = {
    .in = device, .out = CLIENT, .is_ipv6 = is_ipv6, .is_answer = TRUE, .protocol = IPPROTO_TCP
  };

  return sp_foreign_filter_drops (check->filter, &out, ret) ||
         sp_foreign_filter_drops (check->filter, &back, ret);
}

static gboolean
find_blocked_way (const SpFilterCheck *check, const SpFilterNeeds *needs, SpForeignDrop *ret)
{
  for (guint i = 0; i < needs->uplink->interfaces->len; i++)
    {
      const SpUplinkInterface *interface =
          &g_array_index (needs->uplink->interfaces, SpUplinkInterface, i);

      if (!interface->is_up || !(interface->is_home || interface->has_default))
        continue;
      if (forwarding_is_blocked (check, interface->name, FALSE, ret) ||
          (needs->has_ipv6 && needs->uplink->default_ipv6 != 0 &&
           forwarding_is_blocked (check, interface->name, TRUE, ret)))
        return TRUE;
    }
  return FALSE;
}

/* From where the internet comes in; at home, if it does nowhere. */
static gboolean
port_is_blocked (const SpFilterCheck *check,
                 const SpFilterNeeds *needs,
                 guint8 protocol,
                 guint port,
                 SpForeignDrop *ret)
{
  const SpUplink *uplink = needs->uplink;

  for (guint i = 0; i < uplink->interfaces->len; i++)
    {
      const SpUplinkInterface *interface =
          &g_array_index (uplink->interfaces, SpUplinkInterface, i);
      const SpForeignPacket packet = { .in = interface->name,
                                       .is_ipv6 = uplink->default_ipv4 == 0 &&
                                                  interface->index == uplink->default_ipv6,
                                       .protocol = protocol,
                                       .port = (guint16) port };
      gboolean counts = uplink->default_ipv4 != 0   ? interface->index == uplink->default_ipv4
                        : uplink->default_ipv6 != 0 ? interface->index == uplink->default_ipv6
                                                    : interface->is_home;

      if (interface->is_up && counts && sp_foreign_filter_drops (check->filter, &packet, ret))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_about_to_change (const SpFilterNeeds *needs, const SpForeignDrop *drop)
{
  return needs->firewalld_is_asked && drop->keeper == SP_FOREIGN_FIREWALLD;
}

static void
add_forwarding (const SpFilterCheck *check, const SpFilterNeeds *needs, GVariantBuilder *entries)
{
  SpForeignDrop drop;
  g_autofree char *place = NULL;
  g_autofree char *fix = NULL;

  if (!find_blocked_way (check, needs, &drop) || is_about_to_change (needs, &drop))
    return;
  place = write_place (&drop);
  fix = write_forwarding_fix (&drop, place);
  add_entry (entries, "forwarding-blocked", "problem",
             "drops packets of devices on their way to other computers, or the answers", &drop,
             place, fix);
}

gboolean
sp_filter_check_drops (const SpFilterCheck *check, const SpFilterNeeds *needs, guint8 protocol)
{
  guint port = protocol == IPPROTO_TCP ? needs->port : needs->udp_port;
  SpForeignDrop drop;

  return check->filter != NULL && needs->uplink != NULL && port != 0 &&
         port_is_blocked (check, needs, protocol, port, &drop) &&
         !is_about_to_change (needs, &drop);
}

/* FALSE: it is open, as far as is known. */
static gboolean
add_port (const SpFilterCheck *check,
          const SpFilterNeeds *needs,
          guint8 protocol,
          GVariantBuilder *entries)
{
  gboolean tcp = protocol == IPPROTO_TCP;
  guint port = tcp ? needs->port : needs->udp_port;
  SpForeignDrop drop;
  g_autofree char *place = NULL;
  g_autofree char *fix = NULL;

  if (port == 0 || !port_is_blocked (check, needs, protocol, port, &drop) ||
      is_about_to_change (needs, &drop))
    return FALSE;
  place = write_place (&drop);
  fix = write_port_fix (&drop, place, tcp ? "tcp" : "udp", port);
  if (tcp)
    add_entry (entries, "port-blocked", "problem",
               "drops connections to the server's port, so that nobody can connect", &drop, place,
               fix);
  else
    add_entry (entries, "datagrams-blocked", "warning",
               "drops datagrams to the server's UDP port, so that connections are slower", &drop,
               place, fix);
  return TRUE;
}

void
sp_filter_check_add (const SpFilterCheck *check,
                     const SpFilterNeeds *needs,
                     GVariantBuilder *entries)
{
  if (check->filter == NULL || needs->uplink == NULL)
    return;
  add_forwarding (check, needs, entries);
  if (!add_port (check, needs, IPPROTO_TCP, entries))
    (void) add_port (check, needs, IPPROTO_UDP, entries);
}
