/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/permit.h"

G_BEGIN_DECLS

/* Wall B: every question that a worker may put to the keyholder.  The keyholder knows from the
 * descriptor which worker asks; what an answer means for the session it tells main, not the worker.
 * The second step of a sign-in is named by a ticket, which only its client and the keyholder know.
 * One signature a connection, with a key that serves nothing else: of the whole CertificateVerify
 * content for TLS 1.3 (RFC 8446 4.4.3); for TLS 1.2 of a digest, which with an EC key is longer
 * than that of TLS 1.3, and with an RSA key is padded otherwise (PKCS #1 v1.5, where TLS 1.3 has
 * PSS). The number and the key are what bounds a hostile worker, not the form: ECDSA over P-256
 * looks at the first 32 bytes of a digest only, so a longer one can stand for anything.
 *
 * A renegotiation (TLS 1.2) needs another signature.  Main allows it with the tunnel, to a worker
 * whose first signature was of TLS 1.2: one each SP_RENEWAL_SECONDS_MIN at the most, or as seldom
 * as main says, by the keyholder's clock.  A hostile worker gains nothing by it: its client holds
 * a cookie, and each new connection with that cookie gives it a fresh signature, sooner and
 * without this message.
 */

enum
{
  SP_WORKER_KEYHOLDER_WORKER = 0,
  SP_WORKER_KEYHOLDER_KEYHOLDER = 1
};

/* Phases:
 * HANDSHAKE  no signature made yet
 * LOGIN      signature made; sign-in or cookie
 * DONE       cookie redeemed or given up, or out of tries
 * RENEWAL    main has granted a tunnel whose keys the client renews
 */
typedef enum
{
  SP_WORKER_KEYHOLDER_HANDSHAKE,
  SP_WORKER_KEYHOLDER_LOGIN,
  SP_WORKER_KEYHOLDER_DONE,
  SP_WORKER_KEYHOLDER_RENEWAL
} SpWorkerKeyholderPhase;

/* SIGN_DIGEST.algorithm */
enum
{
  SP_DIGEST_SHA384 = 1, /* 48 bytes */
  SP_DIGEST_SHA512 = 2, /* 64 bytes */
  SP_DIGEST_SHA256 = 3  /* 32 bytes; of RSA keys only */
};

typedef enum
{
  SP_LOGIN_ACCEPTED,
  SP_LOGIN_WRONG,     /* may try again on this connection */
  SP_LOGIN_DENIED,    /* out of tries, or too many failures lately: no further try here */
  SP_LOGIN_BUSY,      /* the queue of password checks is full: come back */
  SP_LOGIN_SUSPENDED, /* cookie is blocked for an undo window: 503 */
  /* The password is right, and yet: told to nobody who does not know it */
  SP_LOGIN_USER_DISABLED,    /* by the owner */
  SP_LOGIN_USER_EXPIRED,     /* its time is over */
  SP_LOGIN_USER_QUOTA,       /* its traffic is used up */
  SP_LOGIN_CODE_WANTED,      /* a code is asked for, too */
  SP_LOGIN_WRONG_CODE,       /* may try another with the same ticket */
  SP_LOGIN_STALE,            /* the ticket is not known (any more): begin anew */
  SP_LOGIN_TWO_STEP_MISSING, /* a second step is required, and none is set up */
  /* Of certificates */
  SP_LOGIN_CERTIFICATE_WANTED,  /* the password is right, but the user signs in with one, too */
  SP_LOGIN_PASSWORD_WANTED,     /* the certificate is good, and the password is asked for */
  SP_LOGIN_CERTIFICATE_FOREIGN, /* not our authority's, or none at all */
  SP_LOGIN_CERTIFICATE_EXPIRED, /* or not good yet */
  SP_LOGIN_CERTIFICATE_UNKNOWN, /* our authority's, but no device has it, or not for clients */
  SP_LOGIN_CERTIFICATE_REVOKED,
  SP_LOGIN_USER_PAUSED,    /* the password is right, but not before a time */
  SP_LOGIN_DEVICE_BLOCKED, /* likewise of the device that has the certificate */
  SP_LOGIN_GROUP_WANTED,   /* the certificate is enough, and its person may choose a group */
  SP_LOGIN_LAST = SP_LOGIN_GROUP_WANTED
} SpLogin;

/* 64 blanks, the context text, a zero and a SHA-256 or SHA-384 hash */
#define SP_CERTIFICATE_VERIFY_MAX 146

