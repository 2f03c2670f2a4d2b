/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The part of the activity page with what the service writes down. */
#define SP_TYPE_LOG_VIEW (sp_log_view_get_type ())
G_DECLARE_FINAL_TYPE (SpLogView, sp_log_view, SP, LOG_VIEW, AdwBin)

void sp_log_view_set_connection (SpLogView *view, SpServerConnection *connection);

G_END_DECLS
