/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings-page.h"

#include "base/names.h"

#include "advanced-page.h"
#include "application.h"
#include "backup-group.h"
#include "boot-row.h"
#include "certificate-page.h"
#include "checkpoint-dialog.h"
#include "dynamic-dns-group.h"
#include "reinvite-dialog.h"
#include "setting-choice-row.h"
#include "setting-entry-row.h"
#include "setting-switch-row.h"
#include "staged-bar.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpSettingsPage
{
  AdwBin parent_instance;
  SpStagedBar *staged;
  AdwActionRow *reinvite;
  AdwActionRow *certificate;
  AdwActionRow *free_range;
  GtkWidget *choose_range;
  SpBootRow *boot;
  SpDynamicDnsGroup *dynamic_dns;
  SpBackupGroup *backup;
  GtkWidget *notifications;
  GtkSwitch *new_devices;
  GtkSwitch *connections;
  GtkSwitch *problems;
  SpServerConnection *connection;
  SpBusServer *server; /* whose changes are followed */
  SpSettingList *settings;
  SpCheckpointDialog *checkpoint;
};

G_DEFINE_FINAL_TYPE (SpSettingsPage, sp_settings_page, ADW_TYPE_BIN)

/* Rows that are typed or switched, by their names in the template. */
static const char *const entries[] = { "name", "port" };
static const char *const switches[] = { "keep_awake", "see_each_other", "second_step" };

static const SpSettingChoice udp_choices[] = {
  { "same", N_ ("On") },
  { "off", N_ ("Off") },
};

static const SpSettingChoice route_choices[] = {
  { "home", N_ ("Home Network") },
  { "all", N_ ("Everything, All Traffic Goes Through Home") },
};

static const SpSettingChoice dns_choices[] = {
  { "auto", N_ ("Same as This Network") },
  { "none", N_ ("Devices Keep Their Own") },
};

static const SpSettingChoice domain_choices[] = {
  { "auto", N_ ("Same as This Network") },
  { "none", N_ ("None") },
};

static const SpSettingChoice range_choices[] = {
  { "auto", N_ ("A Free Range") },
};

static const SpSettingChoice ipv6_choices[] = {
  { "nat", N_ ("On, by This Computer’s Address") },
  { "routed", N_ ("On, With Public Addresses") },
  { "refused", N_ ("Off, and Blocked on Devices") },
  { "off", N_ ("Off, Not Through the VPN") },
};

static const SpSettingChoice sign_in_choices[] = {
  { "password-or-certificate", N_ ("Password or Certificate") },
  { "certificate", N_ ("Certificate") },
  { "password", N_ ("Password") },
  { "certificate-and-password", N_ ("Certificate and Password") },
  { "pam", N_ ("Accounts of This Computer (PAM)") }, /* the last: not every server can */
};

static const SpSettingChoice gate_choices[] = {
  { "off", N_ ("Whatever They Call It") },
  { "name", N_ ("By Its Name") },
  { "label", N_ ("By a Secret Name of Each Device") },
};

static const SpSettingChoice try_choices[] = {
  { "3", N_ ("3 Wrong Passwords") },
  { "5", N_ ("5 Wrong Passwords") },
  { "10", N_ ("10 Wrong Passwords") },
  { "20", N_ ("20 Wrong Passwords") },
  { "off", N_ ("Never") },
};

static const SpSettingChoice ban_time_choices[] = {
  { "60", NULL }, { "300", NULL }, { "1200", NULL }, { "3600", NULL }, { "86400", NULL },
};

static const SpSettingChoice session_choices[] = {
  { "1", N_ ("1") },   { "2", N_ ("2") },   { "5", N_ ("5") },
  { "10", N_ ("10") }, { "20", N_ ("20") }, { "off", N_ ("No Limit") },
};

static const SpSettingChoice idle_choices[] = {
  { "never", N_ ("Never") }, { "600", NULL },   { "1800", NULL },
  { "3600", NULL },          { "28800", NULL }, { "86400", NULL },
};

