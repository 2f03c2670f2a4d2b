/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What is shown of a server that nobody has set up yet.  Signals: "set-up", "restore" and "skip",
 * for what the person wants to do. */
#define SP_TYPE_WELCOME_PAGE (sp_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (SpWelcomePage, sp_welcome_page, SP, WELCOME_PAGE, AdwBin)

/* Whether the server looks as if nobody had set it up: off, and nobody may use it. */
gboolean sp_welcome_page_is_called_for (SpServerConnection *connection);

/* The keyboard goes where the way on is.  (As grab_focus it would catch it there: that is asked of
 * a page also when Tab comes round.) */
void sp_welcome_page_take_focus (SpWelcomePage *page);

G_END_DECLS
