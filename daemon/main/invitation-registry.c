/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invitation-registry.h"
#include "keyholder-invitation.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/io.h"
#include "base/label.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct _SpInvitationRegistry
{
  GObject parent;
  SpKeyholderClient *keyholder;
  SpUserRegistry *users;
  SpDeviceRegistry *devices;
  SpUrlFinder find_url;
  gpointer user_data;
  GPtrArray *invitations; /* of SpInvitation */
};

G_DEFINE_FINAL_TYPE (SpInvitationRegistry, sp_invitation_registry, G_TYPE_OBJECT)

enum
{
  SIGNAL_ADDED,
  SIGNAL_REMOVED,
  SIGNAL_STEP,
  N_SIGNALS
};

static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
sp_invitation_registry_finalize (GObject *object)
{
  SpInvitationRegistry *self = SP_INVITATION_REGISTRY (object);

  g_ptr_array_unref (self->invitations);
  G_OBJECT_CLASS (sp_invitation_registry_parent_class)->finalize (object);
}

static void
sp_invitation_registry_class_init (SpInvitationRegistryClass *class)
{
  GType type = G_OBJECT_CLASS_TYPE (class);

  G_OBJECT_CLASS (class)->finalize = sp_invitation_registry_finalize;
  signals[SIGNAL_ADDED] = g_signal_new ("added", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, SP_TYPE_INVITATION);
  signals[SIGNAL_REMOVED] = g_signal_new ("removed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, SP_TYPE_INVITATION);
  signals[SIGNAL_STEP] = g_signal_new ("step", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 2, SP_TYPE_INVITATION, G_TYPE_UINT);
}

static void
sp_invitation_registry_init (SpInvitationRegistry *self)
{
  self->invitations = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
drop (SpInvitationRegistry *self, guint position)
{
  g_autoptr (SpInvitation) invitation = g_object_ref (self->invitations->pdata[position]);

  (void) g_ptr_array_remove_index (self->invitations, position);
  g_signal_emit (self, signals[SIGNAL_REMOVED], 0, invitation);
}

/* The keyholder forgets them with their user, and so does main. */
static void
user_removed_cb (SpUserRegistry *users, SpUser *user, SpInvitationRegistry *self)
{
  for (guint i = self->invitations->len; i > 0; i--)
    if (sp_invitation_get_user (self->invitations->pdata[i - 1]) == user)
      drop (self, i - 1);
}

SpInvitationRegistry *
sp_invitation_registry_new (SpKeyholderClient *keyholder,
                            SpUserRegistry *users,
                            SpDeviceRegistry *devices,
                            SpUrlFinder find_url,
                            gpointer user_data)
{
  SpInvitationRegistry *self = g_object_new (SP_TYPE_INVITATION_REGISTRY, NULL);

  self->keyholder = keyholder;
  self->users = users;
  self->devices = devices;
  self->find_url = find_url;
  self->user_data = user_data;
  g_signal_connect_object (users, "removed", G_CALLBACK (user_removed_cb), self, 0);
  return self;
}

guint
sp_invitation_registry_get_n (SpInvitationRegistry *self)
{
  return self->invitations->len;
}

SpInvitation *
sp_invitation_registry_get (SpInvitationRegistry *self, guint position)
{
  return self->invitations->pdata[position];
}

/* --- what the keyholder tells --- */

static gboolean
find (SpInvitationRegistry *self, const guint8 *id, guint *ret_position)
{
  for (guint i = 0; i < self->invitations->len; i++)
    if (memcmp (sp_invitation_get_known (self->invitations->pdata[i])->invitation, id,
                SP_ID_SIZE) == 0)
      {
        *ret_position = i;
        return TRUE;
      }
  return FALSE;
}

/* What the keyholder made of it; also if main was away then. */
static void
adopt_device (SpInvitationRegistry *self, SpInvitation *invitation)
{
  const SpInvitationKnown *known = sp_invitation_get_known (invitation);
  g_autoptr (GError) error = NULL;

  if (sp_address_is_unset (known->device) || known->state == SP_INVITATION_REVOKED ||
      sp_device_registry_find_by_id (self->devices, known->device) != NULL)
    return;
  if (sp_device_registry_add (self->devices, known->device, sp_invitation_get_user (invitation),
                              SP_DEVICE_CERTIFICATE, sp_invitation_get_name (invitation),
                              (gint64) known->not_after, known->fingerprint,
                              sp_invitation_get_label (invitation), &error) == NULL)
    sp_log (SP_LOG_ERROR, "invitations", "keeping a device: %s", error->message);
}

static void
change (SpInvitationRegistry *self, SpInvitation *invitation, const SpInvitationKnown *known)
{
  gint64 before[SP_INVITATION_STEPS];

  for (guint i = 0; i < SP_INVITATION_STEPS; i++)
    before[i] = sp_invitation_get_step (invitation, i);
  sp_invitation_change (invitation, known);
  adopt_device (self, invitation);
  for (guint i = 0; i < SP_INVITATION_STEPS; i++)
    if (before[i] == 0 && sp_invitation_get_step (invitation, i) != 0)
      g_signal_emit (self, signals[SIGNAL_STEP], 0, invitation, i);
}

void
sp_invitation_registry_known (SpInvitationRegistry *self, const SpInvitationKnown *known)
{
  SpUser *user = sp_user_registry_find_by_id (self->users, known->user);
  g_autoptr (SpInvitation) invitation = NULL;
  guint position;

  if (user == NULL)
    return;
  if (find (self, known->invitation, &position))
    {
      change (self, self->invitations->pdata[position], known);
      return;
    }
  invitation = sp_invitation_new (user, known);
  g_ptr_array_add (self->invitations, g_object_ref (invitation));
  adopt_device (self, invitation);
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, invitation);
}

void
sp_invitation_registry_gone (SpInvitationRegistry *self, const guint8 *id)
{
  guint position;

  if (find (self, id, &position))
    drop (self, position);
}

/* --- inviting --- */

typedef struct
{
  SpInvite message;
  int link;
} Invite;

static void
invite_free (Invite *invite)
{
  sp_fd_clear (&invite->link);
  g_free (invite);
}

/* Nobody changes it after it was given out, and whoever reads it begins at its beginning. */
static gboolean
seal (int fd, GError **error)
{
  const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

  if (fcntl (fd, F_ADD_SEALS, seals) == 0 && lseek (fd, 0, SEEK_SET) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "sealing a memory file");
  return FALSE;
}

static void
invited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpInvitationRegistry *self = SP_INVITATION_REGISTRY (source);
  g_autoptr (GTask) task = user_data;
  Invite *invite = g_task_get_task_data (task);
  GError *error = NULL;
  g_autofree SpInvited *invited = g_task_propagate_pointer (G_TASK (result), &error);
  guint position = 0;

  if (invited != NULL && !find (self, invited->invitation, &position))
    error = g_error_new_literal (SP_ERROR, SP_ERROR_NOT_FOUND, "the user was removed meanwhile");
  if (error != NULL || !seal (invite->link, &error))
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, self->invitations->pdata[position], NULL);
}

