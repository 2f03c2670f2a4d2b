/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/tun.h"

#include "departure-linux.h"
#include "netlink-linux.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICE_FILE  "/dev/net/tun"
#define DEVICE_FLAGS (IFF_TUN | IFF_NO_PI | IFF_VNET_HDR)
#define IPV6_MTU_MIN 1280
/* What may wait while nobody reads, packets and super-packets alike: as few as lose nothing.  Over
 * TLS on a link of 50 Mbit/s a download's ping is the same with 500, 128 and 64, and 32 lose
 * packets; datagrams do not wait here. */
#define QUEUE_LENGTH   500
#define TUN_F_UDP_BOTH (0x20 | 0x40) /* TUN_F_USO4 and TUN_F_USO6, since Linux 6.2 */

struct _SpTun
{
  int fd;
  guint index;
  char name[SP_TUN_NAME_SIZE];
  SpTunOffload offloads;
  gboolean has_ipv6;
  guint32 mtu; /* that was set last, 0 before */
  guint n_networks;
  SpNetwork networks[SP_NETWORKS_BEHIND_MAX];
};

static int
open_device_file (GError **error)
{
  int fd = open (DEVICE_FILE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0)
    g_set_error (error, SP_ERROR, SP_ERROR_NO_TUN,
                 "Network devices for clients cannot be made: %s: %s", DEVICE_FILE,
                 g_strerror (errno));
  return fd;
}

gboolean
sp_tun_check (GError **error)
{
  sp_autofd int fd = open_device_file (error);

  return fd >= 0;
}

static gboolean
set_failed (GError **error, const char *what)
{
  sp_error_set_errno (error, errno, "a client's network device: %s", what);
  return FALSE;
}

static gboolean
set_offloads (SpTun *tun)
{
  unsigned long flags = 0;

  if (tun->offloads & SP_TUN_OFFLOAD_CHECKSUM)
    flags |= TUN_F_CSUM;
  if (tun->offloads & SP_TUN_OFFLOAD_TCP)
    flags |= TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  if (tun->offloads & SP_TUN_OFFLOAD_UDP)
    flags |= TUN_F_UDP_BOTH;
  if (ioctl (tun->fd, TUNSETOFFLOAD, flags) == 0)
    return TRUE;
  return errno == EINVAL && ioctl (tun->fd, TUNSETOFFLOAD, flags & ~TUN_F_UDP_BOTH) == 0;
}

/* What whoever holds the queue can change without asking for privilege. */
static gboolean
set_flags (SpTun *tun, GError **error)
{
  int header_size = SP_TUN_HEADER_SIZE;
  int on = 1;

  if (ioctl (tun->fd, TUNSETVNETHDRSZ, &header_size) != 0)
    return set_failed (error, "header size");
  if (ioctl (tun->fd, TUNSETVNETLE, &on) != 0)
    return set_failed (error, "byte order");
  if (!set_offloads (tun))
    return set_failed (error, "offloads");
  if (ioctl (tun->fd, TUNSETPERSIST, 0) != 0)
    return set_failed (error, "life time");
  if (ioctl (tun->fd, TUNSETCARRIER, &on) != 0)
    return set_failed (error, "carrier");
  if (fcntl (tun->fd, F_SETFL, O_RDWR | O_NONBLOCK) != 0)
    return set_failed (error, "non-blocking");
  return TRUE;
}

/* Linux numbers the devices by itself. */
static gboolean
make_device (SpTun *tun, GError **error)
{
  struct ifreq request = { .ifr_flags = DEVICE_FLAGS };

  g_strlcpy (request.ifr_name, SP_TUN_PREFIX "%d", sizeof request.ifr_name);
  if (ioctl (tun->fd, TUNSETIFF, &request) != 0)
    return set_failed (error, "making it");
  g_strlcpy (tun->name, request.ifr_name, sizeof tun->name);
  tun->index = if_nametoindex (tun->name);
  return tun->index != 0 || set_failed (error, "finding it");
}

/* Flows share what waits and none waits long (RFC 8290), where the kernel has that; Linux's own
 * choice is one queue for all.  Only a kernel whose TUN devices say that they are full lets
 * anything wait there: others drop what QUEUE_LENGTH has no room for. */
static void
share_fairly (SpTun *tun)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();
  g_autoptr (GError) error = NULL;
  struct nlmsghdr *header =
      sp_netlink_batch_add (batch, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
  struct tcmsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);

  message->tcm_family = AF_UNSPEC;
  message->tcm_ifindex = (int) tun->index;
  message->tcm_parent = TC_H_ROOT;
  mnl_attr_put_strz (header, TCA_KIND, "fq_codel");
  if (!sp_netlink_batch_send (batch, &error))
    g_debug ("%s has the system's own queue: %s", tun->name, error->message);
}

