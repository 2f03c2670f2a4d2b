/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hiring-pace.h"

#include "base/log.h"

#define PAUSE_FIRST_MILLISECONDS 20
#define PAUSE_MOST_MILLISECONDS  5000
#define STEADY                   (10 * G_TIME_SPAN_SECOND)

struct _SpHiringPace
{
  void (*over) (gpointer user_data);
  gpointer user_data;
  gint64 failed_at; /* the last one; 0: none */
  guint pause;      /* after it */
  guint timer;      /* while that lasts */
  SpLogThrottle failures;
};

SpHiringPace *
sp_hiring_pace_new (void (*over) (gpointer user_data), gpointer user_data)
{
  SpHiringPace *self = g_new0 (SpHiringPace, 1);

  self->over = over;
  self->user_data = user_data;
  return self;
}

void
sp_hiring_pace_free (SpHiringPace *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self);
}

static gboolean
over_cb (gpointer user_data)
{
  SpHiringPace *self = user_data;

  self->timer = 0;
  self->over (self->user_data);
  return G_SOURCE_REMOVE;
}

void
sp_hiring_pace_fail (SpHiringPace *self)
{
  gint64 now = g_get_monotonic_time ();
  gboolean is_first = self->failed_at == 0 || now - self->failed_at > STEADY;
  guint suppressed;

  self->pause =
      is_first ? PAUSE_FIRST_MILLISECONDS : MIN (2 * self->pause, PAUSE_MOST_MILLISECONDS);
  self->failed_at = now;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add (self->pause, over_cb, self);
  if (sp_log_throttle (&self->failures, now, &suppressed))
    sp_log (SP_LOG_WARNING, "reception",
            "a worker ended before it had a client (%u more in the minutes before)", suppressed);
}

gboolean
sp_hiring_pace_may_hire_ahead (const SpHiringPace *self)
{
  return self->timer == 0;
}
