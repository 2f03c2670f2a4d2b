/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "configuration.h"

#include "base/error.h"
#include "setting-variant.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER_MODE 0755
#define FILE_MODE   0644 /* nothing in it is a secret */

struct _SpConfiguration
{
  GObject parent;
  char *path;
  SpSettings *settings;
  SpSettingsJudge judge; /* or NULL */
  gpointer judge_data;
};

G_DEFINE_FINAL_TYPE (SpConfiguration, sp_configuration, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
sp_configuration_finalize (GObject *object)
{
  SpConfiguration *self = SP_CONFIGURATION (object);

  sp_settings_unref (self->settings);
  g_free (self->path);
  G_OBJECT_CLASS (sp_configuration_parent_class)->finalize (object);
}

static void
sp_configuration_class_init (SpConfigurationClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_configuration_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sp_configuration_init (SpConfiguration *self)
{
  self->settings = sp_settings_new_default ();
}

SpConfiguration *
sp_configuration_new (const char *path)
{
  SpConfiguration *self = g_object_new (SP_TYPE_CONFIGURATION, NULL);

  self->path = g_strdup (path);
  return self;
}

void
sp_configuration_set_judge (SpConfiguration *self, SpSettingsJudge judge, gpointer user_data)
{
  self->judge = judge;
  self->judge_data = user_data;
}

const char *
sp_configuration_get_path (SpConfiguration *self)
{
  return self->path;
}

SpSettings *
sp_configuration_get (SpConfiguration *self)
{
  return self->settings;
}

/* Takes `fresh`. */
static void
take (SpConfiguration *self, SpSettings *fresh)
{
  sp_settings_unref (self->settings);
  self->settings = fresh;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static gboolean
judge (SpConfiguration *self, SpSettings *fresh, gboolean check_only, GError **error)
{
  return self->judge == NULL || self->judge (self->judge_data, fresh, check_only, error);
}

gboolean
sp_configuration_load (SpConfiguration *self, GError **error)
{
  g_autoptr (SpSettings) fresh = sp_settings_load (self->path, error);

  if (fresh == NULL || !judge (self, fresh, FALSE, error))
    return FALSE;
  take (self, g_steal_pointer (&fresh));
  return TRUE;
}

/* A line end would begin another setting. */
static gboolean
check_line (const char *text, GError **error)
{
  for (const char *next = text; *next != '\0'; next = g_utf8_next_char (next))
    if (g_unichar_iscntrl (g_utf8_get_char (next)))
      {
        g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                     "must be one line without control characters");
        return FALSE;
      }
  return TRUE;
}

/* Each change by itself, so that the message has its name. */
static gboolean
check_edits (const SpSettingEdit *edits, gsize n_edits, GError **error)
{
  g_autoptr (SpSettings) scratch = sp_settings_new_default ();

  for (gsize i = 0; i < n_edits; i++)
    {
      const SpSettingRow *row = edits[i].row;
      g_autofree char *name = sp_setting_row_name (row);
      /* As the parser will see it. */
      g_autofree char *text = edits[i].text != NULL ? g_strstrip (g_strdup (edits[i].text)) : NULL;

      if (text == NULL ||
          (check_line (text, error) && sp_setting_row_set (row, scratch, text, error)))
        continue;
      g_prefix_error (error, "“%s”: ", name);
      return FALSE;
    }
  return TRUE;
}

/* What is wrong with the whole: the changes beside the rest, or the file before them. */
static SpSettings *
parse_edited (SpConfiguration *self, const char *before, const char *after, GError **error)
{
  g_autofree char *file_name = g_path_get_basename (self->path);
  g_autoptr (GError) why = NULL;
  SpSettings *fresh = sp_settings_parse (NULL, after, strlen (after), &why);
  g_autoptr (SpSettings) old = NULL;

  if (fresh != NULL)
    return fresh;
  old = sp_settings_parse (file_name, before, strlen (before), error);
  if (old == NULL)
    g_prefix_error (error, "the file has to be mended first: ");
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

gboolean
sp_configuration_make_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, FOLDER_MODE) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "making %s", folder);
  return FALSE;
}

/* By a new file in the old one's place, which is on the disk before it gets the name.  Who may read
 * the old one may read the new one; a link goes on to lead to it. */
static gboolean
write_file (const char *path, const char *text, GError **error)
{
  g_autoptr (GError) why = NULL;
  char *resolved = realpath (path, NULL);
  g_autofree char *target = g_strdup (resolved != NULL ? resolved : path);
  struct stat facts = { .st_mode = FILE_MODE };

  free (resolved);
  (void) stat (target, &facts); /* there may be none yet */
  if (!sp_configuration_make_folder (target, error))
    return FALSE;
  if (g_file_set_contents_full (target, text, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                &why) &&
      g_chmod (target, facts.st_mode & 0777) == 0)
    return TRUE;
  if (why != NULL)
    g_set_error_literal (error, SP_ERROR, SP_ERROR_FAILED, why->message);
  else
    sp_error_set_errno (error, errno, "%s", target);
  return FALSE;
}

static char *
read_text (SpConfiguration *self, GError **error)
{
  gsize size;
  g_autofree char *text = sp_settings_read (self->path, &size, error);

  if (text == NULL || strlen (text) == size)
    return g_steal_pointer (&text);
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "%s: is not a text", self->path);
  return NULL;
}

gboolean
sp_configuration_change (SpConfiguration *self,
                         const SpSettingEdit *edits,
                         gsize n_edits,
                         gboolean check_only,
                         GError **error)
{
  g_autofree char *before = read_text (self, error);
  g_autofree char *after = NULL;
  g_autoptr (SpSettings) fresh = NULL;

  if (before == NULL || !check_edits (edits, n_edits, error))
    return FALSE;
  after = sp_setting_edit (before, edits, n_edits);
  fresh = parse_edited (self, before, after, error);
  if (fresh == NULL || !judge (self, fresh, check_only, error))
    return FALSE;
  if (check_only)
    return TRUE;
  if (!write_file (self->path, after, error))
    {
      (void) judge (self, NULL, FALSE, NULL);
      return FALSE;
    }
  take (self, g_steal_pointer (&fresh));
  return TRUE;
}

char *
sp_configuration_read (SpConfiguration *self, GError **error)
{
  g_autofree char *file_name = g_path_get_basename (self->path);
  g_autofree char *text = read_text (self, error);
  g_autoptr (SpSettings) settings = NULL;

  if (text != NULL)
    settings = sp_settings_parse (file_name, text, strlen (text), error);
  return settings != NULL ? g_steal_pointer (&text) : NULL;
}

gboolean
sp_configuration_write_back (SpConfiguration *self, const char *text, GError **error)
{
  return write_file (self->path, text, error);
}

gboolean
sp_configuration_restore (SpConfiguration *self, const char *text, GError **error)
{
  return write_file (self->path, text, error) && sp_configuration_load (self, error);
}
