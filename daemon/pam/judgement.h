/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pam-room.h"

G_BEGIN_DECLS

/* What PAM thinks of whom the room is about, with the rules of SP_PAM_SERVICE: are they who they
 * say (authentication), and may they come in (account).  Whatever modules ask goes through the
 * room.  `ret_text`: PAM's own word for it. */
SpPamResult sp_judge_by_pam (SpPamRoom *room, char **ret_text);

G_END_DECLS
