/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/shaper.h"

#include "departure-linux.h"
#include "netlink-linux.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/names.h"
#include "platform/forwarding.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <net/if.h>
#include <string.h>

/* A queue is an "ifb" device (its packets go on where they came from) with a token bucket, tbf.
 * Filters on a client's device send each packet of a direction there.  The bucket of the device
 * itself could not be shared, and would know one direction only. */

#define TOPIC "shaper"
#define QUEUE_PREFIX                                                                               \
  SP_TUN_PREFIX "q" /* also begins like ours, so that nobody takes it for a network */
#define QUEUE_KIND      "ifb"
#define BUCKET_HANDLE   TC_H_MAKE (1U << 16, 0)
#define FILTER_PRIORITY 1U
#define QUEUES_MAX      (2 * SP_SESSIONS_MAX)

#define WAIT_DIVISOR  20  /* of a second's bytes: 50 ms may wait */
#define BURST_DIVISOR 500 /* 2 ms may pass at once: the kernel's timers need not be exact */

enum
{
  UP,
  DOWN,
  N_DIRECTIONS
};

typedef struct
{
  guint64 rate; /* bits a second; 0 = there is no queue */
  guint index;  /* of the ifb device */
} Queue;

struct _SpShaper
{
  Queue queues[N_DIRECTIONS];
  GArray *devices; /* guint */
};

static const guint32 hooks[N_DIRECTIONS] = { TC_H_MIN_INGRESS, TC_H_MIN_EGRESS };

static gboolean
set_missing (GError **error, GError *kernel_error, const char *piece)
{
  g_set_error (error, SP_ERROR,
               kernel_error->code == SP_ERROR_NOT_AUTHORIZED ? SP_ERROR_NOT_AUTHORIZED
                                                             : SP_ERROR_NOT_SUPPORTED,
               "Speed limits do not work: the kernel gives no %s (%s)", piece,
               kernel_error->message);
  g_error_free (kernel_error);
  return FALSE;
}

/* Devices */

static struct ifinfomsg *
add_link_request (
    SpNetlinkBatch *batch, guint16 type, guint16 flags, guint index, struct nlmsghdr **ret_header)
{
  struct ifinfomsg *message;

  *ret_header = sp_netlink_batch_add (batch, type, flags);
  message = mnl_nlmsg_put_extra_header (*ret_header, sizeof *message);
  message->ifi_family = AF_UNSPEC;
  message->ifi_index = (int) index;
  return message;
}

/* nocheck: threads that have no object in common count here. */
static SpDepartures leaving;

static void
remove_now (guint index)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();
  g_autoptr (GError) error = NULL;
  struct nlmsghdr *header;

  (void) add_link_request (batch, RTM_DELLINK, 0, index, &header);
  if (!sp_netlink_batch_send (batch, &error) && error->code != SP_ERROR_NOT_FOUND)
    sp_log (SP_LOG_WARNING, TOPIC, "removing a queue: %s", error->message);
}

static void
remove_cb (GTask *task, gpointer source, gpointer index, GCancellable *cancellable)
{
  remove_now (GPOINTER_TO_UINT (index));
  sp_departures_end (&leaving);
  g_task_return_boolean (task, TRUE);
}

/* The kernel takes some 20 ms for it: elsewhere. */
static void
remove_device (guint index)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  sp_departures_begin (&leaving);
  g_task_set_task_data (task, GUINT_TO_POINTER (index), NULL);
  g_task_run_in_thread (task, remove_cb);
}

void
sp_shaper_close_wait (void)
{
  sp_departures_wait (&leaving);
}

static gboolean
create_device (const char *name, GError **error)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();
  struct nlmsghdr *header;
  struct nlattr *kind;

  (void) add_link_request (batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, &header);
  mnl_attr_put_strz (header, IFLA_IFNAME, name);
  kind = mnl_attr_nest_start (header, IFLA_LINKINFO);
  mnl_attr_put_strz (header, IFLA_INFO_KIND, QUEUE_KIND);
  mnl_attr_nest_end (header, kind);
  return sp_netlink_batch_send (batch, error);
}

