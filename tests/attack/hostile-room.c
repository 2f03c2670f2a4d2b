/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostile-room.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM_MILLISECONDS 1000

static guint64
lie_about_number (GRand *dice)
{
  switch (g_rand_int_range (dice, 0, 4))
    {
      case 0:
        return 0;
      case 1:
        return G_MAXUINT64;
      case 2:
        return g_rand_int (dice);
      default:
        return (guint64) g_rand_int (dice) << 32 | g_rand_int (dice);
    }
}

static void
fill (GRand *dice, guint8 *bytes, gsize size)
{
  gint32 how = g_rand_int_range (dice, 0, 4);

  memset (bytes, how == 0 ? 0 : how == 1 ? 0xff : '\n', size);
  for (gsize i = 0; how == 3 && i < size; i++)
    bytes[i] = (guint8) g_rand_int (dice);
}

void
sp_hostile_lie (GRand *dice, const SpMessageShape *shape, gpointer message)
{
  guint8 *bytes = message;

  memset (bytes, 0, shape->struct_size);
  for (guint i = 0; i < shape->n_fields; i++)
    {
      const SpField *field = &shape->fields[i];
      guint64 number = lie_about_number (dice);
      guint16 length = (guint16) g_rand_int_range (dice, 0, field->size + 1);

      if (field->kind == SP_FIELD_NUMBER)
        memcpy (bytes + field->offset, &number, field->size);
      else
        fill (dice, bytes + field->offset, field->size);
      if (field->kind == SP_FIELD_BYTES)
        memcpy (bytes + field->length_offset, &length, sizeof length);
    }
}

gboolean
sp_hostile_say_bytes (
    const SpMouth *mouth, gconstpointer bytes, gsize size, const int *fds, guint n_fds)
{
  union
  {
    char space[CMSG_SPACE (sizeof (int) * SP_HOSTILE_FDS_MAX)];
    struct cmsghdr alignment;
  } control;
  struct iovec part = { (gpointer) bytes, size };
  struct msghdr datagram = { .msg_iov = &part, .msg_iovlen = 1 };
  struct pollfd room = { .fd = mouth->fd, .events = POLLOUT };

  memset (&control, 0, sizeof control);
  if (n_fds > 0)
    {
      datagram.msg_control = control.space;
      datagram.msg_controllen = CMSG_SPACE (sizeof (int) * n_fds);
      CMSG_FIRSTHDR (&datagram)->cmsg_level = SOL_SOCKET;
      CMSG_FIRSTHDR (&datagram)->cmsg_type = SCM_RIGHTS;
      CMSG_FIRSTHDR (&datagram)->cmsg_len = CMSG_LEN (sizeof (int) * n_fds);
      memcpy (CMSG_DATA (CMSG_FIRSTHDR (&datagram)), fds, sizeof (int) * n_fds);
    }
  while (sendmsg (mouth->fd, &datagram, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    if (errno != EAGAIN || poll (&room, 1, ROOM_MILLISECONDS) <= 0 ||
        (room.revents & (POLLHUP | POLLERR)) != 0)
      return FALSE;
  return TRUE;
}

gboolean
sp_hostile_say (const SpMouth *mouth,
                guint8 type,
                guint32 serial,
                gconstpointer message,
                const int *fds,
                guint n_fds)
{
  guint8 bytes[SP_MESSAGE_MAX];
  const SpMessageHeader header = { .type = type, .serial = serial };
  gsize size = sp_message_encode (&sp_wall_find (mouth->wall, type)->shape, &header, message, bytes,
                                  sizeof bytes);

  return size > 0 && sp_hostile_say_bytes (mouth, bytes, size, fds, n_fds);
}

gboolean
sp_hostile_say_lie (GRand *dice, const SpMouth *mouth, guint8 type, int fd)
{
  const SpMessageRule *rule = sp_wall_find (mouth->wall, type);
  g_autofree guint8 *message = g_malloc0 (rule->shape.struct_size);
  int fds[SP_MESSAGE_FDS_MAX];

  for (guint i = 0; i < rule->n_fds; i++)
    fds[i] = fd;
  sp_hostile_lie (dice, &rule->shape, message);
  return sp_hostile_say (mouth, type, g_rand_int (dice), message, fds, rule->n_fds);
}

/* Half of it begins like a message of this wall. */
guint
sp_hostile_babble (GRand *dice, const SpMouth *mouth, guint count)
{
  static const gsize sizes[] = { 0, 1, 7, 8, 9, 60, 2000, SP_MESSAGE_MAX, SP_MESSAGE_MAX + 1000 };
  g_autofree guint8 *bytes = g_malloc (SP_MESSAGE_MAX + 1000);
  guint n = 0;

  for (; n < count; n++)
    {
      gsize size = sizes[g_rand_int_range (dice, 0, G_N_ELEMENTS (sizes))];

      for (gsize i = 0; i < size; i++)
        bytes[i] = (guint8) g_rand_int (dice);
      if (n % 2 == 0)
        {
          bytes[0] = SP_WALL_VERSION;
          bytes[1] = (guint8) g_rand_int_range (dice, 0, (gint32) mouth->wall->n_rules + 2);
          bytes[2] = bytes[3] = 0;
        }
      if (!sp_hostile_say_bytes (mouth, bytes, size, NULL, 0))
        break;
    }
  return n;
}

void
sp_hostile_be_silent (guint seconds)
{
  (void) poll (NULL, 0, (int) seconds * 1000);
}

guint
sp_hostile_list_fds (int from, int fds[SP_HOSTILE_FDS_MAX])
{
  guint n = 0;

  for (int fd = from; fd < 1024 && n < SP_HOSTILE_FDS_MAX; fd++)
    {
      struct pollfd one = { .fd = fd };

      if (poll (&one, 1, 0) >= 0 && (one.revents & POLLNVAL) == 0)
        fds[n++] = fd;
    }
  return n;
}

SpHostileKind
sp_hostile_look_at (int fd)
{
  struct sockaddr_storage name;
  socklen_t size = sizeof name;
  int type;
  socklen_t type_size = sizeof type;
  int listens = 0;
  socklen_t listens_size = sizeof listens;

  if (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &type_size) != 0 ||
      getsockname (fd, (struct sockaddr *) &name, &size) != 0)
    return SP_HOSTILE_OTHER;
  if (name.ss_family == AF_UNIX)
    return SP_HOSTILE_WALL;
  (void) getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size);
  if (listens != 0)
    return SP_HOSTILE_LISTENER;
  return type == SOCK_DGRAM ? SP_HOSTILE_DATAGRAM : SP_HOSTILE_STREAM;
}

