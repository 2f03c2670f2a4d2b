/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/acme.h"
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

#define SP_CERTIFICATE_NAMES_MAX 1024
#define SP_PROGRAM_VERSION_MAX   31

/* Kinds and origins of certificates */
enum
{
  SP_CERTIFICATE_AUTHORITY,
  SP_CERTIFICATE_SERVER,
  SP_CERTIFICATE_REQUEST, /* no certificate yet: a key and a request for one */
  SP_CERTIFICATE_KIND_LAST = SP_CERTIFICATE_REQUEST
};
enum
{
  SP_CERTIFICATE_OWN, /* made by us */
  SP_CERTIFICATE_IMPORTED,
  SP_CERTIFICATE_ORIGIN_LAST = SP_CERTIFICATE_IMPORTED
};

#define SP_KEY_TEXT_MAX 32

/* What is looked at in a certificate that somebody brought, and what was found. */
typedef enum
{
  SP_CHECK_FILES, /* could they be read */
  SP_CHECK_KEY,   /* is there one, and does it fit */
  SP_CHECK_STRENGTH,
  SP_CHECK_USE, /* may it be a server's */
  SP_CHECK_DATES,
  SP_CHECK_NAMES,
  SP_CHECK_CHAIN, /* up to an authority that is known */
  SP_CHECK_LAST = SP_CHECK_CHAIN
} SpCertificateCheck;

typedef enum
{
  SP_SEVERITY_OK,
  SP_SEVERITY_WARNING, /* it may be used all the same */
  SP_SEVERITY_PROBLEM,
  SP_SEVERITY_LAST = SP_SEVERITY_PROBLEM
} SpSeverity;

#define SP_FINDINGS_MAX 3072

/* Of all answers that say whether it was done; text: if not, why */
#define SP_DONE_FIELDS(S, NUMBER, BYTES)                                                           \
  NUMBER (S, guint8, done)                                                                         \
  BYTES (S, text, SP_REASON_MAX)

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

/* What there is to know of a certificate, all of it public: times in microseconds since the epoch;
 * pin: of its key; subject, issuer, key: for people ("EC P-256"); names: each ended by a zero byte;
 * token: the URI of its key where that is in a token, else empty; renewal: how an authority calls
 * it when it says when to renew it (RFC 9773 4.1), empty: it cannot be called so */
#define SP_CERTIFICATE_FACTS(S, NUMBER, FIXED, BYTES)                                              \
  FIXED (S, id, SP_ID_SIZE)                                                                        \
  NUMBER (S, guint8, kind)                                                                         \
  NUMBER (S, guint8, origin)                                                                       \
  NUMBER (S, guint8, active)                                                                       \
  NUMBER (S, guint64, not_before)                                                                  \
  NUMBER (S, guint64, not_after)                                                                   \
  FIXED (S, fingerprint, SP_FINGERPRINT_SIZE)                                                      \
  FIXED (S, pin, SP_PIN_SIZE)                                                                      \
  BYTES (S, subject, SP_CERTIFICATE_TEXT_MAX)                                                      \
  BYTES (S, issuer, SP_CERTIFICATE_TEXT_MAX)                                                       \
  BYTES (S, key, SP_KEY_TEXT_MAX)                                                                  \
  BYTES (S, names, SP_CERTIFICATE_NAMES_TEXT_MAX)                                                  \
  BYTES (S, token, SP_TOKEN_URI_MAX)                                                               \
  BYTES (S, renewal, SP_ACME_RENEWAL_MAX)

/* LIST_CERTIFICATES: tell CERTIFICATE_KNOWN of each, then CERTIFICATES_LISTED */
#define SP_LIST_CERTIFICATES_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

#define SP_CERTIFICATES_LISTED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, reserved)

/* CERTIFICATE_KNOWN: it is there, or something of it changed */
#define SP_CERTIFICATE_KNOWN_FIELDS(S, NUMBER, FIXED, BYTES)                                       \
  SP_CERTIFICATE_FACTS (S, NUMBER, FIXED, BYTES)

