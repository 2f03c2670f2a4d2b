/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-device.h"

#include "base/names.h"
#include "bus-binding.h"
#include "bus-descriptor.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus-user.h"
#include "bus/error.h"

#define FORMAT_NAME_MAX 16

struct _SpExportedDevice
{
  SpBusDeviceSkeleton parent_instance;
  SpDeviceRegistry *devices;
  SpDevice *device;
};

static const SpBusBinding bindings[] = {
  { "name", "name" },
  { "kind", "kind" },
  { "created", "created-at" },
  { "last-seen", "last-seen-at" },
  { "fingerprint", "fingerprint" },
  { "issued-at", "issued-at" },
  { "not-after", "not-after" },
  { "revoked-at", "revoked-at" },
  { "blocked-until", "blocked-until" },
  { "label", "label" },
};

static const SpBusKey change_keys[] = {
  { "Name", "s", 1, SP_DEVICE_NAME_MAX, FALSE },
  { "BlockedUntil", "t", 0, SP_TIME_MAX, FALSE },
};

static const SpBusKey issue_keys[] = {
  { "format", "s", 1, FORMAT_NAME_MAX, FALSE, NULL },
  { "passphrase", "h", 0, 0, FALSE, NULL },
  { "days", "u", 1, SP_DEVICE_DAYS_MAX, FALSE, NULL },
};

/* --- certificates --- */

typedef struct
{
  SpDeviceFormat format;
  int passphrase; /* -1: none was given */
  guint days;
} Wishes;

static gboolean
read_format (GVariant *options, SpDeviceFormat *ret_format, GError **error)
{
  static const char *const names[] = {
    [SP_DEVICE_PKCS12] = "pkcs12",
    [SP_DEVICE_PKCS12_AES] = "pkcs12-aes",
    [SP_DEVICE_PEM] = "pem",
  };
  const char *name = names[0];

  (void) g_variant_lookup (options, "format", "&s", &name);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      {
        *ret_format = (SpDeviceFormat) i;
        return TRUE;
      }
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“format” must be “pkcs12”, “pkcs12-aes” or “pem”");
  return FALSE;
}

static gboolean
read_wishes (GVariant *options, GUnixFDList *descriptors, Wishes *ret_wishes, GError **error)
{
  g_autoptr (GVariant) passphrase = NULL;

  *ret_wishes = (Wishes){ .passphrase = -1 };
  if (!sp_bus_options_check (options, issue_keys, G_N_ELEMENTS (issue_keys), error) ||
      !read_format (options, &ret_wishes->format, error))
    return FALSE;
  (void) g_variant_lookup (options, "days", "u", &ret_wishes->days);
  passphrase = g_variant_lookup_value (options, "passphrase", G_VARIANT_TYPE_HANDLE);
  if (passphrase != NULL)
    ret_wishes->passphrase = sp_bus_take_secret (descriptors, passphrase, "passphrase", error);
  return passphrase == NULL || ret_wishes->passphrase >= 0;
}

/* `path`: of a new device, NULL for one that was there. */
static void
reply_files (GDBusMethodInvocation *invocation, const char *path, int file, int passphrase)
{
  const int fds[] = { file, passphrase };
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new_from_array (fds, 2);
  GVariant *answer =
      path != NULL ? g_variant_new ("(ohh)", path, 0, 1) : g_variant_new ("(hh)", 0, 1);

  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, answer, list);
}

