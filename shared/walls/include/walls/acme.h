/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/acme-limits.h"
#include "base/limits.h"
#include "walls/message.h"

G_BEGIN_DECLS

/* What walls C and E say of accounts at authorities (RFC 8555): the fields of wall C are here. */

/* SIGN_ACME.kind, SIGN_REQUEST.kind: what an account tells an authority (RFC 8555) */
typedef enum
{
  SP_ACME_NEW_ACCOUNT, /* 7.3: make one for this key, or find the one that it has */
  SP_ACME_NEW_ORDER,   /* 7.4: for these names */
  SP_ACME_FETCH,       /* 6.3: say how it is with this */
  SP_ACME_RESPOND,     /* 7.5.1: the challenge can be looked at */
  SP_ACME_FINALIZE,    /* 7.4: with this request */
  SP_ACME_KIND_LAST = SP_ACME_FINALIZE
} SpAcmeKind;

/* RUN_ORDER.ways, SHOW_VALIDATION.way: how an authority is shown that a name leads here */
typedef enum
{
  SP_ACME_TLS_ALPN, /* RFC 8737: by a certificate, at port 443 */
  SP_ACME_HTTP,     /* RFC 8555 8.3: by a text, at port 80 */
  SP_ACME_DNS,      /* RFC 8555 8.4: by a record of the DNS */
  SP_ACME_WAYS_N
} SpAcmeWay;

/* SIGN_ACME: sign this with the key of our account at that directory, which is made if there is
 * none.  url, nonce and account come from a courier: nobody believed them yet.  account: its
 * address there, empty for NEW_ACCOUNT, which alone uses agreed (to the authority's terms) and
 * contact (an address of mail, or empty); names: of NEW_ORDER, as in PREPARE, and replaces: which
 * certificate that is for the place of, as renewal in CERTIFICATE_KNOWN, or empty; request: the id
 * of the one to FINALIZE with */
#define SP_SIGN_ACME_FIELDS(S, NUMBER, FIXED, BYTES)                                               \
  NUMBER (S, guint8, kind)                                                                         \
  NUMBER (S, guint8, agreed)                                                                       \
  FIXED (S, request, SP_ID_SIZE)                                                                   \
  BYTES (S, directory, SP_ERRAND_URL_MAX)                                                          \
  BYTES (S, url, SP_ERRAND_URL_MAX)                                                                \
  BYTES (S, nonce, SP_ACME_NONCE_MAX)                                                              \
  BYTES (S, account, SP_ERRAND_URL_MAX)                                                            \
  BYTES (S, contact, SP_ACME_CONTACT_MAX)                                                          \
  BYTES (S, names, SP_CERTIFICATE_NAMES_MAX)                                                       \
  BYTES (S, replaces, SP_ACME_RENEWAL_MAX)

/* ACME_SIGNED: request: a JWS (RFC 7515 7.2.2) */
#define SP_ACME_SIGNED_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, done)                                                                         \
  BYTES (S, text, SP_REASON_MAX)                                                                   \
  BYTES (S, request, SP_ACME_REQUEST_MAX)

/* DIGEST_ACME: what a validation with this token shows of the account there; the token comes from a
 * courier.  ACME_DIGESTED: SHA-256 of the key (RFC 7638), and of the key authorization that this
 * makes with the token (RFC 8555 8.1) */
#define SP_DIGEST_ACME_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  BYTES (S, directory, SP_ERRAND_URL_MAX)                                                          \
  BYTES (S, token, SP_ACME_TOKEN_MAX)

#define SP_ACME_DIGESTED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint8, done)                                                                         \
  BYTES (S, text, SP_REASON_MAX)                                                                   \
  FIXED (S, thumbprint, SP_VALIDATION_SIZE)                                                        \
  FIXED (S, digest, SP_VALIDATION_SIZE)

G_END_DECLS
