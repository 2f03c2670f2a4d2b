/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What devices can reach, in the words that people choose from.  What the bus calls "home" and
 * "all" is the home network without and with the internet behind it. */

/* The choices for a new user. */
void sp_user_reach_fill (AdwComboRow *row);
/* The value of Reach that was chosen; lent. */
const char *sp_user_reach_get_chosen (AdwComboRow *row);

/* "Home network", for a value of Reach; lent. */
const char *sp_user_reach_word (const char *reach);

G_END_DECLS
