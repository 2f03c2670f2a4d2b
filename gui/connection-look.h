/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

G_BEGIN_DECLS

/* What a page says of a server that is not there, in the language of the person. */

typedef enum
{
  SP_LOOK_NOTHING, /* there is no button */
  SP_LOOK_RETRY,
  SP_LOOK_UNLOCK,
  SP_LOOK_TRUST, /* the key that the computer shows */
} SpLookDeed;

typedef struct
{
  const char *icon; /* NULL: something is under way */
  char *title;
  char *text;
  char *command;     /* to be copied, or NULL */
  const char *copy;  /* what the copying is called; lent */
  const char *label; /* of the button, or NULL; lent */
  SpLookDeed deed;
  gboolean details; /* what the service, the bus or ssh said, is worth showing */
  gboolean alarm;
  gboolean elsewhere; /* another computer is a way out */
} SpConnectionLook;

void sp_connection_look_find (SpConnectionLook *look, SpServerConnection *connection);
void sp_connection_look_clear (SpConnectionLook *look);

G_END_DECLS
