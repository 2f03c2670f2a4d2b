/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-socket.h"

#include "base/io.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE       65536
#define FDS_AT_ONCE     253 /* SCM_MAX_FD of Linux */
#define FDS_WAITING_MAX 1024

SpBusParcel *
sp_bus_parcel_new (GByteArray *bytes)
{
  SpBusParcel *parcel = g_new0 (SpBusParcel, 1);

  parcel->bytes = bytes;
  if (sp_bus_message_read (bytes->data, bytes->len, &parcel->head))
    return parcel;
  sp_bus_parcel_free (parcel);
  return NULL;
}

void
sp_bus_parcel_free (SpBusParcel *parcel)
{
  for (guint i = 0; i < parcel->n_fds; i++)
    sp_fd_clear (&parcel->fds[i]);
  g_byte_array_unref (parcel->bytes);
  g_free (parcel);
}

static void
clear_fd (gpointer fd)
{
  sp_fd_clear (fd);
}

SpBusSocket *
sp_bus_socket_new (int in, int out)
{
  SpBusSocket *self = g_new0 (SpBusSocket, 1);
  struct stat facts;

  self->in = in;
  self->out = out;
  self->is_socket = in == out && fstat (in, &facts) == 0 && S_ISSOCK (facts.st_mode);
  self->heard = g_byte_array_sized_new (READ_SIZE);
  self->fds = g_array_new (FALSE, FALSE, sizeof (int));
  g_array_set_clear_func (self->fds, clear_fd);
  g_queue_init (&self->leaving);
  return self;
}

void
sp_bus_socket_free (SpBusSocket *self)
{
  g_byte_array_unref (self->heard);
  g_array_unref (self->fds);
  g_queue_clear_full (&self->leaving, (GDestroyNotify) sp_bus_parcel_free);
  g_free (self);
}

static gboolean
fail (GError **error, const char *doing)
{
  int number = errno;

  if (number == EAGAIN || number == EINTR)
    return TRUE;
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number), "%s: %s", doing,
               g_strerror (number));
  return FALSE;
}

static void
keep_fds (SpBusSocket *self, struct msghdr *message)
{
  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL;
       part = CMSG_NXTHDR (message, part))
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
      g_array_append_vals (self->fds, CMSG_DATA (part),
                           (guint) ((part->cmsg_len - CMSG_LEN (0)) / sizeof (int)));
}

void
sp_bus_socket_feed (SpBusSocket *self, const guint8 *bytes, gsize size)
{
  g_byte_array_append (self->heard, bytes, (guint) size);
}

gboolean
sp_bus_socket_receive (SpBusSocket *self, GError **error)
{
  guint8 bytes[READ_SIZE];
  union
  {
    char space[CMSG_SPACE (FDS_AT_ONCE * sizeof (int))];
    struct cmsghdr align;
  } control;
  struct iovec vector = { bytes, sizeof bytes };
  struct msghdr message = { .msg_iov = &vector,
                            .msg_iovlen = 1,
                            .msg_control = control.space,
                            .msg_controllen = sizeof control.space };
  ssize_t got = self->is_socket ? recvmsg (self->in, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
                                : read (self->in, bytes, sizeof bytes);

  if (got < 0)
    return fail (error, "reading messages");
  if (self->is_socket)
    keep_fds (self, &message);
  g_byte_array_append (self->heard, bytes, (guint) got);
  if (self->fds->len <= FDS_WAITING_MAX)
    return got > 0;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "descriptors without messages");
  return FALSE;
}

static void
attach (SpBusSocket *self, SpBusParcel *parcel)
{
  guint wanted = MIN (parcel->head.n_descriptors, self->fds->len);

  parcel->is_short = wanted < parcel->head.n_descriptors || wanted > G_N_ELEMENTS (parcel->fds);
  for (guint i = 0; i < MIN (wanted, G_N_ELEMENTS (parcel->fds)); i++)
    parcel->fds[parcel->n_fds++] = sp_fd_steal (&g_array_index (self->fds, int, i));
  if (wanted > 0)
    g_array_remove_range (self->fds, 0, wanted);
}

SpBusParcel *
sp_bus_socket_take (SpBusSocket *self, GError **error)
{
  const guint8 *bytes = self->heard->data + self->used;
  gsize size = self->heard->len - self->used;
  gssize total = sp_bus_message_measure (bytes, size);
  SpBusParcel *parcel;

  if (total == 0 || (total > 0 && (gsize) total > size))
    {
      if (self->used > 0)
        g_byte_array_remove_range (self->heard, 0, (guint) self->used);
      self->used = 0;
      return NULL;
    }
  parcel = total > 0
               ? sp_bus_parcel_new (g_byte_array_append (g_byte_array_new (), bytes, (guint) total))
               : NULL;
  if (parcel == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "this is no message of a bus");
      return NULL;
    }
  self->used += (gsize) total;
  attach (self, parcel);
  return parcel;
}

void
sp_bus_socket_put (SpBusSocket *self, SpBusParcel *parcel)
{
  self->leaving_size += parcel->bytes->len;
  g_queue_push_tail (&self->leaving, parcel);
}

/* The descriptors go with the first byte. */
static ssize_t
send_some (SpBusSocket *self, SpBusParcel *parcel)
{
  union
  {
    char space[CMSG_SPACE (SP_BRIDGE_DESCRIPTORS_MAX * sizeof (int))];
    struct cmsghdr align;
  } control = { 0 };
  struct iovec vector = { parcel->bytes->data + self->sent, parcel->bytes->len - self->sent };
  struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };

  if (!self->is_socket)
    return write (self->out, vector.iov_base, vector.iov_len);
  if (self->sent == 0 && parcel->n_fds > 0)
    {
      message.msg_control = control.space;
      message.msg_controllen = CMSG_SPACE (parcel->n_fds * sizeof (int));
      control.align.cmsg_level = SOL_SOCKET;
      control.align.cmsg_type = SCM_RIGHTS;
      control.align.cmsg_len = CMSG_LEN (parcel->n_fds * sizeof (int));
      memcpy (CMSG_DATA (&control.align), parcel->fds, parcel->n_fds * sizeof (int));
    }
  return sendmsg (self->out, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

gboolean
sp_bus_socket_flush (SpBusSocket *self, GError **error)
{
  SpBusParcel *parcel;

  while ((parcel = g_queue_peek_head (&self->leaving)) != NULL)
    {
      ssize_t sent = send_some (self, parcel);

      if (sent < 0)
        return fail (error, "writing messages");
      self->sent += (gsize) sent;
      if (self->sent < parcel->bytes->len)
        continue;
      self->sent = 0;
      self->leaving_size -= parcel->bytes->len;
      sp_bus_parcel_free (g_queue_pop_head (&self->leaving));
    }
  return TRUE;
}
