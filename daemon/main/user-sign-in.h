/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-options.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* What a user signs in with, as it is set of the user. */

/* SP_SIGN_IN_USUAL when it says nothing. */
SpSignInMethod sp_sign_in_of_text (const char *text);
gboolean sp_user_check_sign_in (const SpBusKey *key, GVariant *value, GError **error);

G_END_DECLS
