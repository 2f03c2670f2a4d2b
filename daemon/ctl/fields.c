/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fields.h"

#include "json.h"

#define SEPARATOR ","

static void
add_properties (GPtrArray *names, const GDBusInterfaceInfo *interface)
{
  for (guint i = 0; interface->properties[i] != NULL; i++)
    {
      const GDBusPropertyInfo *property = interface->properties[i];
      char *name = sp_json_key_from_name (property->name);

      g_ptr_array_add (names, name);
      if (sp_json_is_time (property->name, G_VARIANT_TYPE (property->signature)))
        g_ptr_array_add (names, g_strconcat (name, SP_JSON_USEC_SUFFIX, NULL));
    }
}

char **
sp_field_list (const char *const *own, GDBusInterfaceInfo *const *interfaces)
{
  GPtrArray *names = g_ptr_array_new ();

  for (; *own != NULL; own++)
    g_ptr_array_add (names, g_strdup (*own));
  for (; *interfaces != NULL; interfaces++)
    add_properties (names, *interfaces);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

gboolean
sp_fields_wanted (const SpControl *control)
{
  return control->json || control->terse || control->fields != NULL;
}

static gboolean
check_names (char *const *names, const char *const *known, GError **error)
{
  for (; *names != NULL; names++)
    {
      g_autofree char *all = NULL;

      if (g_strv_contains (known, *names))
        continue;
      all = g_strjoinv (" ", (char **) known);
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "there is no field “%s”; the fields are: %s", *names, all);
      return FALSE;
    }
  return TRUE;
}

/* What the short forms stand for. */
static gboolean
take_short_forms (SpControl *control, GError **error)
{
  if (control->escape != NULL && !g_str_equal (control->escape, "yes") &&
      !g_str_equal (control->escape, "no"))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "--escape is yes or no");
      return FALSE;
    }
  if (control->values == NULL)
    return TRUE;
  if (control->fields != NULL)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "either --fields or --get-values, not both");
      return FALSE;
    }
  control->fields = g_steal_pointer (&control->values);
  control->terse = TRUE;
  return TRUE;
}

gboolean
sp_fields_check (SpControl *control, const SpCommand *command, GError **error)
{
  g_auto (GStrv) known = NULL;
  g_auto (GStrv) names = NULL;

  if (!take_short_forms (control, error))
    return FALSE;
  if (!control->terse && control->fields == NULL)
    return TRUE;
  if (command->list_fields == NULL)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "“%s%s%s” has no fields: --fields and --terse are for what lists or shows",
                   command->noun, command->verb != NULL ? " " : "",
                   command->verb != NULL ? command->verb : "");
      return FALSE;
    }
  if (control->terse && control->json)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "either --terse or --json, not both");
      return FALSE;
    }
  if (control->fields == NULL)
    return TRUE;
  known = command->list_fields ();
  /* An empty text has one name, which is empty. */
  names = g_strsplit (control->fields[0] != '\0' ? control->fields : SEPARATOR, SEPARATOR, -1);
  return check_names (names, (const char *const *) known, error);
}

char **
sp_fields_choose (const SpControl *control, const SpCommand *command)
{
  if (control->fields != NULL)
    return g_strsplit (control->fields, SEPARATOR, -1);
  return control->terse ? g_strsplit (command->shown, SEPARATOR, -1) : command->list_fields ();
}
