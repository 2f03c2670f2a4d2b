/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>

G_BEGIN_DECLS

/* Connected UDP sockets whose association ended.  They stay for SP_DRAIN_SECONDS, so that late
 * datagrams land where nobody is hurt by them.  PURE: descriptors are only numbers here, whoever
 * removes an entry closes them. */

typedef struct
{
  int fd; /* -1 = free */
  guint index;
  guint32 generation; /* changes whenever the place is filled */
  guint64 attachment;
  SpEndpoint peer;
  SpEndpoint local;
  gint64 until;
} SpDrainEntry;

typedef struct _SpDrainList SpDrainList;

SpDrainList *sp_drain_list_new (guint n_entries);
void sp_drain_list_free (SpDrainList *list);

/* NULL if it is full: then remove the oldest first. */
SpDrainEntry *sp_drain_list_add (SpDrainList *list, int fd, gint64 now);
SpDrainEntry *sp_drain_list_get_oldest (SpDrainList *list);
SpDrainEntry *sp_drain_list_find (SpDrainList *list, guint index, guint32 generation);
void sp_drain_list_remove (SpDrainList *list, SpDrainEntry *entry);

/* An entry whose time is over, or NULL; repeat until NULL. */
SpDrainEntry *sp_drain_list_next_due (SpDrainList *list, gint64 now);
gint64 sp_drain_list_get_due (SpDrainList *list); /* G_MAXINT64 if empty */
guint sp_drain_list_get_length (const SpDrainList *list);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDrainList, sp_drain_list_free)

G_END_DECLS
