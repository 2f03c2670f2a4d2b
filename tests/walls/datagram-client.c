/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "datagram-client.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define PRIORITY "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK"

static guint8 key_bytes[SP_PSK_SIZE] = "the exporter's output of one day";

static ssize_t
push (gnutls_transport_ptr_t pointer, const void *bytes, size_t size)
{
  DatagramEnd *end = pointer;

  g_assert_cmpuint (size, <=, sizeof end->sent);
  memcpy (end->sent, bytes, size);
  end->sent_size = size;
  end->deaf = TRUE;
  return send (end->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static ssize_t
pull (gnutls_transport_ptr_t pointer, void *bytes, size_t size)
{
  DatagramEnd *end = pointer;
  gsize first_size = end->first_size;

  if (end->deaf)
    {
      gnutls_transport_set_errno (end->session, EAGAIN);
      return -1;
    }
  if (first_size == 0)
    return recv (end->fd, bytes, size, MSG_DONTWAIT);
  g_assert_cmpuint (first_size, <=, size);
  memcpy (bytes, end->first, first_size);
  end->first_size = 0;
  return (ssize_t) first_size;
}

static int
pull_timeout (gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
  DatagramEnd *end = pointer;
  struct pollfd watched = { .fd = end->fd, .events = POLLIN };

  if (end->deaf)
    return 0;
  return end->first_size > 0 ? 1 : poll (&watched, 1, 0);
}

static DatagramEnd *
end_new (int fd, unsigned int flags)
{
  DatagramEnd *end = g_new0 (DatagramEnd, 1);

  end->fd = fd;
  g_assert_cmpint (gnutls_init (&end->session, flags | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK), ==, 0);
  g_assert_cmpint (gnutls_priority_set_direct (end->session, PRIORITY, NULL), ==, 0);
  gnutls_transport_set_ptr (end->session, end);
  gnutls_transport_set_push_function (end->session, push);
  gnutls_transport_set_pull_function (end->session, pull);
  gnutls_transport_set_pull_timeout_function (end->session, pull_timeout);
  gnutls_dtls_set_mtu (end->session, 1400);
  gnutls_dtls_set_timeouts (end->session, 400, 60000);
  return end;
}

DatagramEnd *
datagram_client_new (int fd, const guint8 app_id[SP_APP_ID_SIZE])
{
  DatagramEnd *end = end_new (fd, GNUTLS_CLIENT);
  gnutls_datum_t key = { key_bytes, sizeof key_bytes };
  gnutls_datum_t id = { (guint8 *) app_id, SP_APP_ID_SIZE };

  g_assert_cmpint (gnutls_psk_allocate_client_credentials (&end->client_credentials), ==, 0);
  g_assert_cmpint (
      gnutls_psk_set_client_credentials (end->client_credentials, "psk", &key, GNUTLS_PSK_KEY_RAW),
      ==, 0);
  (void) gnutls_credentials_set (end->session, GNUTLS_CRD_PSK, end->client_credentials);
  g_assert_cmpint (gnutls_session_set_id (end->session, &id), ==, 0);
  return end;
}

DatagramEnd *
datagram_client_new_resuming (int fd, const guint8 id[SP_APP_ID_SIZE], gboolean pre_standard)
{
  DatagramEnd *end = end_new (fd, GNUTLS_CLIENT);
  guint8 master_bytes[SP_DTLS_MASTER_SIZE] = { 1 };
  gnutls_datum_t master = { master_bytes, sizeof master_bytes };
  gnutls_datum_t session_id = { (guint8 *) id, SP_APP_ID_SIZE };

  g_assert_cmpint (gnutls_priority_set_direct (
                       end->session,
                       pre_standard
                           ? "NONE:+VERS-DTLS0.9:+COMP-NULL:+AES-128-CBC:+SHA1:+RSA:+SIGN-ALL"
                           : "NONE:+VERS-DTLS1.2:+COMP-NULL:+AES-256-GCM:+AEAD:+RSA:+SIGN-ALL",
                       NULL),
                   ==, 0);
  g_assert_cmpint (gnutls_certificate_allocate_credentials (&end->certificate_credentials), ==, 0);
  (void) gnutls_credentials_set (end->session, GNUTLS_CRD_CERTIFICATE,
                                 end->certificate_credentials);
  g_assert_cmpint (
      gnutls_session_set_premaster (
          end->session, GNUTLS_CLIENT, pre_standard ? GNUTLS_DTLS0_9 : GNUTLS_DTLS1_2,
          GNUTLS_KX_RSA, pre_standard ? GNUTLS_CIPHER_AES_128_CBC : GNUTLS_CIPHER_AES_256_GCM,
          pre_standard ? GNUTLS_MAC_SHA1 : GNUTLS_MAC_AEAD, GNUTLS_COMP_NULL, &master, &session_id),
      ==, 0);
  return end;
}

static int
find_key (gnutls_session_t session, const char *name, gnutls_datum_t *key)
{
  key->data = gnutls_malloc (sizeof key_bytes);
  key->size = sizeof key_bytes;
  memcpy (key->data, key_bytes, sizeof key_bytes);
  return 0;
}

DatagramEnd *
datagram_server_new (int fd, const guint8 *prestate, const guint8 *first, gsize first_size)
{
  DatagramEnd *end = end_new (fd, GNUTLS_SERVER);
  gnutls_dtls_prestate_st state;

  g_assert_cmpint (gnutls_psk_allocate_server_credentials (&end->server_credentials), ==, 0);
  gnutls_psk_set_server_credentials_function (end->server_credentials, find_key);
  (void) gnutls_credentials_set (end->session, GNUTLS_CRD_PSK, end->server_credentials);
  memcpy (&state, prestate, sizeof state);
  gnutls_dtls_prestate_set (end->session, &state);
  end->first = first;
  end->first_size = first_size;
  return end;
}

void
datagram_end_free (DatagramEnd *end)
{
  gnutls_deinit (end->session);
  if (end->client_credentials != NULL)
    gnutls_psk_free_client_credentials (end->client_credentials);
  if (end->server_credentials != NULL)
    gnutls_psk_free_server_credentials (end->server_credentials);
  if (end->certificate_credentials != NULL)
    gnutls_certificate_free_credentials (end->certificate_credentials);
  g_free (end);
}

gboolean
datagram_end_step (DatagramEnd *end)
{
  int result;

  end->deaf = FALSE;
  result = gnutls_handshake (end->session);
  g_assert_cmpint (gnutls_error_is_fatal (result), ==, 0);
  return result == GNUTLS_E_SUCCESS;
}

void
datagram_client_send_hello (DatagramEnd *client)
{
  client->sent_size = 0;
  while (client->sent_size == 0)
    {
      g_assert_false (datagram_end_step (client));
      g_usleep (1000);
    }
}

gboolean
datagram_comes (int fd, guint milliseconds)
{
  struct pollfd watched = { .fd = fd, .events = POLLIN };

  return poll (&watched, 1, (int) milliseconds) > 0;
}

gssize
datagram_receive (int fd, gpointer bytes, gsize size, guint milliseconds)
{
  return datagram_comes (fd, milliseconds) ? recv (fd, bytes, size, MSG_DONTWAIT) : -1;
}

gssize
datagram_end_receive (DatagramEnd *end, gpointer bytes, gsize size, guint milliseconds)
{
  gint64 deadline = g_get_monotonic_time () + milliseconds * (gint64) 1000;
  gssize got;

  do
    {
      struct pollfd watched = { .fd = end->fd, .events = POLLIN };
      (void) poll (&watched, 1, 10);
      end->deaf = FALSE;
      got = gnutls_record_recv (end->session, bytes, size);
    }
  while (got < 0 && g_get_monotonic_time () < deadline);
  return got;
}
