/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "loopback.h"

#include "base/endpoint.h"
#include "link/channel.h"
#include "walls/main-door.h"

#include <glib.h>
#include <gnutls/gnutls.h>
#include <sys/resource.h>

G_BEGIN_DECLS

/* The real door, run as main runs it, with the test in main's place. */

typedef struct
{
  pid_t pid;
  int wall;
  int listener; /* main's own descriptor of the one listener that it opened */
  SpPermit permit;
  guint64 counters[SP_DOOR_COUNTERS_N]; /* as last told */
  SpEnvelope envelope;
} DoorFixture;

/* A network of its own with nothing but a loopback device; FALSE if this user may not make one. */
gboolean door_fixture_isolate (void);

/* Starts the program named by SALLYPORT_DOOR.  0 = the built-in limits. */
DoorFixture *door_fixture_start (guint half_open_max,
                                 guint hello_milliseconds,
                                 rlim_t descriptors_max);
/* `keys`: the memory that a door finds its keys in, lent. */
DoorFixture *door_fixture_start_with_keys (guint half_open_max,
                                           guint hello_milliseconds,
                                           rlim_t descriptors_max,
                                           int keys);
/* Closes the wall; the door must then end by itself, in order. */
void door_fixture_stop (DoorFixture *fixture);

/* `fd` is lent, -1 = none.  Returns the serial if the message is a question. */
guint32 door_fixture_tell (DoorFixture *fixture, guint8 type, gconstpointer message, int fd);
/* Opens a listener through the platform, hands it over, and returns its port. */
guint16 door_fixture_listen (DoorFixture *fixture, guint8 kind, const char *address);

/* The next message of this type, in fixture->envelope until the next call; NULL after the time. */
gconstpointer door_fixture_expect (DoorFixture *fixture, guint8 type, guint milliseconds);
/* The number of messages of this type within the time. */
guint door_fixture_count (DoorFixture *fixture, guint8 type, guint milliseconds);
/* Waits until the counter has at least, and must then have exactly, this value. */
void door_fixture_await_counter (DoorFixture *fixture, SpDoorCounter counter, guint64 value);
void door_fixture_expect_counter (DoorFixture *fixture, SpDoorCounter counter, guint64 value);

double door_fixture_get_cpu_seconds (DoorFixture *fixture);
gsize door_fixture_get_memory (DoorFixture *fixture); /* resident bytes */

/* Whether the other side closed within the time. */
gboolean is_closed_within (int fd, guint milliseconds);

#define TEST_HELLO_MAX 4096
/* The first bytes of a GnuTLS client; `server_name` may be NULL. */
gsize make_client_hello (guint8 bytes[TEST_HELLO_MAX], const char *server_name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorFixture, door_fixture_stop)

G_END_DECLS
