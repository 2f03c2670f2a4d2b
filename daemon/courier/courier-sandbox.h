/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What libsoup needs once its libraries are loaded; see the table. */
gboolean sp_courier_sandbox_enter (GError **error);

G_END_DECLS
