/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cookie-registry.h"
#include "device-store.h"
#include "user-store.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#define SECOND  ((gint64) G_USEC_PER_SEC)
#define NOW     (G_GINT64_CONSTANT (1700000000) * SECOND)
#define SECONDS 300

static const guint8 anna[SP_ID_SIZE] = { 1 };
static const guint8 bert[SP_ID_SIZE] = { 2 };
static const guint8 home[SP_ADDRESS_SIZE] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 10 };

typedef struct
{
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
} Cookie;

typedef struct
{
  char *folder;
  char *file;
  SpDatabase *database;
  SpUserStore *users;
  SpCookieRegistry *registry;
  guint n_gone;
  SpBar last_bar;
  guint n_first;
  guint8 last_gone[SP_ID_SIZE];
  guint n_known;
  gint64 last_known_end;
} Fixture;

static void
gone_cb (gpointer user_data, const guint8 *session, SpBar bar)
{
  Fixture *fixture = user_data;

  fixture->last_bar = bar;
  fixture->n_gone++;
  memcpy (fixture->last_gone, session, SP_ID_SIZE);
}

static void
known_cb (gpointer user_data, const guint8 *session, const guint8 *user, gint64 expires)
{
  Fixture *fixture = user_data;

  fixture->n_known++;
  fixture->last_known_end = expires;
  g_assert_cmpmem (user, SP_ID_SIZE, anna, SP_ID_SIZE);
}

static void
open_registry (Fixture *fixture)
{
  fixture->database = sp_database_open (fixture->file, NULL);
  g_assert_nonnull (fixture->database);
  fixture->users = sp_user_store_new (fixture->database, NULL);
  fixture->registry = sp_cookie_registry_new (fixture->database, SECONDS, gone_cb, fixture, NULL);
  g_assert_nonnull (fixture->registry);
}

static void
close_registry (Fixture *fixture)
{
  sp_cookie_registry_free (fixture->registry);
  sp_user_store_free (fixture->users);
  sp_database_close (fixture->database);
}

static void
put (Fixture *fixture,
     const guint8 *user,
     const char *login,
     SpBar bar,
     gint64 expires_at,
     guint32 expires_after)
{
  SpPutUser wish = { .bar = (guint8) bar,
                     .expires_at = (guint64) expires_at,
                     .expires_after = expires_after,
                     .login_length = (guint16) strlen (login) };

  memcpy (wish.user, user, SP_ID_SIZE);
  memcpy (wish.login, login, wish.login_length);
  g_assert_true (sp_user_store_put (fixture->users, &wish, NULL));
}

