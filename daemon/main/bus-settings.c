/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-settings.h"

#include "bus-event.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"
#include "setting-variant.h"

struct _SpExportedSettings
{
  SpBusSettingsSkeleton parent_instance;
  SpServer *server;
};

/* --- properties --- */

/* In versions before this one some settings waited for a restart. */
static const char *const none_waits[] = { NULL };

/* The skeleton's own properties are called as GObject's are: "udp-port". */
static void
follow_row (SpBusSettings *bus, const SpSettingRow *row, const SpSettings *settings)
{
  g_autofree char *property = g_strdelimit (g_strdup (row->member), "_", '-');
  g_autoptr (GVariant) value =
      g_variant_ref_sink (sp_setting_row_value (row, sp_setting_row_text (row, settings)));
  g_auto (GValue) boxed = G_VALUE_INIT;

  g_dbus_gvariant_to_gvalue (value, &boxed);
  g_object_set_property (G_OBJECT (bus), property, &boxed);
}

static void
follow (SpExportedSettings *self)
{
  SpBusSettings *bus = SP_BUS_SETTINGS (self);
  const SpSettings *settings = sp_configuration_get (sp_server_get_configuration (self->server));

  g_object_freeze_notify (G_OBJECT (bus));
  for (guint i = 0; i < sp_setting_rows_n; i++)
    follow_row (bus, &sp_setting_rows[i], settings);
  sp_bus_settings_set_restart_needed (bus, none_waits);
  g_object_thaw_notify (G_OBJECT (bus));
}

/* --- changes --- */

static void
edit_clear (gpointer data)
{
  g_free ((char *) ((SpSettingEdit *) data)->text);
}

static const SpSettingRow *
find_row (const char *name, GError **error)
{
  const SpSettingRow *row = sp_setting_row_find (name);

  if (row == NULL)
    sp_bus_set_unknown_key (name, error);
  return row;
}

/* Takes `text`. */
static gboolean
add_edit (GArray *edits, const SpSettingRow *row, char *text, GError **error)
{
  const SpSettingEdit edit = { row, text };

  for (guint i = 0; i < edits->len; i++)
    if (g_array_index (edits, SpSettingEdit, i).row == row)
      {
        g_autofree char *name = sp_setting_row_name (row);

        g_free (text);
        g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, "“%s” is given twice", name);
        return FALSE;
      }
  g_array_append_val (edits, edit);
  return TRUE;
}

static gboolean
read_changes (GVariant *changes, GArray *edits, GError **error)
{
  GVariantIter pairs;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&pairs, changes);
  while (g_variant_iter_next (&pairs, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) owned = value;
      const SpSettingRow *row = find_row (name, error);
      char *text = row != NULL ? sp_setting_row_text_from (row, owned, error) : NULL;

      if (row != NULL && text == NULL)
        g_prefix_error (error, "“%s” ", name);
      if (text == NULL || !add_edit (edits, row, text, error))
        return FALSE;
    }
  return TRUE;
}

/* A range that cannot be used is refused here already, and not only when the server starts. */
static gboolean
check_range (SpServer *server, const GArray *edits, GError **error)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const SpSettingEdit *edit = &g_array_index (edits, SpSettingEdit, i);
      g_autofree char *network = NULL;
      SpNetwork range;

      if (edit->text == NULL || !g_str_equal (edit->row->member, "ipv4_range") ||
          !sp_network_from_text (edit->text, &range))
        continue;
      network = sp_surroundings_find_overlap (sp_server_get_surroundings (server), &range);
      if (network == NULL)
        continue;
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_ADDRESS_CONFLICT,
                   "“Ipv4Range” overlaps %s, a network of this computer", network);
      return FALSE;
    }
  return TRUE;
}

#define RESET_MAX 256 /* more than there are settings */

static const SpBusKey update_keys[] = {
  { "reset", "as", 0, RESET_MAX, FALSE },
  { "check-only", "b", 0, 0, FALSE },
};

