/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Sets another password of a user. */
void sp_password_dialog_show (GtkWidget *near, SpBusUser *user);

G_END_DECLS
