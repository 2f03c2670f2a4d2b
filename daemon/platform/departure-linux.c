/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "departure-linux.h"

static void
count (SpDepartures *departures, int difference)
{
  g_mutex_lock (&departures->mutex);
  departures->n += (guint) difference;
  g_cond_broadcast (&departures->changed);
  g_mutex_unlock (&departures->mutex);
}

void
sp_departures_begin (SpDepartures *departures)
{
  count (departures, 1);
}

void
sp_departures_end (SpDepartures *departures)
{
  count (departures, -1);
}

void
sp_departures_wait (SpDepartures *departures)
{
  g_mutex_lock (&departures->mutex);
  while (departures->n > 0)
    g_cond_wait (&departures->changed, &departures->mutex);
  g_mutex_unlock (&departures->mutex);
}
