/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "codec/cstp-frame.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE_SECONDS 10

static gint64
patience (void)
{
  return g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;
}

static int
count_retry_request (gnutls_session_t session,
                     unsigned int type,
                     unsigned int when,
                     unsigned int incoming,
                     const gnutls_datum_t *body)
{
  SpVpnClient *self = gnutls_session_get_ptr (session);

  self->n_retry_requests++;
  return 0;
}

SpVpnClient *
sp_vpn_client_new (SpHouseWorker *worker, const char *priority)
{
  SpVpnClient *self = g_new0 (SpVpnClient, 1);

  self->worker = worker;
  self->fd = sp_house_adopt (worker);
  g_assert_cmpint (gnutls_certificate_allocate_credentials (&self->credentials), ==, 0);
  g_assert_cmpint (
      gnutls_init (&self->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_KEY_SHARE_TOP), ==, 0);
  g_assert_cmpint (gnutls_priority_set_direct (self->session, priority, NULL), ==, 0);
  g_assert_cmpint (
      gnutls_credentials_set (self->session, GNUTLS_CRD_CERTIFICATE, self->credentials), ==, 0);
  g_assert_cmpint (fcntl (self->fd, F_SETFL, O_NONBLOCK), ==, 0);
  gnutls_transport_set_int (self->session, self->fd);
  gnutls_session_set_ptr (self->session, self);
  gnutls_handshake_set_hook_function (self->session, GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST,
                                      GNUTLS_HOOK_PRE, count_retry_request);
  return self;
}

void
sp_vpn_client_free (SpVpnClient *self)
{
  gnutls_deinit (self->session);
  gnutls_certificate_free_credentials (self->credentials);
  sp_fd_clear (&self->fd);
  g_free (self);
}

int
sp_vpn_client_handshake (SpVpnClient *self)
{
  gint64 until = patience ();
  gnutls_datum_t server, client;
  int code;

  while ((code = gnutls_handshake (self->session)) < 0 && !gnutls_error_is_fatal (code))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      sp_house_turn (self->worker, 5);
    }
  gnutls_session_get_random (self->session, &client, &server);
  memcpy (self->server_random, server.data, sizeof self->server_random);
  return code;
}

void
sp_vpn_client_send (SpVpnClient *self, gconstpointer bytes, gsize size)
{
  gint64 until = patience ();
  gssize sent;

  while ((sent = gnutls_record_send (self->session, bytes, size)) == GNUTLS_E_AGAIN)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      sp_house_turn (self->worker, 5);
    }
}

gssize
sp_vpn_client_receive (SpVpnClient *self, gpointer buffer, gsize size)
{
  gint64 until = patience ();
  gssize received;

  while ((received = gnutls_record_recv (self->session, buffer, size)) == GNUTLS_E_AGAIN ||
         received == GNUTLS_E_WARNING_ALERT_RECEIVED)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      sp_house_turn (self->worker, 5);
    }
  return received;
}

static gboolean
wait_for_input (SpHouseWorker *worker, int fd, guint milliseconds)
{
  gint64 until = g_get_monotonic_time () + (gint64) milliseconds * 1000;
  struct pollfd ready = { .fd = fd, .events = POLLIN };

  do
    {
      if (poll (&ready, 1, 0) > 0)
        return TRUE;
      sp_house_turn (worker, 5);
    }
  while (g_get_monotonic_time () < until);
  return FALSE;
}

gboolean
sp_vpn_client_has_input (SpVpnClient *self, guint milliseconds)
{
  return gnutls_record_check_pending (self->session) > 0 ||
         wait_for_input (self->worker, self->fd, milliseconds);
}

/* Whether a whole answer is there: the head, and as much as it promises. */
static gboolean
is_complete (const GString *answer)
{
  const char *end = strstr (answer->str, "\r\n\r\n");
  const char *length = strstr (answer->str, "Content-Length: ");

  if (end == NULL)
    return FALSE;
  if (length == NULL || length > end)
    return TRUE;
  return answer->len >= (gsize) (end - answer->str) + 4 + strtoul (length + 16, NULL, 10);
}

char *
sp_vpn_client_ask (SpVpnClient *self, const char *request)
{
  g_autoptr (GString) answer = g_string_new (NULL);
  char record[16384];
  gssize size;

  sp_vpn_client_send (self, request, strlen (request));
  while (!is_complete (answer))
    {
      size = sp_vpn_client_receive (self, record, sizeof record);
      if (size <= 0)
        return NULL;
      g_string_append_len (answer, record, size);
    }
  return g_string_free (g_steal_pointer (&answer), FALSE);
}

