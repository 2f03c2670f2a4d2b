/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "setting-edit.h"
#include "settings.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* The settings' file: read, and changed as a whole or not at all.
 * Signal: "changed", when there are new settings. */
#define SP_TYPE_CONFIGURATION (sp_configuration_get_type ())
G_DECLARE_FINAL_TYPE (SpConfiguration, sp_configuration, SP, CONFIGURATION, GObject)

/* Whether new settings can be put to use; asked before they are written or taken over.  With
 * `check_only` they will not be; NULL: those of before will not be, after all. */
typedef gboolean (*SpSettingsJudge) (gpointer user_data,
                                     SpSettings *fresh,
                                     gboolean check_only,
                                     GError **error);

/* Has the defaults until it is loaded.  `path` may be missing. */
SpConfiguration *sp_configuration_new (const char *path);
/* Its errors are those of whoever loads or changes. */
void sp_configuration_set_judge (SpConfiguration *self, SpSettingsJudge judge, gpointer user_data);
/* The folder that the file lies in, if there is none yet. */
gboolean sp_configuration_make_folder (const char *path, GError **error);

const char *sp_configuration_get_path (SpConfiguration *self);

/* The settings of this moment; lent. */
SpSettings *sp_configuration_get (SpConfiguration *self);

/* Reads the file again.  On failure the settings stay as they are. */
gboolean sp_configuration_load (SpConfiguration *self, GError **error);

/* Writes changes into the file and takes them over, or with `check_only` tells whether that would
 * go.  Comments stay.  What the file has beside them is taken over, too.  Errors:
 * SP_ERROR_INVALID_ARGUMENTS names the setting and what would be right, or the line of the file
 * that is wrong already; others from writing. */
gboolean sp_configuration_change (SpConfiguration *self,
                                  const SpSettingEdit *edits,
                                  gsize n_edits,
                                  gboolean check_only,
                                  GError **error);

/* The text of the file, which has to be a good one, to be written back later.  Errors:
 * SP_ERROR_INVALID_ARGUMENTS. */
char *sp_configuration_read (SpConfiguration *self, GError **error);
/* Writes it; the settings stay what they are until the file is read again. */
gboolean sp_configuration_write_back (SpConfiguration *self, const char *text, GError **error);
/* Writes it and takes the settings over. */
gboolean sp_configuration_restore (SpConfiguration *self, const char *text, GError **error);

G_END_DECLS
