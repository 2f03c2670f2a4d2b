/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"
#include "base/names.h"
#include "from-keyholder.h"
#include "token-sandbox.h"

#include <signal.h>
#include <sys/socket.h>

static gboolean
has_wall (void)
{
  int type = 0;
  socklen_t size = sizeof type;

  return getsockopt (SP_WALL_FD, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* The module stays loaded until the process ends: what it leaves behind is nobody's business. */
int
main (void)
{
  SpTokenRoom room = { 0 };
  g_autoptr (GError) error = NULL;

  sp_log_open ("token", SP_LOG_NOTICE);
  if (!has_wall ())
    {
      sp_log (SP_LOG_ERROR, "start", "this program is started by sallyportd, not by hand");
      return 2;
    }
  (void) signal (SIGPIPE, SIG_IGN); /* the log may go to a pipe whose reader is gone */
  room.loop = g_main_loop_new (NULL, FALSE);
  room.keyholder = sp_link_new (SP_WALL_FD, &sp_wall_keyholder_token, SP_KEYHOLDER_TOKEN_TOKEN,
                                &sp_token_from_keyholder, &room);
  if (!sp_token_sandbox_enter (&error))
    {
      sp_log (SP_LOG_ERROR, "start", "%s", error->message);
      return 1;
    }
  g_main_loop_run (room.loop);
  sp_link_free (room.keyholder);
  sp_token_free (room.token);
  g_main_loop_unref (room.loop);
  return 0;
}
