/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-ban.h"

#include "base/limits.h"
#include "base/names.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"

struct _SpExportedBan
{
  SpBusBanSkeleton parent_instance;
  SpBanRegistry *bans;
  SpBan *ban;
};

static gboolean
handle_lift (SpBusBan *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedBan *self = SP_EXPORTED_BAN (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    (void) sp_ban_registry_lift (self->bans, self->ban, &error);
  sp_bus_reply (invocation, error);
  return TRUE;
}

static void
sp_exported_ban_iface_init (SpBusBanIface *iface)
{
  iface->handle_lift = handle_lift;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SpExportedBan,
                               sp_exported_ban,
                               SP_BUS_TYPE_BAN_SKELETON,
                               G_IMPLEMENT_INTERFACE (SP_BUS_TYPE_BAN, sp_exported_ban_iface_init))

static void
sp_exported_ban_dispose (GObject *object)
{
  SpExportedBan *self = SP_EXPORTED_BAN (object);

  g_clear_object (&self->bans);
  g_clear_object (&self->ban);
  G_OBJECT_CLASS (sp_exported_ban_parent_class)->dispose (object);
}

static void
sp_exported_ban_class_init (SpExportedBanClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_exported_ban_dispose;
}

static void
sp_exported_ban_init (SpExportedBan *self)
{
}

SpExportedBan *
sp_exported_ban_new (SpBanRegistry *bans, SpBan *ban)
{
  SpExportedBan *self = g_object_new (SP_TYPE_EXPORTED_BAN, NULL);
  SpBusBan *bus = SP_BUS_BAN (self);
  const SpBanRecord *record = sp_ban_get_record (ban);
  g_autofree char *network = sp_ban_describe_network (ban);

  self->bans = g_object_ref (bans);
  self->ban = g_object_ref (ban);
  sp_bus_ban_set_address (bus, network);
  sp_bus_ban_set_reason (bus, record->reason);
  sp_bus_ban_set_created_at (bus, (guint64) record->created);
  sp_bus_ban_set_until (bus, (guint64) record->until);
  sp_bus_ban_set_origin (bus, record->by_owner ? "owner" : "automatic");
  return self;
}

char *
sp_exported_ban_path (SpBan *ban)
{
  return g_strconcat (SP_BUS_BANS_PATH "/", sp_ban_get_path_element (ban), NULL);
}

gboolean
sp_bus_ban_check_until (guint64 until, GError **error)
{
  if (until == 0 || (until > (guint64) g_get_real_time () && until <= G_MAXINT64))
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“until” must be 0 or a time that comes");
  return FALSE;
}

static const SpBusKey block_keys[] = {
  { .name = "reason", .type = "s", .most = SP_REASON_MAX },
  { .name = "until", .type = "t", .most = G_MAXINT64 },
};

void
sp_bus_ban_block (SpServer *server,
                  GDBusMethodInvocation *invocation,
                  const char *address,
                  GVariant *options)
{
  const char *reason = "";
  guint64 until = 0;
  SpNetwork network;
  SpBan *ban = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;

  if (sp_bus_options_check (options, block_keys, G_N_ELEMENTS (block_keys), &error))
    {
      (void) g_variant_lookup (options, "reason", "&s", &reason);
      (void) g_variant_lookup (options, "until", "t", &until);
      if (sp_bus_ban_check_until (until, &error) && sp_ban_read_network (address, &network, &error))
        ban = sp_server_block (server, &network, reason, (gint64) until, &error);
    }
  if (ban == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_ban_path (ban);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}
