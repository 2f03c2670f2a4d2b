/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "command.h"

G_BEGIN_DECLS

/* Where a new password comes from; never from an argument.  Without either, the terminal is asked,
 * or standard input gives it where that is no terminal. */
typedef struct
{
  char *file;        /* "-": standard input; "fd:N"; else a path */
  gboolean generate; /* make one up */
} SpPasswordSource;

void sp_password_source_clear (SpPasswordSource *source);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SpPasswordSource, sp_password_source_clear)

/* What a person is asked for. */
typedef struct
{
  const char *prompt; /* "New VPN password for anna: " */
  const char *name;   /* "password" */
  gboolean twice;     /* it is new, so it is typed once more */
} SpPasswordQuestion;

/* The secret, its first line without the line end, in a sealed memory file; -1 on failure. */
int sp_password_ask (const SpPasswordSource *source,
                     const SpControl *control,
                     const SpPasswordQuestion *question,
                     GError **error);

/* The password, its first line without the line end, in a sealed memory file.  A generated one is
 * also put into `ret_generated` (for printing it once; free with sp_secret_text_free), which is
 * NULL otherwise. */
int sp_password_obtain (const SpPasswordSource *source,
                        const SpControl *control,
                        const char *login,
                        char **ret_generated,
                        GError **error);

/* The first line of such a file, without its end or a terminator; more than `size` bytes are cut
 * off.  -1: an error. */
gssize sp_password_read_line (const char *file, char *buffer, gsize size, GError **error);

G_END_DECLS
