/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-invitation.h"

#include "base/endpoint.h"
#include "base/hex.h"
#include "base/names.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus-user.h"

#include <gio/gunixfdlist.h>

#define NAME_DEFAULT "Device"

struct _SpExportedInvitation
{
  SpBusInvitationSkeleton parent_instance;
  SpInvitationRegistry *invitations;
  SpInvitation *invitation;
};

static const SpBusKey invite_keys[] = {
  { .name = "device-name", .type = "s", .least = 1, .most = SP_DEVICE_NAME_MAX },
  { .name = "valid-s",
    .type = "u",
    .least = SP_INVITATION_SECONDS_MIN,
    .most = SP_INVITATION_SECONDS_MAX },
};

static void
on_revoked (GObject *invitations, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_invitation_registry_revoke_finish (SP_INVITATION_REGISTRY (invitations), result,
                                               &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_revoke (SpBusInvitation *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedInvitation *self = SP_EXPORTED_INVITATION (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_invitation_registry_revoke_async (self->invitations, self->invitation, NULL, on_revoked,
                                         invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static void
sp_exported_invitation_iface_init (SpBusInvitationIface *iface)
{
  iface->handle_revoke = handle_revoke;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SpExportedInvitation,
                               sp_exported_invitation,
                               SP_BUS_TYPE_INVITATION_SKELETON,
                               G_IMPLEMENT_INTERFACE (SP_BUS_TYPE_INVITATION,
                                                      sp_exported_invitation_iface_init))

static void
sp_exported_invitation_dispose (GObject *object)
{
  SpExportedInvitation *self = SP_EXPORTED_INVITATION (object);

  g_clear_object (&self->invitations);
  g_clear_object (&self->invitation);
  G_OBJECT_CLASS (sp_exported_invitation_parent_class)->dispose (object);
}

static void
sp_exported_invitation_class_init (SpExportedInvitationClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_exported_invitation_dispose;
}

static void
sp_exported_invitation_init (SpExportedInvitation *self)
{
}

static char *
device_path (const guint8 *device)
{
  char element[2 * SP_ID_SIZE + 1];

  if (sp_address_is_unset (device)) /* as long as an address; unset: none */
    return g_strdup ("/");
  sp_hex_encode (device, SP_ID_SIZE, element);
  return g_strconcat (SP_BUS_DEVICES_PATH "/", element, NULL);
}

static GVariant *
list_steps (SpInvitation *invitation)
{
  GVariantBuilder steps = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(st)"));

  for (guint i = 0; i < SP_INVITATION_STEPS; i++)
    if (sp_invitation_get_step (invitation, i) != 0)
      g_variant_builder_add (&steps, "(st)", sp_invitation_step_to_string (i),
                             (guint64) sp_invitation_get_step (invitation, i));
  return g_variant_builder_end (&steps);
}

static char *
address_text (const SpInvitationKnown *known)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (sp_address_is_unset (known->address))
    return g_strdup ("");
  sp_address_to_text (known->address, text);
  return g_strdup (text);
}

static void
follow (SpInvitation *invitation, gpointer data)
{
  SpBusInvitation *bus = SP_BUS_INVITATION (data);
  const SpInvitationKnown *known = sp_invitation_get_known (invitation);
  g_autofree char *device = device_path (known->device);
  g_autofree char *address = address_text (known);

  g_object_freeze_notify (G_OBJECT (bus));
  sp_bus_invitation_set_device (bus, device);
  sp_bus_invitation_set_expires_at (bus, known->expires);
  sp_bus_invitation_set_state (bus, sp_invitation_state_to_string (known->state));
  sp_bus_invitation_set_steps (bus, list_steps (invitation));
  sp_bus_invitation_set_remote_address (bus, address);
  g_object_thaw_notify (G_OBJECT (bus));
}

SpExportedInvitation *
sp_exported_invitation_new (SpInvitationRegistry *invitations, SpInvitation *invitation)
{
  SpExportedInvitation *self = g_object_new (SP_TYPE_EXPORTED_INVITATION, NULL);
  SpBusInvitation *bus = SP_BUS_INVITATION (self);
  g_autofree char *user = sp_exported_user_path (sp_invitation_get_user (invitation));
  const char *label = sp_invitation_get_label (invitation);

  self->invitations = g_object_ref (invitations);
  self->invitation = g_object_ref (invitation);
  sp_bus_invitation_set_user (bus, user);
  sp_bus_invitation_set_device_name (bus, sp_invitation_get_name (invitation));
  sp_bus_invitation_set_label (bus, label != NULL ? label : "");
  sp_bus_invitation_set_created_at (bus, sp_invitation_get_known (invitation)->created);
  g_signal_connect_object (invitation, "changed", G_CALLBACK (follow), self, 0);
  follow (invitation, self);
  return self;
}

char *
sp_exported_invitation_path (SpInvitation *invitation)
{
  return g_strconcat (SP_BUS_INVITATIONS_PATH "/", sp_invitation_get_path_element (invitation),
                      NULL);
}

GVariant *
sp_exported_invitation_step (SpInvitation *invitation, guint step)
{
  g_autofree char *address = address_text (sp_invitation_get_known (invitation));

  return g_variant_new ("(sts)", sp_invitation_step_to_string (step),
                        (guint64) sp_invitation_get_step (invitation, step), address);
}

static void
on_invited (GObject *invitations, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  int link;
  SpInvitation *invitation = sp_invitation_registry_invite_finish (
      SP_INVITATION_REGISTRY (invitations), result, &link, &error);
  g_autoptr (GUnixFDList) list = NULL;
  g_autofree char *path = NULL;

  if (invitation == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_invitation_path (invitation);
  list = g_unix_fd_list_new_from_array (&link, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation,
                                                           g_variant_new ("(oh)", path, 0), list);
}

void
sp_bus_invitation_invite (SpInvitationRegistry *invitations,
                          SpUser *user,
                          GDBusMethodInvocation *invocation,
                          GVariant *options)
{
  const char *name = NAME_DEFAULT;
  guint32 seconds = SP_INVITATION_SECONDS;
  GError *error = NULL;

  if (!sp_bus_options_check (options, invite_keys, G_N_ELEMENTS (invite_keys), &error))
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  (void) g_variant_lookup (options, "device-name", "&s", &name);
  (void) g_variant_lookup (options, "valid-s", "u", &seconds);
  sp_invitation_registry_invite_async (invitations, user, name, seconds, NULL, on_invited,
                                       invocation);
}
