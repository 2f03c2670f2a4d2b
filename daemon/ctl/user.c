/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "facts.h"
#include "fields.h"
#include "json.h"
#include "moment.h"
#include "password.h"
#include "text.h"
#include "user-value.h"
#include "user-limit.h"

#include "base/io.h"
#include "base/names.h"
#include "base/secret.h"

#include <gio/gunixfdlist.h>

#define PAGE 500

/* --- list --- */

char **
sp_ctl_user_fields (void)
{
  const char *const own[] = { "id", NULL };
  GDBusInterfaceInfo *const interfaces[] = { sp_bus_user_interface_info (), NULL };

  return sp_field_list (own, interfaces);
}

/* Page by page: aa{sv}. */
static GVariant *
fetch (SpClient *client, GVariant *filter, GVariant *options, GError **error)
{
  GVariantBuilder all = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autofree char *cursor = g_strdup ("");

  do
    {
      g_autoptr (GVariant) rows = NULL;
      g_autofree char *next = NULL;
      guint total;

      if (!sp_bus_server_call_list_users_sync (client->server, filter, cursor, PAGE, options,
                                               client->flags, client->timeout, &rows, &next, &total,
                                               NULL, error))
        {
          g_variant_builder_clear (&all);
          return NULL;
        }
      for (gsize i = 0; i < g_variant_n_children (rows); i++)
        {
          g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);

          g_variant_builder_add_value (&all, row);
        }
      g_free (cursor);
      cursor = g_steal_pointer (&next);
    }
  while (cursor[0] != '\0');
  return g_variant_ref_sink (g_variant_builder_end (&all));
}

