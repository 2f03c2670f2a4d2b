/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/uplink.h"

#include "netlink-linux.h"
#include "uplink-snapshot.h"

#include "base/error.h"
#include "base/names.h"

#include <linux/if_addr.h>
#include <net/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#define HOST_BITS           128
#define SUBNET_BITS         64
#define SHORTEST_DELEGATION 20
#define TRIES_MAX           5 /* a picture that changed while it was taken is taken again */

/* Which kinds of devices lead into a network of people, alone or as a stand-in for hardware. */
typedef enum
{
  NOT_HOME,
  HOME,
  HOME_BY_PORTS /* a bridge: if one of its ports is */
} HomeRule;

static const struct
{
  const char *kind; /* IFLA_INFO_KIND */
  HomeRule rule;
} home_rules[] = {
  { "veth", HOME }, /* a container's own; on the container's host these are ports of a bridge */
  { "macvlan", HOME }, { "ipvlan", HOME }, { "vlan", HOME },
  { "bond", HOME },    { "team", HOME },   { "bridge", HOME_BY_PORTS },
};

typedef struct
{
  guint index;
  guint master;
  HomeRule rule;
  gboolean is_ours;
  gboolean is_veth;
} Link;

typedef struct
{
  SpUplink *uplink;
  GArray *links; /* Link */
  guint32 best_metric[2];
} Reader;

static HomeRule
rule_for_kind (const char *kind, guint16 type)
{
  if (kind == NULL)
    return type == ARPHRD_ETHER ? HOME : NOT_HOME;
  for (guint i = 0; i < G_N_ELEMENTS (home_rules); i++)
    if (g_str_equal (home_rules[i].kind, kind))
      return home_rules[i].rule;
  return NOT_HOME;
}

static const char *
find_kind (const struct nlattr *link_info)
{
  const struct nlattr *attribute;

  mnl_attr_for_each_nested (attribute, link_info)
    if (mnl_attr_get_type (attribute) == IFLA_INFO_KIND &&
        mnl_attr_validate (attribute, MNL_TYPE_NUL_STRING) >= 0)
      return mnl_attr_get_str (attribute);
  return NULL;
}

static int
read_link (const struct nlmsghdr *header, void *data)
{
  Reader *reader = data;
  const struct ifinfomsg *message = mnl_nlmsg_get_payload (header);
  const struct nlattr *attribute;
  const char *kind = NULL;
  Link link = { .index = (guint) message->ifi_index };
  SpUplinkInterface interface = { .index = link.index };

  mnl_attr_for_each (attribute, header, sizeof *message)
    {
      switch (mnl_attr_get_type (attribute))
        {
          case IFLA_IFNAME:
            g_strlcpy (interface.name, mnl_attr_get_str (attribute), sizeof interface.name);
            break;
          case IFLA_MTU:
            interface.mtu = mnl_attr_get_u32 (attribute);
            break;
          case IFLA_MASTER:
            link.master = mnl_attr_get_u32 (attribute);
            break;
          case IFLA_LINKINFO:
            kind = find_kind (attribute);
            break;
          default:
            break;
        }
    }
  link.rule = rule_for_kind (kind, message->ifi_type);
  link.is_veth = g_strcmp0 (kind, "veth") == 0;
  link.is_ours = g_str_has_prefix (interface.name, SP_TUN_PREFIX);
  interface.is_loopback = (message->ifi_flags & IFF_LOOPBACK) != 0;
  interface.is_up = (message->ifi_flags & IFF_UP) != 0;
  g_array_append_val (reader->links, link);
  if (!link.is_ours)
    g_array_append_val (reader->uplink->interfaces, interface);
  return MNL_CB_OK;
}

static const Link *
find_link (Reader *reader, guint index)
{
  for (guint i = 0; i < reader->links->len; i++)
    if (g_array_index (reader->links, Link, i).index == index)
      return &g_array_index (reader->links, Link, i);
  return NULL;
}

static gboolean
has_home_port (Reader *reader, guint bridge)
{
  for (guint i = 0; i < reader->links->len; i++)
    {
      const Link *port = &g_array_index (reader->links, Link, i);
      if (port->master == bridge && port->rule == HOME && !port->is_veth)
        return TRUE;
    }
  return FALSE;
}

static SpUplinkInterface *
find_interface (SpUplink *uplink, guint index)
{
  return (SpUplinkInterface *) sp_uplink_find_interface (uplink, index);
}

/* After links and routes are known. */
static void
decide_homes (Reader *reader)
{
  for (guint i = 0; i < reader->uplink->interfaces->len; i++)
    {
      SpUplinkInterface *interface =
          &g_array_index (reader->uplink->interfaces, SpUplinkInterface, i);
      const Link *link = find_link (reader, interface->index);

      if (interface->is_loopback || !interface->is_up || link->master != 0)
        continue;
      interface->is_home = link->rule == HOME ||
                           (link->rule == HOME_BY_PORTS &&
                            (interface->has_default || has_home_port (reader, interface->index)));
    }
}

