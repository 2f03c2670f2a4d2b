/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-variant.h"

#include <string.h>

#define INDENT        "      "
#define COMMENT_WIDTH 78

/* Sentences, wrapped. */
static void
append_text (GString *xml, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  gsize column = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean begins = column == 0 || column + 1 + strlen (words[i]) > COMMENT_WIDTH;

      if (begins && column > 0)
        g_string_append_c (xml, '\n');
      if (begins)
        column = strlen (INDENT);
      g_string_append_printf (xml, "%s%s", begins ? INDENT : " ", words[i]);
      column += strlen (words[i]) + !begins;
    }
  g_string_append_c (xml, '\n');
}

static void
append_property (GString *xml, const SpSettingRow *row)
{
  g_autofree char *name = sp_setting_row_name (row);
  g_autofree char *values = sp_setting_row_explain (row);
  g_autofree char *about = g_strdup_printf ("%s of [%s] in sallyport.conf. %s %s", row->key,
                                            row->group, row->text, values);

  g_assert (strstr (about, "--") == NULL); /* would end the comment */
  g_string_append_printf (xml, "\n    <!--\n      %s:\n      @since: 0.1\n\n", name);
  append_text (xml, about);
  if (strcmp (sp_setting_row_type (row), "u") == 0)
    g_string_append_printf (xml, INDENT "Unit: %s.\n",
                            row->unit[0] != '\0' ? row->unit : "a number");
  g_string_append_printf (xml, "    -->\n    <property name=\"%s\" type=\"%s\" access=\"read\"/>\n",
                          name, sp_setting_row_type (row));
}

char *
sp_setting_write_interface (void)
{
  GString *xml = g_string_new (NULL);

  for (guint i = 0; i < sp_setting_rows_n; i++)
    append_property (xml, &sp_setting_rows[i]);
  return g_string_free (xml, FALSE);
}