/* SIGN_VERIFY: TLS 1.3: sign this CertificateVerify content, as the kind of the key has it: ECDSA
 * over P-256 with SHA-256, over P-384 with SHA-384, or RSA-PSS with SHA-256 */
#define SP_SIGN_VERIFY_FIELDS(S, NUMBER, FIXED, BYTES) BYTES (S, content, SP_CERTIFICATE_VERIFY_MAX)

/* SIGN_DIGEST: TLS 1.2: sign this digest of the key exchange parameters */
#define SP_SIGN_DIGEST_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, algorithm)                                                                    \
  BYTES (S, digest, 64)

/* SIGNED_VERIFY: DER; empty = refused */
#define SP_SIGNED_VERIFY_FIELDS(S, NUMBER, FIXED, BYTES) BYTES (S, signature, SP_SIGNATURE_MAX)

/* SIGNED_DIGEST: DER; empty = refused */
#define SP_SIGNED_DIGEST_FIELDS(S, NUMBER, FIXED, BYTES) BYTES (S, signature, SP_SIGNATURE_MAX)

/* SIGN_RENEWAL: TLS 1.2: likewise, for a renegotiation */
#define SP_SIGN_RENEWAL_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint8, algorithm)                                                                    \
  BYTES (S, digest, 64)

/* SIGNED_RENEWAL: DER; empty = refused, as too soon after the last signature is */
#define SP_SIGNED_RENEWAL_FIELDS(S, NUMBER, FIXED, BYTES) BYTES (S, signature, SP_SIGNATURE_MAX)

/* TRY_PASSWORD: group: the name of the one that was chosen, empty: none. Whoever may not use it is
 * told that the password is wrong */
#define SP_TRY_PASSWORD_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  BYTES (S, login, SP_LOGIN_MAX)                                                                   \
  BYTES (S, password, SP_PASSWORD_MAX)                                                             \
  BYTES (S, group, SP_GROUP_NAME_MAX)

/* PASSWORD_VERDICT: the cookie is set only if accepted, the ticket only if a code is wanted.
 * prompt: what is asked for instead of the usual code, empty = that; any bytes */
#define SP_PASSWORD_VERDICT_FIELDS(S, NUMBER, FIXED, BYTES)                                        \
  NUMBER (S, guint8, verdict)                                                                      \
  FIXED (S, cookie, SP_COOKIE_SIZE)                                                                \
  FIXED (S, ticket, SP_TICKET_SIZE)                                                                \
  BYTES (S, prompt, SP_PROMPT_MAX)

/* TRY_CODE: the second step of a sign-in, on whichever connection; the code as typed */
#define SP_TRY_CODE_FIELDS(S, NUMBER, FIXED, BYTES)                                                \
  FIXED (S, ticket, SP_TICKET_SIZE)                                                                \
  BYTES (S, code, SP_PASSWORD_MAX)

/* CODE_VERDICT: the cookie is set only if accepted, the ticket only if another code may be tried,
 * or another one is wanted; prompt as in PASSWORD_VERDICT */
#define SP_CODE_VERDICT_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  NUMBER (S, guint8, verdict)                                                                      \
  FIXED (S, cookie, SP_COOKIE_SIZE)                                                                \
  FIXED (S, ticket, SP_TICKET_SIZE)                                                                \
  BYTES (S, prompt, SP_PROMPT_MAX)

/* TRY_CERTIFICATE: the client showed this one in its handshake, as PROVE_CERTIFICATE has shown;
 * DER, the client's own alone. has_chosen: its person was asked for a group, or has no choice;
 * group: as in TRY_PASSWORD */
#define SP_TRY_CERTIFICATE_FIELDS(S, NUMBER, FIXED, BYTES)                                         \
  BYTES (S, certificate, SP_CERTIFICATE_MAX)                                                       \
  NUMBER (S, guint8, has_chosen)                                                                   \
  BYTES (S, group, SP_GROUP_NAME_MAX)

/* CERTIFICATE_VERDICT: as PASSWORD_VERDICT, but it never comes with a ticket */
#define SP_CERTIFICATE_VERDICT_FIELDS(S, NUMBER, FIXED, BYTES)                                     \
  NUMBER (S, guint8, verdict)                                                                      \
  FIXED (S, cookie, SP_COOKIE_SIZE)                                                                \
  FIXED (S, ticket, SP_TICKET_SIZE)                                                                \
  BYTES (S, prompt, SP_PROMPT_MAX)

/* REDEEM_COOKIE: a CONNECT with this cookie came in */
#define SP_REDEEM_COOKIE_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, cookie, SP_COOKIE_SIZE)

