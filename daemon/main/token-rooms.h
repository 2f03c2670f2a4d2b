/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The rooms that speak with tokens, which the keyholder orders and talks to; main starts and ends
 * them and says nothing to them. */
typedef struct _SpTokenRooms SpTokenRooms;

#define SP_TOKEN_ROOMS_MAX 8

SpTokenRooms *sp_token_rooms_new (const char *libexec_folder);
void sp_token_rooms_free (SpTokenRooms *rooms); /* ends them */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTokenRooms, sp_token_rooms_free)

/* Returns the other end of its wall, -1 on failure.  One that has the number is ended before. */
int sp_token_rooms_start (SpTokenRooms *rooms, guint32 number, GError **error);
/* However it is; one that is not there is fine. */
void sp_token_rooms_end (SpTokenRooms *rooms, guint32 number);
void sp_token_rooms_end_all (SpTokenRooms *rooms);

G_END_DECLS
