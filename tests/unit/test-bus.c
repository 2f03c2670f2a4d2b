/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-binding.h"
#include "bus-node.h"
#include "bus-options.h"
#include "bus-permission.h"

#include "base/error.h"
#include "bus/error.h"
#include "bus/interfaces.h"

#include <string.h>

/* --- errors --- */

static void
test_every_error_has_a_name_that_comes_back (void)
{
  for (int code = 0; code <= SP_BUS_ERROR_LAST; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (SP_BUS_ERROR, code, "text");
      g_autofree char *name = g_dbus_error_encode_gerror (error);
      g_autoptr (GError) back = g_dbus_error_new_for_dbus_error (name, "text");

      g_assert_cmpstr (name, ==, sp_bus_error_name (code));
      g_assert_true (g_str_has_prefix (name, SP_BUS_ERROR_PREFIX));
      g_assert_error (back, SP_BUS_ERROR, code);
    }
}

static void
test_every_error_of_the_daemon_is_told (void)
{
  for (int code = 0; code <= SP_ERROR_LAST; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (SP_ERROR, code, "why");
      g_autoptr (GError) told = sp_bus_error_from (error);

      g_assert_true (told->domain == SP_BUS_ERROR);
      g_assert_cmpstr (told->message, ==, "why");
      /* Whether the caller may was decided before; this is about the daemon. */
      g_assert_cmpint (told->code, !=, SP_BUS_ERROR_NOT_AUTHORIZED);
    }
}

static void
test_foreign_errors_are_failures (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "why");
  g_autoptr (GError) told = sp_bus_error_from (error);

  g_assert_error (told, SP_BUS_ERROR, SP_BUS_ERROR_FAILED);
}

/* --- permissions --- */

static const GDBusInterfaceInfo *
interface_info (guint position)
{
  switch (position)
    {
      case 0:
        return sp_bus_server_interface_info ();
      case 1:
        return sp_bus_user_interface_info ();
      case 2:
        return sp_bus_session_interface_info ();
      case 3:
        return sp_bus_session_statistics_interface_info ();
      default:
        return NULL;
    }
}

static void
test_every_member_has_a_permission (void)
{
  for (guint i = 0; interface_info (i) != NULL; i++)
    {
      const GDBusInterfaceInfo *info = interface_info (i);

      for (guint j = 0; info->methods != NULL && info->methods[j] != NULL; j++)
        g_assert_nonnull (sp_bus_permission_find (info->name, info->methods[j]->name));
      g_assert_nonnull (sp_bus_permission_find (info->name, SP_BUS_READ));
    }
  g_assert_nonnull (sp_bus_permission_find (SP_BUS_MANAGER_INTERFACE, "GetManagedObjects"));
}

static void
test_what_is_unknown_has_none (void)
{
  g_assert_null (sp_bus_permission_find (SP_BUS_SERVER_INTERFACE, "Explode"));
  g_assert_null (sp_bus_permission_find ("org.example.Server", "Start"));
  g_assert_null (sp_bus_permission_find (SP_BUS_USER_INTERFACE, "Start"));
}

/* Only these may be used without asking; a new one belongs into this list on purpose. */
static void
test_few_members_are_for_everybody (void)
{
  static const char *const members[] = { SP_BUS_READ, "GetCertificateAuthority", "GetPermissions",
                                         NULL };

  for (guint i = 0; interface_info (i) != NULL; i++)
    {
      const GDBusInterfaceInfo *info = interface_info (i);
      gboolean is_server = g_str_equal (info->name, SP_BUS_SERVER_INTERFACE);

      g_assert_true ((sp_bus_permission_find (info->name, SP_BUS_READ)->action == NULL) ==
                     is_server);
      for (guint j = 0; info->methods != NULL && info->methods[j] != NULL; j++)
        {
          const char *name = info->methods[j]->name;
          gboolean for_everybody = is_server && g_strv_contains (members, name);

          g_assert_true ((sp_bus_permission_find (info->name, name)->action == NULL) ==
                         for_everybody);
        }
    }
}

