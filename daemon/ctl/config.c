/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "facts.h"
#include "fields.h"
#include "json.h"
#include "text.h"

#include "base/names.h"

#include <string.h>

/* A key is the name of a property in the words of JSON: "udp-port". */

char **
sp_ctl_config_fields (void)
{
  const char *const names[] = { "key",     "name",    "group", "type",  "value", "written",
                                "is-set",  "default", "words", "least", "most",  "unit",
                                "applies", "expects", "about", NULL };

  return g_strdupv ((char **) names);
}

/* --- reading --- */

/* All settings, each as an a{sv} (GVariant) under its key. */
static GHashTable *
fetch (SpClient *client, GPtrArray *order, GError **error)
{
  SpBusSettings *settings = sp_client_find_settings (client, error);
  g_autoptr (GVariant) rows = NULL;
  GHashTable *all;
  GVariantIter each;
  GVariant *row;

  if (settings == NULL ||
      !sp_bus_settings_call_describe_settings_sync (
          settings, sp_client_no_options (), client->flags, client->timeout, &rows, NULL, error))
    return NULL;
  all = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  g_variant_iter_init (&each, rows);
  while ((row = g_variant_iter_next_value (&each)) != NULL)
    {
      const char *name = "";

      (void) g_variant_lookup (row, "Name", "&s", &name);
      g_ptr_array_add (order, row);
      (void) g_hash_table_insert (all, sp_json_key_from_name (name), row);
    }
  return all;
}

static gboolean
complain_unknown (const char *key, GError **error)
{
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_NOT_FOUND,
               "there is no setting “%s”; “" SP_CTL_NAME " config list” has them all", key);
  return FALSE;
}

/* The rows that the words name, or all; they belong to `all`. */
static GPtrArray *
choose (GHashTable *all, GPtrArray *order, char *const *keys, GError **error)
{
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  if (*keys == NULL)
    return g_ptr_array_ref (order);
  for (; *keys != NULL; keys++)
    {
      gpointer row = g_hash_table_lookup (all, *keys);

      if (row == NULL)
        {
          (void) complain_unknown (*keys, error);
          return NULL;
        }
      g_ptr_array_add (chosen, row);
    }
  return g_steal_pointer (&chosen);
}

static char *
key_of (GVariant *row)
{
  return sp_json_key_from_name (sp_facts_get_text (row, "Name"));
}

static void
print_data (const SpControl *control, const SpCommand *self, GPtrArray *rows)
{
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "settings", '[');
  for (guint i = 0; i < rows->len; i++)
    {
      g_autofree char *key = key_of (rows->pdata[i]);
      GVariantIter pairs;
      const char *name;
      GVariant *value;

      sp_json_open (&json, NULL, '{');
      sp_json_text (&json, "key", key);
      g_variant_iter_init (&pairs, rows->pdata[i]);
      while (g_variant_iter_loop (&pairs, "{&sv}", &name, &value))
        if (!g_str_equal (name, "Key")) /* that of the file, which may have the same twice */
          sp_json_named (&json, name, value);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static void
print_table (GPtrArray *rows)
{
  const char *const head[] = { "SETTING", "VALUE", "DEFAULT", "APPLIES", NULL };
  SpTable *table = sp_table_new (head);

  for (guint i = 0; i < rows->len; i++)
    {
      GVariant *row = rows->pdata[i];
      char **cells = g_new0 (char *, 5);

      cells[0] = key_of (row);
      cells[1] = sp_facts_show_text (row, "Written");
      cells[2] = g_strdup (sp_facts_get_text (row, "Default"));
      cells[3] = g_strdup (sp_facts_get_text (row, "Applies"));
      sp_table_take_row (table, cells);
    }
  sp_table_print (table);
}

/* One value alone needs no name. */
static void
print_values (GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      g_autofree char *key = key_of (rows->pdata[i]);
      g_autofree char *value = sp_facts_show_text (rows->pdata[i], "Written");

      if (rows->len == 1)
        g_print ("%s\n", value);
      else
        g_print ("%s=%s\n", key, value);
    }
}

static void
print_descriptions (GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      GVariant *row = rows->pdata[i];
      g_autofree char *key = key_of (row);
      g_autofree char *value = sp_facts_show_text (row, "Written");
      const char *unit = sp_facts_get_text (row, "Unit");

      g_print ("%s%s = %s\n  %s\n  Write %s%s%s%s.\n  Default: %s.  Applies %s.\n",
               i > 0 ? "\n" : "", key, value, sp_facts_get_text (row, "About"),
               sp_facts_get_text (row, "Expects"), unit[0] != '\0' ? " (in " : "", unit,
               unit[0] != '\0' ? ")" : "",
               sp_facts_get_text (row, "Default")[0] != '\0' ? sp_facts_get_text (row, "Default")
                                                             : "empty",
               g_str_equal (sp_facts_get_text (row, "Applies"), "restart")
                   ? "when the server is turned off and on"
                   : "from the next connection on");
    }
}

