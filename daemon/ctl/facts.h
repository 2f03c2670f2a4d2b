/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the service tells as a dictionary of names and values (a{sv}).  A fact that it does not tell
 * is "" or 0. */

/* As it is told; it lasts as long as the dictionary. */
const char *sp_facts_get_text (GVariant *facts, const char *name);
guint64 sp_facts_get_number (GVariant *facts, const char *name);

/* For people to read, as text.h makes it. */
char *sp_facts_show_text (GVariant *facts, const char *name);
char *sp_facts_show_time (GVariant *facts, const char *name);

G_END_DECLS
