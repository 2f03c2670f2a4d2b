/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-list-private.h"

#include "bus/error.h"

#include <string.h>

enum
{
  PROP_N_STAGED = 1,
  PROP_N_RESTART_NEEDED,
  PROP_BUSY,
};

static void sp_setting_list_model_init (GListModelInterface *model);

G_DEFINE_FINAL_TYPE_WITH_CODE (SpSettingList,
                               sp_setting_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      sp_setting_list_model_init))

/* --- the model --- */

static GType
get_item_type (GListModel *model)
{
  return SP_TYPE_SETTING;
}

static guint
get_n_items (GListModel *model)
{
  return SP_SETTING_LIST (model)->settings->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  SpSettingList *list = SP_SETTING_LIST (model);

  return position < list->settings->len ? g_object_ref (list->settings->pdata[position]) : NULL;
}

static void
sp_setting_list_model_init (GListModelInterface *model)
{
  model->get_item_type = get_item_type;
  model->get_n_items = get_n_items;
  model->get_item = get_item;
}

SpSetting *
sp_setting_list_find (SpSettingList *list, const char *name)
{
  return g_hash_table_lookup (list->by_name, name);
}

SpServerConnection *
sp_setting_list_get_connection (SpSettingList *list)
{
  return list->connection;
}

/* --- what the service says --- */

static void
notify_counts (SpSettingList *list)
{
  g_object_notify (G_OBJECT (list), "n-staged");
  g_object_notify (G_OBJECT (list), "n-restart-needed");
}

static void
show_restart_needed (SpSettingList *list)
{
  g_auto (GStrv) names = sp_bus_settings_dup_restart_needed (list->proxy);

  for (guint i = 0; i < list->settings->len; i++)
    {
      SpSetting *setting = list->settings->pdata[i];

      sp_setting_set_restart_needed (setting, names != NULL &&
                                                  g_strv_contains ((const char *const *) names,
                                                                   sp_setting_get_name (setting)));
    }
  notify_counts (list);
}

/* The setting of a description: the one that was there, or a new one.  NULL: it has no name. */
static SpSetting *
take_description (SpSettingList *list, GVariant *description)
{
  const char *name;
  SpSetting *setting;

  if (!g_variant_lookup (description, "Name", "&s", &name))
    return NULL;
  setting = sp_setting_list_find (list, name);
  setting = setting != NULL ? g_object_ref (setting) : sp_setting_new (name);
  sp_setting_describe (setting, description);
  return setting;
}

/* Whether the items are others than before. */
static gboolean
take_settings (SpSettingList *list, GPtrArray *fresh)
{
  gboolean same = fresh->len == list->settings->len;

  for (guint i = 0; same && i < fresh->len; i++)
    same = fresh->pdata[i] == list->settings->pdata[i];
  g_hash_table_remove_all (list->by_name);
  for (guint i = 0; i < fresh->len; i++)
    (void) g_hash_table_insert (list->by_name, (gpointer) sp_setting_get_name (fresh->pdata[i]),
                                fresh->pdata[i]);
  g_ptr_array_unref (list->settings);
  list->settings = g_ptr_array_ref (fresh);
  return !same;
}

static void
take_descriptions (SpSettingList *list, GVariant *descriptions)
{
  g_autoptr (GPtrArray) fresh = g_ptr_array_new_with_free_func (g_object_unref);
  guint before = list->settings->len;
  GVariantIter each;
  GVariant *description;

  g_variant_iter_init (&each, descriptions);
  while ((description = g_variant_iter_next_value (&each)) != NULL)
    {
      SpSetting *setting = take_description (list, description);

      g_variant_unref (description);
      if (setting != NULL)
        g_ptr_array_add (fresh, setting);
    }
  if (take_settings (list, fresh))
    g_list_model_items_changed (G_LIST_MODEL (list), 0, before, list->settings->len);
  show_restart_needed (list);
}

/* Those that the service took, now that what it says of them is known. */
static void
end_changes (SpSettingList *list)
{
  g_autoptr (GPtrArray) ended = g_steal_pointer (&list->ended);

  list->ended = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < ended->len; i++)
    g_task_return_boolean (ended->pdata[i], TRUE);
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GVariant) descriptions = NULL;
  g_autoptr (GError) error = NULL;

  /* Cancelled: another one is on the way, or the list is gone.  What else may be the matter, the
   * connection tells. */
  if (sp_bus_settings_call_describe_settings_finish (SP_BUS_SETTINGS (source), &descriptions,
                                                     result, &error))
    take_descriptions (data, descriptions);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    end_changes (data);
}