/* RENEW_CERTIFICATE: make our own server certificate anew, with the same key; names as in PREPARE,
 * none: those that it has; always: also if it has these names and does not end soon */
#define SP_RENEW_CERTIFICATE_FIELDS(S, NUMBER, FIXED, BYTES)                                       \
  NUMBER (S, guint8, always)                                                                       \
  BYTES (S, names, SP_CERTIFICATE_NAMES_MAX)

/* CERTIFICATE_RENEWED: what changed was told before */
#define SP_CERTIFICATE_RENEWED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* CERTIFICATE_GONE: it was removed */
#define SP_CERTIFICATE_GONE_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, id, SP_ID_SIZE)

/* CHECK_CERTIFICATE: say what is in these files, and with keep take it, if it can be used; name: of
 * the server, or empty.  Descriptors: SP_BUNDLE_FILES_MAX files, of which the first `files` count,
 * then a passphrase, then the authorities that the computer trusts, as PEM; what there is none of
 * is an empty file.  They are sealed or change for nobody else.  token: not empty: the URI of the
 * key in a token, and the passphrase is its PIN */
#define SP_CHECK_CERTIFICATE_FDS (SP_BUNDLE_FILES_MAX + 2)
#define SP_CHECK_CERTIFICATE_FIELDS(S, NUMBER, FIXED, BYTES)                                       \
  NUMBER (S, guint8, keep)                                                                         \
  NUMBER (S, guint8, files)                                                                        \
  NUMBER (S, guint8, has_passphrase)                                                               \
  BYTES (S, name, SP_DOMAIN_MAX)                                                                   \
  BYTES (S, token, SP_TOKEN_URI_MAX)

/* CERTIFICATE_CHECKED: findings: each a check, a severity and a text that ends with a zero byte.
 * Facts only where a certificate was found.  kept: under that id, which was told before */
#define SP_CERTIFICATE_CHECKED_FIELDS(S, NUMBER, FIXED, BYTES)                                     \
  NUMBER (S, guint8, done)                                                                         \
  BYTES (S, text, SP_REASON_MAX)                                                                   \
  NUMBER (S, guint8, usable)                                                                       \
  NUMBER (S, guint8, kept)                                                                         \
  NUMBER (S, guint8, found)                                                                        \
  BYTES (S, findings, SP_FINDINGS_MAX)                                                             \
  SP_CERTIFICATE_FACTS (S, NUMBER, FIXED, BYTES)

/* REQUEST_CERTIFICATE: give out the request with this id, or, if that is all zero, make a key and a
 * request for these names, as in PREPARE */
#define SP_REQUEST_CERTIFICATE_FIELDS(S, NUMBER, FIXED, BYTES)                                     \
  FIXED (S, id, SP_ID_SIZE)                                                                        \
  BYTES (S, names, SP_CERTIFICATE_NAMES_MAX)

/* CERTIFICATE_REQUESTED: request: PKCS #10, DER */
#define SP_CERTIFICATE_REQUESTED_FIELDS(S, NUMBER, FIXED, BYTES)                                   \
  NUMBER (S, guint8, done)                                                                         \
  BYTES (S, text, SP_REASON_MAX)                                                                   \
  FIXED (S, id, SP_ID_SIZE)                                                                        \
  BYTES (S, request, SP_CERTIFICATE_MAX)

/* ACTIVATE_CERTIFICATE: serve with it; what changed is told before the answer */
#define SP_ACTIVATE_CERTIFICATE_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, id, SP_ID_SIZE)

#define SP_CERTIFICATE_ACTIVATED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* REMOVE_CERTIFICATE: with its key, for good; not our own, nor the active one */
#define SP_REMOVE_CERTIFICATE_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, id, SP_ID_SIZE)

#define SP_CERTIFICATE_REMOVED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* FIRST_LOGIN: when the user signed in for the first time, in microseconds since the epoch: at that
 * moment, and before each USER_PUT of one that did */
