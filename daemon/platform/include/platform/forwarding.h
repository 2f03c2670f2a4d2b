/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Letting this machine carry packets between its interfaces, and putting back what was there.
 *
 * IPv4 has a switch for each interface on which packets come in: only those named are switched (own
 * devices are switched when they are made).  IPv6 has one switch for all; since it would make
 * interfaces deaf to router advertisements (accept_ra 1), those are told to listen all the same (2)
 * first.
 *
 * First plan, then write the plan where it survives, then apply: whoever finds it can restore. */

#define SP_FORWARDING_INTERFACE_SIZE 16

typedef enum
{
  SP_FORWARDING_IPV4,      /* net.ipv4.conf.<interface>.forwarding */
  SP_FORWARDING_IPV6,      /* net.ipv6.conf.<interface>.forwarding */
  SP_FORWARDING_IPV6_HEAR, /* net.ipv6.conf.<interface>.accept_ra */
  SP_FORWARDING_LAST = SP_FORWARDING_IPV6_HEAR
} SpForwardingKnob;

typedef struct
{
  SpForwardingKnob knob;
  char interface[SP_FORWARDING_INTERFACE_SIZE]; /* or "all" */
  gint before;
  gint after; /* equal to before: what another change of the plan sets on the way back, and may not
               */
} SpForwardingChange;

/* Does this system have IPv6, for devices made now and for the loopback device? */
gboolean sp_forwarding_has_ipv6 (void);

/* What has to change so that packets which come in on `interfaces` (n texts) are forwarded; empty
 * when all is on already.  Reads only.  Errors: SP_ERROR_FAILED. */
GArray *sp_forwarding_plan (const char *const *interfaces,
                            guint n_interfaces,
                            gboolean ipv4,
                            gboolean ipv6,
                            GError **error);

/* In the order of the array.  On failure everything is as before.  Errors:
 * SP_ERROR_FORWARDING_BLOCKED (the system's settings are read-only, as in many containers). */
gboolean sp_forwarding_apply (const GArray *changes, GError **error);

/* Backwards, and only what still is as we left it: what somebody else changed meanwhile is theirs.
 * An interface that is gone is skipped.  Errors: the first one; the others are restored all the
 * same. */
gboolean sp_forwarding_restore (const GArray *changes, GError **error);

/* Is this a change that sp_forwarding_plan could have made?  For plans that were read from a file.
 */
gboolean sp_forwarding_change_is_sane (const SpForwardingChange *change);

G_END_DECLS