static void
print_users_data (const SpControl *control, const SpCommand *self, GVariant *rows)
{
  const GDBusInterfaceInfo *info = sp_bus_user_interface_info ();
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "users", '[');
  for (gsize i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      const char *id = "";

      (void) g_variant_lookup (row, "User", "&s", &id);
      sp_json_open (&json, NULL, '{');
      sp_json_text (&json, "id", id);
      for (guint k = 0; info->properties[k] != NULL; k++)
        {
          g_autoptr (GVariant) value =
              g_variant_lookup_value (row, info->properties[k]->name, NULL);

          if (value != NULL)
            sp_json_named (&json, info->properties[k]->name, value);
        }
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static void
print_users (GVariant *rows)
{
  const char *const head[] = { "LOGIN", "NAME", "STATUS", "SINCE", "UNTIL", NULL };
  SpTable *table = sp_table_new (head);

  for (gsize i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      char *cells[] = {
        sp_facts_show_text (row, "Login"),  sp_facts_show_text (row, "FullName"),
        sp_facts_show_text (row, "Status"), sp_facts_show_time (row, "CreatedAt"),
        sp_facts_show_time (row, "EndsAt"), NULL,
      };

      sp_table_take_row (table, g_memdup2 (cells, sizeof cells));
    }
  sp_table_print (table);
}

typedef struct
{
  char *text;
  char *status;
  char *sort;
  gboolean descending;
  gboolean connected;
  guint64 ends_before;
} ListWish;

static SpExitStatus
list (SpControl *control, const SpCommand *self, const ListWish *wish, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  GVariantDict filter;
  GVariantDict options;
  g_autoptr (GVariant) owned_filter = NULL;
  g_autoptr (GVariant) owned_options = NULL;
  g_autoptr (GVariant) rows = NULL;

  g_variant_dict_init (&filter, NULL);
  g_variant_dict_init (&options, NULL);
  if (wish->text != NULL)
    g_variant_dict_insert (&filter, "Text", "s", wish->text);
  if (wish->status != NULL)
    g_variant_dict_insert (&filter, "Status", "s", wish->status);
  if (wish->connected)
    g_variant_dict_insert (&filter, "Connected", "b", TRUE);
  if (wish->ends_before != 0)
    g_variant_dict_insert (&filter, "EndsBefore", "t", wish->ends_before);
  if (wish->sort != NULL)
    g_variant_dict_insert (&options, "sort", "s", wish->sort);
  if (wish->descending)
    g_variant_dict_insert (&options, "descending", "b", TRUE);
  owned_filter = g_variant_ref_sink (g_variant_dict_end (&filter));
  owned_options = g_variant_ref_sink (g_variant_dict_end (&options));
  if (client != NULL)
    rows = fetch (client, owned_filter, owned_options, error);
  if (rows == NULL)
    return SP_EXIT_FAILED;
  if (sp_fields_wanted (control))
    print_users_data (control, self, rows);
  else
    print_users (rows);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_user_list (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  ListWish wish = { 0 };
  gboolean removed = FALSE;
  g_autofree char *ends_before = NULL;
  const GOptionEntry options[] = {
    { "text", 0, 0, G_OPTION_ARG_STRING, &wish.text,
      "Has it in the login, the name, a device's name or an address", "TEXT" },
    { "connected", 0, 0, G_OPTION_ARG_NONE, &wish.connected, "Is connected", NULL },
    { "ends-before", 0, 0, G_OPTION_ARG_STRING, &ends_before, "Access ends before, as +7d",
      "TIME" },
    { "status", 0, 0, G_OPTION_ARG_STRING, &wish.status, "Has this status", "WORD" },
    { "removed", 0, 0, G_OPTION_ARG_NONE, &removed, "Was removed, and can be restored", NULL },
    { "sort", 0, 0, G_OPTION_ARG_STRING, &wish.sort,
      "login (when not given), full-name, created or ends-at", "FIELD" },
    { "descending", 0, 0, G_OPTION_ARG_NONE, &wish.descending, "The other way round", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  SpExitStatus status = SP_EXIT_USAGE;

  if (sp_command_parse (self, control, options, arguments, error) &&
      (ends_before == NULL ||
       sp_moment_read_end ("--ends-before", ends_before, &wish.ends_before, error)))
    {
      if (removed && wish.status == NULL)
        wish.status = g_strdup ("removed");
      status = list (control, self, &wish, error);
    }
  g_free (wish.text);
  g_free (wish.status);
  g_free (wish.sort);
  return status;
}

/* --- show --- */

static void
print_user (SpBusUser *user)
{
  const GDBusInterfaceInfo *info = sp_bus_user_interface_info ();

  for (guint i = 0; info->properties[i] != NULL; i++)
    {
      const char *name = info->properties[i]->name;
      g_autofree char *key = sp_json_key_from_name (name);
      g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (G_DBUS_PROXY (user), name);
      g_autofree char *text = value != NULL ? sp_user_value_text (name, value) : NULL;

      if (text != NULL)
        g_print ("%s=%s\n", key, text);
    }
}

static void
print_user_data (const SpControl *control, const SpCommand *self, SpBusUser *user)
{
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_text (&json, "id", sp_client_id_of (user));
  sp_json_properties (&json, G_DBUS_PROXY (user));
  sp_json_print (&json);
}

SpExitStatus
sp_ctl_user_show (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusUser) found = NULL;
  g_autoptr (SpBusUser) user = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  found = client != NULL ? sp_client_find_user (client, (*arguments)[1], error) : NULL;
  if (found == NULL)
    return SP_EXIT_FAILED;
  user =
      sp_bus_user_proxy_new_sync (client->connection, G_DBUS_PROXY_FLAGS_NONE, SP_BUS_NAME,
                                  g_dbus_proxy_get_object_path (G_DBUS_PROXY (found)), NULL, error);
  if (user == NULL)
    return SP_EXIT_FAILED;
  if (sp_fields_wanted (control))
    print_user_data (control, self, user);
  else
    print_user (user);
  return SP_EXIT_OK;
}

/* --- passwords --- */

/* Takes the descriptor. */
static gboolean
set_password (SpClient *client, SpBusUser *user, int password, GError **error)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new_from_array (&password, 1);

  return sp_bus_user_call_set_password_sync (user, g_variant_new_handle (0),
                                             sp_client_no_options (), client->flags,
                                             client->timeout, descriptors, NULL, NULL, error);
}

/* The one place where a password is printed: one that was made up for the owner to pass on. */
static void
print_done (const SpControl *control,
            const char *what,
            const char *login,
            const char *id,
            const char *generated)
{
  SpJson json;

  if (!control->json)
    {
      g_print ("%s %s.\n", what, login);
      if (generated != NULL)
        g_print ("Password: %s\n", generated);
      return;
    }
  sp_json_init (&json);
  sp_json_text (&json, "id", id);
  sp_json_text (&json, "login", login);
  if (generated != NULL)
    sp_json_text (&json, "password", generated);
  sp_json_print (&json);
}

SpExitStatus
sp_ctl_user_password (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (SpPasswordSource) source = { 0 };
  const GOptionEntry options[] = {
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &source.file,
      "The password: its first line (-: standard input; fd:N)", "FILE" },
    { "generate-password", 0, 0, G_OPTION_ARG_NONE, &source.generate,
      "Make a password up and print it", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusUser) user = NULL;
  g_autoptr (SpSecretText) generated = NULL;
  int password;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  user = sp_client_find_user (client, (*arguments)[1], error);
  if (user == NULL)
    return SP_EXIT_FAILED;
  password = sp_password_obtain (&source, control, (*arguments)[1], &generated, error);
  if (password < 0 || !set_password (client, user, password, error))
    return SP_EXIT_FAILED;
  print_done (control, "Changed the password of", (*arguments)[1], sp_client_id_of (user),
              generated);
  return SP_EXIT_OK;
}

/* --- add --- */

static SpBusUser *
add_user (SpClient *client, GVariant *values, GError **error)
{
  g_autofree char *path = NULL;

  if (!sp_bus_server_call_add_user_sync (client->server, values, sp_client_no_options (),
                                         client->flags, client->timeout, &path, NULL, error))
    return NULL;
  return sp_bus_user_proxy_new_sync (client->connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES,
                                     SP_BUS_NAME, path, NULL, error);
}

/* A user without a password is of no use: what began is taken back. */
static void
take_back (SpClient *client, SpBusUser *user)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;

  if (!sp_bus_user_call_remove_sync (user, sp_client_no_options (), client->flags, client->timeout,
                                     &token, NULL, &error))
    g_printerr (SP_CTL_NAME ": the user stays, without a password: %s\n", error->message);
  else if (!sp_bus_user_call_purge_sync (user, sp_client_no_options (), client->flags,
                                         client->timeout, NULL, &error))
    g_printerr (SP_CTL_NAME ": the user stays removed: %s\n", error->message);
}

static SpExitStatus
add_with_password (SpControl *control,
                   const char *login,
                   GVariant *values,
                   const SpPasswordSource *source,
                   GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autoptr (SpBusUser) user = NULL;
  g_autoptr (SpSecretText) generated = NULL;
  sp_autofd int password = -1;

  if (client == NULL)
    return SP_EXIT_FAILED;
  /* First, since it fails most easily. */
  password = sp_password_obtain (source, control, login, &generated, error);
  if (password < 0)
    return SP_EXIT_FAILED;
  user = add_user (client, values, error);
  if (user == NULL)
    return SP_EXIT_FAILED;
  if (!set_password (client, user, sp_fd_steal (&password), error))
    {
      take_back (client, user);
      return SP_EXIT_FAILED;
    }
  print_done (control, "Added", login, sp_client_id_of (user), generated);
  return SP_EXIT_OK;
}

static gboolean
check_utf8 (const char *text, const char *what, GError **error)
{
  if (text == NULL || g_utf8_validate (text, -1, NULL))
    return TRUE;
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "%s is not UTF-8", what);
  return FALSE;
}

