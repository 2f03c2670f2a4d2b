/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-import-run.h"

#include "base/names.h"
#include "bus/error.h"
#include "client/sealed-text.h"
#include "failure.h"
#include "user-change.h"

#include <glib/gi18n.h>

/* A call that takes something back. */
typedef struct
{
  char *path; /* of a user */
  const char *method;
  GVariant *arguments;
} UndoStep;

typedef struct
{
  SpWindow *window;
  SpUserImport *import;
  GCancellable *cancellable;
  SpUserImportProgress progress;
  SpUserImportDone done;
  gpointer data;
  guint next;
  guint finished;      /* calls of people */
  GPtrArray *undo;     /* of UndoStep */
  GPtrArray *failures; /* of SpUserImportFailure */
  gboolean refused;
} Run;

static void run_next (Run *run);

static void
free_undo_step (gpointer data)
{
  UndoStep *step = data;

  g_free (step->path);
  g_variant_unref (step->arguments);
  g_free (step);
}

static void
free_failure (gpointer data)
{
  SpUserImportFailure *failure = data;

  g_free (failure->reason);
  g_free (failure);
}

static void
free_run (Run *run)
{
  g_object_unref (run->window);
  g_object_unref (run->cancellable);
  g_ptr_array_unref (run->undo);
  g_ptr_array_unref (run->failures);
  g_free (run);
}

static GDBusConnection *
get_bus (SpWindow *window)
{
  SpBusServer *server = sp_server_connection_get_server (sp_window_get_connection (window));

  return server != NULL ? g_dbus_proxy_get_connection (G_DBUS_PROXY (server)) : NULL;
}

/* --- undo --- */

static void undo_next (SpWindow *window, GPtrArray *steps);

typedef struct
{
  SpWindow *window;
  GPtrArray *steps; /* those that are left */
} Undoing;

static void
on_undone (GObject *source, GAsyncResult *result, gpointer data)
{
  Undoing *undoing = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (answer == NULL)
    sp_failure_show (GTK_WIDGET (undoing->window), _ ("It could not be undone"), error);
  else
    {
      g_ptr_array_set_size (undoing->steps, (int) undoing->steps->len - 1);
      undo_next (undoing->window, undoing->steps);
    }
  g_object_unref (undoing->window);
  g_ptr_array_unref (undoing->steps);
  g_free (undoing);
}

/* The last first. */
static void
undo_next (SpWindow *window, GPtrArray *steps)
{
  const UndoStep *step = steps->len > 0 ? steps->pdata[steps->len - 1] : NULL;
  GDBusConnection *bus = get_bus (window);
  Undoing *undoing;

  if (step == NULL || bus == NULL)
    return;
  undoing = g_new0 (Undoing, 1);
  undoing->window = g_object_ref (window);
  undoing->steps = g_ptr_array_ref (steps);
  g_dbus_connection_call (bus, SP_BUS_NAME, step->path, SP_BUS_INTERFACE "User", step->method,
                          step->arguments, NULL, SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_undone,
                          undoing);
}

static void
undo_all (SpWindow *window, gpointer data)
{
  undo_next (window, data);
}

/* Takes the path and the floating arguments. */
static void
note_undo (Run *run, char *path, const char *method, GVariant *arguments)
{
  UndoStep *step = g_new0 (UndoStep, 1);

  step->path = path;
  step->method = method;
  step->arguments = g_variant_ref_sink (arguments);
  g_ptr_array_add (run->undo, step);
}

/* --- one after the other --- */

static const SpImportPerson *
get_person (const Run *run)
{
  return run->import->people->pdata[run->next];
}

/* Takes the error. */
static void
note_failure (Run *run, GError *error)
{
  SpUserImportFailure *failure = g_new0 (SpUserImportFailure, 1);

  failure->login = get_person (run)->user->login;
  failure->reason = sp_failure_describe (error);
  run->refused = run->refused || (error->domain == SP_BUS_ERROR &&
                                  (error->code == SP_BUS_ERROR_NOT_AUTHORIZED ||
                                   error->code == SP_BUS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN ||
                                   error->code == SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED));
  g_ptr_array_add (run->failures, failure);
  g_error_free (error);
}

