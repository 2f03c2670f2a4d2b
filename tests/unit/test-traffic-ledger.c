/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic-ledger.h"
#include "user-quota.h"

#include "base/names.h"

#include <glib/gstdio.h>
#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static const guint8 anna[SP_ID_SIZE] = { 0xa };
static const guint8 bert[SP_ID_SIZE] = { 0xb };
static const guint8 everybody[SP_ID_SIZE] = { 0 };

typedef struct
{
  char *folder;
  SpStore *store;
  SpTrafficLedger *ledger;
  gint64 now; /* the beginning of this hour */
} Fixture;

static void
open_ledger (Fixture *self)
{
  self->store = sp_store_open (self->folder, NULL);
  self->ledger = sp_traffic_ledger_new (self->store, NULL);
  g_assert_nonnull (self->ledger);
}

static void
close_ledger (Fixture *self)
{
  sp_traffic_ledger_free (self->ledger);
  sp_store_free (self->store);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("traffic-XXXXXX", NULL);
  self->now = g_get_real_time ();
  self->now -= self->now % HOUR;
  open_ledger (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const endings[] = { "", "-wal", "-shm" };

  close_ledger (self);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = g_strconcat (self->folder, "/", SP_DATABASE_FILE, endings[i], NULL);
      (void) g_unlink (path);
    }
  g_assert_no_errno (g_rmdir (self->folder));
  g_free (self->folder);
}

static void
write_all (Fixture *self)
{
  g_assert_true (sp_store_begin (self->store, NULL));
  g_assert_true (sp_traffic_ledger_write (self->ledger, NULL));
  g_assert_true (sp_store_end (self->store, NULL));
  sp_traffic_ledger_written (self->ledger, TRUE);
  g_assert_false (sp_traffic_ledger_is_dirty (self->ledger));
}

/* "0:5/7 60:1/2": start in seconds from this hour on, received and sent. */
static void
expect_rows (Fixture *self, const guint8 *user, SpTrafficStep step, const char *expected)
{
  g_autoptr (GArray) rows = sp_traffic_ledger_list (self->ledger, user, step, 0, G_MAXINT64, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      const SpTrafficRow *row = &g_array_index (rows, SpTrafficRow, i);

      g_string_append_printf (text, "%s%d:%u/%u", i > 0 ? " " : "",
                              (int) ((row->start - self->now) / SECOND), (guint) row->rx_bytes,
                              (guint) row->tx_bytes);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

/* What waits is part of the answer, and is not counted twice when it is written. */
static void
test_steps (Fixture *self, gconstpointer data)
{
  sp_traffic_ledger_count (self->ledger, anna, 1, 2, self->now + SECOND);
  sp_traffic_ledger_count (self->ledger, anna, 10, 20, self->now + 59 * SECOND);
  sp_traffic_ledger_count (self->ledger, bert, 100, 200, self->now + 60 * SECOND);
  sp_traffic_ledger_count (self->ledger, anna, 0, 0, self->now + 61 * SECOND);
  for (guint i = 0; i < 2; i++)
    {
      expect_rows (self, anna, SP_STEP_MINUTE, "0:11/22");
      expect_rows (self, bert, SP_STEP_MINUTE, "60:100/200");
      expect_rows (self, everybody, SP_STEP_MINUTE, "0:11/22 60:100/200");
      expect_rows (self, everybody, SP_STEP_HOUR, "0:111/222");
      write_all (self);
    }
  sp_traffic_ledger_count (self->ledger, anna, 5, 5, self->now + 50 * SECOND);
  sp_traffic_ledger_count (self->ledger, anna, 6, 6, self->now + 70 * SECOND);
  expect_rows (self, anna, SP_STEP_MINUTE, "0:16/27 60:6/6");
  expect_rows (self, anna, SP_STEP_HOUR, "0:22/33");
  write_all (self);
  close_ledger (self);
  open_ledger (self);
  expect_rows (self, anna, SP_STEP_MINUTE, "0:16/27 60:6/6");
  expect_rows (self, everybody, SP_STEP_HOUR, "0:122/233");
  g_assert_cmpuint (sp_traffic_ledger_get_usage (self->ledger, anna).bytes, ==, 55);
}

/* A write that failed is made up for by the next. */
static void
test_failed_write (Fixture *self, gconstpointer data)
{
  sp_traffic_ledger_count (self->ledger, anna, 1, 2, self->now);
  g_assert_true (sp_store_enter (self->store, NULL));
  g_assert_true (sp_traffic_ledger_write (self->ledger, NULL));
  g_assert_false (sp_store_leave (self->store, FALSE, NULL));
  sp_traffic_ledger_written (self->ledger, FALSE);
  g_assert_true (sp_traffic_ledger_is_dirty (self->ledger));
  expect_rows (self, anna, SP_STEP_MINUTE, "0:1/2");
  write_all (self);
  expect_rows (self, anna, SP_STEP_MINUTE, "0:1/2");
}

static void
test_seconds (Fixture *self, gconstpointer data)
{
  gint64 now = g_get_real_time ();
  gint64 second = now - now % SECOND;
  g_autoptr (GArray) rows = NULL;

  sp_traffic_ledger_count (self->ledger, anna, 9, 9, second - 130 * SECOND);
  sp_traffic_ledger_count (self->ledger, anna, 1, 0, second - 60 * SECOND);
  sp_traffic_ledger_count (self->ledger, anna, 2, 0, second);
  sp_traffic_ledger_count (self->ledger, anna, 2, 1, second + 10);
  rows = sp_traffic_ledger_list (self->ledger, anna, SP_STEP_SECOND, 0, G_MAXINT64, NULL);
  g_assert_cmpuint (rows->len, ==, 2);
  g_assert_cmpint (g_array_index (rows, SpTrafficRow, 0).start, ==, second - 60 * SECOND);
  g_assert_cmpuint (g_array_index (rows, SpTrafficRow, 1).rx_bytes, ==, 4);
  g_assert_cmpuint (g_array_index (rows, SpTrafficRow, 1).tx_bytes, ==, 1);
}

/* Minutes go after a day, hours after 400, and nothing of the others with them. */
static void
test_prune (Fixture *self, gconstpointer data)
{
  sp_traffic_ledger_count (self->ledger, anna, 1, 0, self->now - 401 * 24 * HOUR);
  write_all (self);
  sp_traffic_ledger_count (self->ledger, anna, 2, 0, self->now - 25 * HOUR);
  write_all (self);
  sp_traffic_ledger_count (self->ledger, anna, 4, 0, self->now);
  write_all (self);
  g_assert_true (sp_traffic_ledger_prune (self->ledger, NULL));
  expect_rows (self, anna, SP_STEP_MINUTE, "0:4/0");
  expect_rows (self, anna, SP_STEP_HOUR, "-90000:2/0 0:4/0");
  g_assert_true (sp_store_remove_traffic (self->store, anna, NULL));
  sp_traffic_ledger_drop (self->ledger, anna);
  expect_rows (self, anna, SP_STEP_HOUR, "");
  expect_rows (self, everybody, SP_STEP_HOUR, "-90000:2/0 0:4/0");
}

/* Whatever happens to the clock, what was carried since the beginning counts, once. */
static void
test_periods (Fixture *self, gconstpointer data)
{
  sp_traffic_ledger_count (self->ledger, anna, 1, 1, self->now - 5 * HOUR);
  write_all (self);
  sp_traffic_ledger_count (self->ledger, anna, 10, 10, self->now);
  g_assert_true (sp_traffic_ledger_begin_period (self->ledger, anna, self->now - HOUR, NULL));
  g_assert_cmpuint (sp_traffic_ledger_get_usage (self->ledger, anna).bytes, ==, 20);
  write_all (self);
  close_ledger (self);
  open_ledger (self);
  g_assert_cmpint (sp_traffic_ledger_get_usage (self->ledger, anna).since, ==, self->now - HOUR);
  g_assert_true (sp_traffic_ledger_begin_period (self->ledger, anna, self->now - 9 * HOUR, NULL));
  g_assert_cmpuint (sp_traffic_ledger_get_usage (self->ledger, anna).bytes, ==, 22);
  g_assert_true (sp_traffic_ledger_begin_period (self->ledger, anna, self->now + HOUR, NULL));
  g_assert_cmpuint (sp_traffic_ledger_get_usage (self->ledger, anna).bytes, ==, 0);
}

/* --- months --- */

static gint64
time_of (const char *text)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, zone);

  return g_date_time_to_unix (time) * SECOND;
}

