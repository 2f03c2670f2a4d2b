/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether the service starts with this computer: an arrangement of systemd's, asked and changed
 * over its D-Bus interface, and followed when somebody else changes it.  Started, it turns the
 * server on if that was on. */
#define SP_TYPE_BOOT_SWITCH (sp_boot_switch_get_type ())
G_DECLARE_FINAL_TYPE (SpBootSwitch, sp_boot_switch, SP, BOOT_SWITCH, GObject)

/* Signal "changed": what sp_boot_switch_get_state() says. */
SpBootSwitch *sp_boot_switch_new (GDBusConnection *connection);

/* "on", "off", or why there is no choice: "no-systemd" (it does not run here), "no-unit" (it does
 * not know the service), "fixed" (the unit is masked, or of a kind that is not switched). */
const char *sp_boot_switch_get_state (SpBootSwitch *self);

/* SP_ERROR_NOT_SUPPORTED when there is no choice; else what systemd said.  Setting what is set
 * already is no error. */
void sp_boot_switch_set_async (SpBootSwitch *self,
                               gboolean on,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean sp_boot_switch_set_finish (SpBootSwitch *self, GAsyncResult *result, GError **error);

G_END_DECLS
