/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/setting-list.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What joins one row of the window to one setting of the server, also while the server has not told
 * of it yet.  Signals: "changed" (what is shown must be looked at again: the value, whether it may
 * be edited, or a change came to its end), "taken" (it came to a good end), "refused" (s: the
 * server's words about a value that it did not take; a refusal for another reason is told in a
 * toast). */
#define SP_TYPE_SETTING_LINK (sp_setting_link_get_type ())
G_DECLARE_FINAL_TYPE (SpSettingLink, sp_setting_link, SP, SETTING_LINK, GObject)

/* `row`: the widget that it is for. */
SpSettingLink *sp_setting_link_new (GtkWidget *row, SpSettingList *list, const char *name);

SpSettingList *sp_setting_link_get_list (SpSettingLink *link);
SpSetting *sp_setting_link_get_setting (SpSettingLink *link); /* lent, or NULL */
const char *sp_setting_link_get_value (SpSettingLink *link);  /* "" while it is not known */
/* Whether the person may change it, as far as is known, and nothing is under way. */
gboolean sp_setting_link_is_editable (SpSettingLink *link);
gboolean sp_setting_link_is_pending (SpSettingLink *link);

/* `what`: the name of the setting for people. */
void sp_setting_link_change (SpSettingLink *link, const char *text, const char *what);
/* Emits "refused" if it would be, also with an empty text if it would not. */
void sp_setting_link_check (SpSettingLink *link, const char *text);

G_END_DECLS
