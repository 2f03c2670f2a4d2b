/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-worker.h"
#include "worker/tls-session.h"

G_BEGIN_DECLS

/* What an authority is shown that looks whether this server answers under a name (RFC 8737): a
 * certificate of its own making with a digest in it.  The key is of no worth, and made here: only
 * the digest counts, which is public, and is of an account that others do not have. */
typedef struct _SpValidationShow SpValidationShow;

/* NULL: nobody may look now, or the hello that lies unread in the socket is not that of somebody
 * who looks for the name. */
SpValidationShow *sp_validation_show_new (const SpAdoptClient *message, int fd);
void sp_validation_show_free (SpValidationShow *self); /* after the session */

void sp_validation_show_begin (SpValidationShow *self, SpTlsSession *session);

G_END_DECLS
