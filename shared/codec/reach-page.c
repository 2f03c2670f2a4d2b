/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/reach-page.h"

#include "page-frame.h"

void
sp_reach_page_write (GString *html, guint language, gboolean from_home)
{
  sp_page_frame_open (html, language, from_home ? SP_PAGE_TEXT_REACH_HOME : SP_PAGE_TEXT_REACHED,
                      NULL);
  sp_page_frame_element (html, "p", language,
                         from_home ? SP_PAGE_TEXT_REACH_HOME_TEXT : SP_PAGE_TEXT_REACHED_TEXT,
                         NULL);
  sp_page_frame_close (html);
}
