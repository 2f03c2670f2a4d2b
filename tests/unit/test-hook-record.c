/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hook-record.h"

#include "acme-error.h"

#include <unistd.h>

/* Main, the real room and programs that every computer has. */

#define SECONDS 60

typedef struct
{
  SpHookRecord *hook;
  GMainLoop *loop;
  GError *error; /* of the last change, NULL: it was made */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->hook = sp_hook_record_new (data != NULL ? data : g_getenv ("SALLYPORT_HOOK_FOLDER"));
  f->loop = g_main_loop_new (NULL, FALSE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  sp_hook_record_free (f->hook);
  g_main_loop_unref (f->loop);
  g_clear_error (&f->error);
}

static void
changed_cb (gpointer user_data, const GError *error)
{
  Fixture *f = user_data;

  f->error = error != NULL ? g_error_copy (error) : NULL;
  g_main_loop_quit (f->loop);
}

static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
change (Fixture *f, const char *program, guint seconds)
{
  SpDnsRecord record = { .owner = SP_DNS_PREFIX "vpn.test", .text = "text" };

  (void) g_strlcpy (record.program, program, sizeof record.program);
  g_clear_error (&f->error);
  sp_hook_record_change (f->hook, &record, TRUE, seconds, changed_cb, f);
}

/* Each change is told once, and the next may follow. */
static void
test_ends (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *program;
    guint seconds;
    SpOrderOutcome outcome;
  } rows[] = {
    { "/usr/bin/true", SECONDS, SP_ORDER_DONE },
    { "/usr/bin/false", SECONDS, SP_ORDER_HOOK_FAILED },
    { "/usr/bin/yes", 1, SP_ORDER_HOOK_LATE },
    { "/usr/bin", SECONDS, SP_ORDER_HOOK_UNFIT },
    { "/usr/bin/true", SECONDS, SP_ORDER_DONE },
  };

  if (geteuid () != 0)
    {
      g_test_skip ("needs root to change the account");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%s", rows[i].program);
      change (f, rows[i].program, rows[i].seconds);
      g_main_loop_run (f->loop);
      if (rows[i].outcome == SP_ORDER_DONE)
        g_assert_no_error (f->error);
      else
        g_assert_error (f->error, SP_ACME_ERROR, (gint) rows[i].outcome);
    }
}

/* Nobody hears of a change that nobody waits for. */
static void
test_free (Fixture *f, gconstpointer data)
{
  if (geteuid () != 0)
    {
      g_test_skip ("needs root to change the account");
      return;
    }
  change (f, "/usr/bin/yes", SECONDS);
  g_clear_pointer (&f->hook, sp_hook_record_free);
  (void) g_timeout_add (200, quit_cb, f->loop);
  g_main_loop_run (f->loop);
  g_assert_no_error (f->error);
}

static void
test_no_room (Fixture *f, gconstpointer data)
{
  change (f, "/usr/bin/true", SECONDS);
  g_assert_error (f->error, SP_ACME_ERROR, SP_ORDER_HOOK_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/hook-record/ends", Fixture, NULL, set_up, test_ends, tear_down);
  g_test_add ("/hook-record/free", Fixture, NULL, set_up, test_free, tear_down);
  g_test_add ("/hook-record/no-room", Fixture, "/nowhere", set_up, test_no_room, tear_down);
  return g_test_run ();
}
