/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "datagram-batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define OUTBOX_SIZE      (288 * 1024)
#define DATAGRAM_MAX     (16384 + 512)
#define GSO_SEGMENTS_MAX 64    /* UDP_MAX_SEGMENTS of every kernel that has it */
#define GSO_BYTES_MAX    65507 /* what one IPv4 packet holds */
#define RUNS_MAX         64    /* a system call */
#define INBOX_SIZE       (SP_INBOX_READS * SP_INBOX_READ_SIZE)

typedef union
{
  char space[CMSG_SPACE (sizeof (guint16))];
  struct cmsghdr alignment;
} SegmentControl;

typedef union
{
  char space[CMSG_SPACE (sizeof (int))];
  struct cmsghdr alignment;
} JoinedControl;

static guint8 *
map (gsize size)
{
  void *memory = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (memory == MAP_FAILED)
    g_error ("out of memory");
  return memory;
}

void
sp_outbox_init (SpOutbox *self)
{
  memset (self, 0, sizeof *self);
  self->memory = map (OUTBOX_SIZE);
}

void
sp_outbox_clear (SpOutbox *self)
{
  if (self->memory != NULL)
    (void) munmap (self->memory, OUTBOX_SIZE);
  self->memory = NULL;
}

void
sp_outbox_rest (SpOutbox *self)
{
  if (sp_outbox_is_empty (self))
    (void) madvise (self->memory, OUTBOX_SIZE, MADV_DONTNEED);
}

gboolean
sp_outbox_has_room (const SpOutbox *self)
{
  return self->n_datagrams < SP_OUTBOX_MAX && OUTBOX_SIZE - self->used >= DATAGRAM_MAX;
}

gboolean
sp_outbox_is_empty (const SpOutbox *self)
{
  return self->n_datagrams == 0;
}

guint8 *
sp_outbox_reserve (SpOutbox *self, gsize size)
{
  if (size > DATAGRAM_MAX || !sp_outbox_has_room (self))
    return NULL;
  return self->memory + self->used;
}

void
sp_outbox_added (SpOutbox *self, gsize size)
{
  self->sizes[self->n_datagrams++] = (guint16) size;
  self->used += size;
}

gboolean
sp_outbox_add (SpOutbox *self, gconstpointer bytes, gsize size)
{
  guint8 *room = sp_outbox_reserve (self, size);

  if (room == NULL)
    return FALSE;
  memcpy (room, bytes, size);
  sp_outbox_added (self, size);
  return TRUE;
}

gboolean
sp_outbox_extend (SpOutbox *self, gconstpointer bytes, gsize size, gsize most)
{
  guint last = self->n_datagrams - 1;

  if (self->n_datagrams == 0 || self->next > last || self->sizes[last] + size > most ||
      OUTBOX_SIZE - self->used < size)
    return FALSE;
  memcpy (self->memory + self->used, bytes, size);
  self->sizes[last] += (guint16) size;
  self->used += size;
  return TRUE;
}

/* How many datagrams from `first` on can be one send: equal sizes, the last may be shorter. */
static guint
measure_run (const SpOutbox *self, guint first, gsize *ret_bytes)
{
  gsize size = self->sizes[first];
  guint n = 1;

  *ret_bytes = size;
  if (self->without_gso)
    return 1;
  while (first + n < self->n_datagrams && n < GSO_SEGMENTS_MAX && self->sizes[first + n] <= size &&
         *ret_bytes + self->sizes[first + n] <= GSO_BYTES_MAX)
    {
      *ret_bytes += self->sizes[first + n];
      if (self->sizes[first + n++] < size)
        break;
    }
  return n;
}

static void
ask_for_segments (struct msghdr *message, SegmentControl *control, guint16 size)
{
  struct cmsghdr *header;

  memset (control, 0, sizeof *control);
  message->msg_control = control->space;
  message->msg_controllen = sizeof control->space;
  header = CMSG_FIRSTHDR (message);
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN (sizeof size);
  memcpy (CMSG_DATA (header), &size, sizeof size);
}

/* Sends what is left, or RUNS_MAX of it, by one system call; returns how many runs went and their
 * lengths. */
