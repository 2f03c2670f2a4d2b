/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dtls-peer.h"

#include "base/io.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define PAYLOAD 1472

static int
find_key (gnutls_session_t session, const char *name, gnutls_datum_t *key)
{
  key->data = gnutls_malloc (SP_PSK_SIZE);
  key->size = SP_PSK_SIZE;
  memcpy (key->data, gnutls_session_get_ptr (session), SP_PSK_SIZE);
  return 0;
}

static ssize_t
push (gnutls_transport_ptr_t transport, const void *bytes, size_t size)
{
  DtlsPeer *self = transport;

  g_queue_push_tail (&self->sent, g_bytes_new (bytes, size));
  return (ssize_t) size;
}

static ssize_t
pull (gnutls_transport_ptr_t transport, void *bytes, size_t size)
{
  DtlsPeer *self = transport;
  g_autoptr (GBytes) datagram = g_queue_pop_head (&self->received);
  gsize length;
  gconstpointer data = datagram != NULL ? g_bytes_get_data (datagram, &length) : NULL;

  if (data == NULL)
    {
      gnutls_transport_set_errno (self->client, EAGAIN);
      return -1;
    }
  g_assert_cmpuint (length, <=, size);
  memcpy (bytes, data, length);
  return (ssize_t) length;
}

static int
pull_timeout (gnutls_transport_ptr_t transport, unsigned int milliseconds)
{
  DtlsPeer *self = transport;

  return !g_queue_is_empty (&self->received);
}

static int
open_socket (struct sockaddr_in *ret_address)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (0x7f000001) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) ret_address, &size), ==, 0);
  return fd;
}

static void
set_up_client (DtlsPeer *self, const char *priority)
{
  gnutls_datum_t key = { self->keys.psk[SP_DTLS_KEY_EXPORTED], SP_PSK_SIZE };

  g_assert_cmpint (gnutls_init (&self->client, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK),
                   ==, 0);
  g_assert_cmpint (gnutls_priority_set_direct (self->client, priority, NULL), ==, 0);
  g_assert_cmpint (gnutls_psk_allocate_client_credentials (&self->credentials), ==, 0);
  g_assert_cmpint (
      gnutls_psk_set_client_credentials (self->credentials, "psk", &key, GNUTLS_PSK_KEY_RAW), ==,
      0);
  (void) gnutls_credentials_set (self->client, GNUTLS_CRD_PSK, self->credentials);
  gnutls_transport_set_ptr (self->client, self);
  gnutls_transport_set_push_function (self->client, push);
  gnutls_transport_set_pull_function (self->client, pull);
  gnutls_transport_set_pull_timeout_function (self->client, pull_timeout);
  gnutls_dtls_set_mtu (self->client, PAYLOAD);
  gnutls_dtls_set_timeouts (self->client, 20, 60000);
}

static void
make_channel (DtlsPeer *self, int fd)
{
  g_autoptr (GBytes) hello = NULL;
  SpCandidate candidate = { .association = 1 };

  g_assert_cmpint (gnutls_handshake (self->client), ==, GNUTLS_E_AGAIN);
  hello = g_queue_pop_head (&self->sent);
  candidate.datagram_length = (guint16) g_bytes_get_size (hello);
  memcpy (candidate.datagram, g_bytes_get_data (hello, NULL), candidate.datagram_length);
  self->channel =
      sp_dtls_channel_new (&self->equipment, &candidate, fd, &self->keys, PAYLOAD, self->now);
}

DtlsPeer *
dtls_peer_new (const char *cipher)
{
  DtlsPeer *self = g_new0 (DtlsPeer, 1);
  g_autofree char *priority =
      g_strdup_printf ("NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK:-CIPHER-ALL:+%s", cipher);
  struct sockaddr_in near, far;
  int fd = open_socket (&near);

  self->fd = open_socket (&far);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &far, sizeof far), ==, 0);
  g_assert_cmpint (connect (self->fd, (struct sockaddr *) &near, sizeof near), ==, 0);
  self->now = g_get_monotonic_time ();
  self->numbers =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  memset (self->keys.psk[SP_DTLS_KEY_EXPORTED], 7, SP_PSK_SIZE);
  g_assert_cmpint (gnutls_psk_allocate_server_credentials (&self->equipment.psk), ==, 0);
  gnutls_psk_set_server_credentials_function (self->equipment.psk, find_key);
  g_assert_cmpint (gnutls_priority_init (&self->equipment.dtls_priority, priority, NULL), ==, 0);
  set_up_client (self, priority);
  make_channel (self, fd);
  return self;
}

