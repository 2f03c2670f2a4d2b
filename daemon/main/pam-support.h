/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the room that signs in by PAM was built. */
gboolean sp_pam_is_built (void);

G_END_DECLS
