/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/firewall.h"
#include "platform/tun.h"

G_BEGIN_DECLS

/* The world: this machine, a host at home, a host in the internet that both know nothing of the
 * clients' range, and two clients, played by the test on the queues of their devices. */

#define SERVER_IPV4   "10.10.0.1"
#define SERVER_IPV6   "fd12::1"
#define HOME_IPV4     "192.168.5.9"
#define HOME_IPV6     "fd05::9"
#define INTERNET_IPV4 "203.0.113.9"
#define INTERNET_IPV6 "2001:db8:113::9"
#define CLIENT_MTU    1300
#define N_CLIENTS     2

extern const char *const clients_ipv4[N_CLIENTS];
extern const char *const clients_ipv6[N_CLIENTS];

typedef struct
{
  SpFirewall *firewall;
  SpFirewallPlan plan;
  SpNetwork home[2];
  SpTun *tuns[N_CLIENTS];
  int queues[N_CLIENTS];
  SpFirewallSession sessions[N_CLIENTS];
  SpFirewallHost hosts[5];
  guint8 name_servers[2][SP_ADDRESS_SIZE];
} Fixture;

typedef struct
{
  const char *path;
  void (*test) (Fixture *, gconstpointer);
  gint data;
} FirewallTest;

int run_firewall_tests (int argc, char **argv, const FirewallTest *tests, guint n);

void install (Fixture *fixture);
void add_client (Fixture *fixture, guint number, SpReach reach);
/* As its session says by now. */
void change_client (Fixture *fixture, guint number);

typedef enum
{
  NOT_HEARD,
  HEARD,
  ANSWERED
} Walk;

/* Sends a question from the client, hears it at the socket, answers, hears the answer in the
 * tunnel. Returns how far it went. */
Walk walk (int queue, const char *source, int service, const char *destination, guint16 port);
/* The first client's, to a service that is opened there; `host` is NULL for this machine. */
Walk walk_to (Fixture *fixture, const char *host, const char *destination, guint16 port);

G_END_DECLS
