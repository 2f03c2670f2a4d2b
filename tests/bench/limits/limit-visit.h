/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <gnutls/gnutls.h>

#include "limit-device.h"

G_BEGIN_DECLS

/* One connection, from its handshake to its end.  Its suites and its curve are the cheapest that
 * clients offer to every server. */

#define LIMIT_CIPHERS ":-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM"
#define LIMIT_STREAMS                                                                              \
  "NORMAL:%SERVER_PRECEDENCE:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X25519:+GROUP-"              \
  "SECP256R1" LIMIT_CIPHERS
#define LIMIT_DATAGRAMS                                                                            \
  "NORMAL:%SERVER_PRECEDENCE:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK" LIMIT_CIPHERS
#define LIMIT_SESSIONS_MAX 1024
/* Who signs in by this name has all large datagrams received and forgotten. */
#define LIMIT_RECEIVER "receiver"

/* All that processes tell each other. */
typedef struct
{
  guint n_used; /* sessions */
  gboolean only_receives[LIMIT_SESSIONS_MAX];
} LimitShared;

/* What all processes are born with. */
typedef struct
{
  gnutls_certificate_credentials_t credentials;
  gnutls_priority_t stream_priority;
  gnutls_priority_t datagram_priority;
  char *verifier; /* as crypt(3) has it */
  guint n_sessions;
  int *devices; /* one a session */
  LimitShared *shared;
} LimitHouse;

/* As costly as the verifiers of the server that is compared with the limit: what libcrypt chooses.
 */
char *limit_visit_make_verifier (const char *password);
/* A handshake and no more; the socket stays the caller's. */
void limit_visit_rehearse (const LimitHouse *house, int fd);
/* Returns when the client is gone. */
void limit_visit_serve (const LimitHouse *house, int fd);

G_END_DECLS
