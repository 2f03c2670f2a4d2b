/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uplink-manager.h"

#include "uplink-snapshot.h"

#include <string.h>

struct _SpUplinkManager
{
  GObject parent;
  SpUplinkReport *report; /* NULL: nobody manages the network */
  gpointer source;
  GDestroyNotify end_source;
};

G_DEFINE_FINAL_TYPE (SpUplinkManager, sp_uplink_manager, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

void
sp_uplink_report_free (SpUplinkReport *report)
{
  g_strfreev (report->interfaces);
  g_free (report);
}

static gboolean
is_same_names (const SpResolverFile *one, const SpResolverFile *other)
{
  return one->n_servers == other->n_servers && one->has_local == other->has_local &&
         memcmp (one->servers, other->servers, one->n_servers * SP_ADDRESS_SIZE) == 0 &&
         g_str_equal (one->domains, other->domains);
}

static gboolean
is_same (const SpUplinkReport *one, const SpUplinkReport *other)
{
  if (one == NULL || other == NULL)
    return one == other;
  return g_strv_equal ((const char *const *) one->interfaces,
                       (const char *const *) other->interfaces) &&
         one->has_names == other->has_names && is_same_names (&one->names, &other->names) &&
         one->connectivity == other->connectivity;
}

void
sp_uplink_manager_set_report (SpUplinkManager *self, SpUplinkReport *report)
{
  g_autoptr (SpUplinkReport) earlier = self->report;
  gboolean news = !is_same (earlier, report);

  self->report = report;
  if (news)
    g_signal_emit (self, signals[CHANGED], 0);
}

/* Whoever has set up another way than the one to the internet does not know this one. */
static gboolean
manages (const SpUplinkReport *report, const SpUplink *uplink)
{
  const SpUplinkInterface *interface = sp_uplink_find_interface (
      uplink, uplink->default_ipv4 != 0 ? uplink->default_ipv4 : uplink->default_ipv6);

  if (interface == NULL)
    return report->interfaces[0] != NULL;
  return g_strv_contains ((const char *const *) report->interfaces, interface->name);
}

gboolean
sp_uplink_manager_describe (SpUplinkManager *self, SpUplink *uplink)
{
  const SpUplinkReport *report = self != NULL ? self->report : NULL;

  if (report == NULL || !manages (report, uplink))
    return FALSE;
  uplink->is_managed = TRUE;
  if (report->connectivity != SP_CONNECTIVITY_UNKNOWN)
    uplink->connectivity = report->connectivity;
  if (report->has_names)
    sp_uplink_add_names (uplink, &report->names);
  return report->has_names;
}

void
sp_uplink_manager_set_source (SpUplinkManager *self, gpointer source, GDestroyNotify end_source)
{
  self->source = source;
  self->end_source = end_source;
}

gpointer
sp_uplink_manager_get_source (SpUplinkManager *self)
{
  return self->source;
}

static void
sp_uplink_manager_finalize (GObject *object)
{
  SpUplinkManager *self = SP_UPLINK_MANAGER (object);

  if (self->source != NULL)
    self->end_source (self->source);
  g_clear_pointer (&self->report, sp_uplink_report_free);
  G_OBJECT_CLASS (sp_uplink_manager_parent_class)->finalize (object);
}

static void
sp_uplink_manager_class_init (SpUplinkManagerClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_uplink_manager_finalize;
  signals[CHANGED] = g_signal_new ("changed", SP_TYPE_UPLINK_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
sp_uplink_manager_init (SpUplinkManager *self)
{
}
