/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "admission.h"
#include "base/endpoint.h"

#include <glib.h>

G_BEGIN_DECLS

/* The waiting room: connections that were accepted but not yet passed on.  PURE: a fixed array of
 * slots; descriptors are only numbers here.  A quarter of the slots is kept for known prefixes. */

#define SP_HALF_OPEN_DEFAULT 256
#define SP_HALF_OPEN_MIN     8
#define SP_HALF_OPEN_MAX     4096

typedef enum
{
  SP_SLOT_FREE,
  SP_SLOT_DELAYED,   /* not looked at before `due` */
  SP_SLOT_LISTENING, /* has until `due` to complete its ClientHello */
  SP_SLOT_READY      /* complete; waits for main to read, until `due` */
} SpSlotState;

typedef struct
{
  SpSlotState state;
  guint index;
  guint32 generation; /* changes whenever the slot is filled, so that a late event finds nobody */
  int fd;
  gboolean known;
  SpEndpoint peer;
  SpEndpoint proxy;   /* its end of the socket; port 0 = nobody is between */
  gboolean announces; /* the proxy has yet to say whose it is; until then the peer is the proxy */
  guint64 narrow;
  guint64 wide;
  guint narrow_crowd; /* slots of the same prefix and lane, itself included */
  guint wide_crowd;
  gint64 since;
  gint64 due;
} SpSlot;

typedef struct _SpHalfOpen SpHalfOpen;

SpHalfOpen *sp_half_open_new (guint n_slots);
void sp_half_open_free (SpHalfOpen *half_open); /* does not close descriptors */

/* Free slots are there for this lane. */
gboolean sp_half_open_has_room (const SpHalfOpen *half_open, gboolean known);
/* NULL if there is no room. */
SpSlot *sp_half_open_insert (
    SpHalfOpen *half_open, int fd, const SpEndpoint *peer, gboolean known, gint64 now);
void sp_half_open_set (SpHalfOpen *half_open, SpSlot *slot, SpSlotState state, gint64 due);
void sp_half_open_remove (SpHalfOpen *half_open, SpSlot *slot);

/* NULL if that slot was emptied since. */
SpSlot *sp_half_open_find (SpHalfOpen *half_open, guint index, guint32 generation);

/* Who must go to make room: the oldest of the busiest narrow prefix within the busiest wide one.
 * A stranger never displaces somebody known, somebody known displaces strangers first.  NULL if
 * there is nobody that may be displaced. */
SpSlot *sp_half_open_pick_victim (SpHalfOpen *half_open, gboolean for_known);

/* The strangers' part of the room, as a newcomer from `address` finds it. */
void sp_half_open_get_crowd (const SpHalfOpen *half_open, const guint8 *address, SpCrowd *ret);

/* A slot whose time has come, or NULL; repeat until NULL. */
SpSlot *sp_half_open_next_due (SpHalfOpen *half_open, gint64 now);
/* Not before this time will there be one; G_MAXINT64 if never. */
gint64 sp_half_open_get_due (const SpHalfOpen *half_open);

/* The oldest READY slot, known ones first, or NULL. */
SpSlot *sp_half_open_next_ready (SpHalfOpen *half_open);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHalfOpen, sp_half_open_free)

G_END_DECLS
