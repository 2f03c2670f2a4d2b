/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"
#include "walls/acme.h"

G_BEGIN_DECLS

/* Has an authority (RFC 8555) certify the names of this server while it is on and the settings say
 * so, as acme-plan.h says: a courier speaks with it, the keyholder signs and keeps the keys, door
 * and workers let it find the server (RFC 8737), and the server serves with what comes. */
typedef struct _SpAcme SpAcme;

typedef enum
{
  SP_ACME_OFF,      /* the settings do not want it, or the server is not on */
  SP_ACME_WAITING,  /* it is ordered in a while */
  SP_ACME_ORDERING, /* a courier is on its way */
  SP_ACME_CURRENT,  /* there is a certificate, and it is renewed in time */
  SP_ACME_FAILED,   /* there is none, or it could not be renewed, and the owner should see to it */
  SP_ACME_LAST = SP_ACME_FAILED
} SpAcmeState;

/* How far an order is, told by what the account was last told the authority. */
typedef enum
{
  SP_ACME_ASKING,     /* who we are, and for which names */
  SP_ACME_PROVING,    /* that they lead here */
  SP_ACME_CERTIFYING, /* the request has gone there */
  SP_ACME_STEP_LAST = SP_ACME_CERTIFYING
} SpAcmeStep;

/* For people and programs; texts are constant. */
typedef struct
{
  SpAcmeState state;
  SpAcmeStep step;      /* of an order that is under way */
  char certificate[33]; /* that came last, as its object is named; empty: none */
  gint64 next_at;       /* when one is ordered next, µs since the epoch; 0: not by itself */
  const char *reason;   /* a word for why it failed last, empty: it did not */
  const char *advice;   /* likewise a sentence with what mends it */
} SpAcmeCondition;

/* `changed` is called when the condition may be another.  The server is the owner, and opens its
 * parts before. */
typedef void (*SpAcmeChanged) (SpServer *server);
SpAcme *sp_acme_new (SpServer *server, const char *libexec_folder, SpAcmeChanged changed);
void sp_acme_free (SpAcme *self);

/* To be called when the server, its keyholder or its settings changed. */
void sp_acme_look (SpAcme *self);
/* Orders now, whatever came of it before.  Errors: SP_ERROR_NOT_SUPPORTED. */
gboolean sp_acme_order (SpAcme *self, GError **error);

void sp_acme_get_condition (SpAcme *self, SpAcmeCondition *ret);
/* Whether there is an order that may prove names in this way. */
gboolean sp_acme_is_proving (SpAcme *self, SpAcmeWay way);

/* server-acme.c: the same of the server's, whose property acme changes with it. */
void sp_server_get_acme (SpServer *self, SpAcmeCondition *ret);
gboolean sp_server_order_certificate (SpServer *self, GError **error);
gboolean sp_server_is_proving (SpServer *self, SpAcmeWay way);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpAcme, sp_acme_free)

G_END_DECLS
