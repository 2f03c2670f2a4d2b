/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Descriptors of which a room has thousands and that are silent most of the time.  A GMainContext
 * looks at each of its sources in every turn; those of one priority that are watched here are one
 * source of it, behind which the kernel keeps the list.
 *
 * Priorities are G_PRIORITY_DEFAULT and G_PRIORITY_HIGH.  As long as one of the latter is ready,
 * none of the former is told: what became ready first is told first, if it is the urgent one. */

typedef struct _SpWatch SpWatch;

/* May free any watch, its own as well. */
typedef void (*SpWatchReady) (gpointer user_data);

/* Of the thread-default context.  Calls `ready` as long as one of `condition` (G_IO_IN, G_IO_OUT),
 * the end or an error is there.  The descriptor is lent, and may only be closed after the watch was
 * freed. */
SpWatch *sp_watch_new (
    int fd, GIOCondition condition, int priority, SpWatchReady ready, gpointer user_data);
void sp_watch_free (SpWatch *watch);

void sp_watch_set_condition (SpWatch *watch, GIOCondition condition);
void sp_watch_set_priority (SpWatch *watch, int priority);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpWatch, sp_watch_free)

G_END_DECLS
