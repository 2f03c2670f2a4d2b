/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "question.h"
#include "walls/main-courier.h"

G_BEGIN_DECLS

/* Which addresses the DNS has for a name.  What name servers answer is hostile until it is
 * understood; the computer's own file of hosts is not asked, since nobody outside has it. */

/* By libc's resolver; as question.h says, and what is told is an SpNameLookedUp. */
void sp_name_lookup_start (const SpLookUpName *order, SpQuestionEnded ended, gpointer user_data);

G_END_DECLS
