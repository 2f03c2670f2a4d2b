/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/message.h"

G_BEGIN_DECLS

/* What wall C says of invitations. */

/* INVITATION_KNOWN.state */
typedef enum
{
  SP_INVITATION_OPEN,    /* the link works */
  SP_INVITATION_OPENED,  /* somebody pressed the button, and may fetch files for a while */
  SP_INVITATION_USED,    /* the device has connected, or has all that it needs */
  SP_INVITATION_REVOKED, /* the owner took it back */
  SP_INVITATION_EXPIRED,
  SP_INVITATION_STATE_LAST = SP_INVITATION_EXPIRED
} SpInvitationState;

/* INVITE: make a link at which the user gets a device of that name. It is written into the
 * descriptor, a memory file, which main does not read. url: of the server, "https://NAME"; label:
 * of the device, kept for main */
#define SP_INVITE_FIELDS(S, NUMBER, FIXED, BYTES)                                                  \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  NUMBER (S, guint32, seconds)                                                                     \
  FIXED (S, label, SP_LABEL_LENGTH)                                                                \
  BYTES (S, name, SP_DEVICE_NAME_MAX)                                                              \
  BYTES (S, url, SP_URL_MAX)

/* INVITED: INVITATION_KNOWN of it came before */
#define SP_INVITED_FIELDS(S, NUMBER, FIXED, BYTES)                                                 \
  NUMBER (S, guint8, done)                                                                         \
  FIXED (S, invitation, SP_ID_SIZE)                                                                \
  BYTES (S, text, SP_REASON_MAX)

/* INVITATION_KNOWN: after PREPARED once for each, and whenever it changes. Microseconds since the
 * epoch, 0 = not yet; device: all zero until it was opened; not_after, fingerprint: of the device's
 * certificate; address: where the last step was taken from;
 * label: as in INVITE, all zero of one from before there were any */
#define SP_INVITATION_KNOWN_FIELDS(S, NUMBER, FIXED, BYTES)                                        \
  FIXED (S, invitation, SP_ID_SIZE)                                                                \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  FIXED (S, device, SP_ID_SIZE)                                                                    \
  NUMBER (S, guint8, state)                                                                        \
  NUMBER (S, guint64, created)                                                                     \
  NUMBER (S, guint64, expires)                                                                     \
  NUMBER (S, guint64, opened)                                                                      \
  NUMBER (S, guint64, downloaded)                                                                  \
  NUMBER (S, guint64, connected)                                                                   \
  NUMBER (S, guint64, not_after)                                                                   \
  FIXED (S, fingerprint, SP_FINGERPRINT_SIZE)                                                      \
  FIXED (S, address, SP_ADDRESS_SIZE)                                                              \
  FIXED (S, label, SP_LABEL_LENGTH)                                                                \
  BYTES (S, name, SP_DEVICE_NAME_MAX)

/* INVITATION_GONE: it was over for long enough */
#define SP_INVITATION_GONE_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, invitation, SP_ID_SIZE)

/* REVOKE_INVITATION: neither the link nor what it gave out is good for anything any more */
#define SP_REVOKE_INVITATION_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, invitation, SP_ID_SIZE)

#define SP_INVITATION_REVOKED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

G_END_DECLS
