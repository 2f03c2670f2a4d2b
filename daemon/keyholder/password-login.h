/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "from-worker.h"

G_BEGIN_DECLS

/* A worker's client tries a password: looked up, admitted, hashed, decided; told to main first and
 * then to the worker.  What it takes does not depend on whether there is such a user. */
void sp_password_login_try (SpWorkerPeer *peer, guint32 serial, const SpTryPassword *message);

G_END_DECLS
