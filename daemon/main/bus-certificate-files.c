/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-certificate-files.h"

#include "bus-certificate.h"
#include "bus-descriptor.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus/error.h"

#include <string.h>

#define TOKEN_SCHEME "pkcs11:"

static gboolean check_token (const SpBusKey *key, GVariant *value, GError **error);

static const SpBusKey keys[] = {
  { "passphrase", "h", 0, 0, FALSE, NULL },
  { "token", "s", sizeof TOKEN_SCHEME, SP_TOKEN_URI_MAX, FALSE, check_token },
  { "pin", "h", 0, 0, FALSE, NULL },
};

static const char *const checks[] = {
  [SP_CHECK_FILES] = "files", [SP_CHECK_KEY] = "key",     [SP_CHECK_STRENGTH] = "strength",
  [SP_CHECK_USE] = "use",     [SP_CHECK_DATES] = "dates", [SP_CHECK_NAMES] = "names",
  [SP_CHECK_CHAIN] = "chain",
};

static const char *const severities[] = {
  [SP_SEVERITY_OK] = "ok",
  [SP_SEVERITY_WARNING] = "warning",
  [SP_SEVERITY_PROBLEM] = "problem",
};

/* --- what comes in --- */

static gboolean
take_files (SpCertificateFiles *files, GUnixFDList *descriptors, GVariant *handles, GError **error)
{
  gsize n_files = g_variant_n_children (handles);

  if (n_files < 1 || n_files > SP_BUNDLE_FILES_MAX)
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                   "“files” must be 1 to %d memory files", SP_BUNDLE_FILES_MAX);
      return FALSE;
    }
  for (gsize i = 0; i < n_files; i++)
    {
      g_autoptr (GVariant) handle = g_variant_get_child_value (handles, i);

      files->files[i] = sp_bus_take_sealed (descriptors, handle, "file", SP_BUNDLE_FILE_MAX, error);
      if (files->files[i] < 0)
        return FALSE;
      files->n_files++;
    }
  return TRUE;
}

/* RFC 7512 2.3.  A PIN in it would stand where everybody reads it. */
static gboolean
check_token (const SpBusKey *key, GVariant *value, GError **error)
{
  const char *uri = g_variant_get_string (value, NULL);

  if (g_str_has_prefix (uri, TOKEN_SCHEME) && strstr (uri, "pin-value") == NULL &&
      strstr (uri, "pin-source") == NULL && strchr (uri, ' ') == NULL && g_str_is_ascii (uri))
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“%s” must be a URI as “pkcs11:token=…;object=…?module-path=/usr/lib/…”, without "
               "a PIN",
               key->name);
  return FALSE;
}

static gboolean
take_secret (SpCertificateFiles *files,
             GUnixFDList *descriptors,
             GVariant *options,
             const char *name,
             GError **error)
{
  g_autoptr (GVariant) handle = g_variant_lookup_value (options, name, G_VARIANT_TYPE_HANDLE);

  if (handle == NULL)
    return TRUE;
  files->passphrase = sp_bus_take_secret (descriptors, handle, name, error);
  return files->passphrase >= 0;
}

/* With a token the files have no key, so that no passphrase is needed. */
static gboolean
take_options (SpCertificateFiles *files,
              GUnixFDList *descriptors,
              GVariant *options,
              GError **error)
{
  const char *stray;

  if (!sp_bus_options_check (options, keys, G_N_ELEMENTS (keys), error))
    return FALSE;
  (void) g_variant_lookup (options, "token", "s", &files->token);
  stray = files->token != NULL ? "passphrase" : "pin";
  if (g_variant_lookup (options, stray, "h", NULL))
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, "“%s” has no meaning %s “token”",
                   stray, files->token != NULL ? "with" : "without");
      return FALSE;
    }
  return take_secret (files, descriptors, options, files->token != NULL ? "pin" : "passphrase",
                      error);
}

/* --- what goes out --- */

GVariant *
sp_bus_findings (const guint8 *findings, gsize length)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ssa{sv})"));
  const guint8 *next = findings;
  const guint8 *end = findings + length;

  while (end - next > 2)
    {
      const guint8 *text = next + 2;
      const guint8 *zero = memchr (text, 0, (gsize) (end - text));
      GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

      if (zero == NULL || next[0] > SP_CHECK_LAST || next[1] > SP_SEVERITY_LAST)
        break;
      g_variant_builder_add (
          &details, "{sv}", "Text",
          g_variant_new_take_string (g_utf8_make_valid ((const char *) text, zero - text)));
      g_variant_builder_add (&builder, "(ssa{sv})", checks[next[0]], severities[next[1]], &details);
      next = zero + 1;
    }
  return g_variant_builder_end (&builder);
}

