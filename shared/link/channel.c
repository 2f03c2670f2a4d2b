/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/channel.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

typedef union
{
  char space[CMSG_SPACE (sizeof (int) * SP_MESSAGE_FDS_MAX)];
  struct cmsghdr alignment;
} ControlSpace;

/* Most messages are no longer.  A buffer for the longest would lie between the frames of each
 * caller on the stack and spread them over more pages, which a process that was just forked gets
 * one by one. */
#define SHORT_SIZE 1024

/* Without the padding behind the last descriptor, into which the kernel would put one more. */
#define CONTROL_ROOM CMSG_LEN (sizeof (int) * SP_MESSAGE_FDS_MAX)

void
sp_envelope_clear (SpEnvelope *envelope)
{
  for (guint i = 0; i < SP_MESSAGE_FDS_MAX; i++)
    sp_fd_clear (&envelope->fds[i]);
  sp_secret_wipe (envelope->message.bytes, envelope->message_size);
  envelope->message_size = 0;
}

static void
attach_fds (struct msghdr *datagram, ControlSpace *control, const int *fds, guint n_fds)
{
  struct cmsghdr *header;

  if (n_fds == 0)
    return;
  memset (control, 0, sizeof *control);
  datagram->msg_control = control->space;
  datagram->msg_controllen = CMSG_SPACE (sizeof (int) * n_fds);
  header = CMSG_FIRSTHDR (datagram);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof (int) * n_fds);
  memcpy (CMSG_DATA (header), fds, sizeof (int) * n_fds);
}

/* The size, or 0: it does not fit into `bytes`, which the caller wipes. */
static gsize
send_in (int fd,
         const SpMessageRule *rule,
         const SpMessageHeader *header,
         gconstpointer message,
         const int *fds,
         guint n_fds,
         guint8 *bytes,
         gsize size,
         int *ret_errno)
{
  ControlSpace control;
  struct iovec part = { .iov_base = bytes };
  struct msghdr datagram = { .msg_iov = &part, .msg_iovlen = 1 };

  part.iov_len = sp_message_encode (&rule->shape, header, message, bytes, size);
  if (part.iov_len == 0)
    return 0;
  attach_fds (&datagram, &control, fds, n_fds);
  *ret_errno = sendmsg (fd, &datagram, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
  return part.iov_len;
}

gboolean
sp_channel_send (int fd,
                 const SpWall *wall,
                 guint8 type,
                 guint32 serial,
                 gconstpointer message,
                 const int *fds,
                 guint n_fds,
                 GError **error)
{
  guint8 bytes[SHORT_SIZE];
  const SpMessageRule *rule = sp_wall_find (wall, type);
  const SpMessageHeader header = { .type = type, .serial = serial };
  gsize size;
  int send_errno = 0;

  g_return_val_if_fail (rule != NULL && rule->n_fds == n_fds, FALSE);
  size = send_in (fd, rule, &header, message, fds, n_fds, bytes, sizeof bytes, &send_errno);
  if (size == 0)
    {
      g_autofree guint8 *many = g_malloc (SP_MESSAGE_MAX);

      size = send_in (fd, rule, &header, message, fds, n_fds, many, SP_MESSAGE_MAX, &send_errno);
      sp_secret_wipe (many, SP_MESSAGE_MAX);
    }
  sp_secret_wipe (bytes, sizeof bytes);
  if (size == 0)
    g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "%s: message %s is too long",
                 wall->name, rule->name);
  else if (send_errno != 0)
    sp_error_set_errno (error, send_errno, "%s: sending %s", wall->name, rule->name);
  return size > 0 && send_errno == 0;
}

/* Keeps up to SP_MESSAGE_FDS_MAX descriptors, and returns how many came.  The kernel keeps back
 * what does not fit into the control space and says so by MSG_CTRUNC. */
static guint
take_fds (struct msghdr *datagram, SpEnvelope *envelope)
{
  guint n_fds = 0;

  for (struct cmsghdr *header = CMSG_FIRSTHDR (datagram); header != NULL;
       header = CMSG_NXTHDR (datagram, header))
    {
      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        continue;
      n_fds = MIN ((header->cmsg_len - CMSG_LEN (0)) / sizeof (int), SP_MESSAGE_FDS_MAX);
      memcpy (envelope->fds, CMSG_DATA (header), n_fds * sizeof (int));
    }
  return datagram->msg_flags & MSG_CTRUNC ? SP_MESSAGE_FDS_MAX + 1 : n_fds;
}

