/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "facts.h"
#include "fields.h"
#include "json.h"
#include "text.h"

#define PAGE          500
#define LIMIT_DEFAULT 50
#define LIMIT_MOST    100000

static GVariant *
make_filter (const char *kind)
{
  GVariantDict filter;

  g_variant_dict_init (&filter, NULL);
  if (kind != NULL)
    g_variant_dict_insert (&filter, "Kind", "s", kind);
  return g_variant_ref_sink (g_variant_dict_end (&filter));
}

/* Page by page, as many rows as are wanted. */
static GPtrArray *
fetch (SpClient *client, GVariant *filter, int limit, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_autofree char *cursor = g_strdup ("");

  do
    {
      g_autoptr (GVariant) rows = NULL;
      g_autofree char *next = NULL;
      guint wanted = (guint) MIN (limit - (int) all->len, PAGE);

      if (!sp_bus_server_call_list_events_sync (client->server, filter, cursor, wanted,
                                                sp_client_no_options (), client->flags,
                                                client->timeout, &rows, &next, NULL, error))
        return NULL;
      for (gsize i = 0; i < g_variant_n_children (rows); i++)
        g_ptr_array_add (all, g_variant_get_child_value (rows, i));
      g_free (cursor);
      cursor = g_steal_pointer (&next);
    }
  while ((int) all->len < limit && cursor[0] != '\0');
  return g_steal_pointer (&all);
}

/* Lines of changes become one. */
static char *
what_of (GVariant *row)
{
  const char *text = "";
  gboolean blocked = FALSE;
  g_auto (GStrv) lines = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *shown = NULL;

  (void) g_variant_lookup (row, "Text", "&s", &text);
  (void) g_variant_lookup (row, "Blocked", "b", &blocked);
  lines = g_strsplit (text, "\n", -1);
  joined = g_strjoinv (", ", lines);
  shown = sp_text_printable (joined);
  return g_strconcat (shown, blocked ? ", blocked" : "", NULL);
}

static void
print_rows (GPtrArray *rows)
{
  const char *const head[] = { "WHEN", "WHAT", "WHO", "FROM", "TIMES", "DETAILS", NULL };
  SpTable *table = sp_table_new (head);

  for (guint i = 0; i < rows->len; i++)
    {
      GVariant *row = rows->pdata[i];
      char *cells[] = {
        sp_facts_show_time (row, "At"),
        sp_facts_show_text (row, "Kind"),
        sp_facts_show_text (row, "Who"),
        sp_facts_show_text (row, "Address"),
        g_strdup_printf ("%" G_GUINT64_FORMAT, sp_facts_get_number (row, "Times")),
        what_of (row),
        NULL,
      };

      sp_table_take_row (table, g_memdup2 (cells, sizeof cells));
    }
  sp_table_print (table);
}

char **
sp_ctl_events_fields (void)
{
  const char *const names[] = { "kind", "since",   "since-usec", "at",      "at-usec", "times",
                                "who",  "address", "text",       "blocked", NULL };

  return g_strdupv ((char **) names);
}

static void
print_data (const SpControl *control, const SpCommand *self, GPtrArray *rows)
{
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "events", '[');
  for (guint i = 0; i < rows->len; i++)
    {
      GVariantIter pairs;
      const char *name;
      GVariant *value;

      sp_json_open (&json, NULL, '{');
      g_variant_iter_init (&pairs, rows->pdata[i]);
      while (g_variant_iter_loop (&pairs, "{&sv}", &name, &value))
        sp_json_named (&json, name, value);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static SpExitStatus
list (SpControl *control, const SpCommand *self, const char *kind, int limit, GError **error)
{
  g_autoptr (GVariant) filter = make_filter (kind);
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autoptr (GPtrArray) rows = client != NULL ? fetch (client, filter, limit, error) : NULL;

  if (rows == NULL)
    return SP_EXIT_FAILED;
  if (sp_fields_wanted (control))
    print_data (control, self, rows);
  else
    print_rows (rows);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_events (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  char *kind = NULL;
  int limit = LIMIT_DEFAULT;
  const GOptionEntry options[] = {
    { "kind", 0, 0, G_OPTION_ARG_STRING, &kind, "settings, sign-in, or attack", "WORD" },
    { "limit", 0, 0, G_OPTION_ARG_INT, &limit, "How many at most (50)", "NUMBER" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  gboolean fine = sp_command_parse (self, control, options, arguments, error);
  g_autofree char *taken = kind;

  if (!fine)
    return SP_EXIT_USAGE;
  if (limit >= 1 && limit <= LIMIT_MOST)
    return list (control, self, taken, limit, error);
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "--limit must be from 1 to %d", LIMIT_MOST);
  return SP_EXIT_USAGE;
}
