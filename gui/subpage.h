/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A page that is opened on top of others and has a header bar with a way back.  Properties:
 * "title", "subtitle" (texts), "content" (GtkWidget), "end" (GtkWidget, at the end of the header
 * bar). */
#define SP_TYPE_SUBPAGE (sp_subpage_get_type ())
G_DECLARE_DERIVABLE_TYPE (SpSubpage, sp_subpage, SP, SUBPAGE, AdwBin)

struct _SpSubpageClass
{
  AdwBinClass parent_class;
};

SpSubpage *sp_subpage_new (const char *title, GtkWidget *content);
void sp_subpage_set_title (SpSubpage *page, const char *title);
void sp_subpage_set_subtitle (SpSubpage *page, const char *subtitle);

G_END_DECLS
