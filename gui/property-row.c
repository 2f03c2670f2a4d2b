/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "property-row.h"

#include "window.h"

#include <glib/gi18n.h>

struct _SpPropertyRow
{
  AdwActionRow parent_instance;
  GtkWidget *copy;
  char *value;
  char *shown;
};

enum
{
  PROP_VALUE = 1,
  PROP_SHOWN,
  PROP_COPYABLE,
};

G_DEFINE_FINAL_TYPE (SpPropertyRow, sp_property_row, ADW_TYPE_ACTION_ROW)

static void
show_value (SpPropertyRow *row)
{
  const char *text = row->shown != NULL ? row->shown : row->value;
  g_autofree char *markup = g_markup_escape_text (text != NULL ? text : "", -1);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), markup);
  gtk_widget_set_visible (GTK_WIDGET (row), row->value != NULL && row->value[0] != '\0');
}

void
sp_property_row_set_value (SpPropertyRow *row, const char *value)
{
  if (g_strcmp0 (row->value, value) == 0)
    return;
  g_free (row->value);
  row->value = g_strdup (value);
  show_value (row);
  g_object_notify (G_OBJECT (row), "value");
}

const char *
sp_property_row_get_value (SpPropertyRow *row)
{
  return row->value;
}

static void
on_copy (SpPropertyRow *row)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (row));

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (row)),
                          row->value != NULL ? row->value : "");
  if (window != NULL)
    sp_window_say (window, _ ("Copied"));
}

/* The button says what it copies. */
static void
name_button (SpPropertyRow *row)
{
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));
  /* Translators: the name of a value: "Copy Address". */
  g_autofree char *text = g_strdup_printf (_ ("Copy %s"), title);

  gtk_widget_set_tooltip_text (row->copy, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->copy), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  -1);
}

static void
sp_property_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  SpPropertyRow *row = SP_PROPERTY_ROW (object);

  switch (id)
    {
      case PROP_VALUE:
        sp_property_row_set_value (row, g_value_get_string (value));
        break;
      case PROP_SHOWN:
        g_free (row->shown);
        row->shown = g_value_dup_string (value);
        show_value (row);
        break;
      case PROP_COPYABLE:
        gtk_widget_set_visible (row->copy, g_value_get_boolean (value));
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
sp_property_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SpPropertyRow *row = SP_PROPERTY_ROW (object);

  switch (id)
    {
      case PROP_VALUE:
        g_value_set_string (value, row->value);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
sp_property_row_finalize (GObject *object)
{
  SpPropertyRow *row = SP_PROPERTY_ROW (object);

  g_free (row->value);
  g_free (row->shown);
  G_OBJECT_CLASS (sp_property_row_parent_class)->finalize (object);
}

GtkWidget *
sp_property_row_new (const char *title, const char *value)
{
  return g_object_new (SP_TYPE_PROPERTY_ROW, "title", title, "value", value, NULL);
}

static void
sp_property_row_class_init (SpPropertyRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->set_property = sp_property_row_set_property;
  object_class->get_property = sp_property_row_get_property;
  object_class->finalize = sp_property_row_finalize;
  g_object_class_install_property (
      object_class, PROP_VALUE,
      g_param_spec_string ("value", NULL, NULL, NULL, G_PARAM_READWRITE | flags));
  g_object_class_install_property (
      object_class, PROP_SHOWN,
      g_param_spec_string ("shown", NULL, NULL, NULL, G_PARAM_WRITABLE | flags));
  g_object_class_install_property (
      object_class, PROP_COPYABLE,
      g_param_spec_boolean ("copyable", NULL, NULL, TRUE, G_PARAM_WRITABLE | flags));
}

void
sp_property_row_leave_out_hyphens (GtkWidget *widget)
{
  PangoAttrList *attributes;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    sp_property_row_leave_out_hyphens (child);
  if (!GTK_IS_LABEL (widget))
    return;
  attributes = pango_attr_list_new ();
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (GTK_LABEL (widget), attributes);
  pango_attr_list_unref (attributes);
}

static void
sp_property_row_init (SpPropertyRow *row)
{
  row->copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  gtk_widget_set_valign (row->copy, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (row->copy, "flat");
  (void) g_signal_connect_object (row->copy, "clicked", G_CALLBACK (on_copy), row,
                                  G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), row->copy);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_add_css_class (GTK_WIDGET (row), "sp-property");
  (void) g_signal_connect (row, "notify::title", G_CALLBACK (name_button), NULL);
  sp_property_row_leave_out_hyphens (GTK_WIDGET (row));
  show_value (row);
}
