/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One domain; each code stands for another reaction of the caller, not for another cause. */
typedef enum
{
  SP_ERROR_FAILED,              /* tell the person, nothing else to do */
  SP_ERROR_INVALID_ARGUMENTS,   /* the caller's input is wrong; the message names it */
  SP_ERROR_NOT_FOUND,           /* the object is gone or never was */
  SP_ERROR_EXISTS,              /* choose another name */
  SP_ERROR_BUSY,                /* try again later */
  SP_ERROR_AGAIN,               /* a non-blocking operation has nothing now */
  SP_ERROR_PEER_GONE,           /* the other side closed */
  SP_ERROR_PEER_BROKE_RULES,    /* end that peer, count it, go on */
  SP_ERROR_NOT_SUPPORTED,       /* this system cannot do it */
  SP_ERROR_NOT_AUTHORIZED,      /* not allowed, and asking again does not help */
  SP_ERROR_PORT_IN_USE,         /* another program listens there */
  SP_ERROR_ADDRESS_CONFLICT,    /* the range overlaps a network of this machine */
  SP_ERROR_NO_TUN,              /* /dev/net/tun is missing or forbidden */
  SP_ERROR_FORWARDING_BLOCKED,  /* the system refuses to forward packets */
  SP_ERROR_CERTIFICATE_INVALID, /* key or certificate cannot be used */
  SP_ERROR_TIMEOUT,             /* no answer in time */
  SP_ERROR_CANCELLED,           /* somebody did not want it any more */
  SP_ERROR_CHECKPOINT_ACTIVE,   /* a change of the settings has to be confirmed or undone before */
  SP_ERROR_LAST = SP_ERROR_CHECKPOINT_ACTIVE
} SpError;

#define SP_ERROR (sp_error_quark ())
GQuark sp_error_quark (void);

/* Text of `errno_value`.  Not g_strerror: it opens a list of character sets when it is first
 * called, which no closed room may. */
const char *sp_error_describe (int errno_value);

/* Sets an error whose message ends in the text of `errno_value`. */
void sp_error_set_errno (GError **error, int errno_value, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

G_END_DECLS
