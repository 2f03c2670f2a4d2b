/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

G_BEGIN_DECLS

/* What is said of a user in lists and subtitles.  Everything is new. */

/* What keeps the user out, or soon will: "paused", "expires tomorrow"; empty if nothing does. */
char *sp_user_wording_status (SpBusUser *user);
/* Until when: "No end", "Tomorrow 18:00", "7 days after the first connection". */
char *sp_user_wording_end (SpBusUser *user);
/* A date alone, as it is written here; `moment` in microseconds since 1970 UTC. */
char *sp_user_wording_date (guint64 moment);

G_END_DECLS
