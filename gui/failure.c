/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "failure.h"

#include "bus/error.h"
#include "window.h"

#include <glib/gi18n.h>

/* What is said for each kind; NULL: what the service says itself, which names the value that is
 * wrong. */
static const char *const texts[] = {
  [SP_BUS_ERROR_NOT_AUTHORIZED] = N_ ("only an administrator of this computer may do this"),
  [SP_BUS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN] =
      N_ ("this needs an administrator’s password, and nothing here can ask for it"),
  [SP_BUS_ERROR_NOT_FOUND] = N_ ("it is not there any more"),
  [SP_BUS_ERROR_BUSY] = N_ ("the server is busy with something else, try again in a moment"),
  [SP_BUS_ERROR_NOT_SUPPORTED] = N_ ("this server cannot do that"),
  [SP_BUS_ERROR_NO_TUN] = N_ ("the network tunnel device is not available"),
  [SP_BUS_ERROR_TIMEOUT] = N_ ("it took too long"),
  [SP_BUS_ERROR_LAST] = NULL,
};

char *
sp_failure_describe (const GError *error)
{
  g_autoptr (GError) plain = g_error_copy (error);
  gsize length;

  if (plain->domain == SP_BUS_ERROR && plain->code >= 0 && plain->code <= SP_BUS_ERROR_LAST &&
      texts[plain->code] != NULL)
    return g_strdup (_ (texts[plain->code]));
  if (g_error_matches (plain, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
      g_error_matches (plain, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_strdup (_ ("the server did not answer"));
  (void) g_dbus_error_strip_remote_error (plain);
  length = strlen (plain->message);
  if (length > 0 && plain->message[length - 1] == '.')
    plain->message[length - 1] = '\0';
  return g_strdup (plain->message);
}

void
sp_failure_show (GtkWidget *near, const char *what, const GError *error)
{
  SpWindow *window = sp_window_of (near);
  g_autofree char *reason = NULL;
  g_autofree char *text = NULL;

  if (window == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED))
    {
      sp_window_say (window, _ ("Nothing was changed"));
      return;
    }
  reason = sp_failure_describe (error);
  /* Translators: what did not work, and why. */
  text = g_strdup_printf (_ ("%s: %s"), what, reason);
  sp_window_say (window, text);
}
