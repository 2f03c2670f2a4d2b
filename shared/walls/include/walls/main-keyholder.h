/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/acme.h"
#include "walls/main-keyholder-backup.h"
#include "walls/main-keyholder-certificates.h"
#include "walls/main-keyholder-devices.h"
#include "walls/main-keyholder-invitations.h"
#include "walls/permit.h"

G_BEGIN_DECLS

/* Wall C: main and the keyholder.  Secrets cross it only as descriptors that main does not read.
 * The keyholder alone says who logged in. */

enum
{
  SP_MAIN_KEYHOLDER_MAIN = 0,
  SP_MAIN_KEYHOLDER_KEYHOLDER = 1
};

/* Phases:
 * STARTING   keyholder has not prepared its keys
 * READY      serving
 */
typedef enum
{
  SP_MAIN_KEYHOLDER_STARTING,
  SP_MAIN_KEYHOLDER_READY
} SpMainKeyholderPhase;

typedef enum
{
  SP_DONE_OK,
  SP_DONE_INVALID, /* the text says what is wrong with the input */
  SP_DONE_NOT_FOUND,
  SP_DONE_FAILED, /* the text says what happened */
  SP_DONE_BUSY,   /* likewise; later it may go */
  SP_DONE_LAST = SP_DONE_BUSY
} SpDone;

/* Of all answers that say whether it was done; text: if not, why */
#define SP_DONE_FIELDS(S, NUMBER, BYTES)                                                           \
  NUMBER (S, guint8, done)                                                                         \
  BYTES (S, text, SP_REASON_MAX)

/* PUT_USER.bar and COOKIE_EXPIRED.bar: what keeps a user out, however right the password is */
typedef enum
{
  SP_BAR_NONE,
  SP_BAR_DISABLED, /* the owner's word */
  SP_BAR_QUOTA,    /* the traffic that it may have is used up */
  SP_BAR_REMOVED,  /* the owner's word, to be taken back: as if there were no such user */
  SP_BAR_EXPIRED,  /* its time is over, which the keyholder knows by itself */
  SP_BAR_PAUSED,   /* until a time that the keyholder knows */
  SP_BAR_GROUP,    /* of one sign-in: its group is not among the user's any more */
  SP_BAR_LAST = SP_BAR_GROUP
} SpBar;

/* PUT_USER.sign_in, SET_SIGN_IN.method: what a user signs in with */
typedef enum
{
  SP_SIGN_IN_USUAL, /* of a user: as SET_SIGN_IN said */
  SP_SIGN_IN_PASSWORD,
  SP_SIGN_IN_CERTIFICATE,
  SP_SIGN_IN_BOTH,   /* a certificate and a password */
  SP_SIGN_IN_EITHER, /* a password, or a certificate without one */
  SP_SIGN_IN_PAM,    /* what PAM asks for */
  SP_SIGN_IN_LAST = SP_SIGN_IN_PAM
} SpSignInMethod;

/* LOGIN_DECIDED.by */
enum
{
  SP_BY_PASSWORD = 0, /* signed in; a cookie exists; no tunnel yet */
  SP_BY_COOKIE = 1    /* this worker may have the session's tunnel */
};

/* PREPARE.origin: which database is opened */
enum
{
  SP_ORIGIN_KEPT,     /* the one that is there */
  SP_ORIGIN_RESTORED, /* the one that OPEN_BACKUP left, if it has not taken its place already */
  SP_ORIGIN_NOTHING,  /* a new one; the old one is destroyed */
  SP_ORIGIN_LAST = SP_ORIGIN_NOTHING
};

/* PREPARE: open the database in the current folder, make what is missing. names: host names and
 * addresses for a new certificate, each ended by a zero byte */
#define SP_PREPARE_FIELDS(S, NUMBER, FIXED, BYTES)                                                 \
  NUMBER (S, guint8, origin)                                                                       \
  NUMBER (S, guint32, cookie_seconds)                                                              \
  BYTES (S, names, SP_CERTIFICATE_NAMES_MAX)

/* PREPARED: server chain as DER certificates one after the other (public), our own authority as
 * DER, pin of the server key; text when failed */
#define SP_PREPARED_FIELDS(S, NUMBER, FIXED, BYTES)                                                \
  NUMBER (S, guint8, done)                                                                         \
  FIXED (S, pin, SP_PIN_SIZE)                                                                      \
  BYTES (S, chain, SP_CERTIFICATE_CHAIN_MAX)                                                       \
  BYTES (S, authority, SP_CERTIFICATE_MAX)                                                         \
  BYTES (S, text, SP_REASON_MAX)

