/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What helps where nobody reaches the server, by the details of that entry of the health. */

/* A button that copies what to write to the internet provider; floating. */
GtkWidget *sp_reach_fix_new_letter (GVariant *details);
/* A button that opens the page of the help about it; floating. */
GtkWidget *sp_reach_fix_new_help (void);

/* The port that may pass where the usual one does not; 0: the port is not what keeps people out, or
 * it is another one already. */
guint sp_reach_fix_find_port (SpBusServer *server, GVariant *details);
/* What keeps people out where nothing but the port may do so; NULL: something else. */
const char *sp_reach_fix_describe_port (GVariant *details);
/* Settings with that port, floating. */
GVariant *sp_reach_fix_change_port (guint port);

G_END_DECLS
