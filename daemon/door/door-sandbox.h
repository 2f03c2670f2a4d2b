/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean sp_door_close_sandbox (GError **error);

G_END_DECLS
