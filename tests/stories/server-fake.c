/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backdoor.h"

#include "attack-report.h"
#include "base/error.h"
#include "checkpoint.h"
#include "codec/reach-link.h"
#include "disconnections.h"
#include "platform/fake.h"
#include "server-reachability.h"
#include "store-history.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FAKE_SETTINGS "/run/story/settings/sallyport.conf"

struct _SpServer
{
  GObject parent;
  SpServerState state;
  GError *last_error;
  gint64 started_at;
  SpUserRegistry *users;
  SpDeviceRegistry *devices;
  SpInvitationRegistry *invitations;
  SpSessionRegistry *sessions;
  SpConfiguration *configuration;
  SpStore *store;
  SpTrafficLedger *ledger;
  SpLogBook *log;
  SpCertificateRegistry *certificates;
  SpJobs *jobs;
  SpBanRegistry *bans;
  SpDisconnections *disconnections;
  SpCheckpoint *checkpoint;
  SpGroupRegistry *groups;
  SpSurroundings *surroundings;
  SpReachability *reachability;
  SpEventBook *events;
  SpPenaltyBook *penalties;
  SpAttackReport *report;
  SpPrepared certificate;
  gboolean is_broken;
  guint delay; /* ms of a start or stop */
};

G_DEFINE_TYPE (SpServer, sp_server, G_TYPE_OBJECT)

enum
{
  PROP_STATE = 1,
  N_PROPS
};

static void
sp_server_get_property (GObject *object, guint property, GValue *value, GParamSpec *spec)
{
  g_value_set_int (value, (int) SP_SERVER (object)->state);
}