/* Rows that are chosen. */
static const struct
{
  const char *row;
  const SpSettingChoice *choices;
  guint n_choices;
  const char *custom_label; /* NULL: nothing is typed */
  const char *custom_row;
} choices[] = {
  { "udp", udp_choices, G_N_ELEMENTS (udp_choices), N_ ("On Another Port"), "udp_port" },
  { "routes", route_choices, G_N_ELEMENTS (route_choices), N_ ("Only These Networks"),
    "own_routes" },
  { "dns", dns_choices, G_N_ELEMENTS (dns_choices), N_ ("Other Servers"), "own_dns" },
  { "domains", domain_choices, G_N_ELEMENTS (domain_choices), N_ ("Others"), "own_domains" },
  { "range", range_choices, G_N_ELEMENTS (range_choices), N_ ("This Range"), "own_range" },
  { "ipv6", ipv6_choices, G_N_ELEMENTS (ipv6_choices), NULL, NULL },
  { "sign_in", sign_in_choices, G_N_ELEMENTS (sign_in_choices), NULL, NULL },
  { "name_gate", gate_choices, G_N_ELEMENTS (gate_choices), NULL, NULL },
  { "ban_tries", try_choices, G_N_ELEMENTS (try_choices), NULL, NULL },
  { "ban_time", ban_time_choices, G_N_ELEMENTS (ban_time_choices), NULL, NULL },
  { "sessions", session_choices, G_N_ELEMENTS (session_choices), NULL, NULL },
  { "idle", idle_choices, G_N_ELEMENTS (idle_choices), NULL, NULL },
};

/* What a word says that stands for a value the field shows nothing of. */
static const char *const words_for_fields[] = {
  "same", "off", "home", "all", "auto", "none", NULL
};

static gpointer
get_child (SpSettingsPage *page, const char *name)
{
  return gtk_widget_get_template_child (GTK_WIDGET (page), SP_TYPE_SETTINGS_PAGE, name);
}

/* Where the focus is, that is scrolled to. */
void
sp_settings_page_show (SpSettingsPage *page, const char *row)
{
  (void) gtk_widget_child_focus (get_child (page, row), GTK_DIR_TAB_FORWARD);
}

static void
bind_rows (SpSettingsPage *page)
{
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    sp_setting_entry_row_bind (get_child (page, entries[i]), page->settings);
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    sp_setting_switch_row_bind (get_child (page, switches[i]), page->settings);
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    sp_setting_choice_row_bind (get_child (page, choices[i].row), page->settings);
}

static void
fill_choices (SpSettingsPage *page)
{
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      SpSettingChoiceRow *row = get_child (page, choices[i].row);

      sp_setting_choice_row_set_choices (row, choices[i].choices, choices[i].n_choices);
      if (choices[i].custom_label == NULL)
        continue;
      sp_setting_entry_row_set_words (get_child (page, choices[i].custom_row), words_for_fields);
      sp_setting_choice_row_set_custom (row, _ (choices[i].custom_label),
                                        get_child (page, choices[i].custom_row));
    }
}

static void
on_choose_range (SpSettingsPage *page)
{
  g_autofree char *range =
      page->server != NULL ? sp_bus_server_dup_free_range (page->server) : NULL;

  if (range != NULL && range[0] != '\0')
    sp_setting_entry_row_propose (get_child (page, "own_range"), range);
}

static void
show_free_range (SpSettingsPage *page)
{
  g_autofree char *range =
      page->server != NULL ? sp_bus_server_dup_free_range (page->server) : NULL;

  adw_action_row_set_subtitle (page->free_range, range != NULL ? range : "");
  gtk_widget_set_sensitive (
      page->choose_range,
      range != NULL && range[0] != '\0' &&
          sp_server_connection_get_permission (page->connection, "configure") != SP_PERMISSION_NO);
}

