/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/traffic-series.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Draws a series: what devices received filled, what they sent as a line.  The pointer and the keys
 * ←, →, Home and End look at one step, which is then told in words; Escape stops that.  Ctrl+C, and
 * the menu, copy the series as CSV. */
#define SP_TYPE_TRAFFIC_PLOT (sp_traffic_plot_get_type ())
G_DECLARE_FINAL_TYPE (SpTrafficPlot, sp_traffic_plot, SP, TRAFFIC_PLOT, GtkWidget)

/* Takes the series. */
void sp_traffic_plot_set_series (SpTrafficPlot *plot, SpTrafficSeries *series);

G_END_DECLS