static SpExitStatus
show (SpControl *control,
      const SpCommand *self,
      char ***arguments,
      void (*print) (GPtrArray *rows),
      GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (GHashTable) all = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  all = client != NULL ? fetch (client, order, error) : NULL;
  rows = all != NULL ? choose (all, order, *arguments + 1, error) : NULL;
  if (rows == NULL)
    return SP_EXIT_FAILED;
  if (sp_fields_wanted (control))
    print_data (control, self, rows);
  else
    print (rows);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_config_list (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  return show (control, self, arguments, print_table, error);
}

SpExitStatus
sp_ctl_config_get (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  return show (control, self, arguments, print_values, error);
}

SpExitStatus
sp_ctl_config_describe (SpControl *control,
                        const SpCommand *self,
                        char ***arguments,
                        GError **error)
{
  return show (control, self, arguments, print_descriptions, error);
}

/* --- changing --- */

const char *
sp_ctl_setting_name (const char *key, GError **error)
{
  GDBusPropertyInfo **properties = sp_bus_settings_interface_info ()->properties;

  for (; *properties != NULL; properties++)
    {
      g_autofree char *own = sp_json_key_from_name ((*properties)->name);

      if (g_str_equal (own, key))
        return (*properties)->name;
    }
  (void) complain_unknown (key, error);
  return NULL;
}

static void
print_changed (const SpControl *control,
               gboolean only_checked,
               char *const *restart,
               const char *checkpoint,
               int seconds)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *joined = NULL;
  g_autoptr (GVariant) changed = g_variant_ref_sink (g_variant_new_boolean (!only_checked));
  g_autoptr (GVariant) needed = NULL;
  SpJson json;

  for (; *restart != NULL; restart++)
    g_ptr_array_add (keys, sp_json_key_from_name (*restart));
  g_ptr_array_add (keys, NULL);
  if (control->json)
    {
      sp_json_init (&json);
      needed = g_variant_ref_sink (g_variant_new_strv ((const char *const *) keys->pdata, -1));
      sp_json_value (&json, "changed", changed);
      sp_json_value (&json, "restart-needed", needed);
      if (checkpoint != NULL)
        sp_json_text (&json, "checkpoint", checkpoint);
      sp_json_print (&json);
      return;
    }
  g_print (only_checked ? "That could be done.\n" : "Done.\n");
  joined = g_strjoinv (", ", (char **) keys->pdata);
  if (joined[0] != '\0')
    g_print ("Applies when the server is turned off and on: %s.\n", joined);
  if (checkpoint != NULL)
    g_print ("Unless this is run within %d seconds, the settings of before come back:\n"
             "  " SP_CTL_NAME " config confirm\n",
             seconds);
}

static gboolean
create (SpClient *client, int seconds, char **ret_checkpoint, GError **error)
{
  return sp_bus_server_call_create_checkpoint_sync (client->server, (guint) seconds,
                                                    sp_client_no_options (), client->flags,
                                                    client->timeout, ret_checkpoint, NULL, error);
}

/* Nothing was changed, so there is nothing to go back to. */
static void
drop (SpClient *client, const char *checkpoint)
{
  if (checkpoint != NULL)
    (void) sp_bus_server_call_confirm_checkpoint_sync (client->server, checkpoint,
                                                       sp_client_no_options (), client->flags,
                                                       client->timeout, NULL, NULL);
}

/* Takes floating dictionaries.  With `seconds` what is changed has to be confirmed in that time. */
static SpExitStatus
update (SpControl *control, GVariant *changes, GVariant *options, int seconds, GError **error)
{
  g_autoptr (GVariant) owned_changes = g_variant_ref_sink (changes);
  g_autoptr (GVariant) owned_options = g_variant_ref_sink (options);
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autofree char *checkpoint = NULL;
  g_auto (GStrv) restart = NULL;
  gboolean check_only = FALSE;

  if (client == NULL || sp_client_find_settings (client, error) == NULL ||
      (seconds > 0 && !create (client, seconds, &checkpoint, error)))
    return SP_EXIT_FAILED;
  if (!sp_bus_settings_call_update_sync (client->settings, owned_changes, owned_options,
                                         client->flags, client->timeout, &restart, NULL, error))
    {
      drop (client, checkpoint);
      return SP_EXIT_FAILED;
    }
  (void) g_variant_lookup (owned_options, "check-only", "b", &check_only);
  print_changed (control, check_only, restart, checkpoint, seconds);
  return SP_EXIT_OK;
}

static GVariant *
make_options (gboolean check_only, const char *const *reset)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (check_only)
    g_variant_dict_insert (&options, "check-only", "b", TRUE);
  if (reset != NULL)
    g_variant_dict_insert (&options, "reset", "^as", reset);
  return g_variant_dict_end (&options);
}

