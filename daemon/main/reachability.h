/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "reach-judgement.h"
#include "session-registry.h"
#include "store.h"
#include "surroundings.h"
#include "walls/main-courier.h"
#include "walls/main-worker.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* What shows that people reach the server from outside: clients that came from there, and a link
 * that somebody opened there.  Remembered over restarts, and good for the place where it was seen.
 * Signal: "changed". */
#define SP_TYPE_REACHABILITY (sp_reachability_get_type ())
G_DECLARE_FINAL_TYPE (SpReachability, sp_reachability, SP, REACHABILITY, GObject)

#define SP_REACH_TEST_SECONDS 600 /* that a link is good, if nobody says otherwise */

/* Borrows the store. */
SpReachability *sp_reachability_new (SpStore *store,
                                     SpSurroundings *surroundings,
                                     SpSessionRegistry *sessions);

/* Begins a test in the place of one that runs: the token of its link, which leads to this host, is
 * good once, for so many seconds.  It is kept nowhere. */
void sp_reachability_begin_test (SpReachability *self,
                                 const char *host,
                                 guint seconds,
                                 guint8 ret_token[SP_TOKEN_SIZE]);

/* Somebody at this address opened a link whose token has this digest. */
SpReachAnswer sp_reachability_hear (SpReachability *self, const guint8 *digest, const guint8 *peer);

/* An address of this network that somebody outside of this computer told. */
typedef struct
{
  guint8 address[SP_ADDRESS_SIZE]; /* unset: nobody did */
  gint64 told_at;                  /* when it was asked for last, microseconds since the epoch */
} SpReachSighting;

/* The router's own address outside, as it says, and the one that others see. */
void sp_reachability_set_outside (SpReachability *self,
                                  const SpReachSighting *router,
                                  const SpReachSighting *seen);
/* When a provider of dynamic DNS was told last, 0: never; name servers may not know of it yet. */
void sp_reachability_set_told (SpReachability *self, gint64 told_at);
/* What name servers say of the name under which people look for the server; NULL: nothing. */
void sp_reachability_set_name (SpReachability *self, const char *name, const SpNameLookedUp *said);

/* Fills in what is known here; the rest of the facts is left alone. */
void sp_reachability_collect (SpReachability *self, SpReachFacts *facts);
/* When the test of now ends or ended, microseconds since the epoch; 0: there is none. */
gint64 sp_reachability_get_test_end (SpReachability *self);
/* From where its link was opened, and when; NULL: it was not. */
const char *sp_reachability_get_opener (SpReachability *self, gint64 *ret_at);
/* The name that is looked at, and the one of its addresses that matters, as text; NULL: there is
 * none. */
const char *sp_reachability_get_name (SpReachability *self, char **ret_address);
/* Under which address others see this computer, as far as is known, as text; NULL: it is not. */
char *sp_reachability_find_seen (SpReachability *self);
/* This computer's address towards the internet, IPv4 if there is one, as text; NULL: none. */
char *sp_reachability_find_address (SpReachability *self);
/* The best of its addresses that others may reach, as text; NULL: none is known. */
char *sp_reachability_find_public_address (SpReachability *self);

G_END_DECLS