static void
on_issued (GObject *devices, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  int file;
  int passphrase;
  SpDevice *device = sp_device_registry_issue_finish (SP_DEVICE_REGISTRY (devices), result, &file,
                                                      &passphrase, &error);
  g_autofree char *path = NULL;

  if (device == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_device_path (device);
  reply_files (invocation, path, file, passphrase);
}

void
sp_bus_device_add (SpDeviceRegistry *devices,
                   SpUser *user,
                   GDBusMethodInvocation *invocation,
                   GUnixFDList *descriptors,
                   const char *name,
                   GVariant *options)
{
  GError *error = NULL;
  Wishes wishes;

  if (read_wishes (options, descriptors, &wishes, &error))
    sp_device_registry_issue_async (devices, user, name, wishes.format, wishes.passphrase,
                                    wishes.days, NULL, on_issued, invocation);
  else
    sp_bus_reply_error (invocation, error);
}

static void
on_renewed (GObject *devices, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  int file;
  int passphrase;

  if (sp_device_registry_issue_finish (SP_DEVICE_REGISTRY (devices), result, &file, &passphrase,
                                       &error) != NULL)
    reply_files (invocation, NULL, file, passphrase);
  else
    sp_bus_reply_error (invocation, error);
}

static gboolean
handle_renew (SpBusDevice *object,
              GDBusMethodInvocation *invocation,
              GUnixFDList *descriptors,
              GVariant *options)
{
  SpExportedDevice *self = SP_EXPORTED_DEVICE (object);
  GError *error = NULL;
  Wishes wishes;

  if (read_wishes (options, descriptors, &wishes, &error))
    sp_device_registry_renew_async (self->devices, self->device, wishes.format, wishes.passphrase,
                                    wishes.days, NULL, on_renewed, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_renew_label (SpBusDevice *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedDevice *self = SP_EXPORTED_DEVICE (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error) &&
      sp_device_registry_renew_label (self->devices, self->device, &error))
    sp_bus_device_complete_renew_label (object, invocation, sp_device_get_label (self->device));
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

/* --- changes --- */

static void
on_updated (GObject *devices, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_device_registry_update_finish (SP_DEVICE_REGISTRY (devices), result, &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_update (SpBusDevice *object,
               GDBusMethodInvocation *invocation,
               GVariant *changes,
               GVariant *options)
{
  SpExportedDevice *self = SP_EXPORTED_DEVICE (object);
  SpDeviceChange change = { .blocked_until = -1 };
  guint64 until;
  GError *error = NULL;

  if (sp_bus_options_check (changes, change_keys, G_N_ELEMENTS (change_keys), &error) &&
      sp_bus_options_check_empty (options, &error))
    {
      (void) g_variant_lookup (changes, "Name", "&s", &change.name);
      if (g_variant_lookup (changes, "BlockedUntil", "t", &until))
        change.blocked_until = (gint64) until;
      sp_device_registry_update_async (self->devices, self->device, &change, on_updated,
                                       invocation);
    }
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static void
on_revoked (GObject *devices, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autofree char *token =
      sp_device_registry_revoke_finish (SP_DEVICE_REGISTRY (devices), result, &error);

  if (token != NULL)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", token));
  else
    sp_bus_reply_error (invocation, error);
}

static gboolean
handle_revoke (SpBusDevice *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedDevice *self = SP_EXPORTED_DEVICE (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_device_registry_revoke_async (self->devices, self->device, NULL, on_revoked, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static void
sp_exported_device_iface_init (SpBusDeviceIface *iface)
{
  iface->handle_update = handle_update;
  iface->handle_renew = handle_renew;
  iface->handle_renew_label = handle_renew_label;
  iface->handle_revoke = handle_revoke;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SpExportedDevice,
                               sp_exported_device,
                               SP_BUS_TYPE_DEVICE_SKELETON,
                               G_IMPLEMENT_INTERFACE (SP_BUS_TYPE_DEVICE,
                                                      sp_exported_device_iface_init))

static void
sp_exported_device_dispose (GObject *object)
{
  SpExportedDevice *self = SP_EXPORTED_DEVICE (object);

  g_clear_object (&self->devices);
  g_clear_object (&self->device);
  G_OBJECT_CLASS (sp_exported_device_parent_class)->dispose (object);
}

static void
sp_exported_device_class_init (SpExportedDeviceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_exported_device_dispose;
}

static void
sp_exported_device_init (SpExportedDevice *self)
{
}

SpExportedDevice *
sp_exported_device_new (SpDeviceRegistry *devices, SpDevice *device)
{
  SpExportedDevice *self = g_object_new (SP_TYPE_EXPORTED_DEVICE, NULL);
  g_autofree char *user_path = sp_exported_user_path (sp_device_get_user (device));

  self->devices = g_object_ref (devices);
  self->device = g_object_ref (device);
  sp_bus_device_set_user (SP_BUS_DEVICE (self), user_path);
  sp_bus_bind (device, self, bindings, G_N_ELEMENTS (bindings));
  return self;
}

char *
sp_exported_device_path (SpDevice *device)
{
  if (device == NULL)
    return g_strdup ("/");
  return g_strconcat (SP_BUS_DEVICES_PATH "/", sp_device_get_path_element (device), NULL);
}
