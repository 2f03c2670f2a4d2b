/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backdoor.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"
#include "secret-file.h"
#include "user-two-step.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- users --- */

struct _SpUserRegistry
{
  GObject parent;
  GPtrArray *users;
  char *password_log; /* file that gets "LOGIN SHA-256" for each password that arrives */
};

G_DEFINE_TYPE (SpUserRegistry, sp_user_registry, G_TYPE_OBJECT)

static void
sp_user_registry_class_init (SpUserRegistryClass *class)
{
  const char *const names[] = { "added", "removed", "changed" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    (void) g_signal_new (names[i], G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                         NULL, G_TYPE_NONE, 1, SP_TYPE_USER);
}

static void
sp_user_registry_init (SpUserRegistry *self)
{
  self->users = g_ptr_array_new_with_free_func (g_object_unref);
}

SpUserRegistry *
sp_fake_users_new (const char *password_log)
{
  SpUserRegistry *self = g_object_new (SP_TYPE_USER_REGISTRY, NULL);

  self->password_log = g_strdup (password_log);
  return self;
}

guint
sp_user_registry_get_n (SpUserRegistry *self)
{
  return self->users->len;
}

SpUser *
sp_user_registry_get (SpUserRegistry *self, guint position)
{
  return self->users->pdata[position];
}

SpUser *
sp_user_registry_find_by_id (SpUserRegistry *self, const guint8 *id)
{
  for (guint i = 0; i < self->users->len; i++)
    if (memcmp (sp_user_get_id (self->users->pdata[i]), id, SP_ID_SIZE) == 0)
      return self->users->pdata[i];
  return NULL;
}

SpUser *
sp_user_registry_find_by_login (SpUserRegistry *self, const char *login)
{
  for (guint i = 0; i < self->users->len; i++)
    if (g_str_equal (sp_user_get_login (self->users->pdata[i]), login))
      return self->users->pdata[i];
  return NULL;
}

void
sp_user_registry_add_async (SpUserRegistry *self,
                            const char *login,
                            GVariant *values,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  SpUserRecord record = { .login = (char *) login, .created = g_get_real_time () };
  SpUser *user;

  if (sp_user_registry_find_by_login (self, login) != NULL)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_EXISTS, "the login “%s” is taken", login);
      return;
    }
  sp_random_bytes (record.id, sizeof record.id);
  sp_user_values_apply (&record.values, values);
  user = sp_user_new (&record);
  sp_user_values_clear (&record.values);
  g_ptr_array_add (self->users, user);
  g_signal_emit_by_name (self, "added", user);
  g_task_return_pointer (task, g_object_ref (user), g_object_unref);
}

SpUser *
sp_user_registry_add_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
sp_user_registry_set_password_async (SpUserRegistry *self,
                                     SpUser *user,
                                     int fd,
                                     gboolean hashed,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  guchar password[SP_PASSWORD_MAX + 2];
  ssize_t size = read (fd, password, sizeof password);
  g_autofree char *sum =
      g_compute_checksum_for_data (G_CHECKSUM_SHA256, password, size > 0 ? (gsize) size : 0);
  FILE *log = fopen (self->password_log, "a");

  sp_secret_wipe (password, sizeof password);
  (void) fprintf (log, "%s %s\n", sp_user_get_login (user), sum);
  (void) fclose (log);
  (void) close (fd);
  g_task_return_boolean (task, TRUE);
}

gboolean
sp_user_registry_set_password_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
sp_user_registry_update_async (SpUserRegistry *self,
                               SpUser *user,
                               GVariant *changes,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (SpUserRecord) record = sp_user_record_copy (sp_user_get_record (user));

  sp_user_values_apply (&record->values, changes);
  sp_user_change (user, record);
  g_signal_emit_by_name (self, "changed", user);
  g_task_return_boolean (task, TRUE);
}

gboolean
sp_user_registry_update_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* In the bin since then; 0: out of it. */
static void
set_removed (SpUserRegistry *self, SpUser *user, gint64 removed_at, GTask *task)
{
  g_autoptr (SpUserRecord) record = sp_user_record_copy (sp_user_get_record (user));

  if ((record->removed_at != 0) == (removed_at != 0))
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "it is so already");
      return;
    }
  record->removed_at = removed_at;
  sp_user_change (user, record);
  g_signal_emit_by_name (self, "changed", user);
  g_task_return_boolean (task, TRUE);
}

void
sp_user_registry_remove_async (SpUserRegistry *self,
                               SpUser *user,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_task_data (task, g_object_ref (user), g_object_unref);
  set_removed (self, user, g_get_real_time (), task);
}

char *
sp_user_registry_remove_finish (SpUserRegistry *self, GAsyncResult *result, GError **error)
{
  SpUser *user = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_strconcat ("remove-", sp_user_get_path_element (user), NULL);
}

