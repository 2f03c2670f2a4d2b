/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-event.h"

#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"

#include <pwd.h>
#include <string.h>

#define KIND_MAX    16
#define CURSOR_MAX  20
#define RECORD_SIZE 16384 /* of an account; who has a longer one is a number */

static const char *const kinds[] = { "", "settings", "sign-in", "attack" };

/* --- reading --- */

static const SpBusKey filter_keys[] = {
  { "Kind", "s", 0, KIND_MAX, FALSE },
};

static gboolean
read_filter (GVariant *filter, SpEventKind *ret, GError **error)
{
  const char *word = "";

  if (!sp_bus_options_check (filter, filter_keys, G_N_ELEMENTS (filter_keys), error))
    return FALSE;
  (void) g_variant_lookup (filter, "Kind", "&s", &word);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (word, kinds[i]))
      {
        *ret = (SpEventKind) i;
        return TRUE;
      }
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“Kind” must be “settings”, “sign-in” or “attack”");
  return FALSE;
}

static gboolean
read_page (const char *cursor, guint limit, gint64 *ret, GError **error)
{
  if (limit < 1 || limit > SP_EVENTS_PAGE_MAX)
    g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                 "the limit must be a number from 1 to %d", SP_EVENTS_PAGE_MAX);
  else if (cursor[0] == '\0' || (strlen (cursor) < CURSOR_MAX &&
                                 g_ascii_string_to_signed (cursor, 10, 1, G_MAXINT64, ret, NULL)))
    return TRUE;
  else
    g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                 "the cursor must be empty or what an earlier page gave");
  return FALSE;
}

static GVariant *
describe (const SpEvent *event)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&builder, "{sv}", "Kind", g_variant_new_string (kinds[event->kind]));
  g_variant_builder_add (&builder, "{sv}", "Since", g_variant_new_uint64 ((guint64) event->since));
  g_variant_builder_add (&builder, "{sv}", "At", g_variant_new_uint64 ((guint64) event->at));
  g_variant_builder_add (&builder, "{sv}", "Times", g_variant_new_uint64 (event->times));
  g_variant_builder_add (&builder, "{sv}", "Who", g_variant_new_string (event->who));
  g_variant_builder_add (&builder, "{sv}", "Address", g_variant_new_string (event->address));
  g_variant_builder_add (&builder, "{sv}", "Text", g_variant_new_string (event->text));
  g_variant_builder_add (&builder, "{sv}", "Blocked", g_variant_new_boolean (event->blocked));
  return g_variant_builder_end (&builder);
}

static void
answer (GDBusMethodInvocation *invocation, GPtrArray *events, guint limit)
{
  GVariantBuilder rows = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autofree char *next = NULL;

  /* One more was asked for than is given. */
  for (guint i = 0; i < events->len && i < limit; i++)
    g_variant_builder_add_value (&rows, describe (events->pdata[i]));
  next = events->len > limit
             ? g_strdup_printf ("%" G_GINT64_FORMAT, ((SpEvent *) events->pdata[limit - 1])->number)
             : g_strdup ("");
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(aa{sv}s)", &rows, next));
}

void
sp_bus_event_list (SpServer *server,
                   GDBusMethodInvocation *invocation,
                   GVariant *filter,
                   const char *cursor,
                   guint limit,
                   GVariant *options)
{
  SpEventKind kind = 0;
  gint64 before = 0;
  g_autoptr (GPtrArray) events = NULL;
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error) && read_filter (filter, &kind, &error) &&
      read_page (cursor, limit, &before, &error))
    {
      sp_event_book_write (sp_server_get_events (server));
      events = sp_store_list_events (sp_server_get_store (server), kind, before, limit + 1, &error);
    }
  if (events != NULL)
    answer (invocation, events, limit);
  else
    sp_bus_reply_error (invocation, error);
}

/* --- who changed the settings --- */

typedef struct
{
  SpServer *server;
  char *text;
  gint64 at;
  guint32 uid;
} Change;

static void
change_free (Change *change)
{
  g_object_unref (change->server);
  g_free (change->text);
  g_free (change);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

static void
on_named (GObject *server, GAsyncResult *result, gpointer data)
{
  Change *change = g_task_get_task_data (G_TASK (result));
  g_autofree char *who = g_task_propagate_pointer (G_TASK (result), NULL);

  sp_event_book_note_change (sp_server_get_events (SP_SERVER (server)), who != NULL ? who : "",
                             change->text, change->at);
}

/* In a thread, since the accounts may be on another computer. */
static void
find_name (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Change *change = data;
  g_autofree char *memory = g_malloc (RECORD_SIZE);
  struct passwd record;
  struct passwd *found = NULL;

  if (getpwuid_r (change->uid, &record, memory, RECORD_SIZE, &found) == 0 && found != NULL)
    g_task_return_pointer (task, g_utf8_make_valid (found->pw_name, -1), g_free);
  else
    g_task_return_pointer (task, g_strdup_printf ("%u", change->uid), g_free);
}

static void
on_identified (GObject *connection, GAsyncResult *result, gpointer data)
{
  g_autoptr (Change) change = data;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, NULL);
  g_autoptr (GTask) task = NULL;

  /* Whoever it was left at once: the change is remembered all the same. */
  if (reply == NULL)
    {
      sp_event_book_note_change (sp_server_get_events (change->server), "", change->text,
                                 change->at);
      return;
    }
  g_variant_get (reply, "(u)", &change->uid);
  task = g_task_new (change->server, NULL, on_named, NULL);
  g_task_set_task_data (task, g_steal_pointer (&change), (GDestroyNotify) change_free);
  g_task_run_in_thread (task, find_name);
}

void
sp_bus_event_note_change (SpServer *server, GDBusMethodInvocation *invocation)
{
  g_autofree char *text = sp_event_book_take (sp_server_get_events (server));
  Change *change;

  if (text == NULL || text[0] == '\0')
    return;
  change = g_new0 (Change, 1);
  change->server = g_object_ref (server);
  change->text = g_steal_pointer (&text);
  change->at = g_get_real_time ();
  g_dbus_connection_call (
      g_dbus_method_invocation_get_connection (invocation), "org.freedesktop.DBus",
      "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixUser",
      g_variant_new ("(s)", g_dbus_method_invocation_get_sender (invocation)),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_identified, change);
}
