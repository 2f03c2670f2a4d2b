/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-certificate.h"

#include "base/io.h"
#include "base/names.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"

#include <string.h>

#define PIN_TEXT_PREFIX "pin-sha256:"

struct _SpExportedCertificate
{
  SpBusCertificateSkeleton parent_instance;
  SpServer *server;
  SpCertificateRegistry *certificates;
  char *element;
};

static const SpBusKey renew_keys[] = {
  { "names", "as", 1, SP_CERTIFICATE_NAMES_MAX / 2, FALSE },
};

static const char *const kinds[] = { "authority", "server", "request" };
static const char *const origins[] = { "own", "imported" };

char *
sp_pin_text (const guint8 *pin)
{
  g_autofree char *base64 = g_base64_encode (pin, SP_PIN_SIZE);

  return g_strconcat (PIN_TEXT_PREFIX, base64, NULL);
}

/* --- properties --- */

static char *
take_text (const guint8 *bytes, gsize length)
{
  return g_utf8_make_valid ((const char *) bytes, (gssize) length);
}

GStrv
sp_bus_certificate_names (const guint8 *bytes, gsize length)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  gsize start = 0;

  for (gsize i = 0; i < length; i++)
    if (bytes[i] == 0)
      {
        g_autofree char *name = take_text (bytes + start, i - start);

        g_strv_builder_add (names, name);
        start = i + 1;
      }
  return g_strv_builder_end (names);
}

char *
sp_bus_fingerprint_text (const guint8 *fingerprint)
{
  char text[2 * SP_FINGERPRINT_SIZE + 1];

  sp_hex_encode (fingerprint, SP_FINGERPRINT_SIZE, text);
  return g_strdup (text);
}

static void
fill_in (SpBusCertificate *bus, const SpCertificateKnown *facts)
{
  g_autofree char *subject = take_text (facts->subject, facts->subject_length);
  g_autofree char *issuer = take_text (facts->issuer, facts->issuer_length);
  g_autofree char *key = take_text (facts->key, facts->key_length);
  g_autofree char *pin = sp_pin_text (facts->pin);
  g_autofree char *token = take_text (facts->token, facts->token_length);
  g_auto (GStrv) names = sp_bus_certificate_names (facts->names, facts->names_length);
  g_autofree char *fingerprint = sp_bus_fingerprint_text (facts->fingerprint);

  g_object_freeze_notify (G_OBJECT (bus));
  sp_bus_certificate_set_kind (bus, kinds[MIN (facts->kind, SP_CERTIFICATE_KIND_LAST)]);
  sp_bus_certificate_set_origin (bus, origins[MIN (facts->origin, SP_CERTIFICATE_ORIGIN_LAST)]);
  sp_bus_certificate_set_active (bus, facts->active != 0);
  sp_bus_certificate_set_subject (bus, subject);
  sp_bus_certificate_set_issuer (bus, issuer);
  sp_bus_certificate_set_names (bus, (const char *const *) names);
  sp_bus_certificate_set_key (bus, key);
  sp_bus_certificate_set_starts_at (bus, facts->not_before);
  sp_bus_certificate_set_expires_at (bus, facts->not_after);
  sp_bus_certificate_set_fingerprint (bus, fingerprint);
  sp_bus_certificate_set_key_pin (bus, pin);
  sp_bus_certificate_set_token (bus, token);
  g_object_thaw_notify (G_OBJECT (bus));
}

static void
on_changed (SpCertificateRegistry *certificates, const char *element, gpointer data)
{
  SpExportedCertificate *self = data;
  const SpCertificateKnown *facts = sp_certificate_registry_find (certificates, self->element);

  if (g_str_equal (element, self->element) && facts != NULL)
    fill_in (SP_BUS_CERTIFICATE (self), facts);
}

/* --- renewal --- */

GBytes *
sp_bus_write_names (const char *const *names, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; names[i] != NULL; i++)
    g_byte_array_append (bytes, (const guint8 *) names[i], (guint) strlen (names[i]) + 1);
  if (bytes->len > 0 && bytes->len <= SP_CERTIFICATE_NAMES_MAX)
    return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“names” must be at least one name, and at most %d bytes together",
               SP_CERTIFICATE_NAMES_MAX);
  return NULL;
}

static GBytes *
choose_names (SpExportedCertificate *self, GVariant *options, GError **error)
{
  g_autofree const char **names = NULL;

  if (!sp_bus_options_check (options, renew_keys, G_N_ELEMENTS (renew_keys), error))
    return NULL;
  if (!g_str_equal (self->element, "own"))
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_SUPPORTED,
                   "only the server certificate that this server made itself can be renewed by it");
      return NULL;
    }
  if (!g_variant_lookup (options, "names", "^a&s", &names))
    return sp_server_collect_names (self->server);
  return sp_bus_write_names (names, error);
}

