/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "page-text.h"

/* What all pages for people have in common: HTML without script and without anything that would
 * have to be fetched.  `language`: of sp_page_languages. */

/* Until the heading, with `value` where "%s" stands in it; NULL: nowhere. */
void sp_page_frame_open (GString *html, guint language, SpPageText heading, const char *value);
void sp_page_frame_close (GString *html);

/* The text, escaped. */
void sp_page_frame_say (GString *html, guint language, SpPageText text, const char *value);
/* <tag>text</tag> */
void sp_page_frame_element (
    GString *html, const char *tag, guint language, SpPageText text, const char *value);
