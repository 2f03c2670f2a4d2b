/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/contact.h"

#include "base/io.h"
#include "remote/bridge-near.h"
#include "remote/error.h"
#include "remote/host-key.h"
#include "remote/own-key.h"
#include "ssh.h"

#include <glib/gstdio.h>

#define PATIENCE 3 /* s, that ssh has to end by itself */

struct _SpContact
{
  GObject parent_instance;
  SpTarget *target;
  char *folder;
  gboolean own_key;
  SpSshSettings settings;
  GSubprocess *ssh; /* the one that runs, or ran last, or NULL */
  int words;        /* what it says: a memory, or -1 */
  GIOStream *near;  /* our end of the bridge that it carries, or NULL */
  char *learnt;     /* path, while an unknown computer shows its key */
  char *offer;
};

G_DEFINE_FINAL_TYPE (SpContact, sp_contact, G_TYPE_OBJECT)

static char *
get_known_hosts_path (SpContact *contact)
{
  return g_build_filename (contact->folder, "known_hosts", NULL);
}

void
sp_contact_end (SpContact *contact)
{
  if (contact->ssh != NULL)
    g_subprocess_force_exit (contact->ssh);
  g_clear_object (&contact->ssh);
  g_clear_object (&contact->near);
  sp_fd_clear (&contact->words);
}

/* Whether nobody began anew meanwhile: then the contact's ssh is another one. */
static gboolean
is_current (GTask *task)
{
  SpContact *contact = g_task_get_source_object (task);

  return contact->ssh != NULL && contact->ssh == g_task_get_task_data (task);
}

/* Takes the task and the error. */
static void
fail (GTask *task, GError *error)
{
  GSubprocess *ssh = g_task_get_task_data (task);

  if (is_current (task))
    sp_contact_end (g_task_get_source_object (task));
  else if (ssh != NULL)
    g_subprocess_force_exit (ssh);
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* As fail(), when is_current() is not. */
static void
give_way (GTask *task)
{
  fail (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "another attempt began"));
}

static gboolean
start (GTask *task, char **words, GSubprocessFlags flags, GError **error)
{
  SpContact *contact = g_task_get_source_object (task);
  g_auto (GStrv) taken = words;

  sp_contact_end (contact);
  contact->ssh = sp_ssh_start ((const char *const *) taken, flags, &contact->words, error);
  if (contact->ssh == NULL)
    return FALSE;
  g_task_set_task_data (task, g_object_ref (contact->ssh), g_object_unref);
  return TRUE;
}

static GError *
explain (SpContact *contact)
{
  g_autofree char *words = sp_ssh_read_words (contact->words);
  int status =
      g_subprocess_get_if_exited (contact->ssh) ? g_subprocess_get_exit_status (contact->ssh) : -1;
  g_autofree char *failure =
      contact->near != NULL ? sp_bridge_near_dup_failure (contact->near) : NULL;
  GError *error = NULL;

  /* What ssh has to say says more. */
  if (failure != NULL && status <= 0)
    return g_error_new_literal (SP_REMOTE_ERROR, SP_REMOTE_ERROR_NO_BRIDGE, failure);
  sp_ssh_explain (status, words, contact->target, &error);
  return error;
}

/* --- an unknown computer shows its key --- */

static char *
read_learnt (SpContact *contact)
{
  char *lines = NULL;
  g_autoptr (GPtrArray) keys = NULL;

  if (!g_file_get_contents (contact->learnt, &lines, NULL, NULL))
    return NULL;
  keys = sp_host_key_read (lines);
  if (keys->len == 0)
    g_clear_pointer (&lines, g_free);
  return lines;
}

static void
forget_learnt (SpContact *contact)
{
  if (contact->learnt != NULL)
    (void) g_unlink (contact->learnt);
  g_clear_pointer (&contact->learnt, g_free);
}

static void
on_learnt (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  SpContact *contact = g_task_get_source_object (task);
  GError *error = NULL;

  if (g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error) && !is_current (task))
    {
      give_way (task);
      return;
    }
  if (error == NULL)
    {
      contact->offer = read_learnt (contact);
      error = contact->offer == NULL
                  ? explain (contact)
                  : g_error_new (SP_REMOTE_ERROR, SP_REMOTE_ERROR_HOST_KEY_UNKNOWN,
                                 "the key of %s is not known", contact->target->host);
    }
  if (is_current (task))
    forget_learnt (contact);
  fail (task, error);
}

/* By ssh itself, so that proxies and names are those of its settings.  Takes the task. */
static void
learn (GTask *task)
{
  SpContact *contact = g_task_get_source_object (task);
  g_autofree char *quoted = NULL;
  GError *error = NULL;
  int fd = g_file_open_tmp ("sallyport-XXXXXX", &contact->learnt, &error);

  if (fd < 0)
    {
      fail (task, error);
      return;
    }
  (void) g_close (fd, NULL);
  quoted = sp_ssh_quote_path (contact->learnt);
  if (start (task, sp_ssh_build (contact->target, SP_SSH_LEARN, quoted, NULL),
             G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error))
    g_subprocess_wait_async (contact->ssh, g_task_get_cancellable (task), on_learnt, task);
  else
    fail (task, error);
}

/* --- the bus --- */

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer ssh)
{
  g_subprocess_force_exit (ssh);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;

  if (g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error) && !is_current (task))
    {
      give_way (task);
      return;
    }
  if (error == NULL)
    error = explain (g_task_get_source_object (task));
  if (g_error_matches (error, SP_REMOTE_ERROR, SP_REMOTE_ERROR_HOST_KEY_UNKNOWN))
    {
      g_error_free (error);
      learn (task);
    }
  else
    fail (task, error);
}