static gboolean
on_refresh (gpointer data)
{
  SpSettingList *list = data;

  list->refresh = 0;
  if (list->describing != NULL)
    g_cancellable_cancel (list->describing);
  g_clear_object (&list->describing);
  list->describing = g_cancellable_new ();
  sp_bus_settings_call_describe_settings (
      list->proxy, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), G_DBUS_CALL_FLAGS_NONE,
      SP_CALL_TIMEOUT, list->describing, on_described, list);
  return G_SOURCE_REMOVE;
}

/* Many properties change at one time. */
void
sp_setting_list_refresh (SpSettingList *list)
{
  if (list->refresh == 0 && list->proxy != NULL)
    list->refresh = g_idle_add (on_refresh, list);
}

static void
follow_settings (SpSettingList *list)
{
  SpBusSettings *proxy = sp_server_connection_get_settings (list->connection);

  if (proxy == list->proxy)
    return;
  if (list->proxy != NULL)
    (void) g_signal_handlers_disconnect_by_data (list->proxy, list);
  g_set_object (&list->proxy, proxy);
  if (proxy == NULL)
    return;
  (void) g_signal_connect_object (proxy, "g-properties-changed",
                                  G_CALLBACK (sp_setting_list_refresh), list, G_CONNECT_SWAPPED);
  sp_setting_list_refresh (list);
}

/* --- changes --- */

gboolean
sp_setting_list_stages (SpSettingList *list, SpSetting *setting)
{
  SpBusServer *server = sp_server_connection_get_server (list->connection);
  const char *state = server != NULL ? sp_bus_server_get_state (server) : NULL;

  return (sp_setting_needs_restart (setting) || sp_setting_is_of_address (setting)) &&
         (g_strcmp0 (state, "on") == 0 || g_strcmp0 (state, "starting") == 0);
}

gboolean
sp_setting_list_disconnects (SpSettingList *list)
{
  gboolean any = FALSE;
  gboolean needed = FALSE;

  for (guint i = 0; i < list->settings->len; i++)
    {
      SpSetting *setting = list->settings->pdata[i];

      any |= sp_setting_is_staged (setting);
      needed |= sp_setting_is_restart_needed (setting) ||
                (sp_setting_is_staged (setting) && sp_setting_needs_restart (setting));
    }
  return needed || !any;
}

typedef struct
{
  SpSetting *setting; /* NULL: those that wait */
  char *text;
  gboolean check_only;
} Change;

static void
change_free (Change *change)
{
  g_clear_object (&change->setting);
  g_free (change->text);
  g_free (change);
}

/* The service puts the setting's name in front, which stands beside the message already. */
static GError *
without_name (GError *error, SpSetting *setting)
{
  g_autofree char *name = g_strdup_printf ("“%s”", sp_setting_get_name (setting));
  const char *rest = error->message;

  (void) g_dbus_error_strip_remote_error (error);
  rest = error->message;
  if (!g_str_has_prefix (rest, name))
    return error;
  rest += strlen (name);
  rest += strspn (rest, ": ");
  memmove (error->message, rest, strlen (rest) + 1);
  return error;
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SpSettingList *list = g_task_get_source_object (task);
  Change *change = g_task_get_task_data (task);
  GError *error = NULL;

  if (!sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result, &error))
    {
      g_task_return_error (task, without_name (error, change->setting));
      return;
    }
  if (g_task_get_source_tag (task) == sp_setting_list_check)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  sp_setting_stage (change->setting, change->check_only ? change->text : NULL);
  notify_counts (list);
  g_ptr_array_add (list->ended, g_steal_pointer (&task));
  sp_setting_list_refresh (list);
}

static void
begin_update (SpSettingList *list, GTask *task, GDBusCallFlags flags)
{
  Change *change = g_task_get_task_data (task);
  SpSettingEdits edits;

  if (list->proxy == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "not connected");
      g_object_unref (task);
      return;
    }
  sp_setting_edits_init (&edits);
  sp_setting_edits_add (&edits, change->setting, change->text);
  if (change->check_only)
    sp_setting_edits_add_staged (&edits, list, change->setting);
  sp_setting_edits_send (&edits, list, change->check_only, flags, g_task_get_cancellable (task),
                         on_updated, task);
}