static gboolean
is_of_no_network (const guint8 *address)
{
  static const guint8 loopback[SP_ADDRESS_SIZE] = { [15] = 1 };

  if (sp_address_is_ipv4 (address))
    return address[12] == 127 || address[12] >= 224 || (address[12] == 169 && address[13] == 254);
  return address[0] == 0xff || (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) ||
         memcmp (address, loopback, sizeof loopback) == 0;
}

static void
set_network (SpNetwork *network, const guint8 *address, guint prefix)
{
  network->length = (guint8) (sp_address_is_ipv4 (address) ? prefix + SP_IPV4_MAPPED_BITS : prefix);
  memcpy (network->address, address, SP_ADDRESS_SIZE);
  for (guint bit = network->length; bit < HOST_BITS; bit++)
    network->address[bit / 8] &= (guint8) ~(0x80 >> (bit % 8));
}

static void
add_network (GArray *networks, const SpNetwork *network)
{
  for (guint i = 0; i < networks->len; i++)
    {
      const SpNetwork *known = &g_array_index (networks, SpNetwork, i);
      if (known->length == network->length &&
          memcmp (known->address, network->address, SP_ADDRESS_SIZE) == 0)
        return;
    }
  g_array_append_val (networks, *network);
}

static int
read_address (const struct nlmsghdr *header, void *data)
{
  Reader *reader = data;
  const struct ifaddrmsg *message = mnl_nlmsg_get_payload (header);
  const struct nlattr *attribute;
  SpUplinkAddress address = { .interface_index = message->ifa_index };
  guint32 flags = message->ifa_flags; /* the lowest eight of them */
  guint8 peer[SP_ADDRESS_SIZE] = { 0 };
  const SpUplinkInterface *interface = find_interface (reader->uplink, message->ifa_index);

  if (interface == NULL || interface->is_loopback || message->ifa_prefixlen > HOST_BITS)
    return MNL_CB_OK;
  mnl_attr_for_each (attribute, header, sizeof *message)
    {
      /* on a link of two, IFA_ADDRESS is the other one's */
      if (mnl_attr_get_type (attribute) == IFA_LOCAL)
        (void) sp_netlink_read_address (attribute, address.address);
      else if (mnl_attr_get_type (attribute) == IFA_ADDRESS)
        (void) sp_netlink_read_address (attribute, peer);
      else if (mnl_attr_get_type (attribute) == IFA_FLAGS)
        flags = mnl_attr_get_u32 (attribute);
    }
  if (sp_address_is_unset (address.address))
    memcpy (address.address, peer, sizeof peer);
  if (sp_address_is_unset (address.address) || is_of_no_network (address.address))
    return MNL_CB_OK;
  set_network (&address.network, sp_address_is_unset (peer) ? address.address : peer,
               message->ifa_prefixlen);
  /* IFA_F_TEMPORARY is IFA_F_SECONDARY of IPv4, which is as good as others. */
  address.is_passing = message->ifa_family == AF_INET6 &&
                       (flags & (IFA_F_TEMPORARY | IFA_F_DEPRECATED | IFA_F_DADFAILED)) != 0;
  g_array_append_val (reader->uplink->addresses, address);
  return MNL_CB_OK;
}

typedef struct
{
  guint8 destination[SP_ADDRESS_SIZE];
  guint8 gateway[SP_ADDRESS_SIZE];
  guint interface_index;
  guint32 table;
  guint32 metric;
} Route;

static void
read_route_attribute (const struct nlattr *attribute, Route *route)
{
  switch (mnl_attr_get_type (attribute))
    {
      case RTA_DST:
        (void) sp_netlink_read_address (attribute, route->destination);
        break;
      case RTA_GATEWAY:
        (void) sp_netlink_read_address (attribute, route->gateway);
        break;
      case RTA_OIF:
        route->interface_index = mnl_attr_get_u32 (attribute);
        break;
      case RTA_TABLE:
        route->table = mnl_attr_get_u32 (attribute);
        break;
      case RTA_PRIORITY:
        route->metric = mnl_attr_get_u32 (attribute);
        break;
      case RTA_MULTIPATH:
        /* the first of several ways */
        if (mnl_attr_get_payload_len (attribute) >= sizeof (struct rtnexthop))
          route->interface_index =
              (guint) ((const struct rtnexthop *) mnl_attr_get_payload (attribute))->rtnh_ifindex;
        break;
      default:
        break;
    }
}

static void
read_default_route (Reader *reader, const Route *route, gboolean ipv6)
{
  SpUplinkInterface *interface = find_interface (reader->uplink, route->interface_index);
  guint *best = ipv6 ? &reader->uplink->default_ipv6 : &reader->uplink->default_ipv4;

  if (route->table != RT_TABLE_MAIN || interface == NULL || interface->is_loopback)
    return;
  interface->has_default = TRUE;
  if (*best == 0 || route->metric < reader->best_metric[ipv6])
    {
      *best = route->interface_index;
      reader->best_metric[ipv6] = route->metric;
      memcpy (ipv6 ? reader->uplink->router6 : reader->uplink->router, route->gateway,
              SP_ADDRESS_SIZE);
    }
}

