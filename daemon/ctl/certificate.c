/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "fields.h"
#include "json.h"
#include "text.h"

#include "base/names.h"

#include <string.h>

SpExitStatus
sp_ctl_certificate_authority (SpControl *control,
                              const SpCommand *self,
                              char ***arguments,
                              GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GVariant) certificate = NULL;
  g_autofree char *pem = NULL;
  gconstpointer bytes;
  gsize size;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_bus_server_call_get_certificate_authority_sync (
                            client->server, sp_client_no_options (), client->flags, client->timeout,
                            &certificate, NULL, error))
    return SP_EXIT_FAILED;
  bytes = g_variant_get_fixed_array (certificate, &size, 1);
  pem = g_strndup (bytes, size);
  if (!control->json)
    {
      g_print ("%s", pem);
      return SP_EXIT_OK;
    }
  sp_json_init (&json);
  sp_json_text (&json, "authority", pem);
  sp_json_print (&json);
  return SP_EXIT_OK;
}

/* --- list, show --- */

char **
sp_ctl_certificate_fields (void)
{
  const char *const own[] = { "id", NULL };
  GDBusInterfaceInfo *const interfaces[] = { sp_bus_certificate_interface_info (), NULL };

  return sp_field_list (own, interfaces);
}

static void
print_certificates_data (const SpControl *control, const SpCommand *self, GPtrArray *certificates)
{
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "certificates", '[');
  for (guint i = 0; i < certificates->len; i++)
    {
      sp_json_open (&json, NULL, '{');
      sp_json_text (&json, "id", sp_client_id_of (certificates->pdata[i]));
      sp_json_properties (&json, certificates->pdata[i]);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static void
print_certificates (GPtrArray *certificates)
{
  const char *const head[] = { "ID", "KIND", "IN USE", "UNTIL", "SUBJECT", "ISSUER", NULL };
  SpTable *table = sp_table_new (head);

  for (guint i = 0; i < certificates->len; i++)
    {
      SpBusCertificate *certificate = certificates->pdata[i];
      char *cells[] = {
        g_strdup (sp_client_id_of (certificate)),
        sp_text_printable (sp_bus_certificate_get_kind (certificate)),
        g_strdup (sp_bus_certificate_get_active (certificate) ? "yes" : "no"),
        sp_text_time (sp_bus_certificate_get_expires_at (certificate)),
        sp_text_printable (sp_bus_certificate_get_subject (certificate)),
        sp_text_printable (sp_bus_certificate_get_issuer (certificate)),
        NULL,
      };

      sp_table_take_row (table, g_memdup2 (cells, sizeof cells));
    }
  sp_table_print (table);
}

SpExitStatus
sp_ctl_certificate_list (SpControl *control,
                         const SpCommand *self,
                         char ***arguments,
                         GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) certificates = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_client_look (client, 0, error))
    return SP_EXIT_FAILED;
  certificates = sp_client_list_certificates (client);
  if (sp_fields_wanted (control))
    print_certificates_data (control, self, certificates);
  else
    print_certificates (certificates);
  return SP_EXIT_OK;
}

/* --- renew --- */

static void
print_done (const SpControl *control, const char *what, SpBusCertificate *certificate)
{
  SpJson json;

  if (!control->json)
    {
      g_print ("%s %s.\n", what, sp_client_id_of (certificate));
      return;
    }
  sp_json_init (&json);
  sp_json_text (&json, "id", sp_client_id_of (certificate));
  sp_json_print (&json);
}

SpExitStatus
sp_ctl_certificate_renew (SpControl *control,
                          const SpCommand *self,
                          char ***arguments,
                          GError **error)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusCertificate) certificate = NULL;
  const char *const *names;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  names = (const char *const *) *arguments + 1;
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_utf8_validate (names[i], -1, NULL))
      {
        g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "a name is not UTF-8");
        return SP_EXIT_USAGE;
      }
  if (names[0] != NULL)
    g_variant_builder_add (&options, "{sv}", "names", g_variant_new_strv (names, -1));
  owned = g_variant_ref_sink (g_variant_builder_end (&options));
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  certificate = sp_client_find_certificate (client, "own", error);
  if (certificate == NULL || !sp_bus_certificate_call_renew_sync (certificate, owned, client->flags,
                                                                  client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  print_done (control, "Renewed the certificate", certificate);
  return SP_EXIT_OK;
}

/* --- requests --- */

static gboolean
print_request (const SpControl *control,
               SpClient *client,
               SpBusCertificate *certificate,
               GError **error)
{
  g_autoptr (GVariant) request = NULL;
  g_autofree char *pem = NULL;
  gconstpointer bytes;
  gsize size;
  SpJson json;

  if (!sp_bus_certificate_call_get_request_sync (certificate, sp_client_no_options (),
                                                 client->flags, client->timeout, &request, NULL,
                                                 error))
    return FALSE;
  bytes = g_variant_get_fixed_array (request, &size, 1);
  pem = g_strndup (bytes, size);
  if (!control->json)
    {
      g_print ("%s", pem);
      return TRUE;
    }
  sp_json_init (&json);
  sp_json_text (&json, "id", sp_client_id_of (certificate));
  sp_json_text (&json, "request", pem);
  sp_json_print (&json);
  return TRUE;
}

static SpBusCertificate *
make_request (SpClient *client, char *const *names, GError **error)
{
  g_autofree char *path = NULL;

  if (!sp_bus_server_call_request_certificate_sync (client->server, (const char *const *) names,
                                                    sp_client_no_options (), client->flags,
                                                    client->timeout, &path, NULL, error))
    return NULL;
  return sp_client_find_certificate (client, strrchr (path, '/') + 1, error);
}

SpExitStatus
sp_ctl_certificate_request (SpControl *control,
                            const SpCommand *self,
                            char ***arguments,
                            GError **error)
{
  g_autofree char *again = NULL;
  const GOptionEntry options[] = {
    { "again", 0, 0, G_OPTION_ARG_STRING, &again, "Print the request with this id once more",
      "ID" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusCertificate) certificate = NULL;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if ((again != NULL) == ((*arguments)[1] != NULL))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "for which names?  Or --again with an id");
      return SP_EXIT_USAGE;
    }
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  certificate = again != NULL ? sp_client_find_certificate (client, again, error)
                              : make_request (client, *arguments + 1, error);
  return certificate != NULL && print_request (control, client, certificate, error)
             ? SP_EXIT_OK
             : SP_EXIT_FAILED;
}

/* --- use, remove --- */

typedef gboolean (*Call) (SpBusCertificate *proxy,
                          GVariant *options,
                          GDBusCallFlags flags,
                          gint timeout,
                          GCancellable *cancellable,
                          GError **error);

static SpExitStatus
change (SpControl *control,
        const SpCommand *self,
        char ***arguments,
        Call call,
        const char *done,
        GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusCertificate) certificate = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  certificate = sp_client_find_certificate (client, (*arguments)[1], error);
  if (certificate == NULL ||
      !call (certificate, sp_client_no_options (), client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  print_done (control, done, certificate);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_certificate_activate (SpControl *control,
                             const SpCommand *self,
                             char ***arguments,
                             GError **error)
{
  return change (control, self, arguments, sp_bus_certificate_call_activate_sync,
                 "The server uses the certificate", error);
}

SpExitStatus
sp_ctl_certificate_remove (SpControl *control,
                           const SpCommand *self,
                           char ***arguments,
                           GError **error)
{
  return change (control, self, arguments, sp_bus_certificate_call_remove_sync,
                 "Removed the certificate", error);
}
