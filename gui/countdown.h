/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A ring that shrinks until a moment.  Only decoration: the words beside it say what ends. */
#define SP_TYPE_COUNTDOWN (sp_countdown_get_type ())
G_DECLARE_FINAL_TYPE (SpCountdown, sp_countdown, SP, COUNTDOWN, GtkWidget)

GtkWidget *sp_countdown_new (void);
/* `until`: as g_get_monotonic_time(); 0 stops it.  `span`: how long a full ring is, microseconds.
 */
void sp_countdown_run (SpCountdown *countdown, gint64 until, gint64 span);

G_END_DECLS
