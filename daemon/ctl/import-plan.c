/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import-plan.h"

#include <string.h>

static void
person_free (gpointer data)
{
  SpImportPerson *person = data;

  g_variant_unref (person->values);
  g_free (person->outcome);
  g_free (person);
}

static void
group_free (gpointer data)
{
  SpImportedGroup *group = data;

  g_variant_unref (group->values);
  g_variant_unref (group->members);
  g_free (group->outcome);
  g_free (group);
}

void
sp_import_plan_clear (SpImportPlan *plan)
{
  g_clear_pointer (&plan->groups, g_ptr_array_unref);
  g_clear_pointer (&plan->people, g_ptr_array_unref);
  g_clear_pointer (&plan->accounts, g_ptr_array_unref);
  g_clear_pointer (&plan->user_lines, g_array_unref);
  g_clear_pointer (&plan->import, sp_import_free);
  g_clear_pointer (&plan->files, g_ptr_array_unref);
}

/* --- reading --- */

static gboolean
is_known (const SpImportPlan *plan, const char *path)
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
read_values (SpImportPlan *plan,
             const char *folder,
             const char *name,
             GVariantDict *values,
             GVariantDict *group,
             GError **error)
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
  sp_import_map_user (lines, values, group, known ? untold : plan->user_lines);
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

/* Entries of `more` take the place of those of that name, or leave them. */
static void
merge (GVariantDict *values, GVariant *more, gboolean replace)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, more);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    if (replace || !g_variant_dict_contains (values, name))
      g_variant_dict_insert_value (values, name, value);
}

/* What a file gives, as a{sv}: one file's lists do not add up with another's. */
static GVariant *
read_own_values (SpImportPlan *plan, const char *folder, const char *name, GError **error)
{
  g_auto (GVariantDict) values = G_VARIANT_DICT_INIT (NULL);

  if (!read_values (plan, folder, name, &values, NULL, error))
    return NULL;
  return g_variant_ref_sink (g_variant_dict_end (&values));
}

static const SpImportedGroup *
find_group (const SpImportPlan *plan, const char *name)
{
  for (guint i = 0; i < plan->groups->len; i++)
    {
      const SpImportedGroup *group = plan->groups->pdata[i];

      if (strcmp (group->group->name, name) == 0)
        return group;
    }
  return NULL;
}

/* Those that can be chosen are named; the first of the others gives its values. */
static gboolean
add_groups_of (SpImportPlan *plan, const SpOcservUser *user, GVariantDict *values, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;
  gboolean hidden = FALSE;

  for (guint i = 0; user->account->groups[i] != NULL; i++)
    {
      const SpImportedGroup *group = find_group (plan, user->account->groups[i]);
      g_autoptr (GVariant) own = NULL;

      if (group != NULL)
        {
          merge (values, group->members, FALSE);
          g_strv_builder_add (builder, group->group->name);
          continue;
        }
      if (hidden)
        continue;
      hidden = TRUE;
      own = read_own_values (plan, plan->import->group_folder, user->account->groups[i], error);
      if (own == NULL)
        return FALSE;
      merge (values, own, FALSE);
    }
  names = g_strv_builder_end (builder);
  if (names[0] != NULL)
    g_variant_dict_insert (values, "Groups", "^as", names);
  return TRUE;
}

static gboolean
add_person (SpImportPlan *plan, const SpOcservUser *user, GError **error)
{
  g_auto (GVariantDict) values = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) own =
      read_own_values (plan, plan->import->user_folder, user->account->login, error);
  SpImportPerson *person;

  if (own == NULL || !add_groups_of (plan, user, &values, error))
    return FALSE;
  merge (&values, own, TRUE);
  g_variant_dict_insert (&values, "Login", "s", user->account->login);
  if (user->account->is_locked)
    g_variant_dict_insert (&values, "Enabled", "b", FALSE);
  person = g_new0 (SpImportPerson, 1);
  person->user = user;
  person->values = g_variant_ref_sink (g_variant_dict_end (&values));
  person->words = judge_hash (user->account->hash);
  person->keeps_password = person->words == NULL;
  g_ptr_array_add (plan->people, person);
  return TRUE;
}

static gboolean
read_people (SpImportPlan *plan, const char *path, GError **error)
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

static gboolean
add_group (SpImportPlan *plan, const SpImportGroup *named, GError **error)
{
  g_auto (GVariantDict) values = G_VARIANT_DICT_INIT (NULL);
  g_auto (GVariantDict) members = G_VARIANT_DICT_INIT (NULL);
  SpImportedGroup *group;

  if (!read_values (plan, plan->import->group_folder, named->name, &members, &values, error))
    return FALSE;
  g_variant_dict_insert (&values, "Name", "s", named->name);
  if (named->label[0] != '\0')
    g_variant_dict_insert (&values, "Label", "s", named->label);
  group = g_new0 (SpImportedGroup, 1);
  group->group = named;
  group->values = g_variant_ref_sink (g_variant_dict_end (&values));
  group->members = g_variant_ref_sink (g_variant_dict_end (&members));
  g_ptr_array_add (plan->groups, group);
  return TRUE;
}

/* A file whose name is none of a group's is told of with its members. */
static gboolean
name_every_file (SpImportPlan *plan, GError **error)
{
  g_autoptr (GDir) folder = NULL;
  const char *name;

  if (!plan->import->every_file_is_a_group || plan->import->group_folder == NULL)
    return TRUE;
  folder = g_dir_open (plan->import->group_folder, 0, error);
  if (folder == NULL)
    return FALSE;
  while ((name = g_dir_read_name (folder)) != NULL)
    (void) sp_import_add_group (plan->import, name, "");
  return TRUE;
}

static gboolean
read_groups (SpImportPlan *plan, GError **error)
{
  if (!name_every_file (plan, error))
    return FALSE;
  for (guint i = 0; i < plan->import->groups->len; i++)
    if (!add_group (plan, plan->import->groups->pdata[i], error))
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

gboolean
sp_import_plan_read (SpImportPlan *plan,
                     const char *path,
                     const char *password_file,
                     GError **error)
{
  GPtrArray *lines = sp_ocserv_read_file (path, error);

  if (lines == NULL)
    return FALSE;
  plan->files = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_ptr_array_add (plan->files, lines);
  plan->people = g_ptr_array_new_with_free_func (person_free);
  plan->groups = g_ptr_array_new_with_free_func (group_free);
  plan->user_lines = g_array_new (FALSE, FALSE, sizeof (SpImportLine));
  plan->import = sp_import_map (lines);
  resolve (path, &plan->import->password_file);
  resolve (path, &plan->import->user_folder);
  resolve (path, &plan->import->group_folder);
  return read_groups (plan, error) &&
         read_people (plan, password_file != NULL ? password_file : plan->import->password_file,
                      error);
}
