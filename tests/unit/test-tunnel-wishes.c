/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-wishes.h"

/* Who has a say: the group, then the user, then the settings. */

typedef struct
{
  SpUserValues user;
  SpUserValues group;
  SpTunnelWishes wishes;
} Wishes;

static void
set_list (SpUserValues *values, SpUserValue which, const char *entry)
{
  const char *const entries[] = { entry, NULL };

  if (entry != NULL)
    sp_user_values_set (values, which, g_variant_new_strv (entries, -1));
}

static void
set_text (SpUserValues *values, SpUserValue which, const char *text)
{
  sp_user_values_set (values, which, g_variant_new_string (text));
}

static void
wishes_init (Wishes *self, SpSettings *settings, gboolean with_group)
{
  *self = (Wishes){ .wishes = { .settings = settings } };
  self->wishes.user = &self->user;
  self->wishes.group = with_group ? &self->group : NULL;
}

static void
wishes_clear (Wishes *self)
{
  sp_user_values_clear (&self->user);
  sp_user_values_clear (&self->group);
}

static void
test_lists (void)
{
  static const struct
  {
    gboolean with_group;
    const char *user;
    const char *group;
    const char *said; /* NULL: nothing */
  } cases[] = {
    { FALSE, NULL, NULL, NULL },   { FALSE, "one", NULL, "one" }, { FALSE, "one", "two", "one" },
    { TRUE, NULL, NULL, NULL },    { TRUE, "one", NULL, "one" },  { TRUE, NULL, "two", "two" },
    { TRUE, "one", "two", "two" },
  };
  SpSettings settings = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Wishes self;
      g_autofree const char **texts = NULL;

      wishes_init (&self, &settings, cases[i].with_group);
      set_list (&self.user, SP_USER_DOMAINS, cases[i].user);
      set_list (&self.group, SP_USER_DOMAINS, cases[i].group);
      texts = sp_tunnel_wishes_get_texts (&self.wishes, SP_USER_DOMAINS);
      g_assert_cmpstr (texts[0], ==, cases[i].said);
      g_assert_cmpint (sp_tunnel_wishes_has (&self.wishes, SP_USER_DOMAINS), ==,
                       cases[i].said != NULL);
      wishes_clear (&self);
    }
}

static void
test_routes (void)
{
  static const struct
  {
    SpSettingWord server;
    const char *user;
    const char *group;
    SpRoutes routes;
  } cases[] = {
    { SP_WORD_HOME, NULL, NULL, SP_ROUTES_HOME },
    { SP_WORD_ALL, NULL, NULL, SP_ROUTES_ALL },
    { SP_WORD_ABSENT, NULL, NULL, SP_ROUTES_LISTED },
    { SP_WORD_HOME, "all", NULL, SP_ROUTES_ALL },
    { SP_WORD_ALL, "home", "all", SP_ROUTES_ALL },
    { SP_WORD_ALL, "all", "home", SP_ROUTES_HOME },
    { SP_WORD_ALL, "all", "10.0.0.0/8", SP_ROUTES_LISTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SpSettings settings = { .routes = { .word = cases[i].server } };
      Wishes self;

      wishes_init (&self, &settings, TRUE);
      set_list (&self.user, SP_USER_ROUTES, cases[i].user);
      set_list (&self.group, SP_USER_ROUTES, cases[i].group);
      g_assert_cmpint (sp_tunnel_wishes_choose_routes (&self.wishes), ==, cases[i].routes);
      wishes_clear (&self);
    }
}

/* Each pair of words: what the group says never makes it more. */
static void
test_reach (void)
{
#define ALL    SP_REACH_EVERYTHING
#define HOME   SP_REACH_HOME
#define SERVER SP_REACH_COMPUTER
#define NET    SP_REACH_INTERNET
#define HOSTS  SP_REACH_HOSTS
  static const char *const users[] = { "", "all", "home", "server", "internet", "hosts" };
  static const char *const groups[] = { "", "all", "home", "server", "internet" };
  static const SpReach reached[G_N_ELEMENTS (users)][G_N_ELEMENTS (groups)] = {
    { HOME, HOME, HOME, SERVER, HOSTS }, /* the server's routes are home */
    { ALL, ALL, HOME, SERVER, NET },           { HOME, HOME, HOME, SERVER, HOSTS },
    { SERVER, SERVER, SERVER, SERVER, HOSTS }, { NET, NET, HOSTS, HOSTS, NET },
    { HOSTS, HOSTS, HOSTS, HOSTS, HOSTS },
  };
  SpSettings settings = { .routes = { .word = SP_WORD_HOME } };

  for (guint i = 0; i < G_N_ELEMENTS (users); i++)
    for (guint j = 0; j < G_N_ELEMENTS (groups); j++)
      {
        Wishes self;

        wishes_init (&self, &settings, TRUE);
        set_text (&self.user, SP_USER_REACH, users[i]);
        set_text (&self.group, SP_USER_REACH, groups[j]);
        g_test_message ("“%s” and “%s”", users[i], groups[j]);
        g_assert_cmpint (sp_tunnel_wishes_reach (&self.wishes), ==, reached[i][j]);
        g_assert_cmpint (sp_tunnel_wishes_has_hosts (&self.wishes), ==, i == 5 && j < 2);
        g_assert_cmpint (sp_tunnel_wishes_has_reach (&self.wishes), ==, i + j > 0);
        wishes_clear (&self);
      }
}

/* Routes of a group that are everything reach everything, unless the user's own word is narrower.
 */
static void
test_routes_and_reach (void)
{
  SpSettings settings = { .routes = { .word = SP_WORD_HOME } };
  Wishes self;

  wishes_init (&self, &settings, TRUE);
  set_list (&self.group, SP_USER_ROUTES, "all");
  g_assert_cmpint (sp_tunnel_wishes_reach (&self.wishes), ==, SP_REACH_EVERYTHING);
  set_text (&self.group, SP_USER_REACH, "internet");
  g_assert_cmpint (sp_tunnel_wishes_reach (&self.wishes), ==, SP_REACH_INTERNET);
  set_text (&self.group, SP_USER_REACH, "");
  set_text (&self.user, SP_USER_REACH, "server");
  g_assert_cmpint (sp_tunnel_wishes_reach (&self.wishes), ==, SP_REACH_COMPUTER);
  wishes_clear (&self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tunnel-wishes/lists", test_lists);
  g_test_add_func ("/tunnel-wishes/routes", test_routes);
  g_test_add_func ("/tunnel-wishes/reach", test_reach);
  g_test_add_func ("/tunnel-wishes/routes-and-reach", test_routes_and_reach);
  return g_test_run ();
}