static gboolean
check_message (SpPermit *permit,
               const guint8 *bytes,
               gsize size,
               guint n_fds,
               SpEnvelope *envelope,
               GError **error)
{
  const SpMessageRule *rule;
  SpVerdict verdict;

  verdict = sp_permit_check (permit, bytes, size, n_fds, &envelope->header, &envelope->message);
  rule = sp_wall_find (permit->wall, envelope->header.type);
  envelope->message_size = rule != NULL ? rule->shape.struct_size : 0;
  if (verdict == SP_VERDICT_ALLOWED)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES, "%s: %s sent %s in phase %u: %s",
               permit->wall->name, permit->wall->sides[1 - permit->own_side],
               rule != NULL ? rule->name : "something", permit->phase,
               sp_verdict_to_string (verdict));
  sp_envelope_clear (envelope);
  return FALSE;
}

/* A long message, of which the first bytes are here and the others there. */
static gboolean
check_long (SpPermit *permit,
            const guint8 *bytes,
            gsize size,
            guint n_fds,
            SpEnvelope *envelope,
            GError **error)
{
  g_autofree guint8 *whole = g_malloc (size);
  gboolean allowed;

  memcpy (whole, bytes, SHORT_SIZE);
  memcpy (whole + SHORT_SIZE, envelope->message.bytes, size - SHORT_SIZE);
  allowed = check_message (permit, whole, size, n_fds, envelope, error);
  sp_secret_wipe (whole, size);
  if (!allowed)
    sp_secret_wipe (envelope->message.bytes, size - SHORT_SIZE);
  return allowed;
}

gboolean
sp_channel_receive (int fd, SpPermit *permit, SpEnvelope *envelope, GError **error)
{
  guint8 bytes[SHORT_SIZE];
  ControlSpace control;
  struct iovec parts[] = {
    { .iov_base = bytes, .iov_len = sizeof bytes },
    { .iov_base = envelope->message.bytes, .iov_len = SP_MESSAGE_MAX - sizeof bytes },
  };
  struct msghdr datagram = {
    .msg_iov = parts,
    .msg_iovlen = G_N_ELEMENTS (parts),
    .msg_control = control.space,
    .msg_controllen = CONTROL_ROOM,
  };
  ssize_t size;
  guint n_fds;
  gboolean allowed;

  for (guint i = 0; i < SP_MESSAGE_FDS_MAX; i++)
    envelope->fds[i] = -1;
  envelope->message_size = 0;
  memset (&envelope->header, 0, sizeof envelope->header);
  size = recvmsg (fd, &datagram, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  /* A peer that closed without reading everything shows as one error ahead of its last messages. */
  if (size < 0 && errno == ECONNRESET)
    size = recvmsg (fd, &datagram, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0 && errno == EAGAIN) /* the end of each turn, so it is not put into words */
    {
      g_set_error_literal (error, SP_ERROR, SP_ERROR_AGAIN, permit->wall->name);
      return FALSE;
    }
  if (size < 0)
    {
      sp_error_set_errno (error, errno, "%s: receiving", permit->wall->name);
      return FALSE;
    }
  /* Before anything else, since from here on they are open in this process. */
  n_fds = take_fds (&datagram, envelope);
  if (size == 0 && n_fds == 0)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_PEER_GONE, "%s: %s is gone", permit->wall->name,
                   permit->wall->sides[1 - permit->own_side]);
      return FALSE;
    }
  if (datagram.msg_flags & MSG_TRUNC) /* longer than any: malformed */
    {
      allowed = check_message (permit, bytes, 0, n_fds, envelope, error);
      sp_secret_wipe (envelope->message.bytes, sizeof envelope->message.bytes);
    }
  else if (size > SHORT_SIZE)
    allowed = check_long (permit, bytes, (gsize) size, n_fds, envelope, error);
  else
    allowed = check_message (permit, bytes, (gsize) size, n_fds, envelope, error);
  sp_secret_wipe (bytes, sizeof bytes);
  return allowed;
}
