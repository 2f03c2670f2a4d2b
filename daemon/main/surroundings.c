/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "surroundings.h"

#include "base/log.h"
#include "lease-pool.h"

struct _SpSurroundings
{
  GObject parent;
  SpUplinkManager *manager; /* or NULL */
  SpUplink *uplink;         /* NULL: it could not be read */
  SpUplinkWatch *watch;
};

G_DEFINE_FINAL_TYPE (SpSurroundings, sp_surroundings, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static char *
write_network (const SpNetwork *network)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  sp_network_to_text (network, text);
  return g_strdup (text);
}

GStrv
sp_surroundings_list_home (SpSurroundings *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; self->uplink != NULL && i < self->uplink->home_networks->len; i++)
    {
      g_autofree char *text =
          write_network (&g_array_index (self->uplink->home_networks, SpNetwork, i));

      g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}

char *
sp_surroundings_find_overlap (SpSurroundings *self, const SpNetwork *range)
{
  for (guint i = 0; self->uplink != NULL && i < self->uplink->used_networks->len; i++)
    {
      const SpNetwork *used = &g_array_index (self->uplink->used_networks, SpNetwork, i);

      if (sp_network_overlaps (range, used))
        return write_network (used);
    }
  return NULL;
}

char *
sp_surroundings_propose (SpSurroundings *self)
{
  const GArray *used = self->uplink != NULL ? self->uplink->used_networks : NULL;
  SpNetwork range;

  if (used == NULL || !sp_lease_pool_choose_ipv4 ((const SpNetwork *) (gpointer) used->data,
                                                  used->len, &range, NULL))
    return NULL;
  return write_network (&range);
}

const SpUplink *
sp_surroundings_get_uplink (SpSurroundings *self)
{
  return self->uplink;
}

char *
sp_surroundings_get_router (SpSurroundings *self)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (self->uplink == NULL || sp_address_is_unset (self->uplink->router))
    return NULL;
  sp_address_to_text (self->uplink->router, text);
  return g_strdup (text);
}

SpUplinkManager *
sp_surroundings_get_manager (SpSurroundings *self)
{
  return self->manager;
}

/* The beginning is without NetworkManager, since that is not waited for. */
static void
tell_source (const SpUplink *earlier, const SpUplink *uplink)
{
  gboolean was_managed = earlier != NULL && earlier->is_managed;

  if (uplink->is_managed && !was_managed)
    sp_log (SP_LOG_NOTICE, "network",
            "the way to the internet is NetworkManager's, which tells name servers and domains");
  if (!uplink->is_managed && was_managed)
    sp_log (SP_LOG_NOTICE, "network",
            "the way to the internet is not NetworkManager's any more: resolv.conf tells name "
            "servers and domains");
}

static void
look (gpointer user_data)
{
  SpSurroundings *self = user_data;
  g_autoptr (GError) error = NULL;
  SpUplink *uplink = sp_uplink_read (self->manager, &error);

  if (uplink == NULL)
    {
      sp_log (SP_LOG_WARNING, "network", "this computer's networks are not known: %s",
              error->message);
      return;
    }
  tell_source (self->uplink, uplink);
  g_clear_pointer (&self->uplink, sp_uplink_free);
  self->uplink = uplink;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
sp_surroundings_finalize (GObject *object)
{
  SpSurroundings *self = SP_SURROUNDINGS (object);

  g_clear_pointer (&self->watch, sp_uplink_watch_free);
  g_clear_pointer (&self->uplink, sp_uplink_free);
  g_clear_object (&self->manager);
  G_OBJECT_CLASS (sp_surroundings_parent_class)->finalize (object);
}

static void
sp_surroundings_class_init (SpSurroundingsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_surroundings_finalize;
  signals[CHANGED] = g_signal_new ("changed", SP_TYPE_SURROUNDINGS, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
sp_surroundings_init (SpSurroundings *self)
{
}

SpSurroundings *
sp_surroundings_new (SpUplinkManager *manager)
{
  SpSurroundings *self = g_object_new (SP_TYPE_SURROUNDINGS, NULL);
  g_autoptr (GError) error = NULL;

  g_set_object (&self->manager, manager);
  self->watch = sp_uplink_watch_new (manager, look, self, &error);
  if (self->watch == NULL)
    sp_log (SP_LOG_WARNING, "network", "changes of this computer's networks are not heard of: %s",
            error->message);
  look (self);
  return self;
}
