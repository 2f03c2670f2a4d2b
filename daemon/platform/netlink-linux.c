/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlink-linux.h"

#include "base/error.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_BYTES 32768 /* rtnetlink fills at most this much at once */

struct _SpNetlinkBatch
{
  guint n;
  gsize length;
  struct nlmsghdr *current;
  guint8 bytes[SP_NETLINK_BATCH_MAX * SP_NETLINK_REQUEST_MAX] __attribute__ ((aligned (8)));
};

typedef struct mnl_socket MnlSocket;
static void
close_socket (MnlSocket *socket)
{
  (void) mnl_socket_close (socket);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MnlSocket, close_socket)

static MnlSocket *
open_socket (GError **error)
{
  MnlSocket *socket = mnl_socket_open2 (NETLINK_ROUTE, SOCK_CLOEXEC);
  int on = 1;

  if (socket == NULL || mnl_socket_bind (socket, 0, MNL_SOCKET_AUTOPID) < 0)
    {
      sp_error_set_errno (error, errno, "asking the kernel about the network");
      g_clear_pointer (&socket, close_socket);
      return NULL;
    }
  /* Only makes the kernel's errors say more. */
  (void) mnl_socket_setsockopt (socket, NETLINK_EXT_ACK, &on, sizeof on);
  (void) mnl_socket_setsockopt (socket, NETLINK_CAP_ACK, &on, sizeof on);
  return socket;
}

SpNetlinkBatch *
sp_netlink_batch_new (void)
{
  return g_new0 (SpNetlinkBatch, 1);
}

void
sp_netlink_batch_free (SpNetlinkBatch *batch)
{
  g_free (batch);
}

static void
finish_current (SpNetlinkBatch *batch)
{
  if (batch->current == NULL)
    return;
  g_assert (batch->current->nlmsg_len <= SP_NETLINK_REQUEST_MAX);
  batch->length += MNL_ALIGN (batch->current->nlmsg_len);
  batch->current = NULL;
}

struct nlmsghdr *
sp_netlink_batch_add (SpNetlinkBatch *batch, guint16 type, guint16 flags)
{
  finish_current (batch);
  g_assert (batch->n < SP_NETLINK_BATCH_MAX);
  batch->current = mnl_nlmsg_put_header (batch->bytes + batch->length);
  batch->current->nlmsg_type = type;
  batch->current->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
  batch->current->nlmsg_seq = ++batch->n;
  return batch->current;
}

static int
find_text (const struct nlattr *attribute, void *data)
{
  const char **text = data;

  if (mnl_attr_get_type (attribute) == NLMSGERR_ATTR_MSG &&
      mnl_attr_validate (attribute, MNL_TYPE_NUL_STRING) >= 0)
    *text = mnl_attr_get_str (attribute);
  return MNL_CB_OK;
}

static gboolean
says_that_it_is_gone (int errno_value)
{
  return errno_value == EADDRNOTAVAIL || errno_value == ENODEV || errno_value == ESRCH;
}

static void
set_kernel_error (const struct nlmsghdr *header, GError **error)
{
  const struct nlmsgerr *refusal = mnl_nlmsg_get_payload (header);
  const char *text = NULL;

  if (header->nlmsg_flags & NLM_F_ACK_TLVS)
    (void) mnl_attr_parse (header, sizeof *refusal, find_text, &text);
  sp_error_set_errno (error, -refusal->error, "changing the network%s%s", text != NULL ? ": " : "",
                      text != NULL ? text : "");
  if (error != NULL && says_that_it_is_gone (-refusal->error))
    (*error)->code = SP_ERROR_NOT_FOUND;
}

/* Counts the answers in this piece; remembers the first refusal. */
static guint
read_answers (const guint8 *bytes, int length, GError **first_error)
{
  const struct nlmsghdr *header = (const struct nlmsghdr *) bytes;
  guint n = 0;

  for (; mnl_nlmsg_ok (header, length); header = mnl_nlmsg_next (header, &length))
    {
      const struct nlmsgerr *answer = mnl_nlmsg_get_payload (header);
      if (header->nlmsg_type != NLMSG_ERROR || header->nlmsg_len < mnl_nlmsg_size (sizeof *answer))
        continue;
      n++;
      if (answer->error != 0 && *first_error == NULL)
        set_kernel_error (header, first_error);
    }
  return n;
}

