/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/message.h"

G_BEGIN_DECLS

/* What wall C says of server certificates. */

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

G_END_DECLS
