/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backdoor.h"
#include "keyholder-invitation.h"

#include "base/error.h"
#include "base/io.h"

#include <string.h>
#include <unistd.h>

/* The keyholder of the real registry of invitations: it makes whatever it is asked for. */

#define LINK "https://vpn.example.org/e/secret"

void
sp_keyholder_client_invite (SpKeyholderClient *self, const SpInvite *message, int link, GTask *task)
{
  SpInvited invited = { 0 };
  SpInvitationKnown known = { .created = (guint64) g_get_real_time () };

  known.expires = known.created + message->seconds * G_GUINT64_CONSTANT (1000000);
  memcpy (known.user, message->user, SP_ID_SIZE);
  sp_random_bytes (known.invitation, SP_ID_SIZE);
  memcpy (known.label, message->label, SP_LABEL_LENGTH);
  known.name_length = message->name_length;
  memcpy (known.name, message->name, message->name_length);
  if (write (link, LINK, strlen (LINK)) != (ssize_t) strlen (LINK))
    g_error ("the memory file takes nothing");
  sp_invitation_registry_known (g_task_get_source_object (task), &known);
  memcpy (invited.invitation, known.invitation, SP_ID_SIZE);
  g_task_return_pointer (task, g_memdup2 (&invited, sizeof invited), g_free);
}

static SpInvitation *
find (SpInvitationRegistry *self, const guint8 *id)
{
  for (guint i = 0; i < sp_invitation_registry_get_n (self); i++)
    if (memcmp (sp_invitation_get_known (sp_invitation_registry_get (self, i))->invitation, id,
                SP_ID_SIZE) == 0)
      return sp_invitation_registry_get (self, i);
  g_assert_not_reached ();
}

void
sp_keyholder_client_revoke_invitation (SpKeyholderClient *self,
                                       const guint8 *invitation,
                                       GTask *task)
{
  SpInvitationRegistry *registry = g_task_get_source_object (task);
  SpInvitationKnown known = *sp_invitation_get_known (find (registry, invitation));

  if (known.state > SP_INVITATION_OPENED)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_NOT_FOUND, "it is over already");
      return;
    }
  known.state = SP_INVITATION_REVOKED;
  sp_invitation_registry_known (registry, &known);
  g_task_return_boolean (task, TRUE);
}

void
sp_fake_invitations_visit (SpInvitationRegistry *self)
{
  guint n = sp_invitation_registry_get_n (self);
  SpInvitationKnown known = *sp_invitation_get_known (sp_invitation_registry_get (self, n - 1));
  guint64 now = (guint64) g_get_real_time ();

  memset (known.address, 0, SP_ADDRESS_SIZE);
  known.address[10] = known.address[11] = 0xff;
  known.address[12] = 192;
  if (known.opened == 0)
    {
      sp_random_bytes (known.device, SP_ID_SIZE);
      known.state = SP_INVITATION_OPENED;
      known.opened = now;
    }
  else if (known.downloaded == 0)
    known.downloaded = now;
  else
    {
      known.state = SP_INVITATION_USED;
      known.connected = now;
    }
  sp_invitation_registry_known (self, &known);
}

static char *
find_url (gpointer user_data, const char *label)
{
  return g_strdup ("https://vpn.example.org");
}

SpInvitationRegistry *
sp_fake_invitations_new (SpUserRegistry *users, SpDeviceRegistry *devices)
{
  return sp_invitation_registry_new (NULL, users, devices, find_url, NULL);
}
