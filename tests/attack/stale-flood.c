/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stale-flood.h"

#include "base/io.h"
#include "codec/dtls-frame.h"
#include "stale-mark.h"
#include "swarm-packet.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAST_MAX    8   /* earlier attachments whose ports still send */
#define RECORDS_MAX 512 /* datagrams that are kept */
#define HELLOS_MAX  64
#define JUNK_MAX    1400
#define MARK_PORT   33333
#define AT_ONCE_MAX 4000 /* after a pause: the rate is an average */

/* RFC 6347 4.1, RFC 5246 A.1 */
#define CONTENT_ALERT     21
#define CONTENT_HANDSHAKE 22
#define CONTENT_DATA      23
#define EPOCH_OFFSET      3
#define HEADER_SIZE       13

typedef struct
{
  guint32 attachment;
  guint size;
  guint8 bytes[1500];
} Kept;

/* Of one kind; the oldest makes way. */
typedef struct
{
  Kept *entries;
  guint n_entries;
  guint n_seen;
} Shelf;

typedef struct
{
  gnutls_session_t session; /* NULL: never had a channel */
  gnutls_psk_client_credentials_t key;
  int fd;
  guint32 attachment;
  guint32 address; /* inside the tunnel, host order */
  guint32 serial;
} Past;

struct _StaleFlood
{
  StaleFloodPlan plan;
  Shelf records;
  Shelf hellos;
  Past pasts[PAST_MAX]; /* the newest is pasts[0] */
  guint n_pasts;
  int others[STALE_OTHERS];
  GRand *dice;
  gboolean replaced;
  gint64 began;
  guint64 n_due; /* since then */
  guint64 n_sent[5];
  guint next;
};

static void
shelf_init (Shelf *self, guint n_entries)
{
  self->entries = g_new0 (Kept, n_entries);
  self->n_entries = n_entries;
}

static void
shelf_keep (Shelf *self, guint32 attachment, const guint8 *bytes, gsize size)
{
  Kept *kept = &self->entries[self->n_seen % self->n_entries];

  if (size > sizeof kept->bytes)
    return;
  kept->attachment = attachment;
  kept->size = (guint) size;
  memcpy (kept->bytes, bytes, size);
  self->n_seen++;
}

/* NULL when there is none. */
static const Kept *
shelf_choose (const Shelf *self, GRand *dice)
{
  guint n = MIN (self->n_seen, self->n_entries);

  return n > 0 ? &self->entries[g_rand_int_range (dice, 0, (gint32) n)] : NULL;
}

static int
open_other (const StaleFloodPlan *plan, guint number)
{
  SpEndpoint own = { 0 };
  struct sockaddr_storage name;
  socklen_t size;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  sp_address_from_ipv4 (own.address, plan->others + number);
  size = sp_endpoint_to_sockaddr (&own, AF_INET, &name);
  if (fd < 0 || bind (fd, (struct sockaddr *) &name, size) != 0)
    g_error ("no socket with another address: %m");
  size = sp_endpoint_to_sockaddr (&plan->server, AF_INET, &name);
  if (connect (fd, (struct sockaddr *) &name, size) != 0)
    g_error ("no socket with another address: %m");
  return fd;
}

StaleFlood *
stale_flood_new (const StaleFloodPlan *plan)
{
  StaleFlood *self = g_new0 (StaleFlood, 1);

  self->plan = *plan;
  self->dice = g_rand_new_with_seed (6);
  shelf_init (&self->records, RECORDS_MAX);
  shelf_init (&self->hellos, HELLOS_MAX);
  for (guint i = 0; i < STALE_OTHERS; i++)
    self->others[i] = plan->others != 0 ? open_other (plan, i) : -1;
  return self;
}

/* A last word, which is old, too. */
static void
past_clear (Past *self)
{
  if (self->session != NULL)
    (void) gnutls_bye (self->session, GNUTLS_SHUT_WR);
  g_clear_pointer (&self->session, gnutls_deinit);
  g_clear_pointer (&self->key, gnutls_psk_free_client_credentials);
  sp_fd_clear (&self->fd);
}

