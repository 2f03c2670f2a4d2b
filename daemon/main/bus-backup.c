/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-backup.h"

#include "base/io.h"
#include "bus-descriptor.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "server-backup.h"

struct _SpBusAnswer
{
  GDBusMethodInvocation *invocation;
  GVariant *value; /* what it returns */
};

static const SpBusKey import_keys[] = {
  { "settings", "b", 0, 0, FALSE, NULL },
};

void
sp_bus_answer_give (SpBusAnswer *answer, const GError *error)
{
  if (error != NULL)
    sp_bus_reply_error (answer->invocation, g_error_copy (error));
  else
    g_dbus_method_invocation_return_value (answer->invocation, answer->value);
  g_variant_unref (answer->value);
  g_free (answer);
}

/* Takes `value` if it is floating. */
static SpBusAnswer *
answer_new (GDBusMethodInvocation *invocation, GVariant *value)
{
  SpBusAnswer *answer = g_new0 (SpBusAnswer, 1);

  answer->invocation = invocation;
  answer->value = g_variant_ref_sink (value);
  return answer;
}

/* "(a{sv})" */
static GVariant *
describe (const SpBackupSealed *facts)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *program =
      g_utf8_make_valid ((const char *) facts->program, facts->program_length);

  g_variant_builder_add (&builder, "{sv}", "CreatedAt", g_variant_new_uint64 (facts->created));
  g_variant_builder_add (&builder, "{sv}", "Program", g_variant_new_string (program));
  g_variant_builder_add (&builder, "{sv}", "Schema", g_variant_new_uint32 (facts->main_schema));
  return g_variant_new ("(a{sv})", &builder);
}

typedef struct
{
  int file;
  int passphrase;
} Descriptors;

static gboolean
take (const SpBusBackupCall *call, gboolean for_writing, Descriptors *ret, GError **error)
{
  sp_autofd int file = sp_bus_take_file (call->descriptors, call->file, "file", for_writing, error);

  if (file < 0)
    return FALSE;
  ret->passphrase = sp_bus_take_secret (call->descriptors, call->passphrase, "passphrase", error);
  if (ret->passphrase < 0)
    return FALSE;
  ret->file = sp_fd_steal (&file);
  return TRUE;
}

static void
on_facts (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autofree SpBackupSealed *facts = sp_server_backup_finish (SP_SERVER (server), result, &error);

  if (facts == NULL)
    sp_bus_reply_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation, describe (facts));
}

void
sp_bus_backup_export (SpServer *server, const SpBusBackupCall *call)
{
  Descriptors fds;
  GError *error = NULL;

  if (sp_bus_options_check_empty (call->options, &error) && take (call, TRUE, &fds, &error))
    sp_server_export_async (server, fds.file, fds.passphrase, on_facts, call->invocation);
  else
    sp_bus_reply_error (call->invocation, error);
}

void
sp_bus_backup_check (SpServer *server, const SpBusBackupCall *call)
{
  Descriptors fds;
  GError *error = NULL;

  if (sp_bus_options_check_empty (call->options, &error) && take (call, FALSE, &fds, &error))
    sp_server_check_backup_async (server, fds.file, fds.passphrase, on_facts, call->invocation);
  else
    sp_bus_reply_error (call->invocation, error);
}

static void
on_imported (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autofree SpBackupSealed *facts = sp_server_backup_finish (SP_SERVER (server), result, &error);

  if (facts == NULL)
    sp_bus_reply_error (invocation, error);
  else
    sp_server_tell_replaced (SP_SERVER (server), answer_new (invocation, describe (facts)));
}

void
sp_bus_backup_import (SpServer *server, const SpBusBackupCall *call)
{
  gboolean with_settings = TRUE;
  Descriptors fds;
  GError *error = NULL;

  if (!sp_bus_options_check (call->options, import_keys, G_N_ELEMENTS (import_keys), &error) ||
      !take (call, FALSE, &fds, &error))
    {
      sp_bus_reply_error (call->invocation, error);
      return;
    }
  (void) g_variant_lookup (call->options, "settings", "b", &with_settings);
  sp_server_import_async (server, fds.file, fds.passphrase, with_settings, on_imported,
                          call->invocation);
}

static void
on_reset (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  if (!sp_server_backup_done_finish (SP_SERVER (server), result, &error))
    sp_bus_reply_error (invocation, error);
  else
    sp_server_tell_replaced (SP_SERVER (server),
                             answer_new (invocation, g_variant_new_tuple (NULL, 0)));
}

void
sp_bus_backup_reset (SpServer *server, GDBusMethodInvocation *invocation, GVariant *options)
{
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_server_reset_async (server, on_reset, invocation);
  else
    sp_bus_reply_error (invocation, error);
}

static void
on_key_set (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_server_backup_done_finish (SP_SERVER (server), result, &error);
  sp_bus_reply (invocation, error);
}

void
sp_bus_backup_set_passphrase (SpServer *server, const SpBusBackupCall *call)
{
  GError *error = NULL;
  int passphrase = -1;

  if (sp_bus_options_check_empty (call->options, &error))
    passphrase = sp_bus_take_secret (call->descriptors, call->passphrase, "passphrase", &error);
  if (passphrase >= 0)
    sp_server_set_backup_key_async (server, passphrase, on_key_set, call->invocation);
  else
    sp_bus_reply_error (call->invocation, error);
}

void
sp_bus_backup_forget_passphrase (SpServer *server,
                                 GDBusMethodInvocation *invocation,
                                 GVariant *options)
{
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_server_set_backup_key_async (server, -1, on_key_set, invocation);
  else
    sp_bus_reply_error (invocation, error);
}
