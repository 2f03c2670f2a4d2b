/* SPDX-License-Identifier: GPL-2.0-or-later */

/* packet-path up|down|down-super|echo ROUNDS: a whole worker carries so many rounds of packets over
 * its datagram channel, with its client, main and the keyholder in this process.  Says how many
 * packets that were.  Everything but the worker happens in __wrap_poll, where it would wait, and in
 * answer_from_device: instructions.py counts the instructions outside of these, and takes the
 * difference of two runs.
 *
 * In a round of `echo` a single small packet goes up, and the kernel has the answer before the
 * write returns, as it has of a ping to the server itself: the answer is on its way in the same
 * turn, before the worker looks into the device for more. */

#include "worker-play.h"
#include "worker-things.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "base/log.h"
#include "codec/dtls-frame.h"
#include "link/channel.h"
#include "swarm-document.h"
#include "worker/worker.h"

#include <gnutls/dtls.h>
#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PRIORITY       "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK:-CIPHER-ALL:+AES-128-GCM"
#define COOKIE_BYTE    'c' /* as worker-things.c has it */
#define PSK_BYTE       'k' /* as memory-tls.c has it */
#define OWN_ADDRESS    0x0a000002
#define OTHER_ADDRESS  0x0a000102
#define BATCH          32
#define HEADERS        40 /* of IPv4 and TCP */
#define PAYLOAD        1300
#define ECHO_PAYLOAD   56
#define PACKET         (HEADERS + PAYLOAD)
#define IP_SIZE        20
#define DEVICE_HEADER  ((gsize) sizeof (struct virtio_net_hdr_v1))
#define DEVICE_READ    (DEVICE_HEADER + 65536) /* what the worker has room for */
#define ROUND_US       1000
#define WAITS_MAX      5000 /* milliseconds */
#define LONG_PATIENCE  20
#define DATAGRAMS_ROOM (256 * 1024)

typedef enum
{
  STAGE_PREAMBLE,
  STAGE_HANDSHAKE,
  STAGE_GREETING, /* a DPD request is on its way there and back */
  STAGE_ROUNDS,
  STAGE_OVER
} Stage;

typedef enum
{
  WAY_UP,
  WAY_DOWN,
  WAY_DOWN_SUPER,
  WAY_ECHO
} Way;

typedef struct
{
  WorkerPlay play;
  Stage stage;
  Way way;
  guint rounds;
  guint n_waits;
  guint n_turns; /* of the worker in this round */
  guint n_looks; /* into the device, before the answer was sent */
  gsize awaited; /* bytes of payload */
  guint32 sequence;
  int device;
  int socket;
  gnutls_session_t session;
  gnutls_psk_client_credentials_t key;
  GByteArray *records; /* what the client would send */
  guint64 n_packets;
} Path;

int __real_poll (struct pollfd *fds, nfds_t n, int patience);
int __wrap_poll (struct pollfd *fds, nfds_t n, int patience);
gint64 __wrap_g_get_monotonic_time (void);
ssize_t __real_read (int fd, void *bytes, size_t room);
ssize_t __wrap_read (int fd, void *bytes, size_t room);
ssize_t __real_write (int fd, const void *bytes, size_t size);
ssize_t __wrap_write (int fd, const void *bytes, size_t size);
void answer_from_device (void);

/* poll() has no argument for it. */
static Path *current;

gint64
__wrap_g_get_monotonic_time (void)
{
  return current->play.now;
}

/* --- packets --- */

static guint16
checksum (const guint8 *bytes, gsize size, guint32 sum)
{
  for (gsize i = 0; i + 1 < size; i += 2)
    sum += (guint32) bytes[i] << 8 | bytes[i + 1];
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return htons ((guint16) ~sum);
}

