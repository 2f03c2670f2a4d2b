/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The dots on the view switcher: on the overview while the server has a trouble that was not seen
 * there yet, on the activity when an address was blocked by itself since it was last looked at, on
 * the settings for a new trouble of the certificate. */
#define SP_TYPE_ATTENTION (sp_attention_get_type ())
G_DECLARE_FINAL_TYPE (SpAttention, sp_attention, SP, ATTENTION, GObject)

/* The pages of `views` are called "overview", "activity" and "settings". */
SpAttention *sp_attention_new (AdwViewStack *views, SpServerConnection *connection);

G_END_DECLS