static void
go_on (Run *run)
{
  run->next++;
  run->finished++;
  run->progress (run->finished,
                 run->import->counts[SP_IMPORT_NEW] + run->import->counts[SP_IMPORT_UPDATED],
                 run->data);
  run_next (run);
}

static void
on_password_set (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  GError *error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), NULL, result, &error);

  if (answer == NULL)
    note_failure (run, error);
  go_on (run);
}

static void
set_password (Run *run, GDBusConnection *bus, const char *path)
{
  const SpImportPerson *person = get_person (run);
  const char *secret = person->user->hash != NULL ? person->user->hash : person->user->password;
  const char *method = person->user->hash != NULL ? "SetPasswordHash" : "SetPassword";
  g_autoptr (GUnixFDList) descriptors = NULL;
  GError *error = NULL;

  if (secret == NULL || person->reason == SP_IMPORT_OLD_HASH)
    {
      go_on (run);
      return;
    }
  descriptors = sp_sealed_text_write (secret, &error);
  if (descriptors == NULL)
    {
      note_failure (run, error);
      go_on (run);
      return;
    }
  g_dbus_connection_call_with_unix_fd_list (bus, SP_BUS_NAME, path, SP_BUS_INTERFACE "User", method,
                                            g_variant_new ("(h@a{sv})", 0, sp_no_options ()), NULL,
                                            SP_CALL_FLAGS, SP_CALL_TIMEOUT, descriptors, NULL,
                                            on_password_set, run);
}

static void
on_added (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  GError *error = NULL;
  g_autofree char *path = NULL;

  if (!sp_bus_server_call_add_user_finish (SP_BUS_SERVER (source), &path, result, &error))
    {
      note_failure (run, error);
      go_on (run);
      return;
    }
  note_undo (run, g_strdup (path), "Remove", g_variant_new ("(@a{sv})", sp_no_options ()));
  set_password (run, g_dbus_proxy_get_connection (G_DBUS_PROXY (source)), path);
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  GError *error = NULL;

  if (!sp_bus_user_call_update_finish (SP_BUS_USER (source), result, &error))
    {
      note_failure (run, error);
      g_ptr_array_set_size (run->undo, (int) run->undo->len - 1);
    }
  go_on (run);
}

static void
update (Run *run, const SpImportPerson *person)
{
  note_undo (
      run, g_strdup (g_dbus_proxy_get_object_path (G_DBUS_PROXY (person->known))), "Update",
      g_variant_new ("(@a{sv}@a{sv})", sp_import_person_create_undo (person), sp_no_options ()));
  sp_bus_user_call_update (person->known, sp_import_person_create_values (person), sp_no_options (),
                           SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_updated, run);
}

static void
finish (Run *run)
{
  guint n = run->undo->len;
  g_autofree char *text =
      g_strdup_printf (ngettext ("%u user was imported", "%u users were imported", n), n);

  if (n > 0)
    sp_window_offer_undo_by (run->window, text, undo_all, g_ptr_array_ref (run->undo),
                             (GDestroyNotify) g_ptr_array_unref);
  run->done (run->failures, run->data);
  free_run (run);
}

static void
run_next (Run *run)
{
  SpBusServer *server = sp_server_connection_get_server (sp_window_get_connection (run->window));

  while (run->next < run->import->people->len && get_person (run)->outcome == SP_IMPORT_SKIPPED)
    run->next++;
  if (run->next >= run->import->people->len || run->refused || server == NULL ||
      g_cancellable_is_cancelled (run->cancellable))
    finish (run);
  else if (get_person (run)->outcome == SP_IMPORT_UPDATED)
    update (run, get_person (run));
  else
    sp_bus_server_call_add_user (server, sp_import_person_create_values (get_person (run)),
                                 sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_added,
                                 run);
}

void
sp_user_import_run (SpWindow *window,
                    SpUserImport *import,
                    GCancellable *cancellable,
                    SpUserImportProgress progress,
                    SpUserImportDone done,
                    gpointer data)
{
  Run *run = g_new0 (Run, 1);

  run->window = g_object_ref (window);
  run->import = import;
  run->cancellable = g_object_ref (cancellable);
  run->progress = progress;
  run->done = done;
  run->data = data;
  run->undo = g_ptr_array_new_with_free_func (free_undo_step);
  run->failures = g_ptr_array_new_with_free_func (free_failure);
  run_next (run);
}
