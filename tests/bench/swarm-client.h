/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "swarm-document.h"

#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* One client of a swarm: signs in, opens its tunnel and the datagram channel, answers the server,
 * and goes as it is told.  Never waits: whoever made it waits for all of them (epoll). */

typedef struct _SwarmClient SwarmClient;

typedef struct
{
  SpEndpoint server;
  guint32 first_source; /* own address of client 0, host order; 0 = all have the machine's */
  guint32 target;       /* inside the tunnel, answers pings; host order */
  char **logins;        /* taken in turn */
  guint n_logins;
  char *password;
  gboolean datagrams;
  gboolean greets;      /* pings once the tunnel is up, and is settled when that is answered */
  gboolean only_shakes; /* leaves after the TLS handshake */
  int epoll;
  gnutls_certificate_credentials_t credentials;
  gnutls_priority_t stream_priority;
  gnutls_priority_t datagram_priority;

  /* For who does more with them; NULL = the usual */
  void (*packet_cb) (SwarmClient *client, const guint8 *packet, gsize length);
  int (*open_datagrams) (SwarmClient *client); /* a connected socket, which is the client's then */
  gnutls_push_func push_datagram;              /* its pointer is the SwarmEnd */
} SwarmPlan;

typedef enum
{
  SWARM_CONNECTING,
  SWARM_HANDSHAKE,
  SWARM_SIGN_IN,
  SWARM_CONNECT, /* has asked for its tunnel */
  SWARM_TUNNEL,
  SWARM_AWAY, /* without a connection, on purpose */
  SWARM_ENDED /* `because` says why */
} SwarmState;

typedef enum
{
  SWARM_NO_DATAGRAMS,
  SWARM_DATAGRAM_HANDSHAKE,
  SWARM_DATAGRAMS
} SwarmChannel;

/* What an epoll event belongs to. */
typedef struct
{
  SwarmClient *client;
  gboolean is_datagram;
  int fd;
  gnutls_session_t session;
  gint64 heard; /* when the server last said something, or was asked to */
  void (*send) (gpointer data, const guint8 *frame, gsize size); /* NULL: GnuTLS does it */
  gpointer send_data;
} SwarmEnd;

struct _SwarmClient
{
  const SwarmPlan *plan;
  guint number;
  SwarmState state;
  SwarmChannel channel;
  const char *because;
  SwarmEnd stream;
  SwarmEnd datagram;
  gnutls_psk_client_credentials_t key;
  GString *answer;
  SwarmFacts facts;
  /* Moments of the monotonic clock, microseconds; 0 = not yet */
  gint64 began;
  gint64 signed_in;
  gint64 connected;
  gint64 has_datagrams;
  gint64 pinged;
  gint64 ponged;
};

SwarmClient *swarm_client_new (const SwarmPlan *plan, guint number);
void swarm_client_free (SwarmClient *client);

/* Begins a connection: with the cookie, if it has one. */
void swarm_client_begin (SwarmClient *client);
/* Something happened at this end. */
void swarm_client_ready (SwarmEnd *end);
/* Time has passed: lost datagrams of a handshake are sent again. */
void swarm_client_tick (SwarmClient *client);
/* About every second: a silent server is asked whether it is there, on both channels, as stock
 * clients do. */
void swarm_client_probe (SwarmClient *client);

/* The tunnel is up, and the datagram channel if it is to have one; or nothing more will come. */
gboolean swarm_client_is_settled (const SwarmClient *client);
void swarm_client_ping (SwarmClient *client);
void swarm_client_break (SwarmClient *client); /* without a word: the session waits for it */
void swarm_client_leave (SwarmClient *client); /* for good */

/* For swarm-datagram.c */
void swarm_client_watch (SwarmEnd *end, guint32 events);
int swarm_client_open_socket (const SwarmClient *client, int type, guint16 port);
void swarm_client_send (SwarmEnd *end, guint8 type, const guint8 *payload, gsize length);
/* One frame came, from either end. */
void swarm_client_take (SwarmEnd *end, guint8 type, const guint8 *payload, gsize length);
void swarm_datagram_begin (SwarmClient *client);
void swarm_datagram_ready (SwarmClient *client);
void swarm_datagram_end (SwarmClient *client);

G_END_DECLS
