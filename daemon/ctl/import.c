/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "json.h"
#include "ocserv-map.h"
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

typedef struct
{
  const SpOcservUser *user; /* of the password file */
  GVariant *values;         /* a{sv} of AddUser */
  gboolean keeps_password;
  const char *words; /* why not */
  char *outcome;     /* after it was tried: what went wrong, or NULL */
} Person;

typedef struct
{
  GPtrArray *files; /* of arrays of SpOcservLine, which the report names */
  SpImport *import;
  GArray *user_lines;  /* of SpImportLine: of files of users and groups */
  GPtrArray *accounts; /* of SpOcservUser */
  guint strange;
  GPtrArray *people; /* of Person */
} Plan;

static void
person_free (gpointer data)
{
  Person *person = data;

  g_variant_unref (person->values);
  g_free (person->outcome);
  g_free (person);
}

static void
plan_clear (Plan *plan)
{
  g_clear_pointer (&plan->people, g_ptr_array_unref);
  g_clear_pointer (&plan->accounts, g_ptr_array_unref);
  g_clear_pointer (&plan->user_lines, g_array_unref);
  g_clear_pointer (&plan->import, sp_import_free);
  g_clear_pointer (&plan->files, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, plan_clear)

/* --- reading --- */

static gboolean
is_known (const Plan *plan, const char *path)
{
  for (guint i = 0; i < plan->files->len; i++)
    {
      const GPtrArray *lines = plan->files->pdata[i];

      if (lines->len > 0 && strcmp (((const SpOcservLine *) lines->pdata[0])->file, path) == 0)
        return TRUE;
    }
  return FALSE;
}

/* A file for one user or group; that there is none is fine. */
static gboolean
read_values (Plan *plan, const char *folder, const char *name, GVariantDict *values, GError **error)
{
  g_autoptr (GArray) untold = g_array_new (FALSE, FALSE, sizeof (SpImportLine));
  g_autofree char *path = NULL;
  GPtrArray *lines;
  gboolean known;

  if (folder == NULL || name[0] == '\0' || name[0] == '.' || strchr (name, '/') != NULL)
    return TRUE;
  path = g_build_filename (folder, name, NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  lines = sp_ocserv_read_file (path, error);
  if (lines == NULL)
    return FALSE;
  /* a group's file is told of once */
  known = is_known (plan, path);
  g_ptr_array_add (plan->files, lines);
  sp_import_map_user (lines, values, known ? untold : plan->user_lines);
  return TRUE;
}

/* The service decides; this is so that it can be told beforehand. */
static const char *
judge_hash (const char *hash)
{
  static const char *const good[] = { "$y$", "$6$", "$5$", "$2a$", "$2b$", "$2y$" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    if (g_str_has_prefix (hash, good[i]))
      return NULL;
  if (g_str_has_prefix (hash, "$1$"))
    return "the password is hashed with MD5, which is broken today: set a new one";
  return "the password is hashed by a method that is not taken over: set a new one";
}

static gboolean
add_person (Plan *plan, const SpOcservUser *user, GError **error)
{
  g_auto (GVariantDict) values = G_VARIANT_DICT_INIT (NULL);
  Person *person;

  if (!read_values (plan, plan->import->group_folder, user->group, &values, error) ||
      !read_values (plan, plan->import->user_folder, user->login, &values, error))
    return FALSE;
  g_variant_dict_insert (&values, "Login", "s", user->login);
  if (user->is_locked)
    g_variant_dict_insert (&values, "Enabled", "b", FALSE);
  person = g_new0 (Person, 1);
  person->user = user;
  person->values = g_variant_ref_sink (g_variant_dict_end (&values));
  person->words = judge_hash (user->hash);
  person->keeps_password = person->words == NULL;
  g_ptr_array_add (plan->people, person);
  return TRUE;
}

static gboolean
read_people (Plan *plan, const char *path, GError **error)
{
  if (path == NULL)
    return TRUE;
  plan->accounts = sp_ocserv_read_users (path, &plan->strange, error);
  if (plan->accounts == NULL)
    return FALSE;
  for (guint i = 0; i < plan->accounts->len; i++)
    if (!add_person (plan, plan->accounts->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* What the configuration names by a relative path lies beside it: so a copy of it all is enough. */
static void
resolve (const char *configuration, char **path)
{
  g_autofree char *folder = NULL;
  g_autofree char *relative = *path;

  if (relative == NULL || g_path_is_absolute (relative))
    {
      *path = g_steal_pointer (&relative);
      return;
    }
  folder = g_path_get_dirname (configuration);
  *path = g_build_filename (folder, relative, NULL);
}

static gboolean
read_plan (Plan *plan, const char *path, const char *password_file, GError **error)
{
  GPtrArray *lines = sp_ocserv_read_file (path, error);

  if (lines == NULL)
    return FALSE;
  plan->files = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_ptr_array_add (plan->files, lines);
  plan->people = g_ptr_array_new_with_free_func (person_free);
  plan->user_lines = g_array_new (FALSE, FALSE, sizeof (SpImportLine));
  plan->import = sp_import_map (lines);
  resolve (path, &plan->import->password_file);
  resolve (path, &plan->import->user_folder);
  resolve (path, &plan->import->group_folder);
  return read_people (plan, password_file != NULL ? password_file : plan->import->password_file,
                      error);
}

/* --- carrying out --- */

static gboolean
change_settings (SpClient *client, Plan *plan, GError **error)
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
set_hash (SpClient *client, const char *path, const char *hash, GError **error)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr (SpBusUser) user = sp_bus_user_proxy_new_sync (
      client->connection, G_DBUS_PROXY_FLAGS_NONE, SP_BUS_NAME, path, NULL, error);
  sp_autofd int fd = user != NULL ? seal (hash) : -1;

  if (user == NULL)
    return FALSE;
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

/* What goes wrong with one is told with the others. */
static void
add_user (SpClient *client, Person *person)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (sp_bus_server_call_add_user_sync (client->server, person->values, sp_client_no_options (),
                                        client->flags, client->timeout, &path, NULL, &error) &&
      (!person->keeps_password || set_hash (client, path, person->user->hash, &error)))
    return;
  (void) g_dbus_error_strip_remote_error (error);
  person->outcome = g_strdup (error->message);
}

static guint
count_failures (const Plan *plan)
{
  guint failures = 0;

  for (guint i = 0; i < plan->people->len; i++)
    failures += ((const Person *) plan->people->pdata[i])->outcome != NULL ? 1 : 0;
  return failures;
}

static gboolean
carry_out (const SpControl *control, Plan *plan, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);

  if (client == NULL || !change_settings (client, plan, error))
    return FALSE;
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
print_report (const Plan *plan, gboolean done)
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
  g_print (done ? "Users:\n" : "Users that would be added:\n");
  for (guint i = 0; i < plan->people->len; i++)
    {
      const Person *person = plan->people->pdata[i];
      g_autofree char *login = sp_text_printable (person->user->login);

      g_print ("%s %s%s%s%s\n", person->outcome != NULL || !person->keeps_password ? "!" : "=",
               login, person->user->is_locked ? " (locked)" : "",
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
      const Person *person = people->pdata[i];

      sp_json_open (json, NULL, '{');
      sp_json_text (json, "login", person->user->login);
      sp_json_text (json, "password", person->keeps_password ? "kept" : "not");
      sp_json_text (json, "words", person->words != NULL ? person->words : "");
      sp_json_text (json, "error", person->outcome != NULL ? person->outcome : "");
      sp_json_value (json, "values", person->values);
      sp_json_close (json, '}');
    }
}

static void
print_json (const Plan *plan, gboolean done)
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
  g_auto (Plan) plan = { 0 };

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if (!read_plan (&plan, (*arguments)[1], password_file, error) ||
      (!dry_run && !carry_out (control, &plan, error)))
    return SP_EXIT_FAILED;
  if (control->json)
    print_json (&plan, !dry_run);
  else
    print_report (&plan, !dry_run);
  return count_failures (&plan) > 0 ? SP_EXIT_FAILED : SP_EXIT_OK;
}
