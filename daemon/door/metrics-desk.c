/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics-desk.h"

#include "base/io.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define LISTENERS_MAX SP_METRICS_LISTENERS_MAX
#define ACCEPT_BATCH  4

typedef enum
{
  PLACE_FREE,
  PLACE_READING,
  PLACE_WAITING, /* for main */
  PLACE_WRITING
} PlaceState;

typedef struct
{
  PlaceState state;
  int fd;
  guint32 generation;
  gint64 due;
  gsize size; /* bytes of the request */
  guint8 request[SP_METRICS_REQUEST_MAX];
  GString *answer; /* NULL: none yet */
  gsize sent;
} Place;

struct _SpMetricsDesk
{
  int poller;
  SpToMain *to_main;
  int listeners[LISTENERS_MAX];
  guint n_listeners;
  Place places[SP_METRICS_PLACES];
};

SpMetricsRequest
sp_metrics_request_read (const guint8 *bytes, gsize size)
{
  static const char line[] = "GET /metrics";
  static const char protocol[] = " HTTP/1.";
  const guint8 *end = memmem (bytes, size, "\r\n\r\n", 4);
  const guint8 *line_end;
  const guint8 *rest = bytes + sizeof line - 1;

  if (end == NULL)
    return size < SP_METRICS_REQUEST_MAX ? SP_METRICS_REQUEST_INCOMPLETE : SP_METRICS_REQUEST_OTHER;
  line_end = memmem (bytes, size, "\r\n", 2);
  if ((gsize) (line_end - bytes) < sizeof line - 1 || memcmp (bytes, line, sizeof line - 1) != 0)
    return SP_METRICS_REQUEST_OTHER;
  if (rest < line_end && *rest == '?') /* a query changes nothing */
    while (rest < line_end && *rest != ' ')
      rest++;
  if ((gsize) (line_end - rest) != sizeof protocol || memcmp (rest, protocol, sizeof protocol - 1))
    return SP_METRICS_REQUEST_OTHER;
  return SP_METRICS_REQUEST_GOOD;
}

SpMetricsDesk *
sp_metrics_desk_new (int poller, SpToMain *to_main)
{
  SpMetricsDesk *desk = g_new0 (SpMetricsDesk, 1);

  desk->poller = poller;
  desk->to_main = to_main;
  return desk;
}

static void
empty (Place *place)
{
  sp_fd_clear (&place->fd);
  if (place->answer != NULL)
    (void) g_string_free (g_steal_pointer (&place->answer), TRUE);
  place->state = PLACE_FREE;
}

void
sp_metrics_desk_free (SpMetricsDesk *desk)
{
  if (desk == NULL)
    return;
  for (guint i = 0; i < SP_METRICS_PLACES; i++)
    if (desk->places[i].state != PLACE_FREE)
      empty (&desk->places[i]);
  for (guint i = 0; i < desk->n_listeners; i++)
    sp_fd_clear (&desk->listeners[i]);
  g_free (desk);
}

gboolean
sp_metrics_desk_listen (SpMetricsDesk *desk, int fd)
{
  SpWatch watch = { .kind = SP_WATCH_METRICS_LISTENER, .index = desk->n_listeners };

  if (desk->n_listeners == LISTENERS_MAX || !sp_poller_add (desk->poller, fd, EPOLLIN, &watch))
    return FALSE;
  desk->listeners[desk->n_listeners++] = fd;
  return TRUE;
}

/* A free place, or that of the oldest. */
static Place *
find_place (SpMetricsDesk *desk)
{
  Place *oldest = &desk->places[0];

  for (guint i = 0; i < SP_METRICS_PLACES; i++)
    {
      Place *place = &desk->places[i];

      if (place->state == PLACE_FREE)
        return place;
      if (place->due < oldest->due)
        oldest = place;
    }
  empty (oldest);
  return oldest;
}

void
sp_metrics_desk_accept (SpMetricsDesk *desk, const SpEvent *event)
{
  int listener = desk->listeners[event->watch.index];

  for (guint i = 0; i < ACCEPT_BATCH; i++)
    {
      SpWatch watch = { .kind = SP_WATCH_METRICS };
      int fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
      Place *place;

      if (fd < 0)
        return;
      place = find_place (desk);
      place->state = PLACE_READING;
      place->fd = fd;
      place->generation++;
      place->size = place->sent = 0;
      place->due = event->now + SP_METRICS_SECONDS * (gint64) G_USEC_PER_SEC;
      watch.index = (guint) (place - desk->places);
      watch.generation = place->generation;
      if (!sp_poller_add (desk->poller, fd, EPOLLIN, &watch))
        empty (place);
    }
}

