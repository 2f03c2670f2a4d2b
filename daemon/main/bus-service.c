/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-service.h"

#include "bus-audience.h"
#include "bus-ban.h"
#include "bus-group.h"
#include "bus-binding.h"
#include "bus-certificate.h"
#include "bus-device.h"
#include "bus-invitation.h"
#include "bus-job.h"
#include "bus-porter.h"
#include "bus-server.h"
#include "bus-session.h"
#include "bus-settings.h"
#include "bus-tree.h"
#include "bus-user.h"
#include "firewalld-guest.h"
#include "sleep-guard.h"

#include "base/log.h"

/* Failures to sign in that are told within a second; an attacker makes many more. */
#define FAILURES_TOLD     10
#define PENALTIES_SPACING 2 /* seconds */

struct _SpBusService
{
  GObject parent_instance;
  GDBusConnection *connection;
  SpServer *server; /* this and the next three: NULL between two servers */
  SpBusAudience *audience;
  SpBusTree *tree;
  SpSleepGuard *guard;
  SpFirewalldGuest *guest;
  guint name;
  gint64 failures_since; /* monotonic: when the running second began */
  guint failures;        /* told in it */
  guint penalties_timer; /* not told yet that they changed */
};

G_DEFINE_FINAL_TYPE (SpBusService, sp_bus_service, G_TYPE_OBJECT)

