/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "raw-settings-page.h"

#include "file-saver.h"
#include "window.h"

#include <glib/gi18n.h>
#include <string.h>

#define MARGIN 12

struct _SpRawSettingsPage
{
  SpSubpage parent_instance;
  SpSettingList *settings;
  GtkTextView *view;
};

G_DEFINE_FINAL_TYPE (SpRawSettingsPage, sp_raw_settings_page, SP_TYPE_SUBPAGE)

/* What is as it would be without a line stands in a comment, as in the file that the server makes.
 */
static char *
write_text (SpSettingList *settings)
{
  GString *text = g_string_new (NULL);
  const char *group = "";

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (settings)); i++)
    {
      g_autoptr (SpSetting) setting = g_list_model_get_item (G_LIST_MODEL (settings), i);

      if (!g_str_equal (group, sp_setting_get_group (setting)))
        {
          group = sp_setting_get_group (setting);
          g_string_append_printf (text, "%s[%s]\n", text->len > 0 ? "\n" : "", group);
        }
      g_string_append_printf (text, "%s%s = %s\n", sp_setting_is_set (setting) ? "" : "# ",
                              sp_setting_get_key (setting), sp_setting_get_written (setting));
    }
  return g_string_free (text, FALSE);
}

static void
show (SpRawSettingsPage *page)
{
  g_autofree char *text = write_text (page->settings);

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (page->view), text, -1);
}

static void
on_copy (SpRawSettingsPage *page)
{
  g_autofree char *text = write_text (page->settings);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (page)), text);
  sp_window_say (sp_window_of (GTK_WIDGET (page)), _ ("Copied"));
}

static void
on_export (SpRawSettingsPage *page)
{
  g_autofree char *text = write_text (page->settings);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  sp_file_saver_save (GTK_WIDGET (page), _ ("Export Settings"), "sallyport.conf", bytes,
                      _ ("The settings were exported"));
}

static GtkWidget *
create_buttons (SpRawSettingsPage *page)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  GtkWidget *export = gtk_button_new_with_label (_ ("Export…"));

  gtk_widget_set_tooltip_text (copy, _ ("Copy the Settings"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Copy the Settings"), -1);
  (void) g_signal_connect_object (copy, "clicked", G_CALLBACK (on_copy), page, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (export, "clicked", G_CALLBACK (on_export), page,
                                  G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), copy);
  gtk_box_append (GTK_BOX (box), export);
  return box;
}

static GtkWidget *
create_view (SpRawSettingsPage *page)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  page->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  gtk_text_view_set_editable (page->view, FALSE);
  gtk_text_view_set_monospace (page->view, TRUE);
  gtk_text_view_set_wrap_mode (page->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (page->view, MARGIN);
  gtk_text_view_set_right_margin (page->view, MARGIN);
  gtk_text_view_set_top_margin (page->view, MARGIN);
  gtk_text_view_set_bottom_margin (page->view, MARGIN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (page->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Settings as a File"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (page->view));
  return scrolled;
}

SpSubpage *
sp_raw_settings_page_new (SpSettingList *settings)
{
  SpRawSettingsPage *page =
      g_object_new (SP_TYPE_RAW_SETTINGS_PAGE, "title", _ ("Settings as a File"), NULL);

  page->settings = g_object_ref (settings);
  g_object_set (page, "content", create_view (page), "end", create_buttons (page), NULL);
  (void) g_signal_connect_object (settings, "notify", G_CALLBACK (show), page, G_CONNECT_SWAPPED);
  show (page);
  return SP_SUBPAGE (page);
}

static void
sp_raw_settings_page_dispose (GObject *object)
{
  SpRawSettingsPage *page = SP_RAW_SETTINGS_PAGE (object);

  g_clear_object (&page->settings);
  G_OBJECT_CLASS (sp_raw_settings_page_parent_class)->dispose (object);
}

static void
sp_raw_settings_page_class_init (SpRawSettingsPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_raw_settings_page_dispose;
}

static void
sp_raw_settings_page_init (SpRawSettingsPage *page)
{
}