#define SP_FIRST_LOGIN_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  NUMBER (S, guint64, at)

/* SEAL_BACKUP: encrypt a backup. Descriptors: the file that is written, the passphrase as in
 * SET_PASSWORD, the settings, a copy of main's database. by_kept_key: by the key of SET_BACKUP_KEY,
 * and the second descriptor means nothing */
#define SP_SEAL_BACKUP_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, by_kept_key)                                                                  \
  NUMBER (S, guint64, created)                                                                     \
  NUMBER (S, guint32, main_schema)                                                                 \
  BYTES (S, program, SP_PROGRAM_VERSION_MAX)

/* BACKUP_SEALED: what its header says */
#define SP_BACKUP_SEALED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint8, done)                                                                         \
  NUMBER (S, guint64, created)                                                                     \
  NUMBER (S, guint32, main_schema)                                                                 \
  BYTES (S, program, SP_PROGRAM_VERSION_MAX)                                                       \
  BYTES (S, text, SP_REASON_MAX)

/* OPEN_BACKUP: verify a backup to its last byte. Descriptors: the file, the passphrase, where the
 * settings go, where main's database goes. main_schema: the newest that main can read. keep: write
 * there, and leave our own database ready for PREPARE; otherwise nothing is written anywhere */
#define SP_OPEN_BACKUP_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, keep)                                                                         \
  NUMBER (S, guint32, main_schema)

/* BACKUP_OPENED: as BACKUP_SEALED */
#define SP_BACKUP_OPENED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  SP_BACKUP_SEALED_FIELDS (S, NUMBER, FIXED, BYTES)

/* DROP_RESTORED: forget what OPEN_BACKUP left; created: as it said */
#define SP_DROP_RESTORED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, created)

/* SET_BACKUP_KEY: derive a key from the passphrase and keep it, for SEAL_BACKUP; on 0: forget it,
 * and the descriptor means nothing */
#define SP_SET_BACKUP_KEY_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, on)

#define SP_BACKUP_KEY_SET_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* SET_DNS_PASSWORD.which, LEND_DNS_PASSWORD.which */
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

/* ISSUE_DEVICE.format: of the file that the client's machine gets */
typedef enum
{
  SP_DEVICE_PKCS12,     /* what every importer reads */
  SP_DEVICE_PKCS12_AES, /* what today's read */
  SP_DEVICE_PEM,
  SP_DEVICE_FORMAT_LAST = SP_DEVICE_PEM
} SpDeviceFormat;

/* ISSUE_DEVICE.passphrase: of the private key in the file */
typedef enum
{
  SP_PASSPHRASE_MADE,  /* goes into the second descriptor */
  SP_PASSPHRASE_GIVEN, /* can be read from it */
  SP_PASSPHRASE_NONE,  /* PEM only */
  SP_PASSPHRASE_LAST = SP_PASSPHRASE_NONE
} SpPassphrase;

/* ISSUE_DEVICE: make a key and a certificate of our authority, write both into the first descriptor
 * and keep nothing of the key. renew: for a device that is there; the certificate that it has stays
 * good until the new one is used. The descriptors are memory files; login and name are what people
 * see in the certificate */
#define SP_ISSUE_DEVICE_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  FIXED (S, device, SP_ID_SIZE)                                                                    \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  NUMBER (S, guint8, renew)                                                                        \
  NUMBER (S, guint8, format)                                                                       \
  NUMBER (S, guint8, passphrase)                                                                   \
  NUMBER (S, guint32, days)                                                                        \
  BYTES (S, login, SP_LOGIN_MAX)                                                                   \
  BYTES (S, name, SP_DEVICE_NAME_MAX)

/* DEVICE_ISSUED: not_after in microseconds since the epoch; the fingerprint is that of the new
 * certificate */
#define SP_DEVICE_ISSUED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint8, done)                                                                         \
  NUMBER (S, guint64, not_after)                                                                   \
  FIXED (S, fingerprint, SP_FINGERPRINT_SIZE)                                                      \
  BYTES (S, text, SP_REASON_MAX)

