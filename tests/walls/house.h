/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-nursery.h"
#include "walls/main-worker.h"
#include "walls/worker-keyholder.h"

#include <gnutls/abstract.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* A house around the real nursery and its real workers: the test is main and keyholder at once, in
 * one thread, and gives the walls a turn whenever the client has to wait. */

typedef struct
{
  pid_t nursery;
  int wall;
  SpPermit permit;
  gnutls_privkey_t key;
  gnutls_datum_t certificate; /* DER */
  guint64 last_worker;
} SpHouse;

#define SP_HOUSE_PASSWORD "open sesame"
#define SP_HOUSE_LOGIN    "joe"
#define SP_HOUSE_CODE     "123456"

typedef struct
{
  SpHouse *house;
  guint64 number;
  pid_t pid;
  int pidfd;
  gboolean exited;
  int exit_status;

  int main_wall;
  SpPermit main_permit;
  int keyholder_wall;
  SpPermit keyholder_permit;

  /* How main and keyholder behave */
  gboolean refuses_to_sign;
  gboolean never_answers; /* questions to the keyholder */
  int next_verdict;       /* an SpLogin instead of the honest one, or -1 */
  const char *prompt;     /* with CODE_WANTED; NULL: none */
  gboolean grants;        /* a tunnel, when asked */
  guint8 reach;           /* SpReachAnswer: what main says of a test of reachability */
  SpTunnelGranted grant;
  guint8 cookie[SP_COOKIE_SIZE]; /* that is given and accepted, also as a ticket */

  /* What was heard */
  guint heard[SP_WALL_MESSAGES_MAX]; /* wall A, by type: how often */
  guint8 last_heard;
  guint n_verify_signatures;
  guint n_digest_signatures;
  guint n_renewal_signatures;
  guint n_tries;
  guint n_codes;
  guint n_logouts; /* of the cookie that was given */
  SpTunnelRequested requested;
  SpAttached attached;
  SpReport report;
  SpClientLeft left;
  SpReachAsked reach_asked;
  guint32 current_association;
  guint32 closed_association;
  guint32 proven_stray;
  guint32 mtu_changed;

  int tun; /* our end of what stands for the TUN */
} SpHouseWorker;

/* Own network namespace with its loopback up; FALSE if this system does not let us. */
gboolean sp_house_enter_namespace (void);

/* Starts SP_NURSERY (environment) and equips it. */
SpHouse *sp_house_new (void);
void sp_house_free (SpHouse *house);

SpHouseWorker *sp_house_fork (SpHouse *house);
void sp_house_worker_free (SpHouseWorker *worker);

/* Gives a connected TCP socket to the worker; returns the client's end. */
int sp_house_adopt (SpHouseWorker *worker);

/* Serves nursery's wall, wall A and wall B, waiting at most that long for something. */
void sp_house_turn (SpHouseWorker *worker, int milliseconds);
/* Until that message has been heard on wall A, that often; fails the test after 10 seconds. */
void sp_house_await (SpHouseWorker *worker, guint8 type, guint times);
void sp_house_await_exit (SpHouseWorker *worker);

/* Says something on wall A, whatever the table allows.  `fd` may be -1 and is lent. */
void sp_house_say (SpHouseWorker *worker, guint8 type, gconstpointer message, int fd);

/* Into what stands for the TUN, and expects exactly this one from it next, with an empty header. */
void sp_house_put_packet (SpHouseWorker *worker, gconstpointer packet, gsize size);
void sp_house_expect_packet (SpHouseWorker *worker, gconstpointer packet, gsize size);
/* The worker says how its client left, and nothing after that. */
void sp_house_expect_left (SpHouseWorker *worker, SpLeft how);

guint32 sp_house_get_drops (const SpHouseWorker *worker, SpDrop cause); /* of the last report */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHouse, sp_house_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHouseWorker, sp_house_worker_free)

G_END_DECLS
