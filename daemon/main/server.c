/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"
#include "server-reachability.h"
#include "sign-in-policy.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/names.h"
#include "checkpoint.h"
#include "disconnections.h"
#include "restore.h"
#include "server-backup.h"
#include "server-listeners.h"
#include "server-ranges.h"
#include "walls/worker-keyholder.h"

#include <string.h>

G_DEFINE_TYPE (SpServer, sp_server, G_TYPE_OBJECT)

enum
{
  PROP_STATE = 1,
  PROP_LAST_ERROR,
  PROP_STARTED_AT,
  PROP_CERTIFICATE,
  PROP_LAST_BACKUP_AT,
  PROP_DYNAMIC_DNS,
  PROP_PORT_MAPPING,
  PROP_ACME,
  N_PROPS
};

static GParamSpec *properties[N_PROPS]; /* nocheck: set once by class_init */
static guint replaced;                  /* nocheck: set once by class_init */

static const char *const state_names[] = { "off", "starting", "on", "stopping", "failed" };

const char *
sp_server_state_to_string (SpServerState state)
{
  return state_names[state];
}

static void
sp_server_get_property (GObject *object, guint property, GValue *value, GParamSpec *spec)
{
  SpServer *self = SP_SERVER (object);

  switch (property)
    {
      case PROP_STATE:
        g_value_set_int (value, (int) self->state);
        break;
      case PROP_LAST_ERROR:
        g_value_set_boxed (value, self->last_error);
        break;
      case PROP_STARTED_AT:
        g_value_set_int64 (value, self->started_at);
        break;
      case PROP_CERTIFICATE:
        g_value_set_pointer (value, (gpointer) sp_server_get_certificate (self));
        break;
      case PROP_LAST_BACKUP_AT:
        g_value_set_int64 (value, sp_server_get_last_backup_at (self));
        break;
      case PROP_DYNAMIC_DNS:
        g_value_set_pointer (value, self->dynamic_dns);
        break;
      case PROP_PORT_MAPPING:
        g_value_set_pointer (value, self->port_mapping);
        break;
      case PROP_ACME:
        g_value_set_pointer (value, self->acme);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, spec);
    }
}

static void
sp_server_finalize (GObject *object)
{
  SpServer *self = SP_SERVER (object);

  g_clear_pointer (&self->backups, sp_backup_schedule_free);
  g_clear_pointer (&self->name_watch, sp_name_watch_free);
  g_clear_pointer (&self->dynamic_dns, sp_dynamic_dns_free);
  g_clear_pointer (&self->port_mapping, sp_port_mapping_free);
  g_clear_pointer (&self->pinholes, sp_port_mapping_free);
  g_clear_pointer (&self->acme, sp_acme_free);
  g_clear_pointer (&self->dns_validation, sp_dns_validation_free);
  g_clear_object (&self->checkpoint);
  g_clear_pointer (&self->disconnections, sp_disconnections_free);
  sp_server_undo_steps (self);
  g_clear_pointer (&self->reception, sp_reception_free);
  g_clear_pointer (&self->watch, sp_user_watch_free);
  g_clear_object (&self->sessions);
  g_clear_pointer (&self->names, sp_door_names_free);
  g_clear_object (&self->invitations);
  g_clear_object (&self->devices);
  if (self->users != NULL)
    sp_user_registry_write_first_logins (self->users); /* changes on their way may keep it longer */
  g_clear_object (&self->users);
  g_clear_pointer (&self->ledger, sp_traffic_ledger_free);
  g_clear_object (&self->certificates);
  g_clear_object (&self->bans);
  g_clear_object (&self->groups);
  g_clear_pointer (&self->removed_groups, g_ptr_array_unref);
  g_clear_pointer (&self->door, sp_door_client_free);
  g_clear_pointer (&self->keyholder, sp_keyholder_client_free);
  g_clear_object (&self->jobs);
  g_clear_pointer (&self->report, sp_attack_report_free);
  g_clear_object (&self->penalties);
  g_clear_pointer (&self->events, sp_event_book_free);
  g_clear_pointer (&self->store, sp_store_free);
  sp_configuration_set_judge (self->configuration, NULL, NULL);
  g_clear_object (&self->configuration);
  g_free (self->metrics);
  g_clear_pointer (&self->inherited, g_ptr_array_unref);
  g_clear_pointer (&self->settings, sp_settings_unref);
  g_free (self->first_name);
  g_clear_error (&self->last_error);
  g_clear_error (&self->trouble);
  g_free (self->state_folder);
  g_clear_pointer (&self->log, sp_log_book_free);
  g_clear_object (&self->reachability);
  g_clear_object (&self->surroundings);
  G_OBJECT_CLASS (sp_server_parent_class)->finalize (object);
}

