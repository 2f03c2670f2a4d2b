/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-page.h"

#include "authority-group.h"
#include "base/names.h"
#include "certificate-import.h"
#include "certificate-row.h"
#include "failure.h"
#include "file-saver.h"
#include "property-row.h"
#include "request-dialog.h"
#include "wording.h"

#include <glib/gi18n.h>

struct _SpCertificatePage
{
  SpSubpage parent_instance;
  SpServerConnection *connection;
  SpBusCertificate *active; /* NULL: none yet */
  GtkWidget *active_group;
  SpPropertyRow *names;
  SpPropertyRow *issuer;
  SpPropertyRow *until;
  SpPropertyRow *key;
  SpPropertyRow *pin;
  GtkButton *use_own;
  GtkWidget *request;
  GtkWidget *others_group;
  GtkListBox *others;
  GtkFilterListModel *filtered;
};

G_DEFINE_FINAL_TYPE (SpCertificatePage, sp_certificate_page, SP_TYPE_SUBPAGE)

static GVariant *
no_options (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

/* --- what is said of a certificate --- */

static gboolean
is_server (SpBusCertificate *certificate)
{
  return g_strcmp0 (sp_bus_certificate_get_kind (certificate), "server") == 0;
}

static gboolean
is_own (SpBusCertificate *certificate)
{
  return g_strcmp0 (sp_bus_certificate_get_origin (certificate), "own") == 0;
}

SpBusCertificate *
sp_certificate_page_find_active (SpServerConnection *connection)
{
  GListModel *all = G_LIST_MODEL (sp_server_connection_get_certificates (connection));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (SpBusCertificate) certificate = g_list_model_get_item (all, i);

      if (is_server (certificate) && sp_bus_certificate_get_active (certificate))
        return g_steal_pointer (&certificate);
    }
  return NULL;
}

char *
sp_certificate_page_describe_names (SpBusCertificate *certificate)
{
  /* Not lent: when several properties change at one time, a lent list may be gone. */
  g_auto (GStrv) names = sp_bus_certificate_dup_names (certificate);
  const char *subject = sp_bus_certificate_get_subject (certificate);

  if (names != NULL && names[0] != NULL)
    return g_strjoinv (", ", names);
  return g_strdup (subject != NULL ? subject : "");
}

char *
sp_certificate_page_describe_end (SpBusCertificate *certificate)
{
  guint64 end = sp_bus_certificate_get_expires_at (certificate);
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local ((gint64) (end / G_USEC_PER_SEC));
  g_autofree char *day = then != NULL ? g_date_time_format (then, "%x") : g_strdup ("");

  if ((gint64) end < g_get_real_time ())
    return g_strdup_printf (_ ("Ended on %s"), day);
  if (is_own (certificate))
    return g_strdup_printf (_ ("Until %s, renews by itself"), day);
  return g_strdup_printf (_ ("Until %s"), day);
}

/* --- the one in use --- */

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) page = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_certificate_call_renew_finish (SP_BUS_CERTIFICATE (source), result, &error))
    sp_failure_show (page, _ ("The certificate was not renewed"), error);
}

static SpBusCertificate *
find_own (SpCertificatePage *page)
{
  GListModel *all = G_LIST_MODEL (sp_server_connection_get_certificates (page->connection));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (SpBusCertificate) certificate = g_list_model_get_item (all, i);

      if (is_server (certificate) && is_own (certificate))
        return g_steal_pointer (&certificate);
    }
  return NULL;
}

static void
on_use_own (SpCertificatePage *page)
{
  g_autoptr (SpBusCertificate) own = find_own (page);

  if (own == NULL)
    return;
  if (own == page->active)
    sp_bus_certificate_call_renew (own, no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                                   on_renewed, g_object_ref (page));
  else
    sp_certificate_row_use (GTK_WIDGET (page), page->connection, own);
}

