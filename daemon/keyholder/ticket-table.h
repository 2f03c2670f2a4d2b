/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "user-store.h"

G_BEGIN_DECLS

/* Sign-ins whose password was right and whose second step is to come, maybe on another connection.
 * Each is named by a random ticket; only its client knows it.  In memory of a fixed size: a new
 * ticket takes the place of the user's own oldest one when they have too many, and of the oldest of
 * all when there is no other place.  PURE: the time is an argument (microseconds of a clock that
 * never goes back). */

#define SP_TICKETS_MAX      256
#define SP_TICKETS_USER_MAX 4
#define SP_TICKET_LIFE      (180 * G_USEC_PER_SEC)

typedef struct
{
  guint8 id[SP_TICKET_SIZE];
  gint64 expires; /* 0: no ticket */
  guint tries;    /* of codes, so far */
  guint8 user[SP_ID_SIZE];
  char verifier[SP_VERIFIER_MAX]; /* that the password fitted */
  gboolean by_pam;                /* or PAM said that it is right */
  guint64 pam;                    /* the room that waits for what is typed now; 0: none does */
  guint16 login_length;
  guint8 login[SP_LOGIN_MAX]; /* as typed */
  guint16 group_length;
  guint8 group[SP_GROUP_NAME_MAX]; /* chosen with the password */
} SpTicket;

typedef struct _SpTicketTable SpTicketTable;

SpTicketTable *sp_ticket_table_new (void);
void sp_ticket_table_free (SpTicketTable *table); /* wiped */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTicketTable, sp_ticket_table_free)

/* A new one for the user, with a fresh id; the caller fills in the rest. */
SpTicket *sp_ticket_table_issue (SpTicketTable *table, const guint8 *user, gint64 now);
/* The ticket, or NULL if there is none (any more).  Takes as long for any id. */
SpTicket *sp_ticket_table_find (SpTicketTable *table, const guint8 *id, gint64 now);
/* It is good for nothing any more. */
void sp_ticket_clear (SpTicket *ticket);

G_END_DECLS
