/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health-table.h"

#include <glib/gi18n.h>

static const SpHealthEntry entries[] = {
  { .id = "certificate-expired",
    .title = N_ ("The certificate has expired"),
    .certificate = TRUE,
    .renewable = TRUE },
  { .id = "certificate-not-yet-valid",
    .title = N_ ("The certificate is not valid yet"),
    .certificate = TRUE },
  { .id = "certificate-expires-soon",
    .title = N_ ("The certificate expires soon"),
    .certificate = TRUE,
    .renewable = TRUE },
  { .id = "certificate-name",
    .title = N_ ("The certificate is for another name"),
    .certificate = TRUE,
    .renewable = TRUE },
  { .id = "certificate-wildcard",
    .title = N_ ("The certificate is not for the secret names of devices"),
    .text = N_ ("They refuse to connect by them"),
    .certificate = TRUE,
    .change = N_ ("Ask for the Server’s _Name Only") },
  { .id = "token-unavailable",
    .title = N_ ("The token with the server’s key does not sign"),
    .certificate = TRUE },
  { .id = "may-sleep",
    .title = N_ ("This computer may go to sleep"),
    .text = N_ ("Then nobody can connect"),
    .change = N_ ("Keep _Awake") },
  { .id = "clock-wrong",
    .title = N_ ("This computer’s clock is wrong"),
    .text = N_ (
        "Set its date and time: certificates, and until when people have access, depend on it") },
  { .id = "range-overlap",
    .title = N_ ("The VPN’s addresses overlap with your home network"),
    .text = N_ ("Devices cannot reach that part of it. With other addresses, those that sign in "
                "from then on can"),
    .change = N_ ("Choose a _Free Range") },
  { .id = "no-internet",
    .title = N_ ("This computer does not reach the internet"),
    .text = N_ ("Until it does, devices may connect only from your home network") },
  { .id = "captive-portal",
    .title = N_ ("This network wants you to sign in first"),
    .text = N_ ("Open a web page on this computer and sign in there. Until then devices may "
                "connect only from this network") },
  { .id = "forwarding-blocked",
    .title = N_ ("A firewall keeps devices from other computers"),
    .command = TRUE },
  { .id = "port-blocked", .title = N_ ("A firewall lets nobody connect"), .command = TRUE },
  { .id = "datagrams-blocked",
    .title = N_ ("A firewall makes connections slower"),
    .command = TRUE },
  { .id = "not-reached",
    .title = N_ ("Nobody reached the server from outside"),
    .text = N_ ("The router has to forward the port to this computer. If it does, there is a "
                "second router, or the provider shares one address between customers"),
    .fix = SP_HEALTH_PORT },
  { .id = "shared-address",
    .title = N_ ("Your provider shares one internet address between customers"),
    .text = N_ ("So nobody can call in. Ask it for a public IPv4 address, or for IPv6"),
    .fix = SP_HEALTH_LETTER },
  { .id = "translated-address",
    .title = N_ ("Others see this network under another address than the router’s"),
    .text = N_ ("The provider shares one internet address between customers, or the way out leads "
                "through another network, such as a VPN. Ask the provider for a public IPv4 "
                "address"),
    .fix = SP_HEALTH_LETTER },
  { .id = "name-unknown",
    .title = N_ ("Nobody finds the server by its name"),
    .text = N_ ("Name servers have no address for it. Enter the address of this network where the "
                "name is managed"),
    .name = TRUE,
    .fix = SP_HEALTH_DYNAMIC_DNS },
  { .id = "name-private",
    .title = N_ ("The server’s name leads to an address at home"),
    .text = N_ ("Nobody outside reaches it. Enter the address that the router has outside where "
                "the name is managed. If only name servers at home say so, a test from outside "
                "shows it"),
    .name = TRUE,
    .fix = SP_HEALTH_DYNAMIC_DNS },
  { .id = "name-elsewhere",
    .title = N_ ("The server’s name leads elsewhere"),
    .text = N_ ("It leads to another address than this network has now. Enter that where the name "
                "is managed"),
    .name = TRUE,
    .fix = SP_HEALTH_DYNAMIC_DNS },
  { .id = "ipv6-elsewhere",
    .title = N_ ("Over IPv6 the server’s name leads elsewhere"),
    .text = N_ ("Devices with IPv6 wait or find nobody. Take that address (AAAA) away where the "
                "name is managed"),
    .name = TRUE,
    .fix = SP_HEALTH_HELP },
  { .id = "second-router",
    .title = N_ ("There is a second router before yours"),
    .text = N_ ("Let that one forward the port to yours, or pass everything on"),
    .fix = SP_HEALTH_HELP },
  { .id = "ipv6-only",
    .title = N_ ("The server can only be reached over IPv6"),
    .text = N_ ("Not every network has it. Ask your provider for a public IPv4 address"),
    .fix = SP_HEALTH_LETTER },
  { .id = "tcp-only",
    .title = N_ ("Connections from outside are slow"),
    .text = N_ ("Nothing comes in over UDP. Let the router forward the port for UDP, too"),
    .fix = SP_HEALTH_PORT },
  { .id = "udp-only",
    .title = N_ ("Nobody can connect, since only UDP comes in"),
    .text = N_ ("Every connection begins with TCP. Allow the port for it in the router’s settings, "
                "or use another port"),
    .fix = SP_HEALTH_PORT },
  { .id = "dynamic-dns-failed",
    .title = N_ ("The server’s name may lead to another computer"),
    .fix = SP_HEALTH_DYNAMIC_DNS },
  { .id = "port-mapping-failed",
    .title = N_ ("The router does not forward the port"),
    .fix = SP_HEALTH_PORT },
  { .id = "ipv6-closed",
    .title = N_ ("Over IPv6 the router lets nobody in"),
    .text = N_ (
        "Devices with IPv6 wait or find nobody. Allow PCP in its settings, or open the port there"),
    .fix = SP_HEALTH_HELP },
  { .id = "acme-failed",
    .title = N_ ("No certificate came from the authority"),
    .certificate = TRUE },
  { .id = "under-attack", .title = N_ ("The server is under attack") },
};

const SpHealthEntry *
sp_health_table_find (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    if (g_str_equal (entries[i].id, id))
      return &entries[i];
  return NULL;
}
