/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

#include "bus/interfaces.h"

#include <stdio.h>

static void
append_string (GString *text, const char *string)
{
  g_string_append_c (text, '"');
  for (const char *next = string; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar character = g_utf8_get_char (next);

      if (character == '"' || character == '\\')
        g_string_append_printf (text, "\\%c", (char) character);
      else if (g_unichar_iscntrl (character))
        g_string_append_printf (text, "\\u%04x", character);
      else
        g_string_append_unichar (text, character);
    }
  g_string_append_c (text, '"');
}

static void
begin_member (SpJson *json, const char *key)
{
  if (json->follows)
    g_string_append (json->text, ", ");
  json->follows = TRUE;
  if (key == NULL)
    return;
  append_string (json->text, key);
  g_string_append (json->text, ": ");
}

void
sp_json_init (SpJson *json)
{
  json->text = g_string_new ("{");
  json->follows = FALSE;
  json->records = NULL;
  sp_json_number (json, "schema", SP_JSON_SCHEMA);
}

void
sp_json_init_listing (SpJson *json, const SpControl *control, const SpCommand *command)
{
  if (control->json && control->fields == NULL)
    sp_json_init (json);
  else
    *json = (SpJson){ .records = sp_records_new (control, command) };
}

void
sp_json_print (SpJson *json)
{
  if (json->records != NULL)
    {
      sp_records_print (g_steal_pointer (&json->records));
      return;
    }
  /* Not g_print(), which bends texts to the locale: JSON is UTF-8 everywhere. */
  (void) fputs (g_string_append (json->text, "}\n")->str, stdout);
  (void) fflush (stdout);
  (void) g_string_free (json->text, TRUE);
  json->text = NULL;
}

void
sp_json_end_list (SpJson *json, SpControl *control, const GError *error)
{
  sp_json_close (json, ']');
  if (error == NULL)
    sp_json_print (json);
  else
    control->unfinished = g_steal_pointer (&json->text);
}

void
sp_json_open (SpJson *json, const char *key, char bracket)
{
  if (json->records != NULL)
    {
      sp_records_open (json->records, key, bracket);
      return;
    }
  begin_member (json, key);
  g_string_append_c (json->text, bracket);
  json->follows = FALSE;
}

void
sp_json_close (SpJson *json, char bracket)
{
  if (json->records != NULL)
    {
      sp_records_close (json->records, bracket);
      return;
    }
  g_string_append_c (json->text, bracket);
  json->follows = TRUE;
}

void
sp_json_text (SpJson *json, const char *key, const char *text)
{
  if (json->records != NULL)
    {
      sp_records_take (json->records, key, g_variant_new_string (text));
      return;
    }
  begin_member (json, key);
  append_string (json->text, text);
}

void
sp_json_number (SpJson *json, const char *key, guint64 number)
{
  if (json->records != NULL)
    {
      sp_records_take (json->records, key, g_variant_new_uint64 (number));
      return;
    }
  begin_member (json, key);
  g_string_append_printf (json->text, "%" G_GUINT64_FORMAT, number);
}

static void
append_children (SpJson *json, const char *key, GVariant *container)
{
  gsize n_children = g_variant_n_children (container);

  sp_json_open (json, key, '[');
  for (gsize i = 0; i < n_children; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (container, i);

      sp_json_value (json, NULL, child);
    }
  sp_json_close (json, ']');
}

/* a{sv} has names of ours as keys, a{ss} has others' words. */
static void
append_dictionary (SpJson *json, const char *key, GVariant *dictionary)
{
  gboolean named = g_variant_is_of_type (dictionary, G_VARIANT_TYPE_VARDICT);
  GVariantIter pairs;
  GVariant *pair;

  sp_json_open (json, key, '{');
  g_variant_iter_init (&pairs, dictionary);
  while ((pair = g_variant_iter_next_value (&pairs)) != NULL)
    {
      g_autoptr (GVariant) owned = pair;
      g_autoptr (GVariant) name = g_variant_get_child_value (owned, 0);
      g_autoptr (GVariant) value = g_variant_get_child_value (owned, 1);

      if (named)
        sp_json_named (json, g_variant_get_string (name, NULL), value);
      else
        sp_json_value (json, g_variant_get_string (name, NULL), value);
    }
  sp_json_close (json, '}');
}

static void
append_null (SpJson *json, const char *key)
{
  begin_member (json, key);
  g_string_append (json->text, "null");
}

