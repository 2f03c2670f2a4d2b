/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-porter.h"

#include "base/log.h"
#include "bus/error.h"

#include <polkit/polkit.h>

#define BUS_DAEMON_NAME "org.freedesktop.DBus"
#define BUS_DAEMON_PATH "/org/freedesktop/DBus"
#define SUPERUSER       0

/* Questions of one account that wait for polkit. */
#define QUESTIONS_MAX 32

struct _SpBusPorter
{
  GObject parent_instance;
  GDBusConnection *connection;
  PolkitAuthority *authority; /* NULL until polkit answered for the first time */
  GHashTable *waiting;        /* uid → number of questions */
  SpLogThrottle unreachable;
};

G_DEFINE_FINAL_TYPE (SpBusPorter, sp_bus_porter, G_TYPE_OBJECT)

typedef struct
{
  char *sender;
  const char *action;
  const char *message;
  char *login;
  gboolean interactive;
  guint uid;
  gboolean counted;
  guint leave_watch;
  GCancellable *leave;
} Question;

static void
question_free (Question *question)
{
  if (question->leave_watch != 0)
    g_bus_unwatch_name (question->leave_watch);
  g_clear_object (&question->leave);
  g_free (question->sender);
  g_free (question->login);
  g_free (question);
}

static void
sp_bus_porter_dispose (GObject *object)
{
  SpBusPorter *self = SP_BUS_PORTER (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->authority);
  g_clear_pointer (&self->waiting, g_hash_table_unref);
  G_OBJECT_CLASS (sp_bus_porter_parent_class)->dispose (object);
}

static void
sp_bus_porter_class_init (SpBusPorterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_bus_porter_dispose;
}

static void
sp_bus_porter_init (SpBusPorter *self)
{
  self->waiting = g_hash_table_new (NULL, NULL);
}

SpBusPorter *
sp_bus_porter_new (GDBusConnection *connection)
{
  SpBusPorter *self = g_object_new (SP_TYPE_BUS_PORTER, NULL);

  self->connection = g_object_ref (connection);
  return self;
}

/* One account can not fill the memory with questions, nor keep others from asking. */
static gboolean
count_question (SpBusPorter *self, Question *question)
{
  gpointer key = GUINT_TO_POINTER (question->uid);
  guint waiting = GPOINTER_TO_UINT (g_hash_table_lookup (self->waiting, key));

  if (waiting >= QUESTIONS_MAX)
    return FALSE;
  g_hash_table_insert (self->waiting, key, GUINT_TO_POINTER (waiting + 1));
  question->counted = TRUE;
  return TRUE;
}

static void
discount_question (SpBusPorter *self, Question *question)
{
  gpointer key = GUINT_TO_POINTER (question->uid);
  guint waiting = GPOINTER_TO_UINT (g_hash_table_lookup (self->waiting, key));

  if (!question->counted)
    return;
  question->counted = FALSE;
  if (waiting <= 1)
    g_hash_table_remove (self->waiting, key);
  else
    g_hash_table_insert (self->waiting, key, GUINT_TO_POINTER (waiting - 1));
}

/* Ends the check; error NULL means that the caller may pass. */
static void
conclude (GTask *task, GError *error)
{
  discount_question (g_task_get_source_object (task), g_task_get_task_data (task));
  if (error == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

static void
conclude_unreachable (GTask *task, const GError *cause)
{
  SpBusPorter *self = g_task_get_source_object (task);
  guint suppressed;

  if (sp_log_throttle (&self->unreachable, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_WARNING, "bus", "polkit does not answer, only the superuser may act: %s",
            cause->message);
  conclude (task, g_error_new (SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED,
                               "polkit does not answer, so only the superuser may do this"));
}

static GError *
refusal_from_result (PolkitAuthorizationResult *result, const char *action)
{
  if (polkit_authorization_result_get_is_authorized (result))
    return NULL;
  if (polkit_authorization_result_get_dismissed (result))
    return g_error_new (SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED,
                        "authentication for %s was dismissed", action);
  if (polkit_authorization_result_get_is_challenge (result))
    return g_error_new (SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN,
                        "authentication is needed for %s", action);
  return g_error_new (SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED, "not allowed: %s", action);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Question *question = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PolkitAuthorizationResult) verdict =
      polkit_authority_check_authorization_finish (POLKIT_AUTHORITY (source), result, &error);

  if (verdict != NULL)
    conclude (task, refusal_from_result (verdict, question->action));
  else if (g_cancellable_is_cancelled (question->leave))
    conclude (task, g_error_new (SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED, "the caller left"));
  else
    conclude_unreachable (task, error);
}

static PolkitDetails *
details_for (const Question *question)
{
  PolkitDetails *details = polkit_details_new ();

  if (question->message == NULL)
    return details;
  polkit_details_insert (details, "polkit.message", question->message);
  polkit_details_insert (details, "polkit.gettext_domain", SP_GETTEXT_DOMAIN);
  polkit_details_insert (details, "login", question->login != NULL ? question->login : "");
  return details;
}

static void
on_leave (GDBusConnection *connection, const char *name, gpointer data)
{
  g_cancellable_cancel (G_CANCELLABLE (data));
}

static void
ask_polkit (GTask *task)
{
  SpBusPorter *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);
  g_autoptr (PolkitSubject) subject = polkit_system_bus_name_new (question->sender);
  g_autoptr (PolkitDetails) details = details_for (question);
  PolkitCheckAuthorizationFlags flags = POLKIT_CHECK_AUTHORIZATION_FLAGS_NONE;

  if (question->interactive)
    {
      flags = POLKIT_CHECK_AUTHORIZATION_FLAGS_ALLOW_USER_INTERACTION;
      question->leave_watch = g_bus_watch_name_on_connection (
          self->connection, question->sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_leave,
          g_object_ref (question->leave), g_object_unref);
    }
  polkit_authority_check_authorization (self->authority, subject, question->action, details, flags,
                                        question->leave, on_checked, task);
}

static void
on_authority (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  SpBusPorter *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PolkitAuthority) authority = polkit_authority_get_finish (result, &error);

  if (authority == NULL)
    {
      conclude_unreachable (task, error);
      return;
    }
  g_set_object (&self->authority, authority);
  ask_polkit (task);
}