static void
sp_server_class_init (SpServerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = sp_server_get_property;
  g_object_class_install_property (
      object_class, PROP_STATE,
      g_param_spec_int ("state", NULL, NULL, 0, SP_SERVER_LAST, SP_SERVER_OFF, G_PARAM_READABLE));
  (void) g_signal_new ("authentication-failed", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0,
                       NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING,
                       G_TYPE_STRING);
  (void) g_signal_new ("replaced", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                       NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
sp_server_init (SpServer *self)
{
  self->jobs = sp_jobs_new ();
  self->disconnections = sp_disconnections_new (self);
  self->sessions = sp_fake_sessions_new ();
  self->log = sp_log_book_new ();
  self->surroundings = sp_surroundings_new (NULL);
  self->certificate.authority_length = 100;
  memset (self->certificate.authority, 0x5a, self->certificate.authority_length);
}

/* Beside the log, where the story cleans up. */
static char *
make_folder (const char *password_log)
{
  g_autofree char *place = g_path_get_dirname (password_log);
  char *folder = g_build_filename (place, "store-XXXXXX", NULL);

  if (g_mkdtemp (folder) == NULL)
    g_error ("%s: %s", folder, g_strerror (errno));
  return folder;
}

SpServer *
sp_fake_server_new (const char *password_log)
{
  SpServer *self = g_object_new (SP_TYPE_SERVER, NULL);
  g_autofree char *folder = make_folder (password_log);
  g_autoptr (GError) error = NULL;

  self->configuration = sp_configuration_new (FAKE_SETTINGS);
  self->checkpoint = sp_checkpoint_new (self, folder);
  if (!sp_configuration_load (self->configuration, &error))
    g_error ("%s", error->message);
  self->users = sp_fake_users_new (password_log);
  self->certificates = sp_fake_certificates_new ();
  self->store = sp_store_open (folder, &error);
  if (self->store == NULL)
    g_error ("%s", error->message);
  self->reachability = sp_reachability_new (self->store, self->surroundings, self->sessions);
  self->events = sp_event_book_new (self->store, self->configuration);
  self->penalties = sp_penalty_book_new ();
  self->report = sp_attack_report_new (self->penalties, self->events);
  self->bans = sp_ban_registry_new (self->store, NULL, &error);
  self->groups = sp_group_registry_new (self->store, &error);
  self->devices = sp_device_registry_new (self->store, NULL, self->users, &error);
  if (self->devices == NULL)
    g_error ("%s", error->message);
  self->ledger = sp_traffic_ledger_new (self->store, &error);
  if (self->ledger == NULL)
    g_error ("%s", error->message);
  self->invitations = sp_fake_invitations_new (self->users, self->devices);
  return self;
}

const char *
sp_server_state_to_string (SpServerState state)
{
  static const char *const names[] = { "off", "starting", "on", "stopping", "failed" };

  return names[state];
}

SpServerState
sp_server_get_state (SpServer *self)
{
  return self->state;
}

const GError *
sp_server_get_last_error (SpServer *self)
{
  return self->last_error;
}

gint64
sp_server_get_started_at (SpServer *self)
{
  return self->started_at;
}

SpUserRegistry *
sp_server_get_users (SpServer *self)
{
  return self->users;
}

SpDeviceRegistry *
sp_server_get_devices (SpServer *self)
{
  return self->devices;
}

SpInvitationRegistry *
sp_server_get_invitations (SpServer *self)
{
  return self->invitations;
}

SpSessionRegistry *
sp_server_get_sessions (SpServer *self)
{
  return self->sessions;
}

SpCertificateRegistry *
sp_server_get_certificates (SpServer *self)
{
  return self->certificates;
}

GBytes *
sp_server_collect_names (SpServer *self)
{
  static const char names[] = "vpn.test";

  return g_bytes_new_static (names, sizeof names);
}

SpLogBook *
sp_server_get_log (SpServer *self)
{
  return self->log;
}

SpStore *
sp_server_get_store (SpServer *self)
{
  return self->store;
}

SpBanRegistry *
sp_server_get_bans (SpServer *self)
{
  return self->bans;
}

SpGroupRegistry *
sp_server_get_groups (SpServer *self)
{
  return self->groups;
}

SpGroup *
sp_server_add_group (SpServer *self, const char *name, GVariant *values, GError **error)
{
  return sp_group_registry_add (self->groups, name, values, error);
}

SpGroup *
sp_server_restore_group (SpServer *self, const char *name, GError **error)
{
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "no group was removed");
  return NULL;
}

SpCheckpoint *
sp_server_get_checkpoint (SpServer *self)
{
  return self->checkpoint;
}

const char *
sp_server_get_speed_trouble (SpServer *self)
{
  return NULL;
}

SpEventBook *
sp_server_get_events (SpServer *self)
{
  return self->events;
}

SpPenaltyBook *
sp_server_get_penalties (SpServer *self)
{
  return self->penalties;
}

SpReachability *
sp_server_get_reachability (SpServer *self)
{
  return self->reachability;
}

char *
sp_server_make_reach_link (SpServer *self, const char *host, const guint8 *token)
{
  return g_strconcat ("https://", host, SP_REACH_FOLDER "token", NULL);
}

SpSurroundings *
sp_server_get_surroundings (SpServer *self)
{
  return self->surroundings;
}

const SpNetwork *
sp_server_get_range (SpServer *self)
{
  const SpSettings *settings = sp_configuration_get (self->configuration);

  return settings->ipv4_range.n > 0 ? &settings->ipv4_range.items[0] : NULL;
}

SpDisconnections *
sp_server_get_disconnections (SpServer *self)
{
  return self->disconnections;
}

SpBan *
sp_server_add_ban (
    SpServer *self, const SpNetwork *network, const char *reason, gint64 until, GError **error)
{
  return sp_ban_registry_add (self->bans, network, reason, until, TRUE, error);
}

SpBan *
sp_server_block (
    SpServer *self, const SpNetwork *network, const char *reason, gint64 until, GError **error)
{
  return sp_ban_registry_add (self->bans, network, reason, until, TRUE, error);
}

void
sp_door_client_set_ban (SpDoorClient *self, const SpNetwork *network, SpBanWhom whom)
{
}

SpJobs *
sp_server_get_jobs (SpServer *self)
{
  return self->jobs;
}

SpTrafficLedger *
sp_server_get_ledger (SpServer *self)
{
  return self->ledger;
}

/* As the sessions of the user would make it count. */
static void
carry (SpServer *self, SpUser *user, guint64 rx_bytes, guint64 tx_bytes)
{
  guint before = sp_user_get_quota_level (user);
  SpUsage usage;

  sp_traffic_ledger_count (self->ledger, sp_user_get_id (user), rx_bytes, tx_bytes,
                           g_get_real_time ());
  usage = sp_traffic_ledger_get_usage (self->ledger, sp_user_get_id (user));
  sp_user_set_usage (user, usage.since, usage.bytes);
  sp_user_tell_usage (user);
  if (sp_user_get_quota_level (user) > before)
    g_signal_emit_by_name (self->sessions, "quota-reached", user, sp_user_get_quota_level (user));
}

const SpSettings *
sp_server_get_settings (SpServer *self)
{
  return sp_configuration_get (self->configuration);
}

SpConfiguration *
sp_server_get_configuration (SpServer *self)
{
  return self->configuration;
}

const SpPrepared *
sp_server_get_certificate (SpServer *self)
{
  return &self->certificate;
}

GStrv
sp_server_list_urls (SpServer *self)
{
  const char *const urls[] = { "https://vpn.test", NULL };

  return g_strdupv ((char **) urls);
}

char *
sp_server_make_device_url (SpServer *self, const char *label)
{
  if (sp_configuration_get (self->configuration)->name_gate != SP_WORD_LABEL)
    return g_strdup ("https://vpn.test");
  return g_strdup_printf ("https://%s.vpn.test", label);
}

static void
set_state (SpServer *self, SpServerState state)
{
  self->state = state;
  self->started_at = state == SP_SERVER_ON ? g_get_real_time () : 0;
  g_object_notify (G_OBJECT (self), "state");
}

static gboolean
started_cb (gpointer data)
{
  GTask *task = data;
  SpServer *self = g_task_get_source_object (task);

  g_clear_error (&self->last_error);
  if (self->is_broken)
    self->last_error =
        g_error_new (SP_ERROR, SP_ERROR_PORT_IN_USE, "listening on port 443: address in use");
  set_state (self, self->is_broken ? SP_SERVER_FAILED : SP_SERVER_ON);
  self->is_broken = FALSE;
  if (self->last_error != NULL)
    g_task_return_error (task, g_error_copy (self->last_error));
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

static gboolean
stopped_cb (gpointer data)
{
  GTask *task = data;

  set_state (g_task_get_source_object (task), SP_SERVER_OFF);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

static void
change (SpServer *self, GTask *task, SpServerState on_the_way, GSourceFunc done)
{
  if (self->state == SP_SERVER_STARTING || self->state == SP_SERVER_STOPPING)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_BUSY, "the server is %s",
                               sp_server_state_to_string (self->state));
      g_object_unref (task);
      return;
    }
  set_state (self, on_the_way);
  (void) g_timeout_add (self->delay, done, task);
}

void
sp_server_start_async (SpServer *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  change (self, g_task_new (self, cancellable, callback, user_data), SP_SERVER_STARTING,
          started_cb);
}

gboolean
sp_server_start_finish (SpServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
sp_server_stop_async (SpServer *self,
                      gboolean quietly,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  change (self, g_task_new (self, cancellable, callback, user_data), SP_SERVER_STOPPING,
          stopped_cb);
}

gboolean
sp_server_stop_finish (SpServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
remember_sessions (SpStore *store, const char *login, guint n_sessions)
{
  SpHistoryRow row = { .login = (char *) login,
                       .client_name = (char *) "phone",
                       .user_agent = (char *) "test",
                       .remote_address = (char *) "192.0.2.1:5",
                       .addresses = (char *) "10.0.0.2",
                       .transport = (char *) "tls",
                       .reason = (char *) "logout" };

  g_assert_true (sp_store_begin (store, NULL));
  for (guint i = 1; i <= n_sessions; i++)
    {
      memcpy (row.session, &i, sizeof i);
      row.started = i;
      row.ended = i + 1;
      g_assert_true (sp_store_put_history (store, &row, NULL) &&
                     sp_store_finish_history (store, &row, NULL));
    }
  g_assert_true (sp_store_end (store, NULL));
}

void
sp_fake_server_command (SpServer *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  guint n_words = g_strv_length (words);
  SpUser *user = n_words > 1 ? sp_user_registry_find_by_login (self->users, words[1]) : NULL;

  if (g_str_equal (words[0], "open") && user != NULL && n_words == 3)
    sp_fake_sessions_open (self->sessions, user, words[2]);
  else if (g_str_equal (words[0], "device") && user != NULL && n_words == 3)
    sp_fake_devices_add (self->devices, user, words[2]);
  else if (g_str_equal (words[0], "visit") && n_words == 1)
    sp_fake_invitations_visit (self->invitations);
  else if (g_str_equal (words[0], "close") && user != NULL && n_words == 3)
    sp_fake_sessions_close (self->sessions, user, words[2]);
  else if (g_str_equal (words[0], "count") && user != NULL && n_words == 3)
    sp_fake_sessions_count (self->sessions, user, g_ascii_strtoull (words[2], NULL, 10));
  else if (g_str_equal (words[0], "carry") && user != NULL && n_words == 4)
    carry (self, user, g_ascii_strtoull (words[2], NULL, 10),
           g_ascii_strtoull (words[3], NULL, 10));
  else if (g_str_equal (words[0], "refuse") && n_words == 4)
    {
      sp_event_book_note_failure (self->events, words[1], words[2], words[3], g_get_real_time ());
      g_signal_emit_by_name (self, "authentication-failed", words[1], words[2], words[3]);
    }
  else if (g_str_equal (words[0], "past") && n_words == 3)
    remember_sessions (self->store, words[1], (guint) g_ascii_strtoull (words[2], NULL, 10));
  else if (g_str_equal (words[0], "job"))
    (void) sp_jobs_begin (self->jobs, "forget-history", NULL, TRUE, NULL);
  else if (g_str_equal (words[0], "move") && n_words == 3)
    {
      sp_fake_uplink_add (words[1], words[2], TRUE);
      sp_fake_uplink_tell ();
    }
  else if (g_str_equal (words[0], "internet") && n_words == 2)
    {
      sp_fake_uplink_set_connectivity (g_str_equal (words[1], "there")  ? SP_CONNECTIVITY_FULL
                                       : g_str_equal (words[1], "away") ? SP_CONNECTIVITY_NONE
                                                                        : SP_CONNECTIVITY_PORTAL);
      sp_fake_uplink_tell ();
    }
  else if (g_str_equal (words[0], "foreign-rules") && n_words == 2)
    sp_fake_foreign_filter_drop (g_str_equal (words[1], "drop"), g_str_equal (words[1], "slow"));
  else if (g_str_equal (words[0], "flood") && n_words == 4)
    sp_fake_flood (self->penalties, words);
  else if (g_str_equal (words[0], "attack") && (n_words == 1 || n_words == 4))
    sp_fake_attack (self->penalties, words);
  else if (g_str_equal (words[0], "order") && n_words == 2)
    sp_fake_order (self, (guint) g_ascii_strtoull (words[1], NULL, 10));
  else if (g_str_equal (words[0], "break"))
    self->is_broken = TRUE;
  else if (g_str_equal (words[0], "slow") && n_words == 2)
    self->delay = (guint) g_ascii_strtoull (words[1], NULL, 10);
  else if (g_str_equal (words[0], "end"))
    _exit (9);
  else if (!sp_fake_reach (self->reachability, words))
    g_error ("the backdoor does not understand “%s”", line);
}