SpUser *
sp_user_registry_find_by_token (SpUserRegistry *self, const char *token)
{
  for (guint i = 0; i < self->users->len; i++)
    if (g_str_has_prefix (token, "remove-") &&
        g_str_equal (token + strlen ("remove-"), sp_user_get_path_element (self->users->pdata[i])))
      return self->users->pdata[i];
  return NULL;
}

void
sp_user_registry_restore_async (SpUserRegistry *self,
                                SpUser *user,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  set_removed (self, user, 0, task);
}

void
sp_user_registry_purge_async (SpUserRegistry *self,
                              SpUser *user,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (SpUser) kept = g_object_ref (user);

  if (sp_user_get_record (user)->removed_at == 0)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "it is not removed");
      return;
    }
  if (g_ptr_array_remove (self->users, user))
    g_signal_emit_by_name (self, "removed", kept);
  g_task_return_boolean (task, TRUE);
}

/* --- second steps: any user's code is 123456, once --- */

static void
hand_over (GTask *task, const char *text)
{
  GError *error = NULL;
  int fd = sp_secret_file_new (&error);

  g_assert_no_error (error);
  g_assert_cmpint (pwrite (fd, text, strlen (text), 0), ==, strlen (text));
  g_assert_true (sp_secret_file_seal (fd, &error));
  g_task_return_int (task, fd);
}

void
sp_user_enroll_totp_async (SpUserRegistry *users,
                           SpUser *user,
                           const char *issuer,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (users, NULL, callback, user_data);
  g_autofree char *uri =
      g_strdup_printf ("otpauth://totp/%s:%s?secret=FAKE", issuer, sp_user_get_login (user));

  hand_over (task, uri);
}

void
sp_user_confirm_totp_async (SpUserRegistry *users,
                            SpUser *user,
                            const char *code,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (users, NULL, callback, user_data);

  if (strcmp (code, "123456") != 0)
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "the code is wrong");
      return;
    }
  sp_user_set_two_step (user, TRUE, 2);
  hand_over (task, "abcd-efgh-ijkm-npqr\nstuv-wxyz-2345-6789\n");
}

int
sp_user_totp_finish (SpUserRegistry *users, GAsyncResult *result, GError **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}

void
sp_user_remove_totp_async (SpUserRegistry *users,
                           SpUser *user,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (users, NULL, callback, user_data);

  sp_user_set_two_step (user, FALSE, 0);
  g_task_return_boolean (task, TRUE);
}

gboolean
sp_user_remove_totp_finish (SpUserRegistry *users, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- sessions --- */

struct _SpSessionRegistry
{
  GObject parent;
  GPtrArray *sessions;
};

G_DEFINE_TYPE (SpSessionRegistry, sp_session_registry, G_TYPE_OBJECT)

static void
sp_session_registry_class_init (SpSessionRegistryClass *class)
{
  GType type = G_OBJECT_CLASS_TYPE (class);

  (void) g_signal_new ("opened", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                       SP_TYPE_SESSION);
  (void) g_signal_new ("adopted", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                       SP_TYPE_SESSION);
  (void) g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                       SP_TYPE_SESSION, G_TYPE_STRING);
  (void) g_signal_new ("quota-reached", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       2, SP_TYPE_USER, G_TYPE_UINT);
}

static void
sp_session_registry_init (SpSessionRegistry *self)
{
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
}

SpSessionRegistry *
sp_fake_sessions_new (void)
{
  return g_object_new (SP_TYPE_SESSION_REGISTRY, NULL);
}

void
sp_session_registry_write_returns (SpSessionRegistry *self G_GNUC_UNUSED)
{
}

guint
sp_session_registry_get_n (SpSessionRegistry *self)
{
  return self->sessions->len;
}

SpSession *
sp_session_registry_get (SpSessionRegistry *self, guint position)
{
  return self->sessions->pdata[position];
}

SpSession *
sp_session_registry_find_by_id (SpSessionRegistry *self, const guint8 *id)
{
  for (guint i = 0; i < self->sessions->len; i++)
    if (memcmp (sp_session_get_id (self->sessions->pdata[i]), id, SP_ID_SIZE) == 0)
      return self->sessions->pdata[i];
  return NULL;
}

/* What the real session asks a connection; here the connection is nothing but its facts. */
SpConnectionFacts *
sp_connection_get_facts (SpConnection *self)
{
  return (SpConnectionFacts *) self;
}

static SpSession *
find_session (SpSessionRegistry *self, SpUser *user)
{
  for (guint i = 0; i < self->sessions->len; i++)
    if (sp_session_get_user (self->sessions->pdata[i]) == user)
      return self->sessions->pdata[i];
  g_error ("no session of %s", sp_user_get_login (user));
}

