/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dynamic-dns-group.h"

#include "base/names.h"
#include "dynamic-dns-dialog.h"
#include "dynamic-dns-wording.h"
#include "failure.h"
#include "server-watch.h"
#include "settings-update.h"
#include "standing-row.h"
#include "user-change.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpDynamicDnsGroup
{
  AdwPreferencesGroup parent_instance;
  SpServerConnection *connection;
  SpStandingRow *state;
  AdwActionRow *keeper;
  AdwActionRow *end;
};

G_DEFINE_FINAL_TYPE (SpDynamicDnsGroup, sp_dynamic_dns_group, ADW_TYPE_PREFERENCES_GROUP)

/* Lent; NULL: it is not known. */
static SpBusServer *
get_server (SpDynamicDnsGroup *group)
{
  return group->connection != NULL ? sp_server_connection_get_server (group->connection) : NULL;
}

/* Likewise. */
static SpBusSettings *
get_settings (SpDynamicDnsGroup *group)
{
  return group->connection != NULL ? sp_server_connection_get_settings (group->connection) : NULL;
}

/* "off": it is not used. */
static const char *
get_mode (SpDynamicDnsGroup *group)
{
  const char *mode = get_settings (group) != NULL
                         ? sp_bus_settings_get_dynamic_dns_mode (get_settings (group))
                         : NULL;

  return mode != NULL ? mode : "off";
}

static gboolean
is_used (SpDynamicDnsGroup *group)
{
  return !g_str_equal (get_mode (group), "off");
}

/* New reference, or NULL. */
static GVariant *
get_dns (SpDynamicDnsGroup *group)
{
  return get_server (group) != NULL ? sp_bus_server_dup_dynamic_dns (get_server (group)) : NULL;
}

/* --- the end of it --- */

typedef struct
{
  SpDynamicDnsGroup *group;
  char *mode; /* that it had */
} Before;

static void
before_free (gpointer data)
{
  Before *before = data;

  g_object_unref (before->group);
  g_free (before->mode);
  g_free (before);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Before, before_free)

/* Floating. */
static GVariant *
describe_mode (const char *mode)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", "DynamicDnsMode", g_variant_new_string (mode));
  return g_variant_builder_end (&changes);
}

static void
put_back (SpWindow *window, gpointer data)
{
  Before *before = data;

  if (get_settings (before->group) != NULL)
    sp_settings_put_back (GTK_WIDGET (before->group), get_settings (before->group),
                          describe_mode (before->mode));
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Before) before = data;
  g_autoptr (GError) error = NULL;
  SpWindow *window = sp_window_of (GTK_WIDGET (before->group));

  if (!sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result, &error))
    sp_failure_show (GTK_WIDGET (before->group), _ ("The address is still told"), error);
  else if (window != NULL)
    sp_window_offer_undo_by (window, _ ("The address is not told any more"), put_back,
                             g_steal_pointer (&before), before_free);
}

static void
on_stop (SpDynamicDnsGroup *group)
{
  Before *before;

  if (!is_used (group))
    return;
  before = g_new0 (Before, 1);
  before->group = g_object_ref (group);
  before->mode = g_strdup (get_mode (group));
  sp_settings_update (get_settings (group), describe_mode ("off"), on_stopped, before);
}

/* --- the way to it --- */

static void
on_change (SpDynamicDnsGroup *group)
{
  if (get_settings (group) != NULL)
    gtk_window_present (sp_dynamic_dns_dialog_new (GTK_WINDOW (sp_window_of (GTK_WIDGET (group))),
                                                   group->connection));
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_update_dynamic_dns_finish (SP_BUS_SERVER (source), result, &error))
    sp_failure_show (near, _ ("The address was not told"), error);
}

static void
on_act (SpDynamicDnsGroup *group)
{
  g_autoptr (GVariant) dns = get_dns (group);

  if (!is_used (group) || sp_dynamic_dns_needs_change (dns))
    on_change (group);
  else if (get_server (group) != NULL)
    sp_bus_server_call_update_dynamic_dns (get_server (group), sp_no_options (), SP_CALL_FLAGS,
                                           SP_CALL_TIMEOUT, NULL, on_updated, g_object_ref (group));
}

/* --- how it is with it --- */

/* NULL: there is nothing to do. */
static const char *
find_act (SpStanding look, GVariant *dns)
{
  if (look == SP_STANDING_GOOD)
    return _ ("Update Now");
  if (look != SP_STANDING_BAD)
    return NULL;
  return sp_dynamic_dns_needs_change (dns) ? _ ("Change…") : _ ("Try Again");
}

