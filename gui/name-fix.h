/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What helps against a name that does not lead to the server, by the details of that entry of the
 * health. */

/* Where it leads, and what to do: `text`, unless the button below does it.  New. */
char *sp_name_fix_describe (GVariant *details, const char *text);
/* A button that has the provider of dynamic DNS told; floating, NULL: that is not what helps. */
GtkWidget *sp_name_fix_new (SpBusServer *server, GVariant *details);

G_END_DECLS
