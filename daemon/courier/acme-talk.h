/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-courier.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Requests to an authority, one at a time: each with a nonce (RFC 8555 6.5), signed by somebody
 * else, and sent again where the nonce was too old. */
typedef struct _SpAcmeTalk SpAcmeTalk;

typedef struct
{
  SpOrderOutcome outcome; /* DONE: an answer that is a success */
  guint16 status;         /* of HTTP, 0: there was none */
  guint32 seconds;        /* after which to ask again, 0: it does not say */
  const char *location;   /* that may be fetched; NULL: it names none */
  const guint8 *body;
  gsize size;
} SpAcmeAnswer;

/* Neither is called from inside a call; `answered` may begin the next request, or free all. */
typedef struct
{
  void (*sign) (gpointer user_data, const SpSignRequest *request);
  void (*answered) (gpointer user_data, const SpAcmeAnswer *answer);
} SpAcmeTalkEvents;

/* `trust`: certificates as PEM that may have signed that of the authority, besides those that the
 * session trusts. */
SpAcmeTalk *sp_acme_talk_new (SoupSession *session,
                              const char *trust,
                              const SpAcmeTalkEvents *events,
                              gpointer user_data);
void sp_acme_talk_free (SpAcmeTalk *self);

/* Where nonces are, and who asks; lent. */
void sp_acme_talk_set_nonces (SpAcmeTalk *self, const char *url);
void sp_acme_talk_set_account (SpAcmeTalk *self, const char *url);

void sp_acme_talk_get (SpAcmeTalk *self, const char *url);
void sp_acme_talk_post (SpAcmeTalk *self, SpAcmeKind kind, const char *url);
/* The answer to `sign`; empty: it is not signed. */
void sp_acme_talk_signed (SpAcmeTalk *self, const guint8 *request, gsize size);

G_END_DECLS
