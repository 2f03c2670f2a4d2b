/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-batch.h"

#include "client/user-census.h"
#include "failure.h"
#include "user-change.h"
#include "window.h"

#include <glib/gi18n.h>

/* A call, and the one that takes it back. */
typedef struct
{
  SpBusUser *user;
  const char *method;
  GVariant *arguments;
  const char *undo_method;
  GVariant *undo_arguments;
} Step;

typedef enum
{
  TURNED_OFF,
  EXTENDED,
  REMOVED,
  UNDONE,
} Deed;

typedef struct
{
  GtkWidget *near;
  GPtrArray *steps;
  guint next;
  Deed deed;
} Batch;

static void run_next (Batch *batch);

static void
free_step (gpointer data)
{
  Step *step = data;

  g_object_unref (step->user);
  g_variant_unref (step->arguments);
  g_variant_unref (step->undo_arguments);
  g_free (step);
}

static void
free_batch (Batch *batch)
{
  g_object_unref (batch->near);
  g_ptr_array_unref (batch->steps);
  g_free (batch);
}

/* The arguments of Update() for one value, or two. */
static GVariant *
changing (const char *key, GVariant *value, const char *other, GVariant *other_value)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", key, value);
  if (other != NULL)
    g_variant_builder_add (&changes, "{sv}", other, other_value);
  return g_variant_ref_sink (
      g_variant_new ("(@a{sv}@a{sv})", g_variant_builder_end (&changes), sp_no_options ()));
}

static GVariant *
no_arguments (void)
{
  return g_variant_ref_sink (g_variant_new ("(@a{sv})", sp_no_options ()));
}

static Batch *
new_batch (GtkWidget *near, Deed deed)
{
  Batch *batch = g_new0 (Batch, 1);

  batch->near = g_object_ref (near);
  batch->steps = g_ptr_array_new_with_free_func (free_step);
  batch->deed = deed;
  return batch;
}

static void
add_step (Batch *batch,
          SpBusUser *user,
          const char *method,
          GVariant *arguments,
          const char *undo_method,
          GVariant *undo_arguments)
{
  Step *step = g_new0 (Step, 1);

  step->user = g_object_ref (user);
  step->method = method;
  step->arguments = arguments;
  step->undo_method = undo_method;
  step->undo_arguments = undo_arguments;
  g_ptr_array_add (batch->steps, step);
}

/* --- what was done --- */

static char *
word_done (const Batch *batch)
{
  const Step *first = batch->steps->pdata[0];
  guint n = batch->next;

  if (n == 1 && batch->deed == TURNED_OFF)
    return g_strdup_printf (_ ("%s was turned off"), sp_user_get_shown_name (first->user));
  if (n == 1 && batch->deed == REMOVED)
    return g_strdup_printf (_ ("%s was removed"), sp_user_get_shown_name (first->user));
  switch (batch->deed)
    {
      case TURNED_OFF:
        return g_strdup_printf (ngettext ("%u user turned off", "%u users turned off", n), n);
      case EXTENDED:
        return g_strdup_printf (
            ngettext ("Access of %u user changed", "Access of %u users changed", n), n);
      case REMOVED:
        return g_strdup_printf (ngettext ("%u user removed", "%u users removed", n), n);
      case UNDONE:
        break;
    }
  return g_strdup ("");
}

static void
undo (SpWindow *window, gpointer data)
{
  GPtrArray *steps = data;
  Batch *batch = new_batch (GTK_WIDGET (window), UNDONE);

  for (guint i = 0; i < steps->len; i++)
    {
      const Step *step = steps->pdata[i];

      add_step (batch, step->user, step->undo_method, g_variant_ref (step->undo_arguments),
                step->method, g_variant_ref (step->arguments));
    }
  run_next (batch);
}

static void
tell (Batch *batch)
{
  SpWindow *window = sp_window_of (batch->near);
  g_autofree char *text = NULL;

  if (batch->next == 0 || batch->deed == UNDONE || window == NULL)
    return;
  text = word_done (batch);
  g_ptr_array_set_size (batch->steps, (int) batch->next);
  sp_window_offer_undo_by (window, text, undo, g_ptr_array_ref (batch->steps),
                           (GDestroyNotify) g_ptr_array_unref);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  Batch *batch = data;
  const Step *step = batch->steps->pdata[batch->next];
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);

  if (answer != NULL)
    {
      batch->next++;
      run_next (batch);
      return;
    }
  tell (batch);
  sp_failure_show (batch->near, sp_user_get_shown_name (step->user), error);
  free_batch (batch);
}

static void
run_next (Batch *batch)
{
  const Step *step;

  if (batch->next >= batch->steps->len)
    {
      tell (batch);
      free_batch (batch);
      return;
    }
  step = batch->steps->pdata[batch->next];
  g_dbus_proxy_call (G_DBUS_PROXY (step->user), step->method, step->arguments, SP_CALL_FLAGS,
                     SP_CALL_TIMEOUT, NULL, on_answer, batch);
}

/* --- deeds --- */

void
sp_user_batch_turn_off (GtkWidget *near, GPtrArray *users)
{
  g_autoptr (GPtrArray) taken = users;
  Batch *batch = new_batch (near, TURNED_OFF);

  for (guint i = 0; i < taken->len; i++)
    if (sp_bus_user_get_enabled (taken->pdata[i]))
      add_step (batch, taken->pdata[i], "Update",
                changing ("Enabled", g_variant_new_boolean (FALSE), NULL, NULL), "Update",
                changing ("Enabled", g_variant_new_boolean (TRUE), NULL, NULL));
  run_next (batch);
}

static GVariant *
ending (guint64 end, guint32 after_first_login)
{
  return changing ("ExpiresAt", g_variant_new_uint64 (end), "ExpiresAfterFirstLogin",
                   g_variant_new_uint32 (after_first_login));
}

void
sp_user_batch_extend (GtkWidget *near, GPtrArray *users, guint days)
{
  g_autoptr (GPtrArray) taken = users;
  Batch *batch = new_batch (near, EXTENDED);
  guint64 now = (guint64) g_get_real_time ();

  for (guint i = 0; i < taken->len; i++)
    {
      SpBusUser *user = taken->pdata[i];
      guint64 end = MAX (sp_bus_user_get_ends_at (user), now) + days * 24 * G_TIME_SPAN_HOUR;
      guint32 after = sp_bus_user_get_expires_after_first_login (user);

      add_step (batch, user, "Update", ending (days == 0 ? 0 : end, 0), "Update",
                ending (sp_bus_user_get_expires_at (user), after));
    }
  run_next (batch);
}

void
sp_user_batch_remove (GtkWidget *near, GPtrArray *users)
{
  g_autoptr (GPtrArray) taken = users;
  Batch *batch = new_batch (near, REMOVED);

  for (guint i = 0; i < taken->len; i++)
    add_step (batch, taken->pdata[i], "Remove", no_arguments (), "Restore", no_arguments ());
  run_next (batch);
}
