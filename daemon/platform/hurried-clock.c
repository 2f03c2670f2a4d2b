/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A clock that runs SP_HURRY times as fast, for tests that live through hours in minutes.  It is in
 * no program that is installed: tests link the rooms' objects a second time, with the linker's
 * --wrap for each function below (ld(1)), so that the rooms themselves know nothing of it.  All
 * processes of a machine agree on the time.  What the kernel and GnuTLS measure by themselves goes
 * as ever, and lengths of time told to them or by them are translated. */

#include <glib.h>
#include <gnutls/dtls.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#define WRAPPED(type, name, ...)                                                                   \
  type __real_##name (__VA_ARGS__);                                                                \
  type __wrap_##name (__VA_ARGS__);                                                                \
  type __wrap_##name (__VA_ARGS__)

/* Never 0 of what is more: 0 means at once. */
static guint
shrink (guint64 milliseconds)
{
  return (guint) ((milliseconds + SP_HURRY - 1) / SP_HURRY);
}

static int
shrink_wait (int milliseconds)
{
  return milliseconds > 0 ? (int) shrink ((guint64) milliseconds) : milliseconds;
}

WRAPPED (gint64, g_get_monotonic_time, void)
{
  return __real_g_get_monotonic_time () * SP_HURRY;
}

/* As if this machine's monotonic clock, which begins with its start, had always run so fast. */
WRAPPED (gint64, g_get_real_time, void)
{
  return __real_g_get_real_time () + __real_g_get_monotonic_time () * (SP_HURRY - 1);
}

WRAPPED (guint,
         g_timeout_add_full,
         gint priority,
         guint interval,
         GSourceFunc function,
         gpointer data,
         GDestroyNotify notify)
{
  return __real_g_timeout_add_full (priority, shrink (interval), function, data, notify);
}

WRAPPED (guint, g_timeout_add, guint interval, GSourceFunc function, gpointer data)
{
  return __real_g_timeout_add (shrink (interval), function, data);
}

WRAPPED (guint, g_timeout_add_seconds, guint seconds, GSourceFunc function, gpointer data)
{
  return __real_g_timeout_add (shrink ((guint64) seconds * 1000), function, data);
}

WRAPPED (GSource *, g_timeout_source_new, guint interval)
{
  return __real_g_timeout_source_new (shrink (interval));
}

WRAPPED (GSource *, g_timeout_source_new_seconds, guint seconds)
{
  return __real_g_timeout_source_new (shrink ((guint64) seconds * 1000));
}

WRAPPED (int, poll, struct pollfd *fds, nfds_t n, int timeout)
{
  return __real_poll (fds, n, shrink_wait (timeout));
}

WRAPPED (
    int, ppoll, struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
  struct timespec shrunk = { 0 };

  if (timeout == NULL)
    return __real_ppoll (fds, n, NULL, mask);
  shrunk.tv_nsec = (timeout->tv_nsec + timeout->tv_sec % SP_HURRY * G_GINT64_CONSTANT (1000000000) +
                    SP_HURRY - 1) /
                   SP_HURRY;
  shrunk.tv_sec = timeout->tv_sec / SP_HURRY + shrunk.tv_nsec / 1000000000;
  shrunk.tv_nsec %= 1000000000;
  return __real_ppoll (fds, n, &shrunk, mask);
}

WRAPPED (int, epoll_wait, int epoll, struct epoll_event *events, int n, int timeout)
{
  return __real_epoll_wait (epoll, events, n, shrink_wait (timeout));
}

WRAPPED (unsigned int, gnutls_dtls_get_timeout, gnutls_session_t session)
{
  return __real_gnutls_dtls_get_timeout (session) * SP_HURRY;
}

/* Of the wall's clock, absolute (timerfd_create(2)). */
WRAPPED (
    int, timerfd_settime, int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
  struct itimerspec moment = *value;
  gint64 told = (gint64) value->it_value.tv_sec * G_USEC_PER_SEC + value->it_value.tv_nsec / 1000;
  gint64 left = MAX (told - __wrap_g_get_real_time (), 0) / SP_HURRY;
  gint64 then = __real_g_get_real_time () + left;

  if (told != 0)
    {
      moment.it_value.tv_sec = then / G_USEC_PER_SEC;
      moment.it_value.tv_nsec = then % G_USEC_PER_SEC * 1000;
    }
  return __real_timerfd_settime (fd, flags, &moment, old);
}
