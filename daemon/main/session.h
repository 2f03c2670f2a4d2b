/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/log.h"
#include "connection.h"
#include "device.h"
#include "group.h"
#include "lease-pool.h"
#include "loan.h"
#include "platform/tun.h"
#include "settings.h"
#include "store.h"
#include "tunnel-wishes.h"
#include "user.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* One signed-in client from its first tunnel until its cookie is dead: it owns a TUN device,
 * addresses, counters and deadlines, and outlives the connections that borrow them.
 *
 * Read-only properties: user (SpUser), login, group (its name, or ""), remote-address
 * ("192.0.2.1:51234"), addresses (GStrv), transport ("tls", "dtls", "" while away), cipher,
 * client-name, user-agent, routes, excluded-routes and name-servers (GStrv each; routes may be the
 * word "all"), connected-at (µs since the epoch), mtu, state, rx-bytes, tx-bytes, rx-packets,
 * tx-packets, round-trip (µs), roams. */
#define SP_TYPE_SESSION (sp_session_get_type ())
G_DECLARE_FINAL_TYPE (SpSession, sp_session, SP, SESSION, GObject)

typedef enum
{
  SP_SESSION_RECONNECTING,  /* nobody attached; the cookie still counts */
  SP_SESSION_CONNECTED,     /* attached */
  SP_SESSION_DISCONNECTING, /* the owner ended it; the undo window or the goodbye runs */
  SP_SESSION_LAST = SP_SESSION_DISCONNECTING
} SpSessionState;

const char *sp_session_state_to_string (SpSessionState state);

SpSession *sp_session_new (const guint8 *id, SpUser *user);
const guint8 *sp_session_get_id (SpSession *self);
const char *sp_session_get_path_element (SpSession *self); /* the id in hexadecimal */
SpLogAbout sp_session_about (SpSession *self);             /* for the log; as long as the session */
SpUser *sp_session_get_user (SpSession *self);
/* What its person signed in with; NULL = nothing that is known.  Lent. */
SpDevice *sp_session_get_device (SpSession *self);
/* What its person chose then; NULL = none.  Lent. */
SpGroup *sp_session_get_group (SpSession *self);
SpSessionState sp_session_get_state (SpSession *self);
/* Had a tunnel since this program started: its registry emitted "opened" for it. */
gboolean sp_session_is_announced (SpSession *self);

/* Everything below is for the session registry and the loan alone. */

/* What the session owns and who has it. */
typedef struct
{
  SpSessionRecord record;
  gboolean has_lease;
  SpTun *tun;
  SpSettings *settings; /* that its device and its last grant were made by */
  SpLoanPhase phase;
  SpConnection *holder;  /* has the TUN */
  SpConnection *waiting; /* will have it next */
  guint64 attachment;
  SpDtlsMode dtls_mode; /* of the attachment's id */
  guint recall_timer;
  char *undo_token;       /* it is suspended until something is called with this */
  SpBar awaited;          /* what it is suspended for may keep its user out by this meanwhile */
  char *reason;           /* of the disconnect that runs: the text for the client */
  const char *end_reason; /* likewise: the word for the log and the bus */
  gboolean announced;     /* "opened" was emitted */
  gboolean first_time;    /* nothing like its client was there before */
  gint64 last_hello;      /* monotonic: the last candidate */
  gpointer early_hello;   /* SpHelloVerified that overtook the holder's ATTACHED, or NULL */
  gint64 last_attach;     /* monotonic */
  guint attaches;         /* quick ones in a row */
  guint delay_timer;
  guint64 place;          /* in the order of sessions that are kept; 0 = not kept yet */
  guint8 kept_transport;  /* as it was kept last */
  gboolean unconfirmed;   /* was kept, and the keyholder did not say yet that its cookie is good */
  gpointer mint;          /* the open question to the door */
  guint64 allowance;      /* the count at which the holder stops, as it was told; 0 = never */
  guint32 renew_after;    /* seconds before new keys of the connection are in order; 0 = none are */
  guint custody_timer;    /* while it has a holder that has to end by itself */
  gint64 over_at;         /* monotonic: when its holder must have ended; G_MAXINT64 = never */
  gboolean is_counted;    /* since the holder has had something to stop at: */
  guint64 counted_before; /* what the session had carried then, */
  guint64 carried_before; /* and what the kernel had counted of the device */
  guint64 stored_bytes;   /* both directions, as they were last stored */
  gboolean has_returned;  /* since it was last stored */
  /* Monotonic µs.  The time that a session is away is no idle time, and does not end one. */
  gint64 reported_at; /* monotonic; when its counters were told last */
  gint64 used_at;     /* the last packet that counts; 0 = idle time begins with the next grant */
  gint64 away_since;  /* 0 = attached, or away since before this program started */
  gboolean was_idle;  /* it is away because it was idle for too long */
} SpSessionEstate;

SpSessionEstate *sp_session_get_estate (SpSession *self);
/* Of a session that may last `timeout` seconds from its sign-in on (0 = for ever): seconds until
 * then, 0 = it is over, G_MAXUINT = never. */
guint sp_session_get_seconds_left (SpSession *self, guint timeout);
void sp_session_set_device (SpSession *self, SpDevice *device);
void sp_session_set_group (SpSession *self, SpGroup *group);
/* Who has a say in what its devices are told and reach: lent, as long as nothing of it changes. */
void sp_session_get_wishes (SpSession *self, const SpSettings *settings, SpTunnelWishes *ret);
/* Where its client was seen last; FALSE: nowhere yet. */
gboolean sp_session_get_remote_address (SpSession *self, guint8 *ret_address);
void sp_session_set_state (SpSession *self, SpSessionState state);
void sp_session_set_lease (SpSession *self, const SpLease *lease);
/* Takes over what the connection knows about the client. */
void sp_session_set_client (SpSession *self, SpConnection *connection);
void sp_session_set_mtu (SpSession *self, guint32 mtu);
/* What its client was told to send through the tunnel, and whom to ask for names. */
void sp_session_set_grant (SpSession *self, const SpTunnelGranted *granted);
void sp_session_set_report (SpSession *self, const SpReport *report);
/* What is kept of it beside its estate, and the other way round. */
void sp_session_describe (SpSession *self, SpKeepSession *ret);
void sp_session_resume (SpSession *self, const SpSessionKept *said);
/* Bytes to the client that no report had. */
void sp_session_add_sent (SpSession *self, guint64 bytes);
/* Its datagrams come from and go to another address, without a new handshake. */
void sp_session_count_roam (SpSession *self);

G_END_DECLS