/* Whoever gets a prefix delegated sends what nobody has of it nowhere: that route tells of it. */
static void
read_delegation (Reader *reader, const Route *route, guint length)
{
  static const SpNetwork global = { { 0x20 }, 3 }; /* RFC 3587 */
  SpNetwork network;

  if (length < SHORTEST_DELEGATION || length > SUBNET_BITS ||
      !sp_network_contains (&global, route->destination))
    return;
  set_network (&network, route->destination, length);
  add_network (reader->uplink->delegated_networks, &network);
}

static gboolean
leads_nowhere (guint type)
{
  return type == RTN_UNREACHABLE || type == RTN_BLACKHOLE || type == RTN_PROHIBIT;
}

static int
read_route (const struct nlmsghdr *header, void *data)
{
  Reader *reader = data;
  const struct rtmsg *message = mnl_nlmsg_get_payload (header);
  const struct nlattr *attribute;
  gboolean ipv6 = message->rtm_family == AF_INET6;
  Route route = { .table = message->rtm_table };
  const SpUplinkInterface *interface;
  SpNetwork network;

  if ((message->rtm_family != AF_INET && !ipv6) || (message->rtm_flags & RTM_F_CLONED) ||
      (message->rtm_type != RTN_UNICAST && !(ipv6 && leads_nowhere (message->rtm_type))))
    return MNL_CB_OK;
  mnl_attr_for_each (attribute, header, sizeof *message)
    read_route_attribute (attribute, &route);
  if (route.table == RT_TABLE_LOCAL)
    return MNL_CB_OK;
  if (message->rtm_type != RTN_UNICAST)
    {
      read_delegation (reader, &route, message->rtm_dst_len);
      return MNL_CB_OK;
    }
  if (message->rtm_dst_len == 0)
    {
      read_default_route (reader, &route, ipv6);
      return MNL_CB_OK;
    }
  interface = find_interface (reader->uplink, route.interface_index);
  if (interface == NULL || interface->is_loopback || is_of_no_network (route.destination))
    return MNL_CB_OK;
  set_network (&network, route.destination, message->rtm_dst_len);
  add_network (reader->uplink->used_networks, &network);
  return MNL_CB_OK;
}

/* RFC 1918.  Not RFC 6598: those addresses are a provider's. */
static gboolean
is_private_ipv4 (const guint8 *address)
{
  static const char *const texts[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      SpNetwork network;

      if (sp_network_from_text (texts[i], &network) && sp_network_contains (&network, address))
        return TRUE;
    }
  return FALSE;
}

/* The way to the internet where the addresses are public ones: a provider's network (a rented
 * machine, a router's outer side), whose other hosts are strangers. */
static gboolean
faces_internet (SpUplink *uplink, const SpUplinkInterface *interface)
{
  gboolean has_ipv4 = FALSE;

  if (!interface->has_default)
    return FALSE;
  for (guint i = 0; i < uplink->addresses->len; i++)
    {
      const SpUplinkAddress *address = &g_array_index (uplink->addresses, SpUplinkAddress, i);

      if (address->interface_index != interface->index || !sp_address_is_ipv4 (address->address))
        continue;
      if (is_private_ipv4 (address->address))
        return FALSE;
      has_ipv4 = TRUE;
    }
  return has_ipv4;
}

static void
collect_home_networks (SpUplink *uplink)
{
  for (guint i = 0; i < uplink->addresses->len; i++)
    {
      const SpUplinkAddress *address = &g_array_index (uplink->addresses, SpUplinkAddress, i);
      const SpUplinkInterface *interface = find_interface (uplink, address->interface_index);

      add_network (uplink->used_networks, &address->network);
      if (interface->is_home && address->network.length < HOST_BITS &&
          !faces_internet (uplink, interface))
        add_network (uplink->home_networks, &address->network);
    }
}

static SpUplink *
read_once (SpUplinkManager *manager, GError **error)
{
  g_autoptr (SpUplink) uplink = sp_uplink_new ();
  g_autoptr (GArray) links = g_array_new (FALSE, FALSE, sizeof (Link));
  Reader reader = { uplink, links, { 0 } };

  if (!sp_netlink_dump (RTM_GETLINK, read_link, &reader, error) ||
      !sp_netlink_dump (RTM_GETADDR, read_address, &reader, error) ||
      !sp_netlink_dump (RTM_GETROUTE, read_route, &reader, error))
    return NULL;
  decide_homes (&reader);
  collect_home_networks (uplink);
  sp_uplink_read_names (uplink, manager);
  return g_steal_pointer (&uplink);
}

SpUplink *
sp_uplink_read (SpUplinkManager *manager, GError **error)
{
  for (guint i = 1;; i++)
    {
      g_autoptr (GError) own_error = NULL;
      SpUplink *uplink = read_once (manager, &own_error);

      if (uplink != NULL)
        return uplink;
      if (own_error->code == SP_ERROR_AGAIN && i < TRIES_MAX)
        continue;
      g_propagate_error (error, g_steal_pointer (&own_error));
      return NULL;
    }
}