static gboolean
read_pair (const char *pair, GVariantDict *changes, GError **error)
{
  const char *equals = strchr (pair, '=');
  g_autofree char *key = equals != NULL ? g_strndup (pair, (gsize) (equals - pair)) : NULL;
  const char *name;

  if (key == NULL || !g_utf8_validate (pair, -1, NULL))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "a change is written as KEY=VALUE, as dpd=60");
      return FALSE;
    }
  name = sp_ctl_setting_name (g_strchomp (key), error);
  if (name == NULL)
    return FALSE;
  if (g_variant_dict_contains (changes, name))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "“%s” is given twice", key);
      return FALSE;
    }
  g_variant_dict_insert (changes, name, "s", equals + 1);
  return TRUE;
}

static gboolean
check_seconds (int seconds, gboolean check_only, GError **error)
{
  if (seconds >= 0 && (seconds == 0 || !check_only))
    return TRUE;
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
               "--confirm-within is a number of seconds, and not for --check-only");
  return FALSE;
}

SpExitStatus
sp_ctl_config_set (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  gboolean check_only = FALSE;
  int seconds = 0;
  const GOptionEntry options[] = {
    { "check-only", 0, 0, G_OPTION_ARG_NONE, &check_only, "Only tell whether that could be done",
      NULL },
    { "confirm-within", 0, 0, G_OPTION_ARG_INT, &seconds,
      "Undo the change unless it is confirmed in that time", "SECONDS" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  GVariantDict changes;

  if (!sp_command_parse (self, control, options, arguments, error) ||
      !check_seconds (seconds, check_only, error))
    return SP_EXIT_USAGE;
  g_variant_dict_init (&changes, NULL);
  for (guint i = 1; (*arguments)[i] != NULL; i++)
    if (!read_pair ((*arguments)[i], &changes, error))
      {
        g_variant_dict_clear (&changes);
        return SP_EXIT_USAGE;
      }
  return update (control, g_variant_dict_end (&changes), make_options (check_only, NULL), seconds,
                 error);
}

SpExitStatus
sp_ctl_config_reset (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  int seconds = 0;
  const GOptionEntry options[] = {
    { "confirm-within", 0, 0, G_OPTION_ARG_INT, &seconds,
      "Undo the change unless it is confirmed in that time", "SECONDS" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  if (!sp_command_parse (self, control, options, arguments, error) ||
      !check_seconds (seconds, FALSE, error))
    return SP_EXIT_USAGE;
  for (guint i = 1; (*arguments)[i] != NULL; i++)
    {
      const char *name = sp_ctl_setting_name ((*arguments)[i], error);

      if (name == NULL)
        return SP_EXIT_USAGE;
      g_ptr_array_add (names, (gpointer) name);
    }
  g_ptr_array_add (names, NULL);
  return update (control, sp_client_no_options (),
                 make_options (FALSE, (const char *const *) names->pdata), seconds, error);
}

SpExitStatus
sp_ctl_config_reload (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_auto (GStrv) restart = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL ||
      !sp_bus_server_call_reload_sync (client->server, sp_client_no_options (), client->flags,
                                       client->timeout, &restart, NULL, error))
    return SP_EXIT_FAILED;
  print_changed (control, FALSE, restart, NULL, 0);
  return SP_EXIT_OK;
}

/* --- what waits to be confirmed --- */

static char *
find_checkpoint (SpClient *client, char *const *arguments, GError **error)
{
  GVariant *facts = sp_bus_server_get_checkpoint (client->server);
  char *id = NULL;

  if (arguments[1] != NULL)
    return g_strdup (arguments[1]);
  if (facts == NULL || !g_variant_lookup (facts, "Id", "s", &id))
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_NOT_FOUND,
                 "no change of the settings waits to be confirmed");
  return id;
}

static SpExitStatus
decide (SpControl *control, const SpCommand *self, char ***arguments, gboolean keep, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autofree char *id = NULL;
  gboolean done;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  id = client != NULL ? find_checkpoint (client, *arguments, error) : NULL;
  if (id == NULL)
    return SP_EXIT_FAILED;
  done = keep ? sp_bus_server_call_confirm_checkpoint_sync (client->server, id,
                                                            sp_client_no_options (), client->flags,
                                                            client->timeout, NULL, error)
              : sp_bus_server_call_rollback_checkpoint_sync (client->server, id,
                                                             sp_client_no_options (), client->flags,
                                                             client->timeout, NULL, error);
  if (!done)
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "checkpoint", id);
      sp_json_print (&json);
    }
  else
    g_print (keep ? "The settings stay.\n" : "The settings of before are back.\n");
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_config_confirm (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  return decide (control, self, arguments, TRUE, error);
}

SpExitStatus
sp_ctl_config_rollback (SpControl *control,
                        const SpCommand *self,
                        char ***arguments,
                        GError **error)
{
  return decide (control, self, arguments, FALSE, error);
}
