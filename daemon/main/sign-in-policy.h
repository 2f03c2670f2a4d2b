/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "device-registry.h"
#include "settings.h"
#include "user-registry.h"

G_BEGIN_DECLS

/* What users of whom nothing else is set sign in with. */
SpSignInMethod sp_sign_in_usual (const SpSettings *settings);
/* ADOPT_CLIENT.sign_in: what workers have to know before they know whom they serve. */
guint8 sp_sign_in_describe (SpSignInMethod usual, SpUserRegistry *users, SpDeviceRegistry *devices);
/* Whether anybody signs in by PAM: no room is started for it otherwise. */
gboolean sp_sign_in_needs_pam (SpSignInMethod usual, SpUserRegistry *users);

G_END_DECLS
