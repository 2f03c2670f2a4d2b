/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "fields.h"
#include "json.h"
#include "picture.h"
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

#define ID_SHOWN 8                 /* characters */
#define LINK_MAX (SP_URL_MAX + 64) /* bytes */
#define OUT_MODE 0600

/* --- inviting --- */

typedef struct
{
  char *device_name;
  int valid; /* seconds; 0: as the service likes */
  gboolean picture;
  char *out;
} Wish;

static void
wish_clear (Wish *wish)
{
  g_free (wish->device_name);
  g_free (wish->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wish, wish_clear)

static gboolean
parse (SpControl *control, const SpCommand *self, char ***arguments, Wish *wish, GError **error)
{
  const GOptionEntry options[] = {
    { "device-name", 0, 0, G_OPTION_ARG_STRING, &wish->device_name,
      "What the device will be called", "TEXT" },
    { "valid", 0, 0, G_OPTION_ARG_INT, &wish->valid, "For how many seconds the link works (86400)",
      "NUMBER" },
    { "qr", 0, 0, G_OPTION_ARG_NONE, &wish->picture, "Show the link as a picture for a camera",
      NULL },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &wish->out, "Write the link into a file", "FILE" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  if (!sp_command_parse (self, control, options, arguments, error))
    return FALSE;
  if (wish->valid < 0 ||
      (wish->device_name != NULL && !g_utf8_validate (wish->device_name, -1, NULL)))
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                 "--valid wants seconds, and --device-name a text in UTF-8");
  else if (wish->picture && (control->json || wish->out != NULL))
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                 "--qr shows the link on the terminal, neither in JSON nor in a file");
  else
    return TRUE;
  return FALSE;
}

/* The text in the first descriptor. */
static char *
read_link (GUnixFDList *descriptors, GError **error)
{
  sp_autofd int fd = descriptors != NULL && g_unix_fd_list_get_length (descriptors) == 1
                         ? g_unix_fd_list_get (descriptors, 0, NULL)
                         : -1;
  char text[LINK_MAX + 1] = "";
  gssize size = fd < 0 ? -1 : pread (fd, text, LINK_MAX, 0);
  char *link = size > 0 ? g_strndup (text, (gsize) size) : NULL;

  sp_secret_wipe (text, sizeof text);
  if (link == NULL)
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "the service handed over no link");
  return link;
}

static char *
invite (SpClient *client, SpBusUser *user, const Wish *wish, char **ret_path, GError **error)
{
  GVariantDict options;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;

  g_variant_dict_init (&options, NULL);
  if (wish->device_name != NULL)
    g_variant_dict_insert (&options, "device-name", "s", wish->device_name);
  if (wish->valid > 0)
    g_variant_dict_insert (&options, "valid-s", "u", (guint32) wish->valid);
  if (!sp_bus_user_call_invite_sync (user, g_variant_dict_end (&options), client->flags,
                                     client->timeout, NULL, ret_path, &handle, &descriptors, NULL,
                                     error))
    return NULL;
  return read_link (descriptors, error);
}

static gboolean
write_file (const char *file, const char *link, GError **error)
{
  sp_autofd int fd = open (file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OUT_MODE);
  gssize size = (gssize) strlen (link);

  if (fd >= 0 && write (fd, link, (gsize) size) == size && write (fd, "\n", 1) == 1)
    return TRUE;
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED, "%s: %s", file, g_strerror (errno));
  return FALSE;
}

static gboolean
print_link (
    const SpControl *control, const Wish *wish, const char *path, const char *link, GError **error)
{
  const char *id = strrchr (path, '/') + 1;
  SpJson json;

  if (wish->out != NULL && !write_file (wish->out, link, error))
    return FALSE;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "id", id);
      if (wish->out == NULL)
        sp_json_text (&json, "link", link);
      sp_json_print (&json);
      return TRUE;
    }
  if (wish->picture && !sp_picture_print (link))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED,
                   "the picture needs a terminal that shows it");
      return FALSE;
    }
  if (wish->out == NULL)
    g_print ("%s\n", link);
  return TRUE;
}

/* A link that nobody got is of no use. */
static void
take_back (SpClient *client, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SpBusInvitation) invitation = sp_bus_invitation_proxy_new_sync (
      client->connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, SP_BUS_NAME, path, NULL,
      &error);

  if (invitation == NULL ||
      !sp_bus_invitation_call_revoke_sync (invitation, sp_client_no_options (), client->flags,
                                           client->timeout, NULL, &error))
    g_printerr (SP_CTL_NAME ": the invitation stays: %s\n", error->message);
}

