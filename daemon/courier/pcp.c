/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mapping.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "codec/pcp-message.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE (5 * (gint64) G_USEC_PER_SEC) /* of the hours that RFC 6887 8.1.1 has */
#define FIRST    3.0                           /* seconds, IRT there */
#define SHORTEST 1                             /* second */
#define ROUNDS   2 /* where a router is started anew while it is asked */

G_STATIC_ASSERT (SP_MAPPING_NONCE_SIZE == SP_PCP_NONCE_SIZE);

typedef struct
{
  int fd;
  const SpMapPorts *order;
  SpPcpClock clock;
  gboolean is_restarted;
} Talk;

/* What a result comes to; where it says that nobody can be asked this way, another is tried. */
static SpMappingOutcome
read_result (guint8 result)
{
  static const guint8 outcomes[] = {
    [SP_PCP_SUCCESS] = SP_MAPPING_DONE,
    [SP_PCP_UNSUPPORTED_VERSION] = SP_MAPPING_NO_ROUTER,
    [SP_PCP_NOT_AUTHORIZED] = SP_MAPPING_REFUSED,
    [SP_PCP_MALFORMED_REQUEST] = SP_MAPPING_NOT_UNDERSTOOD,
    [SP_PCP_UNSUPPORTED_OPCODE] = SP_MAPPING_NO_ROUTER,
    [SP_PCP_UNSUPPORTED_OPTION] = SP_MAPPING_NOT_UNDERSTOOD,
    [SP_PCP_MALFORMED_OPTION] = SP_MAPPING_NOT_UNDERSTOOD,
    [SP_PCP_NETWORK_FAILURE] = SP_MAPPING_REFUSED,
    [SP_PCP_NO_RESOURCES] = SP_MAPPING_REFUSED,
    [SP_PCP_UNSUPPORTED_PROTOCOL] = SP_MAPPING_REFUSED,
    [SP_PCP_USER_EXCEEDS_QUOTA] = SP_MAPPING_REFUSED,
    [SP_PCP_CANNOT_PROVIDE_EXTERNAL] = SP_MAPPING_TAKEN,
    [SP_PCP_ADDRESS_MISMATCH] = SP_MAPPING_NO_ROUTER,
    [SP_PCP_EXCESSIVE_REMOTE_PEERS] = SP_MAPPING_NOT_UNDERSTOOD,
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (outcomes) == SP_PCP_RESULT_LAST + 1);
  return result <= SP_PCP_RESULT_LAST ? (SpMappingOutcome) outcomes[result]
                                      : SP_MAPPING_NOT_UNDERSTOOD;
}

/* --- one question --- */

/* RFC 6887 8.1.1, in microseconds; `before` 0: it is the first. */
static gint64
find_pause (gint64 before)
{
  double spread = 1 + g_random_double_range (-0.1, 0.1);

  return (gint64) (spread * (before == 0 ? FIRST * G_USEC_PER_SEC : 2.0 * (double) before));
}

/* Sends, and waits until something comes or it is time to send again: its size, 0: nothing came,
 * negative: nobody is there. */
static gssize
exchange (Talk *talk, const guint8 *request, gint64 until, guint8 *bytes, gsize size)
{
  struct pollfd readable = { .fd = talk->fd, .events = POLLIN };
  gint64 left = until - g_get_monotonic_time ();
  gssize got;

  if (request != NULL && send (talk->fd, request, SP_PCP_MAP_SIZE, MSG_NOSIGNAL) < 0)
    return -1;
  (void) poll (&readable, 1, (int) (MAX (left, 0) / 1000 + 1));
  got = recv (talk->fd, bytes, size, MSG_DONTWAIT | MSG_TRUNC);
  return got < 0 && errno == EAGAIN ? 0 : got;
}

/* What is no answer to the question is ignored, and told if nothing better comes. */
static SpMappingOutcome
ask (Talk *talk, const SpPcpMap *map, SpPcpAnswer *ret)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;
  gint64 again = 0;
  gint64 pause = 0;
  SpMappingOutcome heard = SP_MAPPING_NO_ROUTER;
  guint8 request[SP_PCP_MAP_SIZE];

  sp_pcp_map_write (map, request);
  for (gint64 now = end - PATIENCE; now < end; now = g_get_monotonic_time ())
    {
      guint8 bytes[SP_PCP_MESSAGE_MAX + 1];
      gboolean sends = now >= again;
      gssize size;

      pause = sends ? find_pause (pause) : pause;
      again = sends ? now + pause : again;
      size = exchange (talk, sends ? request : NULL, MIN (again, end), bytes, sizeof bytes);
      if (size < 0)
        return heard;
      if (size > 0 && (gsize) size < sizeof bytes &&
          sp_pcp_answer_read (bytes, (gsize) size, map, ret))
        return read_result (ret->result);
      if (size > 0)
        heard = SP_MAPPING_NOT_UNDERSTOOD;
    }
  return heard;
}

