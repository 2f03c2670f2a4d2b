/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/traffic-meter.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The last minute of a meter in a few pixels: what the device received filled, what it sent as a
 * line, to the scale of its own highest second.  Says in words what it shows, at most every ten
 * seconds. */
#define SP_TYPE_SPARKLINE (sp_sparkline_get_type ())
G_DECLARE_FINAL_TYPE (SpSparkline, sp_sparkline, SP, SPARKLINE, GtkWidget)

GtkWidget *sp_sparkline_new (void);
/* NULL: nothing is drawn. */
void sp_sparkline_set_meter (SpSparkline *sparkline, SpTrafficMeter *meter);

G_END_DECLS
