/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker-play.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/io.h"
#include "link/channel.h"
#include "play-equipment.h"
#include "worker-things.h"
#include "worker/worker-state.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BEGINNING      (G_GINT64_CONSTANT (1000) * G_USEC_PER_SEC)
#define WAITS_MAX      40 /* after the input: everything that is waited for comes to its end */
#define LATE_WAITS_MAX 3
#define FDS_MAX        64
#define GROUPS         "default\nUsual\nhome\nHome <b> & \"network\"\n"
#define SIGN_IN_MASK   (PLAY_CERTIFICATES | PLAY_PASSWORDS)

G_STATIC_ASSERT ((int) PLAY_CERTIFICATES == (int) SP_ADOPT_CERTIFICATES);
G_STATIC_ASSERT ((int) PLAY_PASSWORDS == (int) SP_ADOPT_PASSWORDS);

/* What one life opens is among the lowest that are free. */
static guint
count_fds (void)
{
  guint n = 0;

  for (int fd = 0; fd < FDS_MAX; fd++)
    if (fcntl (fd, F_GETFD) >= 0)
      n++;
  return n;
}

static void
make_pair (int *ours, int *theirs)
{
  int pair[2];

  if (!sp_socket_pair (pair, NULL))
    g_error ("no socket pair");
  *ours = pair[0];
  *theirs = pair[1];
}

static guint16
fill_in (guint8 *field, const char *text, gboolean wanted)
{
  if (!wanted)
    return 0;
  memcpy (field, text, strlen (text));
  return (guint16) strlen (text);
}

/* Any descriptor will do: nobody reads from the client's but memory-tls.c. */
static void
adopt (WorkerPlay *self, guint8 flags)
{
  g_autofree SpAdoptClient *message = g_new0 (SpAdoptClient, 1);

  message->sign_in = flags & SIGN_IN_MASK;
  sp_address_from_ipv4 (message->peer_address, 0xc0000201);
  sp_address_from_ipv4 (message->local_address, 0xc0000202);
  message->stranger_answer_length =
      fill_in (message->stranger_answer, "Nobody is here.", (flags & PLAY_STRANGERS) != 0);
  message->login_banner_length =
      fill_in (message->login_banner, "Welcome & <enter>", (flags & PLAY_BANNER) != 0);
  message->groups_length = fill_in (message->groups, GROUPS, (flags & PLAY_GROUPS) != 0);
  g_assert_true (sp_channel_send (self->main_wall, &sp_wall_main_worker, SP_MESSAGE_ADOPT_CLIENT, 0,
                                  message, &(int){ STDERR_FILENO }, 1, NULL));
  sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_CLIENT);
}

SpEquipment *
worker_play_make_equipment (void)
{
  return play_equipment_new (SP_CIPHERS_AES_FIRST);
}

gboolean
worker_play_begin (WorkerPlay *self, SpEquipment *equipment, const guint8 *bytes, gsize size)
{
  static const guint8 certificate[PLAY_TEXT_MAX * 32] = { 0x30 };

  if (size < PLAY_HEADER)
    return FALSE;
  *self = (WorkerPlay){ .bytes = bytes,
                        .size = size,
                        .at = PLAY_HEADER,
                        .now = BEGINNING,
                        .adopted_at = BEGINNING,
                        .device = -1,
                        .datagrams = -1,
                        .n_fds = count_fds () };
  worker_judge_init (&self->judge);
  self->client = (MemoryClient){ .judge = &self->judge,
                                 .reads = G_MAXSIZE,
                                 .tls13 = (bytes[0] & PLAY_TLS13) != 0,
                                 .certificate = certificate,
                                 .certificate_size = (gsize) bytes[1] * 32,
                                 .fd = -1 };
  equipment->signer_data = &self->client;
  make_pair (&self->main_wall, &self->worker_ends[0]);
  make_pair (&self->keyholder_wall, &self->worker_ends[1]);
  sp_permit_init (&self->main_permit, &sp_wall_main_worker, SP_MAIN_WORKER_MAIN);
  sp_permit_init (&self->keyholder_permit, &sp_wall_worker_keyholder,
                  SP_WORKER_KEYHOLDER_KEYHOLDER);
  /* There is no signature, since there is no handshake. */
  sp_permit_enter (&self->keyholder_permit, SP_WORKER_KEYHOLDER_LOGIN);
  adopt (self, bytes[0]);
  return TRUE;
}

/* --- what the worker says --- */

/* As daemon/main/from-worker.c and connection.c do. */
static void
enter_phase (WorkerPlay *self, guint8 type)
{
  if (self->main_permit.phase == SP_MAIN_WORKER_ENDING)
    return;
  if (type == SP_MESSAGE_TUNNEL_REQUESTED)
    sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_WAITING);
  else if (type == SP_MESSAGE_ATTACHED)
    sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_TUNNEL);
  else if (type == SP_MESSAGE_REACH_ASKED)
    self->reach_asked = TRUE;
  else if (type == SP_MESSAGE_CLIENT_LEFT)
    sp_permit_enter (&self->main_permit, SP_MAIN_WORKER_ENDING);
}