static void
watch_for (SpMetricsDesk *desk, Place *place, guint32 events)
{
  SpWatch watch = { .kind = SP_WATCH_METRICS,
                    .index = (guint) (place - desk->places),
                    .generation = place->generation };

  sp_poller_change (desk->poller, place->fd, events, &watch);
}

static void
write_answer (SpMetricsDesk *desk, Place *place)
{
  ssize_t sent;

  do
    sent = send (place->fd, place->answer->str + place->sent, place->answer->len - place->sent,
                 MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno == EAGAIN)
    sent = 0;
  else if (sent <= 0)
    {
      empty (place);
      return;
    }
  place->sent += (gsize) sent;
  if (place->sent == place->answer->len)
    empty (place);
  else
    watch_for (desk, place, EPOLLOUT);
}

static void
answer (SpMetricsDesk *desk, Place *place, const char *status, const char *body, gsize size)
{
  place->state = PLACE_WRITING;
  place->answer = g_string_sized_new (size + 256);
  g_string_printf (place->answer,
                   "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                   "Content-Length: %" G_GSIZE_FORMAT "\r\nConnection: close\r\n\r\n",
                   status, size);
  g_string_append_len (place->answer, body, (gssize) size);
  write_answer (desk, place);
}

static gboolean
is_asked (const SpMetricsDesk *desk)
{
  for (guint i = 0; i < SP_METRICS_PLACES; i++)
    if (desk->places[i].state == PLACE_WAITING)
      return TRUE;
  return FALSE;
}

/* One question is enough for all who wait; each new one asks anew, should it have been lost. */
static void
ask_main (SpMetricsDesk *desk, Place *place)
{
  static const SpMetricsWanted wanted = { 0 };
  gboolean asked = is_asked (desk);

  if (!asked && sp_to_main_send (desk->to_main, SP_MESSAGE_METRICS_WANTED, &wanted, -1) != SP_SENT)
    {
      answer (desk, place, "503 Service Unavailable", "", 0);
      return;
    }
  place->state = PLACE_WAITING;
  watch_for (desk, place, 0);
}

static void
read_request (SpMetricsDesk *desk, Place *place)
{
  ssize_t got;

  do
    got = recv (place->fd, place->request + place->size, sizeof place->request - place->size,
                MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN)
    return;
  if (got <= 0)
    {
      empty (place);
      return;
    }
  place->size += (gsize) got;
  switch (sp_metrics_request_read (place->request, place->size))
    {
      case SP_METRICS_REQUEST_INCOMPLETE:
        break;
      case SP_METRICS_REQUEST_GOOD:
        ask_main (desk, place);
        break;
      case SP_METRICS_REQUEST_OTHER:
        answer (desk, place, "404 Not Found", "", 0);
        break;
    }
}

void
sp_metrics_desk_look (SpMetricsDesk *desk, const SpEvent *event)
{
  Place *place = &desk->places[event->watch.index];

  if (place->generation != event->watch.generation)
    return;
  switch (place->state)
    {
      case PLACE_FREE:
        break;
      case PLACE_READING:
        read_request (desk, place);
        break;
      case PLACE_WAITING: /* only its end is reported */
        empty (place);
        break;
      case PLACE_WRITING:
        write_answer (desk, place);
        break;
    }
}

void
sp_metrics_desk_told (SpMetricsDesk *desk, const SpMetricsTold *metrics)
{
  for (guint i = 0; i < SP_METRICS_PLACES; i++)
    if (desk->places[i].state == PLACE_WAITING)
      answer (desk, &desk->places[i], "200 OK", (const char *) metrics->text, metrics->text_length);
}

gint64
sp_metrics_desk_tick (SpMetricsDesk *desk, gint64 now)
{
  gint64 due = G_MAXINT64;

  for (guint i = 0; i < SP_METRICS_PLACES; i++)
    {
      Place *place = &desk->places[i];

      if (place->state == PLACE_FREE)
        continue;
      if (now >= place->due)
        empty (place);
      else
        due = MIN (due, place->due);
    }
  return due;
}