/* Who is told: the host of an address, or a name server. */
static void
show_keeper (SpDynamicDnsGroup *group)
{
  gboolean zone = g_str_equal (get_mode (group), "rfc2136");
  const char *place = zone ? sp_bus_settings_get_dns_update_server (get_settings (group))
                           : sp_bus_settings_get_dynamic_dns_url (get_settings (group));
  g_autoptr (GUri) uri = zone ? NULL : g_uri_parse (place, G_URI_FLAGS_PARSE_RELAXED, NULL);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (group->keeper),
                                 zone ? _ ("Name Server") : _ ("Provider"));
  adw_action_row_set_subtitle (
      group->keeper, uri != NULL && g_uri_get_host (uri) != NULL ? g_uri_get_host (uri) : place);
}

static void
show_used (SpDynamicDnsGroup *group)
{
  g_autoptr (GVariant) dns = get_dns (group);
  const char *host = sp_bus_settings_get_dynamic_dns_host (get_settings (group));
  const char *name =
      host != NULL && host[0] != '\0' ? host : sp_bus_settings_get_name (get_settings (group));
  const char *title;
  g_autofree char *text = NULL;
  SpStanding look = sp_dynamic_dns_describe (dns, name, &title, &text);
  const char *act = find_act (look, dns);

  sp_standing_row_show (group->state, look, title, text);
  sp_standing_row_offer (group->state, act, act);
  show_keeper (group);
}

static void
show_unused (SpDynamicDnsGroup *group)
{
  const char *title = _ ("Let the Name Follow This Network");

  sp_standing_row_show (group->state, SP_STANDING_IDLE, title,
                        _ ("When the address of this network changes, a provider or your own name "
                           "server is told, so that the name still leads here."));
  sp_standing_row_offer (group->state, _ ("Set Up…"), title);
}

static void
show (SpDynamicDnsGroup *group)
{
  gboolean may =
      sp_server_connection_get_permission (group->connection, "configure") != SP_PERMISSION_NO;

  gtk_widget_set_visible (GTK_WIDGET (group),
                          sp_server_connection_has_feature (group->connection, "dynamic-dns"));
  gtk_widget_set_visible (GTK_WIDGET (group->keeper), is_used (group));
  gtk_widget_set_visible (GTK_WIDGET (group->end), is_used (group));
  sp_standing_row_allow (group->state, may);
  gtk_widget_set_sensitive (GTK_WIDGET (group->keeper), may);
  gtk_widget_set_sensitive (GTK_WIDGET (group->end), may);
  if (is_used (group))
    show_used (group);
  else
    show_unused (group);
}

/* --- life --- */

void
sp_dynamic_dns_group_set_connection (SpDynamicDnsGroup *group, SpServerConnection *connection)
{
  static const char *const of_server[] = { "notify::dynamic-dns", NULL };
  static const char *const of_settings[] = { "notify::dynamic-dns-mode",
                                             "notify::dynamic-dns-host",
                                             "notify::dynamic-dns-url",
                                             "notify::dns-update-server",
                                             "notify::name",
                                             NULL };

  group->connection = g_object_ref (connection);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show), group,
                                  G_CONNECT_SWAPPED);
  sp_server_watch (group, connection, "settings", of_settings, G_CALLBACK (show));
  sp_server_watch (group, connection, "server", of_server, G_CALLBACK (show));
}

static void
sp_dynamic_dns_group_dispose (GObject *object)
{
  SpDynamicDnsGroup *group = SP_DYNAMIC_DNS_GROUP (object);

  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_dynamic_dns_group_parent_class)->dispose (object);
}

static void
sp_dynamic_dns_group_class_init (SpDynamicDnsGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_dynamic_dns_group_dispose;
  g_type_ensure (SP_TYPE_STANDING_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SP_RESOURCE_PATH "dynamic-dns-group.ui");
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsGroup, state);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsGroup, keeper);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsGroup, end);
  gtk_widget_class_bind_template_callback (widget_class, on_act);
  gtk_widget_class_bind_template_callback (widget_class, on_change);
  gtk_widget_class_bind_template_callback (widget_class, on_stop);
}

static void
sp_dynamic_dns_group_init (SpDynamicDnsGroup *group)
{
  gtk_widget_init_template (GTK_WIDGET (group));
}
