/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Why the server could not start, in words, and the one thing that mends it. */

typedef struct
{
  char *title;   /* what happened */
  char *details; /* what the service says about it, an English sentence */
  char *button;  /* what the button does; with a mnemonic */
} SpServerTrouble;

/* What LastError of the server means; NULL: nothing failed. */
SpServerTrouble *sp_server_trouble_new (SpServerConnection *connection);
void sp_server_trouble_free (SpServerTrouble *trouble);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpServerTrouble, sp_server_trouble_free)

/* Does what the button says; then, where that mends it, turns the server on. */
void sp_server_trouble_mend (SpServerConnection *connection, GtkWidget *near);

G_END_DECLS
