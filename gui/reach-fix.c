/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reach-fix.h"

#include "outside-wording.h"
#include "window.h"

#include <glib/gi18n.h>

#define USUAL_PORT 443
#define OTHER_PORT 8443

/* --- the provider --- */

/* Empty: nothing shows it. */
static char *
describe_addresses (GVariant *details)
{
  const char *outside = NULL;
  const char *seen = NULL;

  (void) g_variant_lookup (details, "Outside", "&s", &outside);
  (void) g_variant_lookup (details, "Seen", "&s", &seen);
  if (outside != NULL && seen != NULL && !g_str_equal (outside, seen))
    /* Translators: two addresses; a part of a letter to an internet provider. */
    return g_strdup_printf (_ ("My router has the address %s, and others see %s.\n"), outside,
                            seen);
  if (outside != NULL)
    /* Translators: an address; a part of a letter to an internet provider. */
    return g_strdup_printf (_ ("My router has the address %s.\n"), outside);
  return g_strdup ("");
}

static char *
write_letter (GVariant *details)
{
  g_autofree char *addresses = describe_addresses (details);

  /* Translators: a letter to an internet provider; in its midst a sentence of its own. */
  return g_strdup_printf (
      _ ("Hello,\n\nI want to reach a computer at home from outside, and nobody can call in over "
         "IPv4: my connection seems to share its public address with others (CGNAT or "
         "DS-Lite).\n%s\nPlease give my connection a public IPv4 address of its own. It may "
         "change. If you cannot, please tell me whether devices outside can reach mine over "
         "IPv6.\n\nThank you"),
      addresses);
}

/* The text belongs to the button. */
static void
copy_letter (GtkWidget *button)
{
  SpWindow *window = sp_window_of (button);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (button),
                          g_object_get_data (G_OBJECT (button), "letter"));
  if (window != NULL)
    sp_window_say (window, _ ("Copied"));
}

GtkWidget *
sp_reach_fix_new_letter (GVariant *details)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Copy Text for My Provider"));

  g_object_set_data_full (G_OBJECT (button), "letter", write_letter (details), g_free);
  (void) g_signal_connect (button, "clicked", G_CALLBACK (copy_letter), NULL);
  return button;
}

/* --- the help --- */

GtkWidget *
sp_reach_fix_new_help (void)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("How This Is Done"));

  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), "app.help::cannot-connect");
  return button;
}

/* --- another port --- */

static gboolean
says (GVariant *details, const char *key, const char *word)
{
  const char *text = "";

  (void) g_variant_lookup (details, key, "&s", &text);
  return g_str_equal (text, word);
}

const char *
sp_reach_fix_describe_port (GVariant *details)
{
  return says (details, "Verdict", "port-closed")
             ? _ ("Something before this computer does not let the port through, though its "
                  "address is public. Some providers block the usual port and no other")
             : sp_outside_describe_part (details);
}

guint
sp_reach_fix_find_port (SpBusServer *server, GVariant *details)
{
  gboolean port = says (details, "Verdict", "port-closed") || says (details, "Reason", "taken");

  return port && sp_bus_server_get_port (server) == USUAL_PORT ? OTHER_PORT : 0;
}

GVariant *
sp_reach_fix_change_port (guint port)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", "Port", g_variant_new_uint32 (port));
  return g_variant_builder_end (&changes);
}
