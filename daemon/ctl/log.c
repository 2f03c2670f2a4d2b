/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"

#include "base/io.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <unistd.h>

typedef struct
{
  char *level;
  char *subject;
  char *session;
  char *user;
  int lines;
  gboolean follow;
} Wishes;

static void
wishes_clear (Wishes *wishes)
{
  g_free (wishes->level);
  g_free (wishes->subject);
  g_free (wishes->session);
  g_free (wishes->user);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wishes, wishes_clear)

static void
put_text (GVariantBuilder *builder, const char *name, const char *text)
{
  if (text != NULL)
    g_variant_builder_add (builder, "{sv}", name, g_variant_new_string (text));
}

static int
open_log (SpClient *client, const Wishes *wishes, gboolean json, GError **error)
{
  GVariantBuilder filter = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GUnixFDList) descriptors = NULL;

  put_text (&filter, "Level", wishes->level);
  put_text (&filter, "Subject", wishes->subject);
  put_text (&filter, "Session", wishes->session);
  put_text (&filter, "User", wishes->user);
  put_text (&options, "format", json ? "json" : "text");
  g_variant_builder_add (&options, "{sv}", "follow", g_variant_new_boolean (wishes->follow));
  if (wishes->lines >= 0)
    g_variant_builder_add (&options, "{sv}", "backlog",
                           g_variant_new_uint32 ((guint32) wishes->lines));
  if (!sp_bus_server_call_open_log_sync (client->server, g_variant_builder_end (&filter),
                                         g_variant_builder_end (&options), client->flags,
                                         client->timeout, NULL, NULL, &descriptors, NULL, error))
    return -1;
  if (descriptors != NULL && g_unix_fd_list_get_length (descriptors) == 1)
    return g_unix_fd_list_get (descriptors, 0, error);
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "the service's answer has no descriptor");
  return -1;
}

/* Until there is no more, or nobody reads what is printed. */
static void
copy (int fd)
{
  char buffer[4096];
  ssize_t size;

  while ((size = read (fd, buffer, sizeof buffer)) > 0 || (size < 0 && errno == EINTR))
    for (ssize_t done = 0; done < size;)
      {
        ssize_t written = write (STDOUT_FILENO, buffer + done, (gsize) (size - done));

        if (written < 0 && errno != EINTR)
          return;
        done += MAX (written, 0);
      }
}

SpExitStatus
sp_ctl_log (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (Wishes) wishes = { .lines = -1 };
  const GOptionEntry options[] = {
    { "follow", 0, 0, G_OPTION_ARG_NONE, &wishes.follow, "Go on until Ctrl-C", NULL },
    { "lines", 0, 0, G_OPTION_ARG_INT, &wishes.lines, "How many of those that were (100)",
      "NUMBER" },
    { "level", 0, 0, G_OPTION_ARG_STRING, &wishes.level,
      "The least important ones: error, warning, notice (as usual) or debug", "LEVEL" },
    { "subject", 0, 0, G_OPTION_ARG_STRING, &wishes.subject, "Only of this subject", "WORD" },
    { "session", 0, 0, G_OPTION_ARG_STRING, &wishes.session, "Only of this session", "ID" },
    { "user", 0, 0, G_OPTION_ARG_STRING, &wishes.user, "Only of the user with this id", "ID" },
    { 0 },
  };
  g_autoptr (SpClient) client = NULL;
  sp_autofd int fd = -1;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  fd = client != NULL ? open_log (client, &wishes, control->json, error) : -1;
  if (fd < 0)
    return SP_EXIT_FAILED;
  copy (fd);
  return SP_EXIT_OK;
}
