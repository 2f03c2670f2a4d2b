/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "from-keyholder.h"

#include "base/error.h"
#include "base/log.h"
#include "connect-stage.h"
#include "enrolment-stage.h"
#include "link/channel.h"
#include "login-reply.h"
#include "login-stage.h"

static void
password_verdict (SpWorker *worker, const SpEnvelope *envelope)
{
  if (worker->state == SP_WORKER_PASSWORD)
    sp_login_stage_decide (worker, (const SpPasswordVerdict *) envelope->message.bytes);
}

/* Both have the same shape. */
G_STATIC_ASSERT (sizeof (SpCodeVerdict) == sizeof (SpPasswordVerdict));
G_STATIC_ASSERT (G_STRUCT_OFFSET (SpCodeVerdict, ticket) ==
                 G_STRUCT_OFFSET (SpPasswordVerdict, ticket));
G_STATIC_ASSERT (G_STRUCT_OFFSET (SpCodeVerdict, prompt) ==
                 G_STRUCT_OFFSET (SpPasswordVerdict, prompt));

static void
certificate_verdict (SpWorker *worker, const SpEnvelope *envelope)
{
  if (worker->state == SP_WORKER_PASSWORD)
    sp_login_stage_decide_certificate (worker,
                                       (const SpCertificateVerdict *) envelope->message.bytes);
}

static void
cookie_verdict (SpWorker *worker, const SpEnvelope *envelope)
{
  if (worker->state == SP_WORKER_COOKIE)
    sp_connect_stage_decide (worker, (const SpCookieVerdict *) envelope->message.bytes);
}

static void
logout_done (SpWorker *worker, const SpEnvelope *envelope)
{
  if (worker->state == SP_WORKER_COOKIE)
    sp_login_reply_logged_out (worker);
}

static void
invitation_seen (SpWorker *worker, const SpEnvelope *envelope)
{
  if (worker->state == SP_WORKER_ENROLMENT)
    sp_enrolment_stage_seen (worker, (const SpInvitationSeen *) envelope->message.bytes);
}

static void
invitation_claimed (SpWorker *worker, const SpEnvelope *envelope)
{
  if (worker->state == SP_WORKER_ENROLMENT)
    sp_enrolment_stage_claimed (worker, (const SpInvitationClaimed *) envelope->message.bytes);
}

static void
enrolment_fetched (SpWorker *worker, const SpEnvelope *envelope)
{
  if (worker->state == SP_WORKER_ENROLMENT)
    sp_enrolment_stage_fetched (worker, (const SpEnrolmentFetched *) envelope->message.bytes);
}

/* A signature that comes after its deadline: the handshake has failed already. */
static void
late_signature (SpWorker *worker, const SpEnvelope *envelope)
{
}

typedef void (*Handler) (SpWorker *worker, const SpEnvelope *envelope);

static const Handler handlers[] = {
  [SP_MESSAGE_SIGNED_VERIFY] = late_signature,
  [SP_MESSAGE_SIGNED_DIGEST] = late_signature,
  [SP_MESSAGE_SIGNED_RENEWAL] = late_signature,
  [SP_MESSAGE_PASSWORD_VERDICT] = password_verdict,
  [SP_MESSAGE_CERTIFICATE_VERDICT] = certificate_verdict,
  [SP_MESSAGE_COOKIE_VERDICT] = cookie_verdict,
  [SP_MESSAGE_LOGOUT_DONE] = logout_done,
  [SP_MESSAGE_CODE_VERDICT] = password_verdict,
  [SP_MESSAGE_INVITATION_SEEN] = invitation_seen,
  [SP_MESSAGE_INVITATION_CLAIMED] = invitation_claimed,
  [SP_MESSAGE_ENROLMENT_FETCHED] = enrolment_fetched,
};

static void
lose_keyholder (SpWorker *worker, const GError *error)
{
  worker->keyholder.broken = TRUE;
  if (worker->state == SP_WORKER_TUNNEL || worker->state == SP_WORKER_FAREWELL)
    return;
  sp_log (SP_LOG_DEBUG, "wall", "%s", error->message);
  if (worker->state == SP_WORKER_IDLE)
    sp_worker_enter (worker, SP_WORKER_GONE);
  else
    sp_worker_leave (worker, SP_LEFT_NO_KEYHOLDER, 0, "the keyholder is gone");
}

void
sp_worker_serve_keyholder (SpWorker *worker)
{
  SpEnvelope envelope;
  g_autoptr (GError) error = NULL;

  if (sp_channel_receive (worker->keyholder.fd, &worker->keyholder.permit, &envelope, &error))
    {
      handlers[envelope.header.type](worker, &envelope);
      sp_envelope_clear (&envelope);
    }
  else if (!g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN))
    lose_keyholder (worker, error);
}
