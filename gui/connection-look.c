/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection-look.h"

#include "remote-server.h"
#include "remote/error.h"
#include "remote/host-key.h"
#include "remote/own-key.h"

#include <glib/gi18n.h>

#define INSTALL_COMMAND     "sudo apt install sallyport-server"
#define INSTALL_SSH_COMMAND "sudo apt install openssh-client"

typedef struct
{
  const char *icon;
  const char *title; /* %s: the name of the computer, where it has one */
  const char *text;
  const char *button;
  SpLookDeed deed;
  const char *command;
  gboolean details;
  gboolean alarm;
} Row;

/* A state without an icon shows that something is under way. */
static const Row here[] = {
  [SP_CONNECTION_ABSENT] = { .icon = "computer-symbolic",
                             .title = N_ ("No Server on This Computer"),
                             .text = N_ ("Install the package sallyport-server to turn this "
                                         "computer into a VPN server, or manage one that you "
                                         "have elsewhere."),
                             .command = INSTALL_COMMAND },
  [SP_CONNECTION_FAILED] = { .icon = "dialog-error-symbolic",
                             .title = N_ ("The Server Could Not Start"),
                             .text = N_ ("The details say what is in its way."),
                             .button = N_ ("_Try Again"),
                             .deed = SP_LOOK_RETRY,
                             .details = TRUE },
  [SP_CONNECTION_OUTDATED] = { .icon = "software-update-available-symbolic",
                               .title = N_ ("Update Needed"),
                               .text = N_ ("The server on this computer is older than this app. "
                                           "Update the package sallyport-server."),
                               .button = N_ ("_Try Again"),
                               .deed = SP_LOOK_RETRY,
                               .details = TRUE },
  [SP_CONNECTION_DENIED] = { .icon = "system-lock-screen-symbolic",
                             .title = N_ ("Only Administrators Can See This Server"),
                             .text = N_ ("It shows who is connected and from where."),
                             .button = N_ ("_Unlock…"),
                             .deed = SP_LOOK_UNLOCK },
  [SP_CONNECTION_READY] = { .icon = NULL },
};

static const Row there[] = {
  [SP_CONNECTION_ABSENT] = { .icon = "computer-symbolic",
                             .title = N_ ("No Server on %s"),
                             .text = N_ ("Install the package sallyport-server there to turn that "
                                         "computer into a VPN server."),
                             .command = INSTALL_COMMAND },
  [SP_CONNECTION_FAILED] = { .icon = "dialog-error-symbolic",
                             .title = N_ ("The Server on %s Could Not Start"),
                             .text = N_ ("The details say what is in its way."),
                             .button = N_ ("_Try Again"),
                             .deed = SP_LOOK_RETRY,
                             .details = TRUE },
  [SP_CONNECTION_OUTDATED] = { .icon = "software-update-available-symbolic",
                               .title = N_ ("Update Needed on %s"),
                               .text = N_ ("The server there is older than this app. Update the "
                                           "package sallyport-server."),
                               .button = N_ ("_Try Again"),
                               .deed = SP_LOOK_RETRY,
                               .details = TRUE },
  [SP_CONNECTION_DENIED] = { .icon = "system-lock-screen-symbolic",
                             .title = N_ ("Only Administrators Can See the Server on %s"),
                             .text = N_ ("Add your account there to the group sallyport-admin."),
                             .button = N_ ("_Try Again"),
                             .deed = SP_LOOK_RETRY },
  [SP_CONNECTION_READY] = { .icon = NULL },
};

