/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "store.h"

G_BEGIN_DECLS

/* What happened beside sessions: changes of the settings, failures to sign in, and attacks.  More
 * than SP_EVENTS_MAX rows are never kept. */

#define SP_EVENTS_MAX      20000
#define SP_EVENTS_PAGE_MAX 500

typedef enum
{
  SP_EVENT_SETTINGS = 1,
  SP_EVENT_SIGN_IN,
  SP_EVENT_ATTACK,
} SpEventKind;

/* Texts are valid UTF-8.  Times in µs since the epoch. */
typedef struct
{
  gint64 number; /* 0: it is not stored yet */
  SpEventKind kind;
  gint64 since; /* the first time, and the last */
  gint64 at;
  guint64 times;
  char *who;        /* SETTINGS: an account of this computer; SIGN_IN: a user's login; or empty */
  char *address;    /* SIGN_IN: from where, without port; ATTACK: the network of most, or empty */
  char *text;       /* SETTINGS: "port: 443 → 8443" a line; SIGN_IN: the reason's word;
                     * ATTACK: a sentence */
  gboolean blocked; /* SIGN_IN: nobody was let in from there for a while then */
} SpEvent;

void sp_event_free (SpEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpEvent, sp_event_free)

/* Adds it and gives it its number, or writes the times of one that is there. */
gboolean sp_store_put_event (SpStore *store, SpEvent *event, GError **error);

/* Up to `limit` rows (SpEvent), the newest first, of one kind (0: of any), before row `before` (0:
 * from the newest on). */
GPtrArray *sp_store_list_events (
    SpStore *store, SpEventKind kind, gint64 before, guint limit, GError **error);

/* Removes what is older than `before`, and the oldest that are too many. */
gboolean sp_store_prune_events (SpStore *store, gint64 before, GError **error);

G_END_DECLS
