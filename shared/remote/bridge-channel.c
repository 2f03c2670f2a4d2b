/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bridge-channel.h"

#include "base/io.h"
#include "base/secret.h"
#include "bridge-descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE 4096 /* PIPE_BUF: a pipe that can be written to takes that without waiting */

static gboolean
is_file (const SpBridgeChannel *self)
{
  return self->descriptor.kind <= SP_BRIDGE_RETURNED;
}

static SpBridgeChannel *
channel_new (guint32 number)
{
  SpBridgeChannel *self = g_rc_box_new0 (SpBridgeChannel);

  self->number = number;
  self->source = self->sink = self->handed = -1;
  self->credit = SP_BRIDGE_WINDOW;
  self->pending = g_byte_array_new ();
  return self;
}

SpBridgeChannel *
sp_bridge_channel_ref (SpBridgeChannel *channel)
{
  return g_rc_box_acquire (channel);
}

static void
channel_clear (SpBridgeChannel *self)
{
  sp_fd_clear (&self->source);
  sp_fd_clear (&self->sink);
  sp_fd_clear (&self->handed);
  if (self->pending->len > 0)
    sp_secret_wipe (self->pending->data, self->pending->len);
  g_byte_array_unref (self->pending);
  g_free (self->failure);
}

void
sp_bridge_channel_unref (SpBridgeChannel *channel)
{
  g_rc_box_release_full (channel, (GDestroyNotify) channel_clear);
}

static void
fail (SpBridgeChannel *self, const char *doing)
{
  if (self->failure == NULL)
    self->failure = g_strdup_printf ("%s: %s", doing, g_strerror (errno));
}

SpBridgeChannel *
sp_bridge_channel_new_for (int fd, gboolean of_call, guint32 number)
{
  sp_autofd int owned = fd;
  SpBridgeChannel *self = channel_new (number);

  if (!sp_bridge_descriptor_tell (fd, of_call, &self->descriptor))
    {
      sp_bridge_channel_unref (self);
      return NULL;
    }
  self->sending = sp_bridge_kind_goes_out (self->descriptor.kind);
  self->receiving = sp_bridge_kind_comes_back (self->descriptor.kind);
  if (self->descriptor.kind == SP_BRIDGE_FILE)
    self->offset = (guint64) MAX (lseek (fd, 0, SEEK_CUR), 0);
  if (self->sending && self->receiving)
    self->sink = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  *(self->sending ? &self->source : &self->sink) = sp_fd_steal (&owned);
  return self;
}

SpBridgeChannel *
sp_bridge_channel_new_from (guint32 number, const SpBridgeDescriptor *descriptor)
{
  SpBridgeChannel *self = channel_new (number);

  self->announced = TRUE;
  self->descriptor = *descriptor;
  self->receiving = sp_bridge_kind_goes_out (descriptor->kind);
  self->sending = sp_bridge_kind_comes_back (descriptor->kind);
  self->held = descriptor->kind == SP_BRIDGE_RETURNED;
  if (sp_bridge_descriptor_make (descriptor, &self->handed, &self->source, &self->sink))
    return self;
  fail (self, "making a place for a descriptor");
  sp_fd_clear (&self->handed);
  sp_fd_clear (&self->source);
  sp_fd_clear (&self->sink);
  self->ending = TRUE;
  self->stopping = self->receiving;
  return self;
}

gboolean
sp_bridge_channel_is_incomplete (const SpBridgeChannel *self)
{
  return self->receiving && self->failure == NULL &&
         (self->descriptor.kind == SP_BRIDGE_SEALED || self->descriptor.kind == SP_BRIDGE_FILE);
}

gboolean
sp_bridge_channel_is_over (const SpBridgeChannel *self)
{
  return !self->sending && !self->receiving && !self->stopping && self->pending->len == 0;
}

gboolean
sp_bridge_channel_waits (const SpBridgeChannel *self)
{
  return self->announced && self->sending && !self->ending && !self->ready && !is_file (self) &&
         self->credit > 0;
}

/* --- what goes --- */

static void
end_source (SpBridgeChannel *self)
{
  self->ending = TRUE;
  self->held = FALSE;
  sp_fd_clear (&self->source);
}

static ssize_t
read_source (SpBridgeChannel *self, guint8 *bytes, gsize room)
{
  gsize wanted = MIN (room, self->credit);

  if (!is_file (self))
    return read (self->source, bytes, wanted);
  if (self->descriptor.kind == SP_BRIDGE_SEALED)
    wanted = (gsize) MIN (wanted, self->descriptor.size - self->offset);
  return pread (self->source, bytes, wanted, (off_t) self->offset);
}

