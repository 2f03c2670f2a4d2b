/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "json.h"
#include "password.h"
#include "terminal.h"
#include "text.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define YES_MAX 8

static gboolean
set_errno_error (GError **error, const char *what)
{
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "%s: %s", what, g_strerror (errno));
  return FALSE;
}

/* What stands between the owner and something that cannot be undone: a word on the terminal, or
 * --yes where nobody sits there. */
static gboolean
confirm (const SpControl *control, gboolean yes, const char *warning, GError **error)
{
  char answer[YES_MAX] = "";

  if (yes)
    return TRUE;
  if (control->no_ask || !isatty (STDIN_FILENO))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "%s  Say --yes if that is meant.",
                   warning);
      return FALSE;
    }
  g_printerr ("%s\nType “yes” to go on: ", warning);
  if (fgets (answer, sizeof answer, stdin) != NULL && strcmp (answer, "yes\n") == 0)
    return TRUE;
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "nothing was changed");
  return FALSE;
}

static void
print_facts (const SpControl *control, const char *file, const char *done, GVariant *facts)
{
  guint64 created = 0;
  const char *program = "";
  g_autofree char *when = NULL;
  SpJson json;

  (void) g_variant_lookup (facts, "CreatedAt", "t", &created);
  (void) g_variant_lookup (facts, "Program", "&s", &program);
  if (!control->json)
    {
      when = sp_text_time (created);
      g_print ("%s %s: made %s by version %s.\n", file, done, when, program);
      return;
    }
  sp_json_init (&json);
  sp_json_text (&json, "file", file);
  sp_json_time (&json, "created-at", created);
  sp_json_text (&json, "program", program);
  sp_json_print (&json);
}

/* The generated call of each of the three methods. */
typedef gboolean (*Call) (SpBusServer *proxy,
                          GVariant *file,
                          GVariant *passphrase,
                          GVariant *options,
                          GDBusCallFlags flags,
                          gint timeout,
                          GUnixFDList *descriptors,
                          GVariant **ret_facts,
                          GUnixFDList **ret_descriptors,
                          GCancellable *cancellable,
                          GError **error);

static GVariant *
call_with_files (const SpControl *control,
                 Call call,
                 int file,
                 int passphrase,
                 GVariant *options,
                 GError **error)
{
  g_autoptr (GVariant) owned_options = g_variant_ref_sink (options);
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  GVariant *facts = NULL;

  if (client == NULL || g_unix_fd_list_append (descriptors, file, error) < 0 ||
      g_unix_fd_list_append (descriptors, passphrase, error) < 0 ||
      !call (client->server, g_variant_new_handle (0), g_variant_new_handle (1), owned_options,
             client->flags, client->timeout, descriptors, &facts, NULL, NULL, error))
    return NULL;
  return facts;
}

static GOptionEntry
passphrase_option (SpPasswordSource *source)
{
  return (GOptionEntry){ "passphrase-file",
                         0,
                         0,
                         G_OPTION_ARG_FILENAME,
                         &source->file,
                         "Read the passphrase from there: a file, - or fd:N",
                         "FILE" };
}

