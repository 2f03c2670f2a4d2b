/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "json.h"
#include "password.h"
#include "text.h"

#include "base/io.h"
#include "base/limits.h"
#include "base/names.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the options say beside the files. */
typedef struct
{
  SpPasswordSource passphrase;
  gboolean ask;
  char *token;
  SpPasswordSource pin;
  gboolean activate;
} Wish;

/* What the service answered. */
typedef struct
{
  gboolean usable;
  GVariant *certificate;
  GVariant *findings;
  char *path; /* of an imported one */
} Verdict;

static void
verdict_clear (Verdict *verdict)
{
  g_clear_pointer (&verdict->certificate, g_variant_unref);
  g_clear_pointer (&verdict->findings, g_variant_unref);
  g_clear_pointer (&verdict->path, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Verdict, verdict_clear)

/* --- what goes in --- */

static gboolean
set_errno_error (const char *file, GError **error)
{
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "%s: %s", file, g_strerror (errno));
  return FALSE;
}

/* Copies a file piece by piece, so that no key stays behind in our memory. */
static gboolean
copy (const char *file, int from, int to, GError **error)
{
  char buffer[4096];
  gsize total = 0;
  ssize_t size;
  gboolean copied = TRUE;

  while (copied && (size = read (from, buffer, sizeof buffer)) != 0)
    {
      total += size > 0 ? (gsize) size : 0;
      if (total > SP_BUNDLE_FILE_MAX)
        {
          g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "%s has more than %d bytes", file,
                       SP_BUNDLE_FILE_MAX);
          copied = FALSE;
        }
      else if (size < 0 || write (to, buffer, (gsize) size) != size)
        copied = set_errno_error (file, error);
    }
  sp_secret_wipe (buffer, sizeof buffer);
  return copied;
}

