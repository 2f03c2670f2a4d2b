/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* Sending to main, which may be too busy to read: then nothing piles up here.  Sockets stay in
 * their half-open slots, hellos are left to their senders' retransmissions, counters to the next
 * second; only answers wait, and of those main has bounded the number by asking. */

typedef struct _SpToMain SpToMain;

typedef enum
{
  SP_SENT,
  SP_BLOCKED,   /* try again after the wall became writable */
  SP_UNSENDABLE /* this message will not get through; it is logged */
} SpSending;

/* `wall_fd` and `poller` are borrowed; the wall is watched by the caller. */
SpToMain *sp_to_main_new (int wall_fd, int poller);
void sp_to_main_free (SpToMain *to_main);

/* `fd` is lent, -1 = none. */
SpSending sp_to_main_send (SpToMain *to_main, guint8 type, gconstpointer message, int fd);
/* An ID_MINTED; kept while the wall is blocked. */
void sp_to_main_answer_id (SpToMain *to_main, guint32 serial, const guint8 id[SP_APP_ID_SIZE]);

gboolean sp_to_main_is_blocked (const SpToMain *to_main);
/* Main is gone: nothing else to do than to end. */
gboolean sp_to_main_is_gone (const SpToMain *to_main);
/* The wall is writable again: sends waiting answers. */
void sp_to_main_resume (SpToMain *to_main);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpToMain, sp_to_main_free)

G_END_DECLS
