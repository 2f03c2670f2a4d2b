/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* How the window tells that something did not work. */

/* Tells it in a toast of the window around `near`: `what` in front ("Anna could not be added"),
 * then the reason in the reader's words; a question that the person closed themselves changed
 * nothing and is told as that.  Cancelled calls are not told. */
void sp_failure_show (GtkWidget *near, const char *what, const GError *error);

/* The reason alone, in the reader's words, without a full stop at the end; new. */
char *sp_failure_describe (const GError *error);

G_END_DECLS
