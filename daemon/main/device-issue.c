/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-registry-private.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* One certificate on its way.  Main makes the memory files and hands them over; it reads neither.
 */
typedef struct
{
  SpUser *user;
  SpDevice *device; /* of a renewal, else NULL */
  char *name;
  SpIssueDevice message;
  int file;
  int passphrase;       /* that is made, or empty */
  int given_passphrase; /* the caller's, or -1 */
} Issue;

static void
issue_free (Issue *issue)
{
  g_object_unref (issue->user);
  g_clear_object (&issue->device);
  g_free (issue->name);
  sp_fd_clear (&issue->file);
  sp_fd_clear (&issue->passphrase);
  sp_fd_clear (&issue->given_passphrase);
  g_free (issue);
}

/* Nobody changes it after it was given out, and whoever reads it begins at its beginning. */
static gboolean
seal (int fd, GError **error)
{
  const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

  if (fcntl (fd, F_ADD_SEALS, seals) == 0 && lseek (fd, 0, SEEK_SET) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "sealing a memory file");
  return FALSE;
}

static gboolean
make_files (Issue *issue, GError **error)
{
  issue->file = memfd_create ("device", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  issue->passphrase = memfd_create ("passphrase", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (issue->file >= 0 && issue->passphrase >= 0)
    return TRUE;
  sp_error_set_errno (error, errno, "making a memory file");
  return FALSE;
}

/* --- the keyholder's answer --- */

static SpDevice *
store_new (SpDeviceRegistry *self, const Issue *issue, const SpDeviceIssued *issued, GError **error)
{
  SpDevice *device = sp_device_registry_add (
      self, issue->message.device, issue->user, SP_DEVICE_CERTIFICATE, issue->name,
      (gint64) issued->not_after, issued->fingerprint, NULL, error);
  g_autoptr (GTask) ignored = NULL;

  if (device != NULL)
    return device;
  /* nobody gets the file, so it may as well not be good */
  ignored = g_task_new (self, NULL, NULL, NULL);
  sp_keyholder_client_remove_device (self->keyholder, issue->message.device, ignored);
  return NULL;
}

static SpDevice *
store_renewed (SpDeviceRegistry *self,
               const Issue *issue,
               const SpDeviceIssued *issued,
               GError **error)
{
  SpDeviceRecord record = *sp_device_get_record (issue->device);

  record.issued = g_get_real_time ();
  record.not_after = (gint64) issued->not_after;
  memcpy (record.fingerprint, issued->fingerprint, SP_FINGERPRINT_SIZE);
  if (!sp_device_registry_store (self, record, error))
    return NULL;
  sp_device_set_certificate (issue->device, &record);
  return issue->device;
}

static void
issued_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpDeviceRegistry *self = SP_DEVICE_REGISTRY (source);
  g_autoptr (GTask) task = user_data;
  Issue *issue = g_task_get_task_data (task);
  GError *error = NULL;
  g_autofree SpDeviceIssued *issued = g_task_propagate_pointer (G_TASK (result), &error);
  SpDevice *device = NULL;

  if (issued != NULL && seal (issue->file, &error) && seal (issue->passphrase, &error))
    device = issue->device != NULL ? store_renewed (self, issue, issued, &error)
                                   : store_new (self, issue, issued, &error);
  if (device != NULL)
    g_task_return_pointer (task, device, NULL);
  else
    g_task_return_error (task, error);
}

/* --- the question --- */

static gboolean
check (SpDeviceRegistry *self, const Issue *issue, GError **error)
{
  guint most = (guint) sp_user_get_number (issue->user, SP_USER_DEVICES_MAX);

  if (issue->message.days > SP_DEVICE_DAYS_MAX || issue->message.format > SP_DEVICE_FORMAT_LAST)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "a certificate is good for at most %d days", SP_DEVICE_DAYS_MAX);
      return FALSE;
    }
  if (issue->device != NULL && sp_device_get_record (issue->device)->kind != SP_DEVICE_CERTIFICATE)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "the device signs in with a password, not with a certificate");
      return FALSE;
    }
  if (issue->device != NULL || sp_device_registry_count_of (self, issue->user) < most)
    return sp_device_name_check (issue->name, error);
  g_set_error (error, SP_ERROR, SP_ERROR_BUSY,
               "the user has %u devices, and may not have more; revoke one first", most);
  return FALSE;
}

