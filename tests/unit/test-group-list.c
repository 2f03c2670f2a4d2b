/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/group-list.h"

#include <string.h>

static void
test_names (void)
{
  static const char *const good[] = { "home", "All-Traffic", "a",
                                      "_1",   "00",          "abcdefghijklmnopqrstuvwxyz012345" };
  static const char *const bad[] = {
    "",        "home network", "h/e",    "ho.me", "é",
    "Default", "auth",         "VPN",    "svc",   "e",
    "1",       "logout",       "home\n", "?",     "abcdefghijklmnopqrstuvwxyz0123456"
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (sp_group_name_is_valid (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (sp_group_name_is_valid (bad[i]));
}

#define LIST "default\nUsual\nhome\nHome network\nall\nhome traffic\n"

static const struct
{
  const char *text;
  guint n;
} lists[] = {
  { "", 0 },
  { "default\nUsual\n", 1 },
  { LIST, 3 },
  { "default", 0 },
  { "default\n", 0 },
  { "default\nUsual", 0 },
  { "\nUsual\n", 0 },
  { "default\n\n", 0 },
  { "default\nUsual\nhome\n", 0 },
  { "abcdefghijklmnopqrstuvwxyz0123456\nLong\n", 0 },
};

static void
test_read (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      SpGroupList list;
      gsize size = strlen (lists[i].text);

      g_assert_cmpint (sp_group_list_read ((const guint8 *) lists[i].text, size, &list), ==,
                       lists[i].n > 0 || size == 0);
      g_assert_cmpuint (list.n, ==, lists[i].n);
    }
}

/* As many as there can be, and one more. */
static void
test_most (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  SpGroupList list;

  for (guint i = 0; i <= SP_GROUPS_MAX; i++)
    {
      g_autofree char *name = g_strdup_printf ("%032u", i);
      g_autofree char *label = g_strdup_printf ("%063u", i);

      sp_group_list_append (text, name, label);
    }
  g_assert_cmpuint (text->len, ==, SP_GROUP_LIST_MAX);
  g_assert_true (sp_group_list_read ((const guint8 *) text->str, text->len, &list));
  g_assert_cmpuint (list.n, ==, SP_GROUPS_MAX + 1);
  sp_group_list_append (text, "more", "More");
  g_assert_false (sp_group_list_read ((const guint8 *) text->str, text->len, &list));
  g_assert_cmpuint (list.n, ==, 0);
}

static void
test_find (void)
{
  static const struct
  {
    const char *text;
    int choice;
  } cases[] = { { "default", 0 }, { "usual", 0 },        { "home", 1 },
                { "HOME", 1 },    { "Home network", 1 }, { "home NETWORK", 1 },
                { "all", 2 },     { "home traffic", 2 }, { "", -1 },
                { "hom", -1 },    { "home ", -1 },       { "Home", 1 } };
  SpGroupList list;

  g_assert_true (sp_group_list_read ((const guint8 *) LIST, strlen (LIST), &list));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (sp_group_list_find (&list, cases[i].text), ==, cases[i].choice);
}

static void
test_target (void)
{
  static const struct
  {
    const char *target;
    int choice;
  } cases[] = {
    { "/home", 1 },   { "/HOME?secret=1", 1 },  { "/all?", 2 },   { "/default", 0 }, { "/", -1 },
    { "", -1 },       { "/home/", -1 },         { "/home2", -1 }, { "/hom", -1 },    { "home", -1 },
    { "/?home", -1 }, { "/Home%20network", -1 }
  };
  SpGroupList list;

  g_assert_true (sp_group_list_read ((const guint8 *) LIST, strlen (LIST), &list));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (sp_group_list_find_target (&list, cases[i].target, strlen (cases[i].target)),
                     ==, cases[i].choice);
}

static void
test_membership (void)
{
  static const guint8 names[] = "home\nall\n";
  static const struct
  {
    const char *name;
    gboolean have;
  } cases[] = {
    { "home", TRUE }, { "all", TRUE }, { "", FALSE }, { "al", FALSE }, { "Home", FALSE }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (sp_group_names_have (names, sizeof names - 1, (const guint8 *) cases[i].name,
                                          strlen (cases[i].name)),
                     ==, cases[i].have);
  g_assert_false (sp_group_names_have ((const guint8 *) "home", 4, (const guint8 *) "home", 4));
  g_assert_false (sp_group_names_have (names, 0, (const guint8 *) "home", 4));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/group-list/names", test_names);
  g_test_add_func ("/group-list/read", test_read);
  g_test_add_func ("/group-list/most", test_most);
  g_test_add_func ("/group-list/find", test_find);
  g_test_add_func ("/group-list/target", test_target);
  g_test_add_func ("/group-list/membership", test_membership);
  return g_test_run ();
}