static void
put_user (Fixture *fixture, const guint8 *user, const char *login, gboolean enabled)
{
  put (fixture, user, login, enabled ? SP_BAR_NONE : SP_BAR_DISABLED, 0, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("cookies-XXXXXX", NULL);
  fixture->file = g_build_filename (fixture->folder, "test.db", NULL);
  open_registry (fixture);
  put_user (fixture, anna, "anna", TRUE);
  put_user (fixture, bert, "bert", TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_registry (fixture);
  g_assert_no_errno (g_unlink (fixture->file));
  g_assert_no_errno (g_rmdir (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->file);
}

static gboolean
try_issue (Fixture *fixture,
           const guint8 *user,
           const guint8 *device,
           const char *group,
           gint64 now,
           Cookie *ret_cookie,
           GError **error)
{
  SpCookieOwner owner = { .group_length = (guint16) strlen (group) };
  gboolean is_first;

  memcpy (owner.user, user, SP_ID_SIZE);
  memcpy (owner.address, home, SP_ADDRESS_SIZE);
  memcpy (owner.group, group, owner.group_length);
  if (device != NULL)
    memcpy (owner.device, device, SP_ID_SIZE);
  if (!sp_cookie_registry_issue (fixture->registry, &owner, now, ret_cookie->cookie, &is_first,
                                 error))
    return FALSE;
  fixture->n_first += is_first ? 1 : 0;
  memcpy (ret_cookie->session, owner.session, SP_ID_SIZE);
  return TRUE;
}

static Cookie
issue (Fixture *fixture, const guint8 *user, gint64 now)
{
  Cookie cookie;

  g_assert_true (try_issue (fixture, user, NULL, "", now, &cookie, NULL));
  return cookie;
}

static SpCookieState
redeem (Fixture *fixture, const Cookie *cookie, gint64 now)
{
  SpCookieOwner owner;
  SpCookieState state =
      sp_cookie_registry_redeem (fixture->registry, cookie->cookie, now, &owner, NULL);

  if (state == SP_COOKIE_GOOD)
    g_assert_cmpmem (owner.session, sizeof owner.session, cookie->session, sizeof cookie->session);
  return state;
}

static void
expire (Fixture *fixture, gint64 now, guint expected)
{
  fixture->n_gone = 0;
  g_assert_true (sp_cookie_registry_expire (fixture->registry, now, NULL));
  g_assert_cmpuint (fixture->n_gone, ==, expected);
}

static void
restore (Fixture *fixture, gint64 now, guint known, guint gone)
{
  fixture->n_known = fixture->n_gone = 0;
  g_assert_true (sp_cookie_registry_restore (fixture->registry, now, known_cb, NULL));
  g_assert_cmpuint (fixture->n_known, ==, known);
  g_assert_cmpuint (fixture->n_gone, ==, gone);
}

static void
test_unused (Fixture *fixture, gconstpointer data)
{
  Cookie cookie = issue (fixture, anna, NOW);
  Cookie other = cookie;
  gint64 end = NOW + SECONDS * SECOND + SP_COOKIE_SLACK;

  other.cookie[SP_COOKIE_SIZE - 1] ^= 1;
  g_assert_cmpint (sp_cookie_registry_get_next_end (fixture->registry), ==, end);
  g_assert_cmpint (redeem (fixture, &other, NOW), ==, SP_COOKIE_UNKNOWN);
  g_assert_cmpint (redeem (fixture, &cookie, NOW), ==, SP_COOKIE_GOOD);
  expire (fixture, end - 1, 0);
  g_assert_cmpint (redeem (fixture, &cookie, end), ==, SP_COOKIE_UNKNOWN);
  expire (fixture, end, 1);
  g_assert_cmpmem (fixture->last_gone, SP_ID_SIZE, cookie.session, SP_ID_SIZE);
  g_assert_cmpint (sp_cookie_registry_get_next_end (fixture->registry), ==, G_MAXINT64);
}

/* One that was redeemed in its last moment waits for main to hold it. */
static void
test_redeemed_lives_on (Fixture *fixture, gconstpointer data)
{
  Cookie cookie = issue (fixture, anna, NOW);
  gint64 end = NOW + SECONDS * SECOND + SP_COOKIE_SLACK;

  g_assert_cmpint (redeem (fixture, &cookie, end - 1), ==, SP_COOKIE_GOOD);
  expire (fixture, end, 0);
  expire (fixture, end - 1 + SP_COOKIE_SLACK, 1);
}

static void
test_all_differ (Fixture *fixture, gconstpointer data)
{
  Cookie first = issue (fixture, anna, NOW);
  Cookie second = issue (fixture, anna, NOW);

  g_assert_cmpint (memcmp (first.cookie, second.cookie, SP_COOKIE_SIZE), !=, 0);
  g_assert_cmpint (memcmp (first.session, second.session, SP_ID_SIZE), !=, 0);
}

static void
test_hold_and_release (Fixture *fixture, gconstpointer data)
{
  Cookie cookie = issue (fixture, anna, NOW);
  gint64 late = NOW + 1000000 * SECOND;

  g_assert_true (sp_cookie_registry_hold (fixture->registry, cookie.session, NULL));
  expire (fixture, late, 0);
  g_assert_cmpint (redeem (fixture, &cookie, late), ==, SP_COOKIE_GOOD);
  expire (fixture, late + 1000 * SECOND, 0); /* still held */
  g_assert_true (sp_cookie_registry_release (fixture->registry, cookie.session, 60, late, NULL));
  g_assert_cmpint (sp_cookie_registry_get_next_end (fixture->registry), ==, late + 60 * SECOND);
  expire (fixture, late + 60 * SECOND, 1);
  /* of what is gone nothing comes back */
  g_assert_true (sp_cookie_registry_hold (fixture->registry, cookie.session, NULL));
  g_assert_cmpint (redeem (fixture, &cookie, late), ==, SP_COOKIE_UNKNOWN);
}

static void
test_block_and_forget (Fixture *fixture, gconstpointer data)
{
  Cookie cookie = issue (fixture, anna, NOW);

  g_assert_true (sp_cookie_registry_block (fixture->registry, cookie.session, TRUE, NULL));
  g_assert_cmpint (redeem (fixture, &cookie, NOW), ==, SP_COOKIE_BLOCKED);
  close_registry (fixture);
  open_registry (fixture); /* the owner's wish outlives us */
  restore (fixture, NOW, 1, 0);
  g_assert_cmpint (redeem (fixture, &cookie, NOW), ==, SP_COOKIE_BLOCKED);
  g_assert_true (sp_cookie_registry_block (fixture->registry, cookie.session, FALSE, NULL));
  g_assert_cmpint (redeem (fixture, &cookie, NOW), ==, SP_COOKIE_GOOD);
  fixture->n_gone = 0;
  g_assert_true (sp_cookie_registry_forget (fixture->registry, cookie.session, NULL));
  g_assert_cmpint (redeem (fixture, &cookie, NOW), ==, SP_COOKIE_UNKNOWN);
  g_assert_cmpuint (fixture->n_gone, ==, 0); /* main knows */
}

static void
test_users (Fixture *fixture, gconstpointer data)
{
  Cookie held = issue (fixture, anna, NOW);
  Cookie unused = issue (fixture, anna, NOW);
  Cookie other = issue (fixture, bert, NOW);

  g_assert_true (sp_cookie_registry_hold (fixture->registry, held.session, NULL));
  put_user (fixture, anna, "anna", FALSE);
  g_assert_cmpint (redeem (fixture, &held, NOW), ==, SP_COOKIE_UNKNOWN);
  g_assert_true (sp_cookie_registry_forget_user (fixture->registry, anna, SP_BAR_DISABLED, NULL));
  g_assert_cmpuint (fixture->n_gone, ==, 2);
  g_assert_cmpint (fixture->last_bar, ==, SP_BAR_DISABLED);
  put_user (fixture, anna, "anna", TRUE);
  g_assert_cmpint (redeem (fixture, &held, NOW), ==, SP_COOKIE_UNKNOWN);
  g_assert_cmpint (redeem (fixture, &unused, NOW), ==, SP_COOKIE_UNKNOWN);
  g_assert_cmpint (redeem (fixture, &other, NOW), ==, SP_COOKIE_GOOD);
}

/* Held or not: at that very moment nobody gets in, and the sweep tells why. */
static void
test_user_ends (Fixture *fixture, gconstpointer data)
{
  const gint64 ends = NOW + 20 * SECOND;
  Cookie held = issue (fixture, anna, NOW);
  Cookie other = issue (fixture, bert, NOW);

  g_assert_true (sp_cookie_registry_hold (fixture->registry, held.session, NULL));
  put (fixture, anna, "anna", SP_BAR_NONE, ends, 0);
  g_assert_cmpint (sp_cookie_registry_get_next_end (fixture->registry), ==, ends);
  g_assert_cmpint (redeem (fixture, &held, ends - 1), ==, SP_COOKIE_GOOD);
  g_assert_cmpint (redeem (fixture, &held, ends), ==, SP_COOKIE_UNKNOWN);
  expire (fixture, ends - 1, 0);
  expire (fixture, ends, 1);
  g_assert_cmpint (fixture->last_bar, ==, SP_BAR_EXPIRED);
  g_assert_cmpint (sp_cookie_registry_get_next_end (fixture->registry), >, ends);
  g_assert_cmpint (redeem (fixture, &other, ends), ==, SP_COOKIE_GOOD);
}

/* What is blocked says so, however its user is kept out; when both are over it is good. */
static void
test_paused_and_blocked (Fixture *fixture, gconstpointer data)
{
  Cookie cookie = issue (fixture, anna, NOW);
  SpPutUser wish = { .paused_until = (guint64) (NOW + 20 * SECOND), .login_length = 4 };

  memcpy (wish.user, anna, SP_ID_SIZE);
  memcpy (wish.login, "anna", wish.login_length);
  g_assert_true (sp_user_store_put (fixture->users, &wish, NULL));
  g_assert_cmpint (redeem (fixture, &cookie, NOW), ==, SP_COOKIE_UNKNOWN);
  g_assert_true (sp_cookie_registry_block (fixture->registry, cookie.session, TRUE, NULL));
  g_assert_cmpint (redeem (fixture, &cookie, NOW), ==, SP_COOKIE_BLOCKED);
  g_assert_true (sp_cookie_registry_block (fixture->registry, cookie.session, FALSE, NULL));
  g_assert_cmpint (redeem (fixture, &cookie, NOW + 20 * SECOND), ==, SP_COOKIE_GOOD);
  restore (fixture, NOW, 0, 1);
  g_assert_cmpint (fixture->last_bar, ==, SP_BAR_PAUSED);
}

/* From the first sign-in on, and never from a later one; the earlier of two ends counts. */
static void
test_user_ends_after_first_login (Fixture *fixture, gconstpointer data)
{
  const gint64 later = NOW + 100 * SECOND;
  Cookie first;
  Cookie second;

  put (fixture, anna, "anna", SP_BAR_NONE, 0, 200);
  first = issue (fixture, anna, NOW);
  second = issue (fixture, anna, later);
  g_assert_cmpuint (fixture->n_first, ==, 1);
  g_assert_cmpint (redeem (fixture, &second, NOW + 200 * SECOND - 1), ==, SP_COOKIE_GOOD);
  g_assert_cmpint (redeem (fixture, &second, NOW + 200 * SECOND), ==, SP_COOKIE_UNKNOWN);
  put (fixture, anna, "anna", SP_BAR_NONE, later, 200);
  g_assert_cmpint (redeem (fixture, &first, later - 1), ==, SP_COOKIE_GOOD);
  g_assert_cmpint (redeem (fixture, &first, later), ==, SP_COOKIE_UNKNOWN);
  put (fixture, anna, "anna", SP_BAR_NONE, 0, 0);
  g_assert_cmpint (redeem (fixture, &second, NOW + 250 * SECOND), ==, SP_COOKIE_GOOD);
  put (fixture, anna, "anna", SP_BAR_NONE, 0, G_MAXUINT32); /* for ever, almost */
  g_assert_cmpint (redeem (fixture, &second, NOW + 250 * SECOND), ==, SP_COOKIE_GOOD);
}

static void
test_restore (Fixture *fixture, gconstpointer data)
{
  Cookie held = issue (fixture, anna, NOW);
  Cookie disabled = issue (fixture, bert, NOW);
  Cookie unused = issue (fixture, anna, NOW - SECONDS * SECOND);
  gint64 later = NOW + 60 * SECOND;

  g_assert_true (sp_cookie_registry_hold (fixture->registry, held.session, NULL));
  put_user (fixture, bert, "bert", FALSE);
  close_registry (fixture);
  open_registry (fixture);
  restore (fixture, later, 1, 2);
  g_assert_cmpint (fixture->last_known_end, ==, later + SECONDS * SECOND);
  g_assert_cmpint (redeem (fixture, &held, later), ==, SP_COOKIE_GOOD);
  g_assert_cmpint (redeem (fixture, &unused, later), ==, SP_COOKIE_UNKNOWN);
  g_assert_cmpint (redeem (fixture, &disabled, later), ==, SP_COOKIE_UNKNOWN);
}

/* The clock was years ahead when the cookie was made. */
static void
test_clock_was_wrong (Fixture *fixture, gconstpointer data)
{
  (void) issue (fixture, anna, NOW + 100000000 * SECOND);
  restore (fixture, NOW, 1, 0);
  g_assert_cmpint (fixture->last_known_end, ==, NOW + SECONDS * SECOND + SP_COOKIE_SLACK);
}

static void
test_unused_of_one_user (Fixture *fixture, gconstpointer data)
{
  Cookie held = issue (fixture, anna, NOW);
  Cookie first = issue (fixture, anna, NOW + 1);
  Cookie others = issue (fixture, bert, NOW);

  g_assert_true (sp_cookie_registry_hold (fixture->registry, held.session, NULL));
  for (guint i = 1; i < SP_COOKIES_UNUSED_MAX; i++)
    (void) issue (fixture, anna, NOW + 2);
  g_assert_cmpuint (fixture->n_gone, ==, 0);
  (void) issue (fixture, anna, NOW + 2);
  g_assert_cmpuint (fixture->n_gone, ==, 1);
  g_assert_cmpmem (fixture->last_gone, SP_ID_SIZE, first.session, SP_ID_SIZE);
  g_assert_cmpint (redeem (fixture, &held, NOW), ==, SP_COOKIE_GOOD);
  g_assert_cmpint (redeem (fixture, &others, NOW), ==, SP_COOKIE_GOOD);
}

static void
fill (Fixture *fixture, const char *expires)
{
  g_autofree char *sql =
      g_strdup_printf ("PRAGMA foreign_keys = OFF;"
                       "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT %d) "
                       "INSERT INTO cookies (hash, session, user, expires) "
                       "SELECT randomblob (32), randomblob (16), randomblob (16), %s FROM n",
                       SP_COOKIES_MAX, expires);
  sqlite3 *handle;

  close_registry (fixture);
  g_assert_cmpint (sqlite3_open (fixture->file, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (handle), ==, SQLITE_OK);
  open_registry (fixture);
}

static void
test_all_places_are_taken (Fixture *fixture, gconstpointer data)
{
  fill (fixture, "9000000000000000");
  (void) issue (fixture, anna, NOW);
  g_assert_cmpuint (fixture->n_gone, ==, 1);
}

static void
test_all_places_are_held (Fixture *fixture, gconstpointer data)
{
  Cookie cookie;
  g_autoptr (GError) error = NULL;

  fill (fixture, "NULL");
  g_assert_false (try_issue (fixture, anna, NULL, "", NOW, &cookie, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_BUSY);
}

/* The cookies of a device die when it is revoked, and with a keyholder that died in between. */
static void
test_of_a_device (Fixture *fixture, gconstpointer data)
{
  static const guint8 phone[SP_ID_SIZE] = { 3 };
  g_autoptr (SpDeviceStore) devices = sp_device_store_new (fixture->database, NULL);
  Cookie other = issue (fixture, anna, NOW);
  Cookie cookies[2];
  SpCookieOwner owner;
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_device_store_add (devices, phone, anna, NULL));
  g_assert_false (sp_device_store_add (devices, phone, anna, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_EXISTS);
  for (guint i = 0; i < 2; i++)
    g_assert_true (try_issue (fixture, anna, phone, "", NOW, &cookies[i], NULL));
  g_assert_cmpint (
      sp_cookie_registry_redeem (fixture->registry, cookies[0].cookie, NOW, &owner, NULL), ==,
      SP_COOKIE_GOOD);
  g_assert_cmpmem (owner.device, SP_ID_SIZE, phone, SP_ID_SIZE);
  g_assert_true (sp_device_store_set_barred (devices, phone, TRUE, 0, NULL));
  g_assert_cmpint (redeem (fixture, &cookies[0], NOW), ==, SP_COOKIE_UNKNOWN);
  restore (fixture, NOW, 1, 2);
  g_assert_true (sp_device_store_set_barred (devices, phone, FALSE, 0, NULL));
  g_assert_cmpint (redeem (fixture, &cookies[0], NOW), ==, SP_COOKIE_UNKNOWN);
  g_assert_true (try_issue (fixture, anna, phone, "", NOW, &cookies[0], NULL));
  g_assert_true (sp_cookie_registry_forget_device (fixture->registry, phone, NULL));
  g_assert_cmpint (redeem (fixture, &cookies[0], NOW), ==, SP_COOKIE_UNKNOWN);
  g_assert_cmpint (redeem (fixture, &other, NOW), ==, SP_COOKIE_GOOD);
}

/* When and where it was earned outlives uses, restarts and the time that others had it. */
static void
test_owner (Fixture *fixture, gconstpointer data)
{
  Cookie cookie = issue (fixture, anna, NOW);
  SpCookieOwner owner = { 0 };

  g_assert_cmpint (redeem (fixture, &cookie, NOW + SECOND), ==, SP_COOKIE_GOOD);
  g_assert_true (sp_cookie_registry_hold (fixture->registry, cookie.session, NULL));
  close_registry (fixture);
  open_registry (fixture);
  g_assert_cmpint (
      sp_cookie_registry_redeem (fixture->registry, cookie.cookie, NOW + 60 * SECOND, &owner, NULL),
      ==, SP_COOKIE_GOOD);
  g_assert_cmpint (owner.signed_in, ==, NOW);
  g_assert_cmpmem (owner.address, SP_ADDRESS_SIZE, home, SP_ADDRESS_SIZE);
  g_assert_cmpmem (owner.user, SP_ID_SIZE, anna, SP_ID_SIZE);
  g_assert_cmpmem (owner.session, SP_ID_SIZE, cookie.session, SP_ID_SIZE);
}

static void
test_unused_time_changes (Fixture *fixture, gconstpointer data)
{
  Cookie before = issue (fixture, anna, NOW);
  Cookie after;

  sp_cookie_registry_set_unused_seconds (fixture->registry, 60);
  after = issue (fixture, anna, NOW);
  expire (fixture, NOW + 60 * SECOND + SP_COOKIE_SLACK, 1);
  g_assert_cmpmem (fixture->last_gone, SP_ID_SIZE, after.session, SP_ID_SIZE);
  expire (fixture, NOW + SECONDS * SECOND + SP_COOKIE_SLACK, 1);
  g_assert_cmpmem (fixture->last_gone, SP_ID_SIZE, before.session, SP_ID_SIZE);
}

/* Nothing in the file is the cookie. */
static void
test_only_a_hash_is_stored (Fixture *fixture, gconstpointer data)
{
  Cookie cookie = issue (fixture, anna, NOW);
  g_autofree char *log = g_strconcat (fixture->file, "-wal", NULL);
  g_autofree char *bytes = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (log, &bytes, &size, NULL));
  g_assert_nonnull (memmem (bytes, size, cookie.session, SP_ID_SIZE));
  g_assert_null (memmem (bytes, size, cookie.cookie, 8));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/cookie-registry/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("unused", test_unused);
  ADD ("redeemed-lives-on", test_redeemed_lives_on);
  ADD ("all-differ", test_all_differ);
  ADD ("hold-and-release", test_hold_and_release);
  ADD ("block-and-forget", test_block_and_forget);
  ADD ("users", test_users);
  ADD ("user-ends", test_user_ends);
  ADD ("paused-and-blocked", test_paused_and_blocked);
  ADD ("user-ends-after-first-login", test_user_ends_after_first_login);
  ADD ("restore", test_restore);
  ADD ("clock-was-wrong", test_clock_was_wrong);
  ADD ("unused-of-one-user", test_unused_of_one_user);
  ADD ("all-places-are-taken", test_all_places_are_taken);
  ADD ("all-places-are-held", test_all_places_are_held);
  ADD ("owner", test_owner);
  ADD ("of-a-device", test_of_a_device);
  ADD ("unused-time-changes", test_unused_time_changes);
  ADD ("only-a-hash-is-stored", test_only_a_hash_is_stored);
  return g_test_run ();
}
