/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invitation-order.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/secret.h"
#include "codec/enrolment-path.h"

#include <string.h>
#include <unistd.h>

static void
known_cb (gpointer user_data, const SpInvitationKnown *known)
{
  SpKeyholder *keyholder = user_data;

  sp_link_send (keyholder->main, SP_MESSAGE_INVITATION_KNOWN, known, NULL, 0);
}

static void
gone_cb (gpointer user_data, const SpInvitationKnown *known)
{
  SpKeyholder *keyholder = user_data;
  SpInvitationGone gone;

  memcpy (gone.invitation, known->invitation, SP_ID_SIZE);
  sp_link_send (keyholder->main, SP_MESSAGE_INVITATION_GONE, &gone, NULL, 0);
}

void
sp_invitation_order_tell (SpKeyholder *keyholder, const guint8 *invitation)
{
  SpInvitationEntry entry;
  g_autoptr (GError) error = NULL;

  if (sp_invitation_store_find (keyholder->invitations, invitation, &entry, &error))
    known_cb (keyholder, &entry.known);
  else
    sp_log (SP_LOG_ERROR, "invitations", "%s", error->message);
}

gboolean
sp_invitation_order_tell_all (SpKeyholder *keyholder, GError **error)
{
  return sp_invitation_store_tell_all (keyholder->invitations, known_cb, keyholder, error);
}

void
sp_invitation_order_expire (SpKeyholder *keyholder)
{
  gint64 now = g_get_real_time ();
  g_autoptr (GError) error = NULL;

  if (!sp_invitation_store_expire (keyholder->invitations, now, known_cb, keyholder, &error) ||
      !sp_invitation_store_forget (keyholder->invitations, now, gone_cb, keyholder, &error))
    sp_log (SP_LOG_ERROR, "invitations", "ending what expired: %s", error->message);
}

void
sp_invitation_order_connected (SpKeyholder *keyholder, const guint8 *device, const guint8 *address)
{
  g_autoptr (GError) error = NULL;

  if (sp_address_is_unset (device)) /* ids have the size of addresses; unset: none */
    return;
  if (!sp_invitation_store_note_connection (keyholder->invitations, device, address,
                                            g_get_real_time (), known_cb, keyholder, &error))
    sp_log (SP_LOG_ERROR, "invitations", "noting a connection: %s", error->message);
}

/* --- inviting --- */

static gboolean
write_link (int fd, const char *url, const guint8 *token, GError **error)
{
  char text[SP_TOKEN_TEXT_LENGTH + 1];
  g_autoptr (SpSecretText) link = NULL;
  gssize size;
  gboolean written;

  sp_token_write (token, text);
  link = g_strconcat (url, SP_ENROLMENT_FOLDER, text, NULL);
  sp_secret_wipe (text, sizeof text);
  size = (gssize) strlen (link);
  written = write (fd, link, (gsize) size) == size;
  if (!written)
    g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "the link could not be written");
  return written;
}

static gboolean
check (const SpInvite *order, GError **error)
{
  if (order->name_length > 0 && order->url_length > 0 &&
      order->seconds >= SP_INVITATION_SECONDS_MIN && order->seconds <= SP_INVITATION_SECONDS_MAX)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "an invitation needs a name and the address of the server, and is good for %d to %d "
               "seconds",
               SP_INVITATION_SECONDS_MIN, SP_INVITATION_SECONDS_MAX);
  return FALSE;
}

static gboolean
invite (SpKeyholder *keyholder, const SpInvite *order, int fd, guint8 *ret_id, GError **error)
{
  SpInvitationKnown known = { .created = (guint64) g_get_real_time () };
  g_autofree char *url = g_strndup ((const char *) order->url, order->url_length);
  guint8 token[SP_TOKEN_SIZE];
  guint8 hash[SP_TOKEN_HASH_SIZE];
  gboolean done;

  sp_random_bytes (known.invitation, SP_ID_SIZE);
  memcpy (known.user, order->user, SP_ID_SIZE);
  known.expires = known.created + order->seconds * G_GUINT64_CONSTANT (1000000);
  memcpy (known.label, order->label, SP_LABEL_LENGTH);
  known.name_length = order->name_length;
  memcpy (known.name, order->name, order->name_length);
  sp_random_bytes (token, sizeof token);
  sp_token_hash (token, hash);
  done = check (order, error) && write_link (fd, url, token, error) &&
         sp_invitation_store_add (keyholder->invitations, &known, url, hash, error);
  sp_secret_wipe (token, sizeof token);
  memcpy (ret_id, known.invitation, SP_ID_SIZE);
  return done;
}

void
sp_invitation_order_invite (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  SpInvited answer = { 0 };
  g_autoptr (GError) error = NULL;

  if (invite (keyholder, message, fds[0], answer.invitation, &error))
    sp_invitation_order_tell (keyholder, answer.invitation);
  answer.done = (guint8) sp_done_from_error (error);
  if (error != NULL)
    answer.text_length = sp_text_copy (error->message, answer.text, sizeof answer.text);
  sp_link_answer (keyholder->main, SP_MESSAGE_INVITED, serial, &answer, NULL, 0);
  sp_keyholder_watch_expiry (keyholder);
}

void
sp_invitation_order_revoke (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpRevokeInvitation *order = message;
  g_autoptr (GError) error = NULL;

  if (sp_invitation_store_revoke (keyholder->invitations, order->invitation, g_get_real_time (),
                                  &error))
    sp_invitation_order_tell (keyholder, order->invitation);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_INVITATION_REVOKED, serial, error);
}
