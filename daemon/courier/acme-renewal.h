/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "acme-talk.h"

G_BEGIN_DECLS

/* Asks an authority when it wants a certificate renewed (RFC 9773 4): two requests, neither signed,
 * for its directory and for what it says of that certificate. */
typedef struct _SpAcmeRenewal SpAcmeRenewal;

/* Called once, and last. */
typedef void (*SpAcmeRenewalTold) (gpointer user_data, const SpRenewalTold *told);

/* `trust` as PEM, lent. */
SpAcmeRenewal *sp_acme_renewal_start (SoupSession *session,
                                      const SpAskRenewal *question,
                                      const char *trust,
                                      SpAcmeRenewalTold told,
                                      gpointer user_data);
void sp_acme_renewal_free (SpAcmeRenewal *self);

G_END_DECLS
