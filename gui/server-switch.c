/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-switch.h"

typedef struct
{
  GtkWidget *owner;
  SpServerSwitchAsk ask;
  gboolean showing; /* moved by us, not by a person */
} Following;

#define FOLLOWING "sp-server-switch"

static gboolean
on_state_set (GtkSwitch *self, gboolean wanted, gpointer data)
{
  Following *following = data;

  if (!following->showing && wanted != gtk_switch_get_state (self))
    following->ask (following->owner, wanted);
  return !following->showing;
}

void
sp_server_switch_set_up (GtkSwitch *self, GtkWidget *owner, SpServerSwitchAsk ask)
{
  Following *following = g_new0 (Following, 1);

  following->owner = owner;
  following->ask = ask;
  g_object_set_data_full (G_OBJECT (self), FOLLOWING, following, g_free);
  (void) g_signal_connect (self, "state-set", G_CALLBACK (on_state_set), following);
}

void
sp_server_switch_show (GtkSwitch *self, gboolean state)
{
  Following *following = g_object_get_data (G_OBJECT (self), FOLLOWING);

  following->showing = TRUE;
  gtk_switch_set_active (self, state);
  gtk_switch_set_state (self, state);
  following->showing = FALSE;
}