SpExitStatus
sp_ctl_user_add (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (SpPasswordSource) source = { 0 };
  g_auto (SpUserLimits) limits = { 0 };
  g_auto (GVariantDict) values = G_VARIANT_DICT_INIT (NULL);
  g_autofree char *full_name = NULL;
  g_autoptr (GVariant) whole = NULL;
  GOptionEntry options[] = {
    { "full-name", 0, 0, G_OPTION_ARG_STRING, &full_name, "What lists show", "TEXT" },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &source.file,
      "The password: its first line (-: standard input; fd:N)", "FILE" },
    { "generate-password", 0, 0, G_OPTION_ARG_NONE, &source.generate,
      "Make a password up and print it", NULL },
    [3 + SP_USER_LIMIT_OPTIONS] = { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  sp_user_limits_describe (&limits, options + 3);
  if (!sp_command_parse (self, control, options, arguments, error) ||
      !check_utf8 ((*arguments)[1], "the login", error) ||
      !sp_user_limits_read (&limits, &values, error))
    return SP_EXIT_USAGE;
  g_variant_dict_insert (&values, "Login", "s", (*arguments)[1]);
  if (full_name != NULL)
    g_variant_dict_insert (&values, "FullName", "s", full_name);
  whole = g_variant_ref_sink (g_variant_dict_end (&values));
  return add_with_password (control, (*arguments)[1], whole, &source, error);
}

/* --- change, remove --- */

static SpExitStatus
change_user (SpControl *control, const char *login, GVariant *changes, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autoptr (SpBusUser) user = NULL;

  if (client == NULL)
    return SP_EXIT_FAILED;
  user = sp_client_find_user (client, login, error);
  if (user == NULL || !sp_bus_user_call_update_sync (user, changes, sp_client_no_options (),
                                                     client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  print_done (control, "Changed", login, sp_client_id_of (user), NULL);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_user_change (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (SpUserLimits) limits = { 0 };
  g_auto (GVariantDict) changes = G_VARIANT_DICT_INIT (NULL);
  g_autofree char *full_name = NULL;
  g_autoptr (GVariant) whole = NULL;
  gboolean enable = FALSE;
  gboolean disable = FALSE;
  GOptionEntry options[] = {
    { "full-name", 0, 0, G_OPTION_ARG_STRING, &full_name, "What lists show", "TEXT" },
    { "enable", 0, 0, G_OPTION_ARG_NONE, &enable, "The user may sign in", NULL },
    { "disable", 0, 0, G_OPTION_ARG_NONE, &disable, "The user may not, and is disconnected", NULL },
    [3 + SP_USER_LIMIT_OPTIONS] = { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  sp_user_limits_describe (&limits, options + 3);
  if (!sp_command_parse (self, control, options, arguments, error) ||
      !check_utf8 ((*arguments)[1], "the login", error) ||
      !sp_user_limits_read (&limits, &changes, error))
    return SP_EXIT_USAGE;
  if (full_name != NULL)
    g_variant_dict_insert (&changes, "FullName", "s", full_name);
  if (enable || disable)
    g_variant_dict_insert (&changes, "Enabled", "b", enable);
  whole = g_variant_ref_sink (g_variant_dict_end (&changes));
  if ((enable && disable) || g_variant_n_children (whole) == 0)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "what shall change?  See --help");
      return SP_EXIT_USAGE;
    }
  return change_user (control, (*arguments)[1], whole, error);
}

SpExitStatus
sp_ctl_user_set (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (GVariantDict) changes = G_VARIANT_DICT_INIT (NULL);

  if (!sp_command_parse (self, control, NULL, arguments, error) ||
      !check_utf8 ((*arguments)[1], "the login", error))
    return SP_EXIT_USAGE;
  for (guint i = 2; (*arguments)[i] != NULL; i++)
    if (!sp_user_value_read (sp_bus_user_interface_info (), "user", (*arguments)[i], &changes,
                             error))
      return SP_EXIT_USAGE;
  return change_user (control, (*arguments)[1], g_variant_dict_end (&changes), error);
}

static void
print_removed (const SpControl *control, const char *login, const char *id, const char *token)
{
  SpJson json;

  if (!control->json)
    {
      g_print ("Removed %s.  Until it is purged in 30 days: " SP_CTL_NAME " user restore %s\n",
               login, login);
      return;
    }
  sp_json_init (&json);
  sp_json_text (&json, "id", id);
  sp_json_text (&json, "login", login);
  sp_json_text (&json, "undo-token", token);
  sp_json_print (&json);
}

SpExitStatus
sp_ctl_user_remove (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusUser) user = NULL;
  g_autofree char *token = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error) ||
      !check_utf8 ((*arguments)[1], "the login", error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  user = sp_client_find_user (client, (*arguments)[1], error);
  if (user == NULL || !sp_bus_user_call_remove_sync (user, sp_client_no_options (), client->flags,
                                                     client->timeout, &token, NULL, error))
    return SP_EXIT_FAILED;
  print_removed (control, (*arguments)[1], sp_client_id_of (user), token);
  return SP_EXIT_OK;
}
