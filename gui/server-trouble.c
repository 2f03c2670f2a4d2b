/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-trouble.h"

#include "base/names.h"
#include "bus/error.h"
#include "failure.h"
#include "window.h"

#include <glib/gi18n.h>

#define OTHER_PORT  8443
#define THIRD_PORT  9443
#define CERTIFICATE SP_BUS_CERTIFICATES_PATH "/own"

typedef struct
{
  SpServerConnection *connection;
  SpWindow *window;
} Repair;

static void
free_repair (Repair *repair)
{
  g_object_unref (repair->connection);
  g_object_unref (repair->window);
  g_free (repair);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Repair, free_repair)

static GVariant *
no_options (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Repair) repair = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_start_finish (SP_BUS_SERVER (source), result, &error))
    sp_failure_show (GTK_WIDGET (repair->window), _ ("The server could not be turned on"), error);
}

/* Takes the repair. */
static void
start (Repair *repair)
{
  sp_bus_server_call_start (sp_server_connection_get_server (repair->connection), no_options (),
                            SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_started, repair);
}

static void
on_setting_changed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Repair) repair = data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) restart = NULL;

  if (sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), &restart, result, &error))
    start (g_steal_pointer (&repair));
  else
    sp_failure_show (GTK_WIDGET (repair->window), _ ("The setting could not be changed"), error);
}

/* Takes the repair; both variants may be floating. */
static void
change_settings (Repair *repair, GVariant *changes, GVariant *options)
{
  sp_bus_settings_call_update (sp_server_connection_get_settings (repair->connection), changes,
                               options, SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_setting_changed,
                               repair);
}

static guint
find_other_port (SpServerConnection *connection)
{
  SpBusSettings *settings = sp_server_connection_get_settings (connection);

  return sp_bus_settings_get_port (settings) == OTHER_PORT ? THIRD_PORT : OTHER_PORT;
}

static void
use_other_port (Repair *repair)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", "Port",
                         g_variant_new_uint32 (find_other_port (repair->connection)));
  change_settings (repair, g_variant_builder_end (&changes), no_options ());
}

static void
choose_free_range (Repair *repair)
{
  const char *const names[] = { "Ipv4Range" };
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&options, "{sv}", "reset",
                         g_variant_new_strv (names, G_N_ELEMENTS (names)));
  change_settings (repair, no_options (), g_variant_builder_end (&options));
}

static void
on_certificate_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Repair) repair = data;
  g_autoptr (GError) error = NULL;

  if (sp_bus_certificate_call_activate_finish (SP_BUS_CERTIFICATE (source), result, &error))
    start (g_steal_pointer (&repair));
  else
    sp_failure_show (GTK_WIDGET (repair->window), _ ("The certificate could not be used"), error);
}

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Repair) repair = data;
  g_autoptr (GError) error = NULL;

  if (sp_bus_certificate_call_renew_finish (SP_BUS_CERTIFICATE (source), result, &error))
    start (g_steal_pointer (&repair));
  else
    sp_failure_show (GTK_WIDGET (repair->window), _ ("No certificate could be made"), error);
}

static void
use_own_certificate (Repair *repair)
{
  SpBusCertificate *own =
      sp_object_list_find (sp_server_connection_get_certificates (repair->connection), CERTIFICATE);

  if (own == NULL)
    start (repair);
  else if (sp_bus_certificate_get_active (own))
    sp_bus_certificate_call_renew (own, no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                                   on_renewed, repair);
  else
    sp_bus_certificate_call_activate (own, no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                                      on_certificate_done, repair);
}

static void
explain_tunnel (Repair *repair)
{
  G_GNUC_UNUSED g_autoptr (Repair) taken = repair;
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (repair->window), _ ("Make the Tunnel Device Available"),
      _ ("Load the kernel’s module with “sudo modprobe tun”, then turn the server on again.\n\n"
         "In a container, its host has to hand in /dev/net/tun."));

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
show_log (Repair *repair)
{
  G_GNUC_UNUSED g_autoptr (Repair) taken = repair;

  sp_window_show_log (repair->window);
}

