/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

G_BEGIN_DECLS

/* Accounts at authorities (RFC 8555): for each directory a key of its own, which is made when it is
 * first needed, and signs what acme-request.h composes and nothing else. */

/* Handlers for the wall to main (link/link.h). */
void sp_acme_order_sign (gpointer user_data, guint32 serial, gconstpointer message, int *fds);
void sp_acme_order_digest (gpointer user_data, guint32 serial, gconstpointer message, int *fds);

G_END_DECLS