SpExitStatus
sp_ctl_user_invite (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (Wish) wish = { 0 };
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusUser) user = NULL;
  g_autoptr (SpSecretText) link = NULL;
  g_autofree char *path = NULL;

  if (!parse (control, self, arguments, &wish, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  user = sp_client_find_user (client, (*arguments)[1], error);
  if (user == NULL)
    return SP_EXIT_FAILED;
  link = invite (client, user, &wish, &path, error);
  if (link == NULL)
    return SP_EXIT_FAILED;
  if (print_link (control, &wish, path, link, error))
    return SP_EXIT_OK;
  take_back (client, path);
  return SP_EXIT_FAILED;
}

/* --- list --- */

char **
sp_ctl_invitation_fields (void)
{
  const char *const own[] = { "id", "login", NULL };
  GDBusInterfaceInfo *const interfaces[] = { sp_bus_invitation_interface_info (), NULL };

  return sp_field_list (own, interfaces);
}

static char *
login_of (SpClient *client, SpBusInvitation *invitation)
{
  g_autoptr (GDBusInterface) user = g_dbus_object_manager_get_interface (
      client->objects, sp_bus_invitation_get_user (invitation), SP_BUS_INTERFACE "User");

  return g_strdup (user != NULL ? sp_bus_user_get_login (SP_BUS_USER (user)) : "");
}

static void
print_data (const SpControl *control,
            const SpCommand *self,
            SpClient *client,
            GPtrArray *invitations)
{
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "invitations", '[');
  for (guint i = 0; i < invitations->len; i++)
    {
      g_autofree char *login = login_of (client, invitations->pdata[i]);

      sp_json_open (&json, NULL, '{');
      sp_json_text (&json, "id", sp_client_id_of (invitations->pdata[i]));
      sp_json_text (&json, "login", login);
      sp_json_properties (&json, invitations->pdata[i]);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

/* The last step that the visitor took. */
static char *
last_step (SpBusInvitation *invitation)
{
  GVariant *steps = sp_bus_invitation_get_steps (invitation);
  gsize n = steps != NULL ? g_variant_n_children (steps) : 0;
  const char *step;
  guint64 at;
  g_autofree char *time = NULL;

  if (n == 0)
    return g_strdup ("");
  g_variant_get_child (steps, n - 1, "(&st)", &step, &at);
  time = sp_text_time (at);
  return g_strdup_printf ("%s %s", step, time);
}

static void
add_row (SpTable *table, SpClient *client, SpBusInvitation *invitation)
{
  g_autofree char *login = login_of (client, invitation);
  g_autofree char *step = last_step (invitation);
  char *cells[] = {
    g_strndup (sp_client_id_of (invitation), ID_SHOWN),
    sp_text_printable (login),
    sp_text_printable (sp_bus_invitation_get_device_name (invitation)),
    sp_text_printable (sp_bus_invitation_get_state (invitation)),
    sp_text_time (sp_bus_invitation_get_created_at (invitation)),
    sp_text_time (sp_bus_invitation_get_expires_at (invitation)),
    sp_text_printable (step),
    sp_text_printable (sp_bus_invitation_get_remote_address (invitation)),
    NULL,
  };

  sp_table_take_row (table, g_memdup2 (cells, sizeof cells));
}

SpExitStatus
sp_ctl_invitation_list (SpControl *control,
                        const SpCommand *self,
                        char ***arguments,
                        GError **error)
{
  const char *const head[] = { "ID",   "USER",      "DEVICE", "STATE", "SINCE",
                               "ENDS", "LAST STEP", "FROM",   NULL };
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) invitations = NULL;
  SpTable *table;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_client_look (client, 0, error))
    return SP_EXIT_FAILED;
  invitations = sp_client_list_invitations (client);
  if (sp_fields_wanted (control))
    {
      print_data (control, self, client, invitations);
      return SP_EXIT_OK;
    }
  table = sp_table_new (head);
  for (guint i = 0; i < invitations->len; i++)
    add_row (table, client, invitations->pdata[i]);
  sp_table_print (table);
  return SP_EXIT_OK;
}

/* --- revoke --- */

SpExitStatus
sp_ctl_invitation_revoke (SpControl *control,
                          const SpCommand *self,
                          char ***arguments,
                          GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusInvitation) invitation = NULL;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_client_look (client, 0, error))
    return SP_EXIT_FAILED;
  invitation = sp_client_find_invitation (client, (*arguments)[1], error);
  if (invitation == NULL ||
      !sp_bus_invitation_call_revoke_sync (invitation, sp_client_no_options (), client->flags,
                                           client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (!control->json)
    {
      g_print ("Revoked %s.\n", sp_client_id_of (invitation));
      return SP_EXIT_OK;
    }
  sp_json_init (&json);
  sp_json_text (&json, "id", sp_client_id_of (invitation));
  sp_json_print (&json);
  return SP_EXIT_OK;
}
