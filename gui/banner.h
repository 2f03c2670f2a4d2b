/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A lasting state of a page in one line, with at most two buttons: the part of AdwBanner that
 * we need, which libadwaita 1.2 does not have.  Properties: "title", "button-label" (empty: no
 * button), "revealed", "busy" (a spinner); signals "button-clicked", "other-clicked". */
#define SP_TYPE_BANNER (sp_banner_get_type ())
G_DECLARE_FINAL_TYPE (SpBanner, sp_banner, SP, BANNER, AdwBin)

GtkWidget *sp_banner_new (void);
void sp_banner_set_title (SpBanner *banner, const char *title);
void sp_banner_set_button_label (SpBanner *banner, const char *label);
/* Of a second button, before the first. */
void sp_banner_set_other_label (SpBanner *banner, const char *label);
void sp_banner_set_revealed (SpBanner *banner, gboolean revealed);
void sp_banner_set_busy (SpBanner *banner, gboolean busy);

G_END_DECLS
