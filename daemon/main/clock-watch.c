/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock-watch.h"

#include "base/log.h"
#include "platform/wall-timer.h"

#include <string.h>

#define VALUE_NAME "latest-time"

struct _SpClockWatch
{
  SpStore *store;
  SpWallTimer *timer; /* NULL: cannot be had, and the caller's own looks have to do */
  gint64 latest;      /* as it is stored; 0: never */
};

static gint64
recall (SpStore *store)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) stored = sp_store_get_value (store, VALUE_NAME, &error);
  gint64 latest = 0;

  if (error != NULL)
    sp_log (SP_LOG_WARNING, "clock", "what time it has been is not known: %s", error->message);
  if (stored == NULL || g_bytes_get_size (stored) != sizeof latest)
    return 0;
  memcpy (&latest, g_bytes_get_data (stored, NULL), sizeof latest);
  return GINT64_FROM_LE (latest);
}

/* What cannot be remembered now is when there is room again. */
static void
remember (SpClockWatch *self, gint64 now)
{
  gint64 stored = GINT64_TO_LE (now);
  g_autoptr (GBytes) bytes = g_bytes_new (&stored, sizeof stored);
  g_autoptr (GError) error = NULL;

  if (sp_store_set_value (self->store, VALUE_NAME, bytes, &error))
    self->latest = now;
  else
    sp_log (SP_LOG_DEBUG, "clock", "the time is not remembered: %s", error->message);
}

SpClockWatch *
sp_clock_watch_new (SpStore *store, void (*changed) (gpointer user_data), gpointer user_data)
{
  SpClockWatch *self = g_new0 (SpClockWatch, 1);
  g_autoptr (GError) error = NULL;

  self->store = store;
  self->latest = recall (store);
  self->timer = sp_wall_timer_new (changed, user_data, &error);
  if (self->timer == NULL)
    sp_log (SP_LOG_WARNING, "clock", "that the clock is set is not heard of: %s", error->message);
  return self;
}

void
sp_clock_watch_free (SpClockWatch *self)
{
  if (self == NULL)
    return;
  sp_wall_timer_free (self->timer);
  g_free (self);
}

gint64
sp_clock_watch_look (SpClockWatch *self, gint64 now, gboolean synchronised, gint64 certified)
{
  gint64 latest = MAX (self->latest, certified);

  if (!synchronised && now < latest - SP_CLOCK_BACK_MAX)
    {
      if (self->timer != NULL)
        sp_wall_timer_set (self->timer, latest - SP_CLOCK_BACK_MAX);
      return latest;
    }
  /* Also back, if others say so: a clock that was ahead once is no reason to complain for years. */
  if (now > self->latest + SP_CLOCK_NOTE_SECONDS * (gint64) G_USEC_PER_SEC ||
      now < self->latest - SP_CLOCK_BACK_MAX)
    remember (self, now);
  return 0;
}
