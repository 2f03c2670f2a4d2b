/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-backup.h"

#include "dynamic-dns.h"
#include "port-mapping.h"

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"

#include <string.h>
#include <unistd.h>

#define MAGIC "fake backup of "

/* A backup of the fake server: a word and the passphrase itself.  It takes the passphrase that made
 * it, and nothing else is done. */

static gsize
read_all (int fd, char *text, gsize size)
{
  ssize_t got = fd >= 0 ? read (fd, text, size - 1) : 0;

  text[MAX (got, 0)] = '\0';
  (void) close (fd);
  return (gsize) MAX (got, 0);
}

static void
return_facts (GTask *task)
{
  SpBackupSealed *facts = g_new0 (SpBackupSealed, 1);

  facts->created = G_GUINT64_CONSTANT (1700000000000000);
  facts->main_schema = 2;
  facts->program_length = 3;
  memcpy (facts->program, "0.1", 3);
  g_task_return_pointer (task, facts, g_free);
}

void
sp_server_export_async (
    SpServer *self, int file, int passphrase, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  char text[SP_PASSWORD_MAX + 2];
  g_autofree char *content = NULL;

  (void) read_all (passphrase, text, sizeof text);
  content = g_strdup_printf (MAGIC "%zu bytes", strlen (text));
  if (write (file, content, strlen (content)) == (ssize_t) strlen (content))
    return_facts (task);
  else
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_FAILED, "writing");
  (void) close (file);
}

static gboolean
opens (int file, int passphrase)
{
  char content[64];
  char text[SP_PASSWORD_MAX + 2];
  g_autofree char *wanted = NULL;

  (void) read_all (file, content, sizeof content);
  (void) read_all (passphrase, text, sizeof text);
  wanted = g_strdup_printf (MAGIC "%zu bytes", strlen (text));
  return strcmp (wanted, content) == 0;
}

void
sp_server_check_backup_async (
    SpServer *self, int file, int passphrase, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  if (opens (file, passphrase))
    return_facts (task);
  else
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "it does not open");
}

void
sp_server_import_async (SpServer *self,
                        int file,
                        int passphrase,
                        gboolean with_settings,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  sp_server_check_backup_async (self, file, passphrase, callback, user_data);
}

SpBackupSealed *
sp_server_backup_finish (SpServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
sp_server_reset_async (SpServer *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_return_boolean (task, TRUE);
}

gboolean
sp_server_backup_done_finish (SpServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
sp_server_tell_replaced (SpServer *self, gpointer waiting)
{
  g_signal_emit_by_name (self, "replaced", waiting);
}

void
sp_server_set_backup_key_async (SpServer *self,
                                int passphrase,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  sp_fd_clear (&passphrase);
  g_task_return_boolean (task, TRUE);
}

void
sp_server_set_dns_password_async (SpServer *self,
                                  SpDnsPasswordKind which,
                                  int password,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  sp_fd_clear (&password);
  g_task_return_boolean (task, TRUE);
}

gboolean
sp_server_set_dns_password_finish (SpServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
sp_server_get_dynamic_dns (SpServer *self, SpDynamicDnsStatus *ret)
{
  memset (ret, 0, sizeof *ret);
  ret->reason = ret->advice = "";
}

gboolean
sp_server_renew_port_mapping (SpServer *self, GError **error)
{
  g_set_error_literal (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED, "port mapping is off");
  return FALSE;
}

gboolean
sp_server_update_dynamic_dns (SpServer *self, GError **error)
{
  g_set_error_literal (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED, "dynamic DNS is off");
  return FALSE;
}

gint64
sp_server_get_last_backup_at (SpServer *self)
{
  return 0;
}

const char *
sp_server_get_last_backup_error (SpServer *self)
{
  return "";
}
