/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-access-group.h"

#include "base/names.h"
#include "reach-dialog.h"
#include "server-switch.h"
#include "user-change.h"
#include "user-reach.h"
#include "user-wording.h"
#include "value-dialog.h"

#include <glib/gi18n.h>

#define GIGABYTE G_GUINT64_CONSTANT (1000000000)
#define MEGABIT  G_GUINT64_CONSTANT (1000000)
#define A_DAY    (24 * 60 * 60) /* s */
#define EVENING  18             /* o'clock, when a day's visit ends */

struct _SpUserAccessGroup
{
  AdwPreferencesGroup parent_instance;
  AdwActionRow *enabled_row;
  GtkSwitch *enabled;
  GtkMenuButton *until;
  AdwActionRow *quota_row;
  GtkMenuButton *quota;
  AdwActionRow *reach_row;
  GtkMenuButton *reach;
  AdwActionRow *internet_row;
  GtkSwitch *internet;
  GtkMenuButton *down;
  GtkMenuButton *up;
  SpServerConnection *connection;
  SpBusUser *user;
};

G_DEFINE_FINAL_TYPE (SpUserAccessGroup, sp_user_access_group, ADW_TYPE_PREFERENCES_GROUP)

/* --- what is --- */

static void
show_rate (GtkMenuButton *button, guint64 rate)
{
  g_autofree char *text = NULL;

  if (rate == 0)
    text = g_strdup (_ ("No Limit"));
  else if (rate % MEGABIT == 0)
    text = g_strdup_printf (_ ("%u Mbit/s"), (guint) (rate / MEGABIT));
  else
    text = g_strdup_printf (_ ("%.1f Mbit/s"), (double) rate / (double) MEGABIT);
  gtk_menu_button_set_label (button, text);
}

static void
show_quota (SpUserAccessGroup *group)
{
  guint64 quota = sp_bus_user_get_quota (group->user);
  g_autofree char *most = quota > 0 ? g_format_size (quota) : g_strdup (_ ("Unlimited"));
  g_autofree char *used = g_format_size (sp_bus_user_get_used (group->user));
  /* Translators: an amount of data. */
  g_autofree char *subtitle = g_strdup_printf (_ ("%s so far"), used);

  adw_action_row_set_subtitle (group->quota_row, subtitle);
  gtk_menu_button_set_label (group->quota, most);
}

static gboolean
is_among (const char *const *texts, const char *text)
{
  return texts != NULL && g_strv_contains (texts, text);
}

/* Whether a device's connections to the internet go through the tunnel. */
static gboolean
sends_all (SpUserAccessGroup *group)
{
  g_auto (GStrv) routes = sp_bus_user_dup_routes (group->user);
  const char *reach = sp_bus_user_get_reach (group->user);
  SpBusSettings *settings = sp_server_connection_get_settings (group->connection);
  g_auto (GStrv) usual = settings != NULL ? sp_bus_settings_dup_routes (settings) : NULL;

  if (routes != NULL && routes[0] != NULL)
    return is_among ((const char *const *) routes, "all");
  if (reach == NULL || reach[0] == '\0')
    return is_among ((const char *const *) usual, "all");
  return g_str_equal (reach, "all") || g_str_equal (reach, "internet");
}

static gboolean
is_home (SpUserAccessGroup *group)
{
  const char *reach = sp_bus_user_get_reach (group->user);

  return g_strcmp0 (reach, "home") == 0 || g_strcmp0 (reach, "all") == 0 ||
         g_strcmp0 (reach, "") == 0;
}

static void
show_reach (SpUserAccessGroup *group)
{
  const char *reach = sp_bus_user_get_reach (group->user);
  const char *shown = g_strcmp0 (reach, "all") == 0 ? "home" : reach;
  g_auto (GStrv) hosts = sp_bus_user_dup_reach_hosts (group->user);
  g_autofree char *list = hosts != NULL ? g_strjoinv (", ", hosts) : g_strdup ("");
  const char *why = NULL;

  gtk_menu_button_set_label (group->reach, sp_user_reach_word (shown));
  adw_action_row_set_subtitle (group->reach_row, g_strcmp0 (reach, "hosts") == 0 ? list : NULL);
  sp_server_switch_show (group->internet, sends_all (group));
  gtk_widget_set_sensitive (GTK_WIDGET (group->internet_row), is_home (group));
  if (g_strcmp0 (reach, "server") == 0 || g_strcmp0 (reach, "hosts") == 0)
    why = _ ("Devices that reach only chosen addresses use the internet of where they are");
  adw_action_row_set_subtitle (group->internet_row, why);
}

