/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authority-group.h"

#include "authority-dialog.h"
#include "authority-wording.h"
#include "base/names.h"
#include "certificate-page.h"
#include "failure.h"
#include "server-watch.h"
#include "settings-update.h"
#include "standing-row.h"
#include "user-change.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpAuthorityGroup
{
  AdwPreferencesGroup parent_instance;
  SpServerConnection *connection;
  SpStandingRow *state;
  AdwActionRow *authority;
  AdwActionRow *end;
};

G_DEFINE_FINAL_TYPE (SpAuthorityGroup, sp_authority_group, ADW_TYPE_PREFERENCES_GROUP)

/* Lent; NULL: it is not known. */
static SpBusServer *
get_server (SpAuthorityGroup *group)
{
  return group->connection != NULL ? sp_server_connection_get_server (group->connection) : NULL;
}

/* Likewise. */
static SpBusSettings *
get_settings (SpAuthorityGroup *group)
{
  return group->connection != NULL ? sp_server_connection_get_settings (group->connection) : NULL;
}

static gboolean
is_used (SpAuthorityGroup *group)
{
  const char *directory = get_settings (group) != NULL
                              ? sp_bus_settings_get_acme_directory (get_settings (group))
                              : NULL;

  return directory != NULL && directory[0] != '\0';
}

/* New reference, or NULL. */
static GVariant *
get_acme (SpAuthorityGroup *group)
{
  return get_server (group) != NULL ? sp_bus_server_dup_acme (get_server (group)) : NULL;
}

/* The certificate that came from there; lent, NULL: none yet. */
static SpBusCertificate *
find_certificate (SpAuthorityGroup *group)
{
  g_autoptr (GVariant) acme = get_acme (group);
  g_autofree char *path = NULL;
  const char *element;

  if (acme == NULL || !g_variant_lookup (acme, "Certificate", "&s", &element))
    return NULL;
  path = g_strdup_printf (SP_BUS_CERTIFICATES_PATH "/%s", element);
  return sp_object_list_find (sp_server_connection_get_certificates (group->connection), path);
}

/* --- the end of it --- */

/* What is put back by an undo. */
typedef struct
{
  SpAuthorityGroup *group;
  GVariant *settings;
  SpBusCertificate *certificate; /* that was in use, or NULL */
} Before;

static void
before_free (gpointer data)
{
  Before *before = data;

  g_object_unref (before->group);
  g_variant_unref (before->settings);
  g_clear_object (&before->certificate);
  g_free (before);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Before, before_free)

static void
on_activated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_certificate_call_activate_finish (SP_BUS_CERTIFICATE (source), result, &error))
    sp_failure_show (near, _ ("The certificate is not in use"), error);
}

static void
use (SpAuthorityGroup *group, SpBusCertificate *certificate)
{
  if (certificate != NULL)
    sp_bus_certificate_call_activate (certificate, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                      NULL, on_activated, g_object_ref (group));
}

static void
put_back (SpWindow *window, gpointer data)
{
  Before *before = data;
  SpBusSettings *settings = get_settings (before->group);

  if (settings != NULL)
    sp_settings_put_back (GTK_WIDGET (before->group), settings, before->settings);
  use (before->group, before->certificate);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Before) before = data;
  g_autoptr (GError) error = NULL;
  SpAuthorityGroup *group = before->group;
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (!sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result, &error))
    {
      sp_failure_show (GTK_WIDGET (group), _ ("The authority is still asked"), error);
      return;
    }
  if (before->certificate != NULL)
    use (group, sp_object_list_find (sp_server_connection_get_certificates (group->connection),
                                     SP_BUS_CERTIFICATES_PATH "/own"));
  if (window != NULL)
    sp_window_offer_undo_by (window, _ ("The authority is not asked any more"), put_back,
                             g_steal_pointer (&before), before_free);
}

/* Floating. */
static GVariant *
describe_choice (const char *directory, gboolean agreed)
{
  GVariantBuilder choice = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&choice, "{sv}", "AcmeDirectory", g_variant_new_string (directory));
  g_variant_builder_add (&choice, "{sv}", "AcmeAgree", g_variant_new_boolean (agreed));
  return g_variant_builder_end (&choice);
}

static void
on_stop (SpAuthorityGroup *group)
{
  SpBusCertificate *certificate = find_certificate (group);
  Before *before;

  if (!is_used (group))
    return;
  before = g_new0 (Before, 1);
  before->group = g_object_ref (group);
  before->settings = g_variant_ref_sink (
      describe_choice (sp_bus_settings_get_acme_directory (get_settings (group)),
                       sp_bus_settings_get_acme_agree (get_settings (group))));
  if (certificate != NULL && sp_bus_certificate_get_active (certificate))
    before->certificate = g_object_ref (certificate);
  sp_settings_update (get_settings (group), describe_choice ("", FALSE), on_stopped, before);
}

/* --- the way to it --- */

static void
on_change (SpAuthorityGroup *group)
{
  gtk_window_present (
      sp_authority_dialog_new (GTK_WINDOW (sp_window_of (GTK_WIDGET (group))), group->connection));
}

static void
on_ordered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_order_certificate_finish (SP_BUS_SERVER (source), result, &error))
    sp_failure_show (near, _ ("The authority was not asked"), error);
}

