/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "quiet-timer.h"

struct _SpQuietTimer
{
  guint milliseconds;
  SpQuietTimerTell tell;
  gpointer user_data;
  GSource *source; /* NULL = nothing to tell */
};

SpQuietTimer *
sp_quiet_timer_new (guint milliseconds, SpQuietTimerTell tell, gpointer user_data)
{
  SpQuietTimer *timer = g_new0 (SpQuietTimer, 1);

  timer->milliseconds = milliseconds;
  timer->tell = tell;
  timer->user_data = user_data;
  return timer;
}

static void
end_source (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

void
sp_quiet_timer_free (SpQuietTimer *timer)
{
  g_clear_pointer (&timer->source, end_source);
  g_free (timer);
}

static gboolean
tell_cb (gpointer data)
{
  SpQuietTimer *timer = data;

  g_clear_pointer (&timer->source, g_source_unref);
  /* Last: it may free the timer. */
  timer->tell (timer->user_data);
  return G_SOURCE_REMOVE;
}

void
sp_quiet_timer_notice (SpQuietTimer *timer)
{
  if (timer->source != NULL)
    return;
  timer->source = g_timeout_source_new (timer->milliseconds);
  g_source_set_callback (timer->source, tell_cb, timer, NULL);
  g_source_attach (timer->source, g_main_context_get_thread_default ());
}
