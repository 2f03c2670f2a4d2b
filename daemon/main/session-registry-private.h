/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/log.h"
#include "ended-sessions.h"
#include "session-registry.h"

G_BEGIN_DECLS

struct _SpSessionRegistry
{
  GObject parent;
  SpStore *store;
  SpKeyholderClient *keyholder;
  SpDoorClient *door;
  SpUserRegistry *users;
  SpTrafficLedger *ledger;
  SpDeviceRegistry *devices; /* or NULL */
  SpGroupRegistry *groups;   /* or NULL */
  GPtrArray *sessions;       /* of SpSession */
  SpEndedSessions *ended;
  /* While the server is on; otherwise NULL, -1 and 0. */
  SpNetworkSetup *network;
  SpSettings *settings;
  const SpDoorListener *listeners; /* lent while the server is on */
  guint n_listeners;
  guint64 last_attachment;
  SpLogThrottle no_sockets; /* for datagrams */
  SpLogThrottle bad_mtus;
  gint64 stray_buckets[2]; /* session-roaming.c */
  guint next_offer;
  guint history_timer; /* session-history.c, while the server is on */
  guint return_timer;  /* likewise, while a return is not stored */
  gint64 prune_at;     /* monotonic */
  gint64 prune_traffic_at;
  SpHolding *holding;  /* or NULL */
  guint confirm_timer; /* session-keeping.c */
};

/* session-loan.c */

/* Makes the connection the next holder; an earlier one that waits is told that it was replaced. */
void sp_session_loan_request (SpSessionRegistry *self,
                              SpSession *session,
                              SpConnection *connection);
/* The holder's process is gone. */
void sp_session_loan_returned (SpSessionRegistry *self, SpSession *session);
void sp_session_loan_waiting_gone (SpSessionRegistry *self, SpSession *session);
void sp_session_loan_acknowledged (SpSessionRegistry *self, SpSession *session);
/* Nothing will be granted any more: timers and questions go. */
void sp_session_loan_cancel (SpSessionRegistry *self, SpSession *session);

/* session-limit.c */

/* Ends sessions of the user, until one more is within the limit. */
void sp_session_limit_make_room (SpSessionRegistry *self, SpUser *user);
/* Ends those that are more than this user may have; the server's own limit is for new ones. */
void sp_session_limit_enforce (SpSessionRegistry *self, SpUser *user);

/* session-network.c */

/* A device for the session, which has a lease and no device, as its user's values and the settings
 * say. */
gboolean sp_session_network_open (SpSessionRegistry *self, SpSession *session, GError **error);
/* The pool keeps the addresses that belong to users for them. */
void sp_session_network_reserve (SpSessionRegistry *self);
/* An SpUserJudge: can the network, while it is up, give a user these values? */
gboolean sp_session_network_judge (gpointer self, const SpUserRecord *record, GError **error);
/* A client is about to be told by the settings as they are now. */
void sp_session_network_refresh (SpSessionRegistry *self, SpSession *session);
/* It was suspended, or is no more: its device follows, if it has one. */
void sp_session_network_follow (SpSessionRegistry *self, SpSession *session);
/* The user's values changed: sessions that have a device follow at once. */
void sp_session_network_follow_user (SpSessionRegistry *self, SpUser *user);
/* Likewise the group's. */
void sp_session_network_follow_group (SpSessionRegistry *self, SpGroup *group);

/* session-quota.c */

/* How much the session may carry until it stops, as its grant says. */
guint64 sp_session_quota_allow (SpSessionRegistry *self, SpSession *session);
/* Makes what a worker says of its session believable. */
void sp_session_quota_judge (SpSession *session, SpReport *report);
/* Counts what a report says that the session did not say before. */
void sp_session_quota_count (SpSessionRegistry *self, SpSession *session, const SpReport *report);
/* Afterwards: who is over is cut off, others get their shares. */
void sp_session_quota_enforce (SpSessionRegistry *self, SpSession *session);

/* session-custody.c */

/* The session has a holder, which was told to end after so many seconds (0 = never) and at the
 * allowance of the estate.  If it does not, main ends it. */
void sp_session_custody_begin (SpSessionRegistry *self,
                               SpSession *session,
                               guint32 session_timeout);
/* Its allowance may be another one. */
void sp_session_custody_follow (SpSessionRegistry *self, SpSession *session);
void sp_session_custody_end (SpSession *session);

/* session-history.c */

/* Stores the session, and its row of the history once it is connected: now, or within a second for
 * one that is stored and has another connection.  The server is on. */
void sp_session_history_remember (SpSessionRegistry *self, SpSession *session);
void sp_session_history_return (SpSessionRegistry *self, SpSession *session);
/* Whether nothing like its client was there before; FALSE when no history is kept. */
gboolean sp_session_history_is_first (SpSessionRegistry *self, SpSession *session);
/* Its row is over; a word of ListHistory(). */
void sp_session_history_finish (SpSessionRegistry *self, SpSession *session, const char *reason);
/* From now on counters are stored every few seconds and old rows removed every day. */
void sp_session_history_open (SpSessionRegistry *self);
void sp_session_history_prune (SpSessionRegistry *self); /* now: the days may be others */
void sp_session_history_close (SpSessionRegistry *self);

/* session-candidate.c */

/* The holder acknowledged its grant: a hello that came before that gets its candidate now. */
void sp_session_registry_serve_early_hello (SpSessionRegistry *self, SpSession *session);
/* A socket connected to the peer, under the listener's port; -1 on failure. */
int sp_session_registry_open_association (SpSessionRegistry *self,
                                          const SpEndpoint *peer,
                                          const SpEndpoint *local,
                                          GError **error);
void sp_session_registry_tell_no_socket (SpSessionRegistry *self, const GError *error);

/* session-disconnect.c, session-candidate.c and session-roaming.c have parts of the public
 * interface. */

/* Ends the session for good: the cookie first, then the client is told `text`.  `reason` is a word
 * of SessionClosed, and is not copied. */
void sp_session_registry_dismiss (SpSessionRegistry *self,
                                  SpSession *session,
                                  const char *text,
                                  const char *reason);
/* Likewise, since its user is kept out; within a second, whatever its worker does. */
void sp_session_registry_bar (SpSessionRegistry *self, SpSession *session, SpBar bar);

/* session-registry.c */

/* Nobody uses the session: its cookie is good for a while, not longer than the session may last. */
void sp_session_registry_release (SpSessionRegistry *self, SpSession *session);
/* The session's cookie dies: nobody gets a tunnel by it any more. */
void sp_session_registry_forget_cookie (SpSessionRegistry *self, SpSession *session);
/* The session is over: device and lease go, "closed" is emitted. */
void sp_session_registry_end (SpSessionRegistry *self, SpSession *session, const char *reason);
void sp_session_registry_tell_quota (SpSessionRegistry *self, SpUser *user, guint level);
/* NULL unless this connection has the session's TUN. */
SpSession *sp_session_registry_find_of_holder (SpSessionRegistry *self, SpConnection *connection);

G_END_DECLS
