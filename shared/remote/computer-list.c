/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/computer-list.h"

#include <errno.h>
#include <glib/gstdio.h>

#define ADDRESS "address"
#define OWN_KEY "own-key"

void
sp_computer_free (SpComputer *computer)
{
  g_free (computer->address);
  g_free (computer);
}

static SpComputer *
create (const char *address, gboolean own_key)
{
  SpComputer *computer = g_new0 (SpComputer, 1);

  computer->address = g_strdup (address);
  computer->own_key = own_key;
  return computer;
}

GPtrArray *
sp_computer_list_read (const char *path)
{
  GPtrArray *computers = g_ptr_array_new_with_free_func ((GDestroyNotify) sp_computer_free);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return computers;
  groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL && computers->len < SP_COMPUTERS_MAX; i++)
    {
      g_autofree char *address = g_key_file_get_string (file, groups[i], ADDRESS, NULL);
      g_autoptr (SpTarget) target = address != NULL ? sp_target_parse (address, NULL) : NULL;

      if (target != NULL)
        g_ptr_array_add (computers,
                         create (address, g_key_file_get_boolean (file, groups[i], OWN_KEY, NULL)));
    }
  return computers;
}

static void
take_out (GPtrArray *computers, const char *address)
{
  for (guint i = computers->len; i-- > 0;)
    if (g_str_equal (((SpComputer *) computers->pdata[i])->address, address))
      (void) g_ptr_array_remove_index (computers, i);
}

static gboolean
write_file (const char *path, GPtrArray *computers, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *folder = g_path_get_dirname (path);

  for (guint i = 0; i < computers->len && i < SP_COMPUTERS_MAX; i++)
    {
      const SpComputer *computer = computers->pdata[i];
      g_autofree char *group = g_strdup_printf ("computer %u", i + 1);

      g_key_file_set_string (file, group, ADDRESS, computer->address);
      g_key_file_set_boolean (file, group, OWN_KEY, computer->own_key);
    }
  if (g_mkdir_with_parents (folder, 0700) == 0)
    return g_key_file_save_to_file (file, path, error);
  g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (errno), "%s: %s", folder,
               g_strerror (errno));
  return FALSE;
}

gboolean
sp_computer_list_add (const char *path, const char *address, gboolean own_key, GError **error)
{
  g_autoptr (GPtrArray) computers = sp_computer_list_read (path);

  take_out (computers, address);
  g_ptr_array_insert (computers, 0, create (address, own_key));
  return write_file (path, computers, error);
}

gboolean
sp_computer_list_remove (const char *path, const char *address, GError **error)
{
  g_autoptr (GPtrArray) computers = sp_computer_list_read (path);

  take_out (computers, address);
  return write_file (path, computers, error);
}
