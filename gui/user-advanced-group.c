/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-advanced-group.h"

#include "peek-icon.h"
#include "user-change.h"

#include <glib/gi18n.h>

/* Lists of texts, as they are called on the bus and as properties. */
static const struct
{
  const char *key;
  const char *property;
  const char *title;
} values[] = {
  { "Routes", "routes", N_ ("Routes") },
  { "ExcludedRoutes", "excluded-routes", N_ ("Not Through the Tunnel") },
  { "Dns", "dns", N_ ("Name Servers") },
  { "Domains", "domains", N_ ("Search Domains") },
  { "FixedAddresses", "fixed-addresses", N_ ("Fixed Addresses") },
  { "NetworksBehind", "networks-behind", N_ ("Networks Behind the Device") },
};

#define N_VALUES G_N_ELEMENTS (values)

struct _SpUserAdvancedGroup
{
  AdwPreferencesGroup parent_instance;
  AdwEntryRow *rows[N_VALUES];
  guint asked; /* which row's value was sent last */
  SpBusUser *user;
};

G_DEFINE_FINAL_TYPE (SpUserAdvancedGroup, sp_user_advanced_group, ADW_TYPE_PREFERENCES_GROUP)

static gboolean
is_being_edited (AdwEntryRow *row)
{
  return gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (row))));
}

static void
show_value (SpUserAdvancedGroup *group, guint i)
{
  g_auto (GStrv) texts = NULL;
  g_autofree char *text = NULL;

  g_object_get (group->user, values[i].property, &texts, NULL);
  text = texts != NULL ? g_strjoinv (", ", texts) : g_strdup ("");
  gtk_editable_set_text (GTK_EDITABLE (group->rows[i]), text);
  gtk_widget_remove_css_class (GTK_WIDGET (group->rows[i]), "error");
}

static void
show_user (SpUserAdvancedGroup *group)
{
  for (guint i = 0; i < N_VALUES; i++)
    if (!is_being_edited (group->rows[i]))
      show_value (group, i);
}

/* A refusal leaves what was typed, to be mended. */
static void
on_answered (GtkWidget *near, gboolean done)
{
  SpUserAdvancedGroup *group = SP_USER_ADVANCED_GROUP (near);

  if (group->user != NULL && done)
    show_value (group, group->asked);
  else
    gtk_widget_add_css_class (GTK_WIDGET (group->rows[group->asked]), "error");
}

static void
on_changed (AdwEntryRow *row)
{
  gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
}

static void
on_apply (AdwEntryRow *row, SpUserAdvancedGroup *group)
{
  g_auto (GStrv) words = g_strsplit_set (gtk_editable_get_text (GTK_EDITABLE (row)), " ,;", -1);
  GVariantBuilder texts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);

  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_variant_builder_add (&texts, "s", words[i]);
  for (guint i = 0; i < N_VALUES; i++)
    if (group->rows[i] == row)
      group->asked = i;
  sp_user_change (GTK_WIDGET (group), group->user, values[group->asked].key,
                  g_variant_builder_end (&texts), on_answered);
}

GtkWidget *
sp_user_advanced_group_new (SpBusUser *user)
{
  SpUserAdvancedGroup *group = g_object_new (SP_TYPE_USER_ADVANCED_GROUP, NULL);

  group->user = g_object_ref (user);
  (void) g_signal_connect_object (user, "notify", G_CALLBACK (show_user), group, G_CONNECT_SWAPPED);
  show_user (group);
  return GTK_WIDGET (group);
}

static void
sp_user_advanced_group_dispose (GObject *object)
{
  g_clear_object (&SP_USER_ADVANCED_GROUP (object)->user);
  G_OBJECT_CLASS (sp_user_advanced_group_parent_class)->dispose (object);
}

static void
sp_user_advanced_group_class_init (SpUserAdvancedGroupClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_user_advanced_group_dispose;
}

static void
sp_user_advanced_group_init (SpUserAdvancedGroup *group)
{
  GtkWidget *expander = adw_expander_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (expander), _ ("Advanced"));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (expander),
                                 _ ("Empty: what the settings of the server say"));
  for (guint i = 0; i < N_VALUES; i++)
    {
      group->rows[i] = ADW_ENTRY_ROW (adw_entry_row_new ());
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (group->rows[i]), _ (values[i].title));
      adw_entry_row_set_show_apply_button (group->rows[i], TRUE);
      sp_peek_icon_name (GTK_WIDGET (group->rows[i]));
      (void) g_signal_connect_object (group->rows[i], "apply", G_CALLBACK (on_apply), group, 0);
      (void) g_signal_connect (group->rows[i], "changed", G_CALLBACK (on_changed), NULL);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (expander), GTK_WIDGET (group->rows[i]));
    }
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), expander);
}
