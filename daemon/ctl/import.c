/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "import-plan.h"
#include "json.h"
#include "text.h"

#include "base/io.h"
#include "base/names.h"
#include "base/secret.h"
#include "bus/error.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Takes over the configuration of an ocserv: read with the rights of the caller, told line by line,
 * carried out through the service like anything else. */

/* --- carrying out --- */

static gboolean
change_settings (SpClient *client, SpImportPlan *plan, GError **error)
{
  g_auto (GVariantDict) changes = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) whole = NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (g_hash_table_size (plan->import->settings) == 0)
    return TRUE;
  g_hash_table_iter_init (&iter, plan->import->settings);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const char *name = sp_ctl_setting_name (key, error);

      if (name == NULL)
        return FALSE;
      g_variant_dict_insert (&changes, name, "s", value);
    }
  whole = g_variant_ref_sink (g_variant_dict_end (&changes));
  return sp_client_find_settings (client, error) != NULL &&
         sp_bus_settings_call_update_sync (client->settings, whole, sp_client_no_options (),
                                           client->flags, client->timeout, NULL, NULL, error);
}

static int
seal (const char *hash)
{
  sp_autofd int fd = memfd_create ("hash", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  gsize size = strlen (hash);

  if (fd < 0 || write (fd, hash, size) != (ssize_t) size ||
      fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
    return -1;
  return sp_fd_steal (&fd);
}

static gboolean
set_hash (SpClient *client, SpBusUser *user, const char *hash, GError **error)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  sp_autofd int fd = seal (hash);

  if (fd < 0)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "handing over a password: %s",
                   g_strerror (errno));
      return FALSE;
    }
  return g_unix_fd_list_append (descriptors, fd, error) >= 0 &&
         sp_bus_user_call_set_password_hash_sync (user, g_variant_new_handle (0),
                                                  sp_client_no_options (), client->flags,
                                                  client->timeout, descriptors, NULL, NULL, error);
}

/* Addresses that are not of the new range keep nobody out: they are left out, and told. */
static const char *const places[] = { "FixedAddresses", "NetworksBehind" };

/* The values of `whole` that are places, or the others; a{sv}. */
static GVariant *
take_values (GVariant *whole, gboolean are_places)
{
  g_auto (GVariantDict) values = G_VARIANT_DICT_INIT (NULL);
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, whole);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      gboolean is_place = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (places); i++)
        is_place = is_place || strcmp (name, places[i]) == 0;
      if (is_place == are_places)
        g_variant_dict_insert_value (&values, name, value);
    }
  return g_variant_ref_sink (g_variant_dict_end (&values));
}

static gboolean
put_in_place (SpClient *client, SpBusUser *user, const SpImportPerson *person, GError **error)
{
  g_autoptr (GVariant) values = take_values (person->values, TRUE);

  if (g_variant_n_children (values) == 0 ||
      sp_bus_user_call_update_sync (user, values, sp_client_no_options (), client->flags,
                                    client->timeout, NULL, error))
    return TRUE;
  (void) g_dbus_error_strip_remote_error (*error);
  g_prefix_error (error, "is added, but without a place of its own: ");
  return FALSE;
}

static gboolean
make_user (SpClient *client, const SpImportPerson *person, GError **error)
{
  g_autoptr (GVariant) values = take_values (person->values, FALSE);
  g_autoptr (SpBusUser) user = NULL;
  g_autofree char *path = NULL;

  if (!sp_bus_server_call_add_user_sync (client->server, values, sp_client_no_options (),
                                         client->flags, client->timeout, &path, NULL, error))
    return FALSE;
  user = sp_bus_user_proxy_new_sync (client->connection, G_DBUS_PROXY_FLAGS_NONE, SP_BUS_NAME, path,
                                     NULL, error);
  return user != NULL &&
         (!person->keeps_password || set_hash (client, user, person->user->account->hash, error)) &&
         put_in_place (client, user, person, error);
}

