/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/acme-limits.h"
#include "walls/main-courier.h"

G_BEGIN_DECLS

/* What an authority says (RFC 8555 7.1), read from hostile bytes.  PURE.  A URL that was read is
 * one that may be fetched; what is not as the RFC has it makes the whole unreadable. */

typedef enum
{
  SP_ACME_PENDING,
  SP_ACME_READY,
  SP_ACME_PROCESSING,
  SP_ACME_VALID,
  SP_ACME_INVALID /* also expired, revoked, deactivated: it comes to nothing any more */
} SpAcmeStatus;

typedef struct
{
  char *new_nonce;
  char *new_account;
  char *new_order;
  char *renewal_info;              /* RFC 9773 3; NULL: there is none */
  gboolean has_terms;              /* that one agrees to */
  gboolean wants_external_account; /* 7.3.4 */
} SpAcmeDirectory;

typedef struct
{
  SpAcmeStatus status;
  GStrv authorizations; /* URLs, at most SP_ACME_NAMES_MAX */
  char *finalize;
  char *certificate;      /* of a VALID one, else NULL */
  SpOrderOutcome problem; /* of an INVALID one */
} SpAcmeOrder;

/* RFC 8555 8; both or neither are NULL. */
typedef struct
{
  char *url;
  char *token;
} SpAcmeChallenge;

typedef struct
{
  SpAcmeStatus status;
  char *name;                                 /* that is looked for, in lower case */
  SpAcmeChallenge challenges[SP_ACME_WAYS_N]; /* NULL: it does not look in that way */
  SpOrderOutcome problem;                     /* of an INVALID one */
} SpAcmeAuthorization;

gboolean sp_acme_directory_read (const guint8 *bytes, gsize size, SpAcmeDirectory *ret);
void sp_acme_directory_clear (SpAcmeDirectory *directory);
gboolean sp_acme_order_read (const guint8 *bytes, gsize size, SpAcmeOrder *ret);
void sp_acme_order_clear (SpAcmeOrder *order);
gboolean sp_acme_authorization_read (const guint8 *bytes, gsize size, SpAcmeAuthorization *ret);
void sp_acme_authorization_clear (SpAcmeAuthorization *authorization);

/* When a certificate is to be renewed (RFC 9773 4.2): microseconds since the epoch, the end later
 * than the beginning. */
typedef struct
{
  gint64 begin;
  gint64 end;
} SpAcmeWindow;

gboolean sp_acme_window_read (const guint8 *bytes, gsize size, SpAcmeWindow *ret);

/* Of an answer that is no success (RFC 7807, 8555 6.7); STATUS: it says no more. */
SpOrderOutcome sp_acme_problem_read (const guint8 *bytes, gsize size, gboolean *ret_bad_nonce);

G_END_DECLS
