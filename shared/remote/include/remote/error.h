/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why another computer is not reached, or cannot be one.  The messages are English and have what
 * ssh said; a window words them by their code. */
typedef enum
{
  SP_REMOTE_ERROR_TARGET_USER,      /* what stands before the @ is no name of an account */
  SP_REMOTE_ERROR_TARGET_HOST,      /* there is no name or address of a computer */
  SP_REMOTE_ERROR_TARGET_PORT,      /* what stands behind the colon is no port */
  SP_REMOTE_ERROR_NO_SSH,           /* this computer has no ssh */
  SP_REMOTE_ERROR_NO_KEY,           /* the app's own key could not be made */
  SP_REMOTE_ERROR_NAME_UNKNOWN,     /* nobody knows an address for the name */
  SP_REMOTE_ERROR_UNREACHABLE,      /* no ssh server answers there */
  SP_REMOTE_ERROR_HOST_KEY_UNKNOWN, /* first contact */
  SP_REMOTE_ERROR_HOST_KEY_CHANGED, /* it is not the computer that it was */
  SP_REMOTE_ERROR_NOT_LET_IN,       /* none of the keys is taken for this account */
  SP_REMOTE_ERROR_NO_BRIDGE,        /* the account cannot reach the bus there */
} SpRemoteError;

#define SP_REMOTE_ERROR (sp_remote_error_quark ())
GQuark sp_remote_error_quark (void);

/* Whether trying again by itself would end the same way. */
gboolean sp_remote_error_is_final (const GError *error);

G_END_DECLS
