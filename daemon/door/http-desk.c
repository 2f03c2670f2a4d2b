/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http-desk.h"

#include "base/io.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define LISTENERS_MAX 8
#define ACCEPT_BATCH  4

typedef enum
{
  PLACE_FREE,
  PLACE_READING,
  PLACE_WAITING, /* for the text */
  PLACE_WRITING
} PlaceState;

typedef struct
{
  PlaceState state;
  int fd;
  guint32 generation;
  gint64 due;
  gsize size; /* bytes of the request */
  guint8 request[SP_HTTP_REQUEST_MAX];
  GString *answer; /* NULL: none yet */
  gsize sent;
} Place;

struct _SpHttpDesk
{
  int poller;
  const SpHttpDeskKind *kind;
  gpointer user_data;
  char *path; /* NULL: none, and no listener */
  int listeners[LISTENERS_MAX];
  guint n_listeners;
  Place *places;
};

SpHttpRequest
sp_http_request_read (const guint8 *bytes, gsize size, const char *path)
{
  static const char method[] = "GET ";
  static const char protocol[] = " HTTP/1.";
  const guint8 *end = memmem (bytes, size, "\r\n\r\n", 4);
  const guint8 *line_end;
  const guint8 *rest;

  if (end == NULL)
    return size < SP_HTTP_REQUEST_MAX ? SP_HTTP_REQUEST_INCOMPLETE : SP_HTTP_REQUEST_OTHER;
  line_end = memmem (bytes, size, "\r\n", 2);
  if ((gsize) (line_end - bytes) < strlen (method) + strlen (path) ||
      memcmp (bytes, method, strlen (method)) != 0 ||
      memcmp (bytes + strlen (method), path, strlen (path)) != 0)
    return SP_HTTP_REQUEST_OTHER;
  rest = bytes + strlen (method) + strlen (path);
  if (rest < line_end && *rest == '?') /* a query changes nothing */
    while (rest < line_end && *rest != ' ')
      rest++;
  if ((gsize) (line_end - rest) != sizeof protocol || memcmp (rest, protocol, sizeof protocol - 1))
    return SP_HTTP_REQUEST_OTHER;
  return SP_HTTP_REQUEST_GOOD;
}

SpHttpDesk *
sp_http_desk_new (int poller, const SpHttpDeskKind *kind, gpointer user_data)
{
  SpHttpDesk *desk = g_new0 (SpHttpDesk, 1);

  desk->poller = poller;
  desk->kind = kind;
  desk->user_data = user_data;
  desk->places = g_new0 (Place, kind->places);
  return desk;
}

void
sp_http_desk_set_path (SpHttpDesk *desk, const char *path)
{
  g_free (desk->path);
  desk->path = g_strdup (path);
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
sp_http_desk_close (SpHttpDesk *desk)
{
  for (guint i = 0; i < desk->kind->places; i++)
    if (desk->places[i].state != PLACE_FREE)
      empty (&desk->places[i]);
  while (desk->n_listeners > 0)
    {
      sp_poller_remove (desk->poller, desk->listeners[--desk->n_listeners]);
      sp_fd_clear (&desk->listeners[desk->n_listeners]);
    }
}

void
sp_http_desk_free (SpHttpDesk *desk)
{
  if (desk == NULL)
    return;
  sp_http_desk_close (desk);
  g_free (desk->places);
  g_free (desk->path);
  g_free (desk);
}

gboolean
sp_http_desk_listen (SpHttpDesk *desk, int fd)
{
  SpWatch watch = { .kind = desk->kind->listener, .index = desk->n_listeners };

  if (desk->path == NULL || desk->n_listeners == LISTENERS_MAX ||
      !sp_poller_add (desk->poller, fd, EPOLLIN, &watch))
    return FALSE;
  desk->listeners[desk->n_listeners++] = fd;
  return TRUE;
}

/* A free place, or that of the oldest. */
static Place *
find_place (SpHttpDesk *desk)
{
  Place *oldest = &desk->places[0];

  for (guint i = 0; i < desk->kind->places; i++)
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
sp_http_desk_accept (SpHttpDesk *desk, const SpEvent *event)
{
  int listener;

  if (event->watch.index >= desk->n_listeners) /* it was closed in this turn */
    return;
  listener = desk->listeners[event->watch.index];
  for (guint i = 0; i < ACCEPT_BATCH; i++)
    {
      SpWatch watch = { .kind = desk->kind->request };
      int fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
      Place *place;

      if (fd < 0)
        return;
      place = find_place (desk);
      place->state = PLACE_READING;
      place->fd = fd;
      place->generation++;
      place->size = place->sent = 0;
      place->due = event->now + SP_HTTP_SECONDS * (gint64) G_USEC_PER_SEC;
      watch.index = (guint) (place - desk->places);
      watch.generation = place->generation;
      if (!sp_poller_add (desk->poller, fd, EPOLLIN, &watch))
        empty (place);
    }
}

static void
watch_for (SpHttpDesk *desk, Place *place, guint32 events)
{
  SpWatch watch = { .kind = desk->kind->request,
                    .index = (guint) (place - desk->places),
                    .generation = place->generation };

  sp_poller_change (desk->poller, place->fd, events, &watch);
}

static void
write_answer (SpHttpDesk *desk, Place *place)
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
answer (SpHttpDesk *desk, Place *place, const char *status, const char *body, gsize size)
{
  place->state = PLACE_WRITING;
  place->answer = g_string_sized_new (size + 256);
  g_string_printf (place->answer,
                   "HTTP/1.1 %s\r\nContent-Type: %s\r\n"
                   "Content-Length: %" G_GSIZE_FORMAT "\r\nConnection: close\r\n\r\n",
                   status, desk->kind->type, size);
  g_string_append_len (place->answer, body, (gssize) size);
  write_answer (desk, place);
}

static gboolean
is_waited_for (const SpHttpDesk *desk)
{
  for (guint i = 0; i < desk->kind->places; i++)
    if (desk->places[i].state == PLACE_WAITING)
      return TRUE;
  return FALSE;
}

/* One text is enough for all who wait. */
static void
wait_for_text (SpHttpDesk *desk, Place *place)
{
  gboolean waited_for = is_waited_for (desk);

  place->state = PLACE_WAITING;
  watch_for (desk, place, 0);
  if (!waited_for && !desk->kind->wanted (desk, desk->user_data))
    answer (desk, place, "503 Service Unavailable", "", 0);
}

static void
read_request (SpHttpDesk *desk, Place *place)
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
  switch (sp_http_request_read (place->request, place->size, desk->path))
    {
      case SP_HTTP_REQUEST_INCOMPLETE:
        break;
      case SP_HTTP_REQUEST_GOOD:
        wait_for_text (desk, place);
        break;
      case SP_HTTP_REQUEST_OTHER:
        answer (desk, place, "404 Not Found", "", 0);
        break;
    }
}

void
sp_http_desk_look (SpHttpDesk *desk, const SpEvent *event)
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
sp_http_desk_tell (SpHttpDesk *desk, const guint8 *text, gsize size)
{
  for (guint i = 0; i < desk->kind->places; i++)
    if (desk->places[i].state == PLACE_WAITING)
      answer (desk, &desk->places[i], "200 OK", (const char *) text, size);
}

gint64
sp_http_desk_tick (SpHttpDesk *desk, gint64 now)
{
  gint64 due = G_MAXINT64;

  for (guint i = 0; i < desk->kind->places; i++)
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
