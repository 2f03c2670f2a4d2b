/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "json.h"
#include "moment.h"
#include "text.h"

typedef struct
{
  char *user;
  char *step;
  char *since;
  char *until;
} Wish;

static void
wish_clear (Wish *wish)
{
  g_free (wish->user);
  g_free (wish->step);
  g_free (wish->since);
  g_free (wish->until);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wish, wish_clear)

static void
print_rows (GVariant *rows)
{
  const char *const head[] = { "FROM", "RECEIVED", "SENT", NULL };
  SpTable *table = sp_table_new (head);
  GVariantIter each;
  guint64 start;
  guint64 received;
  guint64 sent;

  g_variant_iter_init (&each, rows);
  while (g_variant_iter_next (&each, "(ttt)", &start, &received, &sent))
    {
      char *cells[] = { sp_text_time (start), g_format_size (received), g_format_size (sent),
                        NULL };

      sp_table_take_row (table, g_memdup2 (cells, sizeof cells));
    }
  sp_table_print (table);
}

static void
print_json (GVariant *rows)
{
  GVariantBuilder all = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GVariant) named = NULL;
  GVariantIter each;
  SpJson json;
  guint64 start;
  guint64 received;
  guint64 sent;

  g_variant_iter_init (&each, rows);
  while (g_variant_iter_next (&each, "(ttt)", &start, &received, &sent))
    {
      GVariantDict row;

      g_variant_dict_init (&row, NULL);
      g_variant_dict_insert (&row, "StartedAt", "t", start);
      g_variant_dict_insert (&row, "RxBytes", "t", received);
      g_variant_dict_insert (&row, "TxBytes", "t", sent);
      g_variant_builder_add_value (&all, g_variant_dict_end (&row));
    }
  named = g_variant_ref_sink (g_variant_builder_end (&all));
  sp_json_init (&json);
  sp_json_value (&json, "traffic", named);
  sp_json_print (&json);
}

/* A user that is gone has only an id left; no user is everybody. */
static char *
find_scope (SpClient *client, const char *user, GError **error)
{
  g_autoptr (SpBusUser) found = NULL;

  if (user == NULL || sp_client_is_id (user))
    return g_strdup (user != NULL ? user : "");
  found = sp_client_find_user (client, user, error);
  return found != NULL ? g_strdup (sp_client_id_of (found)) : NULL;
}

static SpExitStatus
show (SpControl *control, const Wish *wish, guint64 since, guint64 until, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autofree char *scope = client != NULL ? find_scope (client, wish->user, error) : NULL;
  g_autoptr (GVariant) rows = NULL;

  if (scope == NULL ||
      !sp_bus_server_call_query_traffic_sync (
          client->server, scope, wish->step != NULL ? wish->step : "hour", since, until,
          sp_client_no_options (), client->flags, client->timeout, &rows, NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    print_json (rows);
  else
    print_rows (rows);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_traffic (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (Wish) wish = { 0 };
  const GOptionEntry options[] = {
    { "user", 0, 0, G_OPTION_ARG_STRING, &wish.user, "Of this user (login or id)", "USER" },
    { "step", 0, 0, G_OPTION_ARG_STRING, &wish.step,
      "By the second (2 minutes), minute (a day) or hour (400 days)", "WORD" },
    { "since", 0, 0, G_OPTION_ARG_STRING, &wish.since, "From then on", "TIME" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &wish.until, "Before", "TIME" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  guint64 since = 0;
  guint64 until = 0;

  if (!sp_command_parse (self, control, options, arguments, error) ||
      (wish.since != NULL && !sp_moment_read_past ("--since", wish.since, &since, error)) ||
      (wish.until != NULL && !sp_moment_read_past ("--until", wish.until, &until, error)))
    return SP_EXIT_USAGE;
  return show (control, &wish, since, until, error);
}