static void
show_active (SpCertificatePage *page)
{
  g_autofree char *names = NULL;
  g_autofree char *end = NULL;

  gtk_widget_set_visible (page->active_group, page->active != NULL);
  gtk_button_set_label (
      page->use_own, page->active != NULL && is_own (page->active) ? _ ("Renew Now") : _ ("Use"));
  if (page->active == NULL)
    return;
  names = sp_certificate_page_describe_names (page->active);
  end = sp_certificate_page_describe_end (page->active);
  sp_property_row_set_value (page->names, names);
  sp_property_row_set_value (page->issuer, sp_bus_certificate_get_issuer (page->active));
  sp_property_row_set_value (page->until, end);
  sp_property_row_set_value (page->key, sp_bus_certificate_get_key (page->active));
  sp_property_row_set_value (page->pin, sp_bus_certificate_get_key_pin (page->active));
}

static void
find_active (SpCertificatePage *page)
{
  g_autoptr (SpBusCertificate) active = sp_certificate_page_find_active (page->connection);
  g_autoptr (SpBusCertificate) own = find_own (page);

  gtk_widget_set_sensitive (GTK_WIDGET (page->use_own),
                            own != NULL && sp_server_connection_get_permission (
                                               page->connection, "configure") != SP_PERMISSION_NO);
  (void) g_set_object (&page->active, active);
  show_active (page);
}

/* --- the others --- */

static gboolean
is_other (gpointer item, gpointer data)
{
  return g_strcmp0 (sp_bus_certificate_get_kind (item), "request") == 0 ||
         (is_server (item) && !is_own (item) && !sp_bus_certificate_get_active (item));
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  return sp_certificate_row_new (data, item);
}

static void
show_others (SpCertificatePage *page)
{
  gtk_widget_set_visible (page->others_group,
                          g_list_model_get_n_items (G_LIST_MODEL (page->filtered)) > 0);
}

/* Which is in use is known by properties of each, so all are followed. */
static void
on_certificate (SpCertificatePage *page)
{
  gtk_filter_changed (gtk_filter_list_model_get_filter (page->filtered),
                      GTK_FILTER_CHANGE_DIFFERENT);
  find_active (page);
}

static void
follow_certificates (SpCertificatePage *page)
{
  GListModel *all = G_LIST_MODEL (sp_server_connection_get_certificates (page->connection));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GObject) certificate = g_list_model_get_item (all, i);

      (void) g_signal_handlers_disconnect_by_func (certificate, on_certificate, page);
      (void) g_signal_connect_object (certificate, "notify", G_CALLBACK (on_certificate), page,
                                      G_CONNECT_SWAPPED);
    }
  find_active (page);
}

/* --- other ways --- */

static void
on_request (SpCertificatePage *page)
{
  sp_request_dialog_present (GTK_WIDGET (page), page->connection);
}

static void
on_authority (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) page = data;
  g_autoptr (GVariant) certificate = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_get_certificate_authority_finish (SP_BUS_SERVER (source), &certificate,
                                                            result, &error))
    {
      sp_failure_show (page, _ ("There is no authority yet"), error);
      return;
    }
  bytes = g_variant_get_data_as_bytes (certificate);
  sp_file_saver_save (page, _ ("Save the Authority’s Certificate"), "authority.pem", bytes,
                      _ ("The certificate was saved"));
}

static void
on_save_authority (SpCertificatePage *page)
{
  sp_bus_server_call_get_certificate_authority (sp_server_connection_get_server (page->connection),
                                                no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                                                on_authority, g_object_ref (page));
}

static void
on_answer (AdwMessageDialog *dialog, const char *response, SpCertificatePage *page)
{
  if (g_strcmp0 (response, "copy") == 0 && page->active != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (page)),
                            sp_bus_certificate_get_key_pin (page->active));
}

static void
on_verify (SpCertificatePage *page)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (page))), _ ("Verify Fingerprint"),
      _ ("Clients that do not know the server yet show a fingerprint. It has to be this one, "
         "letter by letter."));
  GtkWidget *label = gtk_label_new (sp_bus_certificate_get_key_pin (page->active));
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  /* A hyphen at the end of a line would be read as part of it. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_CHAR);
  gtk_widget_add_css_class (label, "monospace");
  gtk_widget_add_css_class (label, "title-3");
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), label);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"), "copy",
                                    _ ("C_opy"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  (void) g_signal_connect_object (dialog, "response", G_CALLBACK (on_answer), page, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
add_verify (SpCertificatePage *page)
{
  GtkWidget *verify = gtk_button_new_with_label (_ ("Verify…"));

  gtk_widget_set_valign (verify, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (verify), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Verify Fingerprint"), -1);
  (void) g_signal_connect_object (verify, "clicked", G_CALLBACK (on_verify), page,
                                  G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (page->pin), verify);
}

/* --- life --- */

