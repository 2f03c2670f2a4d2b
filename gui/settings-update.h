/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Writing values of the server's settings outside of their page: `changes` is an a{sv} as
 * Settings.Update() knows it, and consumed if it floats. */

/* `answered` ends it by sp_bus_settings_call_update_finish(). */
void sp_settings_update (SpBusSettings *settings,
                         GVariant *changes,
                         GAsyncReadyCallback answered,
                         gpointer data);
/* What was before, as an undo; a refusal is told in a toast of the window around `near`, which
 * stays until the answer is there. */
void sp_settings_put_back (GtkWidget *near, SpBusSettings *settings, GVariant *changes);

G_END_DECLS
