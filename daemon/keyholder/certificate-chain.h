/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/* Which of some certificates lead from one of them to an authority. */

#define SP_CHAIN_LENGTH_MAX 8 /* as many as workers take */

typedef enum
{
  SP_CHAIN_TRUSTED,  /* by an authority that the computer trusts */
  SP_CHAIN_OWN_ROOT, /* by one that is among the certificates and that the computer does not know */
  SP_CHAIN_SELF_SIGNED, /* by nobody else */
  SP_CHAIN_INCOMPLETE   /* whoever signed the last is neither there nor trusted */
} SpChainEnd;

typedef struct
{
  GPtrArray *certificates; /* lent; the server's first; without a root */
  SpCertificate *root;     /* lent; NULL: there is none among them */
  SpChainEnd end;
} SpChain;

/* `trust`: PEM certificates of authorities, or nothing.  Dates are not looked at. */
void sp_chain_build (SpChain *chain, GPtrArray *certificates, SpCertificate *first, GBytes *trust);
void sp_chain_clear (SpChain *chain);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SpChain, sp_chain_clear)

/* DER, one after the other; errors: SP_ERROR_CERTIFICATE_INVALID (longer than
 * SP_CERTIFICATE_CHAIN_MAX). */
GBytes *sp_chain_write (const SpChain *chain, GError **error);

G_END_DECLS
