/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-page.h"

#include "base/names.h"
#include "failure.h"
#include "user-access-group.h"
#include "user-advanced-group.h"
#include "peek-icon.h"
#include "user-change.h"
#include "user-devices-group.h"
#include "user-past-group.h"
#include "user-sign-in-group.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpUserPage
{
  SpSubpage parent_instance;
  AdwAvatar *avatar;
  GtkLabel *name;
  GtkLabel *summary;
  AdwEntryRow *full_name;
  SpUserDevicesGroup *devices;
  GtkButton *remove;
  SpServerConnection *connection;
  SpUserCensus *census;
  SpBusUser *user;
};

G_DEFINE_FINAL_TYPE (SpUserPage, sp_user_page, SP_TYPE_SUBPAGE)

/* --- what is --- */

static guint
count_devices (SpUserPage *page)
{
  GListModel *devices = G_LIST_MODEL (sp_server_connection_get_devices (page->connection));
  guint n = g_list_model_get_n_items (devices);
  guint theirs = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SpBusDevice) device = g_list_model_get_item (devices, i);

      if (sp_bus_device_get_revoked_at (device) == 0 &&
          g_strcmp0 (sp_bus_device_get_user (device), sp_client_path_of (page->user)) == 0)
        theirs++;
    }
  return theirs;
}

static char *
word_summary (SpUserPage *page)
{
  guint n = count_devices (page);
  guint connected = sp_user_census_count_sessions (page->census, page->user);
  g_autofree char *used = g_format_size (sp_bus_user_get_used (page->user));
  g_autofree char *devices = g_strdup_printf (ngettext ("%u device", "%u devices", n), n);
  g_autofree char *now =
      connected > 0
          ? g_strdup_printf (ngettext ("%u connected", "%u connected", connected), connected)
          : g_strdup (_ ("not connected"));

  /* Translators: "2 devices", "1 connected", and an amount of data. */
  return g_strdup_printf (_ ("%s · %s · %s this month"), devices, now, used);
}

static void
show_user (SpUserPage *page)
{
  const char *name = sp_user_get_shown_name (page->user);
  g_autofree char *summary = word_summary (page);
  /* Translators: a person's name. */
  g_autofree char *remove = g_strdup_printf (_ ("Remove %s"), name);

  sp_subpage_set_title (SP_SUBPAGE (page), name);
  adw_avatar_set_text (page->avatar, name);
  gtk_label_set_label (page->name, sp_bus_user_get_login (page->user));
  gtk_label_set_label (page->summary, summary);
  if (!gtk_widget_has_focus (
          GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (page->full_name)))))
    gtk_editable_set_text (GTK_EDITABLE (page->full_name), sp_bus_user_get_full_name (page->user));
  gtk_button_set_label (page->remove, remove);
}

static void
on_census_changed (SpUserPage *page)
{
  show_user (page);
  sp_user_devices_group_refresh (page->devices);
}

/* Whoever is not there any more has no page. */
static void
on_removed (SpUserPage *page)
{
  if (sp_bus_user_get_removed (page->user))
    (void) gtk_widget_activate_action (GTK_WIDGET (page), "navigation.pop", NULL);
}

/* --- what is wanted --- */

static void
on_named (GtkWidget *near, gboolean done)
{
  SpUserPage *page = SP_USER_PAGE (near);

  if (page->user != NULL)
    gtk_editable_set_text (GTK_EDITABLE (page->full_name), sp_bus_user_get_full_name (page->user));
}

static void
on_full_name (SpUserPage *page)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (page->full_name));

  sp_user_change (GTK_WIDGET (page), page->user, "FullName", g_variant_new_string (text), on_named);
}

static void
on_remove (SpUserPage *page)
{
  sp_user_remove (GTK_WIDGET (page), page->user);
}

static void
on_rename (GtkWidget *widget, const char *action, GVariant *parameter)
{
  (void) gtk_widget_grab_focus (GTK_WIDGET (SP_USER_PAGE (widget)->full_name));
}

/* --- the page --- */

static GtkWidget *
create_label (const char *class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (label, class);
  return label;
}

static GtkWidget *
create_head (SpUserPage *page)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  page->avatar = ADW_AVATAR (adw_avatar_new (80, NULL, TRUE));
  page->name = GTK_LABEL (create_label ("title-4"));
  page->summary = GTK_LABEL (create_label ("dim-label"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (page->avatar));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (page->name));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (page->summary));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), box);
  return group;
}

static GtkWidget *
create_name (SpUserPage *page)
{
  GtkWidget *group = adw_preferences_group_new ();

  page->full_name = ADW_ENTRY_ROW (adw_entry_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (page->full_name), C_ ("person", "Name"));
  adw_entry_row_set_show_apply_button (page->full_name, TRUE);
  sp_peek_icon_name (GTK_WIDGET (page->full_name));
  (void) g_signal_connect_object (page->full_name, "apply", G_CALLBACK (on_full_name), page,
                                  G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (page->full_name));
  return group;
}

static GtkWidget *
create_end (SpUserPage *page)
{
  GtkWidget *group = adw_preferences_group_new ();

  page->remove = GTK_BUTTON (gtk_button_new ());
  gtk_widget_set_halign (GTK_WIDGET (page->remove), GTK_ALIGN_CENTER);
  (void) g_signal_connect_object (page->remove, "clicked", G_CALLBACK (on_remove), page,
                                  G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (page->remove));
  return group;
}

static GtkWidget *
create_content (SpUserPage *page)
{
  GtkWidget *content = adw_preferences_page_new ();
  GtkWidget *groups[] = {
    create_head (page),
    create_name (page),
    sp_user_access_group_new (page->connection, page->user),
    sp_user_devices_group_new (page->connection, page->user),
    sp_user_sign_in_group_new (page->user),
    sp_user_past_group_new (page->connection, page->user),
    sp_user_advanced_group_new (page->user),
    create_end (page),
  };

  page->devices = SP_USER_DEVICES_GROUP (groups[3]);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    adw_preferences_page_add (ADW_PREFERENCES_PAGE (content), ADW_PREFERENCES_GROUP (groups[i]));
  return content;
}

SpSubpage *
sp_user_page_new (SpServerConnection *connection, SpUserCensus *census, SpBusUser *user)
{
  SpUserPage *page = g_object_new (SP_TYPE_USER_PAGE, NULL);

  page->connection = g_object_ref (connection);
  page->census = g_object_ref (census);
  page->user = g_object_ref (user);
  g_object_set (page, "content", create_content (page), NULL);
  (void) g_signal_connect_object (user, "notify", G_CALLBACK (show_user), page, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (user, "notify::removed", G_CALLBACK (on_removed), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (census, "changed", G_CALLBACK (on_census_changed), page,
                                  G_CONNECT_SWAPPED);
  show_user (page);
  return SP_SUBPAGE (page);
}

static void
sp_user_page_dispose (GObject *object)
{
  SpUserPage *page = SP_USER_PAGE (object);

  g_clear_object (&page->user);
  g_clear_object (&page->census);
  g_clear_object (&page->connection);
  G_OBJECT_CLASS (sp_user_page_parent_class)->dispose (object);
}

static void
sp_user_page_class_init (SpUserPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_user_page_dispose;
  gtk_widget_class_install_action (widget_class, "user.rename", NULL, on_rename);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F2, 0, "user.rename", NULL);
}

static void
sp_user_page_init (SpUserPage *page)
{
}
