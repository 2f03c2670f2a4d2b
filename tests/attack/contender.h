/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "swarm-document.h"
#include "base/endpoint.h"

#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* One of many connections that come with the same cookie.  Never waits: whoever made it waits for
 * all of them (poll). */

#define CONTENDER_TEXT_MAX 127

typedef struct
{
  SpEndpoint server;
  guint32 first_source; /* own address of contender 0, host order; 0 = all have the machine's */
  guint32 target;       /* inside the tunnel, answers pings; host order; 0 = nobody is asked */
  SwarmFacts facts;     /* with the cookie */
  gnutls_certificate_credentials_t credentials;
} ContenderPlan;

typedef enum
{
  CONTENDER_HANDSHAKE,
  CONTENDER_READY,  /* TLS is up, nothing was said */
  CONTENDER_ASKED,  /* has shown the cookie */
  CONTENDER_TUNNEL, /* was let in */
  CONTENDER_OVER
} ContenderState;

typedef struct
{
  const ContenderPlan *plan;
  guint number;
  ContenderState state;
  int fd;
  gboolean has_begun; /* its hello is out */
  gnutls_session_t session;
  SpEndpoint local;
  GString *answer;
  SwarmFacts facts;
  guint status;                         /* of the answer; 0 = none came */
  char reason[CONTENDER_TEXT_MAX + 1];  /* X-Reason of the answer */
  char goodbye[CONTENDER_TEXT_MAX + 1]; /* what the server said at the end of the tunnel */
  gboolean was_told;                    /* there was a goodbye, if only without words */
  gboolean answers;                     /* the server has answered `contender_ask` */
  /* Moments of the monotonic clock, microseconds; 0 = not yet */
  gint64 asked;
  gint64 answered;
  gint64 ended;
} Contender;

/* Connects; 10.0.N.1 is the address of contender N where the first source is 10.0.0.1. */
Contender *contender_new (const ContenderPlan *plan, guint number);
void contender_free (Contender *contender);

short contender_get_events (const Contender *contender); /* for poll() */
void contender_ready (Contender *contender);             /* poll() said something */

void contender_connect (Contender *contender);     /* shows the cookie */
void contender_ask (Contender *contender);         /* whether it still has the tunnel */
void contender_leave (Contender *contender);       /* signs out */
void contender_print (const Contender *contender); /* an object of JSON, to standard output */

G_END_DECLS