/* Up, and without the address and the messages that the kernel gives each device of its own. */
static gboolean
raise_device (guint index, GError **error)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();
  struct nlmsghdr *header;
  struct ifinfomsg *message;
  struct nlattr *families, *family;

  if (sp_forwarding_has_ipv6 ())
    {
      (void) add_link_request (batch, RTM_SETLINK, 0, index, &header);
      families = mnl_attr_nest_start (header, IFLA_AF_SPEC);
      family = mnl_attr_nest_start (header, AF_INET6);
      mnl_attr_put_u8 (header, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
      mnl_attr_nest_end (header, family);
      mnl_attr_nest_end (header, families);
    }
  message = add_link_request (batch, RTM_SETLINK, 0, index, &header);
  message->ifi_flags = IFF_UP;
  message->ifi_change = IFF_UP;
  return sp_netlink_batch_send (batch, error);
}

static gboolean
make_device (guint *ret, GError **error)
{
  for (guint number = 0; number < QUEUES_MAX; number++)
    {
      g_autoptr (GError) own_error = NULL;
      char name[IF_NAMESIZE];

      g_snprintf (name, sizeof name, QUEUE_PREFIX "%u", number);
      if (if_nametoindex (name) != 0)
        continue;
      if (!create_device (name, &own_error))
        return set_missing (error, g_steal_pointer (&own_error), "device of the kind " QUEUE_KIND);
      *ret = if_nametoindex (name);
      return TRUE;
    }
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "There are too many speed limits");
  return FALSE;
}

/* The bucket */

/* tc-tbf(8).  A packet larger than the bucket would be dropped, so it holds the largest there is.
 */
static void
add_bucket (SpNetlinkBatch *batch, const Queue *queue)
{
  guint64 bytes = queue->rate / 8;
  struct tc_tbf_qopt options = { .rate = { .linklayer = TC_LINKLAYER_ETHERNET } };
  struct nlmsghdr *header =
      sp_netlink_batch_add (batch, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
  struct tcmsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);
  struct nlattr *nest;

  message->tcm_family = AF_UNSPEC;
  message->tcm_ifindex = (int) queue->index;
  message->tcm_handle = BUCKET_HANDLE;
  message->tcm_parent = TC_H_ROOT;
  options.rate.rate = (guint32) MIN (bytes, G_MAXUINT32);
  options.limit = (guint32) CLAMP (bytes / WAIT_DIVISOR, SP_PACKET_MAX, G_MAXINT32);
  mnl_attr_put_strz (header, TCA_KIND, "tbf");
  nest = mnl_attr_nest_start (header, TCA_OPTIONS);
  mnl_attr_put (header, TCA_TBF_PARMS, sizeof options, &options);
  mnl_attr_put_u32 (header, TCA_TBF_BURST,
                    (guint32) CLAMP (bytes / BURST_DIVISOR, SP_PACKET_MAX, G_MAXINT32));
  if (bytes > G_MAXUINT32)
    mnl_attr_put_u64 (header, TCA_TBF_RATE64, bytes);
  mnl_attr_nest_end (header, nest);
}

static gboolean
set_bucket (const Queue *queue, GError **error)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();
  g_autoptr (GError) own_error = NULL;

  add_bucket (batch, queue);
  return sp_netlink_batch_send (batch, &own_error) ||
         set_missing (error, g_steal_pointer (&own_error), "token bucket (sch_tbf)");
}

/* Filters */

/* A place for filters on both ways through the device. */
static void
add_hooks (SpNetlinkBatch *batch, guint device)
{
  struct nlmsghdr *header =
      sp_netlink_batch_add (batch, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
  struct tcmsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);

  message->tcm_family = AF_UNSPEC;
  message->tcm_ifindex = (int) device;
  message->tcm_handle = TC_H_MAKE (TC_H_CLSACT, 0);
  message->tcm_parent = TC_H_CLSACT;
  mnl_attr_put_strz (header, TCA_KIND, "clsact");
}

