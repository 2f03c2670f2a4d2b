/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ban-registry.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <string.h>

/* In place of the door: what it was told last. */
static SpNetwork told_network;
static SpBanWhom told_whom;
static guint n_told;

void
sp_door_client_set_ban (SpDoorClient *self, const SpNetwork *network, SpBanWhom whom)
{
  told_network = *network;
  told_whom = whom;
  n_told++;
}

typedef struct
{
  char *folder;
  SpStore *store;
  SpBanRegistry *bans;
  guint n_removed;
} Fixture;

static void
removed_cb (SpBanRegistry *bans, SpBan *ban, Fixture *fixture)
{
  fixture->n_removed++;
}

static void
open_all (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->store = sp_store_open (fixture->folder, &error);
  g_assert_no_error (error);
  fixture->bans = sp_ban_registry_new (fixture->store, NULL, &error);
  g_assert_no_error (error);
  (void) g_signal_connect (fixture->bans, "removed", G_CALLBACK (removed_cb), fixture);
}

static void
close_all (Fixture *fixture)
{
  g_clear_object (&fixture->bans);
  g_clear_pointer (&fixture->store, sp_store_free);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("sallyport-bans-XXXXXX", NULL);
  open_all (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) folder = NULL;
  const char *name;

  close_all (fixture);
  folder = g_dir_open (fixture->folder, 0, NULL);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
      (void) g_unlink (path);
    }
  (void) g_rmdir (fixture->folder);
  g_free (fixture->folder);
}

static SpBan *
add (Fixture *fixture, const char *text, gint64 until, gboolean by_owner, GError **error)
{
  SpNetwork network;

  g_assert_true (sp_ban_read_network (text, &network, NULL));
  return sp_ban_registry_add (fixture->bans, &network, "why", until, by_owner, error);
}

