/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "network.h"

G_BEGIN_DECLS

/* A state folder of its own, and a computer that is not one (platform/fake.h). */
typedef struct
{
  char *folder;
  char *journal;
} Fixture;

typedef struct
{
  const char *path;
  void (*test) (Fixture *, gconstpointer);
} NetworkTest;

void network_fixture_add (const NetworkTest *tests, guint n);

SpNetworkSettings usual_settings (void);
SpNetworkSetup *start (Fixture *fixture, const SpNetworkSettings *settings);
void assert_untouched (Fixture *fixture);
/* What becomes of packets from the two present ranges, the only ones. */
void assert_fates (SpFirewallFate ipv4, SpFirewallFate ipv6);

G_END_DECLS
