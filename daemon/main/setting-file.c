/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-row.h"

#include "base/error.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What one reading of a file knows so far. */
typedef struct
{
  const char *file_name;
  SpSettingScan scan;
  SpSettings *settings;
  char *group;
  guint *lines; /* where each row was set; 0 = nowhere */
} Reading;

static gboolean complain (Reading *reading, guint line, GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
complain (Reading *reading, guint line, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (reading->file_name == NULL)
    g_set_error_literal (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, what);
  else
    g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "%s:%u: %s", reading->file_name, line,
                 what);
  return FALSE;
}

static const SpSettingRow *
find_row (const char *group, const char *key)
{
  for (guint i = 0; i < sp_setting_rows_n; i++)
    if (strcmp (sp_setting_rows[i].key, key) == 0 &&
        (group == NULL || strcmp (sp_setting_rows[i].group, group) == 0))
      return &sp_setting_rows[i];
  return NULL;
}

static gboolean
is_group (const char *name)
{
  for (guint i = 0; i < sp_setting_rows_n; i++)
    if (strcmp (sp_setting_rows[i].group, name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
enter_group (Reading *reading, char *name, GError **error)
{
  g_autofree char *quoted = NULL;
  const char *nearest;

  g_free (reading->group);
  reading->group = name;
  if (is_group (name))
    return TRUE;
  nearest = sp_setting_nearest_group (name);
  quoted = sp_setting_quote (name);
  if (nearest != NULL)
    return complain (reading, reading->scan.line, error,
                     "[%s]: there is no such group; is [%s] meant?", quoted, nearest);
  return complain (reading, reading->scan.line, error,
                   "[%s]: there is no such group; see sallyport.conf(5)", quoted);
}

static gboolean
complain_unknown_key (Reading *reading, const char *key, GError **error)
{
  guint line = reading->scan.line;
  const SpSettingRow *elsewhere = find_row (NULL, key);
  const char *nearest = sp_setting_nearest_key (reading->group, key);
  g_autofree char *quoted = sp_setting_quote (key);

  if (elsewhere != NULL)
    return complain (reading, line, error, "[%s] %s: there is no such setting; it belongs to [%s]",
                     reading->group, key, elsewhere->group);
  if (nearest != NULL)
    return complain (reading, line, error, "[%s] %s: there is no such setting; is %s meant?",
                     reading->group, quoted, nearest);
  return complain (reading, line, error, "[%s] %s: there is no such setting; see sallyport.conf(5)",
                   reading->group, quoted);
}

static gboolean
apply_pair (Reading *reading, const char *key, const char *value, GError **error)
{
  g_autoptr (GError) why = NULL;
  guint line = reading->scan.line;
  const SpSettingRow *row;
  guint *first_line;

  if (reading->group == NULL)
    return complain (reading, line, error, "a setting stands before the first [group]");
  row = find_row (reading->group, key);
  if (row == NULL)
    return complain_unknown_key (reading, key, error);
  first_line = &reading->lines[row - sp_setting_rows];
  if (*first_line != 0)
    return complain (reading, line, error, "[%s] %s: is set in line %u already", row->group, key,
                     *first_line);
  *first_line = line;
  if (sp_setting_row_set (row, reading->settings, value, &why))
    {
      reading->settings->written[row - sp_setting_rows] = g_strdup (value);
      return TRUE;
    }
  return complain (reading, line, error, "[%s] %s: %s", row->group, key, why->message);
}

static gboolean
read_lines (Reading *reading, GError **error)
{
  for (;;)
    {
      char *first = NULL;
      g_autofree char *key = NULL;
      g_autofree char *value = NULL;

      switch (sp_setting_scan (&reading->scan, &first, &value))
        {
          case SP_SCAN_END:
            return TRUE;
          case SP_SCAN_GROUP:
            if (!enter_group (reading, first, error))
              return FALSE;
            break;
          case SP_SCAN_PAIR:
            key = first;
            if (!apply_pair (reading, key, value, error))
              return FALSE;
            break;
          case SP_SCAN_BAD:
            key = first;
            return complain (reading, reading->scan.line, error, "%s", key);
        }
    }
}

static gboolean
check_together (Reading *reading, GError **error)
{
  g_autoptr (GError) why = NULL;
  const SpSettingRow *row;

  sp_setting_resolve (reading->settings);
  row = sp_settings_find_conflict (reading->settings, &why);
  if (row == NULL)
    return TRUE;
  return complain (reading, reading->lines[row - sp_setting_rows], error, "[%s] %s: %s", row->group,
                   row->key, why->message);
}

SpSettings *
sp_settings_parse (const char *file_name, const char *text, gsize size, GError **error)
{
  g_autoptr (SpSettings) settings = sp_setting_make_standard ();
  g_autofree guint *lines = g_new0 (guint, sp_setting_rows_n);
  Reading reading = {
    .file_name = file_name,
    .scan = { .next = text, .end = text + size },
    .settings = settings,
    .lines = lines,
  };
  gboolean fine;

  if (size > SP_SETTINGS_FILE_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "%s: is larger than %u KiB",
                   file_name != NULL ? file_name : "the file", SP_SETTINGS_FILE_MAX / 1024);
      return NULL;
    }
  fine = read_lines (&reading, error) && check_together (&reading, error);
  g_free (reading.group);
  return fine ? g_steal_pointer (&settings) : NULL;
}

/* A pipe or device in the file's place must not stop or flood the reader. */
static int
open_file (const char *path, GError **error)
{
  sp_autofd int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat facts;

  if (fd < 0 || fstat (fd, &facts) != 0)
    {
      sp_error_set_errno (error, errno, "%s", path);
      return -1;
    }
  if (S_ISREG (facts.st_mode))
    return sp_fd_steal (&fd);
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "%s: is not a file", path);
  return -1;
}

/* Reads one byte more than is allowed, so that the parser sees what is too large. */
static gssize
read_all (int fd, char *text, const char *path, GError **error)
{
  gsize size = 0;

  while (size <= SP_SETTINGS_FILE_MAX)
    {
      ssize_t got = read (fd, text + size, SP_SETTINGS_FILE_MAX + 1 - size);
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          sp_error_set_errno (error, errno, "%s", path);
          return -1;
        }
      if (got == 0)
        break;
      size += got;
    }
  return size;
}

char *
sp_settings_read (const char *path, gsize *ret_size, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree char *text = g_malloc0 (SP_SETTINGS_FILE_MAX + 2);
  sp_autofd int fd = open_file (path, &reason);
  gssize size = 0;

  if (fd >= 0)
    size = read_all (fd, text, path, &reason);
  if (reason != NULL && !g_error_matches (reason, SP_ERROR, SP_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  *ret_size = (gsize) MAX (size, 0);
  return g_steal_pointer (&text);
}

SpSettings *
sp_settings_load (const char *path, GError **error)
{
  g_autofree char *file_name = g_path_get_basename (path);
  gsize size;
  g_autofree char *text = sp_settings_read (path, &size, error);

  return text != NULL ? sp_settings_parse (file_name, text, size, error) : NULL;
}
