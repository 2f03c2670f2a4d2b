/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-row.h"

#include <string.h>

#define COMMENT_WIDTH 90

static const char *
describe_group (const char *group)
{
  static const struct
  {
    const char *group;
    const char *text;
  } groups[] = {
    { "server", "Where the server is reached." },
    { "dynamic-dns", "A name that follows the address of this computer." },
    { "dns-update", "A name server that takes updates of a zone." },
    { "acme", "A certificate that everybody trusts." },
    { "network", "What devices get and what they reach." },
    { "tunnel", "Times and sizes of a device's tunnel." },
    { "security", "What strangers may cost." },
    { "log", "What is written to the log." },
    { "backup", "Backups that are made by themselves." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (strcmp (groups[i].group, group) == 0)
      return groups[i].text;
  g_assert_not_reached ();
}

char *
sp_setting_row_explain (const SpSettingRow *row)
{
  g_autofree char *expects = sp_setting_row_expects (row);
  g_autofree char *unit =
      row->unit[0] != '\0' ? g_strdup_printf (" (in %s)", row->unit) : g_strdup ("");

  return g_strdup_printf ("Write %s%s. Applies from the next connection on.", expects, unit);
}

/* Words wrapped into lines that each begin with "# ". */
static void
append_comment (GString *file, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  gsize column = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (column == 0 || column + 1 + strlen (words[i]) > COMMENT_WIDTH)
        {
          g_string_append (file, column == 0 ? "#" : "\n#");
          column = 1;
        }
      g_string_append_printf (file, " %s", words[i]);
      column += 1 + strlen (words[i]);
    }
  g_string_append_c (file, '\n');
}

static gboolean
begins_group (guint index)
{
  return index == 0 || strcmp (sp_setting_rows[index].group, sp_setting_rows[index - 1].group) != 0;
}

char *
sp_setting_write_file (void)
{
  GString *file = g_string_new (NULL);

  append_comment (file,
                  "Settings of Sallyport. Every line that begins with # is a comment: what is "
                  "not set has the value that is shown. See sallyport.conf(5).");
  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      const SpSettingRow *row = &sp_setting_rows[i];
      g_autofree char *values = sp_setting_row_explain (row);

      if (begins_group (i))
        g_string_append_printf (file, "\n# %s\n[%s]\n", describe_group (row->group), row->group);
      g_string_append_c (file, '\n');
      append_comment (file, row->text);
      append_comment (file, values);
      g_string_append_printf (file, "#%s =%s%s\n", row->key, row->standard[0] != '\0' ? " " : "",
                              row->standard);
    }
  return g_string_free (file, FALSE);
}

/* Roff takes a hyphen for a typographic one, and a point or quote at the start of a line for a
 * request. */
static void
append_roff (GString *manual, const char *text)
{
  if (text[0] == '.' || text[0] == '\'')
    g_string_append (manual, "\\&");
  for (; *text != '\0'; text++)
    switch (*text)
      {
        case '-':
          g_string_append (manual, "\\-");
          break;
        case '\\':
          g_string_append (manual, "\\e");
          break;
        default:
          g_string_append_c (manual, *text);
          break;
      }
}

static void
append_manual_row (GString *manual, const SpSettingRow *row)
{
  g_autofree char *values = sp_setting_row_explain (row);

  g_string_append (manual, ".TP\n.B ");
  append_roff (manual, row->key);
  g_string_append_c (manual, '\n');
  append_roff (manual, row->text);
  g_string_append (manual, "\n.br\n");
  append_roff (manual, values);
  g_string_append (manual, "\nDefault: ");
  append_roff (manual, row->standard[0] != '\0' ? row->standard : "empty");
  g_string_append (manual, ".\n");
}

char *
sp_setting_write_manual (void)
{
  GString *manual = g_string_new (
      ".TH SALLYPORT.CONF 5 \"\" Sallyport \"File formats\"\n"
      ".SH NAME\n"
      "sallyport.conf \\- settings of the Sallyport VPN server\n"
      ".SH DESCRIPTION\n"
      "A line is a group in brackets, a setting written as\n.IR key \" = \" value ,\n"
      "a comment that begins with #, or blank.\n"
      "Entries of a list are separated by commas.\n"
      "A setting stands in its group, once at most; what is not set has its default.\n"
      ".PP\n"
      "A file with an unknown name, a value of another kind or out of range, or settings that\n"
      "cannot go together is refused as a whole: a running server keeps the settings it has, and\n"
      "the log says which line is wrong and what would be right.\n");

  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      const SpSettingRow *row = &sp_setting_rows[i];

      if (begins_group (i))
        g_string_append_printf (manual, ".SH [%s]\n%s\n", row->group, describe_group (row->group));
      append_manual_row (manual, row);
    }
  g_string_append (manual, ".SH SEE ALSO\n.BR sallyportctl (1),\n.BR sallyportd (8)\n");
  return g_string_free (manual, FALSE);
}
