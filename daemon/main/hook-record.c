/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hook-record.h"

#include "acme-error.h"
#include "base/hook-status.h"
#include "base/io.h"
#include "base/log.h"
#include "base/names.h"
#include "platform/supervise.h"

#include <sys/wait.h>

#define PATIENCE 10 /* seconds more than the program has, for the room to end all that it left */

struct _SpHookRecord
{
  char *room_program;
  SpRoom *room; /* NULL: none runs */
  int wall;     /* no word passes it: who is at the one end sees that the other is gone */
  guint deadline;
  SpDnsRecordChanged changed;
  gpointer user_data;
};

/* What is told of each end; that which is none of these is a failure like the last. */
static const struct
{
  int status;
  SpOrderOutcome outcome;
  const char *text;
} ends[] = {
  { SP_HOOK_UNFIT, SP_ORDER_HOOK_UNFIT, "the program of hook is none that may be run" },
  { SP_HOOK_LATE, SP_ORDER_HOOK_LATE, "the program of hook did not end in time" },
  { SP_HOOK_REFUSED, SP_ORDER_HOOK_FAILED, "the program of hook failed" },
  { SP_HOOK_FAILED, SP_ORDER_HOOK_FAILED, "the program of hook was not run" },
};

static void
recall (SpHookRecord *self)
{
  g_clear_handle_id (&self->deadline, g_source_remove);
  g_clear_pointer (&self->room, sp_room_free);
  sp_fd_clear (&self->wall);
}

static void
finish (SpHookRecord *self, int status)
{
  g_autoptr (GError) error = NULL;
  guint i = 0;

  recall (self);
  while (i < G_N_ELEMENTS (ends) - 1 && ends[i].status != status)
    i++;
  if (status != SP_HOOK_DONE)
    error = g_error_new_literal (SP_ACME_ERROR, (gint) ends[i].outcome, ends[i].text);
  self->changed (self->user_data, error);
}

static void
exited_cb (gpointer user_data, int wait_status)
{
  finish (user_data, WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : SP_HOOK_FAILED);
}

static gboolean
deadline_cb (gpointer user_data)
{
  SpHookRecord *self = user_data;

  self->deadline = 0;
  finish (self, SP_HOOK_LATE);
  return G_SOURCE_REMOVE;
}

static gboolean
start (SpHookRecord *self, const char *const *arguments, GError **error)
{
  const SpRoomPlan plan = { .program = self->room_program,
                            .account = SP_ACCOUNT_HOOK,
                            .arguments = arguments,
                            .executes = TRUE };
  int pair[2];

  if (!sp_socket_pair (pair, error))
    return FALSE;
  self->wall = pair[0];
  self->room = sp_room_start (&plan, pair[1], exited_cb, self, error);
  return self->room != NULL;
}

/* As programs for this are called elsewhere, too: what to do, the name with a dot at its end, and
 * the text. */
void
sp_hook_record_change (SpHookRecord *self,
                       const SpDnsRecord *record,
                       gboolean put,
                       guint seconds,
                       SpDnsRecordChanged changed,
                       gpointer user_data)
{
  g_autofree char *time = g_strdup_printf ("%u", seconds);
  g_autofree char *owner = g_strconcat (record->owner, ".", NULL);
  const char *const arguments[] = {
    time, record->program, put ? "present" : "cleanup", owner, record->text, NULL,
  };
  g_autoptr (GError) error = NULL;

  self->changed = changed;
  self->user_data = user_data;
  if (start (self, arguments, &error))
    {
      self->deadline = g_timeout_add_seconds (seconds + PATIENCE, deadline_cb, self);
      return;
    }
  sp_log (SP_LOG_ERROR, "acme", "%s", error->message);
  finish (self, SP_HOOK_FAILED);
}

SpHookRecord *
sp_hook_record_new (const char *libexec_folder)
{
  SpHookRecord *self = g_new0 (SpHookRecord, 1);

  self->room_program = g_build_filename (libexec_folder, SP_ROOM_HOOK, NULL);
  self->wall = -1;
  return self;
}

void
sp_hook_record_free (SpHookRecord *self)
{
  if (self == NULL)
    return;
  recall (self);
  g_free (self->room_program);
  g_free (self);
}
