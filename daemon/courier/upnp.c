/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mapping.h"

#include "base/endpoint.h"
#include "codec/router-url.h"

#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <string.h>

#define SEARCH_MILLISECONDS 2000
#define SEARCH_TTL          2 /* UPnP Device Architecture 2.0, 1.2.2 */
#define DESCRIPTIONS_MAX    4 /* that are read */
#define LABEL               "Sallyport"

/* UPnP errors of WANIPConnection:1, 2.4 */
enum
{
  NO_SUCH_ENTRY = 714,
  CONFLICT = 718,
  ONLY_PERMANENT = 725,
  OTHER_MECHANISM = 729
};

typedef struct
{
  char address[SP_ENDPOINT_TEXT_MAX];
  char own[SP_ENDPOINT_TEXT_MAX];
  struct UPNPUrls urls;
  struct IGDdatas facts;
} Router;

static const char *
write_protocol (const SpMappingPort *port)
{
  return port->is_udp ? "UDP" : "TCP";
}

/* The library has no word for a router that says no but the protocol's, which are above 0. */
static SpMappingOutcome
read_code (int code)
{
  if (code == UPNPCOMMAND_SUCCESS)
    return SP_MAPPING_DONE;
  if (code == CONFLICT || code == OTHER_MECHANISM)
    return SP_MAPPING_TAKEN;
  return code > 0 ? SP_MAPPING_REFUSED : SP_MAPPING_NOT_UNDERSTOOD;
}

/* --- finding it --- */

/* Descriptions may name another place for what is asked. */
static gboolean
has_service (Router *router)
{
  static const char *const services[] = { "urn:schemas-upnp-org:service:WANIPConnection:",
                                          "urn:schemas-upnp-org:service:WANPPPConnection:" };

  if (router->urls.controlURL == NULL ||
      !sp_router_url_check (router->urls.controlURL, router->address))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (services); i++)
    if (g_str_has_prefix (router->facts.first.servicetype, services[i]))
      return TRUE;
  return FALSE;
}

/* Where it has two ways to the internet, that which leads there. */
static gboolean
choose_service (Router *router, const char *description)
{
  if (!has_service (router))
    return FALSE;
  if (router->facts.second.servicetype[0] == '\0' ||
      UPNPIGD_IsConnected (&router->urls, &router->facts) == 1)
    return TRUE;
  router->facts.first = router->facts.second;
  FreeUPNPUrls (&router->urls);
  GetUPNPUrls (&router->urls, &router->facts, description, 0);
  return has_service (router);
}

static gboolean
read_description (Router *router, const char *url)
{
  char own[SP_ENDPOINT_TEXT_MAX];

  if (!sp_router_url_check (url, router->address))
    return FALSE;
  memset (&router->urls, 0, sizeof router->urls);
  memset (&router->facts, 0, sizeof router->facts);
  if (UPNP_GetIGDFromUrl (url, &router->urls, &router->facts, own, sizeof own) != 1)
    return FALSE;
  if (choose_service (router, url))
    return TRUE;
  FreeUPNPUrls (&router->urls);
  return FALSE;
}

/* Whoever else answers in this network is not asked. */
static gboolean
find_router (Router *router)
{
  int error = 0;
  struct UPNPDev *all = upnpDiscover (SEARCH_MILLISECONDS, router->own, "", UPNP_LOCAL_PORT_ANY, 0,
                                      SEARCH_TTL, &error);
  guint n_read = 0;
  gboolean found = FALSE;

  for (struct UPNPDev *one = all; one != NULL && !found && n_read < DESCRIPTIONS_MAX;
       one = one->pNext)
    if (sp_router_url_check (one->descURL, router->address))
      {
        n_read++;
        found = read_description (router, one->descURL);
      }
  freeUPNPDevlist (all);
  return found;
}

static void
ask_address (Router *router, guint8 *ret)
{
  char text[64] = "";
  guint8 address[SP_ADDRESS_SIZE];

  if (UPNP_GetExternalIPAddress (router->urls.controlURL, router->facts.first.servicetype, text) ==
          UPNPCOMMAND_SUCCESS &&
      sp_address_from_text (text, address) && sp_address_is_ipv4 (address))
    memcpy (ret, address, SP_ADDRESS_SIZE);
}

/* --- asking it --- */

/* Who has a port, as far as the router says that. */
typedef enum
{
  NOBODY,
  OURS,
  BY_HAND, /* it leads here for ever, under another label: that is the owner's, and stays */
  ANOTHER
} Holder;

/* Some let whoever comes last have the port, and some let anybody end what others have. */
static Holder
find_holder (Router *router, const SpMappingPort *port)
{
  g_autofree char *number = g_strdup_printf ("%u", port->port);
  char client[16] = "";
  char inside[6] = "";
  char label[80] = "";
  char enabled[4] = "";
  char left[16] = "";

  if (UPNP_GetSpecificPortMappingEntry (router->urls.controlURL, router->facts.first.servicetype,
                                        number, write_protocol (port), NULL, client, inside, label,
                                        enabled, left) != UPNPCOMMAND_SUCCESS ||
      client[0] == '\0')
    return NOBODY;
  if (strcmp (client, router->own) != 0 || strcmp (inside, number) != 0)
    return ANOTHER;
  return strcmp (enabled, "1") == 0 && strcmp (left, "0") == 0 && label[0] != '\0' &&
                 strstr (label, LABEL) == NULL
             ? BY_HAND
             : OURS;
}

static int
add (Router *router, const SpMappingPort *port, guint32 seconds)
{
  g_autofree char *number = g_strdup_printf ("%u", port->port);
  g_autofree char *lease = g_strdup_printf ("%u", seconds);

  return UPNP_AddPortMapping (router->urls.controlURL, router->facts.first.servicetype, number,
                              number, router->own, LABEL, write_protocol (port), NULL, lease);
}

static SpMappingOutcome
map_port (gpointer router, const SpMappingPort *port, SpPortsMapped *ret)
{
  Holder holder = find_holder (router, port);
  int code;

  if (holder == ANOTHER || holder == BY_HAND)
    return holder == BY_HAND ? SP_MAPPING_DONE : SP_MAPPING_TAKEN;
  code = add (router, port, ret->seconds);
  return read_code (code == ONLY_PERMANENT ? add (router, port, 0) : code);
}

static SpMappingOutcome
unmap_port (gpointer data, const SpMappingPort *port)
{
  Router *router = data;
  Holder holder = find_holder (router, port);
  g_autofree char *number = g_strdup_printf ("%u", port->port);
  int code;

  if (holder == ANOTHER || holder == BY_HAND)
    return SP_MAPPING_DONE;
  code = UPNP_DeletePortMapping (router->urls.controlURL, router->facts.first.servicetype, number,
                                 write_protocol (port), NULL);
  return code == NO_SUCH_ENTRY ? SP_MAPPING_DONE : read_code (code);
}

void
sp_upnp_map (const SpMapPorts *order, SpPortsMapped *ret)
{
  static const SpMappingSteps steps = { map_port, unmap_port };
  g_autofree Router *router = g_new0 (Router, 1);

  *ret = (SpPortsMapped){ .tcp = SP_MAPPING_NO_ROUTER, .udp = SP_MAPPING_NO_ROUTER };
  sp_address_to_text (order->router, router->address);
  sp_address_to_text (order->own, router->own);
  if (!find_router (router))
    return;
  ask_address (router, ret->address);
  ret->seconds = order->seconds;
  sp_mapping_take_steps (&steps, router, order, ret);
  FreeUPNPUrls (&router->urls);
  ret->way = SP_MAPPING_UPNP;
}
