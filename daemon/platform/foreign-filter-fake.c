/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/foreign-filter.h"

#include "platform/fake.h"

#include <netinet/in.h>

struct _SpForeignFilter
{
  gboolean all;
  gboolean datagrams;
};

struct _SpForeignFilterWatch
{
  SpForeignFilterChanged changed;
  gpointer user_data;
};

/* nocheck: the one world of a test; see platform/fake.h */
static struct
{
  SpForeignFilter drops;
  SpForeignFilterWatch *watch; /* NULL = none */
} world;

void
sp_fake_foreign_filter_drop (gboolean all, gboolean datagrams)
{
  world.drops = (SpForeignFilter){ all, datagrams };
  if (world.watch != NULL)
    world.watch->changed (world.watch->user_data);
}

SpForeignFilter *
sp_foreign_filter_read (GError **error)
{
  SpForeignFilter *filter = g_new0 (SpForeignFilter, 1);

  *filter = world.drops;
  return filter;
}

void
sp_foreign_filter_free (SpForeignFilter *filter)
{
  g_free (filter);
}

gboolean
sp_foreign_filter_drops (const SpForeignFilter *filter,
                         const SpForeignPacket *packet,
                         SpForeignDrop *ret)
{
  *ret = (SpForeignDrop){ "ip", "filter", packet->out != NULL ? "FORWARD" : "INPUT",
                          SP_FOREIGN_DOCKER };
  return filter->all || (filter->datagrams && packet->protocol == IPPROTO_UDP);
}

SpForeignFilterWatch *
sp_foreign_filter_watch_new (SpForeignFilterChanged changed, gpointer user_data, GError **error)
{
  world.watch = g_new0 (SpForeignFilterWatch, 1);
  world.watch->changed = changed;
  world.watch->user_data = user_data;
  return world.watch;
}

void
sp_foreign_filter_watch_free (SpForeignFilterWatch *watch)
{
  world.watch = NULL;
  g_free (watch);
}
