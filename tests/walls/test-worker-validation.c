/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/endpoint.h"
#include "base/io.h"
#include "house.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/socket.h>

/* What a worker shows an authority that looks for the server (RFC 8737), and others meanwhile. */

#define NAME       "vpn.example.net"
#define PROTOCOL   "acme-tls/1"
#define IDENTIFIER "1.3.6.1.5.5.7.1.31"
#define PATIENCE   (30 * G_USEC_PER_SEC)

typedef struct
{
  const char *name;     /* that the client asks for */
  const char *protocol; /* that it offers; NULL: none */
  const char *validated;
  gboolean shown;
} Case;

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  int fd;
  gnutls_session_t session;
  gnutls_certificate_credentials_t credentials;
} Fixture;

static const guint8 digest[SP_VALIDATION_SIZE] = "0123456789abcdef0123456789abcdef";

static int
connect_pair (int *ret_server)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (0x7f000001) };
  socklen_t size = sizeof address;
  sp_autofd int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  g_assert_cmpint (getsockname (listener, (struct sockaddr *) &address, &size), ==, 0);
  g_assert_cmpint (connect (client, (struct sockaddr *) &address, size), ==, 0);
  *ret_server = accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  g_assert_cmpint (*ret_server, >=, 0);
  g_assert_cmpint (fcntl (client, F_SETFL, O_NONBLOCK), ==, 0);
  return client;
}

static void
begin (Fixture *self, const Case *one)
{
  gnutls_datum_t protocol = { (guint8 *) one->protocol, 0 };

  g_assert_cmpint (gnutls_certificate_allocate_credentials (&self->credentials), ==, 0);
  g_assert_cmpint (gnutls_init (&self->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK), ==, 0);
  g_assert_cmpint (gnutls_set_default_priority (self->session), ==, 0);
  g_assert_cmpint (
      gnutls_credentials_set (self->session, GNUTLS_CRD_CERTIFICATE, self->credentials), ==, 0);
  g_assert_cmpint (
      gnutls_server_name_set (self->session, GNUTLS_NAME_DNS, one->name, strlen (one->name)), ==,
      0);
  if (one->protocol != NULL)
    {
      protocol.size = (unsigned) strlen (one->protocol);
      g_assert_cmpint (gnutls_alpn_set_protocols (self->session, &protocol, 1, 0), ==, 0);
    }
  gnutls_transport_set_int (self->session, self->fd);
  g_assert_cmpint (gnutls_handshake (self->session), ==, GNUTLS_E_AGAIN); /* the hello is out */
}

static void
adopt (Fixture *self, const Case *one, int server)
{
  g_autofree SpAdoptClient *message = g_new0 (SpAdoptClient, 1);

  message->peer_port = 1;
  message->local_port = 443;
  message->sign_in = SP_ADOPT_PASSWORDS;
  sp_address_from_ipv4 (message->peer_address, 0x7f000001);
  sp_address_from_ipv4 (message->local_address, 0x7f000001);
  message->validated_name_length = (guint16) strlen (one->validated);
  memcpy (message->validated_name, one->validated, message->validated_name_length);
  memcpy (message->validation, digest, sizeof digest);
  sp_house_say (self->worker, SP_MESSAGE_ADOPT_CLIENT, message, server);
  sp_permit_enter (&self->worker->main_permit, SP_MAIN_WORKER_CLIENT);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  const Case *one = data;
  sp_autofd int server = -1;
  gint64 until = g_get_monotonic_time () + PATIENCE;
  int code;

  self->house = sp_house_new ();
  self->worker = sp_house_fork (self->house);
  self->fd = connect_pair (&server);
  begin (self, one);
  adopt (self, one, server);
  sp_fd_clear (&server);
  while ((code = gnutls_handshake (self->session)) < 0 && !gnutls_error_is_fatal (code))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      sp_house_turn (self->worker, 5);
    }
  g_assert_cmpint (code, ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gnutls_deinit (self->session);
  gnutls_certificate_free_credentials (self->credentials);
  sp_fd_clear (&self->fd);
  sp_house_worker_free (self->worker);
  sp_house_free (self->house);
}

static gnutls_x509_crt_t
read_shown (Fixture *self)
{
  unsigned n = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers (self->session, &n);
  gnutls_x509_crt_t certificate;

  g_assert_cmpuint (n, >=, 1);
  g_assert_cmpint (gnutls_x509_crt_init (&certificate), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_import (certificate, &chain[0], GNUTLS_X509_FMT_DER), ==, 0);
  return certificate;
}

/* RFC 8737 3: one name, and the digest in an extension that is critical. */
static void
expect_validation (gnutls_x509_crt_t certificate)
{
  guint8 octets[64];
  char name[64];
  gsize size = sizeof octets;
  gsize name_size = sizeof name;
  unsigned critical = 0;

  g_assert_cmpint (
      gnutls_x509_crt_get_extension_by_oid (certificate, IDENTIFIER, 0, octets, &size, &critical),
      ==, 0);
  g_assert_cmpuint (critical, ==, 1);
  g_assert_cmpmem (octets, 2, "\x04\x20", 2);
  g_assert_cmpmem (octets + 2, size - 2, digest, sizeof digest);
  g_assert_cmpint (gnutls_x509_crt_get_subject_alt_name (certificate, 0, name, &name_size, NULL),
                   ==, GNUTLS_SAN_DNSNAME);
  g_assert_cmpmem (name, name_size, NAME, strlen (NAME));
  name_size = sizeof name;
  g_assert_cmpint (gnutls_x509_crt_get_subject_alt_name (certificate, 1, name, &name_size, NULL),
                   ==, GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
}

static void
test_shown (Fixture *self, gconstpointer data)
{
  const Case *one = data;
  gnutls_x509_crt_t certificate = read_shown (self);
  guint8 octets[64];
  gsize size = sizeof octets;
  gnutls_datum_t protocol = { NULL, 0 };

  if (one->shown)
    {
      g_assert_cmpint (gnutls_alpn_get_selected_protocol (self->session, &protocol), ==, 0);
      g_assert_cmpmem (protocol.data, protocol.size, PROTOCOL, strlen (PROTOCOL));
      expect_validation (certificate);
      sp_house_expect_left (self->worker, SP_LEFT_SERVED);
    }
  else
    g_assert_cmpint (
        gnutls_x509_crt_get_extension_by_oid (certificate, IDENTIFIER, 0, octets, &size, NULL), <,
        0);
  gnutls_x509_crt_deinit (certificate);
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { NAME, PROTOCOL, NAME, TRUE },    { NAME, NULL, NAME, FALSE },
    { NAME, "http/1.1", NAME, FALSE }, { "other.example.net", PROTOCOL, NAME, FALSE },
    { NAME, PROTOCOL, "", FALSE },
  };
  static const char *const paths[] = { "authority", "client", "browser", "another-name", "nobody" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/worker-validation/%s", paths[i]);

      g_test_add (path, Fixture, &cases[i], set_up, test_shown, tear_down);
    }
  return g_test_run ();
}
