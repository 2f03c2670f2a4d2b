/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session-fakes.h"

G_BEGIN_DECLS

/* A session registry that is open, with two users and fakes for who uses and guards sessions. */

#define SECOND ((gint64) G_USEC_PER_SEC)

static const guint8 anna[SP_ID_SIZE] G_GNUC_UNUSED = { 0xa };
static const guint8 bert[SP_ID_SIZE] G_GNUC_UNUSED = { 0xb };

typedef struct
{
  char *folder;
  SpStore *store;
  SpTrafficLedger *ledger;
  SpUserRegistry *users;
  SpDeviceRegistry *devices;
  SpNetworkSetup *network;
  SpSessionRegistry *sessions;
  GPtrArray *connections; /* all, to be freed at the end */
  GString *closed;        /* "01 replaced 02 logout": in order */
} Fixture;

/* `data` is what stands under [tunnel]. */
#define ADD(name, settings, function)                                                              \
  g_test_add ("/session-registry/" name, Fixture, settings, set_up, function, tear_down)

SpSettings *read_settings (const char *tunnel);
void set_up (Fixture *self, gconstpointer data);
void tear_down (Fixture *self, gconstpointer data);
SpConnection *make (Fixture *self, guint8 session, const guint8 *user);
void attach (Fixture *self, SpConnection *connection);
SpConnection *open_session (Fixture *self, guint8 session, const guint8 *user);
void leave (Fixture *self, SpConnection *connection, SpLeft how);
void expect_orders (const char *expected);
void expect_closed (Fixture *self, const char *expected);
SpSessionEstate *estate_of (Fixture *self, SpConnection *connection);

G_END_DECLS
