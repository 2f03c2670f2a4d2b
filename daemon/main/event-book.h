/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "configuration.h"
#include "store-event.h"

G_BEGIN_DECLS

/* Remembers what happened beside sessions: who changed which settings, who could not sign in, and
 * attacks.
 * What strangers can provoke is counted in one row an hour for each address, user and reason, and
 * in one row for all when there are too many of these; it is written every few seconds together.
 * What was typed as a login is remembered only if a user has it, since it may be a password. */

#define SP_EVENT_ROWS_AN_HOUR  100 /* of failures to sign in */
#define SP_EVENT_WRITE_SECONDS 10

typedef struct _SpEventBook SpEventBook;

/* Notes each change of the settings.  As long as they say (`history_days`) it remembers; none:
 * nothing at all.  Both are lent. */
SpEventBook *sp_event_book_new (SpStore *store, SpConfiguration *configuration);
/* Writes what is not written yet. */
void sp_event_book_free (SpEventBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpEventBook, sp_event_book_free)

/* `login`: a user's, or empty; `now` in µs since the epoch. */
void sp_event_book_note_failure (
    SpEventBook *book, const char *address, const char *login, const char *reason, gint64 now);
/* From then on nobody is let in from there. */
void sp_event_book_note_block (SpEventBook *book, const SpNetwork *network);
/* An attack, one row from its begin to its end: `since` tells it from others, `connections` were
 * turned away, most of them at `network` if that is not empty. */
void sp_event_book_note_attack (SpEventBook *book,
                                gint64 since,
                                gint64 now,
                                guint64 connections,
                                const char *network,
                                const char *text);
/* `who`: an account of this computer, or empty; `text`: what changed. */
void sp_event_book_note_change (SpEventBook *book, const char *who, const char *text, gint64 now);

/* Who changes settings tells who they are later: what changes until sp_event_book_take() is not
 * noted but returned by that (the caller's). */
void sp_event_book_hold (SpEventBook *book);
char *sp_event_book_take (SpEventBook *book);

/* Before somebody looks at the database. */
void sp_event_book_write (SpEventBook *book);

/* "port: 443 → 8443", a line for each setting that differs; empty: none does. */
char *sp_event_describe_changes (const SpSettings *before, const SpSettings *after);

G_END_DECLS