/* Two requests: the kernel sets a device up before it looks at the settings in the same request. No
 * link-local address: with one the kernel would talk into the tunnel (RFC 4861 router
 * solicitations). */
static void
add_device_settings (SpNetlinkBatch *batch, SpTun *tun)
{
  struct nlmsghdr *header = sp_netlink_batch_add (batch, RTM_SETLINK, 0);
  struct ifinfomsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);
  struct nlattr *families, *family, *settings;

  message->ifi_family = AF_UNSPEC;
  message->ifi_index = (int) tun->index;
  mnl_attr_put_u32 (header, IFLA_TXQLEN, QUEUE_LENGTH);
  families = mnl_attr_nest_start (header, IFLA_AF_SPEC);
  family = mnl_attr_nest_start (header, AF_INET);
  settings = mnl_attr_nest_start (header, IFLA_INET_CONF);
  mnl_attr_put_u32 (header, IPV4_DEVCONF_FORWARDING, 1);
  mnl_attr_nest_end (header, settings);
  mnl_attr_nest_end (header, family);
  if (tun->has_ipv6)
    {
      family = mnl_attr_nest_start (header, AF_INET6);
      mnl_attr_put_u8 (header, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
      mnl_attr_nest_end (header, family);
    }
  mnl_attr_nest_end (header, families);
}

static void
add_device_up (SpNetlinkBatch *batch, SpTun *tun)
{
  struct nlmsghdr *header = sp_netlink_batch_add (batch, RTM_SETLINK, 0);
  struct ifinfomsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);

  message->ifi_family = AF_UNSPEC;
  message->ifi_index = (int) tun->index;
  message->ifi_flags = IFF_UP;
  message->ifi_change = IFF_UP;
}

static guint32
allowed_mtu (SpTun *tun, guint32 mtu)
{
  return tun->has_ipv6 ? MAX (mtu, IPV6_MTU_MIN) : mtu;
}

static gboolean
configure_device (SpTun *tun, const SpTunPlan *plan, GError **error)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();

  sp_netlink_add_mtu (batch, tun->index, allowed_mtu (tun, plan->mtu));
  add_device_settings (batch, tun);
  add_device_up (batch, tun);
  if (!sp_address_is_unset (plan->client_ipv4))
    sp_netlink_add_route (batch, tun->index, plan->client_ipv4, plan->server_ipv4);
  if (tun->has_ipv6)
    sp_netlink_add_route (batch, tun->index, plan->client_ipv6, plan->server_ipv6);
  if (sp_netlink_batch_send (batch, error))
    {
      tun->mtu = allowed_mtu (tun, plan->mtu);
      return TRUE;
    }
  g_prefix_error (error, "%s: ", tun->name);
  return FALSE;
}

SpTun *
sp_tun_prepare (GError **error)
{
  SpTun *tun = g_new0 (SpTun, 1);

  tun->fd = open_device_file (error);
  if (tun->fd >= 0 && make_device (tun, error))
    {
      share_fairly (tun);
      return tun;
    }
  sp_tun_close (tun);
  return NULL;
}

SpTun *
sp_tun_open (SpTun *prepared, const SpTunPlan *plan, GError **error)
{
  SpTun *tun = prepared != NULL ? prepared : sp_tun_prepare (error);

  if (tun == NULL)
    return NULL;
  tun->offloads = plan->offloads;
  tun->has_ipv6 = !sp_address_is_unset (plan->client_ipv6);
  if (set_flags (tun, error) && configure_device (tun, plan, error))
    return tun;
  sp_tun_close (tun);
  return NULL;
}

static void
free_tun (gpointer data)
{
  SpTun *tun = data;

  sp_fd_clear (&tun->fd);
  g_free (tun);
}

static gboolean
find_device (SpTun *tun, GError **error)
{
  struct ifreq request = { .ifr_flags = 0 };

  if (ioctl (tun->fd, TUNGETIFF, &request) == 0 &&
      g_str_has_prefix (request.ifr_name, SP_TUN_PREFIX))
    {
      g_strlcpy (tun->name, request.ifr_name, sizeof tun->name);
      tun->index = if_nametoindex (tun->name);
    }
  if (tun->index != 0)
    return TRUE;
  g_set_error_literal (error, SP_ERROR, SP_ERROR_NO_TUN, "what was kept is no device of ours");
  return FALSE;
}