static void
add_text (GVariantBuilder *builder, const char *key, const guint8 *bytes, gsize length)
{
  g_variant_builder_add (
      builder, "{sv}", key,
      g_variant_new_take_string (g_utf8_make_valid ((const char *) bytes, (gssize) length)));
}

/* a{sv}, empty where no certificate was found. */
static GVariant *
describe (const SpCertificateChecked *checked)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_auto (GStrv) names = sp_bus_certificate_names (checked->names, checked->names_length);

  if (!checked->found)
    return g_variant_builder_end (&builder);
  add_text (&builder, "Subject", checked->subject, checked->subject_length);
  add_text (&builder, "Issuer", checked->issuer, checked->issuer_length);
  add_text (&builder, "Key", checked->key, checked->key_length);
  g_variant_builder_add (&builder, "{sv}", "Names",
                         g_variant_new_strv ((const char *const *) names, -1));
  g_variant_builder_add (&builder, "{sv}", "StartsAt", g_variant_new_uint64 (checked->not_before));
  g_variant_builder_add (&builder, "{sv}", "ExpiresAt", g_variant_new_uint64 (checked->not_after));
  g_variant_builder_add (
      &builder, "{sv}", "Fingerprint",
      g_variant_new_take_string (sp_bus_fingerprint_text (checked->fingerprint)));
  g_variant_builder_add (&builder, "{sv}", "KeyPin",
                         g_variant_new_take_string (sp_pin_text (checked->pin)));
  return g_variant_builder_end (&builder);
}

/* The words of the first problem. */
static GError *
first_problem (const SpCertificateChecked *checked)
{
  g_autoptr (GVariant) findings =
      g_variant_ref_sink (sp_bus_findings (checked->findings, checked->findings_length));
  GVariantIter iter;
  const char *severity;
  GVariant *details;
  const char *text = "it can not be used";

  g_variant_iter_init (&iter, findings);
  while (g_variant_iter_next (&iter, "(&s&s@a{sv})", NULL, &severity, &details))
    {
      g_autoptr (GVariant) owned = details;

      if (!g_str_equal (severity, severities[SP_SEVERITY_PROBLEM]))
        continue;
      (void) g_variant_lookup (owned, "Text", "&s", &text);
      return g_error_new_literal (SP_BUS_ERROR, SP_BUS_ERROR_CERTIFICATE_INVALID, text);
    }
  return g_error_new_literal (SP_BUS_ERROR, SP_BUS_ERROR_CERTIFICATE_INVALID, text);
}

static void
on_checked (GObject *certificates, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autofree SpCertificateChecked *checked =
      sp_certificate_registry_check_finish (SP_CERTIFICATE_REGISTRY (certificates), result, &error);

  if (checked == NULL)
    sp_bus_reply_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (
        invocation, g_variant_new ("(b@a{sv}@a(ssa{sv}))", checked->usable != 0, describe (checked),
                                   sp_bus_findings (checked->findings, checked->findings_length)));
}

static void
on_imported (GObject *certificates, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autofree SpCertificateChecked *checked =
      sp_certificate_registry_check_finish (SP_CERTIFICATE_REGISTRY (certificates), result, &error);
  g_autofree char *path = NULL;

  if (checked != NULL && !checked->kept)
    error = first_problem (checked);
  if (error != NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_certificate_path_of_id (checked->id);
  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(o@a(ssa{sv}))", path,
                                 sp_bus_findings (checked->findings, checked->findings_length)));
}

void
sp_bus_certificate_files (SpServer *server,
                          GDBusMethodInvocation *invocation,
                          GUnixFDList *descriptors,
                          GVariant *handles,
                          GVariant *options,
                          gboolean keep)
{
  SpCertificateFiles files;
  GError *error = NULL;

  sp_certificate_files_init (&files);
  if (take_options (&files, descriptors, options, &error) &&
      take_files (&files, descriptors, handles, &error))
    sp_certificate_registry_check_async (
        sp_server_get_certificates (server), &files,
        sp_configuration_get (sp_server_get_configuration (server))->name, keep,
        keep ? on_imported : on_checked, invocation);
  else
    sp_bus_reply_error (invocation, error);
  sp_certificate_files_clear (&files);
}
