/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "walls/main-door.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* From where connections are turned away, and whether we are under attack, as the door says: all of
 * it passes by itself, and is forgotten with the door.  Signals: "changed", as often as the door
 * tells; "attack-began", "attack-ended", and "attack-goes-on" when the numbers are others. */
#define SP_TYPE_PENALTY_BOOK (sp_penalty_book_get_type ())
G_DECLARE_FINAL_TYPE (SpPenaltyBook, sp_penalty_book, SP, PENALTY_BOOK, GObject)

/* Times in µs since the epoch. */
typedef struct
{
  SpNetwork network;
  gint64 since;
  gint64 last;
  gint64 until; /* strangers from there are refused until then; past, or 0: they are not */
  guint64 refused;
  guint64 counts[SP_DOOR_COUNTERS_N];
} SpPenalty;

typedef struct
{
  gint64 since; /* µs since the epoch */
  guint64 connections;
  guint64 datagrams;
  guint networks;
} SpAttack;

SpPenaltyBook *sp_penalty_book_new (void);

/* The door's messages.  `now` is of the monotonic clock, `real_now` of that of the day. */
void sp_penalty_book_note_network (SpPenaltyBook *self,
                                   const SpNetworkRefused *message,
                                   gint64 now,
                                   gint64 real_now);
void sp_penalty_book_note_attack (SpPenaltyBook *self,
                                  const SpUnderAttack *message,
                                  gint64 now,
                                  gint64 real_now);
/* There is no door any more. */
void sp_penalty_book_clear (SpPenaltyBook *self);

/* SpPenalty: from where connections were turned away lately, those with the most first. */
GArray *sp_penalty_book_list (SpPenaltyBook *self, gint64 real_now);
/* The attack that goes on, or NULL. */
const SpAttack *sp_penalty_book_get_attack (SpPenaltyBook *self);
/* The same, also when it is over; all zero if there was none. */
const SpAttack *sp_penalty_book_get_last_attack (SpPenaltyBook *self);
/* Whether more than half of what the attack opened came from one network; then that is `ret`. */
gboolean sp_penalty_book_find_culprit (SpPenaltyBook *self, gint64 real_now, SpPenalty *ret);

/* The word for a cause on the bus, NULL where no connection is turned away for it. */
const char *sp_penalty_cause_word (SpDoorCounter cause);
/* "refused 41 000 connections from 198.51.100.0/24 since 14:02"; the caller's. */
char *sp_penalty_describe (const SpPenalty *penalty, gint64 real_now);
/* "refused 41 000 connections from about 12 networks and 3 000 datagrams"; the caller's. */
char *sp_attack_describe (const SpAttack *attack);
/* "14:02", with the day where that is another one; as the clock of this computer has it. */
char *sp_penalty_write_moment (gint64 moment, gint64 real_now);
/* "198.51.100.0/24", or an address where it is but one; `text` as in base/endpoint.h. */
void sp_penalty_network_to_text (const SpNetwork *network, char *text);

G_END_DECLS