/* SESSION_KNOWN: after PREPARED, once for each cookie that is still good; microseconds since the
 * epoch */
#define SP_SESSION_KNOWN_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  FIXED (S, session, SP_ID_SIZE)                                                                   \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  NUMBER (S, guint64, expires)

/* WORKER_STARTED: the keyholder's end of a wall B; pin: of the key whose chain the worker shows */
#define SP_WORKER_STARTED_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  NUMBER (S, guint64, worker)                                                                      \
  FIXED (S, pin, SP_PIN_SIZE)

/* WORKER_ADOPTED: it now serves a client from there */
#define SP_WORKER_ADOPTED_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  NUMBER (S, guint64, worker)                                                                      \
  FIXED (S, peer_address, SP_ADDRESS_SIZE)

/* MAY_RENEW: it has a tunnel whose keys its client renews by renegotiation: sign for it, but not
 * more often than each that many seconds */
#define SP_MAY_RENEW_FIELDS(S, NUMBER, FIXED, BYTES)                                               \
  NUMBER (S, guint64, worker)                                                                      \
  NUMBER (S, guint32, seconds)

/* WORKER_GONE: close its wall */
#define SP_WORKER_GONE_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, worker)

/* LOGIN_DECIDED: signed_in in microseconds since the epoch and signed_in_from say when and from
 * which address the cookie was earned, however often it is used since; 0 and unset = not known.
 * device: what it was earned with, all zero = none that is known; group: that was chosen then */
#define SP_LOGIN_DECIDED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint64, worker)                                                                      \
  NUMBER (S, guint8, by)                                                                           \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  FIXED (S, session, SP_ID_SIZE)                                                                   \
  NUMBER (S, guint64, signed_in)                                                                   \
  FIXED (S, signed_in_from, SP_ADDRESS_SIZE)                                                       \
  FIXED (S, device, SP_ID_SIZE)                                                                    \
  BYTES (S, group, SP_GROUP_NAME_MAX)

/* LOGIN_FAILED: login as typed, empty for a cookie */
#define SP_LOGIN_FAILED_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint64, worker)                                                                      \
  NUMBER (S, guint8, verdict)                                                                      \
  BYTES (S, login, SP_LOGIN_MAX)

/* PUT_USER: make it known, or change it.  It may use the VPN while bar is 0, before expires_at
 * (microseconds since the epoch, 0 = for ever), for expires_after seconds from its first sign-in
 * on (0 = for ever), and from paused_until on (0 = it is not paused); cookies of one that may not
 * die at once, or with keep_cookies are no good as long as it may not. two_step_required: the
 * password alone is not enough. groups: that it may choose, each name ended by a line feed; cookies
 * that were earned with another die.  Another user with this login is one that main does not know,
 * and makes room unless it has a password */
#define SP_PUT_USER_FIELDS(S, NUMBER, FIXED, BYTES)                                                \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  NUMBER (S, guint8, bar)                                                                          \
  NUMBER (S, guint64, expires_at)                                                                  \
  NUMBER (S, guint32, expires_after)                                                               \
  NUMBER (S, guint64, paused_until)                                                                \
  NUMBER (S, guint8, keep_cookies)                                                                 \
  NUMBER (S, guint8, sign_in)                                                                      \
  NUMBER (S, guint8, two_step_required)                                                            \
  BYTES (S, login, SP_LOGIN_MAX)                                                                   \
  BYTES (S, groups, SP_GROUP_NAMES_MAX)

#define SP_USER_PUT_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* SET_PASSWORD: the password is what can be read from the descriptor, at most SP_PASSWORD_MAX
 * bytes; one line end at the end is not part of it. hashed: it is what crypt(3) made of one */
#define SP_SET_PASSWORD_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  NUMBER (S, guint8, hashed)

#define SP_PASSWORD_SET_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* REMOVE_USER: verifier and cookies die at once */
#define SP_REMOVE_USER_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, user, SP_ID_SIZE)

#define SP_USER_REMOVED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* COOKIE_SECONDS: how long cookies from now on live unused; as in PREPARE */
#define SP_COOKIE_SECONDS_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint32, seconds)

/* HOLD_COOKIE: in use: does not expire */
#define SP_HOLD_COOKIE_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, session, SP_ID_SIZE)

/* RELEASE_COOKIE: expires that long from now unless used */
#define SP_RELEASE_COOKIE_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  FIXED (S, session, SP_ID_SIZE)                                                                   \
  NUMBER (S, guint32, seconds)

/* BLOCK_COOKIE: answer SUSPENDED while on */
#define SP_BLOCK_COOKIE_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  FIXED (S, session, SP_ID_SIZE)                                                                   \
  NUMBER (S, guint8, on)

