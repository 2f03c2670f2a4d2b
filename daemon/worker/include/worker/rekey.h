/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How old the keys of a channel are, and when to renew them.  A pure state machine: it is told
 * facts and the time (microseconds, monotonic).
 *
 * TLS 1.3 (RFC 8446 4.6.3): each end changes its own sending keys and may ask the other to do the
 * same.  Two such requests that cross break GnuTLS (it answers illegal_parameter), so we ask only
 * a client that does not change its keys by itself, and an eighth of the period before the time
 * at which one with our period would.  While it does not answer, our own keys are changed a few
 * times more and then no longer: it may be asleep, with all of them in its socket.
 *
 * TLS 1.2 and DTLS 1.2: the client renegotiates when it was told to; here is only decided whether
 * it may. */

typedef enum
{
  SP_REKEY_NOTHING,
  SP_REKEY_UPDATE, /* our sending keys */
  SP_REKEY_ASK     /* ours, and ask for the client's */
} SpRekeyAction;

typedef struct
{
  gint64 period; /* 0 = never */
  gint64 own_since;
  gint64 client_since;
  gint64 asked_at;    /* 0 = no request is unanswered */
  guint n_unanswered; /* changes of our keys since then, that one included */
} SpRekey;

void sp_rekey_init (SpRekey *rekey, guint32 period, gint64 now); /* seconds; 0 = never */

/* The time at which sp_rekey_due has something to say; G_MAXINT64 = never. */
gint64 sp_rekey_get_deadline (const SpRekey *rekey);
/* What to do now; it is taken for done. */
SpRekeyAction sp_rekey_due (SpRekey *rekey, gint64 now);
/* The client changed its sending keys; `asks`: and wants ours changed, which is done. */
void sp_rekey_client_updated (SpRekey *rekey, gboolean asks, gint64 now);

/* Whether a renegotiation may begin: not sooner than half a period after the keys are from. */
gboolean sp_rekey_may_renegotiate (const SpRekey *rekey, gint64 now);
void sp_rekey_renegotiated (SpRekey *rekey, gint64 now);

G_END_DECLS