static void
sp_server_class_init (SpServerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = sp_server_get_property;
  object_class->finalize = sp_server_finalize;
  properties[PROP_STATE] =
      g_param_spec_int ("state", NULL, NULL, 0, SP_SERVER_LAST, SP_SERVER_OFF, flags);
  properties[PROP_LAST_ERROR] = g_param_spec_boxed ("last-error", NULL, NULL, G_TYPE_ERROR, flags);
  properties[PROP_STARTED_AT] =
      g_param_spec_int64 ("started-at", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_CERTIFICATE] = g_param_spec_pointer ("certificate", NULL, NULL, flags);
  properties[PROP_LAST_BACKUP_AT] =
      g_param_spec_int64 ("last-backup-at", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_DYNAMIC_DNS] = g_param_spec_pointer ("dynamic-dns", NULL, NULL, flags);
  properties[PROP_PORT_MAPPING] = g_param_spec_pointer ("port-mapping", NULL, NULL, flags);
  properties[PROP_ACME] = g_param_spec_pointer ("acme", NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  (void) g_signal_new ("authentication-failed", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0,
                       NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING,
                       G_TYPE_STRING);
  replaced = g_signal_new ("replaced", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0, NULL,
                           NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

void
sp_server_tell_replaced (SpServer *self, gpointer waiting)
{
  g_signal_emit (self, replaced, 0, waiting);
}

static void
sp_server_init (SpServer *self)
{
  self->jobs = sp_jobs_new ();
  self->disconnections = sp_disconnections_new (self);
}

static void
set_started_at (SpServer *self, gint64 when)
{
  if (self->started_at == when)
    return;
  self->started_at = when;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STARTED_AT]);
}

/* The one setter of the state.  `error` is copied, NULL clears what was there. */
static void
set_state (SpServer *self, SpServerState state, const GError *error)
{
  sp_log (SP_LOG_NOTICE, "server", "%s → %s%s%s", state_names[self->state], state_names[state],
          error != NULL ? ": " : "", error != NULL ? error->message : "");
  g_object_freeze_notify (G_OBJECT (self));
  if (error != NULL || self->last_error != NULL)
    {
      g_clear_error (&self->last_error);
      self->last_error = error != NULL ? g_error_copy (error) : NULL;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST_ERROR]);
    }
  self->state = state;
  set_started_at (self, state == SP_SERVER_ON ? g_get_real_time () : 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  g_object_thaw_notify (G_OBJECT (self));
}

/* Whether the owner wants it on outlives the daemon: a crash or a restart of the machine must not
 * leave people outside. */
static void
remember_wanted (SpServer *self, gboolean wanted)
{
  g_autoptr (GError) error = NULL;

  if (!sp_store_set_wanted (self->store, wanted, &error))
    sp_log (SP_LOG_WARNING, "server", "%s", error->message);
}

gboolean
sp_server_is_wanted (SpServer *self)
{
  g_autoptr (GBytes) bytes = sp_store_get_value (self->store, SP_STORE_WANTED_ON, NULL);

  return bytes != NULL && g_bytes_get_size (bytes) == 1 &&
         *(const guint8 *) g_bytes_get_data (bytes, NULL) == 1;
}

/* Takes `error`. */
static void
finish_change (SpServer *self, GError *error)
{
  g_autoptr (GError) owned = error;
  GSList *waiting = g_steal_pointer (&self->change);

  for (GSList *next = waiting; next != NULL; next = next->next)
    {
      if (owned != NULL)
        g_task_return_error (next->data, g_error_copy (owned));
      else
        g_task_return_boolean (next->data, TRUE);
    }
  g_slist_free_full (waiting, g_object_unref);
}

