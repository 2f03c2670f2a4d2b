/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "subpage.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkBox *box;
  AdwHeaderBar *header;
  AdwWindowTitle *title;
  GtkWidget *content;
} SpSubpagePrivate;

enum
{
  PROP_TITLE = 1,
  PROP_SUBTITLE,
  PROP_CONTENT,
  PROP_END,
};

G_DEFINE_TYPE_WITH_PRIVATE (SpSubpage, sp_subpage, ADW_TYPE_BIN)

void
sp_subpage_set_title (SpSubpage *page, const char *title)
{
  SpSubpagePrivate *private = sp_subpage_get_instance_private (page);

  adw_window_title_set_title (private->title, title != NULL ? title : "");
}

void
sp_subpage_set_subtitle (SpSubpage *page, const char *subtitle)
{
  SpSubpagePrivate *private = sp_subpage_get_instance_private (page);

  adw_window_title_set_subtitle (private->title, subtitle != NULL ? subtitle : "");
}

static void
set_content (SpSubpage *page, GtkWidget *content)
{
  SpSubpagePrivate *private = sp_subpage_get_instance_private (page);

  if (private->content != NULL)
    gtk_box_remove (private->box, private->content);
  private->content = content;
  if (content == NULL)
    return;
  gtk_widget_set_vexpand (content, TRUE);
  gtk_box_append (private->box, content);
}

static void
sp_subpage_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  SpSubpage *page = SP_SUBPAGE (object);
  SpSubpagePrivate *private = sp_subpage_get_instance_private (page);

  switch (id)
    {
      case PROP_TITLE:
        sp_subpage_set_title (page, g_value_get_string (value));
        break;
      case PROP_SUBTITLE:
        sp_subpage_set_subtitle (page, g_value_get_string (value));
        break;
      case PROP_CONTENT:
        set_content (page, g_value_get_object (value));
        break;
      case PROP_END:
        if (g_value_get_object (value) != NULL)
          adw_header_bar_pack_end (private->header, g_value_get_object (value));
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

SpSubpage *
sp_subpage_new (const char *title, GtkWidget *content)
{
  return g_object_new (SP_TYPE_SUBPAGE, "title", title, "content", content, NULL);
}

static void
sp_subpage_class_init (SpSubpageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = sp_subpage_set_property;
  g_object_class_install_property (object_class, PROP_TITLE,
                                   g_param_spec_string ("title", NULL, NULL, "", flags));
  g_object_class_install_property (object_class, PROP_SUBTITLE,
                                   g_param_spec_string ("subtitle", NULL, NULL, "", flags));
  g_object_class_install_property (
      object_class, PROP_CONTENT,
      g_param_spec_object ("content", NULL, NULL, GTK_TYPE_WIDGET, flags));
  g_object_class_install_property (object_class, PROP_END,
                                   g_param_spec_object ("end", NULL, NULL, GTK_TYPE_WIDGET, flags));
}

static GtkWidget *
create_back_button (void)
{
  GtkWidget *back = gtk_button_new_from_icon_name ("go-previous-symbolic");

  gtk_widget_set_tooltip_text (back, _ ("Back"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (back), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Back"),
                                  -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (back), "navigation.pop");
  return back;
}

static void
sp_subpage_init (SpSubpage *page)
{
  SpSubpagePrivate *private = sp_subpage_get_instance_private (page);

  private->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  private->header = ADW_HEADER_BAR (adw_header_bar_new ());
  private->title = ADW_WINDOW_TITLE (adw_window_title_new ("", ""));
  adw_header_bar_set_title_widget (private->header, GTK_WIDGET (private->title));
  adw_header_bar_pack_start (private->header, create_back_button ());
  gtk_box_append (private->box, GTK_WIDGET (private->header));
  /* What slides over another page must hide it. */
  gtk_widget_add_css_class (GTK_WIDGET (page), "background");
  adw_bin_set_child (ADW_BIN (page), GTK_WIDGET (private->box));
}
