/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "from-main.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "door-private.h"
#include "walls/main-door.h"

#include <string.h>

#define TURN_MAX 32 /* messages in one turn, so that the network is not left waiting */

typedef struct
{
  SpDoor *door;
  guint32 serial;
  gconstpointer message; /* the decoded struct */
  int *fds;              /* taken with sp_fd_steal */
  gint64 now;
} Order;

typedef void (*Handler) (const Order *order);

static void
open_door (const Order *order)
{
  const SpOpenDoor *limits = order->message;
  SpDoor *door = order->door;

  sp_udp_entrance_recall_keys (door->udp, order->fds[0]);
  door->tcp = sp_tcp_entrance_new (door->poller, door->to_main, &door->tally, limits->half_open_max,
                                   limits->hello_milliseconds);
  sp_tcp_entrance_heed_bans (door->tcp, door->bans);
  sp_tcp_entrance_heed_gate (door->tcp, door->gate);
  sp_tcp_entrance_heed_proxies (door->tcp, &door->proxies);
  sp_permit_enter (&door->permit, SP_MAIN_DOOR_OPEN);
}

static void
take_listener (const Order *order)
{
  const SpListener *listener = order->message;
  SpEndpoint local = { .port = listener->local_port };
  char text[SP_ENDPOINT_TEXT_MAX];
  gboolean taken = FALSE;

  memcpy (local.address, listener->local_address, SP_ADDRESS_SIZE);
  sp_endpoint_to_text (&local, text);
  if (listener->kind == SP_LISTENER_TCP)
    taken = sp_tcp_entrance_listen (order->door->tcp, order->fds[0]);
  else if (listener->kind == SP_LISTENER_UDP)
    taken = sp_udp_entrance_listen (order->door->udp, order->fds[0]);
  else if (listener->kind == SP_LISTENER_METRICS)
    taken = sp_http_desk_listen (order->door->metrics, order->fds[0]);
  if (taken)
    (void) sp_fd_steal (&order->fds[0]);
  else
    sp_log (SP_LOG_ERROR, "listener",
            "cannot serve %s: kind %u, of which there are too many or "
            "which the system does not know how to serve",
            text, listener->kind);
}

static void
mint_id (const Order *order)
{
  const SpMintId *question = order->message;
  SpHelloMode mode = question->mode <= SP_HELLO_LAST ? question->mode : SP_HELLO_PSK;
  guint8 id[SP_APP_ID_SIZE];

  sp_udp_entrance_mint (order->door->udp, question->attachment, mode, id);
  sp_to_main_answer_id (order->door->to_main, order->serial, id);
}

static void
linger (const Order *order)
{
  const SpLinger *message = order->message;

  sp_udp_entrance_linger (order->door->udp, sp_fd_steal (&order->fds[0]), message->attachment,
                          order->now);
}

static void
connection_ended (const Order *order)
{
  const SpConnectionEnded *message = order->message;

  if (message->outcome <= SP_OUTCOME_LAST)
    sp_tcp_entrance_ended (order->door->tcp, message->peer_address, message->outcome, order->now);
  else
    sp_log (SP_LOG_WARNING, "wall", "main knows an outcome %u that we do not", message->outcome);
}

static void
set_ban (const Order *order)
{
  const SpSetBan *message = order->message;
  SpNetwork network = { .length = message->length };

  memcpy (network.address, message->address, SP_ADDRESS_SIZE);
  if (message->whom > SP_BAN_LAST || message->length > 8 * SP_ADDRESS_SIZE ||
      !sp_ban_list_set (order->door->bans, &network, message->whom))
    sp_log (SP_LOG_WARNING, "wall", "main has a ban that we cannot keep");
}

static void
attachment_over (const Order *order)
{
  const SpAttachmentOver *message = order->message;

  sp_udp_entrance_end_attachment (order->door->udp, message->attachment, order->now);
}

static void
set_name_gate (const Order *order)
{
  if (!sp_name_gate_set (order->door->gate, order->message))
    sp_log (SP_LOG_WARNING, "wall", "main has names that we cannot ask for");
}

static void
set_validation (const Order *order)
{
  sp_name_gate_set_validation (order->door->gate, order->message);
}

static void
set_labels (const Order *order)
{
  if (!sp_name_gate_set_labels (order->door->gate, order->message))
    sp_log (SP_LOG_WARNING, "wall", "main has labels that we cannot keep");
}

static void
set_proxies (const Order *order)
{
  if (!sp_proxy_list_set (&order->door->proxies, order->message))
    sp_log (SP_LOG_WARNING, "wall", "main has proxies that we cannot read");
}

static void
metrics_told (const Order *order)
{
  const SpMetricsTold *message = order->message;

  sp_http_desk_tell (order->door->metrics, message->text, message->text_length);
}

static void
answer_validation (const Order *order)
{
  SpDoor *door = order->door;
  g_autofree char *path = NULL;

  door->validation = *(const SpAnswerValidation *) order->message;
  if (door->validation.token_length == 0)
    {
      sp_http_desk_close (door->validations);
      return;
    }
  path = g_strdup_printf (SP_ACME_PATH "%.*s", (int) door->validation.token_length,
                          (const char *) door->validation.token);
  sp_http_desk_set_path (door->validations, path);
}

static void
take_validation_listener (const Order *order)
{
  if (sp_http_desk_listen (order->door->validations, order->fds[0]))
    (void) sp_fd_steal (&order->fds[0]);
  else
    sp_log (SP_LOG_WARNING, "listener",
            "cannot answer an authority: there is nothing to answer, "
            "or there are too many places to do so");
}

/* Everything that main may say. */
static const Handler handlers[SP_WALL_MESSAGES_MAX + 1] = {
  [SP_MESSAGE_OPEN_DOOR] = open_door,
  [SP_MESSAGE_LISTENER] = take_listener,
  [SP_MESSAGE_MINT_ID] = mint_id,
  [SP_MESSAGE_LINGER] = linger,
  [SP_MESSAGE_CONNECTION_ENDED] = connection_ended,
  [SP_MESSAGE_SET_BAN] = set_ban,
  [SP_MESSAGE_ATTACHMENT_OVER] = attachment_over,
  [SP_MESSAGE_SET_NAME_GATE] = set_name_gate,
  [SP_MESSAGE_SET_VALIDATION] = set_validation,
  [SP_MESSAGE_SET_LABELS] = set_labels,
  [SP_MESSAGE_SET_PROXIES] = set_proxies,
  [SP_MESSAGE_METRICS_TOLD] = metrics_told,
  [SP_MESSAGE_ANSWER_VALIDATION] = answer_validation,
  [SP_MESSAGE_VALIDATION_LISTENER] = take_validation_listener,
};

gboolean
sp_from_main_receive (SpDoor *door, gint64 now, GError **error)
{
  SpEnvelope *envelope = &door->envelope;
  g_autoptr (GError) failure = NULL;

  for (guint i = 0; i < TURN_MAX; i++)
    {
      Order order = {
        .door = door, .message = &envelope->message, .fds = envelope->fds, .now = now
      };

      if (!sp_channel_receive (door->wall_fd, &door->permit, envelope, &failure))
        break;
      order.serial = envelope->header.serial;
      handlers[envelope->header.type](&order);
      sp_envelope_clear (envelope);
    }
  if (failure == NULL || g_error_matches (failure, SP_ERROR, SP_ERROR_AGAIN))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