/* The new file appears under its name when it is complete. */
static SpExitStatus
create (const SpControl *control,
        const char *file,
        const SpPasswordSource *source,
        gboolean replace,
        GError **error)
{
  static const SpPasswordQuestion question = { "Passphrase of the backup: ", "passphrase", TRUE };
  g_autofree char *unfinished = g_strconcat (file, ".unfinished", NULL);
  g_autoptr (GVariant) facts = NULL;
  sp_autofd int passphrase = -1;
  sp_autofd int fd = -1;

  if (!replace && g_file_test (file, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED,
                   "%s exists; --replace would replace it", file);
      return SP_EXIT_FAILED;
    }
  passphrase = sp_password_ask (source, control, &question, error);
  if (passphrase < 0)
    return SP_EXIT_FAILED;
  fd = open (unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    {
      (void) set_errno_error (error, unfinished);
      return SP_EXIT_FAILED;
    }
  facts = call_with_files (control, sp_bus_server_call_export_backup_sync, fd, passphrase,
                           sp_client_no_options (), error);
  if (facts == NULL || (rename (unfinished, file) != 0 && !set_errno_error (error, file)))
    {
      (void) unlink (unfinished);
      return SP_EXIT_FAILED;
    }
  print_facts (control, file, "is complete", facts);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_backup_create (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (SpPasswordSource) source = { 0 };
  gboolean replace = FALSE;
  const GOptionEntry options[] = {
    passphrase_option (&source),
    { "replace", 0, 0, G_OPTION_ARG_NONE, &replace, "Replace a file of that name", NULL },
    { 0 },
  };

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  return create (control, (*arguments)[1], &source, replace, error);
}

static GVariant *
open_backup (const SpControl *control,
             const char *file,
             const SpPasswordSource *source,
             Call call,
             GVariant *options,
             GError **error)
{
  static const SpPasswordQuestion question = { "Passphrase of the backup: ", "passphrase", FALSE };
  g_autoptr (GVariant) owned_options = g_variant_ref_sink (options);
  sp_autofd int fd = open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  sp_autofd int passphrase = -1;

  if (fd < 0)
    {
      (void) set_errno_error (error, file);
      return NULL;
    }
  passphrase = sp_password_ask (source, control, &question, error);
  if (passphrase < 0)
    return NULL;
  return call_with_files (control, call, fd, passphrase, owned_options, error);
}

SpExitStatus
sp_ctl_backup_check (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (SpPasswordSource) source = { 0 };
  const GOptionEntry options[] = { passphrase_option (&source), { 0 } };
  g_autoptr (GVariant) facts = NULL;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  facts = open_backup (control, (*arguments)[1], &source, sp_bus_server_call_check_backup_sync,
                       sp_client_no_options (), error);
  if (facts == NULL)
    return SP_EXIT_FAILED;
  print_facts (control, (*arguments)[1], "is sound", facts);
  return SP_EXIT_OK;
}

static GVariant *
import_options (gboolean keep_settings)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (keep_settings)
    g_variant_builder_add (&builder, "{sv}", "settings", g_variant_new_boolean (FALSE));
  return g_variant_builder_end (&builder);
}

SpExitStatus
sp_ctl_backup_restore (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (SpPasswordSource) source = { 0 };
  gboolean keep_settings = FALSE;
  gboolean yes = FALSE;
  const GOptionEntry options[] = {
    passphrase_option (&source),
    { "keep-settings", 0, 0, G_OPTION_ARG_NONE, &keep_settings,
      "Leave the settings of this machine as they are", NULL },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &yes, "Do not ask whether that is meant", NULL },
    { 0 },
  };
  g_autoptr (GVariant) facts = NULL;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if (!confirm (control, yes,
                "This replaces all users, keys and history of this server, disconnects everybody, "
                "and makes everybody sign in again.",
                error))
    return SP_EXIT_FAILED;
  facts = open_backup (control, (*arguments)[1], &source, sp_bus_server_call_import_backup_sync,
                       import_options (keep_settings), error);
  if (facts == NULL)
    return SP_EXIT_FAILED;
  print_facts (control, (*arguments)[1], "is restored", facts);
  return SP_EXIT_OK;
}

static gboolean
set_passphrase (SpClient *client, int passphrase, GError **error)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();

  return g_unix_fd_list_append (descriptors, passphrase, error) >= 0 &&
         sp_bus_server_call_set_backup_passphrase_sync (
             client->server, g_variant_new_handle (0), sp_client_no_options (), client->flags,
             client->timeout, descriptors, NULL, NULL, error);
}

SpExitStatus
sp_ctl_backup_passphrase (SpControl *control,
                          const SpCommand *self,
                          char ***arguments,
                          GError **error)
{
  static const SpPasswordQuestion question = { "New passphrase of weekly backups: ", "passphrase",
                                               TRUE };
  g_auto (SpPasswordSource) source = { 0 };
  gboolean forget = FALSE;
  const GOptionEntry options[] = {
    passphrase_option (&source),
    { "forget", 0, 0, G_OPTION_ARG_NONE, &forget, "Forget it: no more weekly backups", NULL },
    { 0 },
  };
  g_autoptr (SpClient) client = NULL;
  sp_autofd int passphrase = -1;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if (!forget)
    passphrase = sp_password_ask (&source, control, &question, error);
  if (!forget && passphrase < 0)
    return SP_EXIT_FAILED;
  client = sp_client_new (control, error);
  if (client == NULL || !(forget ? sp_bus_server_call_forget_backup_passphrase_sync (
                                       client->server, sp_client_no_options (), client->flags,
                                       client->timeout, NULL, error)
                                 : set_passphrase (client, passphrase, error)))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      SpJson json;

      sp_json_init (&json);
      sp_json_text (&json, "passphrase", forget ? "forgotten" : "set");
      sp_json_print (&json);
    }
  else
    g_print (forget ? "The passphrase of weekly backups is forgotten.\n"
                    : "The passphrase of weekly backups is set.\n");
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_reset (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  gboolean yes = FALSE;
  const GOptionEntry options[] = {
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &yes, "Do not ask whether that is meant", NULL },
    { 0 },
  };
  g_autoptr (SpClient) client = NULL;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if (!confirm (control, yes,
                "This erases all users, keys, history and settings of this server.  Only a backup "
                "brings them back.",
                error))
    return SP_EXIT_FAILED;
  client = sp_client_new (control, error);
  if (client == NULL ||
      !sp_bus_server_call_reset_sync (client->server, sp_client_no_options (), client->flags,
                                      client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      SpJson json;

      sp_json_init (&json);
      sp_json_text (&json, "state", "off");
      sp_json_print (&json);
    }
  else
    g_print ("The server is as new, and off.\n");
  return SP_EXIT_OK;
}