static void
on_identified (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  SpBusPorter *self = g_task_get_source_object (task);
  Question *question = g_task_get_task_data (task);
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (reply == NULL)
    {
      conclude (task, g_error_new (SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED, "the caller left"));
      return;
    }
  g_variant_get (reply, "(u)", &question->uid);
  if (question->uid == SUPERUSER)
    conclude (task, NULL);
  else if (!count_question (self, question))
    conclude (task, g_error_new (SP_BUS_ERROR, SP_BUS_ERROR_BUSY,
                                 "too many questions of this account wait for an answer"));
  else if (self->authority == NULL)
    polkit_authority_get_async (NULL, on_authority, task);
  else
    ask_polkit (task);
}

static void
check_action (SpBusPorter *self, Question *question, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);

  g_task_set_task_data (task, question, (GDestroyNotify) question_free);
  if (question->sender == NULL)
    {
      conclude (task, g_error_new (SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED,
                                   "only callers on a message bus are served"));
      return;
    }
  g_dbus_connection_call (self->connection, BUS_DAEMON_NAME, BUS_DAEMON_PATH, BUS_DAEMON_NAME,
                          "GetConnectionUnixUser", g_variant_new ("(s)", question->sender),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_identified,
                          task);
}

void
sp_bus_porter_check_async (SpBusPorter *self,
                           const char *sender,
                           const SpBusPermission *permission,
                           const char *login,
                           gboolean interactive,
                           GAsyncReadyCallback callback,
                           gpointer data)
{
  Question *question = g_new0 (Question, 1);

  question->sender = g_strdup (sender);
  question->action = permission->action;
  question->message = permission->message;
  question->login = g_strdup (login);
  question->interactive = interactive;
  question->leave = g_cancellable_new ();
  check_action (self, question, callback, data);
}

gboolean
sp_bus_porter_check_finish (SpBusPorter *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The list is made of one silent check after the other. */
typedef struct
{
  char *sender;
  const char *const *action; /* the one being checked */
  GVariantBuilder answers;
} List;

static void
list_free (List *list)
{
  g_variant_builder_clear (&list->answers);
  g_free (list->sender);
  g_free (list);
}

static void list_next (GTask *task);

static void
on_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  List *list = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  const char *answer = "no";

  if (sp_bus_porter_check_finish (SP_BUS_PORTER (source), result, &error))
    answer = "yes";
  else if (g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN))
    answer = "auth";
  else if (!g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }
  g_variant_builder_add (&list->answers, "{ss}", *list->action, answer);
  list->action++;
  list_next (task);
}

static void
list_next (GTask *task)
{
  List *list = g_task_get_task_data (task);
  Question *question;

  if (*list->action == NULL)
    {
      g_task_return_pointer (task, g_variant_ref_sink (g_variant_builder_end (&list->answers)),
                             (GDestroyNotify) g_variant_unref);
      g_object_unref (task);
      return;
    }
  question = g_new0 (Question, 1);
  question->sender = g_strdup (list->sender);
  question->action = *list->action;
  question->leave = g_cancellable_new ();
  check_action (g_task_get_source_object (task), question, on_listed, task);
}

void
sp_bus_porter_list_async (SpBusPorter *self,
                          const char *sender,
                          GAsyncReadyCallback callback,
                          gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  List *list = g_new0 (List, 1);

  list->sender = g_strdup (sender);
  list->action = sp_bus_permission_get_actions ();
  g_variant_builder_init (&list->answers, G_VARIANT_TYPE ("a{ss}"));
  g_task_set_task_data (task, list, (GDestroyNotify) list_free);
  list_next (task);
}

GVariant *
sp_bus_porter_list_finish (SpBusPorter *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
