/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "platform/firewall.h"
#include "platform/forwarding.h"
#include "platform/shaper.h"
#include "platform/uplink.h"

#include <glib.h>

G_BEGIN_DECLS

/* The system as tests want it: the same functions as library `platform`, without a kernel behind
 * them. A test links `platform_fake` in its place and looks behind the scenes with what follows.
 * There is one world for a process, as there is one kernel; each test begins with sp_fake_reset.
 * Listening sockets are real: they need no privilege. */

typedef enum
{
  SP_FAKE_TUN,
  SP_FAKE_FIREWALL,
  SP_FAKE_FORWARDING,
  SP_FAKE_OWN_ADDRESS,
  SP_FAKE_UPLINK,
  SP_FAKE_ROOM,
  SP_FAKE_SHAPER,
  SP_FAKE_LAST = SP_FAKE_SHAPER
} SpFakePart;

/* An empty world: no devices, filter, addresses, rooms; one interface "eth0" with 192.168.77.5/24
 * and a default route, and the name server 192.168.77.1; nothing is forwarded. */
void sp_fake_reset (void);

/* The next call into this part that can fail does, with this code. */
void sp_fake_fail_next (SpFakePart part, SpError code);
/* For the fakes: TRUE, with the error set, if this call is the one. */
gboolean sp_fake_fails (SpFakePart part, GError **error);

/* Devices */
guint sp_fake_tun_count (void);
/* The kernel's side of the device's queue, a datagram socket: what is written here the borrower
 * reads. Lent; -1 = no such device. */
int sp_fake_tun_get_kernel_end (const char *device);
guint sp_fake_tun_count_networks (const char *device);
gboolean sp_fake_tun_is_silent (const char *device);
/* The kernel counts so many bytes more. */
void sp_fake_tun_carry (const char *device, guint64 bytes);
guint32 sp_fake_tun_get_mtu (const char *device);

/* Packet filter */
gboolean sp_fake_firewall_is_installed (void);
const SpFirewallPlan *sp_fake_firewall_get_plan (void); /* without its networks */
const SpFirewallSession *sp_fake_firewall_find (const char *device);

/* Whether the packet filters of others drop everything that they are asked about, or datagrams. */
void sp_fake_foreign_filter_drop (gboolean all, gboolean datagrams);

/* Forwarding: what was never set is 0 */
void sp_fake_forwarding_set (SpForwardingKnob knob, const char *interface, gint value);
gint sp_fake_forwarding_get (SpForwardingKnob knob, const char *interface);

guint sp_fake_own_address_count (void);

/* Speed limits: how many shapers there are, and the one of a device; NULL = it has none */
guint sp_fake_shaper_count (void);
const SpRates *sp_fake_shaper_find (guint device);

/* Uplink: a prefix that is delegated to the machine. */
void sp_fake_uplink_delegate (const char *network);
void sp_fake_uplink_set_connectivity (SpConnectivity connectivity);
/* One more interface, with the address and network of "192.0.2.7/24". */
void sp_fake_uplink_add (const char *interface, const char *address, gboolean is_home);
/* Tells every watch, at once. */
void sp_fake_uplink_tell (void);

/* Rooms: the newest one of this program (its base name) that runs; NULL = none.  The test plays it
 * on its end of the wall. */
typedef struct _SpRoom SpRoom;
SpRoom *sp_fake_room_find (const char *program_name);
int sp_fake_room_get_wall (SpRoom *room); /* lent */
/* As if it had ended: its wall closes and `exited` is called from the main loop. */
void sp_fake_room_exit (SpRoom *room, int wait_status);

/* For the parts of the world. */
void sp_fake_tun_reset (void);
void sp_fake_firewall_reset (void);
void sp_fake_forwarding_reset (void);
void sp_fake_own_address_reset (void);
void sp_fake_shaper_reset (void);
void sp_fake_uplink_reset (void);
/* Instead of all: the one interface, whose family is that of the way to the internet. */
void sp_fake_uplink_settle (const char *interface, const char *address);

G_END_DECLS
