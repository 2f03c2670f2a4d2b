/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "subpage.h"

G_BEGIN_DECLS

/* A window shows one server: four views, pages on top of them, toasts, and what is shown while the
 * server cannot be reached. */
#define SP_TYPE_WINDOW (sp_window_get_type ())
G_DECLARE_FINAL_TYPE (SpWindow, sp_window, SP, WINDOW, AdwApplicationWindow)

SpWindow *sp_window_new (GtkApplication *application, SpServerConnection *connection);

/* The window that a widget is in, also when it is in a dialog of the window; lent.  NULL before it
 * is in one. */
SpWindow *sp_window_of (GtkWidget *widget);

/* Lent, for as long as the window is. */
SpServerConnection *sp_window_get_connection (SpWindow *window);

/* Has a question about something for good say on which computer that is, where it is another one.
 */
void sp_window_name_server (SpWindow *window, GtkWidget *dialog);

/* Opens a page on top of the views. */
void sp_window_push (SpWindow *window, SpSubpage *page);
/* Goes back to the views, and to one of them: "overview", "users", "activity", "settings". */
void sp_window_show_view (SpWindow *window, const char *view);
/* Opens the page of a user. */
void sp_window_show_user (SpWindow *window, SpBusUser *user);
/* Goes to the part of the activity with who is kept out. */
void sp_window_show_blocked (SpWindow *window);
/* Goes to the settings, and to the row of that id there. */
void sp_window_show_setting (SpWindow *window, const char *row);
/* Goes to the part of the activity with the service's log. */
void sp_window_show_log (SpWindow *window);

/* Says something in a toast.  Not markup. */
void sp_window_say (SpWindow *window, const char *text);
/* Says what was done and offers to take it back: `token` is one of Server.Undo.  A later one takes
 * the place of the one on the screen, whose token stays good for "win.undo" no longer. */
void sp_window_offer_undo (SpWindow *window, const char *text, const char *token);
/* Likewise for a token that is good for `seconds`. */
void sp_window_offer_undo_for (SpWindow *window,
                               const char *text,
                               const char *token,
                               guint seconds);
/* What is offered now is so for `seconds` from its beginning. */
void sp_window_limit_undo (SpWindow *window, guint seconds);
/* The token is used up by somebody else: what was offered for it is not any more. */
void sp_window_withdraw_undo (SpWindow *window, const char *token);
/* Likewise for what no token takes back: `undo` is called at most once; `data` is freed when the
 * offer is over. */
void sp_window_offer_undo_by (SpWindow *window,
                              const char *text,
                              void (*undo) (SpWindow *window, gpointer data),
                              gpointer data,
                              GDestroyNotify free_data);

G_END_DECLS
