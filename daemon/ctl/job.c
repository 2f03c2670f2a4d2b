/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job.h"

#include "commands.h"
#include "fields.h"
#include "json.h"
#include "text.h"

#include "base/names.h"
#include "bus/error.h"

/* --- waiting --- */

struct _SpJobWait
{
  SpClient *client;
  guint subscription;
  guint watch;
  GHashTable *outcomes; /* path → arguments of Completed */
  gboolean lost;        /* the service went */
  gboolean late;
};

static void
completed_cb (GDBusConnection *connection,
              const char *sender,
              const char *path,
              const char *interface,
              const char *member,
              GVariant *arguments,
              gpointer data)
{
  SpJobWait *wait = data;

  if (g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(bssa{sv})")))
    (void) g_hash_table_replace (wait->outcomes, g_strdup (path), g_variant_ref (arguments));
}

static void
vanished_cb (GDBusConnection *connection, const char *name, gpointer data)
{
  ((SpJobWait *) data)->lost = TRUE;
}

SpJobWait *
sp_job_wait_new (SpClient *client)
{
  SpJobWait *wait = g_new0 (SpJobWait, 1);

  wait->client = client;
  wait->outcomes =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  wait->subscription = g_dbus_connection_signal_subscribe (
      client->connection, SP_BUS_NAME, SP_BUS_INTERFACE "Job", "Completed", NULL, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, completed_cb, wait, NULL);
  wait->watch =
      g_bus_watch_name_on_connection (client->connection, SP_BUS_NAME,
                                      G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, vanished_cb, wait, NULL);
  return wait;
}

void
sp_job_wait_free (SpJobWait *wait)
{
  g_bus_unwatch_name (wait->watch);
  g_dbus_connection_signal_unsubscribe (wait->client->connection, wait->subscription);
  g_hash_table_unref (wait->outcomes);
  g_free (wait);
}

static gboolean
late_cb (gpointer data)
{
  ((SpJobWait *) data)->late = TRUE;
  return G_SOURCE_REMOVE;
}

/* NULL: none came. */
static GVariant *
wait_for_outcome (SpJobWait *wait, const char *path)
{
  guint timer = g_timeout_add ((guint) wait->client->timeout, late_cb, wait);
  GVariant *outcome;

  while ((outcome = g_hash_table_lookup (wait->outcomes, path)) == NULL && !wait->lost &&
         !wait->late)
    (void) g_main_context_iteration (NULL, TRUE);
  if (!wait->late)
    (void) g_source_remove (timer);
  return outcome;
}

gboolean
sp_job_wait_for (SpJobWait *wait, const char *path, GVariant **ret_results, GError **error)
{
  GVariant *outcome = wait_for_outcome (wait, path);
  gboolean success;
  const char *name;
  const char *message;

  if (outcome == NULL && wait->lost)
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_UNREACHABLE, "the service is gone");
  else if (outcome == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "it goes on, as %s", path);
  if (outcome == NULL)
    return FALSE;
  g_variant_get (outcome, "(b&s&s@a{sv})", &success, &name, &message, ret_results);
  if (success)
    return TRUE;
  g_clear_pointer (ret_results, g_variant_unref);
  g_propagate_error (error, g_dbus_error_new_for_dbus_error (name, message));
  return FALSE;
}

/* --- commands --- */

char **
sp_ctl_job_fields (void)
{
  const char *const own[] = { "number", NULL };
  GDBusInterfaceInfo *const interfaces[] = { sp_bus_job_interface_info (), NULL };

  return sp_field_list (own, interfaces);
}

static void
print_jobs_data (const SpControl *control, const SpCommand *self, GPtrArray *jobs)
{
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "jobs", '[');
  for (guint i = 0; i < jobs->len; i++)
    {
      sp_json_open (&json, NULL, '{');
      sp_json_number (&json, "number",
                      g_ascii_strtoull (sp_client_id_of (jobs->pdata[i]), NULL, 10));
      sp_json_properties (&json, jobs->pdata[i]);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static void
print_jobs (GPtrArray *jobs)
{
  const char *const head[] = { "NUMBER", "WHAT", "DONE", "SINCE", NULL };
  SpTable *table = sp_table_new (head);

  for (guint i = 0; i < jobs->len; i++)
    {
      SpBusJob *job = jobs->pdata[i];
      char **cells = g_new0 (char *, 5);

      cells[0] = g_strdup (sp_client_id_of (job));
      cells[1] = sp_text_printable (sp_bus_job_get_operation (job));
      cells[2] = sp_bus_job_get_progress_valid (job)
                     ? g_strdup_printf ("%.0f %%", 100 * sp_bus_job_get_progress (job))
                     : g_strdup ("");
      cells[3] = sp_text_time (sp_bus_job_get_started_at (job));
      sp_table_take_row (table, cells);
    }
  sp_table_print (table);
}

SpExitStatus
sp_ctl_job_list (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) jobs = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_client_look (client, 0, error))
    return SP_EXIT_FAILED;
  jobs = sp_client_list_jobs (client);
  if (sp_fields_wanted (control))
    print_jobs_data (control, self, jobs);
  else
    print_jobs (jobs);
  return SP_EXIT_OK;
}

static gboolean
cancel (SpClient *client, SpBusJob *job, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (sp_bus_job_call_cancel_sync (job, sp_client_no_options (), client->flags, client->timeout,
                                   NULL, &why))
    return TRUE;
  /* So answers the bus where there is no object. */
  if (g_error_matches (why, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD))
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_NOT_FOUND, "there is no job %s",
                 sp_client_id_of (job));
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

SpExitStatus
sp_ctl_job_cancel (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autofree char *path = NULL;
  g_autoptr (SpBusJob) job = NULL;
  guint64 number;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  if (!g_ascii_string_to_unsigned ((*arguments)[1], 10, 1, G_MAXUINT32, &number, NULL))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "a job is named by its number, as “" SP_CTL_NAME " job list” shows it");
      return SP_EXIT_USAGE;
    }
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  path = g_strdup_printf (SP_BUS_JOBS_PATH "/%u", (guint) number);
  job = sp_bus_job_proxy_new_sync (client->connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES,
                                   SP_BUS_NAME, path, NULL, error);
  if (job == NULL || !cancel (client, job, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_number (&json, "cancelled", number);
      sp_json_print (&json);
    }
  else
    g_print ("Cancelled.\n");
  return SP_EXIT_OK;
}
