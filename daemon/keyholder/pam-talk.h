/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"
#include "walls/keyholder-pam.h"

G_BEGIN_DECLS

/* A PAM room, from here: asked of main, told whom it is about, heard, and ended.  However long PAM
 * takes, nobody else waits. */
typedef struct _SpPamTalk SpPamTalk;

typedef struct
{
  /* It asks, and has SP_PAM_STEP_SECONDS again from the answer on. */
  void (*asks) (gpointer user_data, const guint8 *prompt, gsize length);
  /* The last that it says. */
  void (*decided) (gpointer user_data, SpPamResult result);
  /* There will be no result: it crashed, broke a rule, or took too long. */
  void (*lost) (gpointer user_data);
} SpPamEvents; /* each may free the talk */

/* `login`: SP_LOGIN_MAX bytes at the most; `number`: not used before.  NULL if main has too many
 * questions to answer. */
SpPamTalk *sp_pam_talk_new (SpKeyholder *keyholder,
                            guint64 number,
                            const guint8 *login,
                            gsize login_length,
                            const guint8 *address,
                            const SpPamEvents *events,
                            gpointer user_data);
/* Ends the room. */
void sp_pam_talk_free (SpPamTalk *talk);
/* Main started it; takes `wall`. */
void sp_pam_talk_started (SpPamTalk *talk, int wall);
/* Somebody is asked what it wants to know, who may take as long as a ticket lives. */
void sp_pam_talk_await_person (SpPamTalk *talk);
/* To what it asked; SP_PASSWORD_MAX bytes at the most. */
void sp_pam_talk_answer (SpPamTalk *talk, const guint8 *answer, gsize length);

G_END_DECLS