static void
show_user (SpUserAccessGroup *group)
{
  g_autofree char *status = sp_user_wording_status (group->user);
  g_autofree char *end = sp_user_wording_end (group->user);

  sp_server_switch_show (group->enabled, sp_bus_user_get_enabled (group->user));
  adw_action_row_set_subtitle (group->enabled_row, status);
  gtk_menu_button_set_label (group->until, end);
  show_quota (group);
  show_reach (group);
  show_rate (group->down, sp_bus_user_get_rate_down (group->user));
  show_rate (group->up, sp_bus_user_get_rate_up (group->user));
}

/* --- what is wanted --- */

static void
on_answered (GtkWidget *near, gboolean done)
{
  SpUserAccessGroup *group = SP_USER_ACCESS_GROUP (near);

  if (group->user != NULL && !done)
    show_user (group);
}

static void
change (SpUserAccessGroup *group, const char *key, GVariant *value)
{
  sp_user_change (GTK_WIDGET (group), group->user, key, value, on_answered);
}

static void
on_enabled (GtkWidget *owner, gboolean wanted)
{
  sp_user_enable (owner, SP_USER_ACCESS_GROUP (owner)->user, wanted, on_answered);
}

/* Reach and routes go together, or devices would send what is not let through. */
static void
change_reach (SpUserAccessGroup *group, const char *reach)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", "Reach", g_variant_new_string (reach));
  g_variant_builder_add (&changes, "{sv}", "Routes", g_variant_new_strv (NULL, 0));
  sp_user_change_many (GTK_WIDGET (group), group->user, g_variant_builder_end (&changes),
                       on_answered);
}

static void
on_internet (GtkWidget *owner, gboolean wanted)
{
  change_reach (SP_USER_ACCESS_GROUP (owner), wanted ? "all" : "home");
}

static void
on_reach (GtkWidget *widget, const char *action, GVariant *parameter)
{
  change_reach (SP_USER_ACCESS_GROUP (widget), g_variant_get_string (parameter, NULL));
}

static void
on_choose_devices (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (widget));

  gtk_window_present (sp_reach_dialog_new (window, SP_USER_ACCESS_GROUP (widget)->user));
}

static void
end_at (SpUserAccessGroup *group, guint64 end, guint32 after_first_login)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", "ExpiresAt", g_variant_new_uint64 (end));
  g_variant_builder_add (&changes, "{sv}", "ExpiresAfterFirstLogin",
                         g_variant_new_uint32 (after_first_login));
  sp_user_change_many (GTK_WIDGET (group), group->user, g_variant_builder_end (&changes),
                       on_answered);
}

static void
on_moment_chosen (GtkWidget *owner, guint64 moment)
{
  end_at (SP_USER_ACCESS_GROUP (owner), moment, 0);
}

/* Minutes from now; 0: never. */
static void
on_until (GtkWidget *widget, const char *action, GVariant *parameter)
{
  guint minutes = g_variant_get_uint32 (parameter);
  guint64 end = (guint64) g_get_real_time () + minutes * (guint64) G_TIME_SPAN_MINUTE;

  end_at (SP_USER_ACCESS_GROUP (widget), minutes > 0 ? end : 0, 0);
}

static void
on_after_first (GtkWidget *widget, const char *action, GVariant *parameter)
{
  end_at (SP_USER_ACCESS_GROUP (widget), 0, g_variant_get_uint32 (parameter) * A_DAY);
}

static guint64
this_evening (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) evening =
      g_date_time_new_local (g_date_time_get_year (now), g_date_time_get_month (now),
                             g_date_time_get_day_of_month (now), EVENING, 0, 0);

  return evening != NULL && g_date_time_compare (evening, now) > 0
             ? (guint64) g_date_time_to_unix (evening) * G_USEC_PER_SEC
             : 0;
}

static void
on_evening (GtkWidget *widget, const char *action, GVariant *parameter)
{
  guint64 evening = this_evening ();

  if (evening != 0)
    end_at (SP_USER_ACCESS_GROUP (widget), evening, 0);
}

static void
on_date (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SpUserAccessGroup *group = SP_USER_ACCESS_GROUP (widget);
  guint64 end = sp_bus_user_get_ends_at (group->user);

  sp_value_dialog_ask_moment (widget, _ ("Until When?"),
                              end != 0 ? end : (guint64) (g_get_real_time () + G_TIME_SPAN_DAY),
                              on_moment_chosen);
}

static void
on_quota (GtkWidget *widget, const char *action, GVariant *parameter)
{
  change (SP_USER_ACCESS_GROUP (widget), "Quota", g_variant_ref (parameter));
}

static void
on_quota_chosen (GtkWidget *owner, guint64 gigabytes)
{
  change (SP_USER_ACCESS_GROUP (owner), "Quota", g_variant_new_uint64 (gigabytes * GIGABYTE));
}