/* What goes wrong with one is told with the others. */
static void
add_user (SpClient *client, SpImportPerson *person)
{
  g_autoptr (GError) error = NULL;

  if (make_user (client, person, &error))
    return;
  (void) g_dbus_error_strip_remote_error (error);
  person->outcome = g_strdup (error->message);
}

static void
make_group (SpClient *client, SpImportedGroup *group)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (sp_bus_server_call_add_group_sync (client->server, group->values, sp_client_no_options (),
                                         client->flags, client->timeout, &path, NULL, &error))
    return;
  (void) g_dbus_error_strip_remote_error (error);
  group->outcome = g_strdup (error->message);
}

static guint
count_failures (const SpImportPlan *plan)
{
  guint failures = 0;

  for (guint i = 0; i < plan->groups->len; i++)
    failures += ((const SpImportedGroup *) plan->groups->pdata[i])->outcome != NULL ? 1 : 0;
  for (guint i = 0; i < plan->people->len; i++)
    failures += ((const SpImportPerson *) plan->people->pdata[i])->outcome != NULL ? 1 : 0;
  return failures;
}

static gboolean
carry_out (const SpControl *control, SpImportPlan *plan, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);

  if (client == NULL || !change_settings (client, plan, error))
    return FALSE;
  for (guint i = 0; i < plan->groups->len; i++)
    make_group (client, plan->groups->pdata[i]);
  for (guint i = 0; i < plan->people->len; i++)
    add_user (client, plan->people->pdata[i]);
  return TRUE;
}

/* --- telling --- */

static void
print_lines (const GArray *lines)
{
  static const char *const marks[] = { "=", "~", ".", "!" };

  for (guint i = 0; i < lines->len; i++)
    {
      const SpImportLine *line = &g_array_index (lines, SpImportLine, i);
      g_autofree char *value = sp_text_printable (line->line->value);
      g_autofree char *key = sp_text_printable (line->line->key != NULL ? line->line->key : "");

      g_print ("%s %s:%u %s%s%s%s%s%s%s\n", marks[line->verdict], line->line->file,
               line->line->line, key, key[0] != '\0' ? " = " : "", value,
               line->setting != NULL ? " → " : "", line->setting != NULL ? line->setting : "",
               line->words != NULL ? ": " : "", line->words != NULL ? line->words : "");
    }
}

static void
print_groups (const SpImportPlan *plan, gboolean done)
{
  if (plan->groups->len > 0)
    g_print (done ? "Groups:\n" : "Groups that would be added:\n");
  for (guint i = 0; i < plan->groups->len; i++)
    {
      const SpImportedGroup *group = plan->groups->pdata[i];
      g_autofree char *label = sp_text_printable (group->group->label);

      g_print ("%s %s%s%s%s%s\n", group->outcome != NULL ? "!" : "=", group->group->name,
               label[0] != '\0' ? " – " : "", label, group->outcome != NULL ? ": " : "",
               group->outcome != NULL ? group->outcome : "");
    }
}

static void
print_report (const SpImportPlan *plan, gboolean done)
{
  g_autoptr (GList) settings =
      g_list_sort (g_hash_table_get_keys (plan->import->settings), (GCompareFunc) strcmp);

  g_print ("= the same, ~ not quite, . not needed, ! not taken over\n");
  print_lines (plan->import->lines);
  print_lines (plan->user_lines);
  g_print (done ? "Settings that were changed:\n" : "Settings that would be changed:\n");
  for (GList *next = settings; next != NULL; next = next->next)
    g_print ("  %s=%s\n", (const char *) next->data,
             (const char *) g_hash_table_lookup (plan->import->settings, next->data));
  print_groups (plan, done);
  g_print (done ? "Users:\n" : "Users that would be added:\n");
  for (guint i = 0; i < plan->people->len; i++)
    {
      const SpImportPerson *person = plan->people->pdata[i];
      g_autofree char *login = sp_text_printable (person->user->account->login);

      g_print ("%s %s%s%s%s\n", person->outcome != NULL || !person->keeps_password ? "!" : "=",
               login, person->user->account->is_locked ? " (locked)" : "",
               person->outcome != NULL || person->words != NULL ? ": " : "",
               person->outcome != NULL ? person->outcome
                                       : (person->words != NULL ? person->words : ""));
    }
  if (plan->strange > 0)
    g_print ("! %u lines of the password file are none\n", plan->strange);
}

