/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "facts.h"
#include "fields.h"
#include "history-stream.h"
#include "job.h"
#include "json.h"
#include "moment.h"
#include "text.h"

#define PAGE          500
#define LIMIT_DEFAULT 50
#define LIMIT_MOST    1000000

/* --- list --- */

typedef struct
{
  char *user;
  char *since;
  char *until;
  char *reason;
  int limit;
  gboolean lines;
} Wish;

static gboolean
add_time (
    GVariantDict *filter, const char *key, const char *option, const char *text, GError **error)
{
  guint64 time;

  if (text == NULL)
    return TRUE;
  if (!sp_moment_read_past (option, text, &time, error))
    return FALSE;
  g_variant_dict_insert (filter, key, "t", time);
  return TRUE;
}

static GVariant *
make_filter (const Wish *wish, GError **error)
{
  GVariantDict filter;

  g_variant_dict_init (&filter, NULL);
  if (wish->user != NULL)
    g_variant_dict_insert (&filter, sp_client_is_id (wish->user) ? "User" : "Login", "s",
                           wish->user);
  if (wish->reason != NULL)
    g_variant_dict_insert (&filter, "Reason", "s", wish->reason);
  if (!add_time (&filter, "Since", "--since", wish->since, error) ||
      !add_time (&filter, "Until", "--until", wish->until, error))
    {
      g_variant_dict_clear (&filter);
      return NULL;
    }
  return g_variant_ref_sink (g_variant_dict_end (&filter));
}

/* Page by page, as many rows as are wanted: aa{sv}. */
static GVariant *
fetch (SpClient *client, GVariant *filter, int limit, GError **error)
{
  GVariantBuilder all = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autofree char *cursor = g_strdup ("");

  do
    {
      g_autoptr (GVariant) rows = NULL;
      g_autofree char *next = NULL;
      GVariantIter each;
      GVariant *row;

      if (!sp_bus_server_call_list_history_sync (
              client->server, filter, cursor, (guint) MIN (limit, PAGE), sp_client_no_options (),
              client->flags, client->timeout, &rows, &next, NULL, error))
        {
          g_variant_builder_clear (&all);
          return NULL;
        }
      g_variant_iter_init (&each, rows);
      while ((row = g_variant_iter_next_value (&each)) != NULL)
        {
          g_variant_builder_add_value (&all, row);
          g_variant_unref (row);
          limit--;
        }
      g_free (cursor);
      cursor = g_steal_pointer (&next);
    }
  while (limit > 0 && cursor[0] != '\0');
  return g_variant_ref_sink (g_variant_builder_end (&all));
}

static void
print_rows (GVariant *rows)
{
  const char *const head[] = { "USER",     "FROM", "BEGAN",  "ENDED", "WHY",
                               "RECEIVED", "SENT", "CLIENT", NULL };
  SpTable *table = sp_table_new (head);
  gsize n_rows = g_variant_n_children (rows);

  for (gsize i = 0; i < n_rows; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      char *cells[] = {
        sp_facts_show_text (row, "Login"),
        sp_facts_show_text (row, "RemoteAddress"),
        sp_facts_show_time (row, "StartedAt"),
        sp_facts_show_time (row, "EndedAt"),
        sp_facts_show_text (row, "Reason"),
        g_format_size (sp_facts_get_number (row, "RxBytes")),
        g_format_size (sp_facts_get_number (row, "TxBytes")),
        sp_facts_show_text (row, "ClientName"),
        NULL,
      };

      sp_table_take_row (table, g_memdup2 (cells, sizeof cells));
    }
  sp_table_print (table);
}

char **
sp_ctl_history_fields (void)
{
  const char *const names[] = {
    "session",         "user",          "login",          "full-name", "client-name", "user-agent",
    "transport",       "reason",        "remote-address", "addresses", "started-at",  "ended-at",
    "started-at-usec", "ended-at-usec", "rx-bytes",       "tx-bytes",  NULL
  };

  return g_strdupv ((char **) names);
}

static void
print_data (const SpControl *control, const SpCommand *self, GVariant *rows)
{
  gsize n_rows = g_variant_n_children (rows);
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "history", '[');
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      GVariantIter pairs;
      const char *name;
      GVariant *value;

      sp_json_open (&json, NULL, '{');
      g_variant_iter_init (&pairs, row);
      while (g_variant_iter_loop (&pairs, "{&sv}", &name, &value))
        sp_json_named (&json, name, value);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static SpExitStatus
