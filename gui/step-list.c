/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "step-list.h"

#include <glib/gi18n.h>

struct _SpStepList
{
  AdwPreferencesGroup parent_instance;
  GPtrArray *rows;  /* lent: the group has them */
  GPtrArray *marks; /* GtkStack, likewise */
  GPtrArray *notes; /* texts, or NULL */
};

G_DEFINE_FINAL_TYPE (SpStepList, sp_step_list, ADW_TYPE_PREFERENCES_GROUP)

static GtkStack *
create_mark (void)
{
  GtkStack *mark = GTK_STACK (gtk_stack_new ());
  GtkWidget *spinner = gtk_spinner_new ();
  GtkWidget *done = gtk_image_new_from_icon_name ("object-select-symbolic");

  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_add_css_class (done, "success");
  (void) gtk_stack_add_named (mark, gtk_label_new (""), "waiting");
  (void) gtk_stack_add_named (mark, spinner, "running");
  (void) gtk_stack_add_named (mark, done, "done");
  (void) gtk_stack_add_named (mark, gtk_image_new_from_icon_name ("dialog-warning-symbolic"),
                              "noted");
  (void) gtk_stack_add_named (mark, gtk_image_new_from_icon_name ("dialog-error-symbolic"),
                              "failed");
  return mark;
}

void
sp_step_list_add (SpStepList *list, const char *text)
{
  GtkWidget *row = adw_action_row_new ();
  GtkStack *mark = create_mark ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), text);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (mark));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (list), row);
  g_ptr_array_add (list->rows, row);
  g_ptr_array_add (list->marks, mark);
  g_ptr_array_add (list->notes, NULL);
}

void
sp_step_list_note (SpStepList *list, guint step, const char *text)
{
  g_free (list->notes->pdata[step]);
  list->notes->pdata[step] = g_strdup (text);
}

void
sp_step_list_show (SpStepList *list, guint step, gboolean failed)
{
  for (guint i = 0; i < list->rows->len; i++)
    {
      const char *note = list->notes->pdata[i] != NULL ? list->notes->pdata[i] : _ ("Done");
      const char *mark = "waiting";

      if (i < step)
        mark = list->notes->pdata[i] != NULL ? "noted" : "done";
      else if (i == step)
        mark = failed ? "failed" : "running";
      gtk_stack_set_visible_child_name (list->marks->pdata[i], mark);
      adw_action_row_set_subtitle (list->rows->pdata[i], i < step ? note : "");
    }
}

static void
sp_step_list_finalize (GObject *object)
{
  g_ptr_array_unref (SP_STEP_LIST (object)->rows);
  g_ptr_array_unref (SP_STEP_LIST (object)->marks);
  g_ptr_array_unref (SP_STEP_LIST (object)->notes);
  G_OBJECT_CLASS (sp_step_list_parent_class)->finalize (object);
}

static void
sp_step_list_class_init (SpStepListClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_step_list_finalize;
}

static void
sp_step_list_init (SpStepList *list)
{
  list->rows = g_ptr_array_new ();
  list->marks = g_ptr_array_new ();
  list->notes = g_ptr_array_new_with_free_func (g_free);
}
