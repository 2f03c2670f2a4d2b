/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How fast one person's devices are, together.  The kernel delays packets in one queue a direction
 * and drops what does not fit into some 50 ms of it, so that senders find the speed by themselves.
 * A limit of 0 costs nothing: there is no queue. */

/* Bits a second, counted are IP packets inside the tunnel; 0 = as fast as it goes. */
typedef struct
{
  guint64 up;   /* from the client */
  guint64 down; /* to the client */
} SpRates;

#define SP_RATE_MIN G_GUINT64_CONSTANT (64000)
#define SP_RATE_MAX G_GUINT64_CONSTANT (1000000000000)

typedef struct _SpShaper SpShaper;

/* Errors of all: SP_ERROR_NOT_AUTHORIZED, SP_ERROR_NOT_SUPPORTED (the kernel lacks a piece; the
 * text names it), SP_ERROR_FAILED.  On failure nothing is left. */
SpShaper *sp_shaper_open (const SpRates *rates, GError **error);

/* At once, also for packets that wait.  On failure a direction may have no limit. */
gboolean sp_shaper_change (SpShaper *shaper, const SpRates *rates, GError **error);

/* What goes through this network device (its index) goes through the queues from now on, until the
 * device is gone or detached.  A device that is gone must be detached all the same. */
gboolean sp_shaper_attach (SpShaper *shaper, guint device, GError **error);
void sp_shaper_detach (SpShaper *shaper, guint device);
guint sp_shaper_count (SpShaper *shaper); /* devices */

/* Detaches what is attached; packets that wait are lost.  Returns at once; the kernel takes some
 * 20 ms, in another thread.  NULL is fine. */
void sp_shaper_close (SpShaper *shaper);

/* Waits until every queue that was closed is gone: the end of main. */
void sp_shaper_close_wait (void);

/* Queues of an earlier run whose devices go on: found before any of this run is opened; each device
 * is set free before it is attached to one of this run; then they are removed, in another thread.
 */
GArray *sp_shaper_find_left (GError **error); /* of guint; NULL on failure */
void sp_shaper_free_device (guint device);
void sp_shaper_remove_left (const GArray *left);

/* Removes the queues that a killed run left; none of this run may be open. */
gboolean sp_shaper_clear (GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpShaper, sp_shaper_close)

G_END_DECLS
