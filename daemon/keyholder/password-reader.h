/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* Reads a password from a descriptor that somebody passed on (a pipe, a socket, a file in memory)
 * to its end, without waiting anywhere but in the loop. */

typedef struct _SpPasswordReader SpPasswordReader;

#define SP_PASSWORD_READ_SECONDS 5

/* Called once, with an acceptable password without the line end that followed it, or with an error:
 * SP_ERROR_INVALID_ARGUMENTS (empty, too long, a zero in it, or no such descriptor),
 * SP_ERROR_TIMEOUT, SP_ERROR_FAILED.  May free the reader. */
typedef void (*SpPasswordRead) (gpointer user_data,
                                const guint8 *password,
                                gsize length,
                                const GError *error);

/* Takes `fd` and makes it non-blocking, for all who have it. */
SpPasswordReader *sp_password_reader_new (int fd,
                                          guint seconds,
                                          SpPasswordRead read,
                                          gpointer user_data);
/* Wipes what was read. */
void sp_password_reader_free (SpPasswordReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpPasswordReader, sp_password_reader_free)

G_END_DECLS