/* IPv4 and TCP with so much payload, which is zeros; without `segment` also their checksums. */
static void
write_packet (Path *self, guint8 *packet, gsize payload, guint32 from, guint32 to, gboolean partial)
{
  const guint8 ip[] = { 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, IPPROTO_TCP };
  const guint8 tcp[] = { 0x14, 0x51, 0x9c, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 0x50, 0x10, 0x20, 0 };
  guint16 size = htons ((guint16) (HEADERS + payload)), sum;
  guint32 addresses[] = { htonl (from), htonl (to) }, sequence = htonl (self->sequence);
  guint32 pseudo = IPPROTO_TCP + (guint32) payload + HEADERS - IP_SIZE;

  memset (packet, 0, HEADERS + payload);
  memcpy (packet, ip, sizeof ip);
  memcpy (packet + 2, &size, sizeof size);
  memcpy (packet + 12, addresses, sizeof addresses);
  sum = checksum (packet, IP_SIZE, 0);
  memcpy (packet + 10, &sum, sizeof sum);
  memcpy (packet + IP_SIZE, tcp, sizeof tcp);
  memcpy (packet + IP_SIZE + 4, &sequence, sizeof sequence);
  pseudo += (from >> 16) + (from & 0xffff) + (to >> 16) + (to & 0xffff);
  sum = partial ? (guint16) ~checksum (packet, 0, pseudo)
                : checksum (packet + IP_SIZE, HEADERS - IP_SIZE + payload, pseudo);
  memcpy (packet + IP_SIZE + 16, &sum, sizeof sum);
  self->sequence += (guint32) payload;
}

/* --- the client --- */

static ssize_t
push_cb (gnutls_transport_ptr_t pointer, const void *bytes, size_t size)
{
  Path *self = pointer;

  (void) g_byte_array_append (self->records, bytes, (guint) size);
  return (ssize_t) size;
}

static ssize_t
pull_cb (gnutls_transport_ptr_t pointer, void *bytes, size_t room)
{
  Path *self = pointer;

  return recv (self->socket, bytes, room, MSG_DONTWAIT);
}

static int
pull_timeout_cb (gnutls_transport_ptr_t pointer, unsigned patience)
{
  return 1;
}

/* All that was pushed as datagrams of one size: that is what it is. */
static void
send_records (Path *self, guint n)
{
  union
  {
    struct cmsghdr header;
    guint8 space[CMSG_SPACE (sizeof (guint16))];
  } control;
  struct iovec part = { self->records->data, self->records->len };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
  guint16 size = (guint16) (self->records->len / n);

  if (n > 1)
    {
      message.msg_control = control.space;
      message.msg_controllen = sizeof control.space;
      control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN (sizeof size),
                                         .cmsg_level = SOL_UDP,
                                         .cmsg_type = UDP_SEGMENT };
      memcpy (CMSG_DATA (&control.header), &size, sizeof size);
    }
  if (sendmsg (self->socket, &message, 0) != (ssize_t) self->records->len)
    g_error ("the client cannot send: %m");
  (void) g_byte_array_set_size (self->records, 0);
}

static void
send_frame (Path *self, SpFrameType type, const guint8 *payload, gsize size)
{
  guint8 frame[SP_DTLS_HEADER_SIZE + PACKET];

  sp_dtls_frame_write_header (frame, type);
  if (size > 0)
    memcpy (frame + SP_DTLS_HEADER_SIZE, payload, size);
  if (gnutls_record_send (self->session, frame, SP_DTLS_HEADER_SIZE + size) < 0)
    g_error ("no record");
}

static void
connect_each_other (int ours, int theirs)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
  socklen_t size = sizeof name;

  if (bind (ours, (struct sockaddr *) &name, size) != 0 ||
      bind (theirs, (struct sockaddr *) &name, size) != 0 ||
      getsockname (theirs, (struct sockaddr *) &name, &size) != 0 ||
      connect (ours, (struct sockaddr *) &name, size) != 0 ||
      getsockname (ours, (struct sockaddr *) &name, &size) != 0 ||
      connect (theirs, (struct sockaddr *) &name, size) != 0)
    g_error ("no datagrams on loopback: %m");
}