static int
seal_file (const char *file, GError **error)
{
  sp_autofd int from = open (file, O_RDONLY | O_CLOEXEC);
  sp_autofd int to = memfd_create ("certificate", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (from < 0 || to < 0)
    {
      (void) set_errno_error (file, error);
      return -1;
    }
  if (!copy (file, from, to, error))
    return -1;
  if (fcntl (to, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
    return sp_fd_steal (&to);
  (void) set_errno_error (file, error);
  return -1;
}

/* Takes the descriptor; returns its place in the list, -1 on failure. */
static int
append (GUnixFDList *descriptors, int fd, GError **error)
{
  sp_autofd int owned = fd;

  return owned >= 0 ? g_unix_fd_list_append (descriptors, owned, error) : -1;
}

static GVariant *
hand_over_files (GUnixFDList *descriptors, char *const *files, GError **error)
{
  g_auto (GVariantBuilder) handles = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("ah"));

  for (; *files != NULL; files++)
    {
      int place = append (descriptors, seal_file (*files, error), error);

      if (place < 0)
        return NULL;
      g_variant_builder_add (&handles, "h", place);
    }
  return g_variant_ref_sink (g_variant_builder_end (&handles));
}

/* Asks for it; its name is also the option's. */
static gboolean
hand_over_secret (const SpControl *control,
                  GUnixFDList *descriptors,
                  GVariantBuilder *options,
                  const SpPasswordSource *source,
                  const SpPasswordQuestion *question,
                  GError **error)
{
  int place = append (descriptors, sp_password_ask (source, control, question, error), error);

  if (place >= 0)
    g_variant_builder_add (options, "{sv}", question->name, g_variant_new_handle (place));
  return place >= 0;
}

static GVariant *
hand_over_secrets (const SpControl *control,
                   GUnixFDList *descriptors,
                   const Wish *wish,
                   GError **error)
{
  static const SpPasswordQuestion of_files = { "Passphrase of the files: ", "passphrase", FALSE };
  static const SpPasswordQuestion of_token = { "PIN of the token: ", "pin", FALSE };
  g_auto (GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (wish->token != NULL)
    g_variant_builder_add (&options, "{sv}", "token", g_variant_new_string (wish->token));
  if ((wish->ask || wish->passphrase.file != NULL) &&
      !hand_over_secret (control, descriptors, &options, &wish->passphrase, &of_files, error))
    return NULL;
  if (wish->token != NULL &&
      !hand_over_secret (control, descriptors, &options, &wish->pin, &of_token, error))
    return NULL;
  return g_variant_ref_sink (g_variant_builder_end (&options));
}

/* --- what comes out --- */

static void
print_findings (GVariant *findings)
{
  GVariantIter iter;
  const char *check;
  const char *severity;
  GVariant *details;

  g_variant_iter_init (&iter, findings);
  while (g_variant_iter_next (&iter, "(&s&s@a{sv})", &check, &severity, &details))
    {
      g_autoptr (GVariant) owned = details;
      const char *text = "";
      g_autofree char *shown = NULL;

      (void) g_variant_lookup (owned, "Text", "&s", &text);
      shown = sp_text_printable (text);
      g_print ("%-8s %-8s %s\n", severity, check, shown);
    }
}

static void
add_findings (SpJson *json, GVariant *findings)
{
  GVariantIter iter;
  const char *check;
  const char *severity;
  GVariant *details;

  sp_json_open (json, "findings", '[');
  g_variant_iter_init (&iter, findings);
  while (g_variant_iter_next (&iter, "(&s&s@a{sv})", &check, &severity, &details))
    {
      g_autoptr (GVariant) owned = details;

      sp_json_open (json, NULL, '{');
      sp_json_text (json, "check", check);
      sp_json_text (json, "severity", severity);
      sp_json_value (json, "details", owned);
      sp_json_close (json, '}');
    }
  sp_json_close (json, ']');
}

static const char *
id_of (const Verdict *verdict)
{
  return strrchr (verdict->path, '/') + 1;
}

static void
print_verdict (const SpControl *control, const Verdict *verdict, const Wish *wish)
{
  SpJson json;

  if (!control->json)
    {
      print_findings (verdict->findings);
      if (verdict->path != NULL)
        g_print ("Imported %s%s.\n", id_of (verdict),
                 wish->activate ? ", which is in use now" : "");
      return;
    }
  sp_json_init (&json);
  if (verdict->path != NULL)
    sp_json_text (&json, "id", id_of (verdict));
  else
    {
      sp_json_value (&json, "usable", g_variant_new_boolean (verdict->usable));
      sp_json_value (&json, "certificate", verdict->certificate);
    }
  add_findings (&json, verdict->findings);
  sp_json_print (&json);
}

/* --- the commands --- */

static gboolean
ask_service (SpClient *client,
             GVariant *files,
             GVariant *options,
             GUnixFDList *descriptors,
             gboolean import,
             Verdict *verdict,
             GError **error)
{
  if (import)
    return sp_bus_server_call_import_certificate_sync (
        client->server, files, options, client->flags, client->timeout, descriptors, &verdict->path,
        &verdict->findings, NULL, NULL, error);
  return sp_bus_server_call_check_certificate_sync (
      client->server, files, options, client->flags, client->timeout, descriptors, &verdict->usable,
      &verdict->certificate, &verdict->findings, NULL, NULL, error);
}

static gboolean
activate (SpClient *client, const char *id, GError **error)
{
  g_autoptr (SpBusCertificate) certificate = sp_client_find_certificate (client, id, error);

  return certificate != NULL &&
         sp_bus_certificate_call_activate_sync (certificate, sp_client_no_options (), client->flags,
                                                client->timeout, NULL, error);
}

static SpExitStatus
examine (SpControl *control, char *const *files, const Wish *wish, gboolean import, GError **error)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr (GVariant) options = hand_over_secrets (control, descriptors, wish, error);
  g_autoptr (GVariant) handles = NULL;
  g_autoptr (SpClient) client = NULL;
  g_auto (Verdict) verdict = { 0 };

  if (options != NULL)
    handles = hand_over_files (descriptors, files, error);
  if (handles != NULL)
    client = sp_client_new (control, error);
  if (client == NULL ||
      !ask_service (client, handles, options, descriptors, import, &verdict, error) ||
      (wish->activate && !activate (client, id_of (&verdict), error)))
    return SP_EXIT_FAILED;
  print_verdict (control, &verdict, wish);
  return import || verdict.usable ? SP_EXIT_OK : SP_EXIT_FAILED;
}

static SpExitStatus
run (SpControl *control, const SpCommand *self, char ***arguments, gboolean import, GError **error)
{
  Wish wish = { 0 };
  const GOptionEntry options[] = {
    { "passphrase", 0, 0, G_OPTION_ARG_NONE, &wish.ask, "Ask for the passphrase of the files",
      NULL },
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &wish.passphrase.file,
      "The passphrase: its first line (-: standard input; fd:N)", "FILE" },
    { "token", 0, 0, G_OPTION_ARG_STRING, &wish.token,
      "The key is in a token (PKCS #11), under this URI; its PIN is asked for", "URI" },
    { "pin-file", 0, 0, G_OPTION_ARG_FILENAME, &wish.pin.file,
      "That PIN: its first line (-: standard input; fd:N)", "FILE" },
    { import ? "activate" : NULL, 0, 0, G_OPTION_ARG_NONE, &wish.activate,
      "Use it from the next connection on", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  SpExitStatus status = SP_EXIT_USAGE;

  if (sp_command_parse (self, control, options, arguments, error))
    status = examine (control, *arguments + 1, &wish, import, error);
  sp_password_source_clear (&wish.passphrase);
  sp_password_source_clear (&wish.pin);
  g_free (wish.token);
  return status;
}

SpExitStatus
sp_ctl_certificate_check (SpControl *control,
                          const SpCommand *self,
                          char ***arguments,
                          GError **error)
{
  return run (control, self, arguments, FALSE, error);
}

SpExitStatus
sp_ctl_certificate_import (SpControl *control,
                           const SpCommand *self,
                           char ***arguments,
                           GError **error)
{
  return run (control, self, arguments, TRUE, error);
}