gboolean
sp_netlink_batch_send (SpNetlinkBatch *batch, GError **error)
{
  g_autofree guint8 *answer = g_malloc (ANSWER_BYTES);
  g_autoptr (MnlSocket) socket = open_socket (error);
  GError *first_error = NULL;
  guint answers = 0;

  if (socket == NULL)
    return FALSE;
  finish_current (batch);
  if (mnl_socket_sendto (socket, batch->bytes, batch->length) < 0)
    {
      sp_error_set_errno (error, errno, "changing the network");
      return FALSE;
    }
  while (answers < batch->n)
    {
      ssize_t length = mnl_socket_recvfrom (socket, answer, ANSWER_BYTES);
      if (length < 0 && errno == EINTR)
        continue;
      if (length <= 0)
        {
          g_clear_error (&first_error);
          sp_error_set_errno (error, errno, "changing the network");
          return FALSE;
        }
      answers += read_answers (answer, (int) length, &first_error);
    }
  if (first_error == NULL)
    return TRUE;
  g_propagate_error (error, first_error);
  return FALSE;
}

static guint8
family_of (const guint8 *address)
{
  return sp_address_is_ipv4 (address) ? AF_INET : AF_INET6;
}

static void
put_address (struct nlmsghdr *header, guint16 type, const guint8 *address)
{
  if (sp_address_is_ipv4 (address))
    mnl_attr_put (header, type, 4, address + 12);
  else
    mnl_attr_put (header, type, SP_ADDRESS_SIZE, address);
}

void
sp_netlink_add_address (SpNetlinkBatch *batch,
                        gboolean remove,
                        guint interface_index,
                        const guint8 *address)
{
  struct nlmsghdr *header = sp_netlink_batch_add (batch, remove ? RTM_DELADDR : RTM_NEWADDR,
                                                  remove ? 0 : NLM_F_CREATE | NLM_F_REPLACE);
  struct ifaddrmsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);

  message->ifa_family = family_of (address);
  message->ifa_prefixlen = message->ifa_family == AF_INET ? 32 : 128;
  message->ifa_index = interface_index;
  message->ifa_scope = RT_SCOPE_UNIVERSE;
  put_address (header, IFA_LOCAL, address);
  put_address (header, IFA_ADDRESS, address);
  if (message->ifa_family == AF_INET6 && !remove)
    mnl_attr_put_u32 (header, IFA_FLAGS, IFA_F_NODAD);
}

void
sp_netlink_add_route (SpNetlinkBatch *batch,
                      guint interface_index,
                      const guint8 *destination,
                      const guint8 *source)
{
  struct nlmsghdr *header =
      sp_netlink_batch_add (batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
  struct rtmsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);

  message->rtm_family = family_of (destination);
  message->rtm_dst_len = message->rtm_family == AF_INET ? 32 : 128;
  message->rtm_table = RT_TABLE_MAIN;
  message->rtm_protocol = RTPROT_STATIC;
  message->rtm_scope = message->rtm_family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  message->rtm_type = RTN_UNICAST;
  put_address (header, RTA_DST, destination);
  mnl_attr_put_u32 (header, RTA_OIF, interface_index);
  if (!sp_address_is_unset (source))
    put_address (header, RTA_PREFSRC, source);
}

void
sp_netlink_add_network (SpNetlinkBatch *batch,
                        gboolean remove,
                        guint interface_index,
                        const SpNetwork *network)
{
  struct nlmsghdr *header = sp_netlink_batch_add (batch, remove ? RTM_DELROUTE : RTM_NEWROUTE,
                                                  remove ? 0 : NLM_F_CREATE | NLM_F_REPLACE);
  struct rtmsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);

  message->rtm_family = family_of (network->address);
  message->rtm_dst_len = (guint8) sp_network_prefix (network);
  message->rtm_table = RT_TABLE_MAIN;
  message->rtm_protocol = RTPROT_STATIC;
  message->rtm_scope = message->rtm_family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  message->rtm_type = RTN_UNICAST;
  put_address (header, RTA_DST, network->address);
  mnl_attr_put_u32 (header, RTA_OIF, interface_index);
}

