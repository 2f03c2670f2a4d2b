/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* However long the words of the language are. */
#define SP_REACH_PAGE_MAX 4000

/* What a test of whether the server is reached shows to who opened its link: that it is, or that
 * this was from within the home network and proves nothing.  `language`: of sp_page_languages. */
void sp_reach_page_write (GString *html, guint language, gboolean from_home);

G_END_DECLS
