/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-fakes.h"
#include "keyholder-device.h"

#include "base/io.h"

#include <string.h>
#include <unistd.h>

static GString *orders;          /* nocheck: the one world of a test */
static guint64 ended_attachment; /* nocheck: likewise */

static void G_GNUC_PRINTF (1, 2) order (const char *format, ...)
{
  va_list arguments;

  if (orders == NULL)
    orders = g_string_new (NULL);
  if (orders->len > 0)
    g_string_append_c (orders, ' ');
  va_start (arguments, format);
  g_string_append_vprintf (orders, format, arguments);
  va_end (arguments);
}

char *
sp_fakes_take_orders (void)
{
  GString *taken = orders != NULL ? g_steal_pointer (&orders) : g_string_new (NULL);

  return g_string_free (taken, FALSE);
}

guint64
sp_fakes_get_ended_attachment (void)
{
  return ended_attachment;
}

/* --- connections --- */

SpFakeConnection *
sp_fake_connection (SpConnection *connection)
{
  return (SpFakeConnection *) connection;
}

SpConnection *
sp_fake_connection_new (const guint8 *session, const guint8 *user)
{
  SpFakeConnection *self = g_new0 (SpFakeConnection, 1);
  SpConnectionFacts *facts = &self->facts;

  memcpy (facts->session, session, SP_ID_SIZE);
  memcpy (facts->user, user, SP_ID_SIZE);
  facts->is_known = facts->may_tunnel = facts->has_request = TRUE;
  facts->left = SP_LEFT_CLOSED;
  facts->peer.port = 50000;
  g_assert_true (sp_address_from_text ("192.0.2.10", facts->peer.address));
  memcpy (facts->signed_in_from, facts->peer.address, SP_ADDRESS_SIZE);
  facts->signed_in = g_get_real_time ();
  facts->request.flags = SP_TUNNEL_WANTS_IPV4;
  return (SpConnection *) self;
}

void
sp_fake_connection_free (SpConnection *connection)
{
  g_free (connection);
}

SpConnectionFacts *
sp_connection_get_facts (SpConnection *self)
{
  return &sp_fake_connection (self)->facts;
}

static void
remember_text (SpConnection *self, const char *text)
{
  (void) g_strlcpy (sp_fake_connection (self)->text, text, SP_REASON_MAX + 1);
}

void
sp_connection_grant (SpConnection *self, const SpTunnelGranted *granted, int tun_fd)
{
  sp_fake_connection (self)->granted = *granted;
  sp_fake_connection (self)->n_grants++;
}

void
sp_connection_refuse (SpConnection *self, guint16 status, const char *reason)
{
  sp_fake_connection (self)->refused = status;
  remember_text (self, reason);
}

void
sp_connection_recall (SpConnection *self)
{
  sp_fake_connection (self)->n_recalls++;
}

void
sp_connection_keep (SpConnection *self, SpHolding *holding, SpKeepSession *record, int tun)
{
  sp_fake_connection (self)->n_kept++;
  sp_fake_connection (self)->kept = *record;
}

void
sp_connection_pause (SpConnection *self, gboolean on)
{
  sp_fake_connection (self)->paused = on;
}

gboolean
sp_connection_allow (SpConnection *self, guint64 allowance)
{
  sp_fake_connection (self)->allowance = allowance;
  return TRUE;
}

void
sp_connection_stop (SpConnection *self, guint8 how, const char *text)
{
  sp_fake_connection (self)->stopped = TRUE;
  remember_text (self, text);
  order ("stop %02x", sp_fake_connection (self)->facts.session[0]);
}

void
sp_connection_kill (SpConnection *self)
{
  sp_fake_connection (self)->killed = TRUE;
}

gboolean
sp_connection_takes_datagrams (SpConnection *self)
{
  return sp_fake_connection (self)->attached;
}

gboolean
sp_connection_offer_candidate (SpConnection *self, SpCandidate *candidate, int *fd)
{
  sp_fake_connection (self)->n_candidates++;
  return TRUE;
}

gboolean
sp_connection_is_at (SpConnection *self, const guint8 *address)
{
  return memcmp (sp_fake_connection (self)->facts.peer.address, address, SP_ADDRESS_SIZE) == 0;
}

gboolean
sp_connection_offer_stray (SpConnection *self, const SpStrayHeard *stray)
{
  SpFakeConnection *fake = sp_fake_connection (self);

  fake->n_strays += !fake->deaf;
  return !fake->deaf;
}

