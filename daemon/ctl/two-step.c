/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "json.h"
#include "password.h"
#include "picture.h"
#include "terminal.h"

#include "base/io.h"
#include "base/limits.h"
#include "base/secret.h"
#include "bus/error.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

#define SECRET_MAX 2048 /* bytes of what the service hands over */
#define CODE_ASKS  3

/* What the command line says and whom it is about. */
typedef struct
{
  SpControl *control;
  const char *login;
  SpClient *client;
  SpBusUser *user;
} Work;

/* --- what the service hands over --- */

/* The text in the first descriptor; wiped by sp_secret_text_free. */
static char *
read_secret (GUnixFDList *descriptors, GError **error)
{
  sp_autofd int fd = descriptors != NULL && g_unix_fd_list_get_length (descriptors) == 1
                         ? g_unix_fd_list_get (descriptors, 0, NULL)
                         : -1;
  char *text = g_malloc0 (SECRET_MAX + 1);
  gssize size = fd < 0 ? -1 : pread (fd, text, SECRET_MAX, 0);

  if (size > 0)
    return text;
  g_free (text);
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "the service handed over nothing");
  return NULL;
}

static char *
enroll (const Work *work, const char *issuer, GError **error)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;

  if (issuer != NULL)
    g_variant_builder_add (&options, "{sv}", "Issuer", g_variant_new_string (issuer));
  if (!sp_bus_user_call_enroll_totp_sync (work->user, g_variant_builder_end (&options),
                                          work->client->flags, work->client->timeout, NULL, &handle,
                                          &descriptors, NULL, error))
    return NULL;
  return read_secret (descriptors, error);
}

/* The recovery codes, a line each. */
static char *
confirm (const Work *work, const char *code, GError **error)
{
  g_autofree char *text = g_utf8_make_valid (code, -1); /* whatever was typed */
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;

  if (!sp_bus_user_call_confirm_totp_sync (work->user, text, sp_client_no_options (),
                                           work->client->flags, work->client->timeout, NULL,
                                           &handle, &descriptors, NULL, error))
    return NULL;
  return read_secret (descriptors, error);
}

/* --- what people see --- */

static void
begin_document (const Work *work, SpJson *json)
{
  sp_json_init (json);
  sp_json_text (json, "id", sp_client_id_of (work->user));
  sp_json_text (json, "login", work->login);
}

static void
print_recovery_codes (const Work *work, const char *lines)
{
  g_auto (GStrv) codes = g_strsplit (lines, "\n", -1);
  SpJson json;

  if (!work->control->json)
    {
      g_print ("From now on %s is asked for a code after the password.\n\n"
               "Recovery codes, for the day when there is no phone; each works once, and they are "
               "shown only now:\n\n%s",
               work->login, lines);
      return;
    }
  begin_document (work, &json);
  sp_json_open (&json, "recovery-codes", '[');
  for (guint i = 0; codes[i] != NULL && codes[i][0] != '\0'; i++)
    sp_json_text (&json, NULL, codes[i]);
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static void
print_uri (const Work *work, const char *uri)
{
  SpJson json;

  if (work->control->json)
    {
      begin_document (work, &json);
      sp_json_text (&json, "uri", uri);
      sp_json_print (&json);
      return;
    }
  if (sp_picture_print (uri))
    g_print ("\nLet the phone's authenticator app read this picture, or give it this text:\n");
  g_print ("%s\n", uri);
}

static char *
ask_for_code (GError **error)
{
  char buffer[SP_CODE_MAX];
  gssize size =
      sp_terminal_read_secret ("Code that the phone shows now: ", buffer, sizeof buffer, error);

  return size < 0 ? NULL : g_strndup (buffer, MIN ((gsize) size, sizeof buffer));
}

/* --- enroll --- */

static gboolean
can_ask (const SpControl *control)
{
  return !control->json && !control->no_ask && isatty (STDIN_FILENO) && isatty (STDOUT_FILENO);
}

/* A mistyped code may be typed again. */
static SpExitStatus
confirm_on_terminal (const Work *work, GError **error)
{
  for (guint i = 1;; i++)
    {
      g_autoptr (GError) wrong = NULL;
      g_autofree char *code = ask_for_code (error);
      g_autoptr (SpSecretText) codes = NULL;

      if (code == NULL)
        return SP_EXIT_FAILED;
      codes = confirm (work, code, &wrong);
      if (codes != NULL)
        {
          print_recovery_codes (work, codes);
          return SP_EXIT_OK;
        }
      if (i == CODE_ASKS || !g_error_matches (wrong, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS))
        {
          g_propagate_error (error, g_steal_pointer (&wrong));
          return SP_EXIT_FAILED;
        }
      g_dbus_error_strip_remote_error (wrong);
      g_printerr (SP_CTL_NAME ": %s\n", wrong->message);
    }
}

static SpExitStatus
run_enroll (const Work *work, const char *issuer, GError **error)
{
  g_autoptr (SpSecretText) uri = enroll (work, issuer, error);

  if (uri == NULL)
    return SP_EXIT_FAILED;
  print_uri (work, uri);
  if (can_ask (work->control))
    return confirm_on_terminal (work, error);
  if (!work->control->json)
    g_print ("It does not count yet: " SP_CTL_NAME " user totp confirm %s\n", work->login);
  return SP_EXIT_OK;
}

/* --- confirm, remove --- */

static char *
obtain_code (const SpControl *control, const char *file, GError **error)
{
  char buffer[SP_CODE_MAX];
  gssize size;

  if (file == NULL && isatty (STDIN_FILENO))
    {
      if (!control->no_ask)
        return ask_for_code (error);
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "a code is needed: --code-file");
      return NULL;
    }
  size = sp_password_read_line (file != NULL ? file : "-", buffer, sizeof buffer, error);
  if (size < 0)
    return NULL;
  return g_strndup (buffer, (gsize) size);
}