enum
{
  NAME_ACQUIRED,
  NAME_LOST,
  IN_USE_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
tell (SpBusService *self, const char *signal, GVariant *arguments)
{
  sp_bus_audience_tell (self->audience, NULL, SP_BUS_SERVER_PATH, SP_BUS_SERVER_INTERFACE, signal,
                        arguments);
}

/* --- what happens in the models --- */

static void
add_user (SpUserRegistry *users, SpUser *user, SpBusService *self)
{
  g_autoptr (SpExportedUser) exported = sp_exported_user_new (
      users, sp_server_get_devices (self->server), sp_server_get_invitations (self->server), user);
  g_autofree char *path = sp_exported_user_path (user);

  sp_bus_tree_add (self->tree, path, sp_bus_user_get_login (SP_BUS_USER (exported)),
                   G_DBUS_INTERFACE_SKELETON (exported), NULL);
}

static void
remove_user (SpUserRegistry *users, SpUser *user, SpBusService *self)
{
  g_autofree char *path = sp_exported_user_path (user);

  sp_bus_tree_remove (self->tree, path);
}

static void
add_device (SpDeviceRegistry *devices, SpDevice *device, SpBusService *self)
{
  g_autoptr (SpExportedDevice) exported = sp_exported_device_new (devices, device);
  g_autofree char *path = sp_exported_device_path (device);

  sp_bus_tree_add (self->tree, path, sp_user_get_login (sp_device_get_user (device)),
                   G_DBUS_INTERFACE_SKELETON (exported), NULL);
}

static void
remove_device (SpDeviceRegistry *devices, SpDevice *device, SpBusService *self)
{
  g_autofree char *path = sp_exported_device_path (device);

  sp_bus_tree_remove (self->tree, path);
}

static void
add_invitation (SpInvitationRegistry *invitations, SpInvitation *invitation, SpBusService *self)
{
  g_autoptr (SpExportedInvitation) exported = sp_exported_invitation_new (invitations, invitation);
  g_autofree char *path = sp_exported_invitation_path (invitation);

  sp_bus_tree_add (self->tree, path, sp_user_get_login (sp_invitation_get_user (invitation)),
                   G_DBUS_INTERFACE_SKELETON (exported), NULL);
}

static void
remove_invitation (SpInvitationRegistry *invitations, SpInvitation *invitation, SpBusService *self)
{
  g_autofree char *path = sp_exported_invitation_path (invitation);

  sp_bus_tree_remove (self->tree, path);
}

static void
on_step (SpInvitationRegistry *invitations,
         SpInvitation *invitation,
         guint step,
         SpBusService *self)
{
  g_autofree char *path = sp_exported_invitation_path (invitation);

  sp_bus_tree_tell (self->tree, path, SP_BUS_INVITATION_INTERFACE, "StepTaken",
                    sp_exported_invitation_step (invitation, step));
}

static void
follow_invitations (SpBusService *self)
{
  SpInvitationRegistry *invitations = sp_server_get_invitations (self->server);

  g_signal_connect_object (invitations, "added", G_CALLBACK (add_invitation), self, 0);
  g_signal_connect_object (invitations, "removed", G_CALLBACK (remove_invitation), self, 0);
  g_signal_connect_object (invitations, "step", G_CALLBACK (on_step), self, 0);
  for (guint i = 0; i < sp_invitation_registry_get_n (invitations); i++)
    add_invitation (invitations, sp_invitation_registry_get (invitations, i), self);
}

static void
add_session (SpSessionRegistry *sessions, SpSession *session, SpBusService *self)
{
  g_autoptr (SpExportedSession) exported = sp_exported_session_new (self->server, session);
  g_autoptr (SpBusSessionStatistics) statistics = sp_exported_session_new_statistics (session);
  g_autofree char *path = sp_exported_session_path (session);

  sp_bus_tree_add (self->tree, path, sp_bus_session_get_login (SP_BUS_SESSION (exported)),
                   G_DBUS_INTERFACE_SKELETON (exported), G_DBUS_INTERFACE_SKELETON (statistics));
}

static void
on_session_opened (SpSessionRegistry *sessions, SpSession *session, SpBusService *self)
{
  g_autofree char *path = sp_exported_session_path (session);

  add_session (sessions, session, self);
  tell (self, "SessionOpened",
        g_variant_new ("(o@a{sv})", path, sp_exported_session_facts (session)));
}

static void
on_session_closed (SpSessionRegistry *sessions,
                   SpSession *session,
                   const char *reason,
                   SpBusService *self)
{
  g_autofree char *path = sp_exported_session_path (session);

  sp_bus_tree_remove (self->tree, path);
  tell (self, "SessionClosed",
        g_variant_new ("(os@a{sv})", path, reason, sp_exported_session_totals (session)));
}

static void
on_quota_reached (SpSessionRegistry *sessions, SpUser *user, guint level, SpBusService *self)
{
  const SpUserRecord *record = sp_user_get_record (user);
  g_autofree char *path = sp_exported_user_path (user);
  g_autofree char *login = sp_bus_text (record->login);
  GVariantDict facts;

  g_variant_dict_init (&facts, NULL);
  g_variant_dict_insert (&facts, "Login", "s", login);
  g_variant_dict_insert (&facts, "Used", "t", record->used);
  g_variant_dict_insert (&facts, "Quota", "t", sp_user_get_number (user, SP_USER_QUOTA));
  tell (self, "QuotaReached",
        g_variant_new ("(ou@a{sv})", path, level, g_variant_dict_end (&facts)));
}

static void
add_certificate (SpCertificateRegistry *certificates, const char *element, SpBusService *self)
{
  g_autoptr (SpExportedCertificate) exported = sp_exported_certificate_new (self->server, element);
  g_autofree char *path = sp_exported_certificate_path (element);

  sp_bus_tree_add (self->tree, path, NULL, G_DBUS_INTERFACE_SKELETON (exported), NULL);
}

static void
remove_certificate (SpCertificateRegistry *certificates, const char *element, SpBusService *self)
{
  g_autofree char *path = sp_exported_certificate_path (element);

  sp_bus_tree_remove (self->tree, path);
}

static void
on_authentication_failed (SpServer *server,
                          const char *address,
                          const char *login,
                          const char *reason,
                          SpBusService *self)
{
  g_autofree char *shown = sp_bus_text (login);
  gint64 now = g_get_monotonic_time ();

  if (now - self->failures_since >= G_USEC_PER_SEC)
    {
      self->failures_since = now;
      self->failures = 0;
    }
  if (self->failures++ < FAILURES_TOLD)
    tell (self, "AuthenticationFailed", g_variant_new ("(sss)", address, shown, reason));
}

static void
add_ban (SpBanRegistry *bans, SpBan *ban, SpBusService *self)
{
  g_autoptr (SpExportedBan) exported = sp_exported_ban_new (bans, ban);
  g_autofree char *path = sp_exported_ban_path (ban);

  sp_bus_tree_add (self->tree, path, NULL, G_DBUS_INTERFACE_SKELETON (exported), NULL);
}

static void
remove_ban (SpBanRegistry *bans, SpBan *ban, SpBusService *self)
{
  g_autofree char *path = sp_exported_ban_path (ban);

  sp_bus_tree_remove (self->tree, path);
}

static gboolean
tell_penalties (gpointer data)
{
  SpBusService *self = data;

  self->penalties_timer = 0;
  tell (self, "PenaltiesChanged", g_variant_new ("()"));
  return G_SOURCE_REMOVE;
}

/* The door tells of each network, and each second. */
static void
on_penalties_changed (SpPenaltyBook *penalties, SpBusService *self)
{
  if (self->penalties_timer == 0)
    self->penalties_timer = g_timeout_add_seconds (PENALTIES_SPACING, tell_penalties, self);
}

static void
follow_bans (SpBusService *self)
{
  SpBanRegistry *bans = sp_server_get_bans (self->server);

  g_signal_connect_object (bans, "added", G_CALLBACK (add_ban), self, 0);
  g_signal_connect_object (bans, "removed", G_CALLBACK (remove_ban), self, 0);
  for (guint i = 0; i < sp_ban_registry_get_n (bans); i++)
    add_ban (bans, sp_ban_registry_get (bans, i), self);
  g_signal_connect_object (sp_server_get_penalties (self->server), "changed",
                           G_CALLBACK (on_penalties_changed), self, 0);
}

static void
add_group (SpGroupRegistry *groups, SpGroup *group, SpBusService *self)
{
  g_autoptr (SpExportedGroup) exported = sp_exported_group_new (groups, group);
  g_autofree char *path = sp_exported_group_path (group);

  sp_bus_tree_add (self->tree, path, NULL, G_DBUS_INTERFACE_SKELETON (exported), NULL);
}

static void
remove_group (SpGroupRegistry *groups, SpGroup *group, SpBusService *self)
{
  g_autofree char *path = sp_exported_group_path (group);

  sp_bus_tree_remove (self->tree, path);
}

static void
follow_groups (SpBusService *self)
{
  SpGroupRegistry *groups = sp_server_get_groups (self->server);

  g_signal_connect_object (groups, "added", G_CALLBACK (add_group), self, 0);
  g_signal_connect_object (groups, "removed", G_CALLBACK (remove_group), self, 0);
  for (guint i = 0; i < sp_group_registry_get_n (groups); i++)
    add_group (groups, sp_group_registry_get (groups, i), self);
}

static void
on_job_begun (SpJobs *jobs, SpJob *job, SpBusService *self)
{
  g_autoptr (SpExportedJob) exported = sp_exported_job_new (job);
  g_autofree char *path = sp_exported_job_path (job);

  sp_bus_tree_add (self->tree, path, NULL, G_DBUS_INTERFACE_SKELETON (exported), NULL);
  sp_bus_tree_set_owner (self->tree, path, sp_job_get_starter (job));
}

static void
on_job_ended (SpJobs *jobs, SpJob *job, SpBusService *self)
{
  g_autofree char *path = sp_exported_job_path (job);

  sp_bus_tree_tell (self->tree, path, SP_BUS_JOB_INTERFACE, "Completed",
                    sp_exported_job_outcome (job));
  sp_bus_tree_remove (self->tree, path);
  g_signal_emit (self, signals[IN_USE_CHANGED], 0);
}

static void
follow_models (SpBusService *self)
{
  SpUserRegistry *users = sp_server_get_users (self->server);
  SpDeviceRegistry *devices = sp_server_get_devices (self->server);
  SpSessionRegistry *sessions = sp_server_get_sessions (self->server);
  SpCertificateRegistry *certificates = sp_server_get_certificates (self->server);
  g_auto (GStrv) elements = sp_certificate_registry_list (certificates);

  g_signal_connect_object (users, "added", G_CALLBACK (add_user), self, 0);
  g_signal_connect_object (users, "removed", G_CALLBACK (remove_user), self, 0);
  g_signal_connect_object (devices, "added", G_CALLBACK (add_device), self, 0);
  g_signal_connect_object (devices, "removed", G_CALLBACK (remove_device), self, 0);
  g_signal_connect_object (sessions, "opened", G_CALLBACK (on_session_opened), self, 0);
  g_signal_connect_object (sessions, "adopted", G_CALLBACK (add_session), self, 0);
  g_signal_connect_object (sessions, "closed", G_CALLBACK (on_session_closed), self, 0);
  g_signal_connect_object (sp_server_get_jobs (self->server), "begun", G_CALLBACK (on_job_begun),
                           self, 0);
  g_signal_connect_object (sp_server_get_jobs (self->server), "ended", G_CALLBACK (on_job_ended),
                           self, 0);
  g_signal_connect_object (sessions, "quota-reached", G_CALLBACK (on_quota_reached), self, 0);
  g_signal_connect_object (self->server, "authentication-failed",
                           G_CALLBACK (on_authentication_failed), self, 0);
  g_signal_connect_object (certificates, "added", G_CALLBACK (add_certificate), self, 0);
  g_signal_connect_object (certificates, "removed", G_CALLBACK (remove_certificate), self, 0);
  for (guint i = 0; elements[i] != NULL; i++)
    add_certificate (certificates, elements[i], self);
  for (guint i = 0; i < sp_user_registry_get_n (users); i++)
    add_user (users, sp_user_registry_get (users, i), self);
  follow_invitations (self);
  for (guint i = 0; i < sp_device_registry_get_n (devices); i++)
    add_device (devices, sp_device_registry_get (devices, i), self);
  for (guint i = 0; i < sp_session_registry_get_n (sessions); i++)
    {
      SpSession *session = sp_session_registry_get (sessions, i);

      if (sp_session_is_announced (session))
        add_session (sessions, session, self);
    }
}

/* --- the name --- */

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer self)
{
  g_signal_emit (self, signals[NAME_ACQUIRED], 0);
}

