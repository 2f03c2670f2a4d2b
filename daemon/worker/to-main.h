/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-worker.h"

G_BEGIN_DECLS

/* A worker's end of wall A.  Sending never waits: what main's queue does not take now is kept here,
 * in order, up to a bound that only a main away for minutes reaches. */
typedef struct
{
  int fd;
  SpPermit permit;
  GQueue waiting; /* of encoded messages */
  gboolean broken;
} SpMainWall;

void sp_main_wall_init (SpMainWall *wall, int fd); /* takes `fd` */
void sp_main_wall_clear (SpMainWall *wall);

/* For messages that main must get.  Failure shows in `broken`. */
void sp_main_wall_tell (SpMainWall *wall, guint8 type, gconstpointer message);
/* For messages that a later one replaces: FALSE if it was not sent because there is no room. */
gboolean sp_main_wall_offer (SpMainWall *wall, guint8 type, gconstpointer message);
/* Sends what waits. */
void sp_main_wall_flush (SpMainWall *wall);
gboolean sp_main_wall_is_waiting (const SpMainWall *wall);

G_END_DECLS