void
sp_server_fail_start (SpServer *self, GError *error)
{
  sp_server_let_kept_go (self);
  set_state (self, SP_SERVER_FAILED, error);
  finish_change (self, error);
}

/* The second half of a start, once the keyholder is ready. */
void
sp_server_go_on (SpServer *self)
{
  GError *error = NULL;

  sp_server_tell_names (self);
  if (!sp_server_do_steps (self, &error))
    {
      sp_server_fail_start (self, error);
      return;
    }
  remember_wanted (self, TRUE);
  self->first_name = g_strdup (self->settings->name);
  set_state (self, SP_SERVER_ON, NULL);
  if (self->kept_start != 0)
    set_started_at (self, self->kept_start);
  self->kept_start = 0;
  sp_server_keep (self);
  finish_change (self, NULL);
}

static gboolean
start_keyholder (SpServer *self, GError **error)
{
  g_autoptr (GBytes) names = sp_server_collect_names (self);
  SpKeyholderWishes wishes = { .origin = self->origin,
                               .cookie_seconds = self->settings->cookie_timeout };

  wishes.names = g_bytes_get_data (names, &wishes.names_length);
  return sp_keyholder_client_start (self->keyholder, &wishes, error);
}

static void
take_settings (SpServer *self)
{
  g_clear_pointer (&self->settings, sp_settings_unref);
  self->settings = sp_settings_ref (sp_configuration_get (self->configuration));
}

/* What follows from who there is. */
static void
tell_who_needs_what (SpServer *self, SpSignInMethod usual)
{
  sp_keyholder_client_allow_pam (self->keyholder, sp_sign_in_needs_pam (usual, self->users));
  sp_reception_set_sign_in (self->reception,
                            sp_sign_in_describe (usual, self->users, self->devices));
}

void
sp_server_tell_sign_in (SpServer *self)
{
  SpSignInMethod usual = sp_sign_in_usual (self->settings);

  sp_keyholder_client_set_sign_in (self->keyholder, usual,
                                   self->settings->second_step == SP_WORD_REQUIRED);
  tell_who_needs_what (self, usual);
}

/* A user or a device came, changed or went. */
static void
people_changed_cb (GObject *registry, GObject *which, SpServer *self)
{
  tell_who_needs_what (self, sp_sign_in_usual (self->settings));
}

/* What can be applied to a running server is. */
static void
configuration_changed_cb (SpConfiguration *configuration, SpServer *self)
{
  g_autoptr (SpSettings) before = sp_settings_ref (self->settings);

  take_settings (self);
  if (self->state == SP_SERVER_ON)
    sp_server_take_live (self, before);
  sp_log_set_level (sp_settings_get_log_level (self->settings));
  sp_keyholder_client_set_cookie_seconds (self->keyholder, self->settings->cookie_timeout);
  sp_server_tell_sign_in (self);
  sp_server_take_names (self);
  sp_server_tell_names (self);
  sp_backup_schedule_look (self->backups);
  sp_dynamic_dns_look (self->dynamic_dns);
  sp_server_look_at_routers (self);
  sp_acme_look (self->acme);
  if (self->state != SP_SERVER_ON)
    return;
  sp_session_registry_take_settings (self->sessions, self->settings);
  sp_reception_set_unknown_clients_max (self->reception, self->settings->unknown_clients);
  sp_server_tell_texts (self);
  sp_server_tell_proxies (self);
  sp_server_adjust (self);
}

/* A range that nobody wrote down moves out of the way of a network that the computer came to. */
static void
surroundings_changed_cb (SpSurroundings *surroundings, SpServer *self)
{
  if (self->state == SP_SERVER_ON)
    sp_server_take_ranges (self);
}

/* A bad file must not keep the owner from the server that would tell what is wrong with it. */
static void
load_settings_or_default (SpServer *self)
{
  g_autoptr (GError) error = NULL;

  if (!sp_configuration_load (self->configuration, &error))
    set_state (self, SP_SERVER_FAILED, error);
  take_settings (self);
}

static gboolean
open_users (SpServer *self, GError **error)
{
  self->users = sp_user_registry_new (self->store, self->keyholder, error);
  return self->users != NULL;
}

