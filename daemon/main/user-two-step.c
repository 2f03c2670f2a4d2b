/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-two-step.h"

#include "base/io.h"
#include "secret-file.h"
#include "user-registry-private.h"

/* The keyholder's answer arrives at an inner task whose data is the outer one, whose data is the
 * file. */
static void
filled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  int *file = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error) && sp_secret_file_seal (*file, &error))
    g_task_return_int (task, sp_fd_steal (file));
  else
    g_task_return_error (task, error);
}

static void
file_free (gpointer data)
{
  int *file = data;

  sp_fd_clear (file);
  g_free (file);
}

/* The inner task, or NULL when the outer one has failed.  The file is lent. */
static GTask *
begin (SpUserRegistry *users, GAsyncReadyCallback callback, gpointer user_data, int *ret_file)
{
  g_autoptr (GTask) task = g_task_new (users, NULL, callback, user_data);
  int *file = g_new (int, 1);
  GError *error = NULL;

  *file = *ret_file = sp_secret_file_new (&error);
  g_task_set_task_data (task, file, file_free);
  if (error == NULL)
    return g_task_new (users, NULL, filled_cb, g_steal_pointer (&task));
  g_task_return_error (task, error);
  return NULL;
}

void
sp_user_enroll_totp_async (SpUserRegistry *users,
                           SpUser *user,
                           const char *issuer,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  int file;
  g_autoptr (GTask) inner = begin (users, callback, user_data, &file);

  if (inner != NULL)
    sp_keyholder_client_enroll_totp (users->keyholder, sp_user_get_id (user),
                                     sp_user_get_login (user), issuer, file, inner);
}

void
sp_user_confirm_totp_async (SpUserRegistry *users,
                            SpUser *user,
                            const char *code,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  int file;
  g_autoptr (GTask) inner = begin (users, callback, user_data, &file);

  if (inner != NULL)
    sp_keyholder_client_confirm_totp (users->keyholder, sp_user_get_id (user), code, file, inner);
}

int
sp_user_totp_finish (SpUserRegistry *users, GAsyncResult *result, GError **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}

void
sp_user_remove_totp_async (SpUserRegistry *users,
                           SpUser *user,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (users, NULL, callback, user_data);

  sp_keyholder_client_remove_totp (users->keyholder, sp_user_get_id (user), task);
}

gboolean
sp_user_remove_totp_finish (SpUserRegistry *users, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
