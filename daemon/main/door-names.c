/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "door-names.h"

#include "base/endpoint.h"
#include "base/label.h"
#include "base/log.h"

#include <string.h>

struct _SpDoorNames
{
  SpDoorClient *door;
  SpCertificateRegistry *certificates;
  SpDeviceRegistry *devices; /* NULL: none yet */
  SpInvitationRegistry *invitations;
  SpSetNameGate told; /* as the door has it, or would have it if there was one */
  char *own;
  char *former;
  GHashTable *labels;  /* good ones → how many have it: an invitation and its device share one */
  GHashTable *holders; /* a device or an invitation → its label, while that is good */
};

static gboolean
is_domain (const char *name)
{
  guint8 address[SP_ADDRESS_SIZE];

  return name[0] != '\0' && !sp_address_from_text (name, address);
}

static void
add_name (SpSetNameGate *gate, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  gsize size = strlen (lower) + 1;

  /* Clients that connect by an address name nothing. */
  if (!is_domain (lower) || gate->names_length + size > sizeof gate->names)
    return;
  memcpy (gate->names + gate->names_length, lower, size);
  gate->names_length = (guint16) (gate->names_length + size);
}

static void
add_names_of (SpSetNameGate *gate, const SpCertificateKnown *certificate)
{
  const guint8 *end = certificate->names + certificate->names_length;

  for (const guint8 *next = certificate->names;
       next < end && memchr (next, 0, (gsize) (end - next)) != NULL;
       next += strlen ((const char *) next) + 1)
    add_name (gate, (const char *) next);
}

static void
collect (SpDoorNames *self, SpSetNameGate *gate)
{
  g_auto (GStrv) elements = sp_certificate_registry_list (self->certificates);

  gate->names_length = 0;
  add_name (gate, self->own);
  add_name (gate, self->former);
  for (guint i = 0; elements[i] != NULL; i++)
    {
      const SpCertificateKnown *known =
          sp_certificate_registry_find (self->certificates, elements[i]);

      if (known->kind == SP_CERTIFICATE_SERVER && known->active)
        add_names_of (gate, known);
    }
}

static gboolean
is_same (const SpSetNameGate *one, const SpSetNameGate *other)
{
  return one->mode == other->mode && one->own_length == other->own_length &&
         one->names_length == other->names_length &&
         memcmp (one->own, other->own, one->own_length) == 0 &&
         memcmp (one->names, other->names, one->names_length) == 0;
}

static void
look (SpDoorNames *self, SpGateMode mode)
{
  g_autofree SpSetNameGate *gate = g_new0 (SpSetNameGate, 1);
  g_autofree char *own = g_ascii_strdown (self->own, -1);

  gate->mode = (guint8) mode;
  if (is_domain (own) && strlen (own) <= sizeof gate->own)
    memcpy (gate->own, own, gate->own_length = (guint16) strlen (own));
  collect (self, gate);
  if (is_same (gate, &self->told))
    return;
  self->told = *gate;
  sp_door_client_set_name_gate (self->door, gate);
}

static void
certificates_changed_cb (SpDoorNames *self)
{
  look (self, (SpGateMode) self->told.mode);
}

/* --- labels --- */

static void
tell_label (SpDoorNames *self, const char *label, gboolean good)
{
  g_autofree SpSetLabels *message = g_new0 (SpSetLabels, 1);

  message->good = (guint8) good;
  message->hashes_length = SP_LABEL_HASH_SIZE;
  sp_label_hash (label, message->hashes);
  sp_door_client_set_labels (self->door, message);
}

static void
add_label (SpDoorNames *self, const char *label)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->labels, label));

  if (n == 0 && g_hash_table_size (self->labels) == SP_LABELS_MAX)
    sp_log (SP_LOG_WARNING, "door", "there are more labels than the door can know");
  if (n == 0)
    tell_label (self, label, TRUE);
  (void) g_hash_table_insert (self->labels, g_strdup (label), GUINT_TO_POINTER (n + 1));
}

static void
drop_label (SpDoorNames *self, const char *label)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->labels, label));

  if (n > 1)
    {
      (void) g_hash_table_insert (self->labels, g_strdup (label), GUINT_TO_POINTER (n - 1));
      return;
    }
  (void) g_hash_table_remove (self->labels, label);
  tell_label (self, label, FALSE);
}

/* `label` is what is good of the holder now; NULL: nothing. */
static void
hold (SpDoorNames *self, gpointer holder, const char *label)
{
  g_autofree char *before = g_strdup (g_hash_table_lookup (self->holders, holder));

  if (g_strcmp0 (before, label) == 0)
    return;
  if (label != NULL)
    {
      add_label (self, label);
      (void) g_hash_table_insert (self->holders, holder, g_strdup (label));
    }
  else
    (void) g_hash_table_remove (self->holders, holder);
  if (before != NULL)
    drop_label (self, before);
}

static void
look_at_device (SpDoorNames *self, SpDevice *device)
{
  gboolean good = !sp_device_is_revoked (device) &&
                  sp_user_get_record (sp_device_get_user (device))->removed_at == 0;

  hold (self, device, good ? sp_device_get_label (device) : NULL);
}

static void
look_at_invitation (SpDoorNames *self, SpInvitation *invitation)
{
  gboolean good = sp_invitation_get_known (invitation)->state == SP_INVITATION_OPEN;

  hold (self, invitation, good ? sp_invitation_get_label (invitation) : NULL);
}