/* New reference. */
static GtkWidget *
build (SpCertificatePage *page)
{
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource (SP_RESOURCE_PATH "certificate-page.ui");
  GObject *save = gtk_builder_get_object (builder, "save_authority");
  SpCertificateImport *import;

  page->active_group = GTK_WIDGET (gtk_builder_get_object (builder, "active_group"));
  page->names = SP_PROPERTY_ROW (gtk_builder_get_object (builder, "names"));
  page->issuer = SP_PROPERTY_ROW (gtk_builder_get_object (builder, "issuer"));
  page->until = SP_PROPERTY_ROW (gtk_builder_get_object (builder, "until"));
  page->key = SP_PROPERTY_ROW (gtk_builder_get_object (builder, "key"));
  page->pin = SP_PROPERTY_ROW (gtk_builder_get_object (builder, "pin"));
  page->use_own = GTK_BUTTON (gtk_builder_get_object (builder, "use_own"));
  page->request = GTK_WIDGET (gtk_builder_get_object (builder, "request"));
  page->others_group = GTK_WIDGET (gtk_builder_get_object (builder, "others_group"));
  page->others = GTK_LIST_BOX (gtk_builder_get_object (builder, "others"));
  import = SP_CERTIFICATE_IMPORT (gtk_builder_get_object (builder, "import"));
  sp_authority_group_set_connection (
      SP_AUTHORITY_GROUP (gtk_builder_get_object (builder, "from_authority")), page->connection);
  sp_certificate_import_set_connection (import, page->connection);
  sp_certificate_import_accept_drops (import, GTK_WIDGET (page));
  (void) g_signal_connect_object (page->use_own, "clicked", G_CALLBACK (on_use_own), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (page->request, "clicked", G_CALLBACK (on_request), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (save, "clicked", G_CALLBACK (on_save_authority), page,
                                  G_CONNECT_SWAPPED);
  add_verify (page);
  return g_object_ref (GTK_WIDGET (gtk_builder_get_object (builder, "page")));
}

static void
follow (SpCertificatePage *page)
{
  GListModel *all = G_LIST_MODEL (sp_server_connection_get_certificates (page->connection));
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (is_other, NULL, NULL));

  page->filtered = gtk_filter_list_model_new (g_object_ref (all), filter);
  gtk_list_box_bind_model (page->others, G_LIST_MODEL (page->filtered), create_row,
                           g_object_ref (page->connection), g_object_unref);
  (void) g_signal_connect_object (page->filtered, "items-changed", G_CALLBACK (show_others), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (all, "items-changed", G_CALLBACK (follow_certificates), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (page->connection, "notify::permissions", G_CALLBACK (find_active),
                                  page, G_CONNECT_SWAPPED);
  follow_certificates (page);
  show_others (page);
}

SpSubpage *
sp_certificate_page_new (SpServerConnection *connection)
{
  SpCertificatePage *page =
      g_object_new (SP_TYPE_CERTIFICATE_PAGE, "title", _ ("Certificate"), NULL);

  g_autoptr (GtkWidget) content = NULL;

  page->connection = g_object_ref (connection);
  content = build (page);
  g_object_set (page, "content", content, NULL);
  follow (page);
  return SP_SUBPAGE (page);
}

static void
sp_certificate_page_dispose (GObject *object)
{
  SpCertificatePage *page = SP_CERTIFICATE_PAGE (object);

  g_clear_object (&page->active);
  g_clear_object (&page->filtered);
  g_clear_object (&page->connection);
  G_OBJECT_CLASS (sp_certificate_page_parent_class)->dispose (object);
}

static void
sp_certificate_page_class_init (SpCertificatePageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_certificate_page_dispose;
  g_type_ensure (SP_TYPE_AUTHORITY_GROUP);
  g_type_ensure (SP_TYPE_CERTIFICATE_IMPORT);
  g_type_ensure (SP_TYPE_PROPERTY_ROW);
}

static void
sp_certificate_page_init (SpCertificatePage *page)
{
}
