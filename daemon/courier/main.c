/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"
#include "base/names.h"
#include "courier-sandbox.h"
#include "courier.h"

#include <signal.h>
#include <sys/socket.h>

static gboolean
has_wall (void)
{
  int type = 0;
  socklen_t size = sizeof type;

  return getsockopt (SP_WALL_FD, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* What is a secret is wiped where it is ours; libraries' copies end with the process, at once. */
int
main (void)
{
  SpCourier courier = { 0 };
  g_autoptr (GError) error = NULL;

  sp_log_open ("courier", SP_LOG_NOTICE);
  if (!has_wall ())
    {
      sp_log (SP_LOG_ERROR, "start", "this program is started by sallyportd, not by hand");
      return 2;
    }
  (void) signal (SIGPIPE, SIG_IGN); /* the log may go to a pipe whose reader is gone */
  courier.loop = g_main_loop_new (NULL, FALSE);
  courier.session = sp_errand_prepare (&error);
  if (courier.session == NULL || !sp_courier_sandbox_enter (&error))
    {
      sp_log (SP_LOG_ERROR, "start", "%s", error->message);
      return 1;
    }
  courier.main = sp_link_new (SP_WALL_FD, &sp_wall_main_courier, SP_MAIN_COURIER_COURIER,
                              &sp_courier_from_main, &courier);
  g_main_loop_run (courier.loop);
  sp_link_free (courier.main);
  sp_errand_free (courier.errand);
  sp_zone_errand_free (courier.zone);
  sp_acme_errand_free (courier.order);
  sp_acme_renewal_free (courier.renewal);
  g_object_unref (courier.session);
  g_main_loop_unref (courier.loop);
  return 0;
}
