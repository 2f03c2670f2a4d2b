/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <adwaita.h>
#include <stdlib.h>

/* A window with one widget of each kind, and faults on demand, so that the tests of windows are
 * tested themselves: sample [nameless|unreachable|warning|critical|leak].
 * "sample list" is a long list of nothing but labels, to compare with. */

#define ROWS   40
#define LABELS 10000
#define NAME   "org.sallyport.Sallyport"

typedef struct
{
  const char *fault;
  GtkWidget *window;
  GtkLabel *said;
} Sample;

static void
say (Sample *self, const char *text)
{
  gtk_label_set_text (self->said, text);
}

static void
clicked_cb (GtkButton *button, gpointer sample)
{
  say (sample, gtk_button_get_label (button));
}

static void
changed_cb (GtkEditable *entry, gpointer sample)
{
  say (sample, gtk_editable_get_text (entry));
}

static void
switched_cb (GtkSwitch *toggle, GParamSpec *spec, gpointer sample)
{
  say (sample, gtk_switch_get_active (toggle) ? "On" : "Off");
}

static void
answered_cb (AdwMessageDialog *dialog, const char *response, gpointer sample)
{
  say (sample, response);
}

static void
ask_cb (GtkButton *button, gpointer data)
{
  Sample *self = data;
  GtkWidget *dialog =
      adw_message_dialog_new (GTK_WINDOW (self->window), "Really?", "It is gone for ever.");

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "kept", "_Keep", "gone", "_Let Go",
                                    NULL);
  g_signal_connect (dialog, "response", G_CALLBACK (answered_cb), self);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
about_cb (GSimpleAction *action, GVariant *value, gpointer sample)
{
  say (sample, "About");
}

static void
quit_cb (GSimpleAction *action, GVariant *value, gpointer application)
{
  g_application_quit (application);
}

static GtkWidget *
make_header (void)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new ();

  g_menu_append (menu, "_About", "app.about");
  g_menu_append (menu, "_Quit", "app.quit");
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "open-menu-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "Main Menu", -1);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), button);
  return header;
}

static GtkWidget *
make_row (Sample *self, const char *title)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *toggle = gtk_switch_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  g_signal_connect (toggle, "notify::active", G_CALLBACK (switched_cb), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  return row;
}

static GtkWidget *
make_first_page (Sample *self)
{
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *entry = adw_entry_row_new ();
  GtkWidget *choice = adw_combo_row_new ();
  GtkWidget *button = gtk_button_new_with_label ("Ask…");
  const char *const words[] = { "One", "Two", NULL };
  g_autoptr (GtkStringList) list = gtk_string_list_new (words);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (entry), "Host Name");
  g_signal_connect (entry, "changed", G_CALLBACK (changed_cb), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), entry);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (choice), "Choice");
  adw_combo_row_set_model (ADW_COMBO_ROW (choice), G_LIST_MODEL (list));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), choice);
  for (int row = 0; row < ROWS; row++)
    {
      g_autofree char *title = g_strdup_printf ("Row %d", row);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_row (self, title));
    }
  g_signal_connect (button, "clicked", G_CALLBACK (ask_cb), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), button);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  return page;
}

/* One fault or none, and the last thing that happened. */
static GtkWidget *
make_second_page (Sample *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *button = gtk_button_new_with_mnemonic ("_Behind");

  g_signal_connect (button, "clicked", G_CALLBACK (clicked_cb), self);
  gtk_box_append (GTK_BOX (page), button);
  if (g_str_equal (self->fault, "nameless"))
    gtk_box_append (GTK_BOX (page), gtk_button_new_from_icon_name ("list-add-symbolic"));
  if (g_str_equal (self->fault, "unreachable"))
    gtk_widget_set_focusable (button, FALSE);
  if (g_str_equal (self->fault, "warning"))
    g_warning ("the sample was told to warn");
  if (g_str_equal (self->fault, "leak"))
    (void) g_strdup ("nobody has this any more");
  if (g_str_equal (self->fault, "critical"))
    gtk_label_set_text (NULL, "");
  return page;
}

static void
set_up_cb (GtkListItemFactory *factory, GtkListItem *item, gpointer data)
{
  gtk_list_item_set_child (item, gtk_label_new (NULL));
}

/* As high as a row of the window that it is compared with. */
static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkStringObject *text = gtk_list_item_get_item (item);

  gtk_widget_set_size_request (gtk_list_item_get_child (item), -1, 52);
  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)),
                       gtk_string_object_get_string (text));
}

static GtkWidget *
make_list_page (void)
{
  GtkStringList *texts = gtk_string_list_new (NULL);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *page = gtk_scrolled_window_new ();

  for (int label = 0; label < LABELS; label++)
    gtk_string_list_take (texts, g_strdup_printf ("Person person%05d", label));
  g_signal_connect (factory, "setup", G_CALLBACK (set_up_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  gtk_scrolled_window_set_child (
      GTK_SCROLLED_WINDOW (page),
      gtk_list_view_new (GTK_SELECTION_MODEL (gtk_multi_selection_new (G_LIST_MODEL (texts))),
                         factory));
  return page;
}

static void
activate_cb (GtkApplication *application, gpointer data)
{
  Sample *self = data;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *stack = adw_view_stack_new ();
  GtkWidget *switcher = adw_view_switcher_new ();

  self->window = adw_application_window_new (application);
  self->said = GTK_LABEL (gtk_label_new ("Nothing yet"));
  gtk_window_set_title (GTK_WINDOW (self->window), "Sample");
  gtk_window_set_default_size (GTK_WINDOW (self->window), 640, 480);
  if (g_str_equal (self->fault, "list"))
    adw_view_stack_add_titled (ADW_VIEW_STACK (stack), make_list_page (), "list", "List");
  adw_view_stack_add_titled (ADW_VIEW_STACK (stack), make_first_page (self), "first", "First");
  adw_view_stack_add_titled (ADW_VIEW_STACK (stack), make_second_page (self), "second", "Second");
  gtk_widget_set_vexpand (stack, TRUE);
  adw_view_switcher_set_stack (ADW_VIEW_SWITCHER (switcher), ADW_VIEW_STACK (stack));
  gtk_box_append (GTK_BOX (box), make_header ());
  gtk_box_append (GTK_BOX (box), switcher);
  gtk_box_append (GTK_BOX (box), stack);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->said));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self->window), box);
  gtk_window_present (GTK_WINDOW (self->window));
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application = adw_application_new (NAME, G_APPLICATION_DEFAULT_FLAGS);
  Sample sample = { .fault = argc > 1 ? argv[1] : "" };
  const GActionEntry actions[] = { { .name = "about", .activate = about_cb } };
  const GActionEntry quit = { .name = "quit", .activate = quit_cb };

  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, 1, &sample);
  g_action_map_add_action_entries (G_ACTION_MAP (application), &quit, 1, application);
  gtk_application_set_accels_for_action (GTK_APPLICATION (application), "app.about",
                                         (const char *[]){ "<Control>i", NULL });
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), &sample);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