static GTask *
create_task (SpSettingList *list,
             SpSetting *setting,
             const char *text,
             gboolean check_only,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer data)
{
  GTask *task = g_task_new (list, cancellable, callback, data);
  Change *change = g_new0 (Change, 1);

  change->setting = g_object_ref (setting);
  change->text = g_strdup (text);
  change->check_only = check_only;
  g_task_set_task_data (task, change, (GDestroyNotify) change_free);
  return task;
}

void
sp_setting_list_change (SpSettingList *list,
                        SpSetting *setting,
                        const char *text,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer data)
{
  gboolean stages = sp_setting_list_stages (list, setting);
  GTask *task = create_task (list, setting, text, stages, cancellable, callback, data);

  g_task_set_source_tag (task, sp_setting_list_change);
  begin_update (list, task, SP_CALL_FLAGS);
}

gboolean
sp_setting_list_change_finish (SpSettingList *list, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
sp_setting_list_check (SpSettingList *list,
                       SpSetting *setting,
                       const char *text,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer data)
{
  GTask *task = create_task (list, setting, text, TRUE, cancellable, callback, data);

  g_task_set_source_tag (task, sp_setting_list_check);
  begin_update (list, task, G_DBUS_CALL_FLAGS_NONE);
}

gboolean
sp_setting_list_check_finish (SpSettingList *list, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
sp_setting_list_discard (SpSettingList *list)
{
  for (guint i = 0; i < list->settings->len; i++)
    sp_setting_stage (list->settings->pdata[i], NULL);
  notify_counts (list);
}

/* --- life --- */

SpSettingList *
sp_setting_list_new (SpServerConnection *connection)
{
  SpSettingList *list = g_object_new (SP_TYPE_SETTING_LIST, NULL);

  list->connection = g_object_ref (connection);
  (void) g_signal_connect_object (connection, "notify::settings", G_CALLBACK (follow_settings),
                                  list, G_CONNECT_SWAPPED);
  follow_settings (list);
  return list;
}

static guint
count (SpSettingList *list, const char *property)
{
  guint n = 0;

  for (guint i = 0; i < list->settings->len; i++)
    {
      gboolean is;

      g_object_get (list->settings->pdata[i], property, &is, NULL);
      n += is ? 1 : 0;
    }
  return n;
}

static void
sp_setting_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SpSettingList *list = SP_SETTING_LIST (object);

  switch (id)
    {
      case PROP_N_STAGED:
        g_value_set_uint (value, count (list, "staged"));
        break;
      case PROP_N_RESTART_NEEDED:
        g_value_set_uint (value, count (list, "restart-needed"));
        break;
      case PROP_BUSY:
        g_value_set_boolean (value, list->busy);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
sp_setting_list_dispose (GObject *object)
{
  SpSettingList *list = SP_SETTING_LIST (object);

  g_clear_handle_id (&list->refresh, g_source_remove);
  if (list->describing != NULL)
    g_cancellable_cancel (list->describing);
  g_clear_object (&list->describing);
  g_clear_object (&list->proxy);
  g_clear_object (&list->connection);
  G_OBJECT_CLASS (sp_setting_list_parent_class)->dispose (object);
}

static void
sp_setting_list_finalize (GObject *object)
{
  SpSettingList *list = SP_SETTING_LIST (object);

  g_hash_table_unref (list->by_name);
  g_ptr_array_unref (list->settings);
  g_ptr_array_unref (list->ended);
  G_OBJECT_CLASS (sp_setting_list_parent_class)->finalize (object);
}

static void
sp_setting_list_class_init (SpSettingListClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = sp_setting_list_get_property;
  object_class->dispose = sp_setting_list_dispose;
  object_class->finalize = sp_setting_list_finalize;
  g_object_class_install_property (
      object_class, PROP_N_STAGED,
      g_param_spec_uint ("n-staged", NULL, NULL, 0, G_MAXUINT, 0, flags));
  g_object_class_install_property (
      object_class, PROP_N_RESTART_NEEDED,
      g_param_spec_uint ("n-restart-needed", NULL, NULL, 0, G_MAXUINT, 0, flags));
  g_object_class_install_property (object_class, PROP_BUSY,
                                   g_param_spec_boolean ("busy", NULL, NULL, FALSE, flags));
}

static void
sp_setting_list_init (SpSettingList *list)
{
  list->settings = g_ptr_array_new_with_free_func (g_object_unref);
  list->ended = g_ptr_array_new_with_free_func (g_object_unref);
  list->by_name = g_hash_table_new (g_str_hash, g_str_equal);
}