/* --- options --- */

static gboolean
check_even (const SpBusKey *key, GVariant *value, GError **error)
{
  if (g_variant_get_uint32 (value) % 2 == 0)
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, "“%s” must be even", key->name);
  return FALSE;
}

static const SpBusKey keys[] = {
  { "name", "s", 1, 4, TRUE },   { "count", "u", 2, 5, FALSE },
  { "flag", "b", 0, 0, FALSE },  { "size", "t", 7, G_GUINT64_CONSTANT (1) << 40, FALSE },
  { "list", "as", 0, 2, FALSE }, { "even", "u", 0, 9, FALSE, check_even },
};

static const struct
{
  const char *text;
  const char *complaint; /* NULL: fine */
} dictionaries[] = {
  { "{'name': <'abcd'>, 'count': <uint32 5>, 'flag': <true>}", NULL },
  { "{'name': <'a'>}", NULL },
  { "{'name': <'é'>}", NULL },
  { "@a{sv} {}", "name" },
  { "{'name': <''>}", "name" },
  { "{'name': <'abcde'>}", "name" },
  { "{'name': <'ééé'>}", "name" },
  { "{'name': <'a\\nb'>}", "name" },
  { "{'name': <'a\\u009b'>}", "name" },
  { "{'name': <'\\u2028'>}", "name" },
  { "{'name': <'\\u202e'>}", "name" },
  { "{'name': <'\\u2066'>}", "name" },
  { "{'name': <'a'>, 'size': <uint64 1099511627776>, 'list': <['a', 'b']>}", NULL },
  { "{'name': <'a'>, 'list': <@as []>, 'even': <uint32 4>}", NULL },
  { "{'name': <'a'>, 'size': <uint64 1099511627777>}", "size" },
  { "{'name': <'a'>, 'size': <uint64 6>}", "size" },
  { "{'name': <'a'>, 'size': <uint32 8>}", "size" },
  { "{'name': <'a'>, 'list': <['a', 'b', 'c']>}", "list" },
  { "{'name': <'a'>, 'list': <['a', '']>}", "list" },
  { "{'name': <'a'>, 'list': <['a', 'b\\n']>}", "list" },
  { "{'name': <'a'>, 'list': <'a'>}", "list" },
  { "{'name': <'a'>, 'even': <uint32 3>}", "even" },
  { "{'name': <'a'>, 'a\\u202eb': <3>}", "unknown" },
  { "{'name': <'a'>, '': <3>}", "unknown" },
  { "{'name': <7>}", "name" },
  { "{'name': <'a'>, 'name': <'b'>}", "twice" },
  { "{'name': <'a'>, 'count': <uint32 1>}", "count" },
  { "{'name': <'a'>, 'count': <uint32 6>}", "count" },
  { "{'name': <'a'>, 'count': <5>}", "count" },
  { "{'name': <'a'>, 'flag': <'yes'>}", "flag" },
  { "{'name': <'a'>, 'Name': <'b'>}", "Name" },
  { "{'name': <'a'>, 'nonsense': <'b'>}", "nonsense" },
};

static void
test_options (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dictionaries); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) dictionary = g_variant_ref_sink (
          g_variant_parse (G_VARIANT_TYPE_VARDICT, dictionaries[i].text, NULL, NULL, &error));

      g_assert_no_error (error);
      g_assert_true (sp_bus_options_check (dictionary, keys, G_N_ELEMENTS (keys), &error) ==
                     (dictionaries[i].complaint == NULL));
      if (dictionaries[i].complaint == NULL)
        continue;
      g_assert_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS);
      g_assert_nonnull (strstr (error->message, dictionaries[i].complaint));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