gboolean
sp_connection_roam (SpConnection *self, guint32 stray, const SpEndpoint *peer, int *fd)
{
  return FALSE;
}

/* --- the door --- */

void
sp_door_client_mint_id (SpDoorClient *self,
                        guint64 attachment,
                        SpHelloMode mode,
                        SpIdMintedFunc minted,
                        gpointer user_data)
{
  minted (user_data, NULL);
}

void
sp_door_client_end_attachment (SpDoorClient *self, guint64 attachment)
{
  ended_attachment = attachment;
}

void
sp_door_client_cancel_mint (SpDoorClient *self, gpointer user_data)
{
}

/* --- the keyholder --- */

gboolean
sp_keyholder_client_is_ready (SpKeyholderClient *self)
{
  return TRUE;
}

void
sp_keyholder_client_hold (SpKeyholderClient *self, const guint8 *session)
{
  order ("hold %02x", session[0]);
}

void
sp_keyholder_client_release (SpKeyholderClient *self, const guint8 *session, guint32 seconds)
{
  order ("release %02x %u", session[0], seconds);
}

void
sp_keyholder_client_block (SpKeyholderClient *self, const guint8 *session, gboolean on)
{
  order ("%s %02x", on ? "block" : "unblock", session[0]);
}

void
sp_keyholder_client_may_renew (SpKeyholderClient *self, guint64 worker, guint32 seconds)
{
}

void
sp_keyholder_client_forget (SpKeyholderClient *self, const guint8 *session)
{
  order ("forget %02x", session[0]);
}

static void
refuse_task (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "no keyholder here");
}

void
sp_keyholder_client_put_user (SpKeyholderClient *self, const SpPutUser *user, GTask *task)
{
  order ("put %.*s %u", (int) user->login_length, (const char *) user->login, user->bar);
  refuse_task (task);
}

void
sp_keyholder_client_set_password (
    SpKeyholderClient *self, const guint8 *user, int fd, gboolean hashed, GTask *task)
{
  (void) close (fd);
  refuse_task (task);
}

void
sp_keyholder_client_remove_user (SpKeyholderClient *self, const guint8 *user, GTask *task)
{
  refuse_task (task);
}

static gboolean refuses_devices; /* nocheck: the one world of a test */

void
sp_fakes_refuse_devices (gboolean refuse)
{
  refuses_devices = refuse;
}

static void
answer_device_task (GTask *task)
{
  if (refuses_devices)
    refuse_task (task);
  else
    g_task_return_boolean (task, TRUE);
}

void
sp_keyholder_client_revoke_device (SpKeyholderClient *self,
                                   const SpRevokeDevice *message,
                                   GTask *task)
{
  const char *word = message->on != 0              ? "revoke"
                     : message->blocked_until == 0 ? "restore"
                     : message->keep_cookies != 0  ? "suspend"
                                                   : "block";

  order ("%s %02x", word, message->device[0]);
  answer_device_task (task);
}

void
sp_keyholder_client_remove_device (SpKeyholderClient *self, const guint8 *device, GTask *task)
{
  order ("remove %02x", device[0]);
  answer_device_task (task);
}

void
sp_keyholder_client_add_app_password (
    SpKeyholderClient *self, const guint8 *device, const guint8 *user, int file, GTask *task)
{
  order ("make a password");
  if (refuses_devices)
    refuse_task (task);
  else
    g_task_return_boolean (task, TRUE);
}

void
sp_keyholder_client_issue_device (SpKeyholderClient *self,
                                  const SpIssueDevice *message,
                                  const int fds[2],
                                  GTask *task)
{
  SpDeviceIssued issued = { .not_after = (guint64) message->days * 24 * 3600 * G_USEC_PER_SEC,
                            .fingerprint = { (guint8) message->days } };

  order ("%s %u days, format %u, passphrase %u", message->renew ? "renew" : "issue", message->days,
         message->format, message->passphrase);
  if (refuses_devices)
    {
      refuse_task (task);
      return;
    }
  g_assert_cmpint (write (fds[0], "file", 4), ==, 4);
  if (message->passphrase == SP_PASSPHRASE_MADE)
    g_assert_cmpint (write (fds[1], "made", 4), ==, 4);
  g_task_return_pointer (task, g_memdup2 (&issued, sizeof issued), g_free);
}
