/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listener-set.h"

#include "base/error.h"
#include "base/io.h"
#include "platform/inherited.h"
#include "platform/listener.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 40001

/* An address of this computer to itself that no other test of this moment has. */
static char *
own_address (void)
{
  guint number = (guint) getpid ();

  return g_strdup_printf ("127.%u.%u.%u", 64 + (number >> 16) % 64, number >> 8 & 255,
                          number & 255);
}

static SpSettings *
settings_at (guint port)
{
  g_autofree char *address = own_address ();
  g_autofree char *text =
      g_strdup_printf ("[server]\nport = %u\nlisten-addresses = %s\n", port, address);
  g_autoptr (GError) error = NULL;
  SpSettings *settings = sp_settings_parse (NULL, text, strlen (text), &error);

  g_assert_no_error (error);
  return settings;
}

static SpListenerSet *
open_at (guint port, const SpListenerSet *before, guint64 last_attachment)
{
  g_autoptr (SpSettings) settings = settings_at (port);
  g_autoptr (GError) error = NULL;
  SpListenerSet *set = sp_listener_set_open (settings, NULL, before, last_attachment, &error);

  g_assert_no_error (error);
  return set;
}

static const SpDoorListener *
find (const SpListenerSet *set, guint8 kind, guint port)
{
  g_autofree char *address = own_address ();
  SpDoorListener like = { .kind = kind, .local = { .port = (guint16) port } };

  g_assert_true (sp_address_from_text (address, like.local.address));
  return sp_listener_set_find (set, &like);
}

/* The kernel's number of the socket that a descriptor stands for. */
static guint64
number_of (const SpDoorListener *listener)
{
  guint64 number = 0;
  socklen_t length = sizeof number;

  g_assert_nonnull (listener);
  g_assert_no_errno (getsockopt (listener->fd, SOL_SOCKET, SO_COOKIE, &number, &length));
  return number;
}

static void
test_what_stays_is_the_same (void)
{
  g_autoptr (SpListenerSet) first = open_at (PORT, NULL, 0);
  g_autoptr (SpListenerSet) second = open_at (PORT, first, 7);

  g_assert_cmpuint (first->n_listeners, ==, 2);
  g_assert_true (sp_listener_set_equal (first, second));
  g_assert_false (sp_listener_set_has_retired (second));
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (number_of (&first->listeners[i]), ==,
                      number_of (sp_listener_set_find (second, &first->listeners[i])));
}

static void
test_moves (void)
{
  g_autoptr (SpListenerSet) first = open_at (PORT, NULL, 0);
  g_autoptr (SpListenerSet) second = open_at (PORT + 1, first, 7);
  g_autoptr (SpListenerSet) third = NULL;
  const SpDoorListener *retired = find (second, SP_LISTENER_UDP, PORT);

  g_assert_false (sp_listener_set_equal (first, second));
  g_assert_null (find (second, SP_LISTENER_TCP, PORT));
  g_assert_nonnull (find (second, SP_LISTENER_TCP, PORT + 1));
  g_assert_cmpuint (number_of (retired), ==, number_of (find (first, SP_LISTENER_UDP, PORT)));
  g_assert_cmpuint (retired->retired_at, ==, 7);
  /* And back: what was retired is as good as ever. */
  sp_listener_end (find (first, SP_LISTENER_TCP, PORT)->fd);
  third = open_at (PORT, second, 8);
  g_assert_cmpuint (number_of (find (third, SP_LISTENER_UDP, PORT)), ==, number_of (retired));
  g_assert_cmpuint (find (third, SP_LISTENER_UDP, PORT)->retired_at, ==, 0);
  g_assert_cmpuint (find (third, SP_LISTENER_UDP, PORT + 1)->retired_at, ==, 8);
}

static void
test_somebody_elses_port (void)
{
  g_autoptr (SpListenerSet) somebody = open_at (PORT + 1, NULL, 0);
  g_autoptr (SpListenerSet) first = open_at (PORT, NULL, 0);
  g_autoptr (SpSettings) settings = settings_at (PORT + 1);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (somebody);
  g_assert_null (sp_listener_set_open (settings, NULL, first, 7, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_PORT_IN_USE);
  g_assert_true (g_str_has_prefix (error->message, "[server] listen-addresses: "));
}

/* The latest, and no more than there may be. */
static void
test_retired_ones_are_bounded (void)
{
  g_autoptr (SpListenerSet) set = open_at (PORT, NULL, 0);
  guint n_moves = SP_RETIRED_LISTENERS_MAX + 3;

  for (guint i = 1; i <= n_moves; i++)
    {
      g_autoptr (SpListenerSet) before = set;

      set = open_at (PORT + i, before, i);
    }
  g_assert_cmpuint (set->n_listeners, ==, 2 + SP_RETIRED_LISTENERS_MAX);
  g_assert_cmpuint (find (set, SP_LISTENER_UDP, PORT + n_moves - 1)->retired_at, ==, n_moves);
  g_assert_null (find (set, SP_LISTENER_UDP, PORT + 2));
}

static gboolean
is_needed (gpointer user_data, guint64 last_attachment)
{
  return last_attachment > GPOINTER_TO_UINT (user_data);
}

static void
test_thinning_out (void)
{
  g_autoptr (SpListenerSet) first = open_at (PORT, NULL, 0);
  g_autoptr (SpListenerSet) second = open_at (PORT + 1, first, 7);
  g_autoptr (SpListenerSet) third = open_at (PORT + 2, second, 8);
  g_autoptr (SpListenerSet) rest = NULL;

  g_assert_null (sp_listener_set_thin_out (third, is_needed, GUINT_TO_POINTER (6)));
  rest = sp_listener_set_thin_out (third, is_needed, GUINT_TO_POINTER (7));
  g_assert_nonnull (rest);
  g_assert_cmpuint (rest->n_listeners, ==, 3);
  g_assert_null (find (rest, SP_LISTENER_UDP, PORT));
  g_assert_nonnull (find (rest, SP_LISTENER_UDP, PORT + 1));
}

/* They stay what they are, whatever port is wanted. */
static void
test_handed_over (void)
{
  g_autoptr (SpListenerSet) manager = open_at (PORT, NULL, 0);
  g_autoptr (GPtrArray) handed = g_ptr_array_new ();
  g_autoptr (SpSettings) settings = settings_at (PORT + 1);
  g_autoptr (SpListenerSet) first = NULL;
  g_autoptr (SpListenerSet) second = NULL;
  SpInherited sockets[] = { { (char *) "clients", manager->listeners[0].fd },
                            { (char *) "clients", manager->listeners[1].fd } };

  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    g_ptr_array_add (handed, &sockets[i]);
  first = sp_listener_set_open (settings, handed, NULL, 0, NULL);
  g_assert_nonnull (first);
  second = sp_listener_set_open (settings, handed, first, 7, NULL);
  g_assert_nonnull (second);
  g_assert_true (sp_listener_set_equal (first, second));
  g_assert_cmpuint (second->n_listeners, ==, 2);
  g_assert_true (find (second, SP_LISTENER_TCP, PORT)->is_handed);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/listener-set/stays", test_what_stays_is_the_same);
  g_test_add_func ("/listener-set/moves", test_moves);
  g_test_add_func ("/listener-set/in-use", test_somebody_elses_port);
  g_test_add_func ("/listener-set/bounded", test_retired_ones_are_bounded);
  g_test_add_func ("/listener-set/thinning-out", test_thinning_out);
  g_test_add_func ("/listener-set/handed-over", test_handed_over);
  return g_test_run ();
}
