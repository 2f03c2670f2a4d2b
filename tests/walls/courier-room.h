/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "link/channel.h"
#include "walls/main-courier.h"

#include <sys/types.h>

G_BEGIN_DECLS

/* The real program of a courier, whose wall the test plays.  Whatever is not as expected ends the
 * test. */
typedef struct
{
  pid_t pid;
  int wall;
  SpPermit permit;
} Room;

void room_start (Room *room);
/* Waits for its answer, whose struct has that size. */
void room_await (Room *room, gpointer ret, gsize size);
/* It ends by itself, and well, whatever it met. */
void room_end (Room *room);

G_END_DECLS