static void
append_error (SpJson *json, const char *key, GVariant *value)
{
  const char *name;
  const char *message;
  g_autoptr (GVariant) details = NULL;

  g_variant_get (value, "(&s&s@a{sv})", &name, &message, &details);
  if (name[0] == '\0')
    {
      append_null (json, key);
      return;
    }
  sp_json_open (json, key, '{');
  sp_json_text (json, "name", name);
  sp_json_text (json, "message", message);
  append_dictionary (json, "details", details);
  sp_json_close (json, '}');
}

void
sp_json_value (SpJson *json, const char *key, GVariant *value)
{
  g_autoptr (GVariant) inner = NULL;

  if (json->records != NULL)
    {
      sp_records_take (json->records, key, value);
      return;
    }
  if (value == NULL)
    append_null (json, key);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT))
    {
      inner = g_variant_get_variant (value);
      sp_json_value (json, key, inner);
    }
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE ("(ssa{sv})")))
    append_error (json, key, value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DICTIONARY))
    append_dictionary (json, key, value);
  else if (g_variant_is_container (value))
    append_children (json, key, value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ||
           g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH))
    sp_json_text (json, key, g_variant_get_string (value, NULL));
  else
    {
      /* Numbers and booleans: GVariant's text without types is JSON's. */
      g_autofree char *text = g_variant_print (value, FALSE);

      begin_member (json, key);
      g_string_append (json->text, text);
    }
}

void
sp_json_time (SpJson *json, const char *key, guint64 microseconds)
{
  g_autofree char *number_key = g_strconcat (key, SP_JSON_USEC_SUFFIX, NULL);
  g_autofree char *text = sp_json_time_text (microseconds);

  if (microseconds > 0 && text != NULL)
    sp_json_text (json, key, text);
  else
    sp_json_value (json, key, NULL);
  sp_json_number (json, number_key, microseconds);
}

void
sp_json_named (SpJson *json, const char *name, GVariant *value)
{
  g_autofree char *key = sp_json_key_from_name (name);
  g_autoptr (GVariant) inner = g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT)
                                   ? g_variant_get_variant (value)
                                   : g_variant_ref (value);

  if (sp_json_is_time (name, g_variant_get_type (inner)))
    sp_json_time (json, key, g_variant_get_uint64 (inner));
  else
    sp_json_value (json, key, inner);
}

gboolean
sp_json_is_time (const char *name, const GVariantType *type)
{
  static const char *const suffixes[] = { "At", "Until", "Since", "NotAfter" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i]))
      return g_variant_type_equal (type, G_VARIANT_TYPE_UINT64);
  return FALSE;
}

static const GDBusInterfaceInfo *
find_description (GDBusProxy *proxy)
{
  GDBusInterfaceInfo *const descriptions[] = {
    sp_bus_server_interface_info (),
    sp_bus_user_interface_info (),
    sp_bus_device_interface_info (),
    sp_bus_session_interface_info (),
    sp_bus_session_statistics_interface_info (),
    sp_bus_certificate_interface_info (),
    sp_bus_job_interface_info (),
    sp_bus_ban_interface_info (),
    sp_bus_group_interface_info (),
    sp_bus_invitation_interface_info (),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (descriptions); i++)
    {
      if (g_str_equal (descriptions[i]->name, g_dbus_proxy_get_interface_name (proxy)))
        return descriptions[i];
    }
  g_assert_not_reached ();
}

void
sp_json_properties (SpJson *json, GDBusProxy *proxy)
{
  const GDBusInterfaceInfo *description = find_description (proxy);

  for (guint i = 0; description->properties[i] != NULL; i++)
    {
      const char *name = description->properties[i]->name;
      g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (proxy, name);

      if (value != NULL)
        sp_json_named (json, name, value);
    }
}

char *
sp_json_key_from_name (const char *name)
{
  GString *key = g_string_new (NULL);

  for (const char *next = name; *next != '\0'; next++)
    {
      if (g_ascii_isupper (*next) && next != name)
        g_string_append_c (key, '-');
      g_string_append_c (key, g_ascii_tolower (*next));
    }
  return g_string_free (key, FALSE);
}

char *
sp_json_time_text (guint64 microseconds)
{
  g_autoptr (GDateTime) seconds =
      g_date_time_new_from_unix_utc ((gint64) (microseconds / G_USEC_PER_SEC));
  g_autoptr (GDateTime) exact =
      seconds != NULL ? g_date_time_add (seconds, (GTimeSpan) (microseconds % G_USEC_PER_SEC))
                      : NULL;

  return exact != NULL ? g_date_time_format_iso8601 (exact) : NULL;
}
