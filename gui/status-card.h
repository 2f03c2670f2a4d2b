/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Whether the server runs, with the switch; where it is reached; and, when it could not start, why
 * and what mends that.  Follows the connection. */
#define SP_TYPE_STATUS_CARD (sp_status_card_get_type ())
G_DECLARE_FINAL_TYPE (SpStatusCard, sp_status_card, SP, STATUS_CARD, AdwBin)

void sp_status_card_set_connection (SpStatusCard *card, SpServerConnection *connection);
/* As the switch does. */
void sp_status_card_turn_on (SpStatusCard *card);

G_END_DECLS