static int
send_runs (const SpOutbox *self, int fd, guint8 run_lengths[RUNS_MAX])
{
  struct mmsghdr messages[RUNS_MAX];
  struct iovec parts[RUNS_MAX];
  SegmentControl controls[RUNS_MAX];
  guint8 *next = self->memory + self->sent_bytes;
  guint n_runs = 0;

  for (guint i = self->next; i < self->n_datagrams && n_runs < RUNS_MAX; i += run_lengths[n_runs++])
    {
      struct msghdr *message = &messages[n_runs].msg_hdr;

      memset (message, 0, sizeof *message);
      parts[n_runs].iov_base = next;
      run_lengths[n_runs] = (guint8) measure_run (self, i, &parts[n_runs].iov_len);
      message->msg_iov = &parts[n_runs];
      message->msg_iovlen = 1;
      if (run_lengths[n_runs] > 1)
        ask_for_segments (message, &controls[n_runs], self->sizes[i]);
      next += parts[n_runs].iov_len;
    }
  return sendmmsg (fd, messages, n_runs, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
skip (SpOutbox *self, guint n_datagrams)
{
  while (n_datagrams-- > 0)
    self->sent_bytes += self->sizes[self->next++];
  if (self->next < self->n_datagrams)
    return;
  self->next = self->n_datagrams = 0;
  self->used = self->sent_bytes = 0;
}

/* The first run was refused: by a path that does no GSO, or for good. */
static SpOutboxResult
handle_refusal (SpOutbox *self, guint run_length, int cause, guint32 *ret_dropped)
{
  if (run_length > 1 && (cause == EIO || cause == EINVAL || cause == EMSGSIZE))
    {
      self->without_gso = TRUE;
      return SP_OUTBOX_EMPTY;
    }
  *ret_dropped += run_length;
  skip (self, run_length);
  return cause == EMSGSIZE ? SP_OUTBOX_TOO_BIG : SP_OUTBOX_EMPTY;
}

SpOutboxResult
sp_outbox_flush (SpOutbox *self, int fd, guint32 *ret_dropped)
{
  guint8 run_lengths[RUNS_MAX];
  SpOutboxResult result = SP_OUTBOX_EMPTY;

  *ret_dropped = 0;
  while (self->next < self->n_datagrams)
    {
      int n_runs = send_runs (self, fd, run_lengths);
      int cause = n_runs < 0 ? errno : 0;

      for (int i = 0; i < n_runs; i++)
        skip (self, run_lengths[i]);
      if (cause == EAGAIN)
        return SP_OUTBOX_WAITING;
      /* That nobody listens is told once, of a datagram sent before; the next send works. */
      if (cause == 0 || cause == EINTR || cause == ECONNREFUSED)
        continue;
      if (handle_refusal (self, run_lengths[0], cause, ret_dropped) == SP_OUTBOX_TOO_BIG)
        result = SP_OUTBOX_TOO_BIG;
    }
  return result;
}

void
sp_inbox_init (SpInbox *self)
{
  memset (self, 0, sizeof *self);
  self->memory = map (INBOX_SIZE);
}

void
sp_inbox_clear (SpInbox *self)
{
  if (self->memory != NULL)
    (void) munmap (self->memory, INBOX_SIZE);
  self->memory = NULL;
}

void
sp_inbox_rest (SpInbox *self)
{
  (void) madvise (self->memory, INBOX_SIZE, MADV_DONTNEED);
}

static gsize
get_piece_size (struct msghdr *message, gsize whole)
{
  int size;

  for (struct cmsghdr *header = CMSG_FIRSTHDR (message); header != NULL;
       header = CMSG_NXTHDR (message, header))
    if (header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_GRO)
      {
        memcpy (&size, CMSG_DATA (header), sizeof size);
        if (size > 0)
          return (gsize) size;
      }
  return whole;
}

gboolean
sp_inbox_fill (SpInbox *self, int fd)
{
  struct mmsghdr messages[SP_INBOX_READS];
  struct iovec parts[SP_INBOX_READS];
  JoinedControl controls[SP_INBOX_READS];
  int n_reads;

  for (guint i = 0; i < SP_INBOX_READS; i++)
    {
      parts[i].iov_base = self->memory + i * SP_INBOX_READ_SIZE;
      parts[i].iov_len = SP_INBOX_READ_SIZE;
      messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i],
                                             .msg_iovlen = 1,
                                             .msg_control = controls[i].space,
                                             .msg_controllen = sizeof controls[i].space };
    }
  n_reads = recvmmsg (fd, messages, SP_INBOX_READS, MSG_DONTWAIT, NULL);
  self->n_reads = n_reads > 0 ? (guint) n_reads : 0;
  self->read = 0;
  self->offset = 0;
  for (guint i = 0; i < self->n_reads; i++)
    {
      self->sizes[i] = messages[i].msg_len;
      self->pieces[i] = get_piece_size (&messages[i].msg_hdr, messages[i].msg_len);
    }
  return self->n_reads > 0;
}

gboolean
sp_inbox_was_full (const SpInbox *self)
{
  return self->n_reads == SP_INBOX_READS;
}

gsize
sp_inbox_get_size (const SpInbox *self)
{
  gsize size = 0;

  for (guint i = 0; i < self->n_reads; i++)
    size += self->sizes[i];
  return size;
}

gboolean
sp_inbox_take (SpInbox *self, const guint8 **ret_bytes, gsize *ret_size)
{
  guint read = self->read;

  if (read == self->n_reads)
    return FALSE;
  *ret_bytes = self->memory + read * SP_INBOX_READ_SIZE + self->offset;
  *ret_size = MIN (self->pieces[read], self->sizes[read] - self->offset);
  self->offset += *ret_size;
  if (self->offset >= self->sizes[read])
    {
      self->read++;
      self->offset = 0;
    }
  return TRUE;
}
