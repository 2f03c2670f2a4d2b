/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/live-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* A session in a list: who, from where, since when, how fast, and the button that ends it.  While
 * it is being ended, how long that can be taken back. */
#define SP_TYPE_SESSION_ROW (sp_session_row_get_type ())
G_DECLARE_FINAL_TYPE (SpSessionRow, sp_session_row, SP, SESSION_ROW, AdwBin)

GtkWidget *sp_session_row_new (void);
/* NULL: none, as in a list that uses its rows again. */
void sp_session_row_set_session (SpSessionRow *row, SpLiveSession *live);
SpLiveSession *sp_session_row_get_session (SpSessionRow *row); /* lent, or NULL */
/* For a list in which several are chosen: whether that is going on, and whether this one is.  A row
 * that was told so once also emits "pick" (whether it shall be chosen) when it is clicked then, or
 * with Control. */
void sp_session_row_set_selection (SpSessionRow *row, gboolean selecting, gboolean selected);
/* `holder`: the row of the list that it is in, which has the keyboard's focus: the menu's key and
 * Delete are for the session.  What is lent must be taken from it before the row goes. */
GtkEventController *sp_session_row_add_keys (SpSessionRow *row, GtkWidget *holder);

G_END_DECLS
