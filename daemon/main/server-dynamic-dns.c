/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

#include "base/io.h"
#include "keyholder-dns.h"
#include "secret-file.h"

/* The server's part in dynamic DNS: when to look, and the password, which is the keyholder's. */

static void
status_changed (SpServer *self)
{
  g_object_notify (G_OBJECT (self), "dynamic-dns");
}

static void
state_changed_cb (SpServer *self)
{
  sp_dynamic_dns_look (self->dynamic_dns);
}

static void
surroundings_changed_cb (SpSurroundings *surroundings, SpServer *self)
{
  sp_dynamic_dns_look_around (self->dynamic_dns);
}

void
sp_server_open_dynamic_dns (SpServer *self, const char *libexec_folder)
{
  self->dynamic_dns = sp_dynamic_dns_new (self, libexec_folder, status_changed);
  g_signal_connect (self, "notify::state", G_CALLBACK (state_changed_cb), NULL);
  g_signal_connect_object (self->surroundings, "changed", G_CALLBACK (surroundings_changed_cb),
                           self, 0);
}

void
sp_server_get_dynamic_dns (SpServer *self, SpDynamicDnsStatus *ret)
{
  sp_dynamic_dns_get_status (self->dynamic_dns, ret);
}

gboolean
sp_server_update_dynamic_dns (SpServer *self, GError **error)
{
  return sp_dynamic_dns_update (self->dynamic_dns, error);
}

/* --- the password --- */

static void
password_free (gpointer password)
{
  int fd = GPOINTER_TO_INT (password);

  sp_fd_clear (&fd);
}

/* Whatever a provider said to the old one. */
static void
password_set_cb (GObject *server, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  (void) sp_dynamic_dns_update (SP_SERVER (server)->dynamic_dns, NULL); /* it may be off */
  g_task_return_boolean (task, TRUE);
}

void
sp_server_set_dns_password_async (SpServer *self,
                                  SpDnsPasswordKind which,
                                  int password,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GTask) setting = g_task_new (self, NULL, password_set_cb, task);
  gboolean on = password >= 0;
  GError *error = NULL;

  if (!on)
    password = sp_secret_file_new (&error);
  if (password < 0)
    {
      g_task_return_error (setting, error);
      return;
    }
  g_task_set_task_data (setting, GINT_TO_POINTER (password), password_free);
  sp_keyholder_client_set_dns_password (self->keyholder, which, on, password, setting);
}

gboolean
sp_server_set_dns_password_finish (SpServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
