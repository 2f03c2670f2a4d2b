/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "path-policy.h"
#include "worker-private.h"

G_BEGIN_DECLS

/* What a client is told while it signs in.  Each sends one answer to the request in work, and then
 * waits for another one or, if the request or the answer says so, leaves. */

/* Sends an answer and frees it; the client is left if that fails. */
void sp_login_reply_send (SpWorker *worker, GString *answer);

void sp_login_reply_form (SpWorker *worker, const char *error); /* NULL: it is the first */
/* The choice of a group, for whose certificate is enough; `error`: why the last one was not good.
 */
void sp_login_reply_group_form (SpWorker *self, const char *error);
void sp_login_reply_password_form (SpWorker *worker, const char *login);
void sp_login_reply_code_form (SpWorker *worker,
                               const guint8 ticket[SP_TICKET_SIZE],
                               const char *prompt, /* NULL: the usual code is asked for */
                               const char *error); /* NULL: it is the first */
/* A page that says why not, and the end. */
void sp_login_reply_refusal (SpWorker *worker, const char *error);
void sp_login_reply_complete (SpWorker *worker, const guint8 cookie[SP_COOKIE_SIZE]);
void sp_login_reply_document (SpWorker *worker, const SpPathPolicy *document);
void sp_login_reply_logged_out (SpWorker *worker);
void sp_login_reply_not_found (SpWorker *worker);
/* To who has no mark of a client: the owner's line, or that there is nothing; and the end. */
void sp_login_reply_stranger (SpWorker *worker);

/* An answer without a body, and the end. `reason` and `x_reason` may be NULL. */
void sp_login_reply_refuse (
    SpWorker *worker, guint status, const char *reason, const char *x_reason, SpLeft how);

/* Asks a client for its certificate, which it shows on another connection. */
void sp_login_reply_certificate_request (SpWorker *worker);

G_END_DECLS
