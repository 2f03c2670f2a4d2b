/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "device-registry.h"
#include "group-registry.h"
#include "door-client.h"
#include "keyholder-client.h"
#include "network.h"
#include "session.h"
#include "settings.h"
#include "store.h"
#include "traffic-ledger.h"
#include "user-registry.h"

G_BEGIN_DECLS

/* All sessions, and the one place that moves their loans.
 * Signals: "opened" (SpSession), "adopted" (SpSession: it goes on from an earlier main), "closed"
 * (SpSession, char *reason), "quota-reached" (SpUser, guint: 80, 95 or 100 per cent). */
#define SP_TYPE_SESSION_REGISTRY (sp_session_registry_get_type ())
G_DECLARE_FINAL_TYPE (SpSessionRegistry, sp_session_registry, SP, SESSION_REGISTRY, GObject)

/* Borrows all of them. */
SpSessionRegistry *sp_session_registry_new (SpStore *store,
                                            SpKeyholderClient *keyholder,
                                            SpDoorClient *door,
                                            SpUserRegistry *users,
                                            SpTrafficLedger *ledger);

/* What people sign in with; before any session is there. */
void sp_session_registry_set_devices (SpSessionRegistry *self, SpDeviceRegistry *devices);
/* Likewise which group a sign-in chose; a change of its values holds for its sessions at once. */
void sp_session_registry_set_groups (SpSessionRegistry *self, SpGroupRegistry *groups);

/* Who keeps sessions for the next main; lent. */
void sp_session_registry_set_holding (SpSessionRegistry *self, SpHolding *holding);
/* The server is on again, and this connection has the tunnel of a session that was kept; the queue
 * of its TUN is taken.  Errors: what was kept does not fit what is known; then nothing was done. */
gboolean sp_session_registry_adopt (SpSessionRegistry *self,
                                    SpConnection *connection,
                                    SpKeptSession *kept,
                                    GError **error);
/* All were adopted that were kept: from now on the keyholder must know their cookies. */
void sp_session_registry_end_adoption (SpSessionRegistry *self);

guint sp_session_registry_get_n (SpSessionRegistry *self);
SpSession *sp_session_registry_get (SpSessionRegistry *self, guint position);          /* lent */
SpSession *sp_session_registry_find_by_id (SpSessionRegistry *self, const guint8 *id); /* lent */

/* Why and how sessions are suspended. */
typedef struct
{
  const char *token;  /* ends or undoes it */
  const char *text;   /* for the client; at most SP_REASON_MAX bytes */
  const char *reason; /* a word of SessionClosed; not copied */
  SpBar awaited;      /* what keeps its user out meanwhile ends it not yet; SP_BAR_NONE: nothing */
} SpSuspension;

/* The owner ends the session, perhaps: it carries nothing any more, and its cookie is no good, but
 * the client is not told, until one of the next two is called.  Errors: SP_ERROR_BUSY (it is being
 * ended already). */
gboolean sp_session_registry_suspend (SpSessionRegistry *self,
                                      SpSession *session,
                                      const SpSuspension *how,
                                      GError **error);
/* All that were suspended with the token are over, or go on as if nothing had been: so many. */
void sp_session_registry_end_suspended (SpSessionRegistry *self, const char *token);
guint sp_session_registry_resume (SpSessionRegistry *self, const char *token);

/* Whether the session's client was seen there last, or has a connection from there. */
gboolean sp_session_is_from (SpSession *session, const SpNetwork *network);
/* Whether somebody is connected from there, and the end of who is: told `text`. */
gboolean sp_session_registry_has_from (SpSessionRegistry *self, const SpNetwork *network);
void sp_session_registry_end_from (SpSessionRegistry *self,
                                   const SpNetwork *network,
                                   const char *text);

/* The server is on: sessions may attach.  Borrows until close. */
void sp_session_registry_open (SpSessionRegistry *self,
                               SpNetworkSetup *network,
                               SpSettings *settings,
                               const SpDoorListener *listeners,
                               guint n_listeners);
/* Others, and those of before are not borrowed any more. */
void sp_session_registry_set_listeners (SpSessionRegistry *self,
                                        const SpDoorListener *listeners,
                                        guint n_listeners);
/* The newest attachment that there was, and whether somebody holds a tunnel by it or an older one.
 */
guint64 sp_session_registry_get_last_attachment (SpSessionRegistry *self);
gboolean sp_session_registry_has_attachment_until (SpSessionRegistry *self, guint64 attachment);
/* New settings, for connections from now on. */
void sp_session_registry_take_settings (SpSessionRegistry *self, SpSettings *settings);
/* Counters, at once. */
void sp_session_registry_write_down (SpSessionRegistry *self);
/* Who came back, which otherwise waits a moment: before somebody reads it.  No flush. */
void sp_session_registry_write_returns (SpSessionRegistry *self);
/* Every session is over, and its cookie with it. */
void sp_session_registry_end_all (SpSessionRegistry *self, const char *reason);
/* Sessions whose users are kept out, or have too many, are over: the cookie first. */
void sp_session_registry_enforce (SpSessionRegistry *self);
/* The user has another quota, or used another part of it: its sessions may carry more or less. */
void sp_session_registry_deal_quota (SpSessionRegistry *self, SpUser *user);
/* The server goes off: devices and leases go; cookies and what is stored stay. */
void sp_session_registry_close (SpSessionRegistry *self);

/* From the keyholder. */
void sp_session_registry_known (SpSessionRegistry *self, const guint8 *id, const guint8 *user);
void sp_session_registry_expired (SpSessionRegistry *self, const guint8 *id, SpBar bar);
void sp_session_registry_logged_out (SpSessionRegistry *self, const guint8 *id);

/* From connections.  `expect` when somebody came in who may want a tunnel, `attach` when the
 * keyholder accepted the cookie and the worker asked. */
void sp_session_registry_expect (SpSessionRegistry *self);
void sp_session_registry_attach (SpSessionRegistry *self, SpConnection *connection);
void sp_session_registry_attached (SpSessionRegistry *self, SpConnection *connection, guint32 mtu);
void sp_session_registry_mtu_changed (SpSessionRegistry *self,
                                      SpConnection *connection,
                                      guint32 mtu);
void sp_session_registry_reported (SpSessionRegistry *self,
                                   SpConnection *connection,
                                   const SpReport *report);
void sp_session_registry_connection_ended (SpSessionRegistry *self, SpConnection *connection);

/* From the door: makes the candidate's socket for the connection that has this attachment. */
void sp_session_registry_hello (SpSessionRegistry *self, const SpHelloVerified *hello);
/* Likewise: offers it to those whose client it may be of. */
void sp_session_registry_stray (SpSessionRegistry *self, const SpStrayHeard *stray);
/* From connections: it is of this one, make a socket for it; and the client answered there. */
void sp_session_registry_stray_proven (SpSessionRegistry *self,
                                       SpConnection *connection,
                                       guint32 stray,
                                       const SpEndpoint *peer,
                                       const SpEndpoint *local);
void sp_session_registry_roamed (SpSessionRegistry *self,
                                 SpConnection *connection,
                                 const SpEndpoint *peer);

G_END_DECLS
