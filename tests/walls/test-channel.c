/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample.h"

#include "base/error.h"
#include "base/io.h"
#include "link/channel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define FDS_MAX 16

static guint
count_open_fds (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;
  return n - 1; /* the folder's own */
}

static guint8
first_phase (const SpMessageRule *rule)
{
  guint8 phase = 0;

  while ((rule->phases >> phase & 1) == 0)
    phase++;
  return phase;
}

/* Sends bytes that no table has seen, with descriptors of /dev/null. */
static void
send_raw (int fd, const guint8 *bytes, gsize size, guint n_fds)
{
  union
  {
    char space[CMSG_SPACE (sizeof (int) * FDS_MAX)];
    struct cmsghdr alignment;
  } control = { 0 };
  struct iovec part = { .iov_base = (void *) bytes, .iov_len = size };
  struct msghdr datagram = { .msg_iov = &part, .msg_iovlen = 1 };
  sp_autofd int null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  int fds[FDS_MAX];

  for (guint i = 0; i < FDS_MAX; i++)
    fds[i] = null;
  if (n_fds > 0)
    {
      datagram.msg_control = control.space;
      datagram.msg_controllen = CMSG_SPACE (sizeof (int) * n_fds);
      CMSG_FIRSTHDR (&datagram)->cmsg_level = SOL_SOCKET;
      CMSG_FIRSTHDR (&datagram)->cmsg_type = SCM_RIGHTS;
      CMSG_FIRSTHDR (&datagram)->cmsg_len = CMSG_LEN (sizeof (int) * n_fds);
      memcpy (CMSG_DATA (CMSG_FIRSTHDR (&datagram)), fds, sizeof (int) * n_fds);
    }
  g_assert_cmpint (sendmsg (fd, &datagram, MSG_NOSIGNAL), ==, size);
}