static const struct
{
  guint day;
  const char *now;
  const char *begin;
  const char *end;
} months[] = {
  { 1, "2026-01-31T23:59:59", "2026-01-01T00:00:00", "2026-02-01T00:00:00" },
  { 1, "2026-02-01T00:00:00", "2026-02-01T00:00:00", "2026-03-01T00:00:00" },
  { 1, "2026-12-31T12:00:00", "2026-12-01T00:00:00", "2027-01-01T00:00:00" },
  { 15, "2026-01-14T23:59:59", "2025-12-15T00:00:00", "2026-01-15T00:00:00" },
  { 15, "2026-01-15T00:00:00", "2026-01-15T00:00:00", "2026-02-15T00:00:00" },
  { 28, "2026-02-28T00:00:00", "2026-02-28T00:00:00", "2026-03-28T00:00:00" },
  { 28, "2026-03-27T00:00:00", "2026-02-28T00:00:00", "2026-03-28T00:00:00" },
  { 1, "2026-03-29T12:00:00", "2026-03-01T00:00:00", "2026-04-01T00:00:00" }, /* summer time */
};

static void
test_months (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (months); i++)
    {
      gint64 begin;
      gint64 end;

      sp_quota_find_period (months[i].day, time_of (months[i].now), &begin, &end);
      g_assert_cmpint (begin, ==, time_of (months[i].begin));
      g_assert_cmpint (end, ==, time_of (months[i].end));
    }
}

static void
test_levels (void)
{
  static const struct
  {
    guint64 quota, used;
    guint level;
  } cases[] = {
    { 0, 5, 0 },
    { 0, 0, 0 },
    { 100, 79, 0 },
    { 100, 80, 80 },
    { 100, 94, 80 },
    { 100, 95, 95 },
    { 100, 99, 95 },
    { 100, 100, 100 },
    { 100, 999, 100 },
    { 1, 0, 0 },
    { 1, 1, 100 },
    { 1001, 1000, 95 },
    { 1001, 1001, 100 },
    { G_MAXINT64, (guint64) G_MAXINT64 - 1, 95 },
    { G_MAXINT64, G_MAXINT64, 100 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (sp_quota_get_level (cases[i].quota, cases[i].used), ==, cases[i].level);
}

#define ADD(name, test) g_test_add ("/traffic-ledger/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  (void) g_setenv ("TZ", "Europe/Berlin", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("steps", test_steps);
  ADD ("failed-write", test_failed_write);
  ADD ("seconds", test_seconds);
  ADD ("prune", test_prune);
  ADD ("periods", test_periods);
  g_test_add_func ("/quota/months", test_months);
  g_test_add_func ("/quota/levels", test_levels);
  return g_test_run ();
}
