/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a person at this screen wants of the window itself, not of a server: a key file,
 * sallyport/window.ini in the user's folder of settings.  Programs of one person that have it open
 * follow one another.
 *
 * Properties (read and write, with notify; what the file does not say has the default):
 *   "notify-new-devices"   b TRUE   when a device connects for the first time
 *   "notify-connections"   b FALSE  each time that one connects
 *   "notify-problems"      b TRUE   what the owner should look after
 *   "window-width", "window-height"  i 900, 640
 *   "window-maximized"     b FALSE */
#define SP_TYPE_PREFERENCES (sp_preferences_get_type ())
G_DECLARE_FINAL_TYPE (SpPreferences, sp_preferences, SP, PREFERENCES, GObject)

SpPreferences *sp_preferences_new (void);
/* As new(), of another file. */
SpPreferences *sp_preferences_new_for_file (const char *path);

/* Writes what has changed now, and not a moment later. */
void sp_preferences_flush (SpPreferences *preferences);

G_END_DECLS
