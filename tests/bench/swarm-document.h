/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* What a client of the swarm says and hears before its tunnel is up.  It only knows as much of HTTP
 * and XML as the two servers use: this is no model of a client. */

#define SWARM_COOKIE_MAX 127

/* What the server told this client. */
typedef struct
{
  char context[SWARM_COOKIE_MAX + 1]; /* of the sign-in that goes on; "" = none */
  char cookie[SWARM_COOKIE_MAX + 1];  /* of the session; "" = not signed in */
  guint32 address;                    /* inside the tunnel, host order */
  guint8 app_id[SP_APP_ID_SIZE];
  guint16 datagram_port; /* 0 = no DTLS */
  guint16 mtu;           /* of packets inside, by its datagrams if there are any */
} SwarmFacts;

char *swarm_document_hello (void);
/* Answers the form that the last answer held with as much of both as it asks for. */
char *swarm_document_sign_in (const SwarmFacts *facts,
                              const char *form,
                              const char *login,
                              const char *password);
char *swarm_document_connect (const SwarmFacts *facts, gboolean datagrams);

/* A head, and as much of a body as it promises. */
gboolean swarm_document_is_whole (const GString *answer);
/* The status; 0 if it is no answer.  What is new is put into the facts. */
guint swarm_document_read (const GString *answer, SwarmFacts *facts);
gboolean swarm_document_is_form (const GString *answer);

G_END_DECLS
