/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The view of how the server is set up.  Follows the connection. */
#define SP_TYPE_SETTINGS_PAGE (sp_settings_page_get_type ())
G_DECLARE_FINAL_TYPE (SpSettingsPage, sp_settings_page, SP, SETTINGS_PAGE, AdwBin)

void sp_settings_page_set_connection (SpSettingsPage *page, SpServerConnection *connection);
/* A row of settings-page.ui, by its id. */
void sp_settings_page_show (SpSettingsPage *page, const char *row);

G_END_DECLS
