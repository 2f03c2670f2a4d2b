/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "half-open.h"

#include "base/prefix.h"

struct _SpHalfOpen
{
  guint n_slots;
  guint n_used;
  guint n_strangers;
  guint n_ready;
  gint64 due; /* no later than the earliest slot's */
  SpSlot slots[];
};

SpHalfOpen *
sp_half_open_new (guint n_slots)
{
  SpHalfOpen *half_open = g_malloc0 (sizeof *half_open + n_slots * sizeof (SpSlot));

  half_open->n_slots = n_slots;
  half_open->due = G_MAXINT64;
  for (guint i = 0; i < n_slots; i++)
    half_open->slots[i].index = i;
  return half_open;
}

void
sp_half_open_free (SpHalfOpen *half_open)
{
  g_free (half_open);
}

static guint
get_strangers_room (const SpHalfOpen *half_open)
{
  return half_open->n_slots - half_open->n_slots / 4;
}

gboolean
sp_half_open_has_room (const SpHalfOpen *half_open, gboolean known)
{
  return half_open->n_used < half_open->n_slots &&
         (known || half_open->n_strangers < get_strangers_room (half_open));
}

static gboolean
is_neighbour (const SpSlot *a, const SpSlot *b)
{
  return a->state != SP_SLOT_FREE && b->state != SP_SLOT_FREE && a->known == b->known &&
         a->wide == b->wide;
}

/* Everybody's crowds change by one when somebody enters or leaves; the room is small enough to
 * look at each slot. */
static void
update_crowds (SpHalfOpen *half_open, const SpSlot *slot, guint change)
{
  for (guint i = 0; i < half_open->n_slots; i++)
    {
      SpSlot *other = &half_open->slots[i];
      if (other == slot || !is_neighbour (other, slot))
        continue;
      other->wide_crowd += change;
      if (other->narrow == slot->narrow)
        other->narrow_crowd += change;
    }
}

static void
count_own_crowds (SpHalfOpen *half_open, SpSlot *slot)
{
  slot->narrow_crowd = slot->wide_crowd = 0;
  for (guint i = 0; i < half_open->n_slots; i++)
    {
      if (!is_neighbour (&half_open->slots[i], slot))
        continue;
      slot->wide_crowd++;
      if (half_open->slots[i].narrow == slot->narrow)
        slot->narrow_crowd++;
    }
}

SpSlot *
sp_half_open_insert (
    SpHalfOpen *half_open, int fd, const SpEndpoint *peer, gboolean known, gint64 now)
{
  SpSlot *slot = half_open->slots;

  if (!sp_half_open_has_room (half_open, known))
    return NULL;
  while (slot->state != SP_SLOT_FREE)
    slot++;
  slot->state = SP_SLOT_LISTENING;
  slot->generation++;
  slot->fd = fd;
  slot->known = known;
  slot->peer = *peer;
  slot->proxy = (SpEndpoint){ 0 };
  slot->announces = FALSE;
  slot->narrow = sp_prefix_narrow (peer->address);
  slot->wide = sp_prefix_wide (peer->address);
  slot->since = now;
  slot->due = G_MAXINT64;
  half_open->n_used++;
  half_open->n_strangers += !known;
  count_own_crowds (half_open, slot);
  update_crowds (half_open, slot, 1);
  return slot;
}

void
sp_half_open_set (SpHalfOpen *half_open, SpSlot *slot, SpSlotState state, gint64 due)
{
  half_open->n_ready += (state == SP_SLOT_READY) - (slot->state == SP_SLOT_READY);
  slot->state = state;
  slot->due = due;
  half_open->due = MIN (half_open->due, due);
}

void
sp_half_open_remove (SpHalfOpen *half_open, SpSlot *slot)
{
  update_crowds (half_open, slot, (guint) -1);
  half_open->n_ready -= slot->state == SP_SLOT_READY;
  half_open->n_used--;
  half_open->n_strangers -= !slot->known;
  slot->state = SP_SLOT_FREE;
  slot->fd = -1;
}

SpSlot *
sp_half_open_find (SpHalfOpen *half_open, guint index, guint32 generation)
{
  SpSlot *slot;

  if (index >= half_open->n_slots)
    return NULL;
  slot = &half_open->slots[index];
  return slot->state != SP_SLOT_FREE && slot->generation == generation ? slot : NULL;
}

/* Whether `a` has to go before `b`. */
static gboolean
goes_first (const SpSlot *a, const SpSlot *b)
{
  if (a->known != b->known)
    return !a->known;
  if (a->wide_crowd != b->wide_crowd)
    return a->wide_crowd > b->wide_crowd;
  if (a->narrow_crowd != b->narrow_crowd)
    return a->narrow_crowd > b->narrow_crowd;
  return a->since < b->since;
}

SpSlot *
sp_half_open_pick_victim (SpHalfOpen *half_open, gboolean for_known)
{
  SpSlot *victim = NULL;

  for (guint i = 0; i < half_open->n_slots; i++)
    {
      SpSlot *slot = &half_open->slots[i];
      if (slot->state == SP_SLOT_FREE || (slot->known && !for_known))
        continue;
      if (victim == NULL || goes_first (slot, victim))
        victim = slot;
    }
  return victim;
}

void
sp_half_open_get_crowd (const SpHalfOpen *half_open, const guint8 *address, SpCrowd *ret)
{
  guint64 wide = sp_prefix_wide (address);

  *ret = (SpCrowd){ .strangers = half_open->n_strangers, .room = get_strangers_room (half_open) };
  for (guint i = 0; i < half_open->n_slots; i++)
    {
      const SpSlot *slot = &half_open->slots[i];
      if (slot->state == SP_SLOT_FREE || slot->known)
        continue;
      ret->busiest_crowd = MAX (ret->busiest_crowd, slot->wide_crowd);
      if (slot->wide == wide)
        ret->own_crowd = slot->wide_crowd;
    }
}

SpSlot *
sp_half_open_next_due (SpHalfOpen *half_open, gint64 now)
{
  gint64 earliest = G_MAXINT64;

  if (half_open->due > now)
    return NULL;
  for (guint i = 0; i < half_open->n_slots; i++)
    {
      SpSlot *slot = &half_open->slots[i];
      if (slot->state == SP_SLOT_FREE)
        continue;
      if (slot->due <= now)
        return slot;
      earliest = MIN (earliest, slot->due);
    }
  half_open->due = earliest;
  return NULL;
}

gint64
sp_half_open_get_due (const SpHalfOpen *half_open)
{
  return half_open->due;
}

SpSlot *
sp_half_open_next_ready (SpHalfOpen *half_open)
{
  SpSlot *next = NULL;

  if (half_open->n_ready == 0)
    return NULL;
  for (guint i = 0; i < half_open->n_slots; i++)
    {
      SpSlot *slot = &half_open->slots[i];
      if (slot->state != SP_SLOT_READY)
        continue;
      if (next == NULL || slot->known > next->known ||
          (slot->known == next->known && slot->since < next->since))
        next = slot;
    }
  return next;
}
