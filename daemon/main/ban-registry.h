/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "door-client.h"
#include "store.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A network from which nobody is let in.  Does not change. */
#define SP_TYPE_BAN (sp_ban_get_type ())
G_DECLARE_FINAL_TYPE (SpBan, sp_ban, SP, BAN, GObject)

const SpBanRecord *sp_ban_get_record (SpBan *self);
/* The id in lower-case hexadecimal; owned by the ban. */
const char *sp_ban_get_path_element (SpBan *self);
/* "192.0.2.1", or "192.0.2.0/24" where it is more than one address. */
char *sp_ban_describe_network (SpBan *self);

/* All bans, stored, and known to the door.  They end by themselves.  The owner's keep everybody
 * out; those that were made because of wrong passwords only strangers: who signed in from there
 * lately comes in.  Signals: "added" (SpBan), "removed" (SpBan). */
#define SP_TYPE_BAN_REGISTRY (sp_ban_registry_get_type ())
G_DECLARE_FINAL_TYPE (SpBanRegistry, sp_ban_registry, SP, BAN_REGISTRY, GObject)

#define SP_BAN_FAILURES_SECONDS 600 /* after which wrong passwords are forgotten */

/* Borrows both. */
SpBanRegistry *sp_ban_registry_new (SpStore *store, SpDoorClient *door, GError **error);

guint sp_ban_registry_get_n (SpBanRegistry *self);
SpBan *sp_ban_registry_get (SpBanRegistry *self, guint position); /* lent */
/* Whether one keeps out all of a network. */
gboolean sp_ban_registry_has (SpBanRegistry *self, const SpNetwork *network);

/* A network, or an address, which is one; bits behind the prefix are refused.  So is what would
 * keep half the world out.  Errors: SP_ERROR_INVALID_ARGUMENTS. */
gboolean sp_ban_read_network (const char *text, SpNetwork *ret, GError **error);

/* `until` in µs since the epoch, 0: until it is lifted.  Replaces a ban of the same network.  Of
 * too many that were made by themselves the oldest goes.  Lent.  Errors: SP_ERROR_BUSY (there are
 * SP_BANS_MAX), SP_ERROR_FAILED. */
SpBan *sp_ban_registry_add (SpBanRegistry *self,
                            const SpNetwork *network,
                            const char *reason,
                            gint64 until,
                            gboolean by_owner,
                            GError **error);
gboolean sp_ban_registry_lift (SpBanRegistry *self, SpBan *ban, GError **error);

/* Another door begins. */
void sp_ban_registry_tell_door (SpBanRegistry *self);

/* Somebody at that address gave a wrong password at `now` (monotonic).  TRUE when that was as
 * often as `most` within SP_BAN_FAILURES_SECONDS; then it is counted anew.  `ret` is what to ban:
 * the address, or the /64 that it is in. */
gboolean sp_ban_registry_count_failure (
    SpBanRegistry *self, const guint8 *address, guint most, gint64 now, SpNetwork *ret);
/* Somebody signed in from there. */
void sp_ban_registry_forgive (SpBanRegistry *self, const guint8 *address);

G_END_DECLS