static void
device_changed_cb (SpDevice *device, GParamSpec *spec, SpDoorNames *self)
{
  look_at_device (self, device);
}

static void
user_changed_cb (SpUser *user, GParamSpec *spec, SpDoorNames *self)
{
  for (guint i = 0; i < sp_device_registry_get_n (self->devices); i++)
    if (sp_device_get_user (sp_device_registry_get (self->devices, i)) == user)
      look_at_device (self, sp_device_registry_get (self->devices, i));
}

static void
device_added_cb (SpDeviceRegistry *devices, SpDevice *device, SpDoorNames *self)
{
  SpUser *user = sp_device_get_user (device);

  g_signal_connect (device, "notify::revoked-at", G_CALLBACK (device_changed_cb), self);
  g_signal_connect (device, "notify::label", G_CALLBACK (device_changed_cb), self);
  if (g_signal_handler_find (user, G_SIGNAL_MATCH_FUNC | G_SIGNAL_MATCH_DATA, 0, 0, NULL,
                             user_changed_cb, self) == 0)
    g_signal_connect (user, "notify::removed", G_CALLBACK (user_changed_cb), self);
  look_at_device (self, device);
}

static void
device_removed_cb (SpDeviceRegistry *devices, SpDevice *device, SpDoorNames *self)
{
  g_signal_handlers_disconnect_by_data (device, self);
  hold (self, device, NULL);
}

static void
invitation_changed_cb (SpInvitation *invitation, SpDoorNames *self)
{
  look_at_invitation (self, invitation);
}

static void
invitation_added_cb (SpInvitationRegistry *invitations, SpInvitation *invitation, SpDoorNames *self)
{
  g_signal_connect (invitation, "changed", G_CALLBACK (invitation_changed_cb), self);
  look_at_invitation (self, invitation);
}

static void
invitation_removed_cb (SpInvitationRegistry *invitations,
                       SpInvitation *invitation,
                       SpDoorNames *self)
{
  g_signal_handlers_disconnect_by_data (invitation, self);
  hold (self, invitation, NULL);
}

void
sp_door_names_follow_devices (SpDoorNames *self,
                              SpDeviceRegistry *devices,
                              SpInvitationRegistry *invitations)
{
  self->devices = devices;
  self->invitations = invitations;
  for (guint i = 0; i < sp_device_registry_get_n (devices); i++)
    device_added_cb (devices, sp_device_registry_get (devices, i), self);
  g_signal_connect (devices, "added", G_CALLBACK (device_added_cb), self);
  g_signal_connect (devices, "removed", G_CALLBACK (device_removed_cb), self);
  g_signal_connect (invitations, "added", G_CALLBACK (invitation_added_cb), self);
  g_signal_connect (invitations, "removed", G_CALLBACK (invitation_removed_cb), self);
}

static void
stop_following (SpDoorNames *self)
{
  for (guint i = 0; self->devices != NULL && i < sp_device_registry_get_n (self->devices); i++)
    {
      SpDevice *device = sp_device_registry_get (self->devices, i);

      g_signal_handlers_disconnect_by_data (device, self);
      g_signal_handlers_disconnect_by_data (sp_device_get_user (device), self);
    }
  for (guint i = 0; self->devices != NULL && i < sp_invitation_registry_get_n (self->invitations);
       i++)
    g_signal_handlers_disconnect_by_data (sp_invitation_registry_get (self->invitations, i), self);
  if (self->devices == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->devices, self);
  g_signal_handlers_disconnect_by_data (self->invitations, self);
}

static void
tell_all_labels (SpDoorNames *self)
{
  g_autofree SpSetLabels *message = g_new0 (SpSetLabels, 1);
  GHashTableIter iter;
  gpointer label;

  message->good = 1;
  g_hash_table_iter_init (&iter, self->labels);
  while (g_hash_table_iter_next (&iter, &label, NULL))
    {
      sp_label_hash (label, message->hashes + message->hashes_length);
      message->hashes_length = (guint16) (message->hashes_length + SP_LABEL_HASH_SIZE);
      if (message->hashes_length < sizeof message->hashes)
        continue;
      sp_door_client_set_labels (self->door, message);
      message->hashes_length = 0;
    }
  if (message->hashes_length > 0)
    sp_door_client_set_labels (self->door, message);
}

/* --- all of it --- */

SpDoorNames *
sp_door_names_new (SpDoorClient *door, SpCertificateRegistry *certificates)
{
  static const char *const signals[] = { "added", "changed", "removed" };
  SpDoorNames *self = g_new0 (SpDoorNames, 1);

  self->door = door;
  self->certificates = certificates;
  self->labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->holders = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->own = g_strdup ("");
  self->former = g_strdup ("");
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_swapped (certificates, signals[i], G_CALLBACK (certificates_changed_cb), self);
  return self;
}

void
sp_door_names_free (SpDoorNames *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->certificates, self);
  stop_following (self);
  g_hash_table_unref (self->labels);
  g_hash_table_unref (self->holders);
  g_free (self->own);
  g_free (self->former);
  g_free (self);
}

void
sp_door_names_set (SpDoorNames *self, SpGateMode mode, const char *own, const char *former)
{
  g_free (self->own);
  g_free (self->former);
  self->own = g_strdup (own);
  self->former = g_strdup (former);
  look (self, mode);
}

void
sp_door_names_tell_door (SpDoorNames *self)
{
  tell_all_labels (self);
  sp_door_client_set_name_gate (self->door, &self->told);
}
