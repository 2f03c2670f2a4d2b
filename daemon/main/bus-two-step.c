/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-two-step.h"

#include "base/limits.h"
#include "base/names.h"
#include "bus-device.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"
#include "user-two-step.h"

#include <gio/gunixfdlist.h>
#include <string.h>

static const SpBusKey enroll_keys[] = {
  { "Issuer", "s", 1, SP_ISSUER_MAX, FALSE, NULL },
};

/* Both methods return one descriptor. */
static void
on_filled (GObject *users, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  int fd = sp_user_totp_finish (SP_USER_REGISTRY (users), result, &error);
  g_autoptr (GUnixFDList) descriptors = NULL;

  if (fd < 0)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  descriptors = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           descriptors);
}

void
sp_bus_two_step_enroll (SpUserRegistry *users,
                        SpUser *user,
                        GDBusMethodInvocation *invocation,
                        GVariant *options)
{
  const char *issuer = SP_PRODUCT_NAME;
  GError *error = NULL;

  if (!sp_bus_options_check (options, enroll_keys, G_N_ELEMENTS (enroll_keys), &error))
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  (void) g_variant_lookup (options, "Issuer", "&s", &issuer);
  sp_user_enroll_totp_async (users, user, issuer, on_filled, invocation);
}

static gboolean
check_code (const char *code, GError **error)
{
  gsize length = strlen (code);
  gsize digits = 0;
  gsize blanks = 0;

  for (gsize i = 0; i < length; i++)
    {
      digits += g_ascii_isdigit (code[i]);
      blanks += code[i] == ' ';
    }
  if (digits == SP_CODE_DIGITS && digits + blanks == length && length <= SP_CODE_MAX)
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“code” must be the %d digits that the phone shows", SP_CODE_DIGITS);
  return FALSE;
}

void
sp_bus_two_step_confirm (SpUserRegistry *users,
                         SpUser *user,
                         GDBusMethodInvocation *invocation,
                         const char *code,
                         GVariant *options)
{
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error) && check_code (code, &error))
    sp_user_confirm_totp_async (users, user, code, on_filled, invocation);
  else
    sp_bus_reply_error (invocation, error);
}

static void
on_removed (GObject *users, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_user_remove_totp_finish (SP_USER_REGISTRY (users), result, &error);
  sp_bus_reply (invocation, error);
}

void
sp_bus_two_step_remove (SpUserRegistry *users,
                        SpUser *user,
                        GDBusMethodInvocation *invocation,
                        GVariant *options)
{
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_user_remove_totp_async (users, user, on_removed, invocation);
  else
    sp_bus_reply_error (invocation, error);
}

static void
on_added (GObject *devices, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  int fd;
  SpDevice *device =
      sp_device_registry_add_password_finish (SP_DEVICE_REGISTRY (devices), result, &fd, &error);
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autofree char *path = NULL;

  if (device == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_device_path (device);
  descriptors = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (
      invocation, g_variant_new ("(oh)", path, 0), descriptors);
}

void
sp_bus_two_step_add_app_password (SpDeviceRegistry *devices,
                                  SpUser *user,
                                  GDBusMethodInvocation *invocation,
                                  const char *name,
                                  GVariant *options)
{
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_device_registry_add_password_async (devices, user, name, on_added, invocation);
  else
    sp_bus_reply_error (invocation, error);
}
