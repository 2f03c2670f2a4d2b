/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flood-hello.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define STREAMS   "NORMAL"
#define DATAGRAMS "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK"

typedef struct
{
  gnutls_session_t session;
  FloodHello *hello;
} Capture;

static ssize_t
push (gnutls_transport_ptr_t pointer, const void *bytes, size_t size)
{
  Capture *capture = pointer;
  FloodHello *hello = capture->hello;

  if (size > sizeof hello->bytes - hello->size)
    g_error ("a hello of more than %" G_GSIZE_FORMAT " bytes", sizeof hello->bytes);
  memcpy (hello->bytes + hello->size, bytes, size);
  hello->size += size;
  return (ssize_t) size;
}

static ssize_t
pull (gnutls_transport_ptr_t pointer, void *bytes, size_t size)
{
  Capture *capture = pointer;

  (void) bytes;
  (void) size;
  gnutls_transport_set_errno (capture->session, EAGAIN);
  return -1;
}

static int
pull_timeout (gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
  (void) pointer;
  (void) milliseconds;
  return 0;
}

static void
capture_hello (gnutls_session_t session, FloodHello *ret)
{
  Capture capture = { session, ret };

  gnutls_transport_set_ptr (session, &capture);
  gnutls_transport_set_push_function (session, push);
  gnutls_transport_set_pull_function (session, pull);
  gnutls_transport_set_pull_timeout_function (session, pull_timeout);
  (void) gnutls_handshake (session); /* gets as far as waiting for the answer */
  if (ret->size == 0)
    g_error ("GnuTLS makes no hello");
}

void
flood_hello_make (const char *name, FloodHello *ret)
{
  gnutls_session_t session = NULL;
  gnutls_certificate_credentials_t credentials = NULL;

  *ret = (FloodHello){ 0 };
  if (gnutls_certificate_allocate_credentials (&credentials) != 0 ||
      gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK) != 0 ||
      gnutls_priority_set_direct (session, STREAMS, NULL) != 0 ||
      gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials) != 0 ||
      (name != NULL && gnutls_server_name_set (session, GNUTLS_NAME_DNS, name, strlen (name)) != 0))
    g_error ("no TLS session");
  capture_hello (session, ret);
  gnutls_deinit (session);
  gnutls_certificate_free_credentials (credentials);
}

void
flood_hello_make_dtls (const guint8 id[SP_APP_ID_SIZE], FloodHello *ret)
{
  guint8 key[SP_PSK_SIZE] = { 1 };
  gnutls_datum_t key_bytes = { key, sizeof key };
  gnutls_datum_t id_bytes = { (guint8 *) id, SP_APP_ID_SIZE };
  gnutls_session_t session = NULL;
  gnutls_psk_client_credentials_t credentials = NULL;
  const guint8 *place;

  *ret = (FloodHello){ 0 };
  if (gnutls_psk_allocate_client_credentials (&credentials) != 0 ||
      gnutls_psk_set_client_credentials (credentials, "psk", &key_bytes, GNUTLS_PSK_KEY_RAW) != 0 ||
      gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) != 0 ||
      gnutls_priority_set_direct (session, DATAGRAMS, NULL) != 0 ||
      gnutls_credentials_set (session, GNUTLS_CRD_PSK, credentials) != 0 ||
      gnutls_session_set_id (session, &id_bytes) != 0)
    g_error ("no DTLS session");
  gnutls_dtls_set_mtu (session, 1472);
  capture_hello (session, ret);
  place = memmem (ret->bytes, ret->size, id, SP_APP_ID_SIZE);
  if (place == NULL)
    g_error ("the hello lacks its id");
  ret->id_offset = (gsize) (place - ret->bytes);
  gnutls_deinit (session);
  gnutls_psk_free_client_credentials (credentials);
}
