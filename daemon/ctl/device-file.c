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
#include <unistd.h>

/* Certificates of devices: made by the service, and written into a file here. */

typedef struct
{
  char *format;
  int days;
  char *out;
  SpPasswordSource passphrase;
} Wish;

static void
wish_clear (Wish *wish)
{
  g_free (wish->format);
  g_free (wish->out);
  sp_password_source_clear (&wish->passphrase);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wish, wish_clear)

/* What the service answered: two sealed memory files. */
typedef struct
{
  GUnixFDList *descriptors;
  GVariant *file;
  GVariant *passphrase;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_clear_object (&answer->descriptors);
  g_clear_pointer (&answer->file, g_variant_unref);
  g_clear_pointer (&answer->passphrase, g_variant_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static gboolean
parse (SpControl *control, const SpCommand *self, char ***arguments, Wish *wish, GError **error)
{
  const GOptionEntry options[] = {
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &wish->out, "Where the file goes (-: standard output)",
      "FILE" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &wish->format, "pkcs12 (default), pkcs12-aes or pem",
      "WORD" },
    { "days", 0, 0, G_OPTION_ARG_INT, &wish->days, "How long the certificate is good (730)",
      "NUMBER" },
    { "passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &wish->passphrase.file,
      "The passphrase of the key: its first line (-: standard input; fd:N)", "FILE" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  if (!sp_command_parse (self, control, options, arguments, error))
    return FALSE;
  if (wish->out == NULL || wish->days < 0)
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                 "where shall the file go?  --out FILE, and --days from 1 on");
  else if (g_str_equal (wish->out, "-") && (control->json || isatty (STDOUT_FILENO)))
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                 "the file cannot go to a terminal or into JSON: --out FILE");
  else
    return TRUE;
  return FALSE;
}

/* The options for the service, with the descriptor that they mention; NULL on failure. */
static GVariant *
make_options (const SpControl *control, const Wish *wish, GUnixFDList *descriptors, GError **error)
{
  const SpPasswordQuestion question = { "Passphrase of the file: ", "passphrase", TRUE };
  GVariantDict options;
  int fd = -1;

  if (wish->passphrase.file != NULL)
    {
      fd = sp_password_ask (&wish->passphrase, control, &question, error);
      if (fd < 0)
        return NULL;
    }
  g_variant_dict_init (&options, NULL);
  if (wish->format != NULL)
    g_variant_dict_insert (&options, "format", "s", wish->format);
  if (wish->days > 0)
    g_variant_dict_insert (&options, "days", "u", (guint32) wish->days);
  if (fd >= 0)
    g_variant_dict_insert (&options, "passphrase", "h",
                           g_unix_fd_list_append (descriptors, fd, NULL));
  sp_fd_clear (&fd);
  return g_variant_ref_sink (g_variant_dict_end (&options));
}

/* --- what comes back --- */

/* At most `size` bytes of the memory file; -1 on failure. */
static gssize
read_file (const Answer *answer, GVariant *handle, char *bytes, gsize size, GError **error)
{
  sp_autofd int fd = g_unix_fd_list_get (answer->descriptors, g_variant_get_handle (handle), error);
  ssize_t got;

  if (fd < 0)
    return -1;
  got = pread (fd, bytes, size, 0);
  if (got < 0)
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "reading what the service made: %s",
                 g_strerror (errno));
  return got;
}

/* Nobody else may read it, and nothing that is there is overwritten. */
static int
open_out (const char *path, GError **error)
{
  int fd;

  if (g_str_equal (path, "-"))
    return dup (STDOUT_FILENO);
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "%s: %s", path, g_strerror (errno));
  return fd;
}

static gboolean
write_out (int out, const Answer *answer, const char *path, GError **error)
{
  char bytes[SP_DEVICE_FILE_MAX];
  gssize size = read_file (answer, answer->file, bytes, sizeof bytes, error);
  gboolean written = size > 0 && write (out, bytes, (gsize) size) == size;

  sp_secret_wipe (bytes, sizeof bytes);
  if (!written && (error == NULL || *error == NULL))
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "%s: %s", path, g_strerror (errno));
  return written;
}

