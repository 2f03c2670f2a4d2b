/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Before any module is loaded: what it does, too, is bounded. */
gboolean sp_token_sandbox_enter (GError **error);

G_END_DECLS
