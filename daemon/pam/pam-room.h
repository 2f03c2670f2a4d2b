/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/keyholder-pam.h"

G_BEGIN_DECLS

/* One sign-in by PAM, in a process of its own.  PAM calls back and wants an answer from the call,
 * so here a room waits on its only wall, and does nothing besides. */
typedef struct
{
  int wall;
  SpPermit permit;
  gboolean begun; /* it is known whom it is about: */
  char login[SP_LOGIN_MAX + 1];
  guint8 address[SP_ADDRESS_SIZE];
  guint32 asked; /* serial of the question that waits, or 0 */
  guint16 answer_length;
  char answer[SP_PASSWORD_MAX + 1]; /* to the last one */
  GString *words;                   /* that modules want to have shown, with the next question */
} SpPamRoom;

void sp_pam_room_init (SpPamRoom *room, int wall); /* takes `wall` */
void sp_pam_room_clear (SpPamRoom *room);          /* wiped */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SpPamRoom, sp_pam_room_clear)

/* Waits until the keyholder has said whom it is about. */
gboolean sp_pam_room_await_begin (SpPamRoom *room, GError **error);
/* Asks, and waits for what the person says.  The answer is allocated by malloc and holds no zero
 * byte, as PAM wants it; NULL if there is none. */
char *sp_pam_room_ask (SpPamRoom *room, const char *prompt, GError **error);
/* To be shown with the next question; what is too long is cut. */
void sp_pam_room_note (SpPamRoom *room, const char *words);
/* The last that is said. */
gboolean sp_pam_room_tell (SpPamRoom *room, SpPamResult result, const char *text, GError **error);

G_END_DECLS