/* REVOKE_DEVICE: while on, and before blocked_until (microseconds since the epoch, 0 = it is not
 * blocked), nobody signs in with it; its cookies die at once, or with keep_cookies are no good as
 * long as that is so */
#define SP_REVOKE_DEVICE_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  FIXED (S, device, SP_ID_SIZE)                                                                    \
  NUMBER (S, guint8, on)                                                                           \
  NUMBER (S, guint64, blocked_until)                                                               \
  NUMBER (S, guint8, keep_cookies)

#define SP_DEVICE_REVOKED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* REMOVE_DEVICE: as if it had never been; its cookies die at once */
#define SP_REMOVE_DEVICE_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, device, SP_ID_SIZE)

#define SP_DEVICE_REMOVED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* ENROLL_TOTP: make a new secret for the second step, to be confirmed. The keyholder writes the URI
 * that a phone reads (otpauth:) into the descriptor, an empty file in memory that main does not
 * read; label and issuer are what the phone shows. What was confirmed before holds until then */
#define SP_ENROLL_TOTP_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  BYTES (S, label, SP_LOGIN_MAX)                                                                   \
  BYTES (S, issuer, SP_ISSUER_MAX)

#define SP_TOTP_ENROLLED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* CONFIRM_TOTP: with a code of the new secret, which then counts. Recovery codes are written into
 * the descriptor, a line each; older ones are forgotten */
#define SP_CONFIRM_TOTP_FIELDS(S, NUMBER, FIXED, BYTES)                                            \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  BYTES (S, code, SP_CODE_MAX)

#define SP_TOTP_CONFIRMED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* REMOVE_TOTP: no second step any more, confirmed or not */
#define SP_REMOVE_TOTP_FIELDS(S, NUMBER, FIXED, BYTES) FIXED (S, user, SP_ID_SIZE)

#define SP_TOTP_REMOVED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* TWO_STEP_KNOWN: after PREPARED once for each user who has a second step, and when that changes */
#define SP_TWO_STEP_KNOWN_FIELDS(S, NUMBER, FIXED, BYTES)                                          \
  FIXED (S, user, SP_ID_SIZE)                                                                      \
  NUMBER (S, guint8, on)                                                                           \
  NUMBER (S, guint8, recovery_codes)

/* ADD_APP_PASSWORD: make a device that is not there yet and its password, which is written into the
 * descriptor, an empty file in memory that main does not read */
#define SP_ADD_APP_PASSWORD_FIELDS(S, NUMBER, FIXED, BYTES)                                        \
  FIXED (S, device, SP_ID_SIZE)                                                                    \
  FIXED (S, user, SP_ID_SIZE)

#define SP_APP_PASSWORD_ADDED_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

/* SET_SIGN_IN: what users sign in with of whom PUT_USER says nothing else; a password before this
 * came. two_step_required: of everybody, whatever PUT_USER says; once it is 1 here, a password
 * alone lets nobody in
 */
#define SP_SET_SIGN_IN_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, method)                                                                       \
  NUMBER (S, guint8, two_step_required)

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
  MESSAGE (TOKEN_HEALTH,   SpTokenHealth,   FROM (KEYHOLDER), IN (READY),    SP_TIMES_ANY, 0,  NOTHING)
/* clang-format on */

enum
{
  SP_MAIN_KEYHOLDER_NO_MESSAGE = 0,
  SP_MAIN_KEYHOLDER_MESSAGES (SP_ENUM_MESSAGE, SP_MAIN_KEYHOLDER_FROM, SP_MAIN_KEYHOLDER_IN)
};

SP_MAIN_KEYHOLDER_MESSAGES (SP_STRUCT_MESSAGE, SP_MAIN_KEYHOLDER_FROM, SP_MAIN_KEYHOLDER_IN)

extern const SpWall sp_wall_main_keyholder;

G_END_DECLS
