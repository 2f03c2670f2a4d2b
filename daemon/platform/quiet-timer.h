/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Tells once of many events: a time after the first one that was not told yet. */
typedef struct _SpQuietTimer SpQuietTimer;
typedef void (*SpQuietTimerTell) (gpointer user_data);

/* `tell` is called from the thread-default main context, and may free the timer. */
SpQuietTimer *sp_quiet_timer_new (guint milliseconds, SpQuietTimerTell tell, gpointer user_data);
void sp_quiet_timer_free (SpQuietTimer *timer);

void sp_quiet_timer_notice (SpQuietTimer *timer);

G_END_DECLS
