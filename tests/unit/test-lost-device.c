/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "from-main.h"
#include "link/channel.h"
#include "../fuzz/play-equipment.h"
#include "tunnel-private.h"

#include <string.h>
#include <sys/socket.h>

/* A tunnel whose device was taken away.  Pairs of sockets are the device, the wall to main and the
 * client, with whom no hands were shaken. */

typedef struct
{
  SpEquipment *equipment;
  SpWorker worker;
  int device;
  int wall;
  int client;
} Fixture;

static void
make_pair (int *ret_ours, int *ret_workers)
{
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), ==,
                   0);
  *ret_ours = ends[0];
  *ret_workers = ends[1];
}

static void
set_up (Fixture *self, gconstpointer data)
{
  static const SpTunnelPlan plan = { .mtu = 1400, .link_mtu = 1500 };
  int device;
  int wall;
  int client;

  make_pair (&self->device, &device);
  make_pair (&self->wall, &wall);
  make_pair (&self->client, &client);
  self->equipment = play_equipment_new (SP_CIPHERS_AES_FIRST);
  self->worker.equipment = self->equipment;
  self->worker.tls = sp_tls_session_new (self->equipment, client);
  sp_main_wall_init (&self->worker.main, wall);
  sp_permit_enter (&self->worker.main.permit, SP_MAIN_WORKER_TUNNEL);
  self->worker.now = g_get_monotonic_time ();
  self->worker.state = SP_WORKER_TUNNEL;
  self->worker.tunnel = sp_tunnel_new (&self->worker, &plan, device);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sp_tunnel_free (self->worker.tunnel);
  sp_tls_session_free (self->worker.tls);
  sp_equipment_free (self->equipment);
  sp_main_wall_clear (&self->worker.main);
  sp_fd_clear (&self->client);
  sp_fd_clear (&self->device);
  sp_fd_clear (&self->wall);
}

/* Main takes it away right after it said why, perhaps in the middle of a turn: what it said is
 * heard in the next one, and is not forestalled. */
static void
test_main_is_heard_first (Fixture *self, gconstpointer data)
{
  static const char text[] = "This device may no longer use the VPN.";
  SpStop stop = { .how = SP_STOP_DISCONNECT, .text_length = strlen (text) };
  g_autoptr (GError) error = NULL;

  memcpy (stop.text, text, strlen (text));
  sp_fd_clear (&self->device);
  sp_tunnel_serve_tun (self->worker.tunnel);
  g_assert_false (self->worker.has_left);
  (void) sp_channel_send (self->wall, &sp_wall_main_worker, SP_MESSAGE_STOP, 0, &stop, NULL, 0,
                          &error);
  g_assert_no_error (error);
  sp_worker_serve_main (&self->worker);
  g_assert_true (self->worker.has_left);
  g_assert_cmpmem (self->worker.left.text, self->worker.left.text_length, text, strlen (text));
}

static void
test_main_says_nothing (Fixture *self, gconstpointer data)
{
  sp_fd_clear (&self->device);
  sp_tunnel_serve_tun (self->worker.tunnel);
  g_assert_cmpint (sp_tunnel_get_tun_fd (self->worker.tunnel), >=, 0); /* it is looked at again */
  sp_tunnel_serve_tun (self->worker.tunnel);
  g_assert_true (self->worker.has_left);
  g_assert_cmpint (self->worker.left.how, ==, SP_LEFT_STOPPED);
}

/* A device that has nothing to read is there. */
static void
test_nothing_to_read (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    sp_tunnel_serve_tun (self->worker.tunnel);
  g_assert_false (self->worker.has_left);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/lost-device/main-is-heard-first", Fixture, NULL, set_up, test_main_is_heard_first,
              tear_down);
  g_test_add ("/lost-device/main-says-nothing", Fixture, NULL, set_up, test_main_says_nothing,
              tear_down);
  g_test_add ("/lost-device/nothing-to-read", Fixture, NULL, set_up, test_nothing_to_read,
              tear_down);
  return g_test_run ();
}
