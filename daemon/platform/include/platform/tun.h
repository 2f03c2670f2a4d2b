/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>

G_BEGIN_DECLS

/* A session's network device.  Main owns it for the life of the session; a worker only borrows its
 * queue.  A packet read from or written to the queue has a struct virtio_net_hdr of
 * SP_TUN_HEADER_SIZE bytes (little-endian) before it, then the IPv4 or IPv6 packet, nothing else.
 * Packets that arrive while nobody reads wait in the device's queue; with offloads one of them may
 * be 64 KiB of a flow. */

#define SP_TUN_HEADER_SIZE 12 /* struct virtio_net_hdr_v1 */
#define SP_TUN_NAME_SIZE   16

/* What the holder of the queue can do itself, so that the kernel leaves it undone (TUNSETOFFLOAD).
 * With none the kernel hands over single packets of the device's MTU with complete checksums. */
typedef enum
{
  SP_TUN_OFFLOAD_NONE = 0,
  SP_TUN_OFFLOAD_CHECKSUM = 1 << 0, /* needed by the others */
  SP_TUN_OFFLOAD_TCP = 1 << 1,      /* TCP super-packets of both families, with ECN */
  SP_TUN_OFFLOAD_UDP = 1 << 2       /* UDP super-packets; left out where the kernel lacks it */
} SpTunOffload;

/* Addresses as in base/endpoint.h, all zero = none.  `server_*` are the machine's own addresses in
 * the tunnel: packets of its own to this client carry them as source. */
typedef struct
{
  guint32 mtu; /* inner */
  SpTunOffload offloads;
  guint8 client_ipv4[SP_ADDRESS_SIZE];
  guint8 client_ipv6[SP_ADDRESS_SIZE];
  guint8 server_ipv4[SP_ADDRESS_SIZE];
  guint8 server_ipv6[SP_ADDRESS_SIZE];
} SpTunPlan;

typedef struct _SpTun SpTun;

/* Can this process make such devices?  Errors: SP_ERROR_NO_TUN. */
gboolean sp_tun_check (GError **error);

/* Makes a device for nobody yet: down, and without a route.  That is most of the time that opening
 * one takes.  Errors: as sp_tun_open. */
SpTun *sp_tun_prepare (GError **error);

/* Sets the MTU, forwarding of the device's IPv4 packets, a route for each of the client's
 * addresses, and up.  Takes `prepared`; when that is NULL a device is made.  On failure nothing is
 * left. Errors: SP_ERROR_NO_TUN, SP_ERROR_NOT_AUTHORIZED, SP_ERROR_FAILED. */
SpTun *sp_tun_open (SpTun *prepared, const SpTunPlan *plan, GError **error);

/* The device of this queue, which an earlier run opened by the same plan and somebody kept; its MTU
 * and routes stay.  Takes *queue.  Errors: SP_ERROR_NO_TUN (it is none of ours). */
SpTun *sp_tun_adopt (const SpTunPlan *plan, int *queue, GError **error);

/* Lent, for whoever shall keep it. */
int sp_tun_get_queue (SpTun *tun);

const char *sp_tun_get_name (SpTun *tun); /* "sally3" */
guint sp_tun_get_index (SpTun *tun);

/* A new descriptor of the queue (close-on-exec, non-blocking), owned by the caller, for one
 * borrower. The device's flags are set anew first, since the last borrower could have changed them:
 * offloads, header size, not persistent, non-blocking. */
int sp_tun_lend (SpTun *tun, GError **error);

/* An interface whose MTU is below 1280 has no IPv6 (RFC 8200 5): with an IPv6 address the device's
 * MTU never gets smaller, and the borrower is handed packets that are too big for the path. */
gboolean sp_tun_set_mtu (SpTun *tun, guint32 mtu, GError **error);

/* The networks that are reached through the device, besides the client's addresses: these, and none
 * that were there before.  At most SP_NETWORKS_BEHIND_MAX. */
gboolean sp_tun_set_networks (SpTun *tun, const SpNetwork *networks, guint n, GError **error);

/* Whatever the borrower does: nothing is put into the queue any more while it is silent.  (What the
 * borrower writes the filter stops: SpFirewallSession.silent.) */
gboolean sp_tun_set_silent (SpTun *tun, gboolean silent, GError **error);

/* What the kernel counted of the device, in both directions together: IP packets, without the
 * header before them.  It is more than arrived, by what the borrower read and dropped. */
gboolean sp_tun_get_carried (SpTun *tun, guint64 *ret_bytes, GError **error);

/* Takes the device away from everybody, also from a borrower that still holds its queue.  Returns
 * at once; the kernel takes some 20 ms, in another thread.  NULL is fine. */
void sp_tun_close (SpTun *tun);

/* Waits until every device that was closed is gone: the end of main. */
void sp_tun_close_wait (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTun, sp_tun_close)

G_END_DECLS