/* A damaged database must not keep the owner from being told so. */
static gboolean
open_store (SpServer *self, const char *folder, GError **error)
{
  g_autoptr (GError) trouble = NULL;

  self->store = sp_store_open (folder, &trouble);
  if (self->store != NULL && open_users (self, &trouble))
    return TRUE;
  g_clear_pointer (&self->store, sp_store_free);
  self->store = sp_store_new_stand_in (trouble->message, error);
  set_state (self, SP_SERVER_FAILED, trouble);
  self->trouble = g_steal_pointer (&trouble);
  return self->store != NULL && open_users (self, error);
}

static char *
find_url (gpointer user_data, const char *label)
{
  return sp_server_make_device_url (user_data, label);
}

static gboolean
open_all (SpServer *self, const SpServerPlan *plan, GError **error)
{
  static const char *const changes[] = { "added", "removed", "changed" };

  if ((!sp_server_has_kept (self) && !sp_network_setup_recover (plan->state_folder, error)) ||
      !sp_restore_recover (plan->state_folder, plan->config_path, &self->origin, error))
    return FALSE;
  self->checkpoint = sp_checkpoint_new (self, plan->state_folder);
  load_settings_or_default (self);
  sp_log_open (SP_LOG_NAME, sp_settings_get_log_level (self->settings));
  self->keyholder = sp_keyholder_client_new (plan->libexec_folder, plan->pam_socket,
                                             plan->state_folder, &sp_server_keyholder_events, self);
  self->door = sp_door_client_new (plan->libexec_folder, &sp_server_door_events, self);
  if (!open_store (self, plan->state_folder, error))
    return FALSE;
  self->certificates = sp_certificate_registry_new (self->keyholder);
  self->names = sp_door_names_new (self->door, self->certificates);
  self->devices = sp_device_registry_new (self->store, self->keyholder, self->users, error);
  if (self->devices == NULL)
    return FALSE;
  self->bans = sp_ban_registry_new (self->store, self->door, error);
  if (self->bans == NULL)
    return FALSE;
  self->invitations =
      sp_invitation_registry_new (self->keyholder, self->users, self->devices, find_url, self);
  sp_door_names_follow_devices (self->names, self->devices, self->invitations);
  self->ledger = sp_traffic_ledger_new (self->store, error);
  if (self->ledger == NULL)
    return FALSE;
  self->sessions =
      sp_session_registry_new (self->store, self->keyholder, self->door, self->users, self->ledger);
  self->watch = sp_user_watch_new (self->users, self->sessions, self->ledger, error);
  if (self->watch == NULL)
    return FALSE;
  sp_session_registry_set_holding (self->sessions, self->holding);
  sp_session_registry_set_devices (self->sessions, self->devices);
  if (!sp_server_open_groups (self, error))
    return FALSE;
  self->reception =
      sp_reception_new (plan->libexec_folder, self->keyholder, self->door, self->sessions);
  self->reachability = sp_reachability_new (self->store, self->surroundings, self->sessions);
  sp_reception_set_reachability (self->reception, self->reachability);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    g_signal_connect_object (self->users, changes[i], G_CALLBACK (people_changed_cb), self, 0);
  g_signal_connect_object (self->devices, "added", G_CALLBACK (people_changed_cb), self, 0);
  g_signal_connect_object (self->devices, "removed", G_CALLBACK (people_changed_cb), self, 0);
  sp_server_tell_sign_in (self);
  sp_server_tell_names (self);
  return start_keyholder (self, error);
}

static void
backups_changed (SpServer *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST_BACKUP_AT]);
}

