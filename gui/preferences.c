/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preferences.h"

#include <errno.h>

#define FILE_NAME  "window.ini"
#define SAVE_DELAY 500 /* ms; a window that is being resized says so many times a second */

enum
{
  PROP_NOTIFY_NEW_DEVICES = 1,
  PROP_NOTIFY_CONNECTIONS,
  PROP_NOTIFY_PROBLEMS,
  PROP_WINDOW_WIDTH,
  PROP_WINDOW_HEIGHT,
  PROP_WINDOW_MAXIMIZED,
  N_PROPERTIES
};

static const struct
{
  const char *name; /* of the property, and in the file */
  const char *group;
  gboolean is_number;
  int standard;
  int least, most;
} rows[N_PROPERTIES] = {
  [PROP_NOTIFY_NEW_DEVICES] = { "notify-new-devices", "notifications", FALSE, TRUE, 0, 1 },
  [PROP_NOTIFY_CONNECTIONS] = { "notify-connections", "notifications", FALSE, FALSE, 0, 1 },
  [PROP_NOTIFY_PROBLEMS] = { "notify-problems", "notifications", FALSE, TRUE, 0, 1 },
  [PROP_WINDOW_WIDTH] = { "window-width", "window", TRUE, 900, 360, 10000 },
  [PROP_WINDOW_HEIGHT] = { "window-height", "window", TRUE, 640, 294, 10000 },
  [PROP_WINDOW_MAXIMIZED] = { "window-maximized", "window", FALSE, FALSE, 0, 1 },
};

struct _SpPreferences
{
  GObject parent_instance;
  char *path;
  int values[N_PROPERTIES];
  gboolean changed[N_PROPERTIES]; /* here, and not yet in the file */
  guint save;                     /* a timer */
  GFileMonitor *monitor;
};

G_DEFINE_FINAL_TYPE (SpPreferences, sp_preferences, G_TYPE_OBJECT)

static GKeyFile *
read_file (SpPreferences *preferences)
{
  GKeyFile *file = g_key_file_new ();
  g_autoptr (GError) error = NULL;

  if (!g_key_file_load_from_file (file, preferences->path, G_KEY_FILE_KEEP_COMMENTS, &error) &&
      !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    g_info ("%s: %s", preferences->path, error->message);
  return file;
}

/* What is missing, or cannot be, is the default. */
static int
read_value (GKeyFile *file, guint id)
{
  g_autoptr (GError) error = NULL;
  int value = rows[id].is_number
                  ? g_key_file_get_integer (file, rows[id].group, rows[id].name, &error)
                  : g_key_file_get_boolean (file, rows[id].group, rows[id].name, &error);

  return error == NULL ? CLAMP (value, rows[id].least, rows[id].most) : rows[id].standard;
}

static void
load (SpPreferences *preferences)
{
  g_autoptr (GKeyFile) file = read_file (preferences);

  for (guint id = 1; id < N_PROPERTIES; id++)
    {
      int value = preferences->changed[id] ? preferences->values[id] : read_value (file, id);

      if (value == preferences->values[id])
        continue;
      preferences->values[id] = value;
      g_object_notify (G_OBJECT (preferences), rows[id].name);
    }
}

static void
write_values (SpPreferences *preferences, GKeyFile *file)
{
  for (guint id = 1; id < N_PROPERTIES; id++)
    {
      if (preferences->changed[id] && rows[id].is_number)
        g_key_file_set_integer (file, rows[id].group, rows[id].name, preferences->values[id]);
      else if (preferences->changed[id])
        g_key_file_set_boolean (file, rows[id].group, rows[id].name, preferences->values[id]);
      preferences->changed[id] = FALSE;
    }
}

/* On what others wrote meanwhile. */
void
sp_preferences_flush (SpPreferences *preferences)
{
  g_autoptr (GKeyFile) file = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL;

  if (preferences->save == 0)
    return;
  g_clear_handle_id (&preferences->save, g_source_remove);
  file = read_file (preferences);
  folder = g_path_get_dirname (preferences->path);
  write_values (preferences, file);
  if (g_mkdir_with_parents (folder, 0700) < 0 ||
      !g_key_file_save_to_file (file, preferences->path, &error))
    g_message ("%s could not be written: %s", preferences->path,
               error != NULL ? error->message : g_strerror (errno));
}

static gboolean
on_save (gpointer data)
{
  sp_preferences_flush (data);
  return G_SOURCE_REMOVE;
}

static void
sp_preferences_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (rows[id].is_number)
    g_value_set_int (value, SP_PREFERENCES (object)->values[id]);
  else
    g_value_set_boolean (value, SP_PREFERENCES (object)->values[id]);
}

static void
sp_preferences_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  SpPreferences *preferences = SP_PREFERENCES (object);
  int fresh = rows[id].is_number ? g_value_get_int (value) : g_value_get_boolean (value);

  if (fresh == preferences->values[id])
    return;
  preferences->values[id] = fresh;
  preferences->changed[id] = TRUE;
  if (preferences->save == 0)
    preferences->save = g_timeout_add (SAVE_DELAY, on_save, preferences);
  g_object_notify_by_pspec (object, spec);
}

static void
follow_file (SpPreferences *preferences)
{
  g_autoptr (GFile) file = g_file_new_for_path (preferences->path);

  preferences->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (preferences->monitor != NULL)
    (void) g_signal_connect_object (preferences->monitor, "changed", G_CALLBACK (load), preferences,
                                    G_CONNECT_SWAPPED);
}

SpPreferences *
sp_preferences_new_for_file (const char *path)
{
  SpPreferences *preferences = g_object_new (SP_TYPE_PREFERENCES, NULL);

  preferences->path = g_strdup (path);
  load (preferences);
  follow_file (preferences);
  return preferences;
}

SpPreferences *
sp_preferences_new (void)
{
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "sallyport", FILE_NAME, NULL);

  return sp_preferences_new_for_file (path);
}

static void
sp_preferences_dispose (GObject *object)
{
  SpPreferences *preferences = SP_PREFERENCES (object);

  sp_preferences_flush (preferences);
  g_clear_object (&preferences->monitor);
  G_OBJECT_CLASS (sp_preferences_parent_class)->dispose (object);
}

static void
sp_preferences_finalize (GObject *object)
{
  g_free (SP_PREFERENCES (object)->path);
  G_OBJECT_CLASS (sp_preferences_parent_class)->finalize (object);
}

static void
sp_preferences_class_init (SpPreferencesClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = sp_preferences_get_property;
  object_class->set_property = sp_preferences_set_property;
  object_class->dispose = sp_preferences_dispose;
  object_class->finalize = sp_preferences_finalize;
  for (guint id = 1; id < N_PROPERTIES; id++)
    g_object_class_install_property (
        object_class, id,
        rows[id].is_number
            ? g_param_spec_int (rows[id].name, NULL, NULL, rows[id].least, rows[id].most,
                                rows[id].standard, flags)
            : g_param_spec_boolean (rows[id].name, NULL, NULL, rows[id].standard, flags));
}

static void
sp_preferences_init (SpPreferences *preferences)
{
  for (guint id = 1; id < N_PROPERTIES; id++)
    preferences->values[id] = rows[id].standard;
}