static void
follow_server (SpSettingsPage *page)
{
  gboolean pam = sp_server_connection_has_feature (page->connection, "pam");

  if (page->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (page->server, page);
  g_set_object (&page->server, sp_server_connection_get_server (page->connection));
  if (page->server != NULL)
    (void) g_signal_connect_object (page->server, "notify::free-range",
                                    G_CALLBACK (show_free_range), page, G_CONNECT_SWAPPED);
  sp_setting_choice_row_set_choices (get_child (page, "sign_in"), sign_in_choices,
                                     G_N_ELEMENTS (sign_in_choices) - (pam ? 0 : 1));
  show_free_range (page);
}

/* A server that is found by its address cannot ask anybody for a name. */
static void
show_name_gate (SpSettingsPage *page)
{
  SpSetting *name = sp_setting_list_find (page->settings, "Name");
  SpSetting *gate = sp_setting_list_find (page->settings, "NameGate");
  const char *text = name != NULL ? sp_setting_get_value (name) : "";

  gtk_widget_set_visible (get_child (page, "name_gate"),
                          gate != NULL && ((text[0] != '\0' && !g_hostname_is_ip_address (text)) ||
                                           !g_str_equal (sp_setting_get_value (gate), "off")));
}

/* The list has them once the service described them. */
static void
follow_name (SpSettingsPage *page)
{
  static const char *const names[] = { "Name", "NameGate" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      SpSetting *setting = sp_setting_list_find (page->settings, names[i]);

      if (setting == NULL)
        continue;
      (void) g_signal_handlers_disconnect_by_func (setting, show_name_gate, page);
      (void) g_signal_connect_object (setting, "notify::value", G_CALLBACK (show_name_gate), page,
                                      G_CONNECT_SWAPPED);
    }
  show_name_gate (page);
}

static void
on_advanced (SpSettingsPage *page)
{
  sp_window_push (sp_window_of (GTK_WIDGET (page)), sp_advanced_page_new (page->settings));
}

static void
on_certificate (SpSettingsPage *page)
{
  sp_window_push (sp_window_of (GTK_WIDGET (page)), sp_certificate_page_new (page->connection));
}

static void
on_reinvite (SpSettingsPage *page)
{
  gtk_window_present (
      sp_reinvite_dialog_new (GTK_WINDOW (sp_window_of (GTK_WIDGET (page))), page->connection));
}

static void
show_reinvite (SpSettingsPage *page)
{
  gtk_widget_set_visible (GTK_WIDGET (page->reinvite), sp_reinvite_count (page->connection) > 0);
}

static void
show_certificate (SpSettingsPage *page)
{
  g_autoptr (SpBusCertificate) active = sp_certificate_page_find_active (page->connection);
  g_autofree char *names = active != NULL ? sp_certificate_page_describe_names (active) : NULL;
  g_autofree char *end = active != NULL ? sp_certificate_page_describe_end (active) : NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (page->certificate),
                                 names != NULL ? names : _ ("None Yet"));
  adw_action_row_set_subtitle (
      page->certificate, end != NULL ? end : _ ("The server makes one when it is first turned on"));
}

/* Which is in use is known by properties of each, so all are followed. */
static void
follow_certificates (SpSettingsPage *page)
{
  GListModel *all = G_LIST_MODEL (sp_server_connection_get_certificates (page->connection));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GObject) certificate = g_list_model_get_item (all, i);

      (void) g_signal_handlers_disconnect_by_func (certificate, show_certificate, page);
      (void) g_signal_connect_object (certificate, "notify", G_CALLBACK (show_certificate), page,
                                      G_CONNECT_SWAPPED);
    }
  show_certificate (page);
}

/* What is not the server's but the person's at this screen. */
static void
bind_preferences (SpSettingsPage *page)
{
  const GBindingFlags flags = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;
  GApplication *application = g_application_get_default ();
  SpPreferences *preferences;

  gtk_widget_set_visible (page->notifications, SP_HAS_NOTIFIER);
  if (!SP_IS_APPLICATION (application))
    return;
  preferences = sp_application_get_preferences (SP_APPLICATION (application));
  (void) g_object_bind_property (preferences, "notify-new-devices", page->new_devices, "active",
                                 flags);
  (void) g_object_bind_property (preferences, "notify-connections", page->connections, "active",
                                 flags);
  (void) g_object_bind_property (preferences, "notify-problems", page->problems, "active", flags);
}