SpServer *
sp_server_new (const SpServerPlan *plan, GError **error)
{
  g_autoptr (SpServer) self = g_object_new (SP_TYPE_SERVER, NULL);

  self->state_folder = g_strdup (plan->state_folder);
  self->inherited = plan->inherited != NULL ? g_ptr_array_ref (plan->inherited) : NULL;
  self->holding = plan->holding;
  self->configuration = sp_configuration_new (plan->config_path);
  self->log = sp_log_book_new ();
  self->surroundings = sp_surroundings_new (plan->manager);
  self->penalties = sp_penalty_book_new ();
  self->backups = sp_backup_schedule_new (self, backups_changed);
  if (!open_all (self, plan, error))
    return NULL;
  self->events = sp_event_book_new (self->store, self->configuration);
  self->report = sp_attack_report_new (self->penalties, self->events);
  g_signal_connect_object (self->configuration, "changed", G_CALLBACK (configuration_changed_cb),
                           self, 0);
  sp_configuration_set_judge (self->configuration, sp_server_judge_settings, self);
  g_signal_connect_object (self->surroundings, "changed", G_CALLBACK (surroundings_changed_cb),
                           self, 0);
  sp_server_open_dynamic_dns (self, plan->libexec_folder);
  sp_server_open_port_mapping (self, plan->libexec_folder);
  sp_server_open_acme (self, plan->libexec_folder);
  sp_server_open_reachability (self, plan->libexec_folder);
  return g_steal_pointer (&self);
}

SpServerState
sp_server_get_state (SpServer *self)
{
  return self->state;
}

gboolean
sp_server_may_end (SpServer *self)
{
  return (self->state == SP_SERVER_OFF || self->trouble != NULL) &&
         sp_checkpoint_get_id (self->checkpoint) == NULL;
}

gboolean
sp_server_reload (SpServer *self, GError **error)
{
  return sp_configuration_load (self->configuration, error);
}

void
sp_server_start_async (SpServer *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;

  if (self->state == SP_SERVER_ON)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (self->state == SP_SERVER_STARTING)
    {
      /* It is on its way: whoever asks again waits with the others. */
      self->change = g_slist_prepend (self->change, g_steal_pointer (&task));
      return;
    }
  if (self->change != NULL)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_BUSY, "the server is %s",
                               state_names[self->state]);
      return;
    }
  self->change = g_slist_prepend (NULL, g_steal_pointer (&task));
  set_state (self, SP_SERVER_STARTING, NULL);
  /* A start takes over what the owner wrote into the file meanwhile; a bad file stops it. */
  if (self->trouble != NULL)
    sp_server_fail_start (self, g_error_copy (self->trouble));
  else if (!sp_configuration_load (self->configuration, &error))
    sp_server_fail_start (self, error);
  else if (sp_keyholder_client_is_ready (self->keyholder))
    sp_server_go_on (self);
  else
    sp_keyholder_client_try_again (self->keyholder);
}

gboolean
sp_server_start_finish (SpServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
router_told (SpServer *self)
{
  if (--self->n_untold > 0)
    return;
  g_clear_pointer (&self->first_name, g_free);
  set_state (self, SP_SERVER_OFF, NULL);
  finish_change (self, NULL);
}

static void
clients_gone (gpointer user_data)
{
  SpServer *self = user_data;

  if (!self->quietly)
    sp_session_registry_end_all (self->sessions, "turned-off");
  sp_server_undo_steps (self);
  self->n_untold = 2;
  sp_port_mapping_close (self->port_mapping, router_told);
  sp_port_mapping_close (self->pinholes, router_told);
}

void
sp_server_stop_async (SpServer *self,
                      gboolean quietly,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  if (self->state == SP_SERVER_STOPPING)
    {
      /* It is on its way: whoever asks again waits with the others. */
      self->change = g_slist_prepend (self->change, g_steal_pointer (&task));
      return;
    }
  if (self->change != NULL)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_BUSY, "the server is %s",
                               state_names[self->state]);
      return;
    }
  if (!quietly)
    remember_wanted (self, FALSE);
  if (self->state != SP_SERVER_ON)
    {
      if (self->state == SP_SERVER_FAILED)
        set_state (self, SP_SERVER_OFF, NULL);
      g_task_return_boolean (task, TRUE);
      return;
    }
  self->change = g_slist_prepend (NULL, g_steal_pointer (&task));
  self->quietly = quietly;
  set_state (self, SP_SERVER_STOPPING, NULL);
  sp_reception_stop (self->reception, quietly ? SP_STOP_DROP : SP_STOP_DISCONNECT,
                     "The server was turned off.", clients_gone, self);
}

gboolean
sp_server_stop_finish (SpServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
