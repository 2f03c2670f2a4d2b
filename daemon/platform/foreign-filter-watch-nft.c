/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/foreign-filter.h"

#include "quiet-timer.h"

#include "base/error.h"
#include "base/names.h"

#include <errno.h>
#include <glib-unix.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#define QUIET_MILLISECONDS 1000
#define PIECE_BYTES        65536

struct _SpForeignFilterWatch
{
  struct mnl_socket *socket;
  GSource *readable;
  SpQuietTimer *timer;
};

/* Own sessions come and go as elements and chains of the own table.  Attribute 1 is the table of
 * each of these. */
static gboolean
is_of_interest (const struct nlmsghdr *header)
{
  const struct nlattr *attribute;

  if (NFNL_SUBSYS_ID (header->nlmsg_type) != NFNL_SUBSYS_NFTABLES)
    return FALSE;
  switch (NFNL_MSG_TYPE (header->nlmsg_type))
    {
      case NFT_MSG_NEWTABLE:
      case NFT_MSG_DELTABLE:
      case NFT_MSG_NEWCHAIN:
      case NFT_MSG_DELCHAIN:
      case NFT_MSG_NEWRULE:
      case NFT_MSG_DELRULE:
        break;
      default:
        return FALSE;
    }
  mnl_attr_for_each (attribute, header, sizeof (struct nfgenmsg))
    if (mnl_attr_get_type (attribute) == NFTA_RULE_TABLE)
      return g_strcmp0 (mnl_attr_get_str (attribute), SP_FIREWALL_TABLE) != 0;
  return TRUE;
}

static gboolean
read_events (gint fd, GIOCondition condition, gpointer data)
{
  SpForeignFilterWatch *watch = data;
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  ssize_t got = mnl_socket_recvfrom (watch->socket, piece, PIECE_BYTES);
  int length = (int) got;

  if (got < 0 && (errno == ENOBUFS || errno == ENOSPC))
    sp_quiet_timer_notice (watch->timer); /* more than the socket holds: something changed */
  if (got < 0)
    return G_SOURCE_CONTINUE;
  for (const struct nlmsghdr *header = (const struct nlmsghdr *) piece;
       mnl_nlmsg_ok (header, length); header = mnl_nlmsg_next (header, &length))
    if (is_of_interest (header))
      sp_quiet_timer_notice (watch->timer);
  return G_SOURCE_CONTINUE;
}

SpForeignFilterWatch *
sp_foreign_filter_watch_new (SpForeignFilterChanged changed, gpointer user_data, GError **error)
{
  struct mnl_socket *socket = mnl_socket_open2 (NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
  int group = NFNLGRP_NFTABLES;
  SpForeignFilterWatch *watch;

  if (socket == NULL || mnl_socket_bind (socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
      mnl_socket_setsockopt (socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0)
    {
      sp_error_set_errno (error, errno, "watching other programs' packet filters");
      if (socket != NULL)
        (void) mnl_socket_close (socket);
      return NULL;
    }
  watch = g_new0 (SpForeignFilterWatch, 1);
  watch->socket = socket;
  watch->timer = sp_quiet_timer_new (QUIET_MILLISECONDS, changed, user_data);
  watch->readable = g_unix_fd_source_new (mnl_socket_get_fd (socket), G_IO_IN);
  g_source_set_callback (watch->readable, G_SOURCE_FUNC (read_events), watch, NULL);
  g_source_attach (watch->readable, g_main_context_get_thread_default ());
  return watch;
}

void
sp_foreign_filter_watch_free (SpForeignFilterWatch *watch)
{
  g_source_destroy (watch->readable);
  g_source_unref (watch->readable);
  sp_quiet_timer_free (watch->timer);
  (void) mnl_socket_close (watch->socket);
  g_free (watch);
}
