/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "from-worker.h"

G_BEGIN_DECLS

/* A worker's client takes the second step: the ticket says whose, the code is used up durably, then
 * it is decided; told to main first and then to the worker.  What is wrong with a code (another
 * one, one that was used, a recovery code that is none) is not told apart. */
void sp_code_login_try (SpWorkerPeer *peer, guint32 serial, const SpTryCode *message);

G_END_DECLS
