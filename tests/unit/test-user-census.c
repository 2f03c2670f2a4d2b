/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/login-proposal.h"
#include "client/sealed-text.h"
#include "client/user-census.h"

#include "base/password.h"

#include <string.h>

/* Who is counted where, who is found, and which login somebody gets. */

typedef struct
{
  GListStore *users;
  GListStore *sessions;
  GListStore *devices;
  GPtrArray *holders; /* what gives objects their paths */
  SpUserCensus *census;
  guint changes;
} Fixture;

static void
count_change (Fixture *fixture)
{
  fixture->changes++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->users = g_list_store_new (SP_BUS_TYPE_USER);
  fixture->sessions = g_list_store_new (SP_BUS_TYPE_SESSION);
  fixture->devices = g_list_store_new (SP_BUS_TYPE_DEVICE);
  fixture->holders = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->census =
      sp_user_census_new (G_LIST_MODEL (fixture->users), G_LIST_MODEL (fixture->sessions),
                          G_LIST_MODEL (fixture->devices));
  (void) g_signal_connect_swapped (fixture->census, "changed", G_CALLBACK (count_change), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->census);
  g_object_unref (fixture->users);
  g_object_unref (fixture->sessions);
  g_object_unref (fixture->devices);
  g_ptr_array_unref (fixture->holders);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
give_path (Fixture *fixture, gpointer skeleton, const char *path)
{
  GDBusObjectSkeleton *holder = g_dbus_object_skeleton_new (path);

  g_dbus_object_skeleton_add_interface (holder, skeleton);
  g_ptr_array_add (fixture->holders, holder);
}

static SpBusUser *
add_user_at (Fixture *fixture, const char *path, const char *login, const char *name)
{
  g_autoptr (SpBusUser) user = sp_bus_user_skeleton_new ();

  sp_bus_user_set_login (user, login);
  sp_bus_user_set_full_name (user, name);
  sp_bus_user_set_enabled (user, TRUE);
  give_path (fixture, user, path);
  g_list_store_append (fixture->users, user);
  return user;
}

static SpBusUser *
add_user (Fixture *fixture, const char *login, const char *name)
{
  g_autofree char *path = g_strconcat ("/users/", login, NULL);

  return add_user_at (fixture, path, login, name);
}

static void
add_session (Fixture *fixture, const char *user, const char *remote)
{
  g_autoptr (SpBusSession) session = sp_bus_session_skeleton_new ();
  static const char *const addresses[] = { "10.10.0.7", NULL };

  sp_bus_session_set_user (session, user);
  sp_bus_session_set_remote_address (session, remote);
  sp_bus_session_set_addresses (session, addresses);
  g_list_store_append (fixture->sessions, session);
}

static void
check_counts (
    Fixture *fixture, guint all, guint connected, guint off, guint expiring, guint removed)
{
  settle ();
  g_assert_cmpuint (sp_user_census_count (fixture->census, SP_USERS_ALL), ==, all);
  g_assert_cmpuint (sp_user_census_count (fixture->census, SP_USERS_CONNECTED), ==, connected);
  g_assert_cmpuint (sp_user_census_count (fixture->census, SP_USERS_OFF), ==, off);
  g_assert_cmpuint (sp_user_census_count (fixture->census, SP_USERS_EXPIRING), ==, expiring);
  g_assert_cmpuint (sp_user_census_count (fixture->census, SP_USERS_REMOVED), ==, removed);
}

static void
test_counts (Fixture *fixture, gconstpointer data)
{
  SpBusUser *anna = add_user (fixture, "anna", "Anna Keller");
  SpBusUser *bob = add_user (fixture, "bob", "");
  guint64 now = (guint64) g_get_real_time ();

  check_counts (fixture, 2, 0, 0, 0, 0);
  add_session (fixture, "/users/anna", "192.0.2.1:51000");
  add_session (fixture, "/users/anna", "192.0.2.2:51000");
  check_counts (fixture, 2, 1, 0, 0, 0);
  g_assert_cmpuint (sp_user_census_count_sessions (fixture->census, anna), ==, 2);
  sp_bus_user_set_enabled (bob, FALSE);
  sp_bus_user_set_ends_at (anna, now + 8 * 24 * G_TIME_SPAN_HOUR);
  check_counts (fixture, 2, 1, 1, 0, 0);
  sp_bus_user_set_ends_at (anna, now + 6 * 24 * G_TIME_SPAN_HOUR);
  check_counts (fixture, 2, 1, 1, 1, 0);
  /* who is removed is nothing else */
  sp_bus_user_set_removed (bob, TRUE);
  check_counts (fixture, 1, 1, 0, 1, 1);
  g_list_store_remove_all (fixture->sessions);
  check_counts (fixture, 1, 0, 0, 1, 1);
}

static gboolean
finds (Fixture *fixture, SpBusUser *user, const char *text)
{
  g_autofree char *folded = sp_user_census_fold (text);

  settle ();
  return sp_user_census_matches (fixture->census, user, folded);
}

static void
test_search (Fixture *fixture, gconstpointer data)
{
  SpBusUser *anna = add_user (fixture, "akeller", "Änna Keller");
  SpBusUser *bob = add_user (fixture, "bob", "");
  g_autoptr (SpBusDevice) device = sp_bus_device_skeleton_new ();

  sp_bus_device_set_user (device, "/users/bob");
  sp_bus_device_set_name (device, "ThinkPad");
  g_list_store_append (fixture->devices, device);
  add_session (fixture, "/users/akeller", "192.0.2.1:51000");
  g_assert_true (finds (fixture, anna, ""));
  g_assert_true (finds (fixture, anna, "ÄNNA k"));
  g_assert_true (finds (fixture, anna, "akel"));
  g_assert_true (finds (fixture, anna, "192.0.2.1"));
  g_assert_true (finds (fixture, anna, "10.10.0.7"));
  g_assert_false (finds (fixture, anna, "thinkpad"));
  g_assert_true (finds (fixture, bob, "thinkpad"));
  /* not across two words */
  g_assert_false (finds (fixture, anna, "akellerÄnna"));
  sp_bus_device_set_revoked_at (device, 1);
  g_assert_false (finds (fixture, bob, "thinkpad"));
}

static void
test_changes (Fixture *fixture, gconstpointer data)
{
  SpBusUser *anna = add_user (fixture, "anna", "Anna");

  settle ();
  fixture->changes = 0;
  sp_bus_user_set_used (anna, 1000);
  settle ();
  g_assert_cmpuint (fixture->changes, ==, 0);
  sp_bus_user_set_enabled (anna, FALSE);
  sp_bus_user_set_full_name (anna, "Anna K.");
  settle ();
  g_assert_cmpuint (fixture->changes, ==, 1);
  g_list_store_remove_all (fixture->users);
  settle ();
  /* who is gone is not followed; its holder keeps it */
  sp_bus_user_set_enabled (anna, TRUE);
  settle ();
  g_assert_cmpuint (fixture->changes, ==, 2);
}

static void
test_logins (Fixture *fixture, gconstpointer data)
{
  GListModel *users = G_LIST_MODEL (fixture->users);
  static const struct
  {
    const char *name;
    const char *login;
  } cases[] = {
    { "Zoë Example", "zoe" },           { "Anna", "anna3" }, { "Anna Keller", "anna3" },
    { "Anna Smith", "anna.smith" },     { "  ", "" },        { "J. R. Miller", "j" },
    { "O’Brien-Smith", "obriensmith" },
  };

  (void) add_user (fixture, "anna", "");
  (void) add_user (fixture, "anna2", "");
  (void) add_user_at (fixture, "/users/annakeller", "anna.keller", "");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *login = sp_login_propose (cases[i].name, users);

      g_assert_cmpstr (login, ==, cases[i].login);
    }
  g_assert_cmpint (sp_login_judge ("", users), ==, SP_LOGIN_EMPTY);
  g_assert_cmpint (sp_login_judge ("an na", users), ==, SP_LOGIN_BLANK);
  g_assert_cmpint (sp_login_judge ("an\xe2\x80\xaena", users), ==, SP_LOGIN_BLANK);
  g_assert_cmpint (sp_login_judge ("anna", users), ==, SP_LOGIN_TAKEN);
  g_assert_cmpint (sp_login_judge ("Anna", users), ==, SP_LOGIN_GOOD);
}

