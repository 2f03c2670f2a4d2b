/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "acme-way.h"

G_BEGIN_DECLS

/* HTTP-01 (RFC 8555 8.3): the door answers at port 80 of the addresses that clients come to, for as
 * long as something is shown.  As the rows of acme-way.c; the task's errors: SP_ERROR_PORT_IN_USE,
 * and what sp_listener_open_on says. */
void sp_acme_web_show (SpServer *server, const SpAcmeProof *proof, GTask *task);
void sp_acme_web_hide (SpServer *server);

G_END_DECLS