void
sp_settings_page_set_connection (SpSettingsPage *page, SpServerConnection *connection)
{
  g_set_object (&page->connection, connection);
  g_clear_object (&page->settings);
  page->settings = sp_setting_list_new (connection);
  bind_rows (page);
  (void) g_signal_connect_object (page->settings, "items-changed", G_CALLBACK (follow_name), page,
                                  G_CONNECT_SWAPPED);
  follow_name (page);
  sp_boot_row_bind (page->boot, connection);
  sp_dynamic_dns_group_set_connection (page->dynamic_dns, connection);
  sp_backup_group_bind (page->backup, page->settings);
  sp_staged_bar_bind (page->staged, page->settings);
  g_clear_object (&page->checkpoint);
  page->checkpoint = sp_checkpoint_dialog_new (GTK_WIDGET (page), connection);
  (void) g_signal_connect_object (sp_server_connection_get_certificates (connection),
                                  "items-changed", G_CALLBACK (follow_certificates), page,
                                  G_CONNECT_SWAPPED);
  follow_certificates (page);
  (void) g_signal_connect_object (sp_server_connection_get_devices (connection), "items-changed",
                                  G_CALLBACK (show_reinvite), page, G_CONNECT_SWAPPED);
  show_reinvite (page);
  (void) g_signal_connect_object (connection, "notify::server", G_CALLBACK (follow_server), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show_free_range),
                                  page, G_CONNECT_SWAPPED);
  follow_server (page);
  bind_preferences (page);
}

static void
sp_settings_page_dispose (GObject *object)
{
  SpSettingsPage *page = SP_SETTINGS_PAGE (object);

  if (page->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (page->server, page);
  g_clear_object (&page->server);
  g_clear_object (&SP_SETTINGS_PAGE (object)->connection);
  g_clear_object (&SP_SETTINGS_PAGE (object)->settings);
  g_clear_object (&SP_SETTINGS_PAGE (object)->checkpoint);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_settings_page_parent_class)->dispose (object);
}

/* Children that tables name are looked up when they are needed. */
static void
bind_children (GtkWidgetClass *widget_class)
{
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    gtk_widget_class_bind_template_child_full (widget_class, entries[i], FALSE, 0);
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    gtk_widget_class_bind_template_child_full (widget_class, switches[i], FALSE, 0);
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      gtk_widget_class_bind_template_child_full (widget_class, choices[i].row, FALSE, 0);
      if (choices[i].custom_row != NULL)
        gtk_widget_class_bind_template_child_full (widget_class, choices[i].custom_row, FALSE, 0);
    }
}

static void
sp_settings_page_class_init (SpSettingsPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_settings_page_dispose;
  g_type_ensure (SP_TYPE_BACKUP_GROUP);
  g_type_ensure (SP_TYPE_BOOT_ROW);
  g_type_ensure (SP_TYPE_DYNAMIC_DNS_GROUP);
  g_type_ensure (SP_TYPE_SETTING_CHOICE_ROW);
  g_type_ensure (SP_TYPE_SETTING_ENTRY_ROW);
  g_type_ensure (SP_TYPE_SETTING_SWITCH_ROW);
  g_type_ensure (SP_TYPE_STAGED_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "settings-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, staged);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, reinvite);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, certificate);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, free_range);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, choose_range);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, backup);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, boot);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, dynamic_dns);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, notifications);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, new_devices);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, connections);
  gtk_widget_class_bind_template_child (widget_class, SpSettingsPage, problems);
  gtk_widget_class_bind_template_callback (widget_class, on_advanced);
  gtk_widget_class_bind_template_callback (widget_class, on_certificate);
  gtk_widget_class_bind_template_callback (widget_class, on_reinvite);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_range);
}

static void
sp_settings_page_init (SpSettingsPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
  fill_choices (page);
}