static void
allow_forwarding (Repair *repair)
{
  G_GNUC_UNUSED g_autoptr (Repair) taken = repair;
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (repair->window), _ ("Let This System Forward Packets"),
      _ ("Something on this computer keeps the server from switching forwarding on: a container, "
         "or "
         "a read-only /proc/sys.\n\nSet net.ipv4.ip_forward to 1 where that is allowed, then turn "
         "the server on again."));

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

/* By the end of the error's name; the last one is for all others.  "%u" is a port: in the title
 * that of the settings, on the button another. */
static const struct
{
  const char *error;
  const char *title;
  const char *button;
  void (*mend) (Repair *repair);
} troubles[] = {
  { "PortInUse", N_ ("Port %u is already used by another program"), N_ ("Use Port %u _Instead"),
    use_other_port },
  { "NoTun", N_ ("The network tunnel device is not available"), N_ ("Show How to _Fix"),
    explain_tunnel },
  { "AddressConflict", N_ ("The VPN’s addresses overlap with your home network"),
    N_ ("Choose a _Free Range"), choose_free_range },
  { "ForwardingBlocked", N_ ("This computer does not let devices reach your home network"),
    N_ ("Show How to _Fix"), allow_forwarding },
  { "CertificateInvalid", N_ ("The certificate cannot be used"), N_ ("Create a _New One"),
    use_own_certificate },
  { NULL, N_ ("Something unexpected went wrong"), N_ ("Show _Log"), show_log },
};

static guint
find_trouble (const char *name)
{
  guint i = 0;

  while (troubles[i].error != NULL &&
         !(g_str_has_prefix (name, SP_BUS_ERROR_PREFIX) &&
           g_str_equal (name + strlen (SP_BUS_ERROR_PREFIX), troubles[i].error)))
    i++;
  return i;
}

static char *
fill_port (const char *text, guint port)
{
  g_autofree char *digits = g_strdup_printf ("%u", port);
  g_auto (GStrv) parts = g_strsplit (text, "%u", 2);

  return g_strjoinv (digits, parts);
}

SpServerTrouble *
sp_server_trouble_new (SpServerConnection *connection)
{
  SpBusSettings *settings = sp_server_connection_get_settings (connection);
  g_autoptr (GVariant) last =
      sp_bus_server_dup_last_error (sp_server_connection_get_server (connection));
  const char *name;
  const char *message;
  SpServerTrouble *trouble;
  guint i;

  if (last == NULL)
    return NULL;
  g_variant_get_child (last, 0, "&s", &name);
  g_variant_get_child (last, 1, "&s", &message);
  if (name[0] == '\0')
    return NULL;
  i = find_trouble (name);
  trouble = g_new0 (SpServerTrouble, 1);
  trouble->title = fill_port (_ (troubles[i].title), sp_bus_settings_get_port (settings));
  trouble->button = fill_port (_ (troubles[i].button), find_other_port (connection));
  trouble->details = g_strdup (message);
  return trouble;
}

void
sp_server_trouble_free (SpServerTrouble *trouble)
{
  g_free (trouble->title);
  g_free (trouble->details);
  g_free (trouble->button);
  g_free (trouble);
}

void
sp_server_trouble_mend (SpServerConnection *connection, GtkWidget *near)
{
  g_autoptr (GVariant) last =
      sp_bus_server_dup_last_error (sp_server_connection_get_server (connection));
  SpWindow *window = sp_window_of (near);
  const char *name = "";
  Repair *repair;

  if (window == NULL)
    return;
  if (last != NULL)
    g_variant_get_child (last, 0, "&s", &name);
  repair = g_new0 (Repair, 1);
  repair->connection = g_object_ref (connection);
  repair->window = g_object_ref (window);
  troubles[find_trouble (name)].mend (repair);
}