static void
fill_in (Issue *issue)
{
  SpIssueDevice *message = &issue->message;
  const char *login = sp_user_get_login (issue->user);

  message->renew = issue->device != NULL ? 1 : 0;
  if (issue->device != NULL)
    memcpy (message->device, sp_device_get_id (issue->device), SP_ID_SIZE);
  else
    sp_random_bytes (message->device, SP_ID_SIZE);
  memcpy (message->user, sp_user_get_id (issue->user), SP_ID_SIZE);
  if (message->days == 0)
    message->days = SP_DEVICE_DAYS;
  if (issue->given_passphrase >= 0)
    message->passphrase = SP_PASSPHRASE_GIVEN;
  else
    message->passphrase =
        message->format == SP_DEVICE_PEM ? SP_PASSPHRASE_NONE : SP_PASSPHRASE_MADE;
  message->login_length = (guint16) MIN (strlen (login), SP_LOGIN_MAX);
  memcpy (message->login, login, message->login_length);
  message->name_length = (guint16) strlen (issue->name);
  memcpy (message->name, issue->name, message->name_length);
}

/* Takes the issue. */
static void
ask (SpDeviceRegistry *self, Issue *issue, GTask *task)
{
  g_autoptr (GTask) inner = NULL;
  GError *error = NULL;
  int fds[2];

  g_task_set_task_data (task, issue, (GDestroyNotify) issue_free);
  if (!check (self, issue, &error) || !make_files (issue, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  fill_in (issue);
  fds[0] = issue->file;
  fds[1] = issue->given_passphrase >= 0 ? issue->given_passphrase : issue->passphrase;
  inner = g_task_new (self, NULL, issued_cb, g_object_ref (task));
  sp_keyholder_client_issue_device (self->keyholder, &issue->message, fds, inner);
}

static Issue *
issue_new (SpUser *user, const char *name, SpDeviceFormat format, int passphrase_fd, guint days)
{
  Issue *issue = g_new0 (Issue, 1);

  issue->user = g_object_ref (user);
  issue->name = g_strdup (name);
  issue->file = issue->passphrase = -1;
  issue->given_passphrase = passphrase_fd;
  issue->message.format = (guint8) format;
  issue->message.days = days;
  return issue;
}

void
sp_device_registry_issue_async (SpDeviceRegistry *self,
                                SpUser *user,
                                const char *name,
                                SpDeviceFormat format,
                                int passphrase_fd,
                                guint days,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  ask (self, issue_new (user, name, format, passphrase_fd, days), task);
}

void
sp_device_registry_renew_async (SpDeviceRegistry *self,
                                SpDevice *device,
                                SpDeviceFormat format,
                                int passphrase_fd,
                                guint days,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Issue *issue = issue_new (sp_device_get_user (device), sp_device_get_name (device), format,
                            passphrase_fd, days);

  issue->device = g_object_ref (device);
  ask (self, issue, task);
}

SpDevice *
sp_device_registry_issue_finish (SpDeviceRegistry *self,
                                 GAsyncResult *result,
                                 int *ret_file,
                                 int *ret_passphrase,
                                 GError **error)
{
  SpDevice *device = g_task_propagate_pointer (G_TASK (result), error);
  Issue *issue = g_task_get_task_data (G_TASK (result));

  *ret_file = device != NULL ? sp_fd_steal (&issue->file) : -1;
  *ret_passphrase = device != NULL ? sp_fd_steal (&issue->passphrase) : -1;
  return device;
}