/* FORGET_COOKIE: gone for good */
#define SP_FORGET_COOKIE_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, session, SP_ID_SIZE)

/* COOKIE_EXPIRED: main may give the address to somebody else; bar: what its user is kept out by,
 * none = its own time was over */
#define SP_COOKIE_EXPIRED_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  FIXED (S, session, SP_ID_SIZE)                                                                   \
  NUMBER (S, guint8, bar)

/* LOGGED_OUT: its client gave the session up; the cookie is gone */
#define SP_LOGGED_OUT_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, session, SP_ID_SIZE)

/* SERVE_WITH: workers from now on get this chain; the fields as in PREPARED.  Signatures go on for
 * workers that have an older one. */
#define SP_SERVE_WITH_FIELDS(S, NUMBER, FIXED, BYTES)                                              \
  FIXED (S, pin, SP_PIN_SIZE)                                                                      \
  BYTES (S, chain, SP_CERTIFICATE_CHAIN_MAX)                                                       \
  BYTES (S, authority, SP_CERTIFICATE_MAX)

/* FIRST_LOGIN: when the user signed in for the first time, in microseconds since the epoch: when
 * that sign-in was answered, and before each USER_PUT of one that did */
#define SP_FIRST_LOGIN_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  NUMBER (S, guint64, at)

/* SET_DNS_PASSWORD.which, LEND_DNS_PASSWORD.which, DNS_PASSWORD_KNOWN.which */
typedef enum
{
  SP_DNS_PASSWORD_PROVIDER, /* of the account at a provider of dynamic DNS */
  SP_DNS_PASSWORD_KEY,      /* the secret of a key at a name server (RFC 8945), in base64 */
  SP_DNS_PASSWORD_LAST = SP_DNS_PASSWORD_KEY
} SpDnsPasswordKind;

/* SET_DNS_PASSWORD: keep what can be read from the descriptor, at most SP_ERRAND_SECRET_MAX bytes;
 * on 0: forget it, and the descriptor means nothing */
#define SP_SET_DNS_PASSWORD_FIELDS(S, NUMBER, FIXED, BYTES)                                        \
  NUMBER (S, guint8, which)                                                                        \
  NUMBER (S, guint8, on)

#define SP_DNS_PASSWORD_SET_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* LEND_DNS_PASSWORD: write it into this empty file, which a courier gets; nothing if there is none
 */
#define SP_LEND_DNS_PASSWORD_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, which)

#define SP_DNS_PASSWORD_LENT_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* DNS_PASSWORD_KNOWN: after PREPARED once for each that there is, and when that changes; nothing of
 * what it is */
#define SP_DNS_PASSWORD_KNOWN_FIELDS(S, NUMBER, FIXED, BYTES)                                      \
  NUMBER (S, guint8, which)                                                                        \
  NUMBER (S, guint8, on)

/* SET_SIGN_IN: what users sign in with of whom PUT_USER says nothing else; a password before this
 * came. two_step_required: of everybody, whatever PUT_USER says; once it is 1 here, a password
 * alone lets nobody in
 */
#define SP_SET_SIGN_IN_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, method)                                                                       \
  NUMBER (S, guint8, two_step_required)

/* START_PAM: start a PAM room for a sign-in, which the keyholder gave this number */
#define SP_START_PAM_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, number)

/* PAM_STARTED: with the keyholder's end of wall G, at which nobody is if the room could not be
 * started */
#define SP_PAM_STARTED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, number)

/* END_PAM: that room is of no use any more */
#define SP_END_PAM_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, number)

/* START_TOKEN: start a room for a token under this number, and give its wall; one that has the
 * number already is ended, however it is */
#define SP_START_TOKEN_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint32, room)

/* TOKEN_STARTED: with the keyholder's end of its wall H */
#define SP_TOKEN_STARTED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint32, room)

/* TOKEN_REFUSED: the other answer to START_TOKEN: it could not be started */
#define SP_TOKEN_REFUSED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint32, room)                                                                        \
  BYTES (S, text, SP_REASON_MAX)

/* END_TOKEN: it is needed no more */
#define SP_END_TOKEN_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint32, room)

/* TOKEN_HEALTH: how it is with the key of the certificate that is shown, where that is in a token:
 * an SpTokenState (keyholder-token.h); told again whenever it changes. READY, too, where it is in
 * none */
#define SP_TOKEN_HEALTH_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint8, state)                                                                        \
  BYTES (S, text, SP_REASON_MAX)

