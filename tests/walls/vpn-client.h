/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/dtls-suite.h"
#include "house.h"

#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* A client that speaks TLS, HTTP, CSTP and DTLS as stock ones do, and otherwise as a test wishes.
 * While it waits, the house has its turns. */

typedef struct
{
  SpHouseWorker *worker;
  int fd;
  gnutls_session_t session;
  gnutls_certificate_credentials_t credentials;
  guint8 server_random[32];
  guint n_retry_requests;
} SpVpnClient;

#define SP_CLIENT_TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define SP_CLIENT_TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* The worker adopts it. */
SpVpnClient *sp_vpn_client_new (SpHouseWorker *worker, const char *priority);
void sp_vpn_client_free (SpVpnClient *client);

/* Returns the GnuTLS result: 0 when TLS is up. */
int sp_vpn_client_handshake (SpVpnClient *client);

void sp_vpn_client_send (SpVpnClient *client, gconstpointer bytes, gsize size); /* one record */
/* One record; 0 at the end of the connection, or a GnuTLS error. */
gssize sp_vpn_client_receive (SpVpnClient *client, gpointer buffer, gsize size);
/* The same, but NULL-safe for time: FALSE if nothing comes within that time. */
gboolean sp_vpn_client_has_input (SpVpnClient *client, guint milliseconds);

/* Sends a request and returns the answer, head and body; NULL if the connection ended instead. */
char *sp_vpn_client_ask (SpVpnClient *client, const char *request);
char *sp_vpn_client_post (SpVpnClient *client, const char *path, const char *body);
/* A whole sign-in: form and right password; the cookie is checked. */
void sp_vpn_client_login (SpVpnClient *client);
/* CONNECT with the worker's cookie; returns the head of the answer. `fields`: more header lines. */
char *sp_vpn_client_connect (SpVpnClient *client, const char *fields);

/* CSTP */
void sp_vpn_client_send_frame (SpVpnClient *client, guint8 type, gconstpointer payload, gsize size);
/* Expects one frame; returns the payload's size. */
gsize sp_vpn_client_receive_frame (SpVpnClient *client, guint8 *ret_type, guint8 *payload);
/* This one. */
void sp_vpn_client_expect_frame (SpVpnClient *client,
                                 guint8 type,
                                 gconstpointer payload,
                                 gsize size);

/* DTLS */
typedef struct
{
  SpHouseWorker *worker;
  int fd;
  int server_fd; /* what is handed to the worker; -1 afterwards */
  gnutls_session_t session;
  gnutls_psk_client_credentials_t credentials;
  gnutls_certificate_credentials_t no_certificate;
  guint8 hello[SP_FIRST_DATAGRAM_MAX]; /* the one with the cookie */
  gsize hello_size;
} SpDtlsClient;

/* Sends its hello, gets a cookie from the house's door, and is handed over as this association. */
SpDtlsClient *sp_dtls_client_new (SpVpnClient *client, guint32 association);
/* The same with a key that is not this TLS session's. */
SpDtlsClient *sp_dtls_client_new_with_key (SpVpnClient *client,
                                           guint32 association,
                                           const guint8 psk[SP_PSK_SIZE]);
/* Resumes the session of that id by its suite, without a cookie. */
SpDtlsClient *sp_dtls_client_new_resuming (SpVpnClient *client,
                                           guint32 association,
                                           const SpDtlsSuite *suite,
                                           const guint8 id[SP_APP_ID_SIZE],
                                           const guint8 master[SP_DTLS_MASTER_SIZE]);
void sp_dtls_client_free (SpDtlsClient *client);
int sp_dtls_client_handshake (SpDtlsClient *client);
/* The first record after the handshake, which makes it the current channel. */
void sp_dtls_client_speak_first (SpDtlsClient *client, guint32 association);
/* Both. */
void sp_dtls_client_become_current (SpDtlsClient *client, guint32 association);
void sp_dtls_client_send_frame (SpDtlsClient *client,
                                guint8 type,
                                gconstpointer payload,
                                gsize size);
/* One record; 0 or a GnuTLS error at the end. */
gssize sp_dtls_client_receive (SpDtlsClient *client, gpointer frame, gsize size);
gsize sp_dtls_client_receive_frame (SpDtlsClient *client, guint8 *ret_type, guint8 *payload);
gboolean sp_dtls_client_has_input (SpDtlsClient *client, guint milliseconds);

/* An IPv4 UDP packet between the two addresses, with that much payload; returns its size. */
gsize sp_make_packet (guint8 *packet, const char *source, const char *destination, gsize payload);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpVpnClient, sp_vpn_client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDtlsClient, sp_dtls_client_free)

G_END_DECLS
