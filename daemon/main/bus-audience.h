/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Who hears about users and sessions.  A broadcast reaches everybody on the bus, so what is not for
 * everybody is sent to each listener by name.  A listener is whoever was once allowed to look; it
 * stays one until it leaves the bus, as an open file stays readable. */
#define SP_TYPE_BUS_AUDIENCE (sp_bus_audience_get_type ())
G_DECLARE_FINAL_TYPE (SpBusAudience, sp_bus_audience, SP, BUS_AUDIENCE, GObject)

/* Signal "in-use-changed": the answer of sp_bus_audience_is_in_use() changed. */

#define SP_BUS_INTERVAL_MIN      1000 /* ms between two reports to a subscriber */
#define SP_BUS_INTERVAL_MAX      3600000
#define SP_BUS_SUBSCRIPTIONS_MAX 256 /* in all, each costs a descriptor */

SpBusAudience *sp_bus_audience_new (GDBusConnection *connection);

void sp_bus_audience_admit (SpBusAudience *self, const char *name);
gboolean sp_bus_audience_has (SpBusAudience *self, const char *name);
gboolean sp_bus_audience_is_empty (SpBusAudience *self);

/* Sends a signal to every listener, or to the one called `only`.  Takes a floating `arguments`. */
void sp_bus_audience_tell (SpBusAudience *self,
                           const char *only,
                           const char *path,
                           const char *interface,
                           const char *member,
                           GVariant *arguments);

/* Reports to the listener `name` what changed after the moment `since`; returns the moment that
 * the report covers.  Moments are counted by the reporter, from 0. */
typedef guint64 (*SpBusReporter) (const char *name, guint64 since, gpointer data);
void sp_bus_audience_set_reporter (SpBusAudience *self, SpBusReporter reporter, gpointer data);

/* Makes `name` a listener that gets reports each `interval` ms (0: none).  Returns a descriptor
 * for it, whose closing ends the subscription; -1 with SP_BUS_ERROR_BUSY when there are too many.
 */
int sp_bus_audience_subscribe (SpBusAudience *self,
                               const char *name,
                               guint interval,
                               GError **error);

/* Whether somebody holds a subscription. */
gboolean sp_bus_audience_is_in_use (SpBusAudience *self);

G_END_DECLS
