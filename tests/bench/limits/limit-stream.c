/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limit-stream.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

void
limit_stream_flush (LimitStream *self)
{
  gsize at = 0;

  while (at < self->out_size)
    {
      ssize_t sent = send (self->fd, self->out + at, self->out_size - at, MSG_NOSIGNAL);

      if (sent < 0 && errno != EINTR)
        break; /* reading finds out why */
      at += sent > 0 ? (gsize) sent : 0;
    }
  self->out_size = 0;
}

static ssize_t
push_cb (gnutls_transport_ptr_t pointer, const void *bytes, size_t size)
{
  LimitStream *self = pointer;

  if (self->out_size + size > LIMIT_STREAM_OUT)
    limit_stream_flush (self);
  memcpy (self->out + self->out_size, bytes, size);
  self->out_size += size;
  return (ssize_t) size;
}

static ssize_t
pull_cb (gnutls_transport_ptr_t pointer, void *bytes, size_t room)
{
  LimitStream *self = pointer;
  gsize size;

  if (self->in_at == self->in_size)
    {
      ssize_t got = -1;

      errno = EAGAIN;
      limit_stream_flush (self);
      if (self->waits || self->may_read)
        got = recv (self->fd, self->in, LIMIT_STREAM_IN, self->waits ? 0 : MSG_DONTWAIT);
      self->may_read = FALSE;
      if (got <= 0)
        {
          gnutls_transport_set_errno (self->session, errno);
          return got;
        }
      self->in_at = 0;
      self->in_size = (gsize) got;
    }
  size = MIN (room, self->in_size - self->in_at);
  memcpy (bytes, self->in + self->in_at, size);
  self->in_at += size;
  return (ssize_t) size;
}

/* Of memory that costs nothing until it is used. */
static guint8 *
map (gsize size)
{
  guint8 *memory =
      mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (memory == MAP_FAILED)
    g_error ("no memory: %m");
  return memory;
}

LimitStream *
limit_stream_new (gnutls_session_t session, int fd)
{
  LimitStream *self = g_new0 (LimitStream, 1);

  self->session = session;
  self->fd = fd;
  self->waits = TRUE;
  self->in = map (LIMIT_STREAM_IN + LIMIT_STREAM_OUT);
  self->out = self->in + LIMIT_STREAM_IN;
  gnutls_transport_set_ptr (session, self);
  gnutls_transport_set_push_function (session, push_cb);
  gnutls_transport_set_pull_function (session, pull_cb);
  return self;
}

void
limit_stream_free (LimitStream *self)
{
  gnutls_deinit (self->session);
  (void) munmap (self->in, LIMIT_STREAM_IN + LIMIT_STREAM_OUT);
  g_free (self);
}

void
limit_stream_send (LimitStream *self, gconstpointer bytes, gsize size)
{
  (void) gnutls_record_send (self->session, bytes, size);
}
