/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-row.h"

#include "certificate-page.h"
#include "failure.h"
#include "file-saver.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpCertificateRow
{
  AdwActionRow parent_instance;
  SpServerConnection *connection;
  SpBusCertificate *certificate;
  GtkWidget *use;
  GtkWidget *save;
  GtkWidget *remove;
};

G_DEFINE_FINAL_TYPE (SpCertificateRow, sp_certificate_row, ADW_TYPE_ACTION_ROW)

static GVariant *
no_options (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

/* --- use --- */

typedef struct
{
  GtkWidget *near;
  SpBusCertificate *before; /* NULL: none was in use */
} Use;

static void
on_back_again (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpWindow) window = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_certificate_call_activate_finish (SP_BUS_CERTIFICATE (source), result, &error))
    sp_failure_show (GTK_WIDGET (window), _ ("It could not be undone"), error);
}

static void
go_back (SpWindow *window, gpointer data)
{
  sp_bus_certificate_call_activate (data, no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                                    on_back_again, g_object_ref (window));
}

static void
on_used (GObject *source, GAsyncResult *result, gpointer data)
{
  Use *use = data;
  g_autoptr (GtkWidget) near = use->near;
  g_autoptr (SpBusCertificate) before = use->before;
  g_autoptr (GError) error = NULL;
  SpWindow *window = sp_window_of (near);

  g_free (use);
  if (!sp_bus_certificate_call_activate_finish (SP_BUS_CERTIFICATE (source), result, &error))
    sp_failure_show (near, _ ("The certificate is not in use"), error);
  else if (window != NULL && before != NULL)
    sp_window_offer_undo_by (window, _ ("The certificate is in use"), go_back,
                             g_object_ref (before), g_object_unref);
}

void
sp_certificate_row_use (GtkWidget *near,
                        SpServerConnection *connection,
                        SpBusCertificate *certificate)
{
  Use *use = g_new0 (Use, 1);

  use->near = g_object_ref (near);
  use->before = sp_certificate_page_find_active (connection);
  sp_bus_certificate_call_activate (certificate, no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                    NULL, on_used, use);
}

static void
on_use (SpCertificateRow *row)
{
  sp_certificate_row_use (GTK_WIDGET (row), row->connection, row->certificate);
}

/* --- request --- */

static void
on_request (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GVariant) request = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_certificate_call_get_request_finish (SP_BUS_CERTIFICATE (source), &request, result,
                                                   &error))
    {
      sp_failure_show (near, _ ("There is no request"), error);
      return;
    }
  bytes = g_variant_get_data_as_bytes (request);
  sp_file_saver_save (near, _ ("Save the Request"), "request.pem", bytes,
                      _ ("The request was saved. Give it to the authority."));
}

void
sp_certificate_row_save_request (GtkWidget *near, SpBusCertificate *certificate)
{
  sp_bus_certificate_call_get_request (certificate, no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                       NULL, on_request, g_object_ref (near));
}

static void
on_save (SpCertificateRow *row)
{
  sp_certificate_row_save_request (GTK_WIDGET (row), row->certificate);
}

/* --- removal --- */

static void
on_removed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_certificate_call_remove_finish (SP_BUS_CERTIFICATE (source), result, &error))
    sp_failure_show (near, _ ("The certificate was not removed"), error);
}

static void
on_answer (SpCertificateRow *row, const char *response)
{
  if (g_strcmp0 (response, "remove") == 0)
    sp_bus_certificate_call_remove (row->certificate, no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                    NULL, on_removed, g_object_ref (row));
}

/* Its key goes for good, so no undo can be offered. */
static void
on_remove (SpCertificateRow *row)
{
  g_autofree char *names = sp_certificate_page_describe_names (row->certificate);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (sp_window_of (GTK_WIDGET (row))), NULL,
                                              _ ("It goes with its key, for good."));

  adw_message_dialog_format_heading (ADW_MESSAGE_DIALOG (dialog), _ ("Remove %s?"), names);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "remove",
                                    _ ("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove",
                                              ADW_RESPONSE_DESTRUCTIVE);
  sp_window_name_server (sp_window_of (GTK_WIDGET (row)), dialog);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  (void) g_signal_connect_object (dialog, "response", G_CALLBACK (on_answer), row,
                                  G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- the row --- */

/* Takes the label. */
static void
name_button (GtkWidget *button, char *label)
{
  g_autofree char *owned = label;

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, owned,
                                  -1);
  if (gtk_button_get_icon_name (GTK_BUTTON (button)) != NULL)
    gtk_widget_set_tooltip_text (button, owned);
}

static void
show (SpCertificateRow *row)
{
  gboolean request = g_strcmp0 (sp_bus_certificate_get_kind (row->certificate), "request") == 0;
  gboolean imported = g_strcmp0 (sp_bus_certificate_get_origin (row->certificate), "imported") == 0;
  gboolean may =
      sp_server_connection_get_permission (row->connection, "configure") != SP_PERMISSION_NO;
  g_autofree char *names = sp_certificate_page_describe_names (row->certificate);
  g_autofree char *end = sp_certificate_page_describe_end (row->certificate);
  const char *issuer = sp_bus_certificate_get_issuer (row->certificate);
  g_autofree char *subtitle =
      request ? g_strdup (_ ("Waits for the certificate of an authority"))
              : g_strdup_printf (_ ("%s, signed by %s"), end, issuer != NULL ? issuer : "");

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), names);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_visible (row->use, !request);
  gtk_widget_set_visible (row->save, request);
  gtk_widget_set_visible (row->remove, request || imported);
  gtk_widget_set_sensitive (row->use, may);
  gtk_widget_set_sensitive (row->remove, may);
  name_button (row->use, g_strdup_printf (_ ("Use %s"), names));
  name_button (row->save, g_strdup_printf (_ ("Save the Request for %s"), names));
  name_button (row->remove, g_strdup_printf (_ ("Remove %s"), names));
}

static GtkWidget *
add_button (SpCertificateRow *row, GtkWidget *button, GCallback clicked)
{
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  (void) g_signal_connect_object (button, "clicked", clicked, row, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return button;
}

GtkWidget *
sp_certificate_row_new (SpServerConnection *connection, SpBusCertificate *certificate)
{
  SpCertificateRow *row =
      g_object_new (SP_TYPE_CERTIFICATE_ROW, "use-markup", FALSE, "subtitle-lines", 0, NULL);

  row->connection = g_object_ref (connection);
  row->certificate = g_object_ref (certificate);
  row->use = add_button (row, gtk_button_new_with_label (_ ("Use")), G_CALLBACK (on_use));
  row->save = add_button (row, gtk_button_new_with_label (_ ("Save…")), G_CALLBACK (on_save));
  row->remove = add_button (row, gtk_button_new_from_icon_name ("user-trash-symbolic"),
                            G_CALLBACK (on_remove));
  gtk_widget_add_css_class (row->remove, "flat");
  (void) g_signal_connect_object (certificate, "notify", G_CALLBACK (show), row, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show), row,
                                  G_CONNECT_SWAPPED);
  show (row);
  return GTK_WIDGET (row);
}

static void
sp_certificate_row_dispose (GObject *object)
{
  SpCertificateRow *row = SP_CERTIFICATE_ROW (object);

  g_clear_object (&row->connection);
  g_clear_object (&row->certificate);
  G_OBJECT_CLASS (sp_certificate_row_parent_class)->dispose (object);
}

static void
sp_certificate_row_class_init (SpCertificateRowClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_certificate_row_dispose;
}

static void
sp_certificate_row_init (SpCertificateRow *row)
{
}
