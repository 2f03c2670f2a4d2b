/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client.h"
#include "json.h"

G_BEGIN_DECLS

/* The members of a session: its id, its properties, and its counters where they are known. */
void sp_session_json (SpJson *json, SpClient *client, SpBusSession *session);

G_END_DECLS