list (SpControl *control, const SpCommand *self, const Wish *wish, GError **error)
{
  g_autoptr (GVariant) filter = make_filter (wish, error);
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GVariant) rows = NULL;

  if (filter == NULL)
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client != NULL && wish->lines)
    return sp_history_copy_stream (client, filter, error) ? SP_EXIT_OK : SP_EXIT_FAILED;
  if (client != NULL)
    rows = fetch (client, filter, wish->limit, error);
  if (rows == NULL)
    return SP_EXIT_FAILED;
  if (sp_fields_wanted (control))
    print_data (control, self, rows);
  else
    print_rows (rows);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_history (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  Wish wish = { .limit = LIMIT_DEFAULT };
  const GOptionEntry options[] = {
    { "user", 0, 0, G_OPTION_ARG_STRING, &wish.user, "Of this user (login then, or id)", "USER" },
    { "since", 0, 0, G_OPTION_ARG_STRING, &wish.since, "Began then or later", "TIME" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &wish.until, "Began before", "TIME" },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &wish.reason, "Ended for this reason", "WORD" },
    { "limit", 0, 0, G_OPTION_ARG_INT, &wish.limit, "How many at most (50)", "NUMBER" },
    { "lines", 0, 0, G_OPTION_ARG_NONE, &wish.lines, "All of them, as lines of JSON", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  SpExitStatus status = SP_EXIT_USAGE;

  if (sp_command_parse (self, control, options, arguments, error))
    {
      if (wish.limit >= 1 && wish.limit <= LIMIT_MOST)
        status = list (control, self, &wish, error);
      else
        g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "--limit must be from 1 to %d",
                     LIMIT_MOST);
    }
  g_free (wish.user);
  g_free (wish.since);
  g_free (wish.until);
  g_free (wish.reason);
  return status;
}

/* --- erase --- */

/* Who was removed has only an id left. */
static char *
find_id (SpClient *client, const char *user, GError **error)
{
  g_autoptr (SpBusUser) found = NULL;

  if (sp_client_is_id (user))
    return g_strdup (user);
  found = sp_client_find_user (client, user, error);
  return found != NULL ? g_strdup (sp_client_id_of (found)) : NULL;
}

SpExitStatus
sp_ctl_user_erase_history (SpControl *control,
                           const SpCommand *self,
                           char ***arguments,
                           GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autofree char *id = NULL;
  guint erased = 0;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client != NULL)
    id = find_id (client, (*arguments)[1], error);
  if (id == NULL ||
      !sp_bus_server_call_erase_history_sync (client->server, id, sp_client_no_options (),
                                              client->flags, client->timeout, &erased, NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "id", id);
      sp_json_number (&json, "erased", erased);
      sp_json_print (&json);
    }
  else
    g_print ("Erased %u sessions of %s.\n", erased, (*arguments)[1]);
  return erased > 0 ? SP_EXIT_OK : SP_EXIT_NOTHING_TO_DO;
}

static SpExitStatus
forget (SpControl *control, GVariant *filter, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autoptr (SpJobWait) wait = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GVariant) results = NULL;
  guint64 erased = 0;
  SpJson json;

  if (client == NULL)
    return SP_EXIT_FAILED;
  wait = sp_job_wait_new (client);
  if (!sp_bus_server_call_forget_history_sync (client->server, filter, sp_client_no_options (),
                                               client->flags, client->timeout, &path, NULL,
                                               error) ||
      !sp_job_wait_for (wait, path, &results, error))
    return SP_EXIT_FAILED;
  (void) g_variant_lookup (results, "Erased", "t", &erased);
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_number (&json, "erased", erased);
      sp_json_print (&json);
    }
  else
    g_print ("Forgot %" G_GUINT64_FORMAT " sessions.\n", erased);
  return erased > 0 ? SP_EXIT_OK : SP_EXIT_NOTHING_TO_DO;
}

SpExitStatus
sp_ctl_erase_history (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  Wish wish = { 0 };
  gboolean all = FALSE;
  const GOptionEntry options[] = {
    { "user", 0, 0, G_OPTION_ARG_STRING, &wish.user, "Of this user only", "LOGIN | ID" },
    { "since", 0, 0, G_OPTION_ARG_STRING, &wish.since, "That began then or later", "TIME" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &wish.until, "That began before", "TIME" },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &wish.reason, "That ended for this reason", "WORD" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, "All of them", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  gboolean fine = sp_command_parse (self, control, options, arguments, error);
  G_GNUC_UNUSED g_autofree char *user = wish.user;
  G_GNUC_UNUSED g_autofree char *since = wish.since;
  G_GNUC_UNUSED g_autofree char *until = wish.until;
  G_GNUC_UNUSED g_autofree char *reason = wish.reason;
  g_autoptr (GVariant) filter = fine ? make_filter (&wish, error) : NULL;

  if (filter == NULL)
    return SP_EXIT_USAGE;
  if (all == (g_variant_n_children (filter) > 0))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "which sessions?  --user, --since, --until, --reason, or --all");
      return SP_EXIT_USAGE;
    }
  return forget (control, filter, error);
}
