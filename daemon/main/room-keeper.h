/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "link/link.h"

G_BEGIN_DECLS

/* Keeps one room running: starts it with a fresh wall, notices its end, starts it again (at once
 * the first time, then after growing pauses up to five seconds). */
typedef struct _SpRoomKeeper SpRoomKeeper;

typedef struct
{
  const char *name;    /* for the log */
  const char *program; /* file name below the libexec folder */
  const char *account;
  const char *folder; /* see SpRoomPlan, also for the next */
  gboolean bound_early;
  const SpWall *wall;
  const SpLinkTable *table;
  /* A fresh wall is there, in phase 0: tell the room what it needs. */
  void (*started) (gpointer user_data, SpLink *link);
  /* The room is gone, the link is freed; a new one is on its way unless the keeper was stopped. */
  void (*lost) (gpointer user_data);
} SpRoomRecipe;

/* Both texts are copied, the recipe is borrowed.  `user_data` goes to the table and the recipe. */
SpRoomKeeper *sp_room_keeper_new (const SpRoomRecipe *recipe,
                                  const char *libexec_folder,
                                  const char *folder,
                                  gpointer user_data);
gboolean sp_room_keeper_start (SpRoomKeeper *keeper, GError **error);
/* Ends the room without calling `lost`. */
void sp_room_keeper_stop (SpRoomKeeper *keeper);
/* How many ended by themselves since the keeper was made. */
guint sp_room_keeper_get_deaths (SpRoomKeeper *keeper);
/* NULL while the room is not there. */
SpLink *sp_room_keeper_get_link (SpRoomKeeper *keeper);
/* To be called by the table's `closed`. */
void sp_room_keeper_wall_closed (SpRoomKeeper *keeper, const GError *error);
/* Ends the room and starts another. */
void sp_room_keeper_replace (SpRoomKeeper *keeper);
void sp_room_keeper_free (SpRoomKeeper *keeper);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpRoomKeeper, sp_room_keeper_free)

G_END_DECLS
