/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dynamic-dns-dialog.h"

#include "base/names.h"
#include "client/sealed-text.h"
#include "combo-row.h"
#include "failure.h"
#include "password-row.h"
#include "settings-update.h"
#include "user-change.h"

#include <glib/gi18n.h>

struct _SpDynamicDnsDialog
{
  AdwWindow parent_instance;
  GtkWidget *content;
  GtkWidget *next;
  AdwComboRow *way;
  AdwEntryRow *name;
  GtkWidget *provider;
  AdwEntryRow *url;
  AdwEntryRow *account;
  AdwEntryRow *password;
  GtkWidget *zone_group;
  AdwEntryRow *server_row;
  AdwEntryRow *zone;
  AdwEntryRow *key;
  AdwComboRow *algorithm;
  AdwEntryRow *secret;
  AdwEntryRow *check;
  GtkLabel *problem;

  SpServerConnection *connection;
  guint step;    /* of what is done by the button */
  gboolean busy; /* with one */
  char *paused;  /* the mode that the server had when it was told to wait; NULL: it was not */
};

G_DEFINE_FINAL_TYPE (SpDynamicDnsDialog, sp_dynamic_dns_dialog, ADW_TYPE_WINDOW)

/* In the order of the choices, as the settings call them. */
enum
{
  DYNDNS2,
  URL,
  ZONE,
  N_WAYS
};
static const char *const modes[N_WAYS] = { "dyndns2", "url", "rfc2136" };
static const char *const algorithms[] = { "hmac-sha256", "hmac-sha384", "hmac-sha512" };

static SpBusSettings *
get_settings (SpDynamicDnsDialog *dialog)
{
  return sp_server_connection_get_settings (dialog->connection);
}

static SpBusServer *
get_server (SpDynamicDnsDialog *dialog)
{
  return sp_server_connection_get_server (dialog->connection);
}

/* --- what was chosen --- */

static guint
get_way (SpDynamicDnsDialog *dialog)
{
  return MIN (adw_combo_row_get_selected (dialog->way), N_WAYS - 1);
}

static char *
read_row (AdwEntryRow *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static AdwEntryRow *
get_secret_row (SpDynamicDnsDialog *dialog)
{
  return get_way (dialog) == ZONE ? dialog->secret : dialog->password;
}

static gboolean
is_secret_typed (SpDynamicDnsDialog *dialog)
{
  return gtk_editable_get_text (GTK_EDITABLE (get_secret_row (dialog)))[0] != '\0';
}

static gboolean
has_secret (SpDynamicDnsDialog *dialog)
{
  g_autoptr (GVariant) dns = sp_bus_server_dup_dynamic_dns (get_server (dialog));
  gboolean has = FALSE;

  if (dns != NULL)
    (void) g_variant_lookup (dns, get_way (dialog) == ZONE ? "HasKey" : "HasPassword", "b", &has);
  return has;
}

/* Whether another provider would be shown the password of the one before.  The secret of a key goes
 * nowhere. */
static gboolean
is_elsewhere (SpDynamicDnsDialog *dialog)
{
  g_autofree char *url = read_row (dialog->url);

  return get_way (dialog) != ZONE &&
         g_strcmp0 (url, sp_bus_settings_get_dynamic_dns_url (get_settings (dialog))) != 0;
}

static void
add_text (GVariantBuilder *choice, const char *key, const char *text)
{
  g_variant_builder_add (choice, "{sv}", key, g_variant_new_string (text));
}

static void
add_row (GVariantBuilder *choice, const char *key, AdwEntryRow *row)
{
  g_autofree char *text = read_row (row);

  add_text (choice, key, text);
}

static void
add_place (SpDynamicDnsDialog *dialog, GVariantBuilder *choice)
{
  if (get_way (dialog) != ZONE)
    {
      add_row (choice, "DynamicDnsUrl", dialog->url);
      add_row (choice, "DynamicDnsUser", dialog->account);
      return;
    }
  add_row (choice, "DnsUpdateServer", dialog->server_row);
  add_row (choice, "DnsUpdateZone", dialog->zone);
  add_row (choice, "DnsUpdateKey", dialog->key);
  add_text (choice, "DnsUpdateAlgorithm",
            algorithms[adw_combo_row_get_selected (dialog->algorithm)]);
}

/* Floating.  The server's own name is not written a second time, so that it may change. */
static GVariant *
describe_choice (SpDynamicDnsDialog *dialog)
{
  GVariantBuilder choice = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *name = read_row (dialog->name);
  const char *own = sp_bus_settings_get_name (get_settings (dialog));

  add_text (&choice, "DynamicDnsMode", modes[get_way (dialog)]);
  add_text (&choice, "DynamicDnsHost", g_strcmp0 (name, own) == 0 ? "" : name);
  add_row (&choice, "AddressCheckUrl", dialog->check);
  add_place (dialog, &choice);
  return g_variant_builder_end (&choice);
}

static gboolean
is_filled (AdwEntryRow *row)
{
  g_autofree char *text = read_row (row);

  return text[0] != '\0';
}

static gboolean
is_whole (SpDynamicDnsDialog *dialog)
{
  g_autofree char *url = read_row (dialog->url);
  gboolean has_url = g_str_has_prefix (url, "https://");
  gboolean secret = is_secret_typed (dialog) || (has_secret (dialog) && !is_elsewhere (dialog));

  switch (get_way (dialog))
    {
      case DYNDNS2:
        return has_url && secret && is_filled (dialog->name) && is_filled (dialog->account);
      case URL:
        return has_url;
      default:
        return secret && is_filled (dialog->name) && is_filled (dialog->server_row) &&
               is_filled (dialog->zone) && is_filled (dialog->key);
    }
}

/* --- what the button does --- */

static void
show_busy (SpDynamicDnsDialog *dialog, gboolean busy)
{
  dialog->busy = busy;
  gtk_widget_set_sensitive (dialog->content, !busy);
  gtk_widget_set_sensitive (dialog->next, !busy && is_whole (dialog));
}

/* Consumes the changes. */
static void
update (SpDynamicDnsDialog *dialog, GVariant *changes, GAsyncReadyCallback answered)
{
  sp_settings_update (get_settings (dialog), changes, answered, g_object_ref (dialog));
}

/* Floating. */
static GVariant *
describe_mode (const char *mode)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_text (&changes, "DynamicDnsMode", mode);
  return g_variant_builder_end (&changes);
}

