/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/wall-timer.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <unistd.h>

struct _SpWallTimer
{
  int fd;
  guint source;
  void (*woken) (gpointer user_data);
  gpointer user_data;
};

/* A read that fails with ECANCELED tells that the clock was set (timerfd_create(2)). */
static gboolean
readable_cb (int fd, GIOCondition condition, gpointer user_data)
{
  SpWallTimer *timer = user_data;
  guint64 times;

  if (read (fd, &times, sizeof times) < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  timer->woken (timer->user_data);
  return G_SOURCE_CONTINUE;
}

SpWallTimer *
sp_wall_timer_new (void (*woken) (gpointer user_data), gpointer user_data, GError **error)
{
  g_autoptr (SpWallTimer) timer = g_new0 (SpWallTimer, 1);

  timer->woken = woken;
  timer->user_data = user_data;
  timer->fd = timerfd_create (CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer->fd < 0)
    {
      sp_error_set_errno (error, errno, "making a timer");
      return NULL;
    }
  timer->source = g_unix_fd_add (timer->fd, G_IO_IN, readable_cb, timer);
  return g_steal_pointer (&timer);
}

void
sp_wall_timer_free (SpWallTimer *timer)
{
  if (timer == NULL)
    return;
  g_clear_handle_id (&timer->source, g_source_remove);
  sp_fd_clear (&timer->fd);
  g_free (timer);
}

void
sp_wall_timer_set (SpWallTimer *timer, gint64 when)
{
  gint64 moment = MAX (when, 1); /* all zero would disarm it */
  const struct itimerspec plan = {
    .it_value = { .tv_sec = moment / G_USEC_PER_SEC, .tv_nsec = (moment % G_USEC_PER_SEC) * 1000 },
  };

  (void) timerfd_settime (timer->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &plan, NULL);
}

gboolean
sp_wall_clock_is_synchronised (void)
{
  struct timex asked = { .modes = 0 };
  int state = adjtimex (&asked);

  return state >= 0 && state != TIME_ERROR;
}
