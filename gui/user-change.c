/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-change.h"

#include "client/user-census.h"
#include "failure.h"
#include "window.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkWidget *near;
  SpUserChangeDone done;
  gboolean undoable; /* say that the user was turned off */
} Change;

GVariant *
sp_no_options (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

static void
turn_on_again (SpWindow *window, gpointer user)
{
  sp_user_change (GTK_WIDGET (window), user, "Enabled", g_variant_new_boolean (TRUE), NULL);
}

static void
offer_undo (GtkWidget *near, SpBusUser *user)
{
  SpWindow *window = sp_window_of (near);
  /* Translators: a person's name. */
  g_autofree char *text = g_strdup_printf (_ ("%s was turned off"), sp_user_get_shown_name (user));

  if (window != NULL)
    sp_window_offer_undo_by (window, text, turn_on_again, g_object_ref (user), g_object_unref);
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Change *change = data;
  g_autoptr (GtkWidget) near = change->near;
  g_autoptr (GError) error = NULL;
  SpBusUser *user = SP_BUS_USER (source);
  gboolean done = sp_bus_user_call_update_finish (user, result, &error);

  if (!done)
    {
      /* Translators: a person's name; why follows. */
      g_autofree char *what =
          g_strdup_printf (_ ("%s was not changed"), sp_user_get_shown_name (user));

      sp_failure_show (near, what, error);
    }
  else if (change->undoable)
    offer_undo (near, user);
  if (change->done != NULL)
    change->done (near, done);
}

static void
update (
    GtkWidget *near, SpBusUser *user, GVariant *changes, gboolean undoable, SpUserChangeDone done)
{
  Change *change = g_new0 (Change, 1);

  change->near = g_object_ref (near);
  change->done = done;
  change->undoable = undoable;
  sp_bus_user_call_update (user, changes, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                           on_updated, change);
}

void
sp_user_change_many (GtkWidget *near, SpBusUser *user, GVariant *changes, SpUserChangeDone done)
{
  update (near, user, changes, FALSE, done);
}

static GVariant *
one (const char *key, GVariant *value)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", key, value);
  return g_variant_builder_end (&changes);
}

void
sp_user_change (
    GtkWidget *near, SpBusUser *user, const char *key, GVariant *value, SpUserChangeDone done)
{
  update (near, user, one (key, value), FALSE, done);
}

void
sp_user_enable (GtkWidget *near, SpBusUser *user, gboolean enabled, SpUserChangeDone done)
{
  update (near, user, one ("Enabled", g_variant_new_boolean (enabled)), !enabled, done);
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  const char *name = sp_user_get_shown_name (SP_BUS_USER (source));
  g_autofree char *text = NULL;

  if (!sp_bus_user_call_remove_finish (SP_BUS_USER (source), &token, result, &error))
    {
      /* Translators: a person's name; why follows. */
      text = g_strdup_printf (_ ("%s was not removed"), name);
      sp_failure_show (near, text, error);
      return;
    }
  /* Translators: a person's name. */
  text = g_strdup_printf (_ ("%s was removed"), name);
  if (sp_window_of (near) != NULL)
    sp_window_offer_undo (sp_window_of (near), text, token);
}

void
sp_user_remove (GtkWidget *near, SpBusUser *user)
{
  sp_bus_user_call_remove (user, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_removed,
                           g_object_ref (near));
}

static void
on_restored (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;
  const char *name = sp_user_get_shown_name (SP_BUS_USER (source));
  g_autofree char *text = NULL;

  if (!sp_bus_user_call_restore_finish (SP_BUS_USER (source), result, &error))
    {
      /* Translators: a person's name; why follows. */
      text = g_strdup_printf (_ ("%s was not restored"), name);
      sp_failure_show (near, text, error);
      return;
    }
  /* Translators: a person's name. */
  text = g_strdup_printf (_ ("%s was restored"), name);
  if (sp_window_of (near) != NULL)
    sp_window_say (sp_window_of (near), text);
}

void
sp_user_restore (GtkWidget *near, SpBusUser *user)
{
  sp_bus_user_call_restore (user, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                            on_restored, g_object_ref (near));
}
