/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Edits which addresses the devices of a user can reach (ReachHosts). */
#define SP_TYPE_REACH_DIALOG (sp_reach_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpReachDialog, sp_reach_dialog, SP, REACH_DIALOG, AdwWindow)

GtkWindow *sp_reach_dialog_new (GtkWindow *parent, SpBusUser *user);

G_END_DECLS
