/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reach-row.h"

#include "outside-wording.h"
#include "property-row.h"

#include <glib/gi18n.h>

struct _SpReachRow
{
  AdwExpanderRow parent_instance;
  SpPropertyRow *port;
  SpPropertyRow *computer;
  SpPropertyRow *router;
};

G_DEFINE_FINAL_TYPE (SpReachRow, sp_reach_row, ADW_TYPE_EXPANDER_ROW)

/* The first of the server's addresses that a router at home would forward to; new, or NULL. */
static char *
find_home_address (const char *const *urls)
{
  for (guint i = 0; urls != NULL && urls[i] != NULL; i++)
    {
      g_autoptr (GUri) uri = g_uri_parse (urls[i], G_URI_FLAGS_NONE, NULL);
      const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
      g_autoptr (GInetAddress) address =
          host != NULL ? g_inet_address_new_from_string (host) : NULL;

      if (address != NULL && g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4 &&
          g_inet_address_get_is_site_local (address))
        return g_strdup (host);
    }
  return NULL;
}

/* "443, for TCP and for UDP": what the router has to forward; new. */
static char *
describe_ports (SpBusServer *server)
{
  guint port = sp_bus_server_get_port (server);
  guint udp_port = sp_bus_server_get_udp_port (server);
  g_auto (GStrv) features = sp_bus_server_dup_features (server);

  /* One that does not tell has the same for both. */
  if (features == NULL || !g_strv_contains ((const char *const *) features, "surroundings") ||
      port == udp_port)
    return g_strdup_printf (_ ("%u, for TCP and for UDP"), port);
  if (udp_port == 0)
    return g_strdup_printf (_ ("%u, for TCP"), port);
  return g_strdup_printf (_ ("%u for TCP, %u for UDP"), port, udp_port);
}

static void
show_mapping (SpReachRow *row, SpBusServer *server)
{
  g_autoptr (GVariant) mapping = sp_bus_server_dup_port_mapping (server);
  const char *title;
  g_autofree char *text = sp_outside_describe_mapping (mapping, &title);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), text);
}

void
sp_reach_row_set_server (SpReachRow *row, SpBusServer *server)
{
  guint port = sp_bus_server_get_port (server);
  g_auto (GStrv) urls = sp_bus_server_dup_urls (server);
  g_autofree char *address = find_home_address ((const char *const *) urls);
  g_autofree char *digits = g_strdup_printf ("%u", port);
  g_autofree char *shown = describe_ports (server);

  show_mapping (row, server);
  gtk_widget_set_visible (GTK_WIDGET (row), port != 0);
  g_object_set (row->port, "shown", shown, NULL);
  sp_property_row_set_value (row->port, digits);
  sp_property_row_set_value (row->computer, address);
  sp_property_row_set_value (row->router, sp_bus_server_get_router (server));
}

static void
sp_reach_row_class_init (SpReachRowClass *class)
{
}

static GtkWidget *
create_help_row (void)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("How This Is Done"));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("help-browser-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (row), "app.help::cannot-connect");
  return row;
}

static void
sp_reach_row_init (SpReachRow *row)
{
  AdwExpanderRow *expander = ADW_EXPANDER_ROW (row);

  row->port = SP_PROPERTY_ROW (sp_property_row_new (_ ("Port"), NULL));
  row->computer = SP_PROPERTY_ROW (sp_property_row_new (_ ("Forward To"), NULL));
  row->router = SP_PROPERTY_ROW (sp_property_row_new (_ ("Router"), NULL));
  adw_expander_row_add_row (expander, GTK_WIDGET (row->port));
  adw_expander_row_add_row (expander, GTK_WIDGET (row->computer));
  adw_expander_row_add_row (expander, GTK_WIDGET (row->router));
  adw_expander_row_add_row (expander, create_help_row ());
}
