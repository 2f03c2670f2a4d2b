/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/user-import.h"

#include "base/limits.h"
#include "client/login-proposal.h"

#include <string.h>

static void
free_person (gpointer data)
{
  SpImportPerson *person = data;

  g_clear_object (&person->known);
  g_free (person);
}

/* Logins of the server, and of the lines so far. */
typedef struct
{
  GHashTable *known; /* of SpBusUser */
  GHashTable *seen;
  GListModel *nobody;
} Context;

/* As the keyholder takes them (User.SetPasswordHash). */
static gboolean
is_taken_hash (const char *hash)
{
  static const char *const good[] = { "$y$", "$6$", "$5$", "$2a$", "$2b$", "$2y$" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    if (g_str_has_prefix (hash, good[i]))
      return TRUE;
  return FALSE;
}

static SpImportReason
find_fault (const SpFileUser *user)
{
  static const SpImportReason reasons[] = {
    [SP_FILE_USER_GOOD] = SP_IMPORT_FINE,
    [SP_FILE_USER_NO_LOGIN] = SP_IMPORT_NO_LOGIN,
    [SP_FILE_USER_STRANGE] = SP_IMPORT_STRANGE_LINE,
    [SP_FILE_USER_BAD_DATE] = SP_IMPORT_BAD_DATE,
    [SP_FILE_USER_LONG_NAME] = SP_IMPORT_LONG_NAME,
  };

  return reasons[user->fault];
}

static gboolean
differs (const SpFileUser *user, SpBusUser *known)
{
  return (user->full_name[0] != '\0' &&
          g_strcmp0 (user->full_name, sp_bus_user_get_full_name (known)) != 0) ||
         (user->ends_at != 0 && (guint64) user->ends_at != sp_bus_user_get_expires_at (known));
}

static SpImportReason
find_loss (const SpFileUser *user)
{
  if (user->hash != NULL)
    return is_taken_hash (user->hash) ? SP_IMPORT_FINE : SP_IMPORT_OLD_HASH;
  return user->password != NULL ? SP_IMPORT_FINE : SP_IMPORT_NO_PASSWORD;
}

static void
skip (SpImportPerson *person, SpImportReason reason)
{
  person->outcome = SP_IMPORT_SKIPPED;
  person->reason = reason;
}

static void
decide_of_known (SpImportPerson *person, SpBusUser *known)
{
  if (sp_bus_user_get_removed (known))
    skip (person, SP_IMPORT_REMOVED);
  else if (!differs (person->user, known))
    skip (person, SP_IMPORT_SAME);
  else
    {
      person->outcome = SP_IMPORT_UPDATED;
      person->known = g_object_ref (known);
    }
}

static void
decide (SpImportPerson *person, const Context *context)
{
  const SpFileUser *user = person->user;
  SpImportReason fault = find_fault (user);
  SpBusUser *known = g_hash_table_lookup (context->known, user->login);

  if (fault != SP_IMPORT_FINE)
    skip (person, fault);
  else if (sp_login_judge (user->login, context->nobody) != SP_LOGIN_GOOD)
    skip (person, SP_IMPORT_BAD_LOGIN);
  else if (!g_hash_table_add (context->seen, user->login))
    skip (person, SP_IMPORT_TWICE);
  else if (user->password != NULL && strlen (user->password) > SP_PASSWORD_MAX)
    skip (person, SP_IMPORT_LONG_PASSWORD);
  else if (known != NULL)
    decide_of_known (person, known);
  else
    person->reason = find_loss (user);
}

static GHashTable *
list_logins (GListModel *users)
{
  GHashTable *logins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  guint n = g_list_model_get_n_items (users);

  for (guint i = 0; i < n; i++)
    {
      SpBusUser *user = g_list_model_get_item (users, i);
      char *login = sp_bus_user_dup_login (user);

      (void) g_hash_table_insert (logins, login != NULL ? login : g_strdup (""), user);
    }
  return logins;
}

SpUserImport *
sp_user_import_plan (const SpUserFile *file, GListModel *users)
{
  SpUserImport *import = g_new0 (SpUserImport, 1);
  g_autoptr (GHashTable) known = list_logins (users);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GListStore) nobody = g_list_store_new (SP_BUS_TYPE_USER);
  const Context context = { .known = known, .seen = seen, .nobody = G_LIST_MODEL (nobody) };

  import->people = g_ptr_array_new_with_free_func (free_person);
  for (guint i = 0; i < file->users->len; i++)
    {
      SpImportPerson *person = g_new0 (SpImportPerson, 1);

      person->user = file->users->pdata[i];
      decide (person, &context);
      import->counts[person->outcome]++;
      g_ptr_array_add (import->people, person);
    }
  return import;
}

void
sp_user_import_free (SpUserImport *import)
{
  if (import == NULL)
    return;
  g_ptr_array_unref (import->people);
  g_free (import);
}

static void
add_common (GVariantBuilder *values, const SpFileUser *user)
{
  if (user->full_name[0] != '\0')
    g_variant_builder_add (values, "{sv}", "FullName", g_variant_new_string (user->full_name));
  if (user->ends_at != 0)
    g_variant_builder_add (values, "{sv}", "ExpiresAt",
                           g_variant_new_uint64 ((guint64) user->ends_at));
}

GVariant *
sp_import_person_create_values (const SpImportPerson *person)
{
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_common (&values, person->user);
  if (person->outcome == SP_IMPORT_NEW)
    g_variant_builder_add (&values, "{sv}", "Login", g_variant_new_string (person->user->login));
  if (person->outcome == SP_IMPORT_NEW && person->user->is_locked)
    g_variant_builder_add (&values, "{sv}", "Enabled", g_variant_new_boolean (FALSE));
  return g_variant_builder_end (&values);
}

GVariant *
sp_import_person_create_undo (const SpImportPerson *person)
{
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *full_name = sp_bus_user_dup_full_name (person->known);

  if (person->user->full_name[0] != '\0')
    g_variant_builder_add (&values, "{sv}", "FullName",
                           g_variant_new_string (full_name != NULL ? full_name : ""));
  if (person->user->ends_at != 0)
    g_variant_builder_add (&values, "{sv}", "ExpiresAt",
                           g_variant_new_uint64 (sp_bus_user_get_expires_at (person->known)));
  return g_variant_builder_end (&values);
}