static void
fill_facts (SpConnectionFacts *facts, const char *client_name)
{
  g_autofree char *name = g_strcompress (client_name);

  memset (facts, 0, sizeof *facts);
  g_assert (sp_address_from_text ("192.0.2.10", facts->peer.address));
  facts->peer.port = 51234;
  facts->request.hostname_length = (guint16) MIN (strlen (name), SP_HOSTNAME_MAX);
  memcpy (facts->request.hostname, name, facts->request.hostname_length);
}

static void
fill_grant (SpTunnelGranted *granted)
{
  SpNetwork home;

  g_assert (sp_network_from_text ("192.168.77.0/24", &home));
  memcpy (granted->routes, home.address, SP_ADDRESS_SIZE);
  granted->routes[SP_ADDRESS_SIZE] = home.length;
  granted->routes_length = SP_ROUTE_SIZE;
  g_assert (sp_address_from_text ("192.168.77.1", granted->dns));
  granted->dns_length = SP_ADDRESS_SIZE;
}

void
sp_fake_sessions_open (SpSessionRegistry *self, SpUser *user, const char *client_name)
{
  guint8 id[SP_ID_SIZE];
  SpConnectionFacts facts;
  SpLease lease = { 0 };
  SpTunnelGranted granted = { 0 };
  SpSession *session;

  sp_random_bytes (id, sizeof id);
  fill_facts (&facts, client_name);
  g_assert (sp_address_from_text ("10.9.8.2", lease.ipv4));
  session = sp_session_new (id, user);
  sp_session_set_client (session, (SpConnection *) &facts);
  sp_session_set_lease (session, &lease);
  sp_session_set_mtu (session, 1400);
  fill_grant (&granted);
  sp_session_set_grant (session, &granted);
  sp_session_set_state (session, SP_SESSION_CONNECTED);
  sp_session_get_estate (session)->announced = TRUE;
  g_ptr_array_add (self->sessions, session);
  g_signal_emit_by_name (self, "opened", session);
}

static void
end_session (SpSessionRegistry *self, SpSession *session, const char *reason)
{
  g_autoptr (SpSession) kept = g_object_ref (session);

  (void) g_ptr_array_remove (self->sessions, session);
  g_signal_emit_by_name (self, "closed", kept, reason);
}

void
sp_fake_sessions_close (SpSessionRegistry *self, SpUser *user, const char *reason)
{
  SpSession *session = find_session (self, user);

  sp_session_set_mtu (session, 1280); /* its last moment */
  end_session (self, session, reason);
}

void
sp_fake_sessions_count (SpSessionRegistry *self, SpUser *user, guint64 bytes)
{
  SpReport report = { .rx_bytes = bytes, .rx_packets = bytes / 1000, .round_trip = 1500 };

  report.transport = SP_TRANSPORT_DTLS;
  sp_session_set_report (find_session (self, user), &report);
}

gboolean
sp_session_registry_suspend (SpSessionRegistry *self,
                             SpSession *session,
                             const SpSuspension *how,
                             GError **error)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  if (sp_session_get_state (session) == SP_SESSION_DISCONNECTING)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "the session is being disconnected already");
      return FALSE;
    }
  estate->undo_token = g_strdup (how->token);
  estate->end_reason = how->reason;
  sp_session_set_state (session, SP_SESSION_DISCONNECTING);
  return TRUE;
}

/* The next session that was suspended with the token, or NULL. */
static SpSession *
find_suspended (SpSessionRegistry *self, const char *token)
{
  for (guint i = 0; i < self->sessions->len; i++)
    if (g_strcmp0 (sp_session_get_estate (self->sessions->pdata[i])->undo_token, token) == 0)
      return self->sessions->pdata[i];
  return NULL;
}

void
sp_session_registry_end_suspended (SpSessionRegistry *self, const char *token)
{
  SpSession *session;

  while ((session = find_suspended (self, token)) != NULL)
    end_session (self, session, sp_session_get_estate (session)->end_reason);
}

guint
sp_session_registry_resume (SpSessionRegistry *self, const char *token)
{
  SpSession *session;
  guint n = 0;

  for (; (session = find_suspended (self, token)) != NULL; n++)
    {
      g_clear_pointer (&sp_session_get_estate (session)->undo_token, g_free);
      sp_session_set_state (session, SP_SESSION_CONNECTED);
    }
  return n;
}

gboolean
sp_session_is_from (SpSession *session, const SpNetwork *network)
{
  guint8 address[SP_ADDRESS_SIZE];

  return sp_session_get_remote_address (session, address) && sp_network_contains (network, address);
}

void
sp_user_registry_announce_one (SpUserRegistry *self, SpUser *user)
{
}