gsize
sp_bridge_channel_read (SpBridgeChannel *self, guint8 *bytes, gsize room)
{
  ssize_t got;

  if (!self->announced || !self->sending || self->ending || self->held || self->credit == 0 ||
      (!is_file (self) && !self->ready))
    return 0;
  self->ready = FALSE;
  got = read_source (self, bytes, room);
  if (got > 0)
    {
      self->offset += (guint64) got;
      self->sent += (guint64) got;
      self->credit -= (gsize) got;
      return (gsize) got;
    }
  if (got < 0 && (errno == EINTR || errno == EAGAIN))
    return 0;
  if (got < 0)
    fail (self, "reading the file");
  self->broken = got < 0;
  end_source (self);
  return 0;
}

gboolean
sp_bridge_channel_take_credit (SpBridgeChannel *self, guint32 credit)
{
  if (!self->sending || credit > SP_BRIDGE_WINDOW - self->credit)
    return !self->sending;
  self->credit += credit;
  return TRUE;
}

void
sp_bridge_channel_take_stop (SpBridgeChannel *self)
{
  if (self->source >= 0 && self->descriptor.kind == SP_BRIDGE_SOCKET)
    (void) shutdown (self->source, SHUT_RD);
  end_source (self);
}

/* --- what comes --- */

static void
drop_pending (SpBridgeChannel *self)
{
  if (self->pending->len > 0)
    sp_secret_wipe (self->pending->data, self->pending->len);
  g_byte_array_set_size (self->pending, 0);
  self->given = 0;
}

/* The last byte has found its place. */
static void
end_sink (SpBridgeChannel *self)
{
  if (self->sink >= 0 && self->descriptor.kind == SP_BRIDGE_SOCKET)
    (void) shutdown (self->sink, SHUT_WR);
  sp_fd_clear (&self->sink);
}

void
sp_bridge_channel_stop (SpBridgeChannel *self)
{
  sp_fd_clear (&self->sink);
  drop_pending (self);
  self->stopping = self->receiving;
}

static ssize_t
write_piece (SpBridgeChannel *self)
{
  const guint8 *bytes = self->pending->data + self->given;
  gsize size = MIN (PIECE, self->pending->len - self->given);

  if (self->descriptor.kind == SP_BRIDGE_SOCKET)
    return send (self->sink, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  return write (self->sink, bytes, size);
}

void
sp_bridge_channel_flush (SpBridgeChannel *self)
{
  while (self->sink >= 0 && self->given < self->pending->len)
    {
      struct pollfd writable = { .fd = self->sink, .events = POLLOUT };
      ssize_t written = poll (&writable, 1, 0) > 0 ? write_piece (self) : 0;

      if (written == 0 || (written < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
      if (written < 0)
        {
          sp_bridge_channel_stop (self);
          return;
        }
      self->given += (gsize) written;
      self->owed += (gsize) written;
    }
  drop_pending (self);
  if (!self->receiving)
    end_sink (self);
}

static void
write_to_file (SpBridgeChannel *self, const guint8 *bytes, gsize size)
{
  while (size > 0)
    {
      ssize_t written = write (self->sink, bytes, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        {
          fail (self, "writing the file");
          sp_bridge_channel_stop (self);
          return;
        }
      bytes += written;
      size -= (gsize) written;
      self->owed += (gsize) written;
    }
}

gboolean
sp_bridge_channel_take_data (SpBridgeChannel *self, const guint8 *bytes, gsize size)
{
  guint64 most =
      self->descriptor.kind == SP_BRIDGE_SEALED ? self->descriptor.size : SP_BRIDGE_FILE_MAX;

  if (!self->receiving || size > SP_BRIDGE_WINDOW - self->outstanding ||
      (is_file (self) && size > most - self->received))
    return FALSE;
  if (self->sink < 0)
    return TRUE;
  self->outstanding += size;
  if (is_file (self))
    {
      self->received += size;
      write_to_file (self, bytes, size);
      return TRUE;
    }
  g_byte_array_append (self->pending, bytes, (guint) size);
  sp_bridge_channel_flush (self);
  return TRUE;
}

/* Whether the rules are kept; what the disk or the system says is a failure. */
static gboolean
finish_file (SpBridgeChannel *self)
{
  if (self->descriptor.kind == SP_BRIDGE_RETURNED)
    {
      sp_fd_clear (&self->sink);
      return TRUE;
    }
  if (self->descriptor.kind == SP_BRIDGE_SEALED && self->received != self->descriptor.size)
    return FALSE;
  if (sp_bridge_descriptor_seal (&self->descriptor, self->sink))
    self->handed = sp_fd_steal (&self->sink);
  else
    fail (self, "completing the file");
  return TRUE;
}

gboolean
sp_bridge_channel_take_end (SpBridgeChannel *self, gboolean broken)
{
  if (!self->receiving)
    return FALSE;
  self->receiving = FALSE;
  self->stopping = FALSE;
  self->cut = broken;
  if (self->sink < 0)
    return TRUE;
  if (is_file (self))
    return broken || finish_file (self);
  sp_bridge_channel_flush (self);
  return TRUE;
}