SpTun *
sp_tun_adopt (const SpTunPlan *plan, int *queue, GError **error)
{
  SpTun *tun = g_new0 (SpTun, 1);

  tun->offloads = plan->offloads;
  tun->has_ipv6 = !sp_address_is_unset (plan->client_ipv6);
  tun->fd = sp_fd_steal (queue);
  if (find_device (tun, error))
    return tun;
  free_tun (tun);
  return NULL;
}

int
sp_tun_get_queue (SpTun *tun)
{
  return tun->fd;
}

const char *
sp_tun_get_name (SpTun *tun)
{
  return tun->name;
}

guint
sp_tun_get_index (SpTun *tun)
{
  return tun->index;
}

int
sp_tun_lend (SpTun *tun, GError **error)
{
  int fd;

  if (!set_flags (tun, error))
    return -1;
  fd = fcntl (tun->fd, F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    (void) set_failed (error, "lending it");
  return fd;
}

gboolean
sp_tun_set_mtu (SpTun *tun, guint32 mtu, GError **error)
{
  g_autoptr (SpNetlinkBatch) batch = NULL;
  guint32 wanted = allowed_mtu (tun, mtu);

  /* Who comes back nearly always has the same. */
  if (wanted == tun->mtu)
    return TRUE;
  batch = sp_netlink_batch_new ();
  sp_netlink_add_mtu (batch, tun->index, wanted);
  if (!sp_netlink_batch_send (batch, error))
    return FALSE;
  tun->mtu = wanted;
  return TRUE;
}

/* Without a carrier the kernel hands the device no packets; its routes stay. */
gboolean
sp_tun_set_silent (SpTun *tun, gboolean silent, GError **error)
{
  int carrier = !silent;

  return ioctl (tun->fd, TUNSETCARRIER, &carrier) == 0 || set_failed (error, "carrier");
}

gboolean
sp_tun_get_carried (SpTun *tun, guint64 *ret_bytes, GError **error)
{
  return sp_netlink_read_bytes (tun->index, ret_bytes, error);
}

static void
remove_networks (SpTun *tun)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();

  for (guint i = 0; i < tun->n_networks; i++)
    sp_netlink_add_network (batch, TRUE, tun->index, &tun->networks[i]);
  if (tun->n_networks > 0)
    (void) sp_netlink_batch_send (batch, NULL); /* one may be gone already */
  tun->n_networks = 0;
}

gboolean
sp_tun_set_networks (SpTun *tun, const SpNetwork *networks, guint n, GError **error)
{
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();

  g_assert (n <= SP_NETWORKS_BEHIND_MAX);
  if (n == tun->n_networks &&
      (n == 0 || memcmp (networks, tun->networks, n * sizeof *networks) == 0))
    return TRUE;
  remove_networks (tun);
  for (guint i = 0; i < n; i++)
    {
      sp_netlink_add_network (batch, FALSE, tun->index, &networks[i]);
      tun->networks[tun->n_networks++] = networks[i];
    }
  if (n == 0 || sp_netlink_batch_send (batch, error))
    return TRUE;
  remove_networks (tun);
  return FALSE;
}

/* nocheck: threads that have no object in common count here. */
static SpDepartures leaving;

static void
remove_device (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SpTun *tun = data;
  g_autoptr (SpNetlinkBatch) batch = sp_netlink_batch_new ();
  g_autoptr (GError) error = NULL;
  struct nlmsghdr *header = sp_netlink_batch_add (batch, RTM_DELLINK, 0);
  struct ifinfomsg *message = mnl_nlmsg_put_extra_header (header, sizeof *message);

  message->ifi_family = AF_UNSPEC;
  message->ifi_index = (int) tun->index;
  if (!sp_netlink_batch_send (batch, &error))
    sp_log (SP_LOG_WARNING, "tun", "removing %s: %s", tun->name, error->message);
  sp_fd_clear (&tun->fd);
  sp_departures_end (&leaving);
  g_task_return_boolean (task, TRUE);
}

void
sp_tun_close (SpTun *tun)
{
  g_autoptr (GTask) task = NULL;

  if (tun == NULL)
    return;
  if (tun->index == 0)
    {
      free_tun (tun);
      return;
    }
  sp_departures_begin (&leaving);
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_set_task_data (task, tun, free_tun);
  g_task_run_in_thread (task, remove_device);
}

void
sp_tun_close_wait (void)
{
  sp_departures_wait (&leaving);
}
