/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A line of a password file of ocserv, "login:groups:hash" as its manual describes it: groups are
 * separated by commas, "*" stands for none; "!" before the hash locks the user out.  Pure. */

typedef struct
{
  char *login; /* may be empty */
  char **groups;
  char *hash; /* without the mark of a locked one, perhaps empty; a secret */
  gboolean is_locked;
} SpPasswordLine;

/* NULL: it is no such line.  Nothing of the hash is left behind but in what is returned and in
 * `text`, which is the caller's. */
SpPasswordLine *sp_password_line_parse (const char *text);
void sp_password_line_free (SpPasswordLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpPasswordLine, sp_password_line_free)

G_END_DECLS
