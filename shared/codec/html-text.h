/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "page-text.h"

/* Text in HTML or XML, also in quoted attributes; bytes that are no text are left out, as are
 * characters that XML has none of (2.2).  Nothing is
 * allocated besides, since some of it is secret. */
void sp_html_append_escaped (GString *html, const char *text);
/* `value` where "%s" stands, if that is in the text; both are escaped. */
void sp_html_append_text (GString *html, const char *text, const char *value);