/* The one place where a passphrase is printed: one that was made for the owner to pass on. */
static void
print_done (const SpControl *control, const char *id, const char *path, const char *passphrase)
{
  SpJson json;

  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "id", id);
      sp_json_text (&json, "file", path);
      if (passphrase[0] != '\0')
        sp_json_text (&json, "passphrase", passphrase);
      sp_json_print (&json);
      return;
    }
  /* not among the bytes of the file */
  g_printerr ("Device %s: %s\n", id, path);
  if (passphrase[0] != '\0')
    g_printerr ("Passphrase: %s\n", passphrase);
}

static SpExitStatus
deliver (const SpControl *control,
         const char *id,
         const Wish *wish,
         int out,
         const Answer *answer,
         GError **error)
{
  char passphrase[SP_PASSPHRASE_MAX + 1] = "";
  gboolean done =
      write_out (out, answer, wish->out, error) &&
      read_file (answer, answer->passphrase, passphrase, sizeof passphrase - 1, error) >= 0;

  if (done)
    print_done (control, id, wish->out, passphrase);
  sp_secret_wipe (passphrase, sizeof passphrase);
  return done ? SP_EXIT_OK : SP_EXIT_FAILED;
}

/* --- commands --- */

static void
forget_out (const Wish *wish)
{
  if (!g_str_equal (wish->out, "-"))
    (void) unlink (wish->out);
}

static SpExitStatus
add (SpControl *control, char *const *arguments, const Wish *wish, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autoptr (SpBusUser) user =
      client != NULL ? sp_client_find_user (client, arguments[1], error) : NULL;
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr (GVariant) options =
      user != NULL ? make_options (control, wish, descriptors, error) : NULL;
  g_auto (Answer) answer = { NULL, NULL, NULL };
  g_autofree char *path = NULL;
  sp_autofd int out = options != NULL ? open_out (wish->out, error) : -1;
  SpExitStatus status = SP_EXIT_FAILED;

  if (out < 0)
    return SP_EXIT_FAILED;
  if (sp_bus_user_call_add_device_sync (user, arguments[2], options, client->flags, client->timeout,
                                        descriptors, &path, &answer.file, &answer.passphrase,
                                        &answer.descriptors, NULL, error))
    status = deliver (control, strrchr (path, '/') + 1, wish, out, &answer, error);
  if (status != SP_EXIT_OK)
    forget_out (wish);
  return status;
}

SpExitStatus
sp_ctl_device_add (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (Wish) wish = { NULL, 0, NULL, { NULL, FALSE } };

  if (!parse (control, self, arguments, &wish, error))
    return SP_EXIT_USAGE;
  if (g_utf8_validate ((*arguments)[2], -1, NULL))
    return add (control, *arguments, &wish, error);
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "the name is not UTF-8");
  return SP_EXIT_USAGE;
}

static SpExitStatus
renew (SpControl *control, const char *id, const Wish *wish, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autoptr (SpBusDevice) device = NULL;
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr (GVariant) options = NULL;
  g_auto (Answer) answer = { NULL, NULL, NULL };
  sp_autofd int out = -1;
  SpExitStatus status = SP_EXIT_FAILED;

  if (client != NULL && sp_client_look (client, 0, error))
    device = sp_client_find_device (client, id, error);
  if (device != NULL)
    options = make_options (control, wish, descriptors, error);
  if (options != NULL)
    out = open_out (wish->out, error);
  if (out < 0)
    return SP_EXIT_FAILED;
  if (sp_bus_device_call_renew_sync (device, options, client->flags, client->timeout, descriptors,
                                     &answer.file, &answer.passphrase, &answer.descriptors, NULL,
                                     error))
    status = deliver (control, sp_client_id_of (device), wish, out, &answer, error);
  if (status != SP_EXIT_OK)
    forget_out (wish);
  return status;
}

SpExitStatus
sp_ctl_device_renew (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (Wish) wish = { NULL, 0, NULL, { NULL, FALSE } };

  if (!parse (control, self, arguments, &wish, error))
    return SP_EXIT_USAGE;
  return renew (control, (*arguments)[1], &wish, error);
}