static void
test_removed_login (Fixture *fixture, gconstpointer data)
{
  SpBusUser *anna = add_user (fixture, "anna", "");

  sp_bus_user_set_removed (anna, TRUE);
  g_assert_cmpint (sp_login_judge ("anna", G_LIST_MODEL (fixture->users)), ==, SP_LOGIN_REMOVED);
}

static void
test_sealed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SpSecretText) password = sp_password_generate ();
  g_autoptr (SpSecretText) other = sp_password_generate ();
  g_autoptr (GUnixFDList) descriptors = sp_sealed_text_write (password, &error);
  g_autoptr (GVariant) handle = g_variant_ref_sink (g_variant_new_handle (0));
  g_autoptr (SpSecretText) read = sp_sealed_text_read (descriptors, handle, 64, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (read, ==, password);
  g_assert_cmpstr (other, !=, password);
  g_assert_cmpuint (strlen (password), ==, 23);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/user-census/counts", Fixture, NULL, set_up, test_counts, tear_down);
  g_test_add ("/user-census/search", Fixture, NULL, set_up, test_search, tear_down);
  g_test_add ("/user-census/changes", Fixture, NULL, set_up, test_changes, tear_down);
  g_test_add ("/login-proposal/cases", Fixture, NULL, set_up, test_logins, tear_down);
  g_test_add ("/login-proposal/removed", Fixture, NULL, set_up, test_removed_login, tear_down);
  g_test_add_func ("/sealed-text/round", test_sealed);
  return g_test_run ();
}
