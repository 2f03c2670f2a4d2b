/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-menu.h"

#include "remote-server.h"
#include "remote/computer-list.h"
#include "window.h"

#include <glib/gi18n.h>

#define NAME_CHARS_MAX 10 /* so that the views fit beside it */

struct _SpServerMenu
{
  AdwBin parent_instance;
  GtkMenuButton *button;
  GtkLabel *name;
  SpServerConnection *connection;
};

G_DEFINE_FINAL_TYPE (SpServerMenu, sp_server_menu, ADW_TYPE_BIN)

/* Of a computer that has a window, or has none. */
static const char *
describe_state (SpServerConnection *connection)
{
  static const char *const texts[] = {
    [SP_CONNECTION_LOADING] = N_ ("connecting"), [SP_CONNECTION_ABSENT] = N_ ("no server"),
    [SP_CONNECTION_FAILED] = N_ ("not reached"), [SP_CONNECTION_OUTDATED] = N_ ("too old"),
    [SP_CONNECTION_DENIED] = N_ ("not allowed"), [SP_CONNECTION_LOST] = N_ ("reconnecting"),
    [SP_CONNECTION_READY] = N_ ("connected"),
  };

  return connection != NULL ? _ (texts[sp_server_connection_get_state (connection)])
                            : _ ("not connected");
}

/* An underscore would be a mnemonic. */
static char *
escape (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "_", -1);

  return g_strjoinv ("__", parts);
}

static void
add_computer (GMenu *menu,
              GHashTable *known,
              const char *address,
              const char *name,
              SpServerConnection *connection)
{
  g_autofree char *escaped = escape (name);
  /* Translators: a computer, and what is known of it: "attic — connected". */
  g_autofree char *label = g_strdup_printf (_ ("%s — %s"), escaped, describe_state (connection));
  g_autoptr (GMenuItem) item = NULL;

  if (!g_hash_table_add (known, g_strdup (address)))
    return;
  item = g_menu_item_new (label, NULL);
  g_menu_item_set_action_and_target (item, "win.computer", "s", address);
  g_menu_append_item (menu, item);
}

static void
add_windows (GMenu *menu, GHashTable *known)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());

  for (GList *link = gtk_application_get_windows (application); link != NULL; link = link->next)
    if (SP_IS_WINDOW (link->data))
      {
        SpServerConnection *connection = sp_window_get_connection (SP_WINDOW (link->data));
        g_autofree char *address = sp_remote_server_get_address (connection);
        const char *name =
            address[0] != '\0' ? address : sp_server_connection_get_name (connection);

        add_computer (menu, known, address, name, connection);
      }
}

static void
add_recent (GMenu *menu, GHashTable *known)
{
  g_autofree char *path = sp_remote_server_get_list_path ();
  g_autoptr (GPtrArray) computers = sp_computer_list_read (path);

  add_computer (menu, known, "", g_get_host_name (), NULL);
  for (guint i = 0; i < computers->len; i++)
    {
      const SpComputer *computer = computers->pdata[i];

      add_computer (menu, known, computer->address, computer->address, NULL);
    }
}

/* Made anew each time: other windows come and go. */
static void
fill (GtkMenuButton *button, gpointer data)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) computers = g_menu_new ();
  g_autoptr (GMenu) more = g_menu_new ();
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  add_windows (computers, known);
  add_recent (computers, known);
  g_menu_append (more, _ ("Connect to Another _Computer…"), "app.connect");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (computers));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (more));
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
}

void
sp_server_menu_popup (SpServerMenu *menu)
{
  gtk_menu_button_popup (menu->button);
}

void
sp_server_menu_set_connection (SpServerMenu *menu, SpServerConnection *connection)
{
  const char *name = sp_server_connection_get_name (connection);
  /* Translators: a computer's name. */
  g_autofree char *label = g_strdup_printf (_ ("Server: %s"), name);

  g_set_object (&menu->connection, connection);
  gtk_label_set_label (menu->name, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (menu->button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (menu->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
}

static void
sp_server_menu_dispose (GObject *object)
{
  g_clear_object (&SP_SERVER_MENU (object)->connection);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_server_menu_parent_class)->dispose (object);
}

static void
sp_server_menu_class_init (SpServerMenuClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_server_menu_dispose;
}

/* The name where it fits, else a picture; the button has it as its tooltip anyway. */
static GtkWidget *
create_content (SpServerMenu *menu)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *face = adw_squeezer_new ();

  menu->name = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (menu->name, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (menu->name, NAME_CHARS_MAX);
  adw_squeezer_add (ADW_SQUEEZER (face), GTK_WIDGET (menu->name));
  adw_squeezer_add (ADW_SQUEEZER (face), gtk_image_new_from_icon_name ("computer-symbolic"));
  adw_squeezer_set_homogeneous (ADW_SQUEEZER (face), FALSE);
  adw_squeezer_set_switch_threshold_policy (ADW_SQUEEZER (face), ADW_FOLD_THRESHOLD_POLICY_NATURAL);
  gtk_box_append (GTK_BOX (box), face);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("pan-down-symbolic"));
  return box;
}

static void
sp_server_menu_init (SpServerMenu *menu)
{
  GtkWidget *button = gtk_menu_button_new ();

  menu->button = GTK_MENU_BUTTON (button);
  gtk_widget_add_css_class (button, "flat");
  gtk_menu_button_set_child (menu->button, create_content (menu));
  gtk_menu_button_set_create_popup_func (menu->button, fill, NULL, NULL);
  adw_bin_set_child (ADW_BIN (menu), button);
}
