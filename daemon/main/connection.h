/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "holding.h"
#include "walls/main-door.h"
#include "walls/main-worker.h"

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* One worker as main sees it: from the moment it was asked for to the end of its process.  What the
 * worker says arrives as events; facts (peer, who logged in) are filled in by main. */
typedef struct _SpConnection SpConnection;

typedef struct
{
  void (*requested) (gpointer user_data, SpConnection *connection);
  void (*attached) (gpointer user_data, SpConnection *connection, guint32 mtu);
  void (*mtu_changed) (gpointer user_data, SpConnection *connection, guint32 mtu);
  void (*reported) (gpointer user_data, SpConnection *connection, const SpReport *report);
  /* Its client opened a link that may test reachability; see sp_connection_answer_reach. */
  void (*asked_reach) (gpointer user_data, SpConnection *connection, const guint8 *digest);
  /* A record that was offered is this client's; see sp_connection_roam. */
  void (*stray_proven) (gpointer user_data,
                        SpConnection *connection,
                        guint32 stray,
                        const SpEndpoint *peer,
                        const SpEndpoint *local);
  /* The client answered at the new address: packets go there now. */
  void (*roamed) (gpointer user_data, SpConnection *connection, const SpEndpoint *peer);
  /* An association is over; its socket may be taken. */
  void (*association_ended) (gpointer user_data, SpConnection *connection, int *fd);
  /* The process is gone.  The connection is freed when this returns. */
  void (*ended) (gpointer user_data, SpConnection *connection);
} SpConnectionEvents;

/* What main knows of it.  Written by main's own code only. */
typedef struct
{
  guint64 worker;
  guint generation; /* of the worker pool's, while it waits there */
  pid_t pid;
  SpEndpoint peer;
  SpEndpoint local;
  gboolean is_forwarded; /* the peer is what a proxy said */
  gint64 adopted_at;     /* monotonic µs; 0 while idle */
  gboolean is_known;     /* the keyholder named its user */
  gboolean is_killed;
  guint8 user[SP_ID_SIZE];
  gboolean may_tunnel; /* the keyholder accepted its cookie */
  guint64 turn;        /* and as which of all; a later one is newer */
  guint8 session[SP_ID_SIZE];
  gint64 signed_in;                       /* µs since the epoch; 0 = not known */
  guint8 signed_in_from[SP_ADDRESS_SIZE]; /* its cookie was earned there; unset = not known */
  guint8 device[SP_ID_SIZE];              /* and with this; all zero = none that is known */
  char group[SP_GROUP_NAME_MAX + 1];      /* and this was chosen then; empty: none */
  gboolean has_failed;                    /* gave a wrong password or cookie */
  guint64 attachment;                     /* the handle of its loan, 0 = none yet */
  SpTunnelRequested request; /* as the worker told; `has_request` says whether it did */
  gboolean has_request;
  guint8 drops[SP_DROP_CAUSES * 4]; /* as its last REPORT said */
  SpLeft left;                      /* what CLIENT_LEFT said; SP_LEFT_CLOSED until then */
  char left_text[SP_REASON_MAX + 1];
} SpConnectionFacts;

/* Takes `wall_fd`, main's end of wall A. */
SpConnection *sp_connection_new (guint64 worker,
                                 int wall_fd,
                                 const SpConnectionEvents *events,
                                 gpointer user_data);
/* Ends the worker if it still runs; `ended` does not come any more. */
void sp_connection_free (SpConnection *self);

SpConnectionFacts *sp_connection_get_facts (SpConnection *self);
/* One that an earlier main had, with its tunnel; takes its descriptors but for the TUN's. */
SpConnection *sp_connection_resume (SpKeptSession *kept,
                                    const SpConnectionEvents *events,
                                    gpointer user_data);
/* From now on it outlives this main, with what `record` says of it and of its session; again: with
 * another record.  Nothing while it has no tunnel.  `tun` is lent for the call. */
void sp_connection_keep (SpConnection *self, SpHolding *holding, SpKeepSession *record, int tun);
/* For who looks for a mistake: where its cookie came from. */
void sp_connection_log_cookie (SpConnection *self);
/* Takes the pidfd of the forked worker. */
void sp_connection_forked (SpConnection *self, pid_t pid, int pidfd);
gboolean sp_connection_is_idle (SpConnection *self); /* forked, and serves nobody */

/* What clients are shown that the owner chose; lent. */
typedef struct
{
  const char *stranger_answer;
  const char *login_banner;
  const char *groups; /* that the form offers, as ADOPT_CLIENT has them */
} SpConnectionTexts;

/* What an authority that looks for a name is shown, as ADOPT_CLIENT has it. */
typedef struct
{
  char name[SP_DOMAIN_MAX + 1]; /* lower case; empty: nobody looks */
  guint8 digest[SP_VALIDATION_SIZE];
} SpValidation;

/* Each sends one message of wall A and moves the phase with it. */
void sp_connection_adopt (SpConnection *self,
                          const SpEndpoint *peer,
                          const SpEndpoint *local,
                          const SpConnectionTexts *texts,
                          const SpValidation *validation,
                          guint8 sign_in,
                          int tcp_fd);
void sp_connection_grant (SpConnection *self, const SpTunnelGranted *granted, int tun_fd);
void sp_connection_refuse (SpConnection *self, guint16 status, const char *reason);
/* To who asked. */
void sp_connection_answer_reach (SpConnection *self, SpReachAnswer verdict);
/* Asks for the TUN.  It is back when `ended` comes, not before: whoever has had a descriptor can
 * have kept a copy.  RECALLED says that nothing is left to do, and ends the process. */
void sp_connection_recall (SpConnection *self);
void sp_connection_pause (SpConnection *self, gboolean on);
/* Another ALLOWANCE; FALSE while it can not take one. */
gboolean sp_connection_allow (SpConnection *self, guint64 allowance);
/* Ends the client, and the worker by force if it has not gone after two seconds. */
void sp_connection_stop (SpConnection *self, guint8 how, const char *text);
void sp_connection_kill (SpConnection *self);
/* The worker has the tunnel and acknowledged it: datagrams may be handed over. */
gboolean sp_connection_takes_datagrams (SpConnection *self);
/* FALSE if there are too many associations, or this peer has one already (a retransmission).
 * Takes `fd` when TRUE. */
gboolean sp_connection_offer_candidate (SpConnection *self, SpCandidate *candidate, int *fd);

/* Roaming, connection-roaming.c.  A record of an unknown peer may be of a client whose address
 * changed. */

/* The client uses datagrams from or with this address: its stream or its channel is there. */
gboolean sp_connection_is_at (SpConnection *self, const guint8 *address);
/* Asks the worker about it; FALSE if it shall not be asked now: it has no channel, is being moved
 * or was just now, or was asked often. */
gboolean sp_connection_offer_stray (SpConnection *self, const SpStrayHeard *stray);
/* Gives it a socket connected to where the stray came from; takes *fd when TRUE. */
gboolean sp_connection_roam (SpConnection *self, guint32 stray, const SpEndpoint *peer, int *fd);

G_END_DECLS
