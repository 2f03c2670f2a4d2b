/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backup-schedule.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "server-backup.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define LOOK_SECONDS 3600
#define NAME_BEGIN   "sallyport-"
#define NAME_END     ".backup"
#define NAME_DIGITS  "%Y%m%d-%H%M%S"
#define NAME_SIZE    (sizeof NAME_BEGIN - 1 + 15 + sizeof NAME_END - 1)
#define UNFINISHED   ".sallyport.unfinished"

struct _SpBackupSchedule
{
  SpServer *server; /* the owner */
  SpBackupChanged changed;
  guint timer;
  char *unfinished; /* the path of the one that is being made, or NULL */
  char *finished;   /* the path that it gets */
  gint64 last;
  char *failure;
};

char *
sp_backup_name_write (gint64 when)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (when / G_USEC_PER_SEC);

  return g_date_time_format (date, NAME_BEGIN NAME_DIGITS NAME_END);
}

gint64
sp_backup_name_read (const char *name)
{
  const char *digits = name + strlen (NAME_BEGIN);
  int fields[6];
  g_autoptr (GDateTime) date = NULL;
  g_autofree char *again = NULL;

  if (strlen (name) != NAME_SIZE || !g_str_has_prefix (name, NAME_BEGIN))
    return -1;
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      guint width = i == 0 ? 4 : 2;
      guint64 number;
      g_autofree char *text = g_strndup (digits, width);

      if (!g_ascii_string_to_unsigned (text, 10, 0, 9999, &number, NULL))
        return -1;
      fields[i] = (int) number;
      digits += i == 2 ? width + 1 : width;
    }
  date = g_date_time_new_utc (fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);
  if (date == NULL)
    return -1;
  again = sp_backup_name_write (g_date_time_to_unix (date) * G_USEC_PER_SEC);
  return g_str_equal (again, name) ? g_date_time_to_unix (date) * G_USEC_PER_SEC : -1;
}

static int
compare_names (gconstpointer left, gconstpointer right)
{
  return strcmp (*(char *const *) left, *(char *const *) right);
}

/* The oldest first; NULL with an error if the folder cannot be read. */
static GPtrArray *
list_backups (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &failure);
  const char *name;

  if (dir == NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s", failure->message);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (sp_backup_name_read (name) >= 0)
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static void
set_outcome (SpBackupSchedule *schedule, gint64 last, const char *failure)
{
  if (schedule->last == last && g_str_equal (schedule->failure, failure))
    return;
  if (failure[0] != '\0' && !g_str_equal (schedule->failure, failure))
    sp_log (SP_LOG_ERROR, "backup", "the weekly backup: %s", failure);
  schedule->last = last;
  g_free (schedule->failure);
  schedule->failure = g_strdup (failure);
  schedule->changed (schedule->server);
}

static const SpSettings *
get_settings (SpBackupSchedule *schedule)
{
  return sp_configuration_get (sp_server_get_configuration (schedule->server));
}

static void
remove_old (SpBackupSchedule *schedule, const char *folder)
{
  g_autoptr (GPtrArray) names = list_backups (folder, NULL);
  guint keep = get_settings (schedule)->backup_keep;

  for (guint i = 0; names != NULL && i + keep < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);

      if (unlink (path) != 0)
        sp_log (SP_LOG_WARNING, "backup", "removing %s: %s", path, g_strerror (errno));
    }
}

static gboolean
name_finished (SpBackupSchedule *schedule, GError **error)
{
  if (g_rename (schedule->unfinished, schedule->finished) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "naming %s", schedule->finished);
  return FALSE;
}

static void
on_exported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpBackupSchedule *schedule = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree SpBackupSealed *facts = sp_server_backup_finish (SP_SERVER (source), result, &error);
  g_autofree char *folder = g_path_get_dirname (schedule->finished);
  g_autofree char *name = g_path_get_basename (schedule->finished);

  if (facts != NULL && name_finished (schedule, &error))
    {
      sp_log (SP_LOG_NOTICE, "backup", "wrote %s", schedule->finished);
      remove_old (schedule, folder);
      set_outcome (schedule, sp_backup_name_read (name), "");
    }
  else
    {
      (void) unlink (schedule->unfinished);
      set_outcome (schedule, schedule->last, error->message);
    }
  g_clear_pointer (&schedule->unfinished, g_free);
  g_clear_pointer (&schedule->finished, g_free);
}

static void
make_backup (SpBackupSchedule *schedule, const char *folder, gint64 now)
{
  g_autofree char *path = g_build_filename (folder, UNFINISHED, NULL);
  g_autofree char *name = sp_backup_name_write (now);
  g_autofree char *failure = NULL;
  int fd;

  (void) unlink (path); /* of a run that was killed */
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    {
      failure = g_strdup_printf ("making a file in %s: %s", folder, g_strerror (errno));
      set_outcome (schedule, schedule->last, failure);
      return;
    }
  schedule->unfinished = g_steal_pointer (&path);
  schedule->finished = g_build_filename (folder, name, NULL);
  sp_server_export_async (schedule->server, fd, -1, on_exported, schedule);
}

/* A clock that was set back must not keep us from making backups for years. */
static gboolean
is_due (gint64 last, gint64 now)
{
  return now - last >= SP_BACKUP_INTERVAL || last - now >= SP_BACKUP_INTERVAL;
}

void
sp_backup_schedule_look (SpBackupSchedule *schedule)
{
  const char *folder = get_settings (schedule)->backup_folder;
  gint64 now = g_get_real_time ();
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GError) error = NULL;
  gint64 last;

  if (schedule->unfinished != NULL)
    return;
  if (folder[0] == '\0')
    {
      set_outcome (schedule, 0, "");
      return;
    }
  names = list_backups (folder, &error);
  if (names == NULL)
    {
      set_outcome (schedule, 0, error->message);
      return;
    }
  last = names->len > 0 ? sp_backup_name_read (names->pdata[names->len - 1]) : 0;
  if (is_due (last, now))
    {
      schedule->last = last;
      make_backup (schedule, folder, now);
    }
  else
    set_outcome (schedule, last, "");
}

static gboolean
timer_cb (gpointer user_data)
{
  sp_backup_schedule_look (user_data);
  return G_SOURCE_CONTINUE;
}

SpBackupSchedule *
sp_backup_schedule_new (SpServer *server, SpBackupChanged changed)
{
  SpBackupSchedule *schedule = g_new0 (SpBackupSchedule, 1);

  schedule->server = server;
  schedule->changed = changed;
  schedule->failure = g_strdup ("");
  schedule->timer = g_timeout_add_seconds (LOOK_SECONDS, timer_cb, schedule);
  return schedule;
}

void
sp_backup_schedule_free (SpBackupSchedule *schedule)
{
  if (schedule == NULL)
    return;
  (void) g_source_remove (schedule->timer);
  g_free (schedule->unfinished);
  g_free (schedule->finished);
  g_free (schedule->failure);
  g_free (schedule);
}

gint64
sp_backup_schedule_get_last (SpBackupSchedule *schedule)
{
  return schedule->last;
}

const char *
sp_backup_schedule_get_failure (SpBackupSchedule *schedule)
{
  return schedule->failure;
}
