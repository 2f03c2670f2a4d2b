/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "client/setting.h"

G_BEGIN_DECLS

/* All settings of a server as a list model of SpSetting, in the order of its file; follows the
 * service.  A setting stays the same object for as long as the service has it.
 *
 * What would disconnect people, or have their devices look in vain, is not written at once but
 * waits here (is "staged") until it is applied together or discarded; what else applies to a
 * running server, or to one that is off, is written at once.
 *
 * Properties (read only, with notify): "n-staged" (u), "n-restart-needed" (u): changes of others
 * that a running server does not have yet; "busy" (b): being applied. */
#define SP_TYPE_SETTING_LIST (sp_setting_list_get_type ())
G_DECLARE_FINAL_TYPE (SpSettingList, sp_setting_list, SP, SETTING_LIST, GObject)

SpSettingList *sp_setting_list_new (SpServerConnection *connection);

/* Lent, or NULL: the service does not have it (yet). */
SpSetting *sp_setting_list_find (SpSettingList *list, const char *name);
SpServerConnection *sp_setting_list_get_connection (SpSettingList *list);

/* Whether a change of this setting would wait. */
gboolean sp_setting_list_stages (SpSettingList *list, SpSetting *setting);

/* Writes a value, or lets it wait after the service said that it could be written.  A refusal
 * leaves everything as it was; its message has no name of the setting in front. */
void sp_setting_list_change (SpSettingList *list,
                             SpSetting *setting,
                             const char *text,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer data);
gboolean sp_setting_list_change_finish (SpSettingList *list, GAsyncResult *result, GError **error);

/* Asks the service whether it would take a text, beside what waits; nobody is asked for a
 * password, so that the answer may be that we may not ask. */
void sp_setting_list_check (SpSettingList *list,
                            SpSetting *setting,
                            const char *text,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data);
gboolean sp_setting_list_check_finish (SpSettingList *list, GAsyncResult *result, GError **error);

/* Whether applying what waits turns the server off and on, and so disconnects people. */
gboolean sp_setting_list_disconnects (SpSettingList *list);

/* Forgets what waits. */
void sp_setting_list_discard (SpSettingList *list);
/* Writes what waits, and turns the server off and on if it was on and that is needed.  When it
 * cannot be turned on with that, the values from before are written again, it is turned on with
 * them, and the error tells why.  With nothing that waits it is only turned off and on.  With
 * `seconds` other than 0 everything is put back after that time unless Server.Checkpoint is
 * confirmed. */
void sp_setting_list_apply (SpSettingList *list,
                            guint seconds,
                            GAsyncReadyCallback callback,
                            gpointer data);
/* Likewise, but the server turns itself off and on as soon as nobody is connected: "applied" is
 * what was written.  Nothing is put back. */
void sp_setting_list_apply_when_idle (SpSettingList *list,
                                      GAsyncReadyCallback callback,
                                      gpointer data);
/* Of both. */
gboolean sp_setting_list_apply_finish (SpSettingList *list, GAsyncResult *result, GError **error);

G_END_DECLS
