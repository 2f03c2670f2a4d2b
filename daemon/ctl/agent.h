/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* On a terminal nobody asks for the password that polkit wants, unless the person brought somebody
 * who does: polkit's own pkttyagent, for this process, as long as the command runs.  NULL where it
 * is not needed (no terminal, superuser) or not there. */
GSubprocess *sp_agent_start (void);
/* Ends it; NULL is fine. */
void sp_agent_stop (GSubprocess *agent);

G_END_DECLS