static gboolean
read_options (GVariant *options, GArray *edits, gboolean *ret_check_only, GError **error)
{
  g_autofree const char **names = NULL;

  if (!sp_bus_options_check (options, update_keys, G_N_ELEMENTS (update_keys), error))
    return FALSE;
  (void) g_variant_lookup (options, "check-only", "b", ret_check_only);
  (void) g_variant_lookup (options, "reset", "^a&s", &names);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      const SpSettingRow *row = find_row (names[i], error);

      if (row == NULL || !add_edit (edits, row, NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
handle_update (SpBusSettings *object,
               GDBusMethodInvocation *invocation,
               GVariant *changes,
               GVariant *options)
{
  SpExportedSettings *self = SP_EXPORTED_SETTINGS (object);
  g_autoptr (GArray) edits = g_array_new (FALSE, FALSE, sizeof (SpSettingEdit));
  gboolean check_only = FALSE;
  GError *error = NULL;

  g_array_set_clear_func (edits, edit_clear);
  sp_event_book_hold (sp_server_get_events (self->server));
  if (!read_options (options, edits, &check_only, &error) ||
      !read_changes (changes, edits, &error) || !check_range (self->server, edits, &error) ||
      !sp_configuration_change (sp_server_get_configuration (self->server),
                                (const SpSettingEdit *) (void *) edits->data, edits->len,
                                check_only, &error))
    {
      g_free (sp_event_book_take (sp_server_get_events (self->server)));
      sp_bus_reply_error (invocation, error);
      return TRUE;
    }
  sp_bus_event_note_change (self->server, invocation);
  sp_bus_settings_complete_update (object, invocation, none_waits);
  return TRUE;
}

/* --- what there is --- */

static GVariant *
list_words (const SpSettingRow *row)
{
  GVariantBuilder words = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);

  for (guint word = SP_WORD_ABSENT + 1; word <= SP_WORD_LAST; word++)
    if ((row->words & (G_GUINT64_CONSTANT (1) << word)) != 0)
      g_variant_builder_add (&words, "s", sp_setting_word_to_string (word));
  return g_variant_builder_end (&words);
}

static GVariant *
describe (const SpSettingRow *row, const SpSettings *settings)
{
  GVariantDict pairs;
  g_autofree char *name = sp_setting_row_name (row);
  g_autofree char *expects = sp_setting_row_expects (row);
  const char *written = sp_setting_row_text (row, settings);

  g_variant_dict_init (&pairs, NULL);
  g_variant_dict_insert (&pairs, "Name", "s", name);
  g_variant_dict_insert (&pairs, "Key", "s", row->key);
  g_variant_dict_insert (&pairs, "Group", "s", row->group);
  g_variant_dict_insert (&pairs, "Type", "s", sp_setting_row_type (row));
  g_variant_dict_insert_value (&pairs, "Value", sp_setting_row_value (row, written));
  g_variant_dict_insert (&pairs, "Written", "s", written);
  g_variant_dict_insert (&pairs, "IsSet", "b", settings->written[row - sp_setting_rows] != NULL);
  g_variant_dict_insert (&pairs, "Default", "s", row->standard);
  g_variant_dict_insert_value (&pairs, "Words", list_words (row));
  g_variant_dict_insert (&pairs, "Least", "u", row->minimum);
  g_variant_dict_insert (&pairs, "Most", "u", row->maximum);
  g_variant_dict_insert (&pairs, "Unit", "s", row->unit);
  g_variant_dict_insert (&pairs, "Applies", "s", "at-once");
  g_variant_dict_insert (&pairs, "Expects", "s", expects);
  g_variant_dict_insert (&pairs, "About", "s", row->text);
  return g_variant_dict_end (&pairs);
}

static gboolean
handle_describe_settings (SpBusSettings *object,
                          GDBusMethodInvocation *invocation,
                          GVariant *options)
{
  SpExportedSettings *self = SP_EXPORTED_SETTINGS (object);
  const SpSettings *settings = sp_configuration_get (sp_server_get_configuration (self->server));
  GVariantBuilder all = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  GError *error = NULL;

  if (!sp_bus_options_check_empty (options, &error))
    {
      g_variant_builder_clear (&all);
      sp_bus_reply_error (invocation, error);
      return TRUE;
    }
  for (guint i = 0; i < sp_setting_rows_n; i++)
    g_variant_builder_add_value (&all, describe (&sp_setting_rows[i], settings));
  sp_bus_settings_complete_describe_settings (object, invocation, g_variant_builder_end (&all));
  return TRUE;
}

/* --- life --- */

static void
sp_exported_settings_iface_init (SpBusSettingsIface *iface)
{
  iface->handle_update = handle_update;
  iface->handle_describe_settings = handle_describe_settings;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SpExportedSettings,
                               sp_exported_settings,
                               SP_BUS_TYPE_SETTINGS_SKELETON,
                               G_IMPLEMENT_INTERFACE (SP_BUS_TYPE_SETTINGS,
                                                      sp_exported_settings_iface_init))

static void
sp_exported_settings_dispose (GObject *object)
{
  SpExportedSettings *self = SP_EXPORTED_SETTINGS (object);

  g_clear_object (&self->server);
  G_OBJECT_CLASS (sp_exported_settings_parent_class)->dispose (object);
}

static void
sp_exported_settings_class_init (SpExportedSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_exported_settings_dispose;
}

static void
sp_exported_settings_init (SpExportedSettings *self)
{
}

SpExportedSettings *
sp_exported_settings_new (SpServer *server)
{
  SpExportedSettings *self = g_object_new (SP_TYPE_EXPORTED_SETTINGS, NULL);

  self->server = g_object_ref (server);
  g_signal_connect_object (sp_server_get_configuration (server), "changed", G_CALLBACK (follow),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "notify::state", G_CALLBACK (follow), self, G_CONNECT_SWAPPED);
  follow (self);
  return self;
}
