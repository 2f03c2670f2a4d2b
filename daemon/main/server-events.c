/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-listeners.h"
#include "server-private.h"

#include "base/bucket.h"
#include "base/error.h"
#include "base/log.h"
#include "walls/worker-keyholder.h"

#include <string.h>

/* What the rooms tell, and what becomes of it. */

static void
keyholder_ready (gpointer user_data)
{
  SpServer *self = user_data;

  sp_server_finish_restore (self);
  sp_user_registry_announce (self->users);
  sp_certificate_registry_keyholder_ready (self->certificates);
  sp_device_registry_announce (self->devices);
  g_object_notify (G_OBJECT (self), "certificate");
  if (self->state == SP_SERVER_STARTING)
    sp_server_go_on (self);
  else
    sp_reception_keyholder_ready (self->reception);
  sp_backup_schedule_look (self->backups);
  sp_dynamic_dns_look (self->dynamic_dns);
}

static void
keyholder_failed (gpointer user_data, const char *text)
{
  SpServer *self = user_data;

  sp_log (SP_LOG_ERROR, "keyholder", "%s", text);
  if (self->state == SP_SERVER_STARTING)
    sp_server_fail_start (self, g_error_new (SP_ERROR, SP_ERROR_CERTIFICATE_INVALID, "%s", text));
}

static void
keyholder_lost (gpointer user_data)
{
  SpServer *self = user_data;

  sp_certificate_registry_set_token (self->certificates, SP_TOKEN_READY, "");
  sp_reception_keyholder_lost (self->reception);
}

static void
login_decided (gpointer user_data, const SpLoginDecided *decided)
{
  SpServer *self = user_data;

  if (decided->by == SP_BY_PASSWORD)
    self->n_logins++;
  if (decided->by == SP_BY_PASSWORD)
    sp_ban_registry_forgive (self->bans, decided->signed_in_from);
  sp_reception_login_decided (self->reception, decided);
  sp_device_registry_note_seen (self->devices, decided->device);
}

/* What somebody tried, and not what a client does by itself. */
static gboolean
is_worth_remembering (guint verdict)
{
  switch (verdict)
    {
      case SP_LOGIN_ACCEPTED:
      case SP_LOGIN_BUSY:
      case SP_LOGIN_SUSPENDED:
      case SP_LOGIN_CODE_WANTED:
      case SP_LOGIN_STALE:
      case SP_LOGIN_PASSWORD_WANTED:
      case SP_LOGIN_GROUP_WANTED:
        return FALSE;
      default:
        return TRUE;
    }
}

static void
remember_failure (SpServer *self, const char *address, const char *login, const char *reason)
{
  gboolean known = sp_user_registry_find_by_login (self->users, login) != NULL;

  sp_event_book_note_failure (self->events, address, known ? login : "", reason,
                              g_get_real_time ());
}

/* Somebody's slips have a line each, somebody's guesses a line now and then. */
static void
log_refusal (SpServer *self, const char *address, const char *reason)
{
  static const SpBucketLimit limit = { .interval = 6 * G_USEC_PER_SEC, .burst = 10 };
  gint64 now = g_get_monotonic_time ();
  g_autofree char *others = NULL;

  if (sp_bucket_wait (self->refusal_lines, &limit, now) > 0)
    {
      self->refusals_unsaid++;
      return;
    }
  sp_bucket_take (&self->refusal_lines, &limit, now);
  if (self->refusals_unsaid > 0)
    others = g_strdup_printf ("; and %u more since the last such line", self->refusals_unsaid);
  self->refusals_unsaid = 0;
  /* What was typed as a name may be a password: the log gets neither. */
  sp_log (SP_LOG_NOTICE, "sign-in", "refused from %s: %s%s", address, reason,
          others != NULL ? others : "");
}

static const char *const login_words[] = {
  "accepted",
  "wrong-password",
  "too-many-tries",
  "busy",
  "suspended",
  "user-disabled",
  "user-expired",
  "quota",
  "code-wanted",
  "wrong-code",
  "stale",
  "no-two-step",
  "no-certificate",
  "password-wanted",
  "foreign-certificate",
  "expired-certificate",
  "unknown-certificate",
  "revoked-certificate",
  "user-paused",
  "device-blocked",
  "group-wanted",
};
G_STATIC_ASSERT (G_N_ELEMENTS (login_words) == SP_LOGIN_LAST + 1);

const char *
sp_server_login_word (guint verdict)
{
  return login_words[MIN (verdict, SP_LOGIN_LAST)];
}

static void
login_failed (gpointer user_data, const SpLoginFailed *failed)
{
  SpServer *self = user_data;
  const SpEndpoint *peer = sp_reception_login_failed (self->reception, failed);
  g_autofree char *login = g_utf8_make_valid ((const char *) failed->login, failed->login_length);
  const char *reason = failed->login_length == 0 && failed->verdict == SP_LOGIN_DENIED
                           ? "unknown-cookie"
                           : sp_server_login_word (failed->verdict);
  char address[SP_ENDPOINT_TEXT_MAX] = "";

  self->refused_logins[MIN (failed->verdict, SP_LOGIN_LAST)]++;
  if (peer != NULL)
    sp_address_to_text (peer->address, address);
  if (failed->login_length > 0 && is_worth_remembering (failed->verdict))
    remember_failure (self, address, login, reason);
  if (peer != NULL && failed->login_length > 0 &&
      (failed->verdict == SP_LOGIN_WRONG || failed->verdict == SP_LOGIN_DENIED))
    sp_server_note_failure (self, peer->address);
  log_refusal (self, address, reason);
  g_signal_emit_by_name (self, "authentication-failed", address, login, reason);
}

