/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Devices that threads are taking out of the kernel, which takes some 20 ms each: counted, so that
 * one can wait until all are gone.  All zeros is a good start; of any thread. */
typedef struct
{
  GMutex mutex;
  GCond changed;
  guint n;
} SpDepartures;

void sp_departures_begin (SpDepartures *departures);
void sp_departures_end (SpDepartures *departures);
void sp_departures_wait (SpDepartures *departures);

G_END_DECLS
