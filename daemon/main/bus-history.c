/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-history.h"

#include "base/hex.h"
#include "base/limits.h"
#include "bus-job.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"
#include "store-history.h"

#include <gio/gunixfdlist.h>
#include <string.h>

#define REASON_WORD_MAX 32

static const SpBusKey filter_keys[] = {
  { "User", "s", 2 * SP_ID_SIZE, 2 * SP_ID_SIZE, FALSE },
  { "Login", "s", 1, SP_LOGIN_MAX, FALSE },
  { "Reason", "s", 0, REASON_WORD_MAX, FALSE },
  { "Since", "t", 0, G_MAXUINT64, FALSE },
  { "Until", "t", 0, G_MAXUINT64, FALSE },
};

static gboolean
read_user (const char *text, guint8 *id, GError **error)
{
  if (sp_hex_decode (text, strlen (text), id, SP_ID_SIZE))
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "the user must be an identifier of %d hexadecimal digits", 2 * SP_ID_SIZE);
  return FALSE;
}

/* `id` is memory for the user. */
static gboolean
read_filter (GVariant *values, SpHistoryFilter *filter, guint8 *id, GError **error)
{
  const char *user = NULL;
  guint64 since = 0;
  guint64 until = 0;

  if (!sp_bus_options_check (values, filter_keys, G_N_ELEMENTS (filter_keys), error))
    return FALSE;
  (void) g_variant_lookup (values, "Login", "&s", &filter->login);
  (void) g_variant_lookup (values, "Reason", "&s", &filter->reason);
  (void) g_variant_lookup (values, "Since", "t", &since);
  (void) g_variant_lookup (values, "Until", "t", &until);
  filter->since = (gint64) MIN (since, (guint64) G_MAXINT64);
  filter->until = (gint64) MIN (until, (guint64) G_MAXINT64);
  if (g_variant_lookup (values, "User", "&s", &user))
    {
      filter->user = id;
      return read_user (user, id, error);
    }
  return TRUE;
}

static void
add_id (GVariantBuilder *builder, const char *name, const guint8 *id)
{
  char text[2 * SP_ID_SIZE + 1];

  sp_hex_encode (id, SP_ID_SIZE, text);
  g_variant_builder_add (builder, "{sv}", name, g_variant_new_string (text));
}

/* How its user is called now, and what it carried up to this moment: rows are written every few
 * seconds. */
static void
add_present (GVariantBuilder *builder, SpServer *server, const SpHistoryRow *row)
{
  SpUser *user = sp_user_registry_find_by_id (sp_server_get_users (server), row->user);
  SpSession *session =
      row->ended == 0
          ? sp_session_registry_find_by_id (sp_server_get_sessions (server), row->session)
          : NULL;
  guint64 rx_bytes = row->rx_bytes, tx_bytes = row->tx_bytes;

  if (session != NULL)
    g_object_get (session, "rx-bytes", &rx_bytes, "tx-bytes", &tx_bytes, NULL);
  g_variant_builder_add (
      builder, "{sv}", "FullName",
      g_variant_new_string (user != NULL ? sp_user_get_text (user, SP_USER_FULL_NAME) : ""));
  g_variant_builder_add (builder, "{sv}", "RxBytes", g_variant_new_uint64 (rx_bytes));
  g_variant_builder_add (builder, "{sv}", "TxBytes", g_variant_new_uint64 (tx_bytes));
}

static GVariant *
describe (SpServer *server, const SpHistoryRow *row)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_auto (GStrv) addresses = g_strsplit (row->addresses, " ", -1);
  const struct
  {
    const char *name;
    const char *text;
  } texts[] = {
    { "Login", row->login },
    { "ClientName", row->client_name },
    { "UserAgent", row->user_agent },
    { "RemoteAddress", row->remote_address },
    { "Transport", row->transport },
    { "Reason", row->reason },
    { "DeviceName", row->device_name },
    { "Group", row->group },
  };

  add_id (&builder, "Session", row->session);
  add_id (&builder, "User", row->user);
  if (row->device_name[0] != '\0')
    add_id (&builder, "Device", row->device);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_variant_builder_add (&builder, "{sv}", texts[i].name, g_variant_new_string (texts[i].text));
  g_variant_builder_add (&builder, "{sv}", "Addresses",
                         g_variant_new_strv ((const char *const *) addresses, -1));
  g_variant_builder_add (&builder, "{sv}", "StartedAt", g_variant_new_uint64 (row->started));
  g_variant_builder_add (&builder, "{sv}", "EndedAt", g_variant_new_uint64 (row->ended));
  add_present (&builder, server, row);
  return g_variant_builder_end (&builder);
}

static gboolean
check_limit (guint limit, GError **error)
{
  if (limit >= 1 && limit <= SP_HISTORY_PAGE_MAX)
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "the limit must be a number from 1 to %d", SP_HISTORY_PAGE_MAX);
  return FALSE;
}

