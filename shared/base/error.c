/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#include <errno.h>
#include <string.h>

GQuark
sp_error_quark (void)
{
  return g_quark_from_static_string ("sp-error-quark");
}

static SpError
code_from_errno (int errno_value)
{
  switch (errno_value)
    {
      case EAGAIN:
      case EINTR:
        return SP_ERROR_AGAIN;
      case EPIPE:
      case ECONNRESET:
      case ESRCH: /* a process */
        return SP_ERROR_PEER_GONE;
      case ENOENT:
        return SP_ERROR_NOT_FOUND;
      case EEXIST:
        return SP_ERROR_EXISTS;
      case EADDRINUSE:
        return SP_ERROR_PORT_IN_USE;
      case ETIMEDOUT:
        return SP_ERROR_TIMEOUT;
      case EPERM:
      case EACCES:
        return SP_ERROR_NOT_AUTHORIZED;
      default:
        return SP_ERROR_FAILED;
    }
}

const char *
sp_error_describe (int errno_value)
{
  const char *text = strerrordesc_np (errno_value);

  return text != NULL ? text : "unknown error";
}

void
sp_error_set_errno (GError **error, int errno_value, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, SP_ERROR, code_from_errno (errno_value), "%s: %s", what,
               sp_error_describe (errno_value));
}