static void
give_up (SpDynamicDnsDialog *dialog, const GError *error)
{
  g_autofree char *reason = sp_failure_describe (error);

  if (dialog->paused != NULL)
    sp_settings_put_back (GTK_WIDGET (dialog), get_settings (dialog),
                          describe_mode (dialog->paused));
  g_clear_pointer (&dialog->paused, g_free);
  gtk_label_set_label (dialog->problem, reason);
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), TRUE);
  show_busy (dialog, FALSE);
}

static void go_on (SpDynamicDnsDialog *dialog);

static void
take_answer (SpDynamicDnsDialog *dialog, const GError *error)
{
  if (dialog->connection == NULL)
    return; /* its window is gone */
  if (error != NULL)
    give_up (dialog, error);
  else
    go_on (dialog);
}

static void
on_changed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpDynamicDnsDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result, &error);
  take_answer (dialog, error);
}

static void
on_secret_set (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpDynamicDnsDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_set_dynamic_dns_password_finish (SP_BUS_SERVER (source), NULL, result,
                                                             &error);
  take_answer (dialog, error);
}

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpDynamicDnsDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_forget_dynamic_dns_password_finish (SP_BUS_SERVER (source), result,
                                                                &error);
  take_answer (dialog, error);
}

/* Each step returns whether there is something to wait for. */

/* A secret is told at once whoever is in the settings: nobody, until they say for whom it is. */
static gboolean
pause_telling (SpDynamicDnsDialog *dialog)
{
  const char *mode = sp_bus_settings_get_dynamic_dns_mode (get_settings (dialog));

  if (g_strcmp0 (mode, "off") == 0 || (!is_secret_typed (dialog) && !is_elsewhere (dialog)))
    return FALSE;
  dialog->paused = g_strdup (mode);
  update (dialog, describe_mode ("off"), on_changed);
  return TRUE;
}

/* Floating. */
static GVariant *
describe_kind (SpDynamicDnsDialog *dialog)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (get_way (dialog) == ZONE)
    add_text (&options, "kind", "key");
  return g_variant_builder_end (&options);
}

static gboolean
hand_over (SpDynamicDnsDialog *dialog)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;

  if (!is_secret_typed (dialog))
    {
      if (!is_elsewhere (dialog) || !has_secret (dialog))
        return FALSE;
      sp_bus_server_call_forget_dynamic_dns_password (get_server (dialog), sp_no_options (),
                                                      SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                                                      on_forgotten, g_object_ref (dialog));
      return TRUE;
    }
  descriptors =
      sp_sealed_text_write (gtk_editable_get_text (GTK_EDITABLE (get_secret_row (dialog))), &error);
  if (descriptors == NULL)
    give_up (dialog, error);
  else
    sp_bus_server_call_set_dynamic_dns_password (
        get_server (dialog), g_variant_new_handle (0), describe_kind (dialog), SP_CALL_FLAGS,
        SP_CALL_TIMEOUT, descriptors, NULL, on_secret_set, g_object_ref (dialog));
  return TRUE;
}

static gboolean
save (SpDynamicDnsDialog *dialog)
{
  update (dialog, describe_choice (dialog), on_changed);
  return TRUE;
}

static void
go_on (SpDynamicDnsDialog *dialog)
{
  static gboolean (*const steps[]) (SpDynamicDnsDialog *) = { pause_telling, hand_over, save };

  if (get_server (dialog) == NULL || get_settings (dialog) == NULL)
    {
      show_busy (dialog, FALSE); /* the service is gone, which its window says */
      return;
    }
  while (dialog->step < G_N_ELEMENTS (steps))
    if (steps[dialog->step++](dialog))
      return;
  show_busy (dialog, FALSE);
  gtk_window_close (GTK_WINDOW (dialog));
}