static void
session_known (gpointer user_data, const SpSessionKnown *known)
{
  SpServer *self = user_data;

  sp_session_registry_known (self->sessions, known->session, known->user);
}

static void
cookie_expired (gpointer user_data, const guint8 *session, SpBar bar)
{
  SpServer *self = user_data;

  sp_session_registry_expired (self->sessions, session, bar);
}

static void
first_login (gpointer user_data, const guint8 *user, gint64 at)
{
  SpServer *self = user_data;

  sp_user_registry_first_login (self->users, user, at);
}

static void
logged_out (gpointer user_data, const guint8 *session)
{
  SpServer *self = user_data;

  sp_session_registry_logged_out (self->sessions, session);
}

static void
certificate_changed (gpointer user_data)
{
  SpServer *self = user_data;

  sp_reception_certificate_changed (self->reception);
  g_object_notify (G_OBJECT (self), "certificate");
}

static void
certificate_known (gpointer user_data, const SpCertificateKnown *known)
{
  SpServer *self = user_data;

  sp_certificate_registry_known (self->certificates, known);
}

static void
certificate_gone (gpointer user_data, const guint8 *id)
{
  SpServer *self = user_data;

  sp_certificate_registry_gone (self->certificates, id);
}

static void
token_health (gpointer user_data, SpTokenState state, const char *text)
{
  SpServer *self = user_data;

  sp_certificate_registry_set_token (self->certificates, state, text);
}

static void
two_step_known (gpointer user_data, const SpTwoStepKnown *known)
{
  SpServer *self = user_data;
  SpUser *user = sp_user_registry_find_by_id (self->users, known->user);

  if (user != NULL)
    sp_user_set_two_step (user, known->on != 0, known->recovery_codes);
}

static void
dns_password_known (gpointer user_data)
{
  g_object_notify (G_OBJECT (user_data), "dynamic-dns");
}

static void
invitation_known (gpointer user_data, const SpInvitationKnown *known)
{
  SpServer *self = user_data;

  sp_invitation_registry_known (self->invitations, known);
}

static void
invitation_gone (gpointer user_data, const guint8 *invitation)
{
  SpServer *self = user_data;

  sp_invitation_registry_gone (self->invitations, invitation);
}

const SpKeyholderEvents sp_server_keyholder_events = {
  .ready = keyholder_ready,
  .failed = keyholder_failed,
  .lost = keyholder_lost,
  .login_decided = login_decided,
  .login_failed = login_failed,
  .session_known = session_known,
  .cookie_expired = cookie_expired,
  .first_login = first_login,
  .logged_out = logged_out,
  .certificate_changed = certificate_changed,
  .certificate_known = certificate_known,
  .certificate_gone = certificate_gone,
  .token_health = token_health,
  .two_step_known = two_step_known,
  .dns_password_known = dns_password_known,
  .invitation_known = invitation_known,
  .invitation_gone = invitation_gone,
};

/* A door that was taken over can name any client, but of a proxy's connections alone. */
static gboolean
is_proxy (SpServer *self, const SpEndpoint *end)
{
  const SpNetworkList *proxies = &self->settings->proxies;

  for (guint i = 0; i < proxies->n; i++)
    if (sp_network_contains (&proxies->items[i], end->address))
      return TRUE;
  return FALSE;
}

static void
client_admitted (gpointer user_data,
                 const SpEndpoint *peer,
                 const SpEndpoint *proxy,
                 const SpEndpoint *local,
                 int *fd)
{
  SpServer *self = user_data;

  if (proxy == NULL || is_proxy (self, proxy))
    sp_reception_admit (self->reception, peer, proxy, local, fd);
}

static void
hello_verified (gpointer user_data, const SpHelloVerified *hello)
{
  SpServer *self = user_data;

  sp_session_registry_hello (self->sessions, hello);
}

static void
stray_heard (gpointer user_data, const SpStrayHeard *stray)
{
  SpServer *self = user_data;

  sp_session_registry_stray (self->sessions, stray);
}

static void
door_opened (gpointer user_data)
{
  SpServer *self = user_data;

  sp_reception_introduce (self->reception);
  sp_ban_registry_tell_door (self->bans);
  sp_door_names_tell_door (self->names);
  sp_server_tell_proxies (self);
}

static void
network_refused (gpointer user_data, const SpNetworkRefused *refused)
{
  SpServer *self = user_data;

  sp_penalty_book_note_network (self->penalties, refused, g_get_monotonic_time (),
                                g_get_real_time ());
}

static void
under_attack (gpointer user_data, const SpUnderAttack *attack)
{
  SpServer *self = user_data;

  sp_penalty_book_note_attack (self->penalties, attack, g_get_monotonic_time (),
                               g_get_real_time ());
}

static void
door_closed (gpointer user_data)
{
  SpServer *self = user_data;

  sp_penalty_book_clear (self->penalties);
}

static void
metrics_wanted (gpointer user_data)
{
  sp_server_tell_metrics (user_data);
}

const SpDoorEvents sp_server_door_events = {
  .opened = door_opened,
  .client_admitted = client_admitted,
  .hello_verified = hello_verified,
  .stray_heard = stray_heard,
  .network_refused = network_refused,
  .under_attack = under_attack,
  .metrics_wanted = metrics_wanted,
  .closed = door_closed,
};