static void
on_name_lost (GDBusConnection *connection, const char *name, gpointer self)
{
  g_signal_emit (self, signals[NAME_LOST], 0);
}

static void
on_used (gpointer source, gpointer self)
{
  g_signal_emit (self, signals[IN_USE_CHANGED], 0);
}

/* --- life --- */

static void
sp_bus_service_dispose (GObject *object)
{
  SpBusService *self = SP_BUS_SERVICE (object);

  sp_bus_service_close (self);
  sp_bus_service_leave (self);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (sp_bus_service_parent_class)->dispose (object);
}

static guint
new_signal (const char *name)
{
  return g_signal_new (name, SP_TYPE_BUS_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
}

static void
sp_bus_service_class_init (SpBusServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_bus_service_dispose;
  signals[NAME_ACQUIRED] = new_signal ("name-acquired");
  signals[NAME_LOST] = new_signal ("name-lost");
  signals[IN_USE_CHANGED] = new_signal ("in-use-changed");
}

static void
sp_bus_service_init (SpBusService *self)
{
}

gboolean
sp_bus_service_serve (SpBusService *self, SpServer *server, GError **error)
{
  g_autoptr (SpBusPorter) porter = sp_bus_porter_new (self->connection);
  g_autoptr (SpBootSwitch) boot = sp_boot_switch_new (self->connection);
  g_autoptr (SpExportedServer) exported = NULL;
  g_autoptr (SpExportedSettings) settings = sp_exported_settings_new (server);

  self->server = g_object_ref (server);
  self->audience = sp_bus_audience_new (self->connection);
  self->tree = sp_bus_tree_new (self->connection, porter, self->audience);
  g_signal_connect_object (self->audience, "in-use-changed", G_CALLBACK (on_used), self, 0);
  g_signal_connect_object (self->tree, "called", G_CALLBACK (on_used), self, 0);
  self->guard = sp_sleep_guard_new (self->connection, server);
  self->guest = sp_firewalld_guest_new (self->connection, server);
  exported = sp_exported_server_new (server, porter, self->audience, self->tree, self->guard,
                                     self->guest, boot);
  sp_bus_tree_add (self->tree, SP_BUS_SERVER_PATH, NULL, G_DBUS_INTERFACE_SKELETON (exported),
                   NULL);
  sp_bus_tree_extend (self->tree, SP_BUS_SERVER_PATH, G_DBUS_INTERFACE_SKELETON (settings));
  follow_models (self);
  follow_bans (self);
  follow_groups (self);
  return sp_bus_tree_open (self->tree, error);
}

void
sp_bus_service_leave (SpBusService *self)
{
  g_clear_handle_id (&self->penalties_timer, g_source_remove);
  if (self->tree != NULL)
    sp_bus_tree_close (self->tree);
  if (self->server != NULL)
    {
      (void) g_signal_handlers_disconnect_by_data (sp_server_get_users (self->server), self);
      (void) g_signal_handlers_disconnect_by_data (sp_server_get_sessions (self->server), self);
      (void) g_signal_handlers_disconnect_by_data (sp_server_get_bans (self->server), self);
      (void) g_signal_handlers_disconnect_by_data (sp_server_get_groups (self->server), self);
      (void) g_signal_handlers_disconnect_by_data (sp_server_get_penalties (self->server), self);
      (void) g_signal_handlers_disconnect_by_data (sp_server_get_jobs (self->server), self);
      (void) g_signal_handlers_disconnect_by_data (self->server, self);
    }
  /* A call of its may still be under way. */
  if (self->guard != NULL)
    g_object_run_dispose (G_OBJECT (self->guard));
  g_clear_object (&self->guard);
  if (self->guest != NULL)
    g_object_run_dispose (G_OBJECT (self->guest));
  g_clear_object (&self->guest);
  g_clear_object (&self->tree);
  g_clear_object (&self->audience);
  g_clear_object (&self->server);
}

SpBusService *
sp_bus_service_new (GDBusConnection *connection, SpServer *server, GError **error)
{
  g_autoptr (SpBusService) self = g_object_new (SP_TYPE_BUS_SERVICE, NULL);

  self->connection = g_object_ref (connection);
  if (!sp_bus_service_serve (self, server, error))
    return NULL;
  self->name = g_bus_own_name_on_connection (connection, SP_BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE,
                                             on_name_acquired, on_name_lost, self, NULL);
  return g_steal_pointer (&self);
}

gboolean
sp_bus_service_is_in_use (SpBusService *self)
{
  return self->tree == NULL || sp_log_book_get_n (sp_server_get_log (self->server)) > 0 ||
         sp_bus_audience_is_in_use (self->audience) || sp_bus_tree_get_n_waiting (self->tree) > 0 ||
         sp_jobs_get_n (sp_server_get_jobs (self->server)) > 0;
}

void
sp_bus_service_close (SpBusService *self)
{
  g_clear_handle_id (&self->name, g_bus_unown_name);
  if (self->tree != NULL)
    sp_bus_tree_close (self->tree);
}