static void
on_next (SpDynamicDnsDialog *dialog)
{
  dialog->step = 0;
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), FALSE);
  show_busy (dialog, TRUE);
  go_on (dialog);
}

/* What is begun comes to its end: in between the server tells nobody. */
static gboolean
on_close (SpDynamicDnsDialog *dialog)
{
  return dialog->busy;
}

/* --- the questions --- */

static void
show_secret (SpDynamicDnsDialog *dialog)
{
  gboolean stays = has_secret (dialog) && !is_elsewhere (dialog);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (dialog->password),
                                 stays ? _ ("Password There (Empty: It Stays)")
                                       : _ ("Password There"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (dialog->secret),
                                 stays ? _ ("Its Secret, in Base64 (Empty: It Stays)")
                                       : _ ("Its Secret, in Base64"));
}

static void
on_typed (SpDynamicDnsDialog *dialog)
{
  if (dialog->connection == NULL || get_server (dialog) == NULL || get_settings (dialog) == NULL)
    return; /* it is being made, or the service is gone */
  gtk_widget_set_visible (dialog->provider, get_way (dialog) != ZONE);
  gtk_widget_set_visible (dialog->zone_group, get_way (dialog) == ZONE);
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (dialog->provider),
      get_way (dialog) == URL ? _ ("In the address, {name}, {ip}, {ip6} and {password} stand for "
                                   "what they say.")
                              : NULL);
  show_secret (dialog);
  gtk_widget_set_sensitive (dialog->next, !dialog->busy && is_whole (dialog));
}

static guint
find_text (const char *const *texts, guint n, const char *text)
{
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (texts[i], text) == 0)
      return i;
  return 0;
}

static void
fill_row (AdwEntryRow *row, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (row), text != NULL ? text : "");
}

/* What the settings say already. */
static void
fill_in (SpDynamicDnsDialog *dialog)
{
  SpBusSettings *settings = get_settings (dialog);
  const char *host = sp_bus_settings_get_dynamic_dns_host (settings);
  const char *own = sp_bus_settings_get_name (settings);

  adw_combo_row_set_selected (
      dialog->way, find_text (modes, N_WAYS, sp_bus_settings_get_dynamic_dns_mode (settings)));
  adw_combo_row_set_selected (dialog->algorithm,
                              find_text (algorithms, G_N_ELEMENTS (algorithms),
                                         sp_bus_settings_get_dns_update_algorithm (settings)));
  fill_row (dialog->name, host != NULL && host[0] != '\0'                  ? host
                          : own != NULL && !g_hostname_is_ip_address (own) ? own
                                                                           : "");
  fill_row (dialog->url, sp_bus_settings_get_dynamic_dns_url (settings));
  fill_row (dialog->account, sp_bus_settings_get_dynamic_dns_user (settings));
  fill_row (dialog->server_row, sp_bus_settings_get_dns_update_server (settings));
  fill_row (dialog->zone, sp_bus_settings_get_dns_update_zone (settings));
  fill_row (dialog->key, sp_bus_settings_get_dns_update_key (settings));
  fill_row (dialog->check, sp_bus_settings_get_address_check_url (settings));
}

/* --- life --- */

GtkWindow *
sp_dynamic_dns_dialog_new (GtkWindow *parent, SpServerConnection *connection)
{
  SpDynamicDnsDialog *dialog =
      g_object_new (SP_TYPE_DYNAMIC_DNS_DIALOG, "transient-for", parent, NULL);

  dialog->connection = g_object_ref (connection);
  fill_in (dialog);
  on_typed (dialog);
  return GTK_WINDOW (dialog);
}

static void
sp_dynamic_dns_dialog_dispose (GObject *object)
{
  SpDynamicDnsDialog *dialog = SP_DYNAMIC_DNS_DIALOG (object);

  g_clear_object (&dialog->connection);
  g_clear_pointer (&dialog->paused, g_free);
  G_OBJECT_CLASS (sp_dynamic_dns_dialog_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SP_RESOURCE_PATH "dynamic-dns-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, content);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, next);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, way);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, name);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, provider);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, url);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, account);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, password);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, zone_group);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, server_row);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, zone);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, key);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, algorithm);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, secret);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, check);
  gtk_widget_class_bind_template_child (widget_class, SpDynamicDnsDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_typed);
  gtk_widget_class_bind_template_callback (widget_class, on_next);
  gtk_widget_class_bind_template_callback (widget_class, on_close);
}

static void
sp_dynamic_dns_dialog_class_init (SpDynamicDnsDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_dynamic_dns_dialog_dispose;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  bind_template (widget_class);
}

static void
sp_dynamic_dns_dialog_init (SpDynamicDnsDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
  sp_combo_row_show_whole (dialog->way);
  sp_combo_row_show_whole (dialog->algorithm);
  sp_password_row_mend (ADW_PASSWORD_ENTRY_ROW (dialog->password));
  sp_password_row_mend (ADW_PASSWORD_ENTRY_ROW (dialog->secret));
}