int
sp_hostile_find_fd (SpHostileKind kind)
{
  int fds[SP_HOSTILE_FDS_MAX];
  guint n = sp_hostile_list_fds (0, fds);

  for (guint i = 0; i < n; i++)
    if (fds[i] != STDERR_FILENO && sp_hostile_look_at (fds[i]) == kind)
      return fds[i];
  return -1;
}

gboolean
sp_hostile_send_to (int fd, const char *address, guint16 port, const char *text)
{
  SpEndpoint endpoint = { .port = port };
  struct sockaddr_storage own;
  struct sockaddr_storage name;
  socklen_t own_size = sizeof own;
  socklen_t size;

  if (!sp_address_from_text (address, endpoint.address) ||
      getsockname (fd, (struct sockaddr *) &own, &own_size) != 0)
    return FALSE;
  size = sp_endpoint_to_sockaddr (&endpoint, own.ss_family, &name);
  return sendto (fd, text, strlen (text), MSG_DONTWAIT, (struct sockaddr *) &name, size) >= 0;
}

guint
sp_hostile_number (const char *text)
{
  return text != NULL ? (guint) strtoul (text, NULL, 10) : 0;
}

void
sp_hostile_deed_silence (const char *const *arguments)
{
  sp_hostile_be_silent (sp_hostile_number (arguments[0]));
  sp_log (SP_LOG_NOTICE, "hostile", "was silent and lives");
}

void
sp_hostile_deed_send (const char *const *arguments)
{
  int fd = sp_hostile_find_fd (SP_HOSTILE_DATAGRAM);
  gboolean sent =
      sp_hostile_send_to (fd, arguments[0], (guint16) sp_hostile_number (arguments[1]), "forged");

  sp_log (SP_LOG_NOTICE, "hostile", "sent to %s by %d: %s", arguments[0], fd,
          sent ? "taken" : sp_error_describe (errno));
}

void
sp_hostile_deed_call (const char *const *arguments)
{
  long result = syscall (sp_hostile_number (arguments[0]), 0, 0, 0, 0, 0, 0);

  sp_log (SP_LOG_NOTICE, "hostile", "call %s answered %ld", arguments[0], result);
}

void
sp_hostile_do_deeds (const char *what, const SpHostileDeed *deeds, guint n)
{
  g_auto (GStrv) each = g_strsplit (what, ";", 0);

  for (guint i = 0; each[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (g_strstrip (each[i]), " ", 0);

      for (guint row = 0; words[0] != NULL && row < n; row++)
        if (g_str_equal (words[0], deeds[row].name) &&
            g_strv_length (words) == deeds[row].n_arguments + 1)
          deeds[row].deed ((const char *const *) words + 1);
    }
}

void
sp_hostile_read_deeds (const char *path, char *line, gsize size)
{
  FILE *file = fopen (path, "re");

  if (file == NULL)
    return;
  if (fgets (line, (int) size, file) != NULL)
    (void) g_strchomp (line);
  (void) fclose (file);
}