char *
sp_vpn_client_post (SpVpnClient *self, const char *path, const char *body)
{
  g_autofree char *request = g_strdup_printf (
      "POST %s HTTP/1.1\r\nHost: vpn\r\nUser-Agent: Open AnyConnect VPN Agent v9.01\r\n"
      "X-Aggregate-Auth: 1\r\nContent-Type: application/xml; charset=utf-8\r\n"
      "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
      path, strlen (body), body);

  return sp_vpn_client_ask (self, request);
}

void
sp_vpn_client_login (SpVpnClient *self)
{
  char cookie[2 * SP_COOKIE_SIZE + 1];
  g_autofree char *form = sp_vpn_client_post (
      self, "/",
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><config-auth client=\"vpn\" type=\"init\">"
      "<version who=\"vpn\">v9.01</version></config-auth>");
  g_autofree char *done = NULL;
  g_autofree char *field = NULL;

  g_assert_nonnull (form);
  g_assert_true (g_str_has_prefix (form, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (form, "action=\"/auth\""));
  done = sp_vpn_client_post (
      self, "/auth",
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><config-auth client=\"vpn\" type=\"auth-reply\">"
      "<auth><username>" SP_HOUSE_LOGIN "</username><password>" SP_HOUSE_PASSWORD
      "</password></auth></config-auth>");
  g_assert_nonnull (done);
  g_assert_true (g_str_has_prefix (done, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (done, "id=\"success\""));
  sp_hex_encode (self->worker->cookie, SP_COOKIE_SIZE, cookie);
  field = g_strdup_printf ("\r\nSet-Cookie: webvpn=%s; Secure; HttpOnly\r\n", cookie);
  g_assert_nonnull (strstr (done, field));
}

char *
sp_vpn_client_connect (SpVpnClient *self, const char *fields)
{
  char cookie[2 * SP_COOKIE_SIZE + 1];
  g_autofree char *request = NULL;

  sp_hex_encode (self->worker->cookie, SP_COOKIE_SIZE, cookie);
  request = g_strdup_printf (
      "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\nHost: vpn\r\n"
      "User-Agent: Open AnyConnect VPN Agent v9.01\r\nCookie: webvpn=%s\r\n"
      "X-CSTP-Version: 1\r\nX-CSTP-Hostname: laptop\r\nX-CSTP-Base-MTU: 1500\r\n"
      "X-CSTP-Address-Type: IPv6,IPv4\r\nX-CSTP-Full-IPv6-Capability: true\r\n%s\r\n",
      cookie, fields);
  return sp_vpn_client_ask (self, request);
}

void
sp_vpn_client_send_frame (SpVpnClient *self, guint8 type, gconstpointer payload, gsize size)
{
  guint8 frame[16384];

  g_assert_cmpuint (SP_CSTP_HEADER_SIZE + size, <=, sizeof frame);
  sp_cstp_write_header (frame, type, (guint16) size);
  if (size > 0)
    memcpy (frame + SP_CSTP_HEADER_SIZE, payload, size);
  sp_vpn_client_send (self, frame, SP_CSTP_HEADER_SIZE + size);
}

gsize
sp_vpn_client_receive_frame (SpVpnClient *self, guint8 *ret_type, guint8 *payload)
{
  guint8 record[16384];
  gssize size = sp_vpn_client_receive (self, record, sizeof record);
  const guint8 *inner;
  gsize length;

  g_assert_cmpint (size, >, 0);
  /* Stock clients insist on one frame in one record, exactly. */
  g_assert_cmpint (sp_cstp_read (record, (gsize) size, ret_type, &inner, &length), ==,
                   SP_CSTP_FRAME);
  if (length > 0)
    memcpy (payload, inner, length);
  return length;
}

void
sp_vpn_client_expect_frame (SpVpnClient *self, guint8 type, gconstpointer payload, gsize size)
{
  guint8 received[16384];
  guint8 received_type;
  gsize received_size = sp_vpn_client_receive_frame (self, &received_type, received);

  g_assert_cmpuint (received_type, ==, type);
  g_assert_cmpmem (received, received_size, payload, size);
}

gboolean
sp_dtls_client_has_input (SpDtlsClient *self, guint milliseconds)
{
  return wait_for_input (self->worker, self->fd, milliseconds);
}

gsize
sp_make_packet (guint8 *packet, const char *source, const char *destination, gsize payload)
{
  gsize size = 28 + payload;
  guint8 address[SP_ADDRESS_SIZE];

  memset (packet, 0, size);
  packet[0] = 0x45;
  packet[2] = (guint8) (size >> 8);
  packet[3] = (guint8) size;
  packet[8] = 64;
  packet[9] = 17;
  g_assert_true (sp_address_from_text (source, address));
  memcpy (packet + 12, address + 12, 4);
  g_assert_true (sp_address_from_text (destination, address));
  memcpy (packet + 16, address + 12, 4);
  for (gsize i = 28; i < size; i++)
    packet[i] = (guint8) (i * 7);
  return size;
}
