/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/uplink.h"

#include "quiet-timer.h"
#include "uplink-manager.h"

#include "base/error.h"
#include "base/io.h"
#include "base/names.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#define QUIET_MILLISECONDS 500
#define PIECE_BYTES        16384
#define RESOLVER_FILE      "/etc/resolv.conf"

struct _SpUplinkWatch
{
  struct mnl_socket *socket;
  GFileMonitor *monitor;
  GSource *readable;
  SpQuietTimer *timer;
  SpUplinkManager *manager; /* or NULL */
};

static guint
find_route_interface (const struct nlmsghdr *header)
{
  const struct nlattr *attribute;

  mnl_attr_for_each (attribute, header, sizeof (struct rtmsg))
    if (mnl_attr_get_type (attribute) == RTA_OIF)
      return mnl_attr_get_u32 (attribute);
  return 0;
}

/* Own devices come and go with sessions, own addresses on the loopback device with the server. What
 * happens to a device that is gone by now is told again by its going. */
static gboolean
is_of_interest (const char *name)
{
  return !g_str_has_prefix (name, SP_TUN_PREFIX) && !g_str_equal (name, "lo");
}

static gboolean
index_is_of_interest (guint index)
{
  char name[IF_NAMESIZE];

  return index == 0 || (if_indextoname (index, name) != NULL && is_of_interest (name));
}

static gboolean
link_is_of_interest (const struct nlmsghdr *header)
{
  const struct nlattr *attribute;

  mnl_attr_for_each (attribute, header, sizeof (struct ifinfomsg))
    if (mnl_attr_get_type (attribute) == IFLA_IFNAME)
      return is_of_interest (mnl_attr_get_str (attribute));
  return FALSE;
}

static gboolean
message_is_of_interest (const struct nlmsghdr *header)
{
  switch (header->nlmsg_type)
    {
      case RTM_NEWLINK:
      case RTM_DELLINK:
        return link_is_of_interest (header);
      case RTM_NEWADDR:
      case RTM_DELADDR:
        return index_is_of_interest (
            ((const struct ifaddrmsg *) mnl_nlmsg_get_payload (header))->ifa_index);
      case RTM_NEWROUTE:
      case RTM_DELROUTE:
        return index_is_of_interest (find_route_interface (header));
      default:
        return FALSE;
    }
}

static gboolean
read_events (gint fd, GIOCondition condition, gpointer data)
{
  SpUplinkWatch *watch = data;
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  ssize_t got = mnl_socket_recvfrom (watch->socket, piece, PIECE_BYTES);
  int length = (int) got;

  if (got < 0 && (errno == ENOBUFS || errno == ENOSPC))
    sp_quiet_timer_notice (watch->timer); /* more than the socket, or a piece, holds: some change */
  if (got < 0)
    return G_SOURCE_CONTINUE;
  for (const struct nlmsghdr *header = (const struct nlmsghdr *) piece;
       mnl_nlmsg_ok (header, length); header = mnl_nlmsg_next (header, &length))
    if (message_is_of_interest (header))
      sp_quiet_timer_notice (watch->timer);
  return G_SOURCE_CONTINUE;
}

static void
file_changed (
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
  sp_quiet_timer_notice (((SpUplinkWatch *) user_data)->timer);
}

/* A system without the file, or without a way to watch it, loses that one reason. */
static void
watch_resolver_file (SpUplinkWatch *watch)
{
  g_autoptr (GFile) file = g_file_new_for_path (RESOLVER_FILE);

  watch->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (watch->monitor != NULL)
    g_signal_connect (watch->monitor, "changed", G_CALLBACK (file_changed), watch);
}

static void
watch_manager (SpUplinkWatch *watch, SpUplinkManager *manager)
{
  if (manager == NULL)
    return;
  watch->manager = g_object_ref (manager);
  g_signal_connect_swapped (manager, "changed", G_CALLBACK (sp_quiet_timer_notice), watch->timer);
}

SpUplinkWatch *
sp_uplink_watch_new (SpUplinkManager *manager,
                     SpUplinkChanged changed,
                     gpointer user_data,
                     GError **error)
{
  const unsigned groups =
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  struct mnl_socket *socket = mnl_socket_open2 (NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
  SpUplinkWatch *watch;

  if (socket == NULL || mnl_socket_bind (socket, groups, MNL_SOCKET_AUTOPID) < 0)
    {
      sp_error_set_errno (error, errno, "watching the network");
      if (socket != NULL)
        (void) mnl_socket_close (socket);
      return NULL;
    }
  watch = g_new0 (SpUplinkWatch, 1);
  watch->socket = socket;
  watch->timer = sp_quiet_timer_new (QUIET_MILLISECONDS, changed, user_data);
  watch->readable = g_unix_fd_source_new (mnl_socket_get_fd (socket), G_IO_IN);
  g_source_set_callback (watch->readable, G_SOURCE_FUNC (read_events), watch, NULL);
  g_source_attach (watch->readable, g_main_context_get_thread_default ());
  watch_resolver_file (watch);
  watch_manager (watch, manager);
  return watch;
}

void
sp_uplink_watch_free (SpUplinkWatch *watch)
{
  g_source_destroy (watch->readable);
  g_source_unref (watch->readable);
  if (watch->manager != NULL)
    (void) g_signal_handlers_disconnect_by_data (watch->manager, watch->timer);
  g_clear_object (&watch->manager);
  sp_quiet_timer_free (watch->timer);
  if (watch->monitor != NULL)
    (void) g_signal_handlers_disconnect_by_data (watch->monitor, watch);
  g_clear_object (&watch->monitor);
  (void) mnl_socket_close (watch->socket);
  g_free (watch);
}
