/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether another worker may be started ahead of need, if some end before they ever had a client:
 * of a library that was renewed on the disk, say, or of a filter that forbids what it does.  Those
 * who took their places at once would do so for ever.  Each pause is twice as long as the one
 * before, up to five seconds; after ten without such an end it begins with 20 ms again.  For a
 * client who is there a worker is started whatever became of the others: the door says how fast
 * clients come. */
typedef struct _SpHiringPace SpHiringPace;

/* `over` is called from the main loop when a pause is. */
SpHiringPace *sp_hiring_pace_new (void (*over) (gpointer user_data), gpointer user_data);
void sp_hiring_pace_free (SpHiringPace *self);
/* One ended so.  The log says it, not each time. */
void sp_hiring_pace_fail (SpHiringPace *self);
gboolean sp_hiring_pace_may_hire_ahead (const SpHiringPace *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHiringPace, sp_hiring_pace_free)

G_END_DECLS
