/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Sets up the second step of a user: a picture for the phone, a code as the proof, and recovery
 * codes, which are shown this once. */
#define SP_TYPE_TWO_STEP_DIALOG (sp_two_step_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpTwoStepDialog, sp_two_step_dialog, SP, TWO_STEP_DIALOG, AdwWindow)

GtkWindow *sp_two_step_dialog_new (GtkWindow *parent, SpBusUser *user);

G_END_DECLS