/* --- ports --- */

static SpMappingOutcome
ask_port (Talk *talk, const SpMappingPort *port, guint32 seconds, SpPcpAnswer *ret)
{
  SpPcpMap map = { .protocol = port->is_udp ? IPPROTO_UDP : IPPROTO_TCP,
                   .inside = port->port,
                   .outside = seconds != 0 ? port->port : 0,
                   .lifetime = seconds };
  SpMappingOutcome outcome;

  memcpy (map.client, talk->order->own, SP_ADDRESS_SIZE);
  memcpy (map.nonce, talk->order->nonce, SP_PCP_NONCE_SIZE);
  outcome = ask (talk, &map, ret);
  if (outcome == SP_MAPPING_DONE &&
      !sp_pcp_clock_note (&talk->clock, ret->epoch, g_get_monotonic_time ()))
    talk->is_restarted = TRUE;
  return outcome;
}

/* What lets a port in over IPv6 has no other address for it, or nobody would look there. */
static gboolean
leads_here (const SpMapPorts *order, const SpPcpAnswer *answer)
{
  return sp_address_is_ipv4 (order->own) ||
         memcmp (answer->address, order->own, SP_ADDRESS_SIZE) == 0;
}

/* miniupnpd forgets whose it is what it lets in over IPv6 when that is renewed, and refuses to end
 * it from then on.  Then it may end by itself, as soon as the router has it. */
static SpMappingOutcome
unmap_port (gpointer data, const SpMappingPort *port)
{
  Talk *talk = data;
  SpPcpAnswer answer = { 0 };
  SpMappingOutcome outcome = ask_port (talk, port, 0, &answer);

  if (outcome == SP_MAPPING_REFUSED && !sp_address_is_ipv4 (talk->order->own))
    outcome = ask_port (talk, port, SHORTEST, &answer);
  return outcome;
}

/* One that has given the port away offers another, which no client would look for. */
static SpMappingOutcome
map_port (gpointer data, const SpMappingPort *port, SpPortsMapped *ret)
{
  Talk *talk = data;
  SpPcpAnswer answer = { 0 };
  SpMappingOutcome outcome = ask_port (talk, port, talk->order->seconds, &answer);

  if (outcome != SP_MAPPING_DONE)
    return outcome;
  if (answer.lifetime == 0)
    return SP_MAPPING_NOT_UNDERSTOOD;
  if (answer.outside != port->port || !leads_here (talk->order, &answer))
    {
      (void) unmap_port (talk, port);
      return SP_MAPPING_TAKEN;
    }
  memcpy (ret->address, answer.address, SP_ADDRESS_SIZE);
  ret->seconds = MIN (ret->seconds, answer.lifetime);
  return SP_MAPPING_DONE;
}

/* What was told to a router before it was started anew is told to it once more. */
static void
take_steps (Talk *talk, SpPortsMapped *ret)
{
  static const SpMappingSteps steps = { map_port, unmap_port };

  for (guint i = 0; i < ROUNDS && (i == 0 || talk->is_restarted); i++)
    {
      talk->is_restarted = FALSE;
      ret->seconds = talk->order->seconds;
      sp_mapping_take_steps (&steps, talk, talk->order, ret);
    }
}

/* --- whom --- */

/* Who answers from elsewhere is not heard (RFC 6887 8.3): the socket is connected. */
static int
connect_router (const SpMapPorts *order)
{
  int family = sp_address_is_ipv4 (order->router) ? AF_INET : AF_INET6;
  SpEndpoint router = { .port = SP_PCP_PORT };
  SpEndpoint own = { 0 };
  struct sockaddr_storage to, from;
  sp_autofd int fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  socklen_t to_length, from_length;

  memcpy (router.address, order->router, SP_ADDRESS_SIZE);
  memcpy (own.address, order->own, SP_ADDRESS_SIZE);
  to_length = sp_endpoint_to_sockaddr (&router, family, &to);
  from_length = sp_endpoint_to_sockaddr (&own, family, &from);
  if (family == AF_INET6)
    ((struct sockaddr_in6 *) &to)->sin6_scope_id = order->interface;
  if (fd < 0 || bind (fd, (struct sockaddr *) &from, from_length) < 0 ||
      connect (fd, (struct sockaddr *) &to, to_length) < 0)
    return -1;
  return sp_fd_steal (&fd);
}

void
sp_pcp_map (const SpMapPorts *order, SpPortsMapped *ret)
{
  sp_autofd int fd = connect_router (order);
  Talk talk = { .fd = fd, .order = order };

  *ret = (SpPortsMapped){ .tcp = SP_MAPPING_NO_ROUTER, .udp = SP_MAPPING_NO_ROUTER };
  if (fd < 0)
    return;
  take_steps (&talk, ret);
  if (ret->tcp != SP_MAPPING_NO_ROUTER)
    ret->way = SP_MAPPING_PCP;
}
