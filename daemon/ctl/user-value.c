/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-value.h"

#include "bus/interfaces.h"
#include "exit-status.h"
#include "json.h"
#include "moment.h"
#include "text.h"

#include <errno.h>
#include <string.h>

/* "full-name" is the property "FullName". */
static const GDBusPropertyInfo *
find_property (const GDBusInterfaceInfo *info, const char *key)
{
  for (guint i = 0; info->properties[i] != NULL; i++)
    {
      g_autofree char *own = sp_json_key_from_name (info->properties[i]->name);

      if (g_str_equal (own, key))
        return info->properties[i];
    }
  return NULL;
}

static gboolean
read_suffix (const char *text, guint64 *factor)
{
  static const char letters[] = "KMGT";
  const char *found = *text != '\0' ? strchr (letters, g_ascii_toupper (*text)) : NULL;

  *factor = 1;
  if (*text == '\0')
    return TRUE;
  if (found == NULL || *found == '\0' || text[1] != '\0')
    return FALSE;
  for (const char *letter = letters; letter <= found; letter++)
    *factor *= 1000;
  return TRUE;
}

static gboolean
read_number (const char *text, guint64 most, guint64 *ret_number)
{
  guint64 factor;
  guint64 number;
  char *end;

  if (!g_ascii_isdigit (*text))
    return FALSE;
  errno = 0;
  number = g_ascii_strtoull (text, &end, 10);
  if (errno != 0 || !read_suffix (end, &factor) || number > most / factor)
    return FALSE;
  *ret_number = number * factor;
  return TRUE;
}

static GVariant *
read_flag (const char *text)
{
  if (g_str_equal (text, "yes"))
    return g_variant_new_boolean (TRUE);
  return g_str_equal (text, "no") ? g_variant_new_boolean (FALSE) : NULL;
}

static GVariant *
read_list (const char *text)
{
  g_auto (GStrv) entries = g_strsplit (text, ",", -1);

  for (guint i = 0; entries[i] != NULL; i++)
    (void) g_strstrip (entries[i]);
  return g_variant_new_strv ((const char *const *) entries, -1);
}

/* NULL when the text is none of that kind. */
static GVariant *
read_value (const GDBusPropertyInfo *property, const char *text)
{
  const char *type = property->signature;
  guint64 number;

  if (sp_json_is_time (property->name, G_VARIANT_TYPE (type)) &&
      sp_moment_read_end ("", text, &number, NULL))
    return g_variant_new_uint64 (number);
  switch (*type)
    {
      case 's':
        return g_variant_new_string (text);
      case 'b':
        return read_flag (text);
      case 'u':
        return read_number (text, G_MAXUINT32, &number) ? g_variant_new_uint32 ((guint32) number)
                                                        : NULL;
      case 't':
        return read_number (text, G_MAXINT64, &number) ? g_variant_new_uint64 (number) : NULL;
      default:
        return g_str_equal (type, "as") ? read_list (text) : NULL;
    }
}

static const char *
describe_type (const char *type)
{
  switch (*type)
    {
      case 'b':
        return "yes or no";
      case 'u':
      case 't':
        return "a number";
      default:
        return "a text";
    }
}

gboolean
sp_user_value_read (const GDBusInterfaceInfo *info,
                    const char *noun,
                    const char *assignment,
                    GVariantDict *changes,
                    GError **error)
{
  const char *sign = strchr (assignment, '=');
  g_autofree char *key = g_strndup (assignment, sign != NULL ? (gsize) (sign - assignment) : 0);
  const GDBusPropertyInfo *property = find_property (info, key);
  GVariant *value;

  if (property == NULL || !g_utf8_validate (assignment, -1, NULL))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "“%.64s” is no NAME=VALUE of a %s; the names are those of “%s show”",
                   g_utf8_validate (assignment, -1, NULL) ? assignment : "?", noun, noun);
      return FALSE;
    }
  value = read_value (property, sign + 1);
  if (value == NULL)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "%s must be %s", key,
                   describe_type (property->signature));
      return FALSE;
    }
  g_variant_dict_insert_value (changes, property->name, value);
  return TRUE;
}

static char *
list_text (GVariant *value)
{
  g_autofree const char **entries = g_variant_get_strv (value, NULL);
  g_autofree char *joined = g_strjoinv (", ", (char **) entries);

  return sp_text_printable (joined);
}

char *
sp_user_value_text (const char *name, GVariant *value)
{
  if (sp_json_is_time (name, g_variant_get_type (value)))
    return sp_text_time (g_variant_get_uint64 (value));
  switch (*g_variant_get_type_string (value))
    {
      case 's':
        return sp_text_printable (g_variant_get_string (value, NULL));
      case 'b':
        return g_strdup (g_variant_get_boolean (value) ? "yes" : "no");
      case 'a':
        if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
          return list_text (value);
        return g_variant_print (value, FALSE);
      default:
        return g_variant_print (value, FALSE);
    }
}