static void
on_other_quota (GtkWidget *widget, const char *action, GVariant *parameter)
{
  guint64 now = sp_bus_user_get_quota (SP_USER_ACCESS_GROUP (widget)->user);

  sp_value_dialog_ask_number (widget, _ ("Traffic per Month"), _ ("GB"),
                              now > 0 ? now / GIGABYTE : 10, on_quota_chosen);
}

static void
on_rate (GtkWidget *widget, const char *action, GVariant *parameter)
{
  change (SP_USER_ACCESS_GROUP (widget),
          g_str_equal (action, "access.rate-up") ? "RateUp" : "RateDown",
          g_variant_ref (parameter));
}

static void
on_up_chosen (GtkWidget *owner, guint64 megabits)
{
  change (SP_USER_ACCESS_GROUP (owner), "RateUp", g_variant_new_uint64 (megabits * MEGABIT));
}

static void
on_down_chosen (GtkWidget *owner, guint64 megabits)
{
  change (SP_USER_ACCESS_GROUP (owner), "RateDown", g_variant_new_uint64 (megabits * MEGABIT));
}

static void
on_other_rate (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gboolean up = g_str_equal (action, "access.other-rate-up");

  sp_value_dialog_ask_number (widget, up ? _ ("Upload Speed") : _ ("Download Speed"), _ ("Mbit/s"),
                              20, up ? on_up_chosen : on_down_chosen);
}

/* The presets that make sense at this time of day. */
static GMenuModel *
create_until_menu (void)
{
  GMenu *menu = g_menu_new ();

  g_menu_append (menu, _ ("No End"), "access.until(uint32 0)");
  g_menu_append (menu, _ ("In an Hour"), "access.until(uint32 60)");
  if (this_evening () != 0)
    g_menu_append (menu, _ ("Today 18:00"), "access.evening");
  g_menu_append (menu, _ ("In a Week"), "access.until(uint32 10080)");
  g_menu_append (menu, _ ("In a Month"), "access.until(uint32 43200)");
  g_menu_append (menu, _ ("7 Days After the First Connection"), "access.after-first(uint32 7)");
  g_menu_append (menu, _ ("Date…"), "access.date");
  return G_MENU_MODEL (menu);
}

GtkWidget *
sp_user_access_group_new (SpServerConnection *connection, SpBusUser *user)
{
  SpUserAccessGroup *group = g_object_new (SP_TYPE_USER_ACCESS_GROUP, NULL);
  g_autoptr (GMenuModel) until = create_until_menu ();

  group->connection = g_object_ref (connection);
  group->user = g_object_ref (user);
  gtk_menu_button_set_menu_model (group->until, until);
  (void) g_signal_connect_object (user, "notify", G_CALLBACK (show_user), group, G_CONNECT_SWAPPED);
  show_user (group);
  return GTK_WIDGET (group);
}

static void
sp_user_access_group_dispose (GObject *object)
{
  SpUserAccessGroup *group = SP_USER_ACCESS_GROUP (object);

  g_clear_object (&group->user);
  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_user_access_group_parent_class)->dispose (object);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "access.until", "u", on_until);
  gtk_widget_class_install_action (widget_class, "access.after-first", "u", on_after_first);
  gtk_widget_class_install_action (widget_class, "access.evening", NULL, on_evening);
  gtk_widget_class_install_action (widget_class, "access.date", NULL, on_date);
  gtk_widget_class_install_action (widget_class, "access.quota", "t", on_quota);
  gtk_widget_class_install_action (widget_class, "access.other-quota", NULL, on_other_quota);
  gtk_widget_class_install_action (widget_class, "access.reach", "s", on_reach);
  gtk_widget_class_install_action (widget_class, "access.choose-devices", NULL, on_choose_devices);
  gtk_widget_class_install_action (widget_class, "access.rate-up", "t", on_rate);
  gtk_widget_class_install_action (widget_class, "access.rate-down", "t", on_rate);
  gtk_widget_class_install_action (widget_class, "access.other-rate-up", NULL, on_other_rate);
  gtk_widget_class_install_action (widget_class, "access.other-rate-down", NULL, on_other_rate);
}

static void
sp_user_access_group_class_init (SpUserAccessGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_user_access_group_dispose;
  install_actions (widget_class);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SP_RESOURCE_PATH "user-access-group.ui");
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, enabled_row);
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, enabled);
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, until);
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, quota_row);
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, quota);
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, reach_row);
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, reach);
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, internet_row);
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, internet);
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, down);
  gtk_widget_class_bind_template_child (widget_class, SpUserAccessGroup, up);
}

static void
sp_user_access_group_init (SpUserAccessGroup *group)
{
  gtk_widget_init_template (GTK_WIDGET (group));
  sp_server_switch_set_up (group->enabled, GTK_WIDGET (group), on_enabled);
  sp_server_switch_set_up (group->internet, GTK_WIDGET (group), on_internet);
}