#define SP_MAIN_KEYHOLDER_FROM(side) SP_MAIN_KEYHOLDER_##side
#define SP_MAIN_KEYHOLDER_IN(phase)  SP_PHASE (SP_MAIN_KEYHOLDER_##phase)

/* clang-format off */
#define SP_MAIN_KEYHOLDER_MESSAGES(MESSAGE, FROM, IN) \
  /*       message         struct           sender            in phases      times         fds answers */ \
  MESSAGE (PREPARE,        SpPrepare,       FROM (MAIN),      IN (STARTING), 1,            0,  NOTHING) \
  MESSAGE (PREPARED,       SpPrepared,      FROM (KEYHOLDER), IN (STARTING), 1,            0,  PREPARE) \
  MESSAGE (SESSION_KNOWN,  SpSessionKnown,  FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (WORKER_STARTED, SpWorkerStarted, FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (WORKER_ADOPTED, SpWorkerAdopted, FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (WORKER_GONE,    SpWorkerGone,    FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (LOGIN_DECIDED,  SpLoginDecided,  FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (LOGIN_FAILED,   SpLoginFailed,   FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (PUT_USER,       SpPutUser,       FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (USER_PUT,       SpUserPut,       FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  PUT_USER) \
  MESSAGE (SET_PASSWORD,   SpSetPassword,   FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (PASSWORD_SET,   SpPasswordSet,   FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  SET_PASSWORD) \
  MESSAGE (REMOVE_USER,    SpRemoveUser,    FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (USER_REMOVED,   SpUserRemoved,   FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  REMOVE_USER) \
  MESSAGE (COOKIE_SECONDS, SpCookieSeconds, FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (HOLD_COOKIE,    SpHoldCookie,    FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (RELEASE_COOKIE, SpReleaseCookie, FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (BLOCK_COOKIE,   SpBlockCookie,   FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (FORGET_COOKIE,  SpForgetCookie,  FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (COOKIE_EXPIRED, SpCookieExpired, FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (LOGGED_OUT,     SpLoggedOut,     FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (MAY_RENEW,      SpMayRenew,      FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (SERVE_WITH,     SpServeWith,     FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (LIST_CERTIFICATES, SpListCertificates, FROM (MAIN), IN (READY),   SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (CERTIFICATES_LISTED, SpCertificatesListed, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, LIST_CERTIFICATES) \
  MESSAGE (CERTIFICATE_KNOWN, SpCertificateKnown, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, NOTHING) \
  MESSAGE (RENEW_CERTIFICATE, SpRenewCertificate, FROM (MAIN), IN (READY),   SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (CERTIFICATE_RENEWED, SpCertificateRenewed, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, RENEW_CERTIFICATE) \
  MESSAGE (FIRST_LOGIN,    SpFirstLogin,    FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (SEAL_BACKUP,    SpSealBackup,    FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 4,  NOTHING) \
  MESSAGE (BACKUP_SEALED,  SpBackupSealed,  FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  SEAL_BACKUP) \
  MESSAGE (OPEN_BACKUP,    SpOpenBackup,    FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 4,  NOTHING) \
  MESSAGE (BACKUP_OPENED,  SpBackupOpened,  FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  OPEN_BACKUP) \
  MESSAGE (DROP_RESTORED,  SpDropRestored,  FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (SET_BACKUP_KEY, SpSetBackupKey,  FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (BACKUP_KEY_SET, SpBackupKeySet,  FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  SET_BACKUP_KEY) \
  MESSAGE (SET_DNS_PASSWORD, SpSetDnsPassword, FROM (MAIN),   IN (READY),    SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (DNS_PASSWORD_SET, SpDnsPasswordSet, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0,  SET_DNS_PASSWORD) \
  MESSAGE (LEND_DNS_PASSWORD, SpLendDnsPassword, FROM (MAIN), IN (READY),    SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (DNS_PASSWORD_LENT, SpDnsPasswordLent, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, LEND_DNS_PASSWORD) \
  MESSAGE (SIGN_ACME,      SpSignAcme,      FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (ACME_SIGNED,    SpAcmeSigned,    FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  SIGN_ACME) \
  MESSAGE (DIGEST_ACME,    SpDigestAcme,    FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (ACME_DIGESTED,  SpAcmeDigested,  FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  DIGEST_ACME) \
  MESSAGE (REVOKE_DEVICE,  SpRevokeDevice,  FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (DEVICE_REVOKED, SpDeviceRevoked, FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  REVOKE_DEVICE) \
  MESSAGE (REMOVE_DEVICE,  SpRemoveDevice,  FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (DEVICE_REMOVED, SpDeviceRemoved, FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  REMOVE_DEVICE) \
  MESSAGE (ENROLL_TOTP,    SpEnrollTotp,    FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (TOTP_ENROLLED,  SpTotpEnrolled,  FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  ENROLL_TOTP) \
  MESSAGE (CONFIRM_TOTP,   SpConfirmTotp,   FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (TOTP_CONFIRMED, SpTotpConfirmed, FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  CONFIRM_TOTP) \
  MESSAGE (REMOVE_TOTP,    SpRemoveTotp,    FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (TOTP_REMOVED,   SpTotpRemoved,   FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  REMOVE_TOTP) \
  MESSAGE (TWO_STEP_KNOWN, SpTwoStepKnown,  FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (ISSUE_DEVICE,   SpIssueDevice,   FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 2,  NOTHING) \
  MESSAGE (DEVICE_ISSUED,  SpDeviceIssued,  FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  ISSUE_DEVICE) \
  MESSAGE (CERTIFICATE_GONE,    SpCertificateGone,    FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, NOTHING) \
  MESSAGE (CHECK_CERTIFICATE,   SpCheckCertificate,   FROM (MAIN),      IN (READY), SP_TIMES_ANY, SP_CHECK_CERTIFICATE_FDS, NOTHING) \
  MESSAGE (CERTIFICATE_CHECKED, SpCertificateChecked, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, CHECK_CERTIFICATE) \
  MESSAGE (ACTIVATE_CERTIFICATE, SpActivateCertificate, FROM (MAIN),    IN (READY), SP_TIMES_ANY, 0, NOTHING) \
  MESSAGE (CERTIFICATE_ACTIVATED, SpCertificateActivated, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, ACTIVATE_CERTIFICATE) \
  MESSAGE (REMOVE_CERTIFICATE,  SpRemoveCertificate,  FROM (MAIN),      IN (READY), SP_TIMES_ANY, 0, NOTHING) \
  MESSAGE (CERTIFICATE_REMOVED, SpCertificateRemoved, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, REMOVE_CERTIFICATE) \
  MESSAGE (ADD_APP_PASSWORD, SpAddAppPassword, FROM (MAIN),   IN (READY),    SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (APP_PASSWORD_ADDED, SpAppPasswordAdded, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, ADD_APP_PASSWORD) \
  MESSAGE (REQUEST_CERTIFICATE, SpRequestCertificate, FROM (MAIN),      IN (READY), SP_TIMES_ANY, 0, NOTHING) \
  MESSAGE (CERTIFICATE_REQUESTED, SpCertificateRequested, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, REQUEST_CERTIFICATE) \
  MESSAGE (SET_SIGN_IN,    SpSetSignIn,     FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (INVITE,         SpInvite,        FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 1,  NOTHING) \
  MESSAGE (INVITED,        SpInvited,       FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  INVITE) \
  MESSAGE (INVITATION_KNOWN, SpInvitationKnown, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, NOTHING) \
  MESSAGE (INVITATION_GONE, SpInvitationGone, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, NOTHING) \
  MESSAGE (REVOKE_INVITATION, SpRevokeInvitation, FROM (MAIN), IN (READY),   SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (INVITATION_REVOKED, SpInvitationRevoked, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, REVOKE_INVITATION) \
  MESSAGE (START_PAM,      SpStartPam,      FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (PAM_STARTED,    SpPamStarted,    FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 1,  START_PAM) \
  MESSAGE (END_PAM,        SpEndPam,        FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (START_TOKEN,    SpStartToken,    FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (TOKEN_STARTED,  SpTokenStarted,  FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 1,  START_TOKEN) \
  MESSAGE (TOKEN_REFUSED,  SpTokenRefused,  FROM (MAIN),      IN (READY),    SP_TIMES_ANY, 0,  START_TOKEN) \
  MESSAGE (END_TOKEN,      SpEndToken,      FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (TOKEN_HEALTH,   SpTokenHealth,   FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING) \
  MESSAGE (DNS_PASSWORD_KNOWN, SpDnsPasswordKnown, FROM (KEYHOLDER), IN (READY), SP_TIMES_ANY, 0, NOTHING)
/* clang-format on */

enum
{
  SP_MAIN_KEYHOLDER_NO_MESSAGE = 0,
  SP_MAIN_KEYHOLDER_MESSAGES (SP_ENUM_MESSAGE, SP_MAIN_KEYHOLDER_FROM, SP_MAIN_KEYHOLDER_IN)
};

SP_MAIN_KEYHOLDER_MESSAGES (SP_STRUCT_MESSAGE, SP_MAIN_KEYHOLDER_FROM, SP_MAIN_KEYHOLDER_IN)

extern const SpWall sp_wall_main_keyholder;

G_END_DECLS
