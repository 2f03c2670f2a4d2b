/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names as they are typed: with commas or spaces between them. */
GStrv sp_name_list_read (const char *text);

G_END_DECLS
