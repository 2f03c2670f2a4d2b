/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "facts.h"
#include "fields.h"
#include "json.h"
#include "text.h"

char **
sp_ctl_penalty_fields (void)
{
  const char *const names[] = { "network",      "since",   "since-usec", "last-at",
                                "last-at-usec", "until",   "until-usec", "refused",
                                "causes",       "blocked", "text",       NULL };

  return g_strdupv ((char **) names);
}

static void
print_data (const SpControl *control, const SpCommand *self, GVariant *rows)
{
  GVariantIter each;
  GVariantIter *pairs;
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "penalties", '[');
  g_variant_iter_init (&each, rows);
  while (g_variant_iter_loop (&each, "a{sv}", &pairs))
    {
      const char *name;
      GVariant *value;

      sp_json_open (&json, NULL, '{');
      while (g_variant_iter_loop (pairs, "{&sv}", &name, &value))
        sp_json_named (&json, name, value);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

/* "penalty 40990, not-tls 10" */
static char *
why (GVariant *row)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GVariant) causes = g_variant_lookup_value (row, "Causes", G_VARIANT_TYPE ("a{st}"));
  GVariantIter each;
  const char *cause;
  guint64 count;

  if (causes == NULL)
    return g_strdup ("");
  g_variant_iter_init (&each, causes);
  while (g_variant_iter_next (&each, "{&st}", &cause, &count))
    g_string_append_printf (text, "%s%s %" G_GUINT64_FORMAT, text->len > 0 ? ", " : "", cause,
                            count);
  return sp_text_printable (text->str);
}

static void
print_rows (GVariant *rows)
{
  const char *const head[] = { "FROM", "REFUSED", "SINCE", "LAST", "UNTIL", "WHY", NULL };
  SpTable *table = sp_table_new (head);

  for (gsize i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      const char *network = "";
      char **cells = g_new0 (char *, G_N_ELEMENTS (head));

      (void) g_variant_lookup (row, "Network", "&s", &network);
      cells[0] = sp_text_printable (network);
      cells[1] = g_strdup_printf ("%" G_GUINT64_FORMAT, sp_facts_get_number (row, "Refused"));
      cells[2] = sp_facts_show_time (row, "Since");
      cells[3] = sp_facts_show_time (row, "LastAt");
      cells[4] = sp_facts_show_time (row, "Until");
      cells[5] = why (row);
      sp_table_take_row (table, cells);
    }
  sp_table_print (table);
}

SpExitStatus
sp_ctl_penalty_list (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GVariant) rows = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL ||
      !sp_bus_server_call_list_penalties_sync (client->server, sp_client_no_options (),
                                               client->flags, client->timeout, &rows, NULL, error))
    return SP_EXIT_FAILED;
  if (sp_fields_wanted (control))
    print_data (control, self, rows);
  else
    print_rows (rows);
  return SP_EXIT_OK;
}