#define SP_COOKIE_VERDICT_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, verdict)

/* LOGOUT_COOKIE: the client gives up the session of this cookie */
#define SP_LOGOUT_COOKIE_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, cookie, SP_COOKIE_SIZE)

/* LOGOUT_DONE: whatever the cookie was, it is good for nothing now; more is not to be learned */
#define SP_LOGOUT_DONE_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

/* LOOK_AT_INVITATION: somebody opened that link, which changes nothing */
#define SP_LOOK_AT_INVITATION_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, token, SP_TOKEN_SIZE)

/* INVITATION_SEEN: whatever is wrong with a token is told in one way: it is not accepted */
#define SP_INVITATION_SEEN_FIELDS(S, NUMBER, FIXED, BYTES)                                         \
  NUMBER (S, guint8, verdict)                                                                      \
  BYTES (S, name, SP_DEVICE_NAME_MAX)                                                              \
  BYTES (S, url, SP_URL_MAX)

/* CLAIM_INVITATION: somebody pressed the button: the token is used up, and the device made */
#define SP_CLAIM_INVITATION_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, token, SP_TOKEN_SIZE)

/* INVITATION_CLAIMED: claim: the token of its files; pin: of the server's key */
#define SP_INVITATION_CLAIMED_FIELDS(S, NUMBER, FIXED, BYTES)                                      \
  NUMBER (S, guint8, verdict)                                                                      \
  FIXED (S, claim, SP_TOKEN_SIZE)                                                                  \
  FIXED (S, pin, SP_PIN_SIZE)                                                                      \
  BYTES (S, passphrase, SP_PASSPHRASE_MAX)                                                         \
  BYTES (S, common_name, SP_COMMON_NAME_MAX)                                                       \
  BYTES (S, login, SP_LOGIN_MAX)                                                                   \
  BYTES (S, name, SP_DEVICE_NAME_MAX)                                                              \
  BYTES (S, url, SP_URL_MAX)

/* FETCH_ENROLMENT.what: which file is wanted; key and certificate are encrypted with the passphrase
 * in each that has them */
typedef enum
{
  SP_FETCH_NOTHING, /* only what there is to know of the server */
  SP_FETCH_PKCS12,
  SP_FETCH_PROFILE, /* for Apple's devices, signed by our authority */
  SP_FETCH_LAST = SP_FETCH_PROFILE
} SpFetch;

#define SP_FETCH_ENROLMENT_FIELDS(S, NUMBER, FIXED, BYTES)                                         \
  FIXED (S, claim, SP_TOKEN_SIZE)                                                                  \
  NUMBER (S, guint8, what)

#define SP_ENROLMENT_FETCHED_FIELDS(S, NUMBER, FIXED, BYTES)                                       \
  NUMBER (S, guint8, verdict)                                                                      \
  BYTES (S, url, SP_URL_MAX)                                                                       \
  BYTES (S, file, SP_DEVICE_FILE_MAX)

/* PROVE_CERTIFICATE: the messages of the handshake, each with its header, from the ClientHello to
 * the client's CertificateVerify (codec/handshake-proof.h).  Before TRY_CERTIFICATE, and without an
 * answer: what it proves, the keyholder remembers */
#define SP_PROVE_CERTIFICATE_FIELDS(S, NUMBER, FIXED, BYTES) BYTES (S, handshake, SP_HANDSHAKE_MAX)

#define SP_WORKER_KEYHOLDER_FROM(side) SP_WORKER_KEYHOLDER_##side
#define SP_WORKER_KEYHOLDER_IN(phase)  SP_PHASE (SP_WORKER_KEYHOLDER_##phase)

