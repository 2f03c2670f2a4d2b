/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mapping.h"

#include "base/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <natpmp.h>
#include <poll.h>
#include <sys/socket.h>

#define PATIENCE (4 * (gint64) G_USEC_PER_SEC) /* of the minutes that RFC 6886 3.1 has */

/* What the router says about errors (RFC 6886 3.5). */
static SpMappingOutcome
read_error (int code)
{
  switch (code)
    {
      case NATPMP_ERR_NOTAUTHORIZED:
      case NATPMP_ERR_NETWORKFAILURE:
      case NATPMP_ERR_OUTOFRESOURCES:
        return SP_MAPPING_REFUSED;
      case NATPMP_ERR_UNDEFINEDERROR:
        return SP_MAPPING_NOT_UNDERSTOOD;
      default:
        return SP_MAPPING_NO_ROUTER;
    }
}

/* The library takes answers of whatever size (RFC 6886 3.2, 3.3) for whole ones. */
static SpMappingOutcome
look_at (int fd, guint16 type)
{
  gssize whole = type == NATPMP_RESPTYPE_PUBLICADDRESS ? 12 : 16;
  guint8 version = 0;
  gssize size = recv (fd, &version, 1, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);

  if (size < 0)
    return errno == EAGAIN ? SP_MAPPING_DONE : SP_MAPPING_NO_ROUTER;
  if (version != 0)
    return SP_MAPPING_NO_ROUTER;
  return size == whole ? SP_MAPPING_DONE : SP_MAPPING_NOT_UNDERSTOOD;
}

/* Waits for the answer to what was sent; the library sends it again now and then. */
static SpMappingOutcome
await (natpmp_t *nat, int sent, guint16 type, natpmpresp_t *response)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;
  struct pollfd readable = { .fd = nat->s, .events = POLLIN };
  struct timeval left;
  int code = sent < 0 ? sent : NATPMP_TRYAGAIN;
  SpMappingOutcome seen = SP_MAPPING_DONE;

  while (code == NATPMP_TRYAGAIN && g_get_monotonic_time () < end)
    {
      if (getnatpmprequesttimeout (nat, &left) < 0)
        return SP_MAPPING_FAILED;
      (void) poll (&readable, 1, (int) (left.tv_sec * 1000 + left.tv_usec / 1000 + 1));
      seen = look_at (nat->s, type);
      if (seen != SP_MAPPING_DONE)
        return seen;
      code = readnatpmpresponseorretry (nat, response);
    }
  if (code != 0)
    return read_error (code);
  return response->type == type ? SP_MAPPING_DONE : SP_MAPPING_NOT_UNDERSTOOD;
}

static SpMappingOutcome
ask_address (natpmp_t *nat, SpPortsMapped *ret)
{
  natpmpresp_t response = { 0 };
  SpMappingOutcome outcome =
      await (nat, sendpublicaddressrequest (nat), NATPMP_RESPTYPE_PUBLICADDRESS, &response);

  if (outcome == SP_MAPPING_DONE)
    sp_address_from_ipv4 (ret->address, ntohl (response.pnu.publicaddress.addr.s_addr));
  return outcome;
}

static SpMappingOutcome
ask_port (natpmp_t *nat, const SpMappingPort *port, guint32 seconds, natpmpresp_t *response)
{
  int protocol = port->is_udp ? NATPMP_PROTOCOL_UDP : NATPMP_PROTOCOL_TCP;
  guint16 type = port->is_udp ? NATPMP_RESPTYPE_UDPPORTMAPPING : NATPMP_RESPTYPE_TCPPORTMAPPING;
  guint16 outside = seconds != 0 ? port->port : 0; /* RFC 6886 3.4 */
  SpMappingOutcome outcome = await (
      nat, sendnewportmappingrequest (nat, protocol, port->port, outside, seconds), type, response);

  if (outcome == SP_MAPPING_DONE && response->pnu.newportmapping.privateport != port->port)
    return SP_MAPPING_NOT_UNDERSTOOD;
  return outcome;
}

static SpMappingOutcome
unmap_port (gpointer nat, const SpMappingPort *port)
{
  natpmpresp_t response = { 0 };

  return ask_port (nat, port, 0, &response);
}

/* A router that has given the port away offers another, which no client would look for. */
static SpMappingOutcome
map_port (gpointer nat, const SpMappingPort *port, SpPortsMapped *ret)
{
  natpmpresp_t response = { 0 };
  SpMappingOutcome outcome = ask_port (nat, port, ret->seconds, &response);

  if (outcome != SP_MAPPING_DONE)
    return outcome;
  if (response.pnu.newportmapping.lifetime == 0)
    return SP_MAPPING_NOT_UNDERSTOOD;
  if (response.pnu.newportmapping.mappedpublicport != port->port)
    {
      (void) unmap_port (nat, port);
      return SP_MAPPING_TAKEN;
    }
  ret->seconds = MIN (ret->seconds, response.pnu.newportmapping.lifetime);
  return SP_MAPPING_DONE;
}

void
sp_nat_pmp_map (const SpMapPorts *order, SpPortsMapped *ret)
{
  static const SpMappingSteps steps = { map_port, unmap_port };
  SpMappingOutcome outcome;
  natpmp_t nat;

  *ret = (SpPortsMapped){ .tcp = SP_MAPPING_FAILED, .udp = SP_MAPPING_FAILED };
  if (initnatpmp (&nat, 1, htonl (sp_address_to_ipv4 (order->router))) < 0)
    return;
  outcome = ask_address (&nat, ret);
  sp_mapping_set_outcome (ret, outcome);
  if (outcome == SP_MAPPING_DONE)
    {
      ret->seconds = order->seconds;
      sp_mapping_take_steps (&steps, &nat, order, ret);
    }
  (void) closenatpmp (&nat);
  if (ret->tcp != SP_MAPPING_NO_ROUTER)
    ret->way = SP_MAPPING_NAT_PMP;
}
