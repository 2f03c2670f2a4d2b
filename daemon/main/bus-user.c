/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-user.h"

#include "base/limits.h"
#include "base/names.h"
#include "bus-binding.h"
#include "bus-descriptor.h"
#include "bus-device.h"
#include "bus-invitation.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus-two-step.h"
#include "bus/error.h"

#include <gio/gunixfdlist.h>

struct _SpExportedUser
{
  SpBusUserSkeleton parent_instance;
  SpUserRegistry *users;
  SpDeviceRegistry *devices;
  SpInvitationRegistry *invitations;
  SpUser *user;
};

static const SpBusBinding bindings[] = {
  { "login", "login" },
  { "created", "created-at" },
  { "first-login", "first-login-at" },
  { "ends-at", "ends-at" },
  { "status", "status" },
  { "removed", "removed" },
  { "removed-at", "removed-at" },
  { "two-step", "two-step" },
  { "recovery-codes-left", "recovery-codes-left" },
  { "used", "used" },
  { "used-since", "used-since" },
  { "quota-level", "quota-level" },
};

/* Everything that can be set: called alike on both sides. */
static SpBusBinding value_bindings[SP_USER_N_VALUES]; /* nocheck: set once by class_init */

static void
on_updated (GObject *users, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_user_registry_update_finish (SP_USER_REGISTRY (users), result, &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_update (SpBusUser *object,
               GDBusMethodInvocation *invocation,
               GVariant *changes,
               GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);
  GError *error = NULL;

  if (!sp_bus_options_check (changes, sp_user_value_keys, SP_USER_N_VALUES, &error) ||
      !sp_bus_options_check_empty (options, &error))
    {
      sp_bus_reply_error (invocation, error);
      return TRUE;
    }
  sp_user_registry_update_async (self->users, self->user, changes, NULL, on_updated, invocation);
  return TRUE;
}

static void
on_password_set (GObject *users, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_user_registry_set_password_finish (SP_USER_REGISTRY (users), result, &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_set_password (SpBusUser *object,
                     GDBusMethodInvocation *invocation,
                     GUnixFDList *descriptors,
                     GVariant *password,
                     GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);
  GError *error = NULL;
  int fd = -1;

  if (sp_bus_options_check_empty (options, &error))
    fd = sp_bus_take_secret (descriptors, password, "password", &error);
  if (error != NULL)
    sp_bus_reply_error (invocation, error);
  else
    sp_user_registry_set_password_async (self->users, self->user, fd, FALSE, NULL, on_password_set,
                                         invocation);
  return TRUE;
}

static gboolean
handle_set_password_hash (SpBusUser *object,
                          GDBusMethodInvocation *invocation,
                          GUnixFDList *descriptors,
                          GVariant *hash,
                          GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);
  GError *error = NULL;
  int fd = -1;

  if (sp_bus_options_check_empty (options, &error))
    fd = sp_bus_take_secret (descriptors, hash, "hash", &error);
  if (error != NULL)
    sp_bus_reply_error (invocation, error);
  else
    sp_user_registry_set_password_async (self->users, self->user, fd, TRUE, NULL, on_password_set,
                                         invocation);
  return TRUE;
}

static gboolean
handle_add_device (SpBusUser *object,
                   GDBusMethodInvocation *invocation,
                   GUnixFDList *descriptors,
                   const char *name,
                   GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);

  sp_bus_device_add (self->devices, self->user, invocation, descriptors, name, options);
  return TRUE;
}

static gboolean
handle_invite (SpBusUser *object,
               GDBusMethodInvocation *invocation,
               GUnixFDList *descriptors,
               GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);

  sp_bus_invitation_invite (self->invitations, self->user, invocation, options);
  return TRUE;
}

static void
on_removed (GObject *users, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autofree char *token =
      sp_user_registry_remove_finish (SP_USER_REGISTRY (users), result, &error);

  if (token != NULL)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", token));
  else
    sp_bus_reply_error (invocation, error);
}