/* It could end in a log or on a terminal. */
static void
test_an_unknown_key_that_is_no_word_is_not_repeated (void)
{
  const char *const names[] = { "\033[2J", "ü", "a b", "\u202e", "a\nb" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GVariantDict dictionary;
      g_autoptr (GVariant) options = NULL;
      g_autoptr (GError) error = NULL;

      g_variant_dict_init (&dictionary, NULL);
      g_variant_dict_insert (&dictionary, names[i], "b", TRUE);
      options = g_variant_ref_sink (g_variant_dict_end (&dictionary));
      g_assert_false (sp_bus_options_check_empty (options, &error));
      g_assert_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS);
      g_assert_null (strstr (error->message, names[i]));
    }
}

static void
test_texts_are_made_fit_for_the_bus (void)
{
  g_autofree char *empty = sp_bus_text (NULL);
  g_autofree char *mended = sp_bus_text ("a\xff"
                                         "b");

  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpstr (mended, ==,
                   "a\xef\xbf\xbd"
                   "b");
}

static gboolean
changes_name (GVariant *changes, const char *name)
{
  g_autoptr (GVariant) value =
      changes != NULL ? g_variant_lookup_value (changes, name, NULL) : NULL;

  return value != NULL;
}

static void
test_changes_are_told_once (void)
{
  g_autoptr (SpBusSession) session = sp_bus_session_skeleton_new ();
  SpBusNode *node = sp_bus_node_new ("/org/sallyport/Sallyport1/sessions/x", NULL);
  SpBusFacet *facet = sp_bus_node_add (node, G_DBUS_INTERFACE_SKELETON (session));
  g_autoptr (GVariant) changes = NULL;

  sp_bus_session_set_mtu (session, 1400);
  changes = sp_bus_facet_take_changes (facet);
  g_assert_cmpuint (g_variant_n_children (changes), ==, 1);
  g_assert_true (changes_name (changes, "Mtu"));
  g_assert_null (sp_bus_facet_take_changes (facet));
  sp_bus_node_free (node);
}

/* Who came to look in between knows 1400, though 0 was the last that was told. */
static void
test_what_nobody_heard_is_told_again (void)
{
  g_autoptr (SpBusSession) session = sp_bus_session_skeleton_new ();
  SpBusNode *node = sp_bus_node_new ("/org/sallyport/Sallyport1/sessions/x", NULL);
  SpBusFacet *facet = sp_bus_node_add (node, G_DBUS_INTERFACE_SKELETON (session));
  g_autoptr (GVariant) changes = NULL;

  sp_bus_session_set_mtu (session, 1400);
  sp_bus_facet_pass_over_changes (facet);
  sp_bus_session_set_mtu (session, 0);
  changes = sp_bus_facet_take_changes (facet);
  g_assert_true (changes_name (changes, "Mtu"));
  g_assert_null (sp_bus_facet_take_changes (facet));
  sp_bus_node_free (node);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bus/error/names", test_every_error_has_a_name_that_comes_back);
  g_test_add_func ("/bus/error/from-daemon", test_every_error_of_the_daemon_is_told);
  g_test_add_func ("/bus/error/foreign", test_foreign_errors_are_failures);
  g_test_add_func ("/bus/permission/complete", test_every_member_has_a_permission);
  g_test_add_func ("/bus/permission/default-deny", test_what_is_unknown_has_none);
  g_test_add_func ("/bus/permission/everybody", test_few_members_are_for_everybody);
  g_test_add_func ("/bus/options/table", test_options);
  g_test_add_func ("/bus/options/unknown-no-word",
                   test_an_unknown_key_that_is_no_word_is_not_repeated);
  g_test_add_func ("/bus/text", test_texts_are_made_fit_for_the_bus);
  g_test_add_func ("/bus/node/changes", test_changes_are_told_once);
  g_test_add_func ("/bus/node/unheard", test_what_nobody_heard_is_told_again);
  return g_test_run ();
}
