/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* Both ends of a DTLS-PSK channel by GnuTLS: the client as openconnect does it (the id as session
 * id, identity "psk"), and the server as a worker does it (prestate and first datagram from the
 * door, then its own socket). */

typedef struct
{
  int fd;
  gnutls_session_t session;
  gnutls_psk_client_credentials_t client_credentials;
  gnutls_psk_server_credentials_t server_credentials;
  gnutls_certificate_credentials_t certificate_credentials;
  const guint8 *first; /* the server's first datagram, until it was pulled */
  gsize first_size;
  gboolean deaf;     /* after each push until the next step, so that a step ends where it should */
  guint8 sent[4096]; /* the last datagram that was pushed */
  gsize sent_size;
} DatagramEnd;

DatagramEnd *datagram_client_new (int fd, const guint8 app_id[SP_APP_ID_SIZE]);
/* To resume a session: with the id as session id, and no PSK.  `pre_standard`: version 0x0100. */
DatagramEnd *datagram_client_new_resuming (int fd,
                                           const guint8 id[SP_APP_ID_SIZE],
                                           gboolean pre_standard);
/* Borrows `first` until the handshake is over. */
DatagramEnd *datagram_server_new (int fd,
                                  const guint8 *prestate,
                                  const guint8 *first,
                                  gsize first_size);
void datagram_end_free (DatagramEnd *end); /* the socket stays open */

/* One step of the handshake: TRUE when it is over. */
gboolean datagram_end_step (DatagramEnd *end);
/* Goes on until the client has pushed something, without waiting for answers. */
void datagram_client_send_hello (DatagramEnd *client);

/* What comes within the time, decrypted. */
gssize datagram_end_receive (DatagramEnd *end, gpointer bytes, gsize size, guint milliseconds);

gboolean datagram_comes (int fd, guint milliseconds);
/* A raw datagram within the time; -1 if none. */
gssize datagram_receive (int fd, gpointer bytes, gsize size, guint milliseconds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DatagramEnd, datagram_end_free)

G_END_DECLS