static gboolean
handle_restore (SpBusUser *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_user_registry_restore_async (self->users, self->user, NULL, on_updated, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_purge (SpBusUser *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_user_registry_purge_async (self->users, self->user, NULL, on_updated, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_remove (SpBusUser *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_user_registry_remove_async (self->users, self->user, NULL, on_removed, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_enroll_totp (SpBusUser *object,
                    GDBusMethodInvocation *invocation,
                    GUnixFDList *descriptors,
                    GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);

  sp_bus_two_step_enroll (self->users, self->user, invocation, options);
  return TRUE;
}

static gboolean
handle_confirm_totp (SpBusUser *object,
                     GDBusMethodInvocation *invocation,
                     GUnixFDList *descriptors,
                     const char *code,
                     GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);

  sp_bus_two_step_confirm (self->users, self->user, invocation, code, options);
  return TRUE;
}

static gboolean
handle_remove_totp (SpBusUser *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);

  sp_bus_two_step_remove (self->users, self->user, invocation, options);
  return TRUE;
}

static gboolean
handle_add_app_password (SpBusUser *object,
                         GDBusMethodInvocation *invocation,
                         GUnixFDList *descriptors,
                         const char *name,
                         GVariant *options)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);

  sp_bus_two_step_add_app_password (self->devices, self->user, invocation, name, options);
  return TRUE;
}

static void
sp_exported_user_iface_init (SpBusUserIface *iface)
{
  iface->handle_update = handle_update;
  iface->handle_set_password = handle_set_password;
  iface->handle_set_password_hash = handle_set_password_hash;
  iface->handle_add_device = handle_add_device;
  iface->handle_invite = handle_invite;
  iface->handle_remove = handle_remove;
  iface->handle_restore = handle_restore;
  iface->handle_purge = handle_purge;
  iface->handle_enroll_totp = handle_enroll_totp;
  iface->handle_confirm_totp = handle_confirm_totp;
  iface->handle_remove_totp = handle_remove_totp;
  iface->handle_add_app_password = handle_add_app_password;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SpExportedUser,
                               sp_exported_user,
                               SP_BUS_TYPE_USER_SKELETON,
                               G_IMPLEMENT_INTERFACE (SP_BUS_TYPE_USER,
                                                      sp_exported_user_iface_init))

static void
sp_exported_user_dispose (GObject *object)
{
  SpExportedUser *self = SP_EXPORTED_USER (object);

  g_clear_object (&self->users);
  g_clear_object (&self->devices);
  g_clear_object (&self->invitations);
  g_clear_object (&self->user);
  G_OBJECT_CLASS (sp_exported_user_parent_class)->dispose (object);
}

static void
sp_exported_user_class_init (SpExportedUserClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_exported_user_dispose;
  for (guint i = 0; i < SP_USER_N_VALUES; i++)
    {
      const char *name = sp_user_get_property_name (i);

      value_bindings[i] = (SpBusBinding){ name, name };
    }
}

static void
sp_exported_user_init (SpExportedUser *self)
{
}

SpExportedUser *
sp_exported_user_new (SpUserRegistry *users,
                      SpDeviceRegistry *devices,
                      SpInvitationRegistry *invitations,
                      SpUser *user)
{
  SpExportedUser *self = g_object_new (SP_TYPE_EXPORTED_USER, NULL);

  self->users = g_object_ref (users);
  self->devices = g_object_ref (devices);
  self->invitations = g_object_ref (invitations);
  self->user = g_object_ref (user);
  sp_bus_bind (user, self, bindings, G_N_ELEMENTS (bindings));
  sp_bus_bind (user, self, value_bindings, G_N_ELEMENTS (value_bindings));
  return self;
}

gboolean
sp_bus_user_undo (SpUserRegistry *users, const char *token, GDBusMethodInvocation *invocation)
{
  SpUser *user = sp_user_registry_find_by_token (users, token);

  if (user == NULL)
    return FALSE;
  sp_user_registry_restore_async (users, user, NULL, on_updated, invocation);
  return TRUE;
}

char *
sp_exported_user_path (SpUser *user)
{
  return g_strconcat (SP_BUS_USERS_PATH "/", sp_user_get_path_element (user), NULL);
}
