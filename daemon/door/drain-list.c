/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drain-list.h"

struct _SpDrainList
{
  guint n_entries;
  guint n_used;
  SpDrainEntry *oldest; /* NULL: look for it */
  SpDrainEntry entries[];
};

SpDrainList *
sp_drain_list_new (guint n_entries)
{
  SpDrainList *list = g_malloc0 (sizeof *list + n_entries * sizeof (SpDrainEntry));

  list->n_entries = n_entries;
  for (guint i = 0; i < n_entries; i++)
    {
      list->entries[i].fd = -1;
      list->entries[i].index = i;
    }
  return list;
}

void
sp_drain_list_free (SpDrainList *list)
{
  g_free (list);
}

SpDrainEntry *
sp_drain_list_add (SpDrainList *list, int fd, gint64 now)
{
  SpDrainEntry *entry = list->entries;

  if (list->n_used == list->n_entries)
    return NULL;
  while (entry->fd >= 0)
    entry++;
  entry->fd = fd;
  entry->generation++;
  entry->until = now + SP_DRAIN_SECONDS * G_USEC_PER_SEC;
  list->n_used++;
  list->oldest = NULL;
  return entry;
}

SpDrainEntry *
sp_drain_list_get_oldest (SpDrainList *list)
{
  if (list->oldest != NULL || list->n_used == 0)
    return list->oldest;
  for (guint i = 0; i < list->n_entries; i++)
    {
      SpDrainEntry *entry = &list->entries[i];
      if (entry->fd >= 0 && (list->oldest == NULL || entry->until < list->oldest->until))
        list->oldest = entry;
    }
  return list->oldest;
}

SpDrainEntry *
sp_drain_list_find (SpDrainList *list, guint index, guint32 generation)
{
  SpDrainEntry *entry;

  if (index >= list->n_entries)
    return NULL;
  entry = &list->entries[index];
  return entry->fd >= 0 && entry->generation == generation ? entry : NULL;
}

void
sp_drain_list_remove (SpDrainList *list, SpDrainEntry *entry)
{
  if (list->oldest == entry)
    list->oldest = NULL;
  entry->fd = -1;
  list->n_used--;
}

SpDrainEntry *
sp_drain_list_next_due (SpDrainList *list, gint64 now)
{
  SpDrainEntry *oldest = sp_drain_list_get_oldest (list);

  return oldest != NULL && oldest->until <= now ? oldest : NULL;
}

gint64
sp_drain_list_get_due (SpDrainList *list)
{
  SpDrainEntry *oldest = sp_drain_list_get_oldest (list);

  return oldest != NULL ? oldest->until : G_MAXINT64;
}

guint
sp_drain_list_get_length (const SpDrainList *list)
{
  return list->n_used;
}