static void
add_lines (SpJson *json, const GArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const SpImportLine *line = &g_array_index (lines, SpImportLine, i);

      sp_json_open (json, NULL, '{');
      sp_json_text (json, "file", line->line->file);
      sp_json_number (json, "line", line->line->line);
      sp_json_text (json, "key", line->line->key != NULL ? line->line->key : "");
      sp_json_text (json, "value", line->line->value);
      sp_json_text (json, "verdict", sp_import_verdict_word (line->verdict));
      sp_json_text (json, "setting", line->setting != NULL ? line->setting : "");
      sp_json_text (json, "words", line->words != NULL ? line->words : "");
      sp_json_close (json, '}');
    }
}

static void
add_people (SpJson *json, const GPtrArray *people)
{
  for (guint i = 0; i < people->len; i++)
    {
      const SpImportPerson *person = people->pdata[i];

      sp_json_open (json, NULL, '{');
      sp_json_text (json, "login", person->user->account->login);
      sp_json_text (json, "password", person->keeps_password ? "kept" : "not");
      sp_json_text (json, "words", person->words != NULL ? person->words : "");
      sp_json_text (json, "error", person->outcome != NULL ? person->outcome : "");
      sp_json_value (json, "values", person->values);
      sp_json_close (json, '}');
    }
}

static void
add_groups (SpJson *json, const GPtrArray *groups)
{
  for (guint i = 0; i < groups->len; i++)
    {
      const SpImportedGroup *group = groups->pdata[i];

      sp_json_open (json, NULL, '{');
      sp_json_text (json, "name", group->group->name);
      sp_json_text (json, "error", group->outcome != NULL ? group->outcome : "");
      sp_json_value (json, "values", group->values);
      sp_json_close (json, '}');
    }
}

static void
print_json (const SpImportPlan *plan, gboolean done)
{
  g_autoptr (GVariant) applied = g_variant_ref_sink (g_variant_new_boolean (done));
  GHashTableIter iter;
  gpointer key, value;
  SpJson json;

  sp_json_init (&json);
  sp_json_value (&json, "applied", applied);
  sp_json_open (&json, "lines", '[');
  add_lines (&json, plan->import->lines);
  add_lines (&json, plan->user_lines);
  sp_json_close (&json, ']');
  sp_json_open (&json, "settings", '{');
  g_hash_table_iter_init (&iter, plan->import->settings);
  while (g_hash_table_iter_next (&iter, &key, &value))
    sp_json_text (&json, key, value);
  sp_json_close (&json, '}');
  sp_json_open (&json, "groups", '[');
  add_groups (&json, plan->groups);
  sp_json_close (&json, ']');
  sp_json_open (&json, "users", '[');
  add_people (&json, plan->people);
  sp_json_close (&json, ']');
  sp_json_number (&json, "strange-lines", plan->strange);
  sp_json_print (&json);
}

SpExitStatus
sp_ctl_import_ocserv (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autofree char *password_file = NULL;
  gboolean dry_run = FALSE;
  const GOptionEntry options[] = {
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "Only tell what would be done", NULL },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &password_file,
      "The file of users, where the configuration names another place", "FILE" },
    { 0 },
  };
  g_auto (SpImportPlan) plan = { 0 };

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if (!sp_import_plan_read (&plan, (*arguments)[1], password_file, error) ||
      (!dry_run && !carry_out (control, &plan, error)))
    return SP_EXIT_FAILED;
  if (control->json)
    print_json (&plan, !dry_run);
  else
    print_report (&plan, !dry_run);
  return count_failures (&plan) > 0 ? SP_EXIT_FAILED : SP_EXIT_OK;
}