void
sp_bus_history_list (SpServer *server,
                     GDBusMethodInvocation *invocation,
                     GVariant *filter,
                     const char *cursor,
                     guint limit,
                     GVariant *options)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  SpHistoryFilter wanted = { 0 };
  guint8 user[SP_ID_SIZE];
  g_autoptr (GPtrArray) rows = NULL;
  g_autofree char *next = NULL;
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error) && read_filter (filter, &wanted, user, &error) &&
      check_limit (limit, &error))
    rows =
        sp_store_list_history (sp_server_get_store (server), &wanted, cursor, limit, &next, &error);
  if (rows == NULL)
    {
      g_variant_builder_clear (&builder);
      sp_bus_reply_error (invocation, error);
      return;
    }
  for (guint i = 0; i < rows->len; i++)
    g_variant_builder_add_value (&builder, describe (server, rows->pdata[i]));
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(aa{sv}s)", &builder, next));
}

void
sp_bus_history_open (SpStore *store,
                     SpHistoryStreams *streams,
                     GDBusMethodInvocation *invocation,
                     GVariant *filter,
                     GVariant *options)
{
  g_autoptr (GUnixFDList) descriptors = NULL;
  SpHistoryFilter wanted = { 0 };
  guint8 user[SP_ID_SIZE];
  GError *error = NULL;
  int fd = -1;

  if (sp_bus_options_check_empty (options, &error) && read_filter (filter, &wanted, user, &error))
    fd = sp_history_streams_open (streams, store, &wanted, &error);
  if (fd < 0)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  descriptors = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           descriptors);
}

void
sp_bus_history_erase (SpStore *store,
                      GDBusMethodInvocation *invocation,
                      const char *user,
                      GVariant *options)
{
  guint8 id[SP_ID_SIZE];
  guint n_rows = 0;
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error) && read_user (user, id, &error) &&
      sp_store_erase_history (store, id, &n_rows, &error))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", n_rows));
  else
    sp_bus_reply_error (invocation, error);
}

/* --- forgetting --- */

typedef struct
{
  SpStore *store; /* good while the job is not cancelled */
  SpJob *job;
  SpHistoryFilter filter;
  guint8 user[SP_ID_SIZE];
  char *login;
  char *reason;
  guint64 n_rows; /* at the beginning */
  guint64 n_done;
} Forgetting;

static void
forgetting_free (Forgetting *self)
{
  g_clear_object (&self->job);
  g_free (self->login);
  g_free (self->reason);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Forgetting, forgetting_free)

static void
finish_forgetting (Forgetting *self, GError *error)
{
  GVariantDict results;

  g_variant_dict_init (&results, NULL);
  g_variant_dict_insert (&results, "Erased", "t", self->n_done);
  sp_job_finish (self->job, g_variant_dict_end (&results), error);
}

/* A chunk a turn: everything else goes on between. */
static gboolean
forget_cb (gpointer data)
{
  Forgetting *self = data;
  guint n_rows = 0;
  GError *error = NULL;

  if (g_cancellable_is_cancelled (sp_job_get_cancellable (self->job)))
    g_set_error (&error, SP_BUS_ERROR, SP_BUS_ERROR_CANCELLED, "the rest was not wanted any more");
  else
    (void) sp_store_forget_history (self->store, &self->filter, &n_rows, &error);
  self->n_done += n_rows;
  if (error == NULL && n_rows > 0)
    {
      sp_job_set_progress (self->job,
                           (double) self->n_done / (double) MAX (self->n_rows, self->n_done));
      return G_SOURCE_CONTINUE;
    }
  finish_forgetting (self, error);
  return G_SOURCE_REMOVE;
}

static Forgetting *
forgetting_new (SpStore *store, GVariant *filter, GError **error)
{
  g_autoptr (Forgetting) self = g_new0 (Forgetting, 1);

  self->store = store;
  if (!read_filter (filter, &self->filter, self->user, error))
    return NULL;
  /* What it points to is the message's. */
  self->filter.login = self->login = g_strdup (self->filter.login);
  self->filter.reason = self->reason = g_strdup (self->filter.reason);
  if (!sp_store_count_history (store, &self->filter, &self->n_rows, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
sp_bus_history_forget (SpStore *store,
                       SpJobs *jobs,
                       GDBusMethodInvocation *invocation,
                       GVariant *filter,
                       GVariant *options)
{
  g_autoptr (Forgetting) self = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    self = forgetting_new (store, filter, &error);
  if (self != NULL)
    self->job = sp_jobs_begin (jobs, "forget-history",
                               g_dbus_method_invocation_get_sender (invocation), TRUE, &error);
  if (error != NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  (void) g_object_ref (self->job);
  sp_job_set_progress (self->job, 0);
  path = sp_exported_job_path (self->job);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
  (void) g_idle_add_full (G_PRIORITY_LOW, forget_cb, g_steal_pointer (&self),
                          (GDestroyNotify) forgetting_free);
}