void
sp_netlink_add_mtu (SpNetlinkBatch *batch, guint interface_index, guint32 mtu)
{
  struct nlmsghdr *header = sp_netlink_batch_add (batch, RTM_SETLINK, 0);
  struct ifinfomsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);

  message->ifi_family = AF_UNSPEC;
  message->ifi_index = (int) interface_index;
  mnl_attr_put_u32 (header, IFLA_MTU, mtu);
}

/* `bytes`: ANSWER_BYTES, of which the first are the request. */
static gboolean
ask (guint8 *bytes, mnl_cb_t callback, gpointer user_data, GError **error)
{
  g_autoptr (MnlSocket) socket = open_socket (error);
  struct nlmsghdr *header = (struct nlmsghdr *) bytes;
  int result = MNL_CB_OK;

  if (socket == NULL)
    return FALSE;
  header->nlmsg_seq = 1;
  if (mnl_socket_sendto (socket, header, header->nlmsg_len) < 0)
    result = MNL_CB_ERROR;
  while (result > MNL_CB_STOP)
    {
      ssize_t length = mnl_socket_recvfrom (socket, bytes, ANSWER_BYTES);
      result = length < 0 ? MNL_CB_ERROR
                          : mnl_cb_run (bytes, (size_t) length, 1, mnl_socket_get_portid (socket),
                                        callback, user_data);
    }
  if (result == MNL_CB_STOP)
    return TRUE;
  sp_error_set_errno (error, errno, "asking the kernel about the network");
  return FALSE;
}

gboolean
sp_netlink_dump (guint16 type, mnl_cb_t callback, gpointer user_data, GError **error)
{
  g_autofree guint8 *bytes = g_malloc0 (ANSWER_BYTES);
  struct nlmsghdr *header = mnl_nlmsg_put_header (bytes);
  struct rtgenmsg *message;

  header->nlmsg_type = type;
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message = mnl_nlmsg_put_extra_header (header, sizeof *message);
  message->rtgen_family = AF_UNSPEC;
  return ask (bytes, callback, user_data, error);
}

static int
add_bytes (const struct nlattr *attribute, void *data)
{
  struct rtnl_link_stats64 counters;
  guint64 *bytes = data;

  if (mnl_attr_get_type (attribute) != IFLA_STATS_LINK_64 ||
      mnl_attr_get_payload_len (attribute) < sizeof counters)
    return MNL_CB_OK;
  memcpy (&counters, mnl_attr_get_payload (attribute), sizeof counters);
  *bytes = counters.rx_bytes + counters.tx_bytes;
  return MNL_CB_OK;
}

/* There is one answer. */
static int
read_counters (const struct nlmsghdr *header, void *data)
{
  (void) mnl_attr_parse (header, sizeof (struct if_stats_msg), add_bytes, data);
  return MNL_CB_STOP;
}

gboolean
sp_netlink_read_bytes (guint interface_index, guint64 *ret_bytes, GError **error)
{
  g_autofree guint8 *bytes = g_malloc0 (ANSWER_BYTES);
  struct nlmsghdr *header = mnl_nlmsg_put_header (bytes);
  struct if_stats_msg *message;

  *ret_bytes = 0;
  header->nlmsg_type = RTM_GETSTATS;
  header->nlmsg_flags = NLM_F_REQUEST;
  message = mnl_nlmsg_put_extra_header (header, sizeof *message);
  message->ifindex = interface_index;
  message->filter_mask = IFLA_STATS_FILTER_BIT (IFLA_STATS_LINK_64);
  return ask (bytes, read_counters, ret_bytes, error);
}

gboolean
sp_netlink_read_address (const struct nlattr *attribute, guint8 *ret)
{
  guint32 ipv4;

  switch (mnl_attr_get_payload_len (attribute))
    {
      case 4:
        memcpy (&ipv4, mnl_attr_get_payload (attribute), 4);
        sp_address_from_ipv4 (ret, GUINT32_FROM_BE (ipv4));
        return TRUE;
      case SP_ADDRESS_SIZE:
        memcpy (ret, mnl_attr_get_payload (attribute), SP_ADDRESS_SIZE);
        return TRUE;
      default:
        return FALSE;
    }
}