/* Its hello comes as main hands one on: without an exchange of cookies. */
static void
begin_datagrams (Path *self)
{
  g_autofree SpCandidate *message = g_new0 (SpCandidate, 1);
  guint8 psk[SP_PSK_SIZE];
  gnutls_datum_t key = { psk, sizeof psk }, id = { psk, sizeof psk };
  int theirs = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1, room = DATAGRAMS_ROOM;

  memset (psk, PSK_BYTE, sizeof psk);
  self->socket = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  connect_each_other (self->socket, theirs);
  (void) setsockopt (theirs, SOL_UDP, UDP_GRO, &on, sizeof on);
  (void) setsockopt (self->socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (gnutls_psk_allocate_client_credentials (&self->key) != 0 ||
      gnutls_psk_set_client_credentials (self->key, "psk", &key, GNUTLS_PSK_KEY_RAW) != 0 ||
      gnutls_init (&self->session, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) != 0 ||
      gnutls_priority_set_direct (self->session, PRIORITY, NULL) != 0 ||
      gnutls_credentials_set (self->session, GNUTLS_CRD_PSK, self->key) != 0 ||
      gnutls_session_set_id (self->session, &id) != 0)
    g_error ("no DTLS session");
  gnutls_dtls_set_mtu (self->session, 1472);
  gnutls_transport_set_ptr (self->session, self);
  gnutls_transport_set_push_function (self->session, push_cb);
  gnutls_transport_set_pull_function (self->session, pull_cb);
  gnutls_transport_set_pull_timeout_function (self->session, pull_timeout_cb);
  if (gnutls_handshake (self->session) != GNUTLS_E_AGAIN)
    g_error ("no hello");
  message->association = ++self->play.judge.n_associations;
  message->datagram_length = (guint16) self->records->len;
  memcpy (message->datagram, self->records->data, self->records->len);
  (void) g_byte_array_set_size (self->records, 0);
  (void) sp_channel_send (self->play.main_wall, &sp_wall_main_worker, SP_MESSAGE_CANDIDATE, 0,
                          message, &theirs, 1, NULL);
  (void) close (theirs);
}

/* --- rounds --- */

static guint
count_packets (const Path *self)
{
  return self->way == WAY_ECHO ? 1 : BATCH;
}

static gsize
get_payload (const Path *self)
{
  return self->way == WAY_ECHO ? ECHO_PAYLOAD : PAYLOAD;
}

static void
send_up (Path *self)
{
  guint8 packet[PACKET];

  for (guint i = 0; i < count_packets (self); i++)
    {
      write_packet (self, packet, get_payload (self), OWN_ADDRESS, OTHER_ADDRESS, FALSE);
      send_frame (self, SP_FRAME_DATA, packet, HEADERS + get_payload (self));
    }
  send_records (self, count_packets (self));
}

static void
write_device (Path *self, const struct virtio_net_hdr_v1 *about, gsize payload)
{
  static guint8 packet[sizeof *about + HEADERS + PAYLOAD * BATCH];

  memcpy (packet, about, sizeof *about);
  write_packet (self, packet + sizeof *about, payload, OTHER_ADDRESS, OWN_ADDRESS,
                about->gso_type != VIRTIO_NET_HDR_GSO_NONE);
  if (send (self->device, packet, sizeof *about + HEADERS + payload, 0) < 0)
    g_error ("the device is full: %m");
}

static void
send_down (Path *self)
{
  const struct virtio_net_hdr_v1 plain = { .gso_type = VIRTIO_NET_HDR_GSO_NONE };
  const struct virtio_net_hdr_v1 super = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                           .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                                           .hdr_len = HEADERS,
                                           .gso_size = PAYLOAD,
                                           .csum_start = IP_SIZE,
                                           .csum_offset = 16 };

  if (self->way == WAY_DOWN_SUPER)
    write_device (self, &super, PAYLOAD * BATCH);
  else
    for (guint i = 0; i < count_packets (self); i++)
      write_device (self, &plain, get_payload (self));
}

/* A function of its own so that its instructions are not counted. */
G_NO_INLINE void
answer_from_device (void)
{
  send_down (current);
}

ssize_t
__wrap_write (int fd, const void *bytes, size_t size)
{
  ssize_t written = __real_write (fd, bytes, size);

  if (current->way == WAY_ECHO && current->stage == STAGE_ROUNDS &&
      size == DEVICE_HEADER + HEADERS + ECHO_PAYLOAD)
    answer_from_device ();
  return written;
}

