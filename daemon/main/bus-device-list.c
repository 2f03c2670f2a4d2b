/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-device.h"

#include "base/io.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"
#include "store-devices.h"

#include <string.h>

#define KIND_MAX 32

/* The server's methods about devices. */

static const SpBusKey filter_keys[] = {
  { "User", "s", 2 * SP_ID_SIZE, 2 * SP_ID_SIZE, FALSE, NULL },
  { "Kind", "s", 1, KIND_MAX, FALSE, NULL },
  { "Revoked", "b", 0, 0, FALSE, NULL },
};

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, text);
  return FALSE;
}

/* `id` is memory for the user. */
static gboolean
read_filter (GVariant *values, SpDeviceFilter *filter, guint8 *id, GError **error)
{
  const char *user = NULL;
  const char *kind = NULL;
  SpDeviceKind which;
  gboolean revoked;

  if (!sp_bus_options_check (values, filter_keys, G_N_ELEMENTS (filter_keys), error))
    return FALSE;
  if (g_variant_lookup (values, "Revoked", "b", &revoked))
    filter->revoked = revoked;
  if (g_variant_lookup (values, "Kind", "&s", &kind))
    {
      if (!sp_device_kind_from_string (kind, &which))
        return refuse (error, "“Kind” must be “certificate” or “password”");
      filter->kind = (int) which;
    }
  if (!g_variant_lookup (values, "User", "&s", &user))
    return TRUE;
  if (!sp_hex_decode (user, strlen (user), id, SP_ID_SIZE))
    return refuse (error, "“User” must be an identifier of 32 hexadecimal digits");
  filter->user = id;
  return TRUE;
}

static void
add_id (GVariantBuilder *builder, const char *name, const guint8 *id)
{
  char text[2 * SP_ID_SIZE + 1];

  sp_hex_encode (id, SP_ID_SIZE, text);
  g_variant_builder_add (builder, "{sv}", name, g_variant_new_string (text));
}

static GVariant *
describe (const SpDeviceRecord *record)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const struct
  {
    const char *name;
    gint64 time;
  } times[] = {
    { "CreatedAt", record->created },          { "LastSeenAt", record->seen },
    { "NotAfter", record->not_after },         { "RevokedAt", record->revoked },
    { "BlockedUntil", record->blocked_until }, { "IssuedAt", record->issued },
  };

  add_id (&builder, "Device", record->id);
  add_id (&builder, "User", record->user);
  g_variant_builder_add (&builder, "{sv}", "Name", g_variant_new_string (record->name));
  g_variant_builder_add (&builder, "{sv}", "Kind",
                         g_variant_new_string (sp_device_kind_to_string (record->kind)));
  g_variant_builder_add (&builder, "{sv}", "Label", g_variant_new_string (record->label));
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    g_variant_builder_add (&builder, "{sv}", times[i].name,
                           g_variant_new_uint64 ((guint64) times[i].time));
  return g_variant_builder_end (&builder);
}

void
sp_bus_device_list (SpStore *store,
                    GDBusMethodInvocation *invocation,
                    GVariant *filter,
                    const char *cursor,
                    guint limit,
                    GVariant *options)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  SpDeviceFilter wanted = { .kind = -1, .revoked = -1 };
  guint8 user[SP_ID_SIZE];
  g_autoptr (GPtrArray) records = NULL;
  g_autofree char *next = NULL;
  GError *error = NULL;

  if (limit < 1 || limit > SP_DEVICE_PAGE_MAX)
    (void) refuse (&error, "the limit must be a number from 1 to 500");
  else if (sp_bus_options_check_empty (options, &error) &&
           read_filter (filter, &wanted, user, &error))
    records = sp_store_list_devices (store, &wanted, cursor, limit, &next, &error);
  if (records == NULL)
    {
      g_variant_builder_clear (&builder);
      sp_bus_reply_error (invocation, error);
      return;
    }
  for (guint i = 0; i < records->len; i++)
    g_variant_builder_add_value (&builder, describe (records->pdata[i]));
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(aa{sv}s)", &builder, next));
}

/* --- taking a revocation back --- */

static void
on_undone (GObject *devices, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_device_registry_undo_finish (SP_DEVICE_REGISTRY (devices), result, &error);
  sp_bus_reply (invocation, error);
}

gboolean
sp_bus_device_undo (SpDeviceRegistry *devices, const char *token, GDBusMethodInvocation *invocation)
{
  if (!sp_device_registry_has_token (devices, token))
    return FALSE;
  sp_device_registry_undo_async (devices, token, NULL, on_undone, invocation);
  return TRUE;
}