void
stale_flood_free (StaleFlood *self)
{
  for (guint i = 0; i < self->n_pasts; i++)
    past_clear (&self->pasts[i]);
  for (guint i = 0; i < STALE_OTHERS; i++)
    sp_fd_clear (&self->others[i]);
  g_free (self->records.entries);
  g_free (self->hellos.entries);
  g_rand_free (self->dice);
  g_free (self);
}

void
stale_flood_saw (StaleFlood *self, guint32 attachment, const guint8 *bytes, gsize size)
{
  gboolean is_hello =
      size > HEADER_SIZE && bytes[0] == CONTENT_HANDSHAKE && bytes[HEADER_SIZE] == 1;

  shelf_keep (is_hello ? &self->hellos : &self->records, attachment, bytes, size);
}

static ssize_t
push_past_cb (gnutls_transport_ptr_t pointer, const void *bytes, size_t size)
{
  (void) send (GPOINTER_TO_INT (pointer), bytes, size, 0);
  return (ssize_t) size; /* lost, if at all, as on a network */
}

void
stale_flood_inherit (StaleFlood *self, SwarmClient *client, guint32 attachment)
{
  SwarmEnd *end = &client->datagram;
  Past past = { .fd = -1, .attachment = attachment, .address = client->facts.address };

  if (end->fd >= 0)
    {
      (void) epoll_ctl (client->plan->epoll, EPOLL_CTL_DEL, end->fd, NULL);
      past.fd = end->fd;
      end->fd = -1;
    }
  if (client->channel == SWARM_DATAGRAMS)
    {
      past.session = g_steal_pointer (&end->session);
      past.key = g_steal_pointer (&client->key);
      gnutls_transport_set_push_function (past.session, push_past_cb);
      gnutls_transport_set_ptr (past.session, GINT_TO_POINTER (past.fd));
    }
  if (self->n_pasts == PAST_MAX)
    past_clear (&self->pasts[--self->n_pasts]);
  memmove (self->pasts + 1, self->pasts, self->n_pasts * sizeof (Past));
  self->pasts[0] = past;
  self->n_pasts++;
  self->replaced = FALSE;
}

void
stale_flood_replaced (StaleFlood *self)
{
  self->replaced = TRUE;
}

int
stale_flood_get_previous (const StaleFlood *self)
{
  return self->n_pasts > 0 ? self->pasts[0].fd : -1;
}

/* What it is sent by: an old port, or another address. */
static int
choose_socket (StaleFlood *self, guint others_of_ten)
{
  if (self->plan.others != 0 && (guint) g_rand_int_range (self->dice, 0, 10) < others_of_ten)
    return self->others[g_rand_int_range (self->dice, 0, STALE_OTHERS)];
  return self->pasts[g_rand_int_range (self->dice, 0, (gint32) self->n_pasts)].fd;
}

static void
send_bytes (int fd, const guint8 *bytes, gsize size)
{
  (void) send (fd, bytes, size, 0); /* refusals by ICMP are told here, too */
}

/* Mostly by the attachment before this one. */
static void
send_correct (StaleFlood *self)
{
  guint which = g_rand_int_range (self->dice, 0, 4) > 0
                    ? 0
                    : (guint) g_rand_int_range (self->dice, 0, (gint32) self->n_pasts);
  Past *past = &self->pasts[which];
  StaleMark mark = { .kind = which > 0 || self->replaced ? STALE_MARK_STALE : STALE_MARK_LATE,
                     .attachment = past->attachment };
  SpEndpoint source = { .port = MARK_PORT };
  guint8 payload[STALE_MARK_SIZE];
  guint8 frame[SP_DTLS_HEADER_SIZE + 128];
  gsize size;

  if (past->session == NULL)
    return;
  mark.serial = past->serial++;
  stale_mark_write (payload, &mark);
  sp_address_from_ipv4 (source.address, past->address);
  sp_dtls_frame_write_header (frame, SP_FRAME_DATA);
  size =
      swarm_packet_write_datagram (frame + SP_DTLS_HEADER_SIZE, sizeof frame - SP_DTLS_HEADER_SIZE,
                                   &source, &self->plan.marked, payload, sizeof payload);
  (void) gnutls_record_send (past->session, frame, SP_DTLS_HEADER_SIZE + size);
}

