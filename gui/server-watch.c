/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-watch.h"

void
sp_server_watch (gpointer widget,
                 SpServerConnection *connection,
                 const char *property,
                 const char *const *signals,
                 GCallback show)
{
  GSignalGroup *group = g_signal_group_new (G_TYPE_OBJECT);
  g_autofree char *notify = g_strdup_printf ("notify::%s", property);

  for (guint i = 0; signals[i] != NULL; i++)
    g_signal_group_connect_object (group, signals[i], show, widget, G_CONNECT_SWAPPED);
  (void) g_object_bind_property (connection, property, group, "target", G_BINDING_SYNC_CREATE);
  (void) g_signal_connect_object (connection, notify, show, widget, G_CONNECT_SWAPPED);
  g_object_set_data_full (widget, property, group, g_object_unref);
  ((void (*) (gpointer)) show) (widget);
}
