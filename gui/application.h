/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "preferences.h"
#include "remote/target.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The program: its windows (one a server), its keys and what belongs to no window. */
#define SP_TYPE_APPLICATION (sp_application_get_type ())
G_DECLARE_FINAL_TYPE (SpApplication, sp_application, SP, APPLICATION, AdwApplication)

SpApplication *sp_application_new (void);

/* Lent, for as long as the program runs. */
SpPreferences *sp_application_get_preferences (SpApplication *application);

/* Presents the window of a computer, or opens one; NULL: of this computer. */
void sp_application_open_computer (SpApplication *application,
                                   const SpTarget *target,
                                   gboolean own_key);

G_END_DECLS
