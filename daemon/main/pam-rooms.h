/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The PAM rooms of sign-ins that are going on, by the number that the keyholder gave each.  Main
 * starts and ends them, or has the service manager do that, and gives the wall at which they are to
 * the keyholder. */
typedef struct _SpPamRooms SpPamRooms;

/* `socket`: where the service manager has a room for whoever connects (sallyport-pam.socket), or
 * NULL: they are children of ours. */
SpPamRooms *sp_pam_rooms_new (const char *libexec_folder, const char *socket);
void sp_pam_rooms_free (SpPamRooms *rooms); /* ends them */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpPamRooms, sp_pam_rooms_free)

/* Not at first. */
void sp_pam_rooms_allow (SpPamRooms *rooms, gboolean allowed);
/* The other end of a new room's wall, for the keyholder.  Where the room could not be started,
 * which is logged, nobody is at that wall.  -1: there is not even a wall. */
int sp_pam_rooms_start (SpPamRooms *rooms, guint64 number);
/* By its pidfd, whatever it does; nothing if it has ended.  One of the service manager's ends when
 * the keyholder lets its wall go, or by that manager's clock. */
void sp_pam_rooms_end (SpPamRooms *rooms, guint64 number);
void sp_pam_rooms_end_all (SpPamRooms *rooms);

G_END_DECLS
