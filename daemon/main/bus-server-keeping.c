/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-server-private.h"

#include "bus-backup.h"
#include "bus-certificate-files.h"
#include "bus-certificate.h"
#include "bus-log.h"
#include "bus-options.h"
#include "bus-reply.h"

#include <gio/gunixfdlist.h>

/* --- certificates --- */

static gboolean
handle_check_certificate (SpBusServer *object,
                          GDBusMethodInvocation *invocation,
                          GUnixFDList *descriptors,
                          GVariant *files,
                          GVariant *options)
{
  sp_bus_certificate_files (SP_EXPORTED_SERVER (object)->server, invocation, descriptors, files,
                            options, FALSE);
  return TRUE;
}

static gboolean
handle_import_certificate (SpBusServer *object,
                           GDBusMethodInvocation *invocation,
                           GUnixFDList *descriptors,
                           GVariant *files,
                           GVariant *options)
{
  sp_bus_certificate_files (SP_EXPORTED_SERVER (object)->server, invocation, descriptors, files,
                            options, TRUE);
  return TRUE;
}

static void
on_certificate_requested (GObject *certificates, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autofree SpCertificateRequested *requested = sp_certificate_registry_request_finish (
      SP_CERTIFICATE_REGISTRY (certificates), result, &error);
  g_autofree char *path = NULL;

  if (requested == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_certificate_path_of_id (requested->id);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

static gboolean
handle_request_certificate (SpBusServer *object,
                            GDBusMethodInvocation *invocation,
                            const char *const *names,
                            GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  g_autoptr (GBytes) written = NULL;
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    written = sp_bus_write_names (names, &error);
  if (written == NULL)
    sp_bus_reply_error (invocation, error);
  else
    sp_certificate_registry_request_async (sp_server_get_certificates (self->server), NULL, written,
                                           on_certificate_requested, invocation);
  return TRUE;
}

static gboolean
handle_open_log (SpBusServer *object,
                 GDBusMethodInvocation *invocation,
                 GUnixFDList *ignored,
                 GVariant *filter,
                 GVariant *options)
{
  sp_bus_log_open (sp_server_get_log (SP_EXPORTED_SERVER (object)->server), invocation, filter,
                   options);
  return TRUE;
}

static gboolean
handle_export_backup (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      GUnixFDList *descriptors,
                      GVariant *file,
                      GVariant *passphrase,
                      GVariant *options)
{
  const SpBusBackupCall call = { invocation, descriptors, file, passphrase, options };

  sp_bus_backup_export (SP_EXPORTED_SERVER (object)->server, &call);
  return TRUE;
}

static gboolean
handle_check_backup (SpBusServer *object,
                     GDBusMethodInvocation *invocation,
                     GUnixFDList *descriptors,
                     GVariant *file,
                     GVariant *passphrase,
                     GVariant *options)
{
  const SpBusBackupCall call = { invocation, descriptors, file, passphrase, options };

  sp_bus_backup_check (SP_EXPORTED_SERVER (object)->server, &call);
  return TRUE;
}

static gboolean
handle_import_backup (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      GUnixFDList *descriptors,
                      GVariant *file,
                      GVariant *passphrase,
                      GVariant *options)
{
  const SpBusBackupCall call = { invocation, descriptors, file, passphrase, options };

  sp_bus_backup_import (SP_EXPORTED_SERVER (object)->server, &call);
  return TRUE;
}

static gboolean
handle_set_backup_passphrase (SpBusServer *object,
                              GDBusMethodInvocation *invocation,
                              GUnixFDList *descriptors,
                              GVariant *passphrase,
                              GVariant *options)
{
  const SpBusBackupCall call = { invocation, descriptors, NULL, passphrase, options };

  sp_bus_backup_set_passphrase (SP_EXPORTED_SERVER (object)->server, &call);
  return TRUE;
}

static gboolean
handle_forget_backup_passphrase (SpBusServer *object,
                                 GDBusMethodInvocation *invocation,
                                 GVariant *options)
{
  sp_bus_backup_forget_passphrase (SP_EXPORTED_SERVER (object)->server, invocation, options);
  return TRUE;
}

static gboolean
handle_reset (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  sp_bus_backup_reset (SP_EXPORTED_SERVER (object)->server, invocation, options);
  return TRUE;
}

void
sp_exported_server_init_keeping (SpBusServerIface *iface)
{
  iface->handle_check_certificate = handle_check_certificate;
  iface->handle_import_certificate = handle_import_certificate;
  iface->handle_request_certificate = handle_request_certificate;
  iface->handle_open_log = handle_open_log;
  iface->handle_export_backup = handle_export_backup;
  iface->handle_check_backup = handle_check_backup;
  iface->handle_import_backup = handle_import_backup;
  iface->handle_set_backup_passphrase = handle_set_backup_passphrase;
  iface->handle_forget_backup_passphrase = handle_forget_backup_passphrase;
  iface->handle_reset = handle_reset;
}
