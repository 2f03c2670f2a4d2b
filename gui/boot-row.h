/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Whether the server starts with the computer that it is on, as a switch, or why there is none. */
#define SP_TYPE_BOOT_ROW (sp_boot_row_get_type ())
G_DECLARE_FINAL_TYPE (SpBootRow, sp_boot_row, SP, BOOT_ROW, AdwActionRow)

/* Follows that server from now on; NULL: none. */
void sp_boot_row_bind (SpBootRow *row, SpServerConnection *connection);

G_END_DECLS