static void
put_redirection (struct nlmsghdr *header, guint queue_device)
{
  struct tc_mirred parameters = { .action = TC_ACT_STOLEN,
                                  .eaction = TCA_EGRESS_REDIR,
                                  .ifindex = queue_device };
  struct nlattr *actions = mnl_attr_nest_start (header, TCA_U32_ACT);
  struct nlattr *action = mnl_attr_nest_start (header, 1); /* the first and only */
  struct nlattr *options;

  mnl_attr_put_strz (header, TCA_ACT_KIND, "mirred");
  options = mnl_attr_nest_start (header, TCA_ACT_OPTIONS);
  mnl_attr_put (header, TCA_MIRRED_PARMS, sizeof parameters, &parameters);
  mnl_attr_nest_end (header, options);
  mnl_attr_nest_end (header, action);
  mnl_attr_nest_end (header, actions);
}

static struct nlmsghdr *
add_filter_request (
    SpNetlinkBatch *batch, guint16 type, guint16 flags, guint device, guint direction)
{
  struct nlmsghdr *header = sp_netlink_batch_add (batch, type, flags);
  struct tcmsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);

  message->tcm_family = AF_UNSPEC;
  message->tcm_ifindex = (int) device;
  message->tcm_parent = TC_H_MAKE (TC_H_CLSACT, hooks[direction]);
  message->tcm_info = TC_H_MAKE (FILTER_PRIORITY << 16, htons (ETH_P_ALL));
  return header;
}

/* One key that every packet has: tc-u32(8). */
static void
add_filter (SpNetlinkBatch *batch, guint device, guint direction, guint queue_device)
{
  const struct tc_u32_sel selector = { .flags = TC_U32_TERMINAL, .nkeys = 1 };
  guint8 match[sizeof selector + sizeof (struct tc_u32_key)] = { 0 }; /* the key: all zero */
  struct nlmsghdr *header =
      add_filter_request (batch, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, device, direction);
  struct nlattr *nest;

  memcpy (match, &selector, sizeof selector);
  mnl_attr_put_strz (header, TCA_KIND, "u32");
  nest = mnl_attr_nest_start (header, TCA_OPTIONS);
  mnl_attr_put (header, TCA_U32_SEL, sizeof match, match);
  put_redirection (header, queue_device);
  mnl_attr_nest_end (header, nest);
}

static gboolean
divert (guint device, guint direction, guint queue_device, GError **error)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();
  g_autoptr (GError) own_error = NULL;

  add_hooks (batch, device);
  add_filter (batch, device, direction, queue_device);
  return sp_netlink_batch_send (batch, &own_error) ||
         set_missing (error, g_steal_pointer (&own_error),
                      "way into the queue (sch_ingress, cls_u32, act_mirred)");
}

/* It is fine if the device is gone. */
static void
undivert (guint device, guint direction)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();

  (void) add_filter_request (batch, RTM_DELTFILTER, 0, device, direction);
  (void) sp_netlink_batch_send (batch, NULL);
}

/* Queues */

static guint
device_at (SpShaper *shaper, guint position)
{
  return g_array_index (shaper->devices, guint, position);
}

static void
close_queue (SpShaper *shaper, guint direction)
{
  Queue *queue = &shaper->queues[direction];

  if (queue->index == 0)
    return;
  for (guint i = 0; i < shaper->devices->len; i++)
    undivert (device_at (shaper, i), direction);
  remove_device (queue->index);
  memset (queue, 0, sizeof *queue);
}

