/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/login-request.h"

/* What holds for every login request that was accepted, in whichever notation it came. */
void check_login_request (const SpLoginRequest *request);

/* Both hold the same login and password. */
void check_same_login (const SpLoginRequest *request, const SpLoginRequest *again);