static SpExitStatus
run_confirm (const Work *work, const char *file, GError **error)
{
  g_autofree char *code = obtain_code (work->control, file, error);
  g_autoptr (SpSecretText) codes = code != NULL ? confirm (work, code, error) : NULL;

  if (codes == NULL)
    return SP_EXIT_FAILED;
  print_recovery_codes (work, codes);
  return SP_EXIT_OK;
}

static SpExitStatus
run_remove (const Work *work, GError **error)
{
  SpJson json;

  if (!sp_bus_user_call_remove_totp_sync (work->user, sp_client_no_options (), work->client->flags,
                                          work->client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (!work->control->json)
    {
      g_print ("From now on %s is not asked for a code.\n", work->login);
      return SP_EXIT_OK;
    }
  begin_document (work, &json);
  sp_json_print (&json);
  return SP_EXIT_OK;
}

static SpExitStatus
run (Work *work, const char *verb, const char *issuer, const char *file, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (work->control, error);
  g_autoptr (SpBusUser) user =
      client != NULL ? sp_client_find_user (client, work->login, error) : NULL;

  if (user == NULL)
    return SP_EXIT_FAILED;
  work->client = client;
  work->user = user;
  if (g_str_equal (verb, "enroll"))
    return run_enroll (work, issuer, error);
  if (g_str_equal (verb, "confirm"))
    return run_confirm (work, file, error);
  return run_remove (work, error);
}

SpExitStatus
sp_ctl_user_totp (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  const char *const verbs[] = { "enroll", "confirm", "remove", NULL };
  g_autofree char *issuer = NULL;
  g_autofree char *file = NULL;
  const GOptionEntry options[] = {
    { "issuer", 0, 0, G_OPTION_ARG_STRING, &issuer, "What the phone shows beside the login",
      "TEXT" },
    { "code-file", 0, 0, G_OPTION_ARG_FILENAME, &file,
      "The code: its first line (-: standard input; fd:N)", "FILE" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  Work work = { .control = control };

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  work.login = (*arguments)[2];
  if (g_strv_contains (verbs, (*arguments)[1]) && g_utf8_validate (work.login, -1, NULL) &&
      (issuer == NULL || g_utf8_validate (issuer, -1, NULL)))
    return run (&work, (*arguments)[1], issuer, file, error);
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
               "usage: " SP_CTL_NAME " user totp enroll|confirm|remove LOGIN, in UTF-8");
  return SP_EXIT_USAGE;
}

/* --- passwords of programs --- */

static SpExitStatus
add_password (SpControl *control, const char *login, const char *name, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autoptr (SpBusUser) user = client != NULL ? sp_client_find_user (client, login, error) : NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autofree char *path = NULL;
  g_autoptr (SpSecretText) password = NULL;
  SpJson json;

  if (user == NULL || !sp_bus_user_call_add_app_password_sync (
                          user, name, sp_client_no_options (), client->flags, client->timeout, NULL,
                          &path, &handle, &descriptors, NULL, error))
    return SP_EXIT_FAILED;
  password = read_secret (descriptors, error);
  if (password == NULL)
    return SP_EXIT_FAILED;
  if (!control->json)
    {
      g_print ("Device %s\nPassword: %s\n", strrchr (path, '/') + 1, password);
      return SP_EXIT_OK;
    }
  sp_json_init (&json);
  sp_json_text (&json, "id", strrchr (path, '/') + 1);
  sp_json_text (&json, "login", login);
  sp_json_text (&json, "password", password);
  sp_json_print (&json);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_device_add_password (SpControl *control,
                            const SpCommand *self,
                            char ***arguments,
                            GError **error)
{
  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  if (g_utf8_validate ((*arguments)[1], -1, NULL) && g_utf8_validate ((*arguments)[2], -1, NULL))
    return add_password (control, (*arguments)[1], (*arguments)[2], error);
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "the login or the name is not UTF-8");
  return SP_EXIT_USAGE;
}
