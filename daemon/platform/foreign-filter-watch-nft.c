/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/foreign-filter.h"

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
  GSource *timer; /* NULL = nothing to tell */
  SpForeignFilterChanged changed;
  gpointer user_data;
};

static gboolean
tell (gpointer data)
{
  SpForeignFilterWatch *watch = data;
  SpForeignFilterChanged changed = watch->changed;
  gpointer user_data = watch->user_data;

  g_clear_pointer (&watch->timer, g_source_unref);
  /* Last: it may free the watch. */
  changed (user_data);
  return G_SOURCE_REMOVE;
}

static void
tell_soon (SpForeignFilterWatch *watch)
{
  if (watch->timer != NULL)
    return;
  watch->timer = g_timeout_source_new (QUIET_MILLISECONDS);
  g_source_set_callback (watch->timer, tell, watch, NULL);
  g_source_attach (watch->timer, g_main_context_get_thread_default ());
}

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
    tell_soon (watch); /* more than the socket holds: something changed */
  if (got < 0)
    return G_SOURCE_CONTINUE;
  for (const struct nlmsghdr *header = (const struct nlmsghdr *) piece;
       mnl_nlmsg_ok (header, length); header = mnl_nlmsg_next (header, &length))
    if (is_of_interest (header))
      tell_soon (watch);
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
  watch->changed = changed;
  watch->user_data = user_data;
  watch->readable = g_unix_fd_source_new (mnl_socket_get_fd (socket), G_IO_IN);
  g_source_set_callback (watch->readable, G_SOURCE_FUNC (read_events), watch, NULL);
  g_source_attach (watch->readable, g_main_context_get_thread_default ());
  return watch;
}

static void
end_source (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

void
sp_foreign_filter_watch_free (SpForeignFilterWatch *watch)
{
  end_source (watch->readable);
  g_clear_pointer (&watch->timer, end_source);
  (void) mnl_socket_close (watch->socket);
  g_free (watch);
}
