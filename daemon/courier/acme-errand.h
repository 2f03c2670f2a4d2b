/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "acme-talk.h"

G_BEGIN_DECLS

/* An order of a certificate, from the directory to the certificate (RFC 8555 7.1): who ordered
 * signs all that is said, and shows the authority each name. */
typedef struct _SpAcmeErrand SpAcmeErrand;

typedef struct
{
  void (*sign) (gpointer user_data, const SpSignRequest *request);
  void (*show) (gpointer user_data, const SpShowValidation *validation);
  void (*ended) (gpointer user_data, const SpOrderDone *done); /* once, and last */
} SpAcmeErrandEvents;

/* `trust` as PEM, lent; `file`: for the certificate, taken. */
SpAcmeErrand *sp_acme_errand_start (SoupSession *session,
                                    const SpRunOrder *order,
                                    const char *trust,
                                    int file,
                                    const SpAcmeErrandEvents *events,
                                    gpointer user_data);
void sp_acme_errand_free (SpAcmeErrand *self);

/* The answers to `sign` and `show`. */
void sp_acme_errand_signed (SpAcmeErrand *self, const SpRequestSigned *answer);
void sp_acme_errand_shown (SpAcmeErrand *self, gboolean shown);

G_END_DECLS