/* clang-format off */
#define SP_WORKER_KEYHOLDER_MESSAGES(MESSAGE, FROM, IN) \
  /*       message           struct             sender            in phases       times              fds answers */ \
  MESSAGE (SIGN_VERIFY,      SpSignVerify,      FROM (WORKER),    IN (HANDSHAKE), 1,                 0,  NOTHING) \
  MESSAGE (SIGN_DIGEST,      SpSignDigest,      FROM (WORKER),    IN (HANDSHAKE), 1,                 0,  NOTHING) \
  MESSAGE (SIGNED_VERIFY,    SpSignedVerify,    FROM (KEYHOLDER), SP_PHASE_ANY,   SP_TIMES_ANY,      0,  SIGN_VERIFY) \
  MESSAGE (SIGNED_DIGEST,    SpSignedDigest,    FROM (KEYHOLDER), SP_PHASE_ANY,   SP_TIMES_ANY,      0,  SIGN_DIGEST) \
  MESSAGE (TRY_PASSWORD,     SpTryPassword,     FROM (WORKER),    IN (LOGIN),     SP_PASSWORD_TRIES, 0,  NOTHING) \
  MESSAGE (PASSWORD_VERDICT, SpPasswordVerdict, FROM (KEYHOLDER), SP_PHASE_ANY,   SP_TIMES_ANY,      0,  TRY_PASSWORD) \
  MESSAGE (REDEEM_COOKIE,    SpRedeemCookie,    FROM (WORKER),    IN (LOGIN),     1,                 0,  NOTHING) \
  MESSAGE (COOKIE_VERDICT,   SpCookieVerdict,   FROM (KEYHOLDER), SP_PHASE_ANY,   SP_TIMES_ANY,      0,  REDEEM_COOKIE) \
  MESSAGE (LOGOUT_COOKIE,    SpLogoutCookie,    FROM (WORKER),    IN (LOGIN),     1,                 0,  NOTHING) \
  MESSAGE (LOGOUT_DONE,      SpLogoutDone,      FROM (KEYHOLDER), SP_PHASE_ANY,   SP_TIMES_ANY,      0,  LOGOUT_COOKIE) \
  MESSAGE (SIGN_RENEWAL,     SpSignRenewal,     FROM (WORKER),    IN (RENEWAL),   SP_TIMES_ANY,      0,  NOTHING) \
  MESSAGE (SIGNED_RENEWAL,   SpSignedRenewal,   FROM (KEYHOLDER), SP_PHASE_ANY,   SP_TIMES_ANY,      0,  SIGN_RENEWAL) \
  MESSAGE (TRY_CODE,         SpTryCode,         FROM (WORKER),    IN (LOGIN),     SP_CODE_TRIES,     0,  NOTHING) \
  MESSAGE (CODE_VERDICT,     SpCodeVerdict,     FROM (KEYHOLDER), SP_PHASE_ANY,   SP_TIMES_ANY,      0,  TRY_CODE) \
  MESSAGE (TRY_CERTIFICATE,  SpTryCertificate,  FROM (WORKER),    IN (LOGIN),     SP_CERTIFICATE_TRIES, 0,  NOTHING) \
  MESSAGE (CERTIFICATE_VERDICT, SpCertificateVerdict, FROM (KEYHOLDER), SP_PHASE_ANY, SP_TIMES_ANY,  0,  TRY_CERTIFICATE) \
  MESSAGE (LOOK_AT_INVITATION, SpLookAtInvitation, FROM (WORKER), IN (LOGIN),  1,                 0,  NOTHING) \
  MESSAGE (INVITATION_SEEN,  SpInvitationSeen,  FROM (KEYHOLDER), SP_PHASE_ANY, SP_TIMES_ANY,      0,  LOOK_AT_INVITATION) \
  MESSAGE (CLAIM_INVITATION, SpClaimInvitation, FROM (WORKER),    IN (LOGIN),   1,                 0,  NOTHING) \
  MESSAGE (INVITATION_CLAIMED, SpInvitationClaimed, FROM (KEYHOLDER), SP_PHASE_ANY, SP_TIMES_ANY,  0,  CLAIM_INVITATION) \
  MESSAGE (FETCH_ENROLMENT,  SpFetchEnrolment,  FROM (WORKER),    IN (LOGIN),   1,                 0,  NOTHING) \
  MESSAGE (ENROLMENT_FETCHED, SpEnrolmentFetched, FROM (KEYHOLDER), SP_PHASE_ANY, SP_TIMES_ANY,    0,  FETCH_ENROLMENT) \
  MESSAGE (PROVE_CERTIFICATE, SpProveCertificate, FROM (WORKER),  IN (LOGIN),   1,                 0,  NOTHING)
/* clang-format on */

enum
{
  SP_WORKER_KEYHOLDER_NO_MESSAGE = 0,
  SP_WORKER_KEYHOLDER_MESSAGES (SP_ENUM_MESSAGE, SP_WORKER_KEYHOLDER_FROM, SP_WORKER_KEYHOLDER_IN)
};

SP_WORKER_KEYHOLDER_MESSAGES (SP_STRUCT_MESSAGE, SP_WORKER_KEYHOLDER_FROM, SP_WORKER_KEYHOLDER_IN)

extern const SpWall sp_wall_worker_keyholder;

G_END_DECLS