static gboolean
open_queue (SpShaper *shaper, guint direction, guint64 rate, GError **error)
{
  Queue *queue = &shaper->queues[direction];
  gboolean good;

  queue->rate = rate;
  good = make_device (&queue->index, error) && set_bucket (queue, error) &&
         raise_device (queue->index, error);
  for (guint i = 0; good && i < shaper->devices->len; i++)
    good = divert (device_at (shaper, i), direction, queue->index, error);
  if (!good)
    close_queue (shaper, direction);
  return good;
}

static gboolean
change_queue (SpShaper *shaper, guint direction, guint64 rate, GError **error)
{
  Queue *queue = &shaper->queues[direction];

  if (queue->rate == rate)
    return TRUE;
  if (rate == 0)
    {
      close_queue (shaper, direction);
      return TRUE;
    }
  if (queue->index == 0)
    return open_queue (shaper, direction, rate, error);
  queue->rate = rate;
  return set_bucket (queue, error);
}

gboolean
sp_shaper_change (SpShaper *shaper, const SpRates *rates, GError **error)
{
  gboolean good = change_queue (shaper, UP, rates->up, error);

  return change_queue (shaper, DOWN, rates->down, good ? error : NULL) && good;
}

SpShaper *
sp_shaper_open (const SpRates *rates, GError **error)
{
  g_autoptr (SpShaper) shaper = g_new0 (SpShaper, 1);

  shaper->devices = g_array_new (FALSE, FALSE, sizeof (guint));
  return sp_shaper_change (shaper, rates, error) ? g_steal_pointer (&shaper) : NULL;
}

gboolean
sp_shaper_attach (SpShaper *shaper, guint device, GError **error)
{
  g_array_append_val (shaper->devices, device);
  for (guint direction = 0; direction < N_DIRECTIONS; direction++)
    if (shaper->queues[direction].index != 0 &&
        !divert (device, direction, shaper->queues[direction].index, error))
      {
        sp_shaper_detach (shaper, device);
        return FALSE;
      }
  return TRUE;
}

void
sp_shaper_detach (SpShaper *shaper, guint device)
{
  for (guint i = 0; i < shaper->devices->len; i++)
    if (device_at (shaper, i) == device)
      {
        for (guint direction = 0; direction < N_DIRECTIONS; direction++)
          undivert (device, direction);
        g_array_remove_index_fast (shaper->devices, i);
        return;
      }
}

guint
sp_shaper_count (SpShaper *shaper)
{
  return shaper->devices->len;
}

void
sp_shaper_close (SpShaper *shaper)
{
  if (shaper == NULL)
    return;
  for (guint direction = 0; direction < N_DIRECTIONS; direction++)
    close_queue (shaper, direction);
  g_array_unref (shaper->devices);
  g_free (shaper);
}

static int
note_queue (const struct nlmsghdr *header, void *data)
{
  GArray *found = data;
  const struct ifinfomsg *message = mnl_nlmsg_get_payload (header);
  const struct nlattr *attribute;

  mnl_attr_for_each (attribute, header, sizeof *message)
    if (mnl_attr_get_type (attribute) == IFLA_IFNAME &&
        g_str_has_prefix (mnl_attr_get_str (attribute), QUEUE_PREFIX))
      {
        guint index = (guint) message->ifi_index;
        g_array_append_val (found, index);
      }
  return MNL_CB_OK;
}

GArray *
sp_shaper_find_left (GError **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint));

  return sp_netlink_dump (RTM_GETLINK, note_queue, found, error) ? g_steal_pointer (&found) : NULL;
}

void
sp_shaper_free_device (guint device)
{
  for (guint direction = 0; direction < N_DIRECTIONS; direction++)
    undivert (device, direction);
}

void
sp_shaper_remove_left (const GArray *left)
{
  for (guint i = 0; i < left->len; i++)
    remove_device (g_array_index (left, guint, i));
}

gboolean
sp_shaper_clear (GError **error)
{
  g_autoptr (GArray) found = sp_shaper_find_left (error);

  if (found == NULL)
    return FALSE;
  for (guint i = 0; i < found->len; i++)
    remove_now (g_array_index (found, guint, i));
  return TRUE;
}