static gboolean
is_same_file (int a, int b)
{
  struct stat left;
  struct stat right;

  g_assert_cmpint (fstat (a, &left), ==, 0);
  g_assert_cmpint (fstat (b, &right), ==, 0);
  return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

/* One message goes through a socket with its descriptors and arrives as it was. */
static void
pass_through (const SpWall *wall, const SpMessageRule *rule, SpSampleFill fill, GRand *random)
{
  g_autofree gpointer message = sp_sample_message (&rule->shape, fill, random);
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;
  int files[SP_MESSAGE_FDS_MAX] = { open ("/dev/null", O_RDONLY | O_CLOEXEC),
                                    open ("/dev/zero", O_RDONLY | O_CLOEXEC) };
  SpPermit permit;
  guint32 serial;
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  sp_permit_init (&permit, wall, 1 - rule->sender);
  sp_permit_enter (&permit, first_phase (rule));
  serial = rule->answers != SP_ANSWERS_NOTHING ? sp_permit_ask (&permit, rule->answers) : 7;
  g_assert_true (
      sp_channel_send (pair[0], wall, rule->type, serial, message, files, rule->n_fds, &error));
  g_assert_no_error (error);
  g_assert_true (sp_channel_receive (pair[1], &permit, envelope, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (envelope->header.type, ==, rule->type);
  g_assert_cmpuint (envelope->header.serial, ==, serial);
  g_assert_true (sp_sample_equal (&rule->shape, &envelope->message, message));
  for (guint i = 0; i < SP_MESSAGE_FDS_MAX; i++)
    {
      g_assert_cmpint (envelope->fds[i] >= 0, ==, i < rule->n_fds);
      if (i >= rule->n_fds)
        continue;
      g_assert_true (is_same_file (envelope->fds[i], files[i]));
      g_assert_cmpint (fcntl (envelope->fds[i], F_GETFD), ==, FD_CLOEXEC);
    }
  sp_envelope_clear (envelope);
  for (guint i = 0; i < 2; i++)
    {
      sp_fd_clear (&files[i]);
      sp_fd_clear (&pair[i]);
    }
}

static void
test_every_message (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  guint before = count_open_fds ();

  for (guint i = 0; i < sp_sample_walls_n; i++)
    for (guint j = 0; j < sp_sample_walls[i]->n_rules; j++)
      for (SpSampleFill fill = SP_SAMPLE_EMPTY; fill <= SP_SAMPLE_RANDOM; fill++)
        pass_through (sp_sample_walls[i], &sp_sample_walls[i]->rules[j], fill, random);
  g_assert_cmpuint (count_open_fds (), ==, before);
}

/* What a reader refuses.  The descriptors that came along must be closed again, or a room that may
 * break rules once could use up the descriptors of main. */
typedef struct
{
  const char *name;
  guint8 phase_shift; /* added to the message's first phase */
  gsize cut;          /* bytes less */
  gsize padding;      /* bytes more */
  int more_fds;       /* than the message has */
} Refusal;

static const Refusal refusals[] = {
  { "one too few", 0, 0, 0, -1 },
  { "one too many", 0, 0, 0, 1 },
  { "many", 0, 0, 0, FDS_MAX - SP_MESSAGE_FDS_MAX },
  { "wrong phase", 31, 0, 0, 0 },
  { "truncated", 0, 1, 0, 0 },
  { "padded", 0, 0, 1, 0 },
  { "longer than the reader's buffer", 0, 0, SP_MESSAGE_MAX, 0 },
  { "truncated and many", 0, 1, 0, FDS_MAX - SP_MESSAGE_FDS_MAX },
};

static void
refuse (const SpWall *wall, const SpMessageRule *rule, const Refusal *refusal)
{
  g_autofree gpointer message = sp_sample_message (&rule->shape, SP_SAMPLE_FULL, NULL);
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;
  guint8 bytes[2 * SP_MESSAGE_MAX] = { 0 };
  gsize size = sp_sample_encode (rule, 0, message, bytes) - refusal->cut + refusal->padding;
  SpPermit permit;
  guint before;
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  before = count_open_fds ();
  sp_permit_init (&permit, wall, 1 - rule->sender);
  sp_permit_enter (&permit, (first_phase (rule) + refusal->phase_shift) % 32);
  send_raw (pair[0], bytes, size, rule->n_fds + refusal->more_fds);
  g_assert_false (sp_channel_receive (pair[1], &permit, envelope, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES);
  g_assert_true (g_str_has_prefix (error->message, wall->name));
  g_assert_cmpuint (count_open_fds (), ==, before);
  for (guint i = 0; i < SP_MESSAGE_FDS_MAX; i++)
    g_assert_cmpint (envelope->fds[i], ==, -1);
  sp_fd_clear (&pair[0]);
  sp_fd_clear (&pair[1]);
}

static void
test_refusal_closes_descriptors (void)
{
  for (guint i = 0; i < sp_sample_walls_n; i++)
    for (guint j = 0; j < sp_sample_walls[i]->n_rules; j++)
      {
        const SpMessageRule *rule = &sp_sample_walls[i]->rules[j];
        if (rule->n_fds == 0 || rule->answers != SP_ANSWERS_NOTHING)
          continue;
        for (guint k = 0; k < G_N_ELEMENTS (refusals); k++)
          {
            g_test_message ("%s: %s: %s", sp_sample_walls[i]->name, rule->name, refusals[k].name);
            refuse (sp_sample_walls[i], rule, &refusals[k]);
          }
      }
}

/* A datagram without a byte looks like the end, unless it carries something. */
static void
test_empty_datagram (void)
{
  static const struct
  {
    guint n_fds;
    int code; /* SpError */
  } rows[] = { { 0, SP_ERROR_PEER_GONE },
               { 1, SP_ERROR_PEER_BROKE_RULES },
               { 2, SP_ERROR_PEER_BROKE_RULES },
               { FDS_MAX, SP_ERROR_PEER_BROKE_RULES } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
      g_autoptr (GError) error = NULL;
      SpPermit permit;
      guint before;
      int pair[2];

      g_assert_true (sp_socket_pair (pair, NULL));
      before = count_open_fds ();
      sp_permit_init (&permit, sp_sample_walls[0], 0);
      send_raw (pair[0], NULL, 0, rows[i].n_fds);
      g_assert_false (sp_channel_receive (pair[1], &permit, envelope, &error));
      g_assert_error (error, SP_ERROR, rows[i].code);
      g_assert_cmpuint (count_open_fds (), ==, before);
      sp_fd_clear (&pair[0]);
      sp_fd_clear (&pair[1]);
    }
}

static const SpMessageRule *
find_endless_rule (const SpWall *wall)
{
  for (guint i = 0; i < wall->n_rules; i++)
    if (wall->rules[i].times == SP_TIMES_ANY && wall->rules[i].n_fds == 0 &&
        wall->rules[i].answers == SP_ANSWERS_NOTHING)
      return &wall->rules[i];
  g_assert_not_reached ();
}

/* What was said before a close is heard, also when the peer closes without having read
 * everything, which the kernel tells first. */
static void
test_last_messages (void)
{
  const SpWall *wall = sp_sample_walls[0];
  const SpMessageRule *rule = find_endless_rule (wall);
  g_autofree gpointer message = sp_sample_message (&rule->shape, SP_SAMPLE_FULL, NULL);

  for (guint unread = 0; unread < 2; unread++)
    {
      g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
      g_autoptr (GError) error = NULL;
      SpPermit permit;
      int pair[2];

      g_assert_true (sp_socket_pair (pair, NULL));
      sp_permit_init (&permit, wall, 1 - rule->sender);
      sp_permit_enter (&permit, first_phase (rule));
      for (guint i = 0; i < 3; i++)
        g_assert_true (sp_channel_send (pair[0], wall, rule->type, i, message, NULL, 0, NULL));
      if (unread)
        send_raw (pair[1], (const guint8 *) "x", 1, 0);
      sp_fd_clear (&pair[0]);
      for (guint i = 0; i < 3; i++)
        {
          g_assert_true (sp_channel_receive (pair[1], &permit, envelope, &error));
          g_assert_cmpuint (envelope->header.serial, ==, i);
          sp_envelope_clear (envelope);
        }
      g_assert_false (sp_channel_receive (pair[1], &permit, envelope, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_PEER_GONE);
      sp_fd_clear (&pair[1]);
    }
}

static void
test_nothing_there (void)
{
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;
  SpPermit permit;
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  sp_permit_init (&permit, sp_sample_walls[0], 0);
  g_assert_false (sp_channel_receive (pair[1], &permit, envelope, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_AGAIN);
  sp_fd_clear (&pair[0]);
  sp_fd_clear (&pair[1]);
}

static void
test_sending_fails (void)
{
  const SpWall *wall = sp_sample_walls[0];
  const SpMessageRule *rule = find_endless_rule (wall);
  g_autofree guint8 *message = sp_sample_message (&rule->shape, SP_SAMPLE_FULL, NULL);
  g_autoptr (GError) full = NULL;
  g_autoptr (GError) gone = NULL;
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  while (sp_channel_send (pair[0], wall, rule->type, 0, message, NULL, 0, &full))
    continue;
  g_assert_error (full, SP_ERROR, SP_ERROR_AGAIN);
  sp_fd_clear (&pair[1]);
  g_assert_false (sp_channel_send (pair[0], wall, rule->type, 0, message, NULL, 0, &gone));
  g_assert_error (gone, SP_ERROR, SP_ERROR_PEER_GONE);
  sp_fd_clear (&pair[0]);
}

static void
test_message_exceeds_itself (void)
{
  for (guint i = 0; i < sp_sample_walls_n; i++)
    for (guint j = 0; j < sp_sample_walls[i]->n_rules; j++)
      {
        const SpMessageRule *rule = &sp_sample_walls[i]->rules[j];
        const SpField *last = &rule->shape.fields[rule->shape.n_fields - 1];
        g_autofree guint8 *message = sp_sample_message (&rule->shape, SP_SAMPLE_FULL, NULL);
        g_autoptr (GError) error = NULL;
        guint16 length = last->size + 1;
        int none[SP_MESSAGE_FDS_MAX] = { -1, -1 };

        if (last->kind != SP_FIELD_BYTES)
          continue;
        memcpy (message + last->length_offset, &length, sizeof length);
        g_assert_false (sp_channel_send (-1, sp_sample_walls[i], rule->type, 0, message, none,
                                         rule->n_fds, &error));
        g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
      }
}

/* Nothing that may be a password stays behind. */
static void
test_wiped (void)
{
  const SpWall *wall = sp_sample_walls[0];
  const SpMessageRule *rule = find_endless_rule (wall);
  g_autofree gpointer message = sp_sample_message (&rule->shape, SP_SAMPLE_FULL, NULL);
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  SpPermit permit;
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  sp_permit_init (&permit, wall, 1 - rule->sender);
  sp_permit_enter (&permit, first_phase (rule));
  g_assert_true (sp_channel_send (pair[0], wall, rule->type, 0, message, NULL, 0, NULL));
  g_assert_true (sp_channel_receive (pair[1], &permit, envelope, NULL));
  sp_envelope_clear (envelope);
  for (gsize i = 0; i < sizeof envelope->message; i++)
    g_assert_cmpuint (envelope->message.bytes[i], ==, 0);
  sp_fd_clear (&pair[0]);
  sp_fd_clear (&pair[1]);
}

/* Of any length: the end of a long one comes by another way. */
static void
test_refused_is_wiped (void)
{
  static const gsize sizes[] = { 9, 1024, 1025, SP_MESSAGE_MAX, SP_MESSAGE_MAX + 1 };
  const SpWall *wall = sp_sample_walls[0];
  const SpMessageRule *rule = find_endless_rule (wall);
  g_autofree guint8 *bytes = g_malloc (SP_MESSAGE_MAX + 1);
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  SpPermit permit;
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  sp_permit_init (&permit, wall, 1 - rule->sender);
  sp_permit_enter (&permit, first_phase (rule));
  memset (bytes, 'p', SP_MESSAGE_MAX + 1);
  memcpy (bytes, (guint8[SP_MESSAGE_HEADER_SIZE]){ SP_WALL_VERSION, rule->type },
          SP_MESSAGE_HEADER_SIZE);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;

      send_raw (pair[0], bytes, sizes[i], 0);
      g_assert_false (sp_channel_receive (pair[1], &permit, envelope, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES);
      for (gsize j = 0; j < sizeof envelope->message; j++)
        g_assert_cmpuint (envelope->message.bytes[j], ==, 0);
    }
  sp_fd_clear (&pair[0]);
  sp_fd_clear (&pair[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/channel/every-message", test_every_message);
  g_test_add_func ("/channel/refusal-closes-descriptors", test_refusal_closes_descriptors);
  g_test_add_func ("/channel/empty-datagram", test_empty_datagram);
  g_test_add_func ("/channel/last-messages", test_last_messages);
  g_test_add_func ("/channel/nothing-there", test_nothing_there);
  g_test_add_func ("/channel/sending-fails", test_sending_fails);
  g_test_add_func ("/channel/message-exceeds-itself", test_message_exceeds_itself);
  g_test_add_func ("/channel/wiped", test_wiped);
  g_test_add_func ("/channel/refused-is-wiped", test_refused_is_wiped);
  return g_test_run ();
}
