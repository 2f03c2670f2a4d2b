/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What goes with each page for people. */

/* NULL-terminated; the first is what everybody gets who wants none of them. */
extern const char *const sp_page_languages[];

/* Header lines, each with its CRLF: nothing but this text is allowed, and nobody is told of the
 * address.  Free with g_free. */
char *sp_page_fields (void);

G_END_DECLS
