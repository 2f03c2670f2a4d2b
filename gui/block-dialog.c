/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block-dialog.h"

#include "base/names.h"
#include "combo-row.h"
#include "failure.h"

#include <glib/gi18n.h>

#define HOUR G_GUINT64_CONSTANT (3600)

struct _SpBlockDialog
{
  AdwWindow parent_instance;
  AdwEntryRow *address;
  AdwEntryRow *reason;
  AdwComboRow *duration;
  GtkWidget *block;
  GtkLabel *problem;
  SpServerConnection *connection;
};

G_DEFINE_FINAL_TYPE (SpBlockDialog, sp_block_dialog, ADW_TYPE_WINDOW)

/* In the order of the choices; 0: until it is lifted. */
static const guint64 seconds[] = { HOUR, 24 * HOUR, 7 * 24 * HOUR, 0 };

/* Loosely: what the server takes, it says itself. */
static gboolean
looks_like_network (const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);
  g_autoptr (GInetAddressMask) mask =
      address == NULL ? g_inet_address_mask_new_from_string (text, NULL) : NULL;

  return address != NULL || mask != NULL;
}

static char *
read_row (AdwEntryRow *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static void
on_changed (SpBlockDialog *dialog)
{
  g_autofree char *address = read_row (dialog->address);
  gboolean good = looks_like_network (address);

  gtk_widget_set_sensitive (dialog->block, good);
  gtk_label_set_label (dialog->problem,
                       _ ("An address such as 192.0.2.1, or a network such as 192.0.2.0/24."));
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), !good && address[0] != '\0');
}

static void
on_blocked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpBlockDialog) dialog = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL;

  if (sp_bus_server_call_block_address_finish (SP_BUS_SERVER (source), NULL, result, &error) ||
      dialog->connection == NULL)
    {
      gtk_window_destroy (GTK_WINDOW (dialog));
      return;
    }
  reason = sp_failure_describe (error);
  gtk_label_set_label (dialog->problem, reason);
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), TRUE);
  gtk_widget_set_sensitive (dialog->block, TRUE);
}

static void
on_block (SpBlockDialog *dialog)
{
  g_autofree char *address = read_row (dialog->address);
  g_autofree char *reason = read_row (dialog->reason);
  guint64 duration = seconds[adw_combo_row_get_selected (dialog->duration)];
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (reason[0] != '\0')
    g_variant_builder_add (&options, "{sv}", "reason", g_variant_new_string (reason));
  if (duration != 0)
    g_variant_builder_add (
        &options, "{sv}", "until",
        g_variant_new_uint64 ((guint64) g_get_real_time () + duration * G_USEC_PER_SEC));
  gtk_widget_set_sensitive (dialog->block, FALSE);
  sp_bus_server_call_block_address (sp_server_connection_get_server (dialog->connection), address,
                                    g_variant_builder_end (&options), SP_CALL_FLAGS,
                                    SP_CALL_TIMEOUT, NULL, on_blocked, g_object_ref (dialog));
}

SpBlockDialog *
sp_block_dialog_new (GtkWindow *parent, SpServerConnection *connection)
{
  SpBlockDialog *dialog = g_object_new (SP_TYPE_BLOCK_DIALOG, "transient-for", parent, NULL);

  dialog->connection = g_object_ref (connection);
  return dialog;
}

void
sp_block_dialog_propose (SpBlockDialog *dialog, const char *address)
{
  gtk_editable_set_text (GTK_EDITABLE (dialog->address), address);
}

static void
sp_block_dialog_dispose (GObject *object)
{
  g_clear_object (&SP_BLOCK_DIALOG (object)->connection);
  G_OBJECT_CLASS (sp_block_dialog_parent_class)->dispose (object);
}

static void
sp_block_dialog_class_init (SpBlockDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_block_dialog_dispose;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "block-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpBlockDialog, address);
  gtk_widget_class_bind_template_child (widget_class, SpBlockDialog, reason);
  gtk_widget_class_bind_template_child (widget_class, SpBlockDialog, duration);
  gtk_widget_class_bind_template_child (widget_class, SpBlockDialog, block);
  gtk_widget_class_bind_template_child (widget_class, SpBlockDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_block);
}

static void
sp_block_dialog_init (SpBlockDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
  sp_combo_row_show_whole (dialog->duration);
}