static gboolean
on_impatience (gpointer ssh)
{
  g_subprocess_force_exit (ssh);
  return G_SOURCE_REMOVE;
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  SpContact *contact = g_task_get_source_object (task);
  GError *error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_finish (result, &error);

  if (bus != NULL && is_current (task))
    {
      (void) g_signal_connect_data (bus, "closed", G_CALLBACK (on_closed),
                                    g_object_ref (contact->ssh),
                                    (GClosureNotify) (void (*) (void)) g_object_unref, 0);
      g_task_return_pointer (task, bus, g_object_unref);
      g_object_unref (task);
      return;
    }
  if (!is_current (task))
    {
      g_clear_object (&bus);
      g_clear_error (&error);
      give_way (task);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      fail (task, error);
      return;
    }
  /* What ssh ends with says more than that the bus is silent. */
  g_error_free (error);
  (void) g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, PATIENCE, on_impatience,
                                     g_object_ref (contact->ssh), g_object_unref);
  g_subprocess_wait_async (contact->ssh, g_task_get_cancellable (task), on_ended, task);
}

static char **
build (SpContact *contact)
{
  g_autofree char *path = get_known_hosts_path (contact);
  g_autofree char *quoted = sp_ssh_quote_path (path);
  g_autofree char *files = contact->settings.known_hosts != NULL
                               ? g_strdup_printf ("%s %s", contact->settings.known_hosts, quoted)
                               : g_strdup (quoted);
  g_autofree char *key = contact->own_key ? sp_own_key_get_path (contact->folder) : NULL;

  return sp_ssh_build (contact->target, SP_SSH_BUS, files, key);
}

static void
start_bus (GTask *task)
{
  SpContact *contact = g_task_get_source_object (task);
  GError *error = NULL;

  if (!start (task, build (contact), G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
              &error) ||
      (contact->near = sp_bridge_near_open_process (contact->ssh, &error)) == NULL)
    {
      fail (task, error);
      return;
    }
  g_dbus_connection_new (contact->near, NULL,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                             G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                         NULL, g_task_get_cancellable (task), on_bus, task);
}

/* --- what is to be known before --- */

static void
on_settings (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  SpContact *contact = g_task_get_source_object (task);
  g_autofree char *answer = NULL;
  GError *error = NULL;

  if (!g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &answer, NULL, &error))
    {
      fail (task, error);
      return;
    }
  if (!is_current (task))
    {
      give_way (task);
      return;
    }
  if (!g_subprocess_get_successful (G_SUBPROCESS (source)))
    {
      fail (task, explain (contact));
      return;
    }
  sp_ssh_settings_clear (&contact->settings);
  sp_ssh_settings_read (&contact->settings, answer);
  start_bus (task);
}

static void
ask_settings (GTask *task)
{
  SpContact *contact = g_task_get_source_object (task);
  GError *error = NULL;

  if (start (task, sp_ssh_ask_settings (contact->target), G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error))
    g_subprocess_communicate_utf8_async (contact->ssh, NULL, g_task_get_cancellable (task),
                                         on_settings, task);
  else
    fail (task, error);
}

static void
on_own_key (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;
  g_autofree char *key = sp_own_key_make_finish (result, &error);

  if (key != NULL)
    ask_settings (task);
  else
    fail (task, error);
}

void
sp_contact_connect (SpContact *contact,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer data)
{
  GTask *task = g_task_new (contact, cancellable, callback, data);

  g_task_set_source_tag (task, sp_contact_connect);
  g_clear_pointer (&contact->offer, g_free);
  forget_learnt (contact);
  if (contact->own_key)
    sp_own_key_make (contact->folder, cancellable, on_own_key, task);
  else
    ask_settings (task);
}

GDBusConnection *
sp_contact_connect_finish (SpContact *contact, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *
sp_contact_get_offer (SpContact *contact)
{
  return contact->offer;
}

gboolean
sp_contact_trust (SpContact *contact, GError **error)
{
  g_autofree char *path = get_known_hosts_path (contact);

  (void) g_mkdir_with_parents (contact->folder, 0700);
  if (contact->offer != NULL && !sp_host_key_trust (contact->offer, path, error))
    return FALSE;
  g_clear_pointer (&contact->offer, g_free);
  return TRUE;
}

const SpTarget *
sp_contact_get_target (SpContact *contact)
{
  return contact->target;
}

gboolean
sp_contact_has_own_key (SpContact *contact)
{
  return contact->own_key;
}

const char *
sp_contact_get_account (SpContact *contact)
{
  return contact->settings.user;
}

char *
sp_contact_get_origin (SpContact *contact)
{
  g_autofree char *words = sp_ssh_read_words (contact->words);

  return sp_ssh_find_origin (words);
}

SpContact *
sp_contact_new (const SpTarget *target, const char *folder, gboolean own_key)
{
  SpContact *contact = g_object_new (SP_TYPE_CONTACT, NULL);

  contact->target = sp_target_copy (target);
  contact->folder = g_strdup (folder);
  contact->own_key = own_key;
  return contact;
}

static void
sp_contact_finalize (GObject *object)
{
  SpContact *contact = SP_CONTACT (object);

  sp_contact_end (contact);
  forget_learnt (contact);
  sp_target_free (contact->target);
  sp_ssh_settings_clear (&contact->settings);
  g_free (contact->folder);
  g_free (contact->offer);
  G_OBJECT_CLASS (sp_contact_parent_class)->finalize (object);
}

static void
sp_contact_class_init (SpContactClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_contact_finalize;
}

static void
sp_contact_init (SpContact *contact)
{
  contact->words = -1;
}