static void
test_networks (void)
{
  static const char *const good[] = { "192.0.2.1",       "192.0.2.0/24",  "10.0.0.0/8",
                                      "2001:db8::1/128", "2001:db8::/32", "::1" };
  static const char *const bad[] = { "",          "x",          "192.0.2.1/24", "0.0.0.0/0",
                                     "::/0",      "10.0.0.0/7", "2000::/3",     "192.0.2.0/33",
                                     "0.0.0.0/1", "::",         "192.0.2.1/",   "../x" };
  SpNetwork network;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (sp_ban_read_network (good[i], &network, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sp_ban_read_network (bad[i], &network, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
    }
}

static void
test_stay (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const SpBanRecord *record;
  g_autofree char *text = NULL;

  g_assert_nonnull (add (fixture, "192.0.2.0/24", 0, TRUE, &error));
  g_assert_cmpint (told_whom, ==, SP_BAN_EVERYBODY);
  g_assert_nonnull (add (fixture, "2001:db8::1", G_MAXINT64, FALSE, &error));
  g_assert_cmpint (told_whom, ==, SP_BAN_STRANGERS);
  /* The same network again: one ban, the later one. */
  g_assert_nonnull (add (fixture, "192.0.2.0/24", G_MAXINT64 - 1, TRUE, &error));
  g_assert_cmpuint (sp_ban_registry_get_n (fixture->bans), ==, 2);
  close_all (fixture);
  open_all (fixture);
  g_assert_cmpuint (sp_ban_registry_get_n (fixture->bans), ==, 2);
  record = sp_ban_get_record (sp_ban_registry_get (fixture->bans, 1));
  text = sp_ban_describe_network (sp_ban_registry_get (fixture->bans, 1));
  g_assert_cmpstr (text, ==, "192.0.2.0/24");
  g_assert_true (record->until == G_MAXINT64 - 1 && record->by_owner);
  g_assert_cmpstr (record->reason, ==, "why");
  n_told = 0;
  sp_ban_registry_tell_door (fixture->bans);
  g_assert_cmpuint (n_told, ==, 2);
  g_assert_true (
      sp_ban_registry_lift (fixture->bans, sp_ban_registry_get (fixture->bans, 1), &error));
  g_assert_cmpint (told_whom, ==, SP_BAN_NOBODY);
  close_all (fixture);
  open_all (fixture);
  g_assert_cmpuint (sp_ban_registry_get_n (fixture->bans), ==, 1);
}

static void
test_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (add (fixture, "192.0.2.2", 0, TRUE, &error));
  g_assert_nonnull (
      add (fixture, "192.0.2.1", g_get_real_time () + G_USEC_PER_SEC / 20, TRUE, &error));
  while (fixture->n_removed == 0)
    (void) g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (sp_ban_registry_get_n (fixture->bans), ==, 1);
  g_assert_cmpint (told_whom, ==, SP_BAN_NOBODY);
  close_all (fixture);
  open_all (fixture);
  g_assert_cmpuint (sp_ban_registry_get_n (fixture->bans), ==, 1);
}

/* Of those that made themselves the oldest goes; the owner is told that there are too many. */
static void
test_too_many (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  SpNetwork network = { .length = 8 * SP_ADDRESS_SIZE };

  g_assert_true (sp_store_begin (fixture->store, &error));
  g_assert_nonnull (add (fixture, "9.9.9.9", 0, FALSE, &error));
  for (guint32 i = 0; i < SP_BANS_MAX; i++)
    {
      gboolean by_owner = i % 2 == 1 || i >= SP_BANS_MAX - 10;

      sp_address_from_ipv4 (network.address, 0x0a000000 + i);
      if (sp_ban_registry_add (fixture->bans, &network, "", 0, by_owner, &error) == NULL)
        break;
    }
  g_assert_error (error, SP_ERROR, SP_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_cmpuint (sp_ban_registry_get_n (fixture->bans), ==, SP_BANS_MAX);
  g_assert_true (sp_store_end (fixture->store, &error));
}

static gboolean
fail (Fixture *fixture, const char *text, gint64 seconds)
{
  guint8 address[SP_ADDRESS_SIZE];

  g_assert_true (sp_address_from_text (text, address));
  return sp_ban_registry_count_failure (fixture->bans, address, 3,
                                        (1000 + seconds) * G_USEC_PER_SEC, &told_network);
}

static void
test_failures (Fixture *fixture, gconstpointer data)
{
  guint8 address[SP_ADDRESS_SIZE];

  g_assert_false (fail (fixture, "192.0.2.1", 0));
  g_assert_false (fail (fixture, "192.0.2.1", 1));
  g_assert_false (fail (fixture, "192.0.2.2", 1));
  g_assert_true (fail (fixture, "192.0.2.1", 2));
  g_assert_cmpuint (told_network.length, ==, 128);
  g_assert_false (fail (fixture, "192.0.2.1", 3)); /* counted anew */
  /* forgotten after a while */
  g_assert_false (fail (fixture, "192.0.2.3", 0));
  g_assert_false (fail (fixture, "192.0.2.3", 1));
  g_assert_false (fail (fixture, "192.0.2.3", 602));
  g_assert_false (fail (fixture, "192.0.2.3", 603));
  g_assert_true (fail (fixture, "192.0.2.3", 604));
  /* one household */
  g_assert_false (fail (fixture, "2001:db8::1", 0));
  g_assert_false (fail (fixture, "2001:db8::2", 0));
  g_assert_false (fail (fixture, "2001:db8:0:1::3", 0));
  g_assert_true (fail (fixture, "2001:db8::3", 0));
  g_assert_cmpuint (told_network.length, ==, 64);
  /* who signs in begins anew */
  g_assert_false (fail (fixture, "192.0.2.4", 0));
  g_assert_false (fail (fixture, "192.0.2.4", 0));
  g_assert_true (sp_address_from_text ("192.0.2.4", address));
  sp_ban_registry_forgive (fixture->bans, address);
  g_assert_false (fail (fixture, "192.0.2.4", 0));
  /* thousands of addresses take no more room, and the busy one is not forgotten for them */
  g_assert_false (fail (fixture, "192.0.2.5", 10));
  for (guint32 i = 0; i < 3000; i++)
    {
      g_autofree char *text = g_strdup_printf ("10.1.%u.%u", i / 256, i % 256);
      g_assert_false (fail (fixture, text, 5));
    }
  g_assert_false (fail (fixture, "192.0.2.5", 11));
  g_assert_true (fail (fixture, "192.0.2.5", 12));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ban-registry/networks", test_networks);
  g_test_add ("/ban-registry/stay", Fixture, NULL, set_up, test_stay, tear_down);
  g_test_add ("/ban-registry/over", Fixture, NULL, set_up, test_over, tear_down);
  g_test_add ("/ban-registry/too-many", Fixture, NULL, set_up, test_too_many, tear_down);
  g_test_add ("/ban-registry/failures", Fixture, NULL, set_up, test_failures, tear_down);
  return g_test_run ();
}