static void
on_done (GObject *certificates, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_certificate_registry_finish (SP_CERTIFICATE_REGISTRY (certificates), result, &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_renew (SpBusCertificate *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedCertificate *self = SP_EXPORTED_CERTIFICATE (object);
  GError *error = NULL;
  g_autoptr (GBytes) names = choose_names (self, options, &error);

  if (names == NULL)
    sp_bus_reply_error (invocation, error);
  else
    sp_certificate_registry_renew_async (self->certificates, names, TRUE, on_done, invocation);
  return TRUE;
}

/* --- requests --- */

static void
on_request_read (GObject *certificates, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autofree SpCertificateRequested *requested = sp_certificate_registry_request_finish (
      SP_CERTIFICATE_REGISTRY (certificates), result, &error);
  g_autoptr (GBytes) pem = NULL;

  if (requested == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  pem = sp_bus_write_pem ("CERTIFICATE REQUEST", requested->request, requested->request_length);
  g_dbus_method_invocation_return_value (
      invocation,
      g_variant_new ("(@ay)", g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, pem, TRUE)));
}

static gboolean
handle_get_request (SpBusCertificate *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedCertificate *self = SP_EXPORTED_CERTIFICATE (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_certificate_registry_request_async (self->certificates, self->element, NULL, on_request_read,
                                           invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

/* --- use, removal --- */

static gboolean
handle_activate (SpBusCertificate *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedCertificate *self = SP_EXPORTED_CERTIFICATE (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_certificate_registry_activate_async (self->certificates, self->element, on_done, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_remove (SpBusCertificate *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedCertificate *self = SP_EXPORTED_CERTIFICATE (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_certificate_registry_remove_async (self->certificates, self->element, on_done, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

/* --- life --- */

static void
sp_exported_certificate_iface_init (SpBusCertificateIface *iface)
{
  iface->handle_renew = handle_renew;
  iface->handle_activate = handle_activate;
  iface->handle_get_request = handle_get_request;
  iface->handle_remove = handle_remove;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SpExportedCertificate,
                               sp_exported_certificate,
                               SP_BUS_TYPE_CERTIFICATE_SKELETON,
                               G_IMPLEMENT_INTERFACE (SP_BUS_TYPE_CERTIFICATE,
                                                      sp_exported_certificate_iface_init))

static void
sp_exported_certificate_dispose (GObject *object)
{
  SpExportedCertificate *self = SP_EXPORTED_CERTIFICATE (object);

  g_clear_object (&self->server);
  g_clear_object (&self->certificates);
  g_clear_pointer (&self->element, g_free);
  G_OBJECT_CLASS (sp_exported_certificate_parent_class)->dispose (object);
}

static void
sp_exported_certificate_class_init (SpExportedCertificateClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_exported_certificate_dispose;
}

static void
sp_exported_certificate_init (SpExportedCertificate *self)
{
}

SpExportedCertificate *
sp_exported_certificate_new (SpServer *server, const char *element)
{
  SpExportedCertificate *self = g_object_new (SP_TYPE_EXPORTED_CERTIFICATE, NULL);

  self->server = g_object_ref (server);
  self->certificates = g_object_ref (sp_server_get_certificates (server));
  self->element = g_strdup (element);
  g_signal_connect_object (self->certificates, "changed", G_CALLBACK (on_changed), self, 0);
  on_changed (self->certificates, element, self);
  return self;
}

char *
sp_exported_certificate_path (const char *element)
{
  return g_strconcat (SP_BUS_CERTIFICATES_PATH "/", element, NULL);
}

char *
sp_exported_certificate_path_of_id (const guint8 *id)
{
  char element[2 * SP_ID_SIZE + 1];

  sp_hex_encode (id, SP_ID_SIZE, element);
  return sp_exported_certificate_path (element);
}

#define PEM_LINE 64 /* characters */

GBytes *
sp_bus_write_pem (const char *label, const guint8 *der, gsize size)
{
  g_autofree char *base64 = g_base64_encode (der, size);
  GString *pem = g_string_new (NULL);
  gsize length = strlen (base64);

  g_string_append_printf (pem, "-----BEGIN %s-----\n", label);
  for (gsize i = 0; i < length; i += PEM_LINE)
    g_string_append_printf (pem, "%.*s\n", PEM_LINE, base64 + i);
  g_string_append_printf (pem, "-----END %s-----\n", label);
  return g_string_free_to_bytes (pem);
}

static const SpBusKey authority_keys[] = {
  { "format", "s", 0, 8, FALSE },
};

GBytes *
sp_bus_write_authority (const SpPrepared *certificate, GVariant *options, GError **error)
{
  const char *format = "pem";

  if (!sp_bus_options_check (options, authority_keys, G_N_ELEMENTS (authority_keys), error))
    return NULL;
  (void) g_variant_lookup (options, "format", "&s", &format);
  if (!g_str_equal (format, "pem") && !g_str_equal (format, "der"))
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                   "“format” must be “pem” or “der”");
      return NULL;
    }
  if (certificate == NULL)
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_FOUND, "there is no authority yet");
      return NULL;
    }
  if (g_str_equal (format, "der"))
    return g_bytes_new (certificate->authority, certificate->authority_length);
  return sp_bus_write_pem ("CERTIFICATE", certificate->authority, certificate->authority_length);
}
