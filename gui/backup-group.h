/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/setting-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Saving everything that the server has, restoring it, weekly backups, and resetting. */
#define SP_TYPE_BACKUP_GROUP (sp_backup_group_get_type ())
G_DECLARE_FINAL_TYPE (SpBackupGroup, sp_backup_group, SP, BACKUP_GROUP, AdwPreferencesGroup)

/* Follows the settings and their server from now on. */
void sp_backup_group_bind (SpBackupGroup *group, SpSettingList *list);

G_END_DECLS
