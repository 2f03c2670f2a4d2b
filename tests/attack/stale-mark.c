/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stale-mark.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAGIC       "a marked one"
#define MAGIC_SIZE  (sizeof MAGIC - 1)
#define BUFFER_SIZE (8 * 1024 * 1024) /* more than comes while this has no CPU for a while */

G_STATIC_ASSERT (MAGIC_SIZE + 3 * sizeof (guint32) == STALE_MARK_SIZE);

void
stale_mark_write (guint8 bytes[STALE_MARK_SIZE], const StaleMark *mark)
{
  const guint32 words[] = { htonl (mark->kind), htonl (mark->attachment), htonl (mark->serial) };

  memcpy (bytes, MAGIC, MAGIC_SIZE);
  memcpy (bytes + MAGIC_SIZE, words, sizeof words);
}

gboolean
stale_mark_read (const guint8 *bytes, gsize size, StaleMark *ret)
{
  guint32 words[3];

  if (size != STALE_MARK_SIZE || memcmp (bytes, MAGIC, MAGIC_SIZE) != 0)
    return FALSE;
  memcpy (words, bytes + MAGIC_SIZE, sizeof words);
  if (ntohl (words[0]) > STALE_MARK_STALE)
    return FALSE;
  *ret = (StaleMark){ .kind = ntohl (words[0]),
                      .attachment = ntohl (words[1]),
                      .serial = ntohl (words[2]) };
  return TRUE;
}

typedef struct
{
  guint heard[STALE_MARK_STALE + 1];
  guint repeated;
  GHashTable *live; /* marks as one number each: only such are sent again as they were */
} Ear;

static void
hear (Ear *self, const guint8 *bytes, gsize size)
{
  StaleMark mark;
  gint64 name;

  if (!stale_mark_read (bytes, size, &mark))
    return;
  self->heard[mark.kind]++;
  if (mark.kind != STALE_MARK_LIVE)
    return;
  name = (gint64) mark.attachment << 32 | mark.serial;
  if (!g_hash_table_add (self->live, g_memdup2 (&name, sizeof name)))
    self->repeated++;
}

static void
hear_all (Ear *self, int fd)
{
  guint8 bytes[STALE_MARK_SIZE + 1];
  ssize_t size;

  while ((size = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT)) >= 0)
    hear (self, bytes, (gsize) size);
}

void
stale_mark_listen (guint16 port)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons (port) };
  int size = BUFFER_SIZE;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct pollfd polled[] = { { .fd = fd, .events = POLLIN },
                             { .fd = STDIN_FILENO, .events = POLLIN } };
  Ear self = { .live = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL) };

  (void) setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  if (fd < 0 || bind (fd, (struct sockaddr *) &name, sizeof name) != 0)
    g_error ("cannot listen at port %u: %m", port);
  (void) printf ("{\"port\": %u}\n", port);
  (void) fflush (stdout);
  do
    {
      (void) poll (polled, G_N_ELEMENTS (polled), -1);
      hear_all (&self, fd);
    }
  while (polled[1].revents == 0);
  (void) printf ("{\"live\": %u, \"late\": %u, \"stale\": %u, \"repeated\": %u}\n",
                 self.heard[STALE_MARK_LIVE], self.heard[STALE_MARK_LATE],
                 self.heard[STALE_MARK_STALE], self.repeated);
  g_hash_table_unref (self.live);
  (void) close (fd);
}
