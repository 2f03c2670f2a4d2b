/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "from-main.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "connect-stage.h"
#include "link/channel.h"
#include "reach-stage.h"

static void
adopt_client (SpWorker *worker, SpEnvelope *envelope)
{
  sp_worker_adopt (worker, (const SpAdoptClient *) envelope->message.bytes,
                   sp_fd_steal (&envelope->fds[0]));
}

static void
tunnel_granted (SpWorker *worker, SpEnvelope *envelope)
{
  sp_connect_stage_grant (worker, (const SpTunnelGranted *) envelope->message.bytes,
                          sp_fd_steal (&envelope->fds[0]));
}

static void
tunnel_refused (SpWorker *worker, SpEnvelope *envelope)
{
  sp_connect_stage_refuse (worker, (const SpTunnelRefused *) envelope->message.bytes);
}

static void
candidate (SpWorker *worker, SpEnvelope *envelope)
{
  sp_tunnel_add_candidate (worker->tunnel, (const SpCandidate *) envelope->message.bytes,
                           sp_fd_steal (&envelope->fds[0]));
}

static void
stray_offered (SpWorker *worker, SpEnvelope *envelope)
{
  sp_tunnel_hear_stray (worker->tunnel, (const SpStrayOffered *) envelope->message.bytes);
}

static void
roam (SpWorker *worker, SpEnvelope *envelope)
{
  sp_tunnel_try_address (worker->tunnel, (const SpRoam *) envelope->message.bytes,
                         sp_fd_steal (&envelope->fds[0]));
}

static void
recall (SpWorker *worker, SpEnvelope *envelope)
{
  sp_permit_enter (&worker->main.permit, SP_MAIN_WORKER_ENDING);
  sp_tunnel_recall (worker->tunnel);
}

static void
pause_tunnel (SpWorker *worker, SpEnvelope *envelope)
{
  const SpPause *message = (const SpPause *) envelope->message.bytes;

  sp_tunnel_pause (worker->tunnel, message->on != 0);
}

static void
allowance (SpWorker *worker, SpEnvelope *envelope)
{
  const SpAllowance *message = (const SpAllowance *) envelope->message.bytes;

  sp_tunnel_allow (worker->tunnel, message->bytes);
}

static void
reach_answered (SpWorker *worker, SpEnvelope *envelope)
{
  if (worker->state == SP_WORKER_REACH)
    sp_reach_stage_answer (worker, (const SpReachAnswered *) envelope->message.bytes);
}

static void
stop (SpWorker *worker, SpEnvelope *envelope)
{
  const SpStop *message = (const SpStop *) envelope->message.bytes;

  sp_permit_enter (&worker->main.permit, SP_MAIN_WORKER_ENDING);
  if (worker->tunnel != NULL && message->how == SP_STOP_DISCONNECT)
    sp_tunnel_disconnect (worker->tunnel, (const char *) message->text, message->text_length);
  sp_worker_leave (worker, SP_LEFT_STOPPED, 0, "%.*s", (int) message->text_length, message->text);
}

typedef void (*Handler) (SpWorker *worker, SpEnvelope *envelope);

static const Handler handlers[] = {
  [SP_MESSAGE_ADOPT_CLIENT] = adopt_client,
  [SP_MESSAGE_TUNNEL_GRANTED] = tunnel_granted,
  [SP_MESSAGE_TUNNEL_REFUSED] = tunnel_refused,
  [SP_MESSAGE_CANDIDATE] = candidate,
  [SP_MESSAGE_STRAY_OFFERED] = stray_offered,
  [SP_MESSAGE_ROAM] = roam,
  [SP_MESSAGE_RECALL] = recall,
  [SP_MESSAGE_PAUSE] = pause_tunnel,
  [SP_MESSAGE_STOP] = stop,
  [SP_MESSAGE_ALLOWANCE] = allowance,
  [SP_MESSAGE_REACH_ANSWERED] = reach_answered,
};

void
sp_worker_serve_main (SpWorker *worker)
{
  SpEnvelope envelope;
  g_autoptr (GError) error = NULL;

  if (sp_channel_receive (worker->main.fd, &worker->main.permit, &envelope, &error))
    {
      handlers[envelope.header.type](worker, &envelope);
      sp_envelope_clear (&envelope);
      return;
    }
  if (g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN))
    return;
  if (!g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    sp_log (SP_LOG_WARNING, "wall", "%s", error->message);
  worker->main.broken = TRUE;
}
