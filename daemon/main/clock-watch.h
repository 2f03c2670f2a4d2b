/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "store.h"

G_BEGIN_DECLS

/* Whether this computer's clock can be right: a computer without a battery begins in the past, and
 * judges certificates and until when people have access by that.  The latest time that it ever was
 * is remembered in the store, every few minutes. */
typedef struct _SpClockWatch SpClockWatch;

/* A little is a correction. */
#define SP_CLOCK_BACK_MAX     (10 * 60 * (gint64) G_USEC_PER_SEC)
#define SP_CLOCK_NOTE_SECONDS (10 * 60)

/* Borrows the store.  `changed`: look again, the clock was set or has caught up. */
SpClockWatch *sp_clock_watch_new (SpStore *store,
                                  void (*changed) (gpointer user_data),
                                  gpointer user_data);
void sp_clock_watch_free (SpClockWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpClockWatch, sp_clock_watch_free)

/* At `now` (µs since the epoch, like all here): 0, or the time that it has been, which `now` is
 * before.  A clock that is kept by others (`synchronised`) is right, whatever was before.
 * `certified`: it has also been this, since something was certified then; 0: nothing was. */
gint64 sp_clock_watch_look (SpClockWatch *self,
                            gint64 now,
                            gboolean synchronised,
                            gint64 certified);

G_END_DECLS
