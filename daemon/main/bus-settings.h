/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "server.h"

G_BEGIN_DECLS

/* The settings as the bus sees them: a property each, which follow the configuration.  Whether the
 * caller may ask was decided before. */
#define SP_TYPE_EXPORTED_SETTINGS (sp_exported_settings_get_type ())
G_DECLARE_FINAL_TYPE (
    SpExportedSettings, sp_exported_settings, SP, EXPORTED_SETTINGS, SpBusSettingsSkeleton)

SpExportedSettings *sp_exported_settings_new (SpServer *server);

G_END_DECLS