static gboolean
check_user (SpInvitationRegistry *self, SpUser *user, GError **error)
{
  guint most = (guint) sp_user_get_number (user, SP_USER_DEVICES_MAX);

  if (sp_device_registry_count_of (self->devices, user) < most)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_BUSY,
               "the user has %u devices, and may not have more; revoke one first", most);
  return FALSE;
}

static gboolean
fill_in (SpInvitationRegistry *self,
         SpUser *user,
         const char *name,
         guint seconds,
         Invite *invite,
         GError **error)
{
  char label[SP_LABEL_LENGTH + 1];
  g_autofree char *url = NULL;
  SpInvite *message = &invite->message;

  sp_label_make (label);
  url = self->find_url (self->user_data, label);

  if (url == NULL || strlen (url) > SP_URL_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED,
                   "the server has neither a name nor an address; set a name");
      return FALSE;
    }
  memcpy (message->user, sp_user_get_id (user), SP_ID_SIZE);
  message->seconds = seconds;
  memcpy (message->label, label, SP_LABEL_LENGTH);
  message->name_length = (guint16) strlen (name);
  memcpy (message->name, name, message->name_length);
  message->url_length = (guint16) strlen (url);
  memcpy (message->url, url, message->url_length);
  invite->link = memfd_create ("link", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (invite->link >= 0)
    return TRUE;
  sp_error_set_errno (error, errno, "making a memory file");
  return FALSE;
}

void
sp_invitation_registry_invite_async (SpInvitationRegistry *self,
                                     SpUser *user,
                                     const char *name,
                                     guint seconds,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) inner = NULL;
  Invite *invite = g_new0 (Invite, 1);
  GError *error = NULL;

  invite->link = -1;
  g_task_set_task_data (task, invite, (GDestroyNotify) invite_free);
  if (!sp_device_name_check (name, &error) || !check_user (self, user, &error) ||
      !fill_in (self, user, name, seconds, invite, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  inner = g_task_new (self, NULL, invited_cb, g_object_ref (task));
  sp_keyholder_client_invite (self->keyholder, &invite->message, invite->link, inner);
}

SpInvitation *
sp_invitation_registry_invite_finish (SpInvitationRegistry *self,
                                      GAsyncResult *result,
                                      int *ret_link,
                                      GError **error)
{
  SpInvitation *invitation = g_task_propagate_pointer (G_TASK (result), error);
  Invite *invite = g_task_get_task_data (G_TASK (result));

  *ret_link = invitation != NULL ? sp_fd_steal (&invite->link) : -1;
  return invitation;
}

/* --- revoking --- */

static void
device_revoked_cb (GObject *devices, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token =
      sp_device_registry_revoke_finish (SP_DEVICE_REGISTRY (devices), result, &error);

  if (token == NULL && !g_error_matches (error, SP_ERROR, SP_ERROR_NOT_FOUND))
    sp_log (SP_LOG_ERROR, "invitations", "revoking a device: %s", error->message);
}

static void
revoked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpInvitationRegistry *self = SP_INVITATION_REGISTRY (source);
  g_autoptr (GTask) task = user_data;
  SpInvitation *invitation = g_task_get_task_data (task);
  const SpInvitationKnown *known = sp_invitation_get_known (invitation);
  SpDevice *device = sp_device_registry_find_by_id (self->devices, known->device);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (device != NULL && known->connected == 0)
    sp_device_registry_revoke_async (self->devices, device, NULL, device_revoked_cb, NULL);
  g_task_return_boolean (task, TRUE);
}

void
sp_invitation_registry_revoke_async (SpInvitationRegistry *self,
                                     SpInvitation *invitation,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) inner = g_task_new (self, NULL, revoked_cb, g_object_ref (task));

  g_task_set_task_data (task, g_object_ref (invitation), g_object_unref);
  sp_keyholder_client_revoke_invitation (self->keyholder,
                                         sp_invitation_get_known (invitation)->invitation, inner);
}

gboolean
sp_invitation_registry_revoke_finish (SpInvitationRegistry *self,
                                      GAsyncResult *result,
                                      GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
