/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-courier.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* One question over HTTP, whose answer is hostile until it is understood: it is read to a limit, no
 * redirection is followed, no credential is asked for anew, no cookie is kept. */
typedef struct _SpErrand SpErrand;

/* Called once; what is told is for main. */
typedef void (*SpErrandEnded) (gpointer user_data, const SpErrandDone *done);

/* What errands are run with, from files that are read now: whom computers trust.  Errors:
 * SP_ERROR_NOT_SUPPORTED where GIO has no TLS. */
SoupSession *sp_errand_prepare (GError **error);

/* What an error of libsoup or GIO comes to. */
SpErrandOutcome sp_errand_find_outcome (const GError *error);

/* `password` is a text; it is taken.  What was ordered is checked before anything is sent. */
SpErrand *sp_errand_start (SoupSession *session,
                           const SpRunErrand *order,
                           char *password,
                           SpErrandEnded ended,
                           gpointer user_data);
void sp_errand_free (SpErrand *errand);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpErrand, sp_errand_free)

G_END_DECLS