static void
on_act (SpAuthorityGroup *group)
{
  g_autoptr (GVariant) acme = get_acme (group);
  gboolean change = !is_used (group) || sp_authority_get_fix (acme) == SP_AUTHORITY_CHANGE;

  if (change)
    on_change (group);
  else if (get_server (group) != NULL)
    sp_bus_server_call_order_certificate (get_server (group), sp_no_options (), SP_CALL_FLAGS,
                                          SP_CALL_TIMEOUT, NULL, on_ordered, g_object_ref (group));
}

/* --- how it is with it --- */

/* NULL: there is nothing to do. */
static const char *
find_act (SpStanding look, SpAuthorityFix fix)
{
  if (look == SP_STANDING_GOOD)
    return _ ("Renew Now");
  if (look != SP_STANDING_BAD || fix == SP_AUTHORITY_NO_FIX)
    return NULL;
  return fix == SP_AUTHORITY_CHANGE ? _ ("Change…") : _ ("Try Again");
}

/* "From Let’s Encrypt until 3/2/27. Renewed by itself: Tuesday, 5 January" */
static char *
describe_certificate (SpBusCertificate *certificate, const char *text)
{
  g_autofree char *until = sp_certificate_page_describe_end (certificate);
  const char *use = sp_bus_certificate_get_active (certificate) ? "" : _ ("Another one is in use.");
  g_autofree char *all =
      /* Translators: an authority; "Until" and a day; "Renewed by itself" and a day; another
       * sentence or nothing. */
      g_strdup_printf (_ ("Signed by %s. %s. %s. %s"), sp_bus_certificate_get_issuer (certificate),
                       until, text, use);

  return g_strdup (g_strstrip (all));
}

static void
show_used (SpAuthorityGroup *group)
{
  g_autoptr (GVariant) acme = get_acme (group);
  SpBusCertificate *certificate = find_certificate (group);
  const char *title;
  g_autofree char *text = NULL;
  SpStanding look = sp_authority_describe (acme, &title, &text);
  g_autofree char *more = look == SP_STANDING_GOOD && certificate != NULL
                              ? describe_certificate (certificate, text)
                              : NULL;
  const char *directory = sp_bus_settings_get_acme_directory (get_settings (group));
  g_autofree char *name = sp_authority_describe_name (directory);
  const char *act = find_act (look, sp_authority_get_fix (acme));

  sp_standing_row_show (group->state, look, title, more != NULL ? more : text);
  sp_standing_row_offer (group->state, act, act);
  adw_action_row_set_subtitle (group->authority, name);
}

static void
show_unused (SpAuthorityGroup *group)
{
  const char *title = _ ("Get a Trusted Certificate");

  sp_standing_row_show (group->state, SP_STANDING_IDLE, title,
                        _ ("With a name of your own, devices and browsers trust the server without "
                           "being told. It is free, and renewed by itself."));
  sp_standing_row_offer (group->state, _ ("Get One…"), title);
}

static void
show (SpAuthorityGroup *group)
{
  gboolean used = is_used (group);
  gboolean may =
      sp_server_connection_get_permission (group->connection, "configure") != SP_PERMISSION_NO;

  gtk_widget_set_visible (GTK_WIDGET (group->authority), used);
  gtk_widget_set_visible (GTK_WIDGET (group->end), used);
  sp_standing_row_allow (group->state, may);
  gtk_widget_set_sensitive (GTK_WIDGET (group->authority), may);
  gtk_widget_set_sensitive (GTK_WIDGET (group->end), may);
  if (used)
    show_used (group);
  else
    show_unused (group);
}

/* --- life --- */

/* Which is in use, and until when it is good, is known by properties of each. */
static void
follow_certificates (SpAuthorityGroup *group)
{
  GListModel *all = G_LIST_MODEL (sp_server_connection_get_certificates (group->connection));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GObject) certificate = g_list_model_get_item (all, i);

      (void) g_signal_handlers_disconnect_by_func (certificate, show, group);
      (void) g_signal_connect_object (certificate, "notify", G_CALLBACK (show), group,
                                      G_CONNECT_SWAPPED);
    }
  show (group);
}

void
sp_authority_group_set_connection (SpAuthorityGroup *group, SpServerConnection *connection)
{
  static const char *const of_server[] = { "notify::acme", NULL };
  static const char *const of_settings[] = { "notify::acme-directory", NULL };

  group->connection = g_object_ref (connection);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show), group,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (sp_server_connection_get_certificates (connection),
                                  "items-changed", G_CALLBACK (follow_certificates), group,
                                  G_CONNECT_SWAPPED);
  sp_server_watch (group, connection, "settings", of_settings, G_CALLBACK (show));
  follow_certificates (group);
  sp_server_watch (group, connection, "server", of_server, G_CALLBACK (show));
}

static void
sp_authority_group_dispose (GObject *object)
{
  SpAuthorityGroup *group = SP_AUTHORITY_GROUP (object);

  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_authority_group_parent_class)->dispose (object);
}

static void
sp_authority_group_class_init (SpAuthorityGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_authority_group_dispose;
  g_type_ensure (SP_TYPE_STANDING_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "authority-group.ui");
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityGroup, state);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityGroup, authority);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityGroup, end);
  gtk_widget_class_bind_template_callback (widget_class, on_act);
  gtk_widget_class_bind_template_callback (widget_class, on_change);
  gtk_widget_class_bind_template_callback (widget_class, on_stop);
}

static void
sp_authority_group_init (SpAuthorityGroup *group)
{
  gtk_widget_init_template (GTK_WIDGET (group));
}
