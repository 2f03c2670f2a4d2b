/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-courier.h"

G_BEGIN_DECLS

/* Which addresses the DNS has for a name.  What name servers answer is hostile until it is
 * understood; the computer's own file of hosts is not asked, since nobody outside has it. */

/* Called once, from the main loop; what is told is for main. */
typedef void (*SpNameLookupEnded) (gpointer user_data, const SpNameLookedUp *done);

/* Once in the life of a process: libc's resolver waits for answers, in a thread that is left alone
 * when it is late and ends with the process. */
void sp_name_lookup_start (const SpLookUpName *order, SpNameLookupEnded ended, gpointer user_data);

G_END_DECLS
