/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health-group.h"

#include "base/names.h"

#include "certificate-page.h"
#include "failure.h"
#include "window.h"

#include <glib/gi18n.h>

#define OWN_CERTIFICATE SP_BUS_CERTIFICATES_PATH "/own"

struct _SpHealthGroup
{
  AdwPreferencesGroup parent_instance;
  SpServerConnection *connection;
  SpBusServer *server; /* whose changes are followed */
  GPtrArray *rows;     /* lent: the group has them */
};

G_DEFINE_FINAL_TYPE (SpHealthGroup, sp_health_group, ADW_TYPE_PREFERENCES_GROUP)

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpHealthGroup) group = data;
  g_autoptr (GError) error = NULL;
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (!sp_bus_certificate_call_renew_finish (SP_BUS_CERTIFICATE (source), result, &error))
    sp_failure_show (GTK_WIDGET (group), _ ("The certificate could not be renewed"), error);
  else if (window != NULL)
    sp_window_say (window, _ ("The certificate was renewed"));
}

static void
renew (SpHealthGroup *group)
{
  SpBusCertificate *own = sp_object_list_find (
      sp_server_connection_get_certificates (group->connection), OWN_CERTIFICATE);

  if (own != NULL)
    sp_bus_certificate_call_renew (own, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
                                   SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_renewed,
                                   g_object_ref (group));
}

static void
show_certificate (SpHealthGroup *group)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (window != NULL)
    sp_window_push (window, sp_certificate_page_new (group->connection));
}

static void
show_settings (SpHealthGroup *group)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (window != NULL)
    sp_window_show_view (window, "settings");
}

/* What the row of an entry says, and what mends it: of the certificate that the server made itself,
 * and of another one, which only its owner can renew. */
static const struct
{
  const char *id;
  const char *title;
  gboolean renewable;
} entries[] = {
  { "certificate-expired", N_ ("The certificate has expired"), TRUE },
  { "certificate-not-yet-valid", N_ ("The certificate is not valid yet"), FALSE },
  { "certificate-expires-soon", N_ ("The certificate expires soon"), TRUE },
  { "certificate-name", N_ ("The certificate is for another name"), TRUE },
  { "token-unavailable", N_ ("The token with the server's key does not sign"), FALSE },
};

static GtkWidget *
create_row (
    SpHealthGroup *group, const char *icon, const char *class, const char *title, const char *text)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *image = gtk_image_new_from_icon_name (icon);
  g_autofree char *title_markup = g_markup_escape_text (title, -1);
  g_autofree char *text_markup = g_markup_escape_text (text, -1);

  gtk_widget_add_css_class (image, class);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title_markup);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text_markup);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_ptr_array_add (group->rows, row);
  return row;
}

static void
add_fix (SpHealthGroup *group, GtkWidget *row, const char *label, GCallback fix, gboolean possible)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_sensitive (button, possible);
  (void) g_signal_connect_object (button, "clicked", fix, group, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

static gboolean
may_configure (SpHealthGroup *group)
{
  return sp_server_connection_get_permission (group->connection, "configure") != SP_PERMISSION_NO;
}

static void
add_entry (SpHealthGroup *group, const char *id, const char *severity, GVariant *details)
{
  gboolean problem = g_str_equal (severity, "problem");
  const char *text = "";
  const char *certificate = "";
  GtkWidget *row;
  guint i = 0;

  (void) g_variant_lookup (details, "Text", "&s", &text);
  (void) g_variant_lookup (details, "Certificate", "&o", &certificate);
  while (i < G_N_ELEMENTS (entries) && !g_str_equal (entries[i].id, id))
    i++;
  row = create_row (group, problem ? "dialog-error-symbolic" : "dialog-warning-symbolic",
                    problem ? "sp-failed" : "sp-pending",
                    i < G_N_ELEMENTS (entries) ? _ (entries[i].title) : text,
                    i < G_N_ELEMENTS (entries) ? text : "");
  if (i == G_N_ELEMENTS (entries))
    return;
  if (entries[i].renewable && g_str_equal (certificate, OWN_CERTIFICATE))
    add_fix (group, row, _ ("_Renew"), G_CALLBACK (renew), may_configure (group));
  else
    add_fix (group, row, _ ("Show _Certificate"), G_CALLBACK (show_certificate), TRUE);
}

static void
add_backup (SpHealthGroup *group)
{
  const char *error = sp_bus_server_get_last_backup_error (group->server);
  GtkWidget *row;

  if (error == NULL || error[0] == '\0')
    return;
  row = create_row (group, "dialog-warning-symbolic", "sp-pending",
                    _ ("The weekly backup could not be made"), error);
  add_fix (group, row, _ ("Show _Settings"), G_CALLBACK (show_settings), TRUE);
}

static void
show_health (SpHealthGroup *group)
{
  g_autoptr (GVariant) health =
      group->server != NULL ? sp_bus_server_dup_health (group->server) : NULL;
  GVariantIter iter;
  const char *id;
  const char *severity;
  GVariant *details;

  for (guint i = 0; i < group->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (group), group->rows->pdata[i]);
  g_ptr_array_set_size (group->rows, 0);
  if (health == NULL)
    return;
  g_variant_iter_init (&iter, health);
  while (g_variant_iter_loop (&iter, "(&s&s@a{sv})", &id, &severity, &details))
    add_entry (group, id, severity, details);
  add_backup (group);
  if (group->rows->len == 0)
    (void) create_row (group, "emblem-ok-symbolic", "sp-on", _ ("Nothing Needs Your Attention"),
                       "");
}

static void
follow_server (SpHealthGroup *group)
{
  SpBusServer *server = sp_server_connection_get_server (group->connection);

  if (group->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (group->server, group);
  g_set_object (&group->server, server);
  if (server != NULL)
    {
      (void) g_signal_connect_object (server, "notify::health", G_CALLBACK (show_health), group,
                                      G_CONNECT_SWAPPED);
      (void) g_signal_connect_object (server, "notify::last-backup-error", G_CALLBACK (show_health),
                                      group, G_CONNECT_SWAPPED);
    }
  show_health (group);
}

void
sp_health_group_set_connection (SpHealthGroup *group, SpServerConnection *connection)
{
  g_set_object (&group->connection, connection);
  (void) g_signal_connect_object (connection, "notify::server", G_CALLBACK (follow_server), group,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show_health),
                                  group, G_CONNECT_SWAPPED);
  follow_server (group);
}

static void
sp_health_group_dispose (GObject *object)
{
  SpHealthGroup *group = SP_HEALTH_GROUP (object);

  if (group->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (group->server, group);
  g_clear_object (&group->server);
  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_health_group_parent_class)->dispose (object);
}

static void
sp_health_group_finalize (GObject *object)
{
  g_ptr_array_unref (SP_HEALTH_GROUP (object)->rows);
  G_OBJECT_CLASS (sp_health_group_parent_class)->finalize (object);
}

static void
sp_health_group_class_init (SpHealthGroupClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_health_group_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_health_group_finalize;
}

static void
sp_health_group_init (SpHealthGroup *group)
{
  group->rows = g_ptr_array_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Health"));
}