ssize_t
__wrap_read (int fd, void *bytes, size_t room)
{
  guint8 byte;

  current->n_looks +=
      room == DEVICE_READ && recv (current->socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
  return __real_read (fd, bytes, room);
}

/* Each returns the bytes of payload that came. */
static gsize
take_from_device (Path *self)
{
  static guint8 packet[65536];
  ssize_t size;
  gsize bytes = 0;

  while ((size = recv (self->device, packet, sizeof packet, MSG_DONTWAIT)) > 0)
    bytes += (gsize) size - DEVICE_HEADER - HEADERS;
  return bytes;
}

static gsize
take_from_datagrams (Path *self)
{
  guint8 record[SP_PACKET_MAX];
  const guint8 *payload;
  gsize length, bytes = 0;
  ssize_t size;
  guint8 type;

  while ((size = gnutls_record_recv (self->session, record, sizeof record)) > 0)
    if (sp_dtls_frame_read (record, (gsize) size, &type, &payload, &length))
      bytes += type == SP_FRAME_DATA ? length - HEADERS : type == SP_FRAME_DPD_RESPONSE ? 1 : 0;
  return bytes;
}

static void
begin_round (Path *self)
{
  if (self->rounds-- == 0)
    {
      self->stage = STAGE_OVER;
      sp_fd_clear (&self->play.main_wall);
      return;
    }
  self->n_turns = self->n_looks = 0;
  if (self->way == WAY_UP || self->way == WAY_ECHO)
    send_up (self);
  else
    send_down (self);
  self->play.now += ROUND_US;
  self->n_packets += count_packets (self);
  self->awaited = count_packets (self) * get_payload (self);
}

static void
end_round (const Path *self)
{
  if (self->stage == STAGE_ROUNDS && self->way == WAY_ECHO &&
      (self->n_turns != 1 || self->n_looks != 1))
    g_error ("an answer took %u turns and %u looks into the device", self->n_turns, self->n_looks);
}

/* TRUE when nothing is on its way any more. */
static gboolean
await (Path *self)
{
  gsize came = self->stage == STAGE_ROUNDS && self->way == WAY_UP ? take_from_device (self)
                                                                  : take_from_datagrams (self);

  if (came > self->awaited)
    g_error ("%zu bytes came, awaited were %zu", came, self->awaited);
  self->awaited -= came;
  self->n_waits = came > 0 ? 0 : self->n_waits + 1;
  if (self->n_waits > WAITS_MAX)
    g_error ("%zu bytes did not come, mtu %u", self->awaited, self->play.judge.mtu);
  return self->awaited == 0;
}

static void
shake_hands (Path *self)
{
  int code = gnutls_handshake (self->session);

  if (self->records->len > 0)
    send_records (self, 1);
  if (code == GNUTLS_E_SUCCESS)
    {
      send_frame (self, SP_FRAME_DPD_REQUEST, NULL, 0);
      send_records (self, 1);
      self->awaited = 1;
      self->stage = STAGE_GREETING;
    }
  else if (gnutls_error_is_fatal (code) || self->n_waits++ > WAITS_MAX)
    g_error ("no handshake: %s", gnutls_strerror (code));
}

/* The worker waits: the next thing happens. */
static void
go_on (Path *self, int patience)
{
  WorkerPlay *play = &self->play;

  play->n_turns = 0;
  if (self->stage == STAGE_PREAMBLE && play->at < play->size)
    (void) worker_play_go_on (play, patience);
  else if (self->stage == STAGE_PREAMBLE)
    {
      if (play->device < 0)
        g_error ("no tunnel was given");
      self->device = play->device;
      play->device = -1;
      begin_datagrams (self);
      self->stage = STAGE_HANDSHAKE;
    }
  else if (self->stage == STAGE_HANDSHAKE)
    shake_hands (self);
  else if (await (self))
    {
      end_round (self);
      self->stage = STAGE_ROUNDS;
      begin_round (self);
    }
  else
    (void) __real_poll (NULL, 0, 1); /* loopback may take its time on a busy machine */
}

static int
look (struct pollfd *fds, nfds_t n)
{
  const MemoryClient *client = &current->play.client;
  int n_ready = __real_poll (fds, n, 0);

  for (nfds_t i = 0; i < n; i++)
    if (fds[i].fd >= 0 && fds[i].fd == client->fd)
      {
        n_ready -= fds[i].revents != 0;
        fds[i].revents = memory_client_poll (client, fds[i].events);
        n_ready += fds[i].revents != 0;
      }
  current->n_turns += n_ready > 0;
  return n_ready;
}

int
__wrap_poll (struct pollfd *fds, nfds_t n, int patience)
{
  int n_ready;

  worker_play_listen (&current->play);
  while ((n_ready = look (fds, n)) == 0 && patience != 0)
    {
      go_on (current, patience);
      if (patience > 0 && patience < LONG_PATIENCE)
        return look (fds, n); /* it only waits for more of the same */
    }
  return n_ready;
}

/* --- the beginning --- */

static void
append_word (GByteArray *bytes, gsize word)
{
  const guint8 both[] = { (guint8) word, (guint8) (word >> 8) };

  (void) g_byte_array_append (bytes, both, sizeof both);
}

/* As an input of the fuzzer: the client asks for its tunnel, which main grants. */
static GByteArray *
make_preamble (void)
{
  const guint8 header[PLAY_HEADER] = { PLAY_PASSWORDS | PLAY_TLS13 };
  const guint8 answer[] = { PLAY_ANSWER, 0, SP_LOGIN_ACCEPTED };
  /* IPv4 and datagrams; mode, DPD, two timeouts, rekeying, MTU */
  const guint8 grant[] = { PLAY_GRANT, 1 << 0 | 1 << 2, SP_DTLS_MODE_PSK, 90, 0, 0, 0, 1 };
  const guint8 record = PLAY_RECORD;
  GByteArray *bytes = g_byte_array_new ();
  SwarmFacts facts = { 0 };
  g_autofree char *request = NULL;

  memset (facts.cookie, COOKIE_BYTE, 64);
  request = swarm_document_connect (&facts, TRUE);
  (void) g_byte_array_append (bytes, header, sizeof header);
  (void) g_byte_array_append (bytes, &record, 1);
  append_word (bytes, strlen (request));
  (void) g_byte_array_append (bytes, (const guint8 *) request, (guint) strlen (request));
  (void) g_byte_array_append (bytes, answer, sizeof answer);
  return g_byte_array_append (bytes, grant, sizeof grant);
}

static Way
parse_way (const char *word)
{
  const char *const ways[] = {
    [WAY_UP] = "up", [WAY_DOWN] = "down", [WAY_DOWN_SUPER] = "down-super", [WAY_ECHO] = "echo"
  };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    if (strcmp (word, ways[i]) == 0)
      return (Way) i;
  g_error ("arguments: up|down|down-super|echo ROUNDS");
}

int
main (int argc, char **argv)
{
  g_autoptr (GByteArray) preamble = make_preamble ();
  Path path = { .device = -1, .socket = -1, .records = g_byte_array_new () };
  SpEquipment *equipment;

  if (argc != 3)
    g_error ("arguments: up|down|down-super|echo ROUNDS");
  path.way = parse_way (argv[1]);
  path.rounds = (guint) strtoul (argv[2], NULL, 10);
  current = &path;
  sp_log_open ("packet-path", SP_LOG_ERROR);
  equipment = worker_play_make_equipment ();
  if (!worker_play_begin (&path.play, equipment, preamble->data, preamble->len) ||
      sp_worker_run (equipment, path.play.worker_ends[0], path.play.worker_ends[1], TRUE) != 0 ||
      path.stage != STAGE_OVER)
    g_error ("the worker ended too soon");
  gnutls_deinit (path.session);
  gnutls_psk_free_client_credentials (path.key);
  sp_fd_clear (&path.device);
  sp_fd_clear (&path.socket);
  worker_play_end (&path.play);
  (void) g_byte_array_free (path.records, TRUE);
  (void) printf ("%" G_GUINT64_FORMAT "\n", path.n_packets);
  return EXIT_SUCCESS;
}