/* By what stood in the way there. */
static const Row troubles[] = {
  [SP_REMOTE_ERROR_NO_SSH] = { .icon = "computer-symbolic",
                               .title = N_ ("SSH Is Missing"),
                               .text = N_ ("Other computers are reached by it. Install the package "
                                           "openssh-client on this computer."),
                               .button = N_ ("_Try Again"),
                               .deed = SP_LOOK_RETRY,
                               .command = INSTALL_SSH_COMMAND,
                               .details = TRUE },
  [SP_REMOTE_ERROR_NO_KEY] = { .icon = "dialog-error-symbolic",
                               .title = N_ ("There Is No Key for %s"),
                               .text = N_ ("This app could not make its own key. The details say "
                                           "what was in its way."),
                               .button = N_ ("_Try Again"),
                               .deed = SP_LOOK_RETRY,
                               .details = TRUE },
  [SP_REMOTE_ERROR_NAME_UNKNOWN] = { .icon = "network-offline-symbolic",
                                     .title = N_ ("%s Was Not Found"),
                                     .text = N_ ("Nobody knows an address for this name. Check how "
                                                 "it is written, and that you are in a network "
                                                 "where it is known."),
                                     .button = N_ ("_Try Again"),
                                     .deed = SP_LOOK_RETRY,
                                     .details = TRUE },
  [SP_REMOTE_ERROR_UNREACHABLE] = { .icon = "network-offline-symbolic",
                                    .title = N_ ("%s Does Not Answer"),
                                    .text = N_ ("Check that it is on, that it can be reached from "
                                                "here, and that its SSH server runs."),
                                    .button = N_ ("_Try Again"),
                                    .deed = SP_LOOK_RETRY,
                                    .details = TRUE },
  [SP_REMOTE_ERROR_HOST_KEY_UNKNOWN] = { .icon = "dialog-question-symbolic",
                                         .title = N_ ("Is This %s?"),
                                         .text = N_ ("You connect to it for the first time. "
                                                     "Compare its fingerprint with what the "
                                                     "command says on that computer."),
                                         .button = N_ ("_Trust and Connect"),
                                         .deed = SP_LOOK_TRUST },
  [SP_REMOTE_ERROR_HOST_KEY_CHANGED] = { .icon = "dialog-warning-symbolic",
                                         .title = N_ ("This Is Not the %s That You Know"),
                                         .text =
                                             N_ ("It shows another key than before. Somebody may "
                                                 "be listening in, or it was installed anew. "
                                                 "Nothing was sent. Ask who looks after it before "
                                                 "you remove the old key, which the details name."),
                                         .details = TRUE,
                                         .alarm = TRUE },
  [SP_REMOTE_ERROR_NOT_LET_IN] = { .icon = "system-lock-screen-symbolic",
                                   .title = N_ ("%s Does Not Let You In"),
                                   .text = N_ ("It knows none of your keys for this account. Add "
                                               "the public one to the file .ssh/authorized_keys of "
                                               "the account there."),
                                   .button = N_ ("_Try Again"),
                                   .deed = SP_LOOK_RETRY,
                                   .details = TRUE },
  [SP_REMOTE_ERROR_NO_BRIDGE] = { .icon = "dialog-error-symbolic",
                                  .title = N_ ("%s Cannot Be Managed"),
                                  .text = N_ ("The account reaches no services there. Install the "
                                              "package sallyport-server on that computer, and "
                                              "take an account that may run programs."),
                                  .button = N_ ("_Try Again"),
                                  .deed = SP_LOOK_RETRY,
                                  .details = TRUE },
};

static const Row *
find_row (SpServerConnection *connection)
{
  SpConnectionState state = sp_server_connection_get_state (connection);
  const GError *error = sp_server_connection_get_error (connection);

  if (!sp_server_connection_is_remote (connection))
    return &here[state];
  if (state == SP_CONNECTION_FAILED && error != NULL && error->domain == SP_REMOTE_ERROR)
    return &troubles[error->code];
  return &there[state];
}

/* The app's own key, if that was the one to sign in with. */
static char *
read_public_key (SpServerConnection *connection)
{
  SpContact *contact = sp_remote_server_get_contact (connection);
  g_autofree char *folder = sp_remote_server_get_folder ();
  g_autofree char *path = sp_own_key_get_path (folder);
  g_autofree char *public = g_strconcat (path, ".pub", NULL);
  char *text = NULL;

  if (contact != NULL && sp_contact_has_own_key (contact) &&
      g_file_get_contents (public, &text, NULL, NULL))
    return g_strchomp (text);
  return NULL;
}

/* What shows the same fingerprint on the other computer; its kinds of keys are called as their
 * files.
 */
static char *
get_fingerprint_command (SpServerConnection *connection)
{
  SpContact *contact = sp_remote_server_get_contact (connection);
  const char *offer = contact != NULL ? sp_contact_get_offer (contact) : NULL;
  g_autoptr (GPtrArray) keys = sp_host_key_read (offer != NULL ? offer : "");
  g_autofree char *kind =
      keys->len > 0 ? g_ascii_strdown (((SpHostKey *) keys->pdata[0])->kind, -1) : NULL;

  return kind != NULL ? g_strdup_printf ("ssh-keygen -lf /etc/ssh/ssh_host_%s_key.pub", kind)
                      : NULL;
}

static void
find_command (SpConnectionLook *look, const Row *row, SpServerConnection *connection)
{
  look->copy = _ ("Copy the Command");
  if (row == &troubles[SP_REMOTE_ERROR_NOT_LET_IN])
    {
      look->copy = _ ("Copy the Public Key");
      look->command = read_public_key (connection);
    }
  else if (row->deed == SP_LOOK_TRUST)
    look->command = get_fingerprint_command (connection);
  else if (row == &there[SP_CONNECTION_DENIED])
    look->command = sp_remote_server_get_remedy (connection);
  else
    look->command = g_strdup (row->command);
}

void
sp_connection_look_find (SpConnectionLook *look, SpServerConnection *connection)
{
  const Row *row = find_row (connection);
  gboolean remote = sp_server_connection_is_remote (connection);
  g_auto (GStrv) halves = NULL;

  *look = (SpConnectionLook){ .icon = row->icon };
  if (row->icon == NULL)
    return;
  halves = g_strsplit (_ (row->title), "%s", 2);
  look->title = g_strjoinv (sp_server_connection_get_name (connection), halves);
  look->text = g_strdup (_ (row->text));
  look->label = row->button != NULL ? _ (row->button) : NULL;
  look->deed = row->deed;
  look->details = row->details;
  look->alarm = row->alarm;
  look->elsewhere = remote || row == &here[SP_CONNECTION_ABSENT];
  find_command (look, row, connection);
}

void
sp_connection_look_clear (SpConnectionLook *look)
{
  g_clear_pointer (&look->title, g_free);
  g_clear_pointer (&look->text, g_free);
  g_clear_pointer (&look->command, g_free);
}