/* Everything that is there; what the wall does not allow ends the process. */
static void
listen_as_main (WorkerPlay *self)
{
  SpEnvelope envelope;
  g_autoptr (GError) error = NULL;

  if (self->main_wall < 0)
    return;
  while (sp_channel_receive (self->main_wall, &self->main_permit, &envelope, &error))
    {
      worker_judge_message (&self->judge, envelope.header.type, envelope.message.bytes);
      enter_phase (self, envelope.header.type);
      sp_envelope_clear (&envelope);
    }
  if (!g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN) &&
      !g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    g_error ("%s", error->message);
}

static void
listen_as_keyholder (WorkerPlay *self)
{
  SpEnvelope envelope;
  g_autoptr (GError) error = NULL;

  if (self->keyholder_wall < 0)
    return;
  while (sp_channel_receive (self->keyholder_wall, &self->keyholder_permit, &envelope, &error))
    {
      g_assert_cmpuint (self->n_questions, <, PLAY_QUESTIONS_MAX);
      self->questions[self->n_questions++] =
          (PlayQuestion){ envelope.header.type, envelope.header.serial };
      if (envelope.header.type == SP_MESSAGE_LOGOUT_COOKIE)
        sp_permit_enter (&self->keyholder_permit, SP_WORKER_KEYHOLDER_DONE);
      sp_envelope_clear (&envelope);
    }
  if (!g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN) &&
      !g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    g_error ("%s", error->message);
}

static void
listen_to_network (WorkerPlay *self)
{
  guint8 packet[sizeof (struct virtio_net_hdr_v1) + G_MAXUINT16]; /* some come joined */
  ssize_t size;

  while (self->device >= 0 && (size = read (self->device, packet, sizeof packet)) > 0)
    {
      struct virtio_net_hdr_v1 header;
      gsize whole = (gsize) size - sizeof header;

      g_assert_cmpint (size, >, (gssize) sizeof header);
      memcpy (&header, packet, sizeof header);
      worker_judge_packet (&self->judge, packet + sizeof header, whole,
                           header.gso_type == VIRTIO_NET_HDR_GSO_NONE
                               ? whole
                               : (gsize) GUINT16_FROM_LE (header.hdr_len) +
                                     GUINT16_FROM_LE (header.gso_size));
    }
}

/* Whether the worker has read all that main said. */
static void
note_taken (WorkerPlay *self)
{
  int unread = 1;

  if (self->main_wall >= 0 && ioctl (self->main_wall, SIOCOUTQ, &unread) == 0 && unread == 0)
    self->judge.n_taken = self->judge.n_associations;
}

static void
hear_all (WorkerPlay *self)
{
  listen_as_main (self);
  listen_as_keyholder (self);
  listen_to_network (self);
}

void
worker_play_listen (WorkerPlay *self)
{
  note_taken (self);
  hear_all (self);
}

/* --- what happens --- */

/* A client that is not signed in does not keep a worker for longer than it may; last words take
 * their time. */
static void
check_patience (WorkerPlay *self)
{
  if (!self->judge.attached && self->now - self->adopted_at > SP_SIGN_IN_SECONDS * G_USEC_PER_SEC)
    g_assert_cmpuint (self->n_late_waits++, <, LATE_WAITS_MAX);
}

static gboolean
let_time_pass (WorkerPlay *self, int patience)
{
  check_patience (self);
  if (patience < 0 || self->n_waits++ >= WAITS_MAX)
    {
      sp_fd_clear (&self->main_wall);
      return FALSE;
    }
  self->now += (gint64) patience * 1000;
  return TRUE;
}

gboolean
worker_play_go_on (WorkerPlay *self, int patience)
{
  gint64 before = self->now;
  gboolean more = TRUE;

  if (self->at >= self->size || self->main_wall < 0)
    return let_time_pass (self, patience);
  while (more && self->at < self->size)
    {
      guint8 thing = self->bytes[self->at++];

      more = (thing & PLAY_AND_MORE) != 0;
      worker_things_happen (self, (thing & ~PLAY_AND_MORE) % PLAY_THINGS);
    }
  return patience >= 0 && self->now - before >= (gint64) patience * 1000;
}

void
worker_play_end (WorkerPlay *self)
{
  gboolean by_itself = self->main_wall >= 0;

  hear_all (self);
  if (by_itself)
    worker_judge_end (&self->judge);
  sp_fd_clear (&self->main_wall);
  sp_fd_clear (&self->keyholder_wall);
  sp_fd_clear (&self->device);
  sp_fd_clear (&self->datagrams);
  memory_client_clear (&self->client);
  worker_judge_clear (&self->judge);
  g_assert_cmpuint (count_fds (), ==, self->n_fds);
}
