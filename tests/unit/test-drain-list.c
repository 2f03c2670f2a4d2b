/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drain-list.h"

#define ENTRIES 4
#define TIME    (SP_DRAIN_SECONDS * (gint64) G_USEC_PER_SEC)

static void
test_times (void)
{
  g_autoptr (SpDrainList) list = sp_drain_list_new (ENTRIES);

  g_assert_cmpint (sp_drain_list_get_due (list), ==, G_MAXINT64);
  for (gint64 i = 0; i < 3; i++)
    g_assert_nonnull (sp_drain_list_add (list, 10 + (int) i, 100 + i));
  g_assert_cmpint (sp_drain_list_get_due (list), ==, 100 + TIME);
  g_assert_null (sp_drain_list_next_due (list, 99 + TIME));
  for (gint64 i = 0; i < 3; i++)
    {
      SpDrainEntry *entry = sp_drain_list_next_due (list, 100 + i + TIME);
      g_assert_cmpint (entry->fd, ==, 10 + i);
      sp_drain_list_remove (list, entry);
      g_assert_null (sp_drain_list_next_due (list, 100 + i + TIME));
    }
  g_assert_cmpuint (sp_drain_list_get_length (list), ==, 0);
}

static void
test_oldest_leaves (void)
{
  g_autoptr (SpDrainList) list = sp_drain_list_new (ENTRIES);
  int expected = 0;

  for (int fd = 0; fd < 100; fd++)
    {
      SpDrainEntry *entry = sp_drain_list_add (list, fd, 100 + fd);

      if (fd >= ENTRIES)
        {
          g_assert_null (entry);
          g_assert_cmpint (sp_drain_list_get_oldest (list)->fd, ==, expected++);
          sp_drain_list_remove (list, sp_drain_list_get_oldest (list));
          entry = sp_drain_list_add (list, fd, 100 + fd);
        }
      g_assert_cmpint (entry->fd, ==, fd);
      g_assert_cmpuint (sp_drain_list_get_length (list), ==, MIN (fd + 1, ENTRIES));
    }
}

/* One from the middle leaves when its peer begins anew. */
static void
test_middle (void)
{
  g_autoptr (SpDrainList) list = sp_drain_list_new (ENTRIES);
  SpDrainEntry *entries[3];

  for (int i = 0; i < 3; i++)
    entries[i] = sp_drain_list_add (list, i, 100 + i);
  sp_drain_list_remove (list, entries[1]);
  g_assert_cmpint (sp_drain_list_get_oldest (list)->fd, ==, 0);
  sp_drain_list_remove (list, entries[0]);
  g_assert_cmpint (sp_drain_list_get_oldest (list)->fd, ==, 2);
  g_assert_cmpint (sp_drain_list_get_due (list), ==, 102 + TIME);
}

static void
test_generations (void)
{
  g_autoptr (SpDrainList) list = sp_drain_list_new (ENTRIES);
  SpDrainEntry *entry = sp_drain_list_add (list, 7, 100);
  guint32 generation = entry->generation;
  guint index = entry->index;

  g_assert_true (sp_drain_list_find (list, index, generation) == entry);
  sp_drain_list_remove (list, entry);
  g_assert_null (sp_drain_list_find (list, index, generation));
  g_assert_true (sp_drain_list_add (list, 8, 101) == entry);
  g_assert_null (sp_drain_list_find (list, index, generation));
  g_assert_null (sp_drain_list_find (list, ENTRIES, generation));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/drain-list/times", test_times);
  g_test_add_func ("/drain-list/oldest-leaves", test_oldest_leaves);
  g_test_add_func ("/drain-list/middle", test_middle);
  g_test_add_func ("/drain-list/generations", test_generations);
  return g_test_run ();
}