void
dtls_peer_free (DtlsPeer *self)
{
  sp_dtls_channel_free (self->channel);
  gnutls_deinit (self->client);
  gnutls_psk_free_client_credentials (self->credentials);
  gnutls_psk_free_server_credentials (self->equipment.psk);
  gnutls_priority_deinit (self->equipment.dtls_priority);
  g_queue_clear_full (&self->sent, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&self->received, (GDestroyNotify) g_bytes_unref);
  g_hash_table_unref (self->numbers);
  sp_fd_clear (&self->fd);
  g_free (self);
}

/* Of records that are sealed: those of the first handshake's begin have no key. */
static void
note_numbers (DtlsPeer *self, const guint8 *datagram, gsize size)
{
  gsize length;

  g_assert_true (sp_dtls_datagram_tiles (datagram, size, NULL));
  for (gsize i = 0; i < size; i += length)
    {
      SpDtlsRecord record;

      sp_dtls_record_read_header (datagram + i, &record);
      length = SP_DTLS_RECORD_HEADER_SIZE + record.length;
      g_assert_true (
          g_hash_table_add (self->numbers, g_bytes_new (&record.number, sizeof record.number)));
    }
}

void
dtls_peer_collect (DtlsPeer *self)
{
  guint8 datagram[65536];
  guint32 dropped;
  gssize size;

  if (self->channel != NULL)
    (void) sp_dtls_channel_flush (self->channel, &dropped);
  while ((size = recv (self->fd, datagram, sizeof datagram, MSG_DONTWAIT)) > 0)
    {
      note_numbers (self, datagram, (gsize) size);
      g_queue_push_tail (&self->received, g_bytes_new (datagram, (gsize) size));
    }
}

guint
dtls_peer_hand_over (DtlsPeer *self, GBytes *datagram, guint8 *text, gsize *ret_size)
{
  guint8 own[SP_DTLS_RECORD_MAX];
  gsize size, own_size;
  gconstpointer bytes = g_bytes_get_data (datagram, &size);
  guint n = 0;

  if (!sp_dtls_channel_feed (self->channel, bytes, size, self->now))
    return 0;
  while (sp_dtls_channel_receive (self->channel, text != NULL ? text : own,
                                  ret_size != NULL ? ret_size : &own_size))
    n++;
  return n;
}

int
dtls_peer_shake_hands (DtlsPeer *self)
{
  int code = gnutls_handshake (self->client);
  GBytes *datagram;

  while ((datagram = g_queue_pop_head (&self->sent)) != NULL)
    {
      g_assert_cmpuint (dtls_peer_hand_over (self, datagram, NULL, NULL), ==, 0);
      g_bytes_unref (datagram);
    }
  dtls_peer_collect (self);
  return code;
}

void
dtls_peer_connect (DtlsPeer *self)
{
  int code;

  dtls_peer_collect (self);
  while ((code = dtls_peer_shake_hands (self)) != 0)
    g_assert_cmpint (gnutls_error_is_fatal (code), ==, 0);
  g_assert_cmpint (sp_dtls_channel_get_state (self->channel), ==, SP_DTLS_FINISHED);
}

GBytes *
dtls_peer_seal (DtlsPeer *self, gconstpointer text, gsize size)
{
  g_assert_true (g_queue_is_empty (&self->sent));
  g_assert_cmpint (gnutls_record_send (self->client, text, size), ==, size);
  g_assert_cmpuint (g_queue_get_length (&self->sent), ==, 1);
  return g_queue_pop_head (&self->sent);
}

gssize
dtls_peer_receive (DtlsPeer *self, gpointer text, gsize size)
{
  dtls_peer_collect (self);
  return gnutls_record_recv (self->client, text, size);
}

void
dtls_peer_exchange (DtlsPeer *self, gsize size)
{
  guint8 text[SP_DTLS_RECORD_MAX], came[SP_DTLS_RECORD_MAX];
  g_autoptr (GBytes) datagram = NULL;
  gsize came_size;

  for (gsize i = 0; i < size; i++)
    text[i] = (guint8) g_test_rand_int ();
  datagram = dtls_peer_seal (self, text, size);
  g_assert_cmpuint (dtls_peer_hand_over (self, datagram, came, &came_size), ==, 1);
  g_assert_cmpmem (came, came_size, text, size);
  g_assert_true (sp_dtls_channel_send (self->channel, came, came_size));
  g_assert_cmpint (dtls_peer_receive (self, came, sizeof came), ==, size);
  g_assert_cmpmem (came, size, text, size);
}