static void
send_kept (StaleFlood *self, const Shelf *shelf, guint others_of_ten)
{
  const Kept *kept = shelf_choose (shelf, self->dice);

  if (kept != NULL)
    send_bytes (choose_socket (self, others_of_ten), kept->bytes, kept->size);
}

static void
send_record (StaleFlood *self)
{
  send_kept (self, &self->records, 3);
}

static void
send_hello (StaleFlood *self)
{
  send_kept (self, &self->hellos, 5);
}

/* Plain ones of the first epoch, and such that pretend to be encrypted. */
static void
send_alert (StaleFlood *self)
{
  guint8 alert[HEADER_SIZE + 24] = { CONTENT_ALERT, 0xfe, 0xfd };
  gboolean plain = g_rand_boolean (self->dice);
  guint size = plain ? 2 : 24;

  alert[EPOCH_OFFSET + 1] = plain ? 0 : 1;
  alert[EPOCH_OFFSET + 7] = (guint8) g_rand_int_range (self->dice, 0, 256);
  alert[HEADER_SIZE - 1] = (guint8) size;
  alert[HEADER_SIZE] = 1 + (guint8) g_rand_boolean (self->dice); /* warning or fatal */
  alert[HEADER_SIZE + 1] =
      g_rand_boolean (self->dice) ? 0 : (guint8) g_rand_int_range (self->dice, 10, 100);
  send_bytes (choose_socket (self, 3), alert, HEADER_SIZE + size);
}

/* Nothing at all, garbage, garbage that begins like a record, and records that were cut. */
static void
send_junk (StaleFlood *self)
{
  const Kept *kept = shelf_choose (&self->records, self->dice);
  guint8 junk[JUNK_MAX];
  gsize size = (gsize) g_rand_int_range (self->dice, 0, 4) == 0
                   ? 0
                   : (gsize) g_rand_int_range (self->dice, 1, 200);

  for (gsize i = 0; i < size; i++)
    junk[i] = (guint8) g_rand_int (self->dice);
  if (size > HEADER_SIZE && g_rand_boolean (self->dice))
    {
      junk[0] = (guint8) g_rand_int_range (self->dice, CONTENT_ALERT - 1, CONTENT_DATA + 3);
      junk[1] = 0xfe;
      junk[2] = 0xfd;
    }
  else if (kept != NULL && kept->size > size && size > 0)
    memcpy (junk, kept->bytes, size);
  send_bytes (choose_socket (self, 2), junk, size);
}

static const struct
{
  const char *name;
  guint of_twenty;
  void (*send) (StaleFlood *self);
} kinds[] = {
  { "correct records of previous attachments", 6, send_correct },
  { "records seen before", 5, send_record },
  { "hellos seen before", 3, send_hello },
  { "alerts", 2, send_alert },
  { "junk", 4, send_junk },
};

G_STATIC_ASSERT (G_N_ELEMENTS (kinds) == G_N_ELEMENTS (((StaleFlood *) NULL)->n_sent));

static void
send_next (StaleFlood *self)
{
  guint place = self->next++ % 20;
  guint kind = 0;

  while (place >= kinds[kind].of_twenty)
    place -= kinds[kind++].of_twenty;
  kinds[kind].send (self);
  self->n_sent[kind]++;
}

void
stale_flood_tick (StaleFlood *self, gint64 now)
{
  guint64 due;

  if (self->n_pasts == 0 || self->plan.rate == 0)
    return;
  if (self->began == 0)
    self->began = now;
  due = (guint64) (now - self->began) * self->plan.rate / G_USEC_PER_SEC;
  if (due > self->n_due + AT_ONCE_MAX)
    {
      /* What was not sent while this had no CPU is not sent later. */
      self->began +=
          (gint64) ((due - self->n_due - AT_ONCE_MAX) * G_USEC_PER_SEC / self->plan.rate);
      due = self->n_due + AT_ONCE_MAX;
    }
  for (; self->n_due < due; self->n_due++)
    send_next (self);
}

void
stale_flood_print (const StaleFlood *self)
{
  (void) printf (", \"sent\": {");
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    (void) printf ("%s\"%s\": %" G_GUINT64_FORMAT, i > 0 ? ", " : "", kinds[i].name,
                   self->n_sent[i]);
  (void) printf ("}");
}
