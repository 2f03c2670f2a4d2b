/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-link.h"

#include "bus/error.h"
#include "failure.h"

#include <glib/gi18n.h>

struct _SpSettingLink
{
  GObject parent_instance;
  GtkWidget *row; /* weak */
  SpSettingList *list;
  char *name;
  SpSetting *setting; /* NULL: not known */
  char *what;
  GCancellable *check;
  gboolean pending;
};

G_DEFINE_FINAL_TYPE (SpSettingLink, sp_setting_link, G_TYPE_OBJECT)

static void
tell (SpSettingLink *link)
{
  g_signal_emit_by_name (link, "changed");
}

static void
find_setting (SpSettingLink *link)
{
  SpSetting *setting = sp_setting_list_find (link->list, link->name);

  if (setting == link->setting)
    return;
  if (link->setting != NULL)
    (void) g_signal_handlers_disconnect_by_data (link->setting, link);
  g_set_object (&link->setting, setting);
  if (setting != NULL)
    (void) g_signal_connect_object (setting, "notify", G_CALLBACK (tell), link, G_CONNECT_SWAPPED);
  tell (link);
}

SpSettingLink *
sp_setting_link_new (GtkWidget *row, SpSettingList *list, const char *name)
{
  SpSettingLink *link = g_object_new (SP_TYPE_SETTING_LINK, NULL);
  SpServerConnection *connection = sp_setting_list_get_connection (list);

  g_set_weak_pointer (&link->row, row);
  link->list = g_object_ref (list);
  link->name = g_strdup (name);
  (void) g_signal_connect_object (list, "items-changed", G_CALLBACK (find_setting), link,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (tell), link,
                                  G_CONNECT_SWAPPED);
  find_setting (link);
  return link;
}

SpSettingList *
sp_setting_link_get_list (SpSettingLink *link)
{
  return link->list;
}

SpSetting *
sp_setting_link_get_setting (SpSettingLink *link)
{
  return link->setting;
}

const char *
sp_setting_link_get_value (SpSettingLink *link)
{
  return link->setting != NULL ? sp_setting_get_value (link->setting) : "";
}

gboolean
sp_setting_link_is_editable (SpSettingLink *link)
{
  SpServerConnection *connection = sp_setting_list_get_connection (link->list);

  return link->setting != NULL && !link->pending &&
         sp_server_connection_get_permission (connection, "configure") != SP_PERMISSION_NO;
}

gboolean
sp_setting_link_is_pending (SpSettingLink *link)
{
  return link->pending;
}

/* What the person can mend by writing something else. */
static gboolean
is_about_value (const GError *error)
{
  return g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS) ||
         g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_ADDRESS_CONFLICT);
}

static void
refuse (SpSettingLink *link, const GError *error)
{
  g_autofree char *text = NULL;

  if (!is_about_value (error))
    {
      sp_failure_show (link->row, link->what, error);
      return;
    }
  text = sp_failure_describe (error);
  g_signal_emit_by_name (link, "refused", text);
}

static void
on_changed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSettingLink) link = data;
  g_autoptr (GError) error = NULL;
  gboolean taken = sp_setting_list_change_finish (SP_SETTING_LIST (source), result, &error);

  link->pending = FALSE;
  if (link->row == NULL)
    return;
  if (taken)
    g_signal_emit_by_name (link, "taken");
  tell (link);
  if (!taken)
    refuse (link, error);
}

void
sp_setting_link_change (SpSettingLink *link, const char *text, const char *what)
{
  if (link->setting == NULL || link->pending)
    return;
  g_free (link->what);
  link->what = g_strdup_printf (_ ("%s was not changed"), what);
  link->pending = TRUE;
  sp_setting_list_change (link->list, link->setting, text, NULL, on_changed, g_object_ref (link));
  tell (link);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSettingLink) link = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gboolean taken = sp_setting_list_check_finish (SP_SETTING_LIST (source), result, &error);

  if (link->row == NULL || (!taken && !is_about_value (error)))
    return;
  text = taken ? g_strdup ("") : sp_failure_describe (error);
  g_signal_emit_by_name (link, "refused", text);
}

void
sp_setting_link_check (SpSettingLink *link, const char *text)
{
  g_autofree char *wrong = NULL;

  if (link->setting == NULL)
    return;
  if (link->check != NULL)
    g_cancellable_cancel (link->check);
  g_clear_object (&link->check);
  wrong = sp_setting_check (link->setting, text);
  if (wrong != NULL)
    {
      g_signal_emit_by_name (link, "refused", wrong);
      return;
    }
  link->check = g_cancellable_new ();
  sp_setting_list_check (link->list, link->setting, text, link->check, on_checked,
                         g_object_ref (link));
}

static void
sp_setting_link_dispose (GObject *object)
{
  SpSettingLink *link = SP_SETTING_LINK (object);

  if (link->check != NULL)
    g_cancellable_cancel (link->check);
  g_clear_object (&link->check);
  g_clear_weak_pointer (&link->row);
  g_clear_object (&link->setting);
  g_clear_object (&link->list);
  G_OBJECT_CLASS (sp_setting_link_parent_class)->dispose (object);
}

static void
sp_setting_link_finalize (GObject *object)
{
  SpSettingLink *link = SP_SETTING_LINK (object);

  g_free (link->name);
  g_free (link->what);
  G_OBJECT_CLASS (sp_setting_link_parent_class)->finalize (object);
}

static void
sp_setting_link_class_init (SpSettingLinkClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_setting_link_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_setting_link_finalize;
  (void) g_signal_new ("changed", SP_TYPE_SETTING_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
  (void) g_signal_new ("taken", SP_TYPE_SETTING_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
  (void) g_signal_new ("refused", SP_TYPE_SETTING_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
sp_setting_link_init (SpSettingLink *link)
{
}
