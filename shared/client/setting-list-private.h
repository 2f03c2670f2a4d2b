/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/setting-list.h"

G_BEGIN_DECLS

struct _SpSettingList
{
  GObject parent_instance;
  SpServerConnection *connection;
  SpBusSettings *proxy; /* NULL before the service was reached */
  GPtrArray *settings;
  GHashTable *by_name; /* lent by the array */
  GPtrArray *ended;    /* GTask: changes that wait for what the service says then */
  GCancellable *describing;
  guint refresh; /* a source */
  gboolean busy;
};

/* Asks the service again when there is nothing else to do. */
void sp_setting_list_refresh (SpSettingList *list);

/* Arguments of Update(). */
typedef struct
{
  GVariantBuilder changes; /* a{sv} */
  GVariantBuilder resets;  /* as */
} SpSettingEdits;

void sp_setting_edits_init (SpSettingEdits *edits);
void sp_setting_edits_add (SpSettingEdits *edits, SpSetting *setting, const char *text);
/* What waits, but for one; NULL: all of it. */
void sp_setting_edits_add_staged (SpSettingEdits *edits, SpSettingList *list, SpSetting *besides);
/* Uses them up. */
void sp_setting_edits_send (SpSettingEdits *edits,
                            SpSettingList *list,
                            gboolean check_only,
                            GDBusCallFlags flags,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data);

G_END_DECLS
