/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Small questions for one value that no menu has. */

/* The answer: microseconds since 1970 UTC, or the number. */
typedef void (*SpValueChosen) (GtkWidget *owner, guint64 value);

/* Asks for a date and a time of day.  `owner` is kept until there is an answer, which is not called
 * when the person cancels. */
void sp_value_dialog_ask_moment (GtkWidget *owner,
                                 const char *heading,
                                 guint64 moment,
                                 SpValueChosen chosen);

/* Asks for a whole number of `unit`s ("GB"), 1 to 100000. */
void sp_value_dialog_ask_number (
    GtkWidget *owner, const char *heading, const char *unit, guint64 number, SpValueChosen chosen);

G_END_DECLS
