/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/password-line.h"
#include "exit-status.h"

#include <glib.h>

G_BEGIN_DECLS

/* Files of ocserv as their manual describes them: "key = value" lines with comments, values perhaps
 * in quotes; and lines of passwords. */

typedef struct
{
  char *file;
  guint line; /* from 1 */
  char *key;  /* NULL: the line means nothing to us, and value says what it was */
  char *value;
  gboolean in_host; /* of a virtual host */
} SpOcservLine;

/* Lines in their order, without comments; those of a [vhost:…] section have no key.  Errors: what
 * reading gives, SP_CTL_ERROR_USAGE (not a text, or far too long). */
GPtrArray *sp_ocserv_read_file (const char *path, GError **error);
/* The same of what was in a file, a text in UTF-8; `path` is only told. */
GPtrArray *sp_ocserv_parse_file (const char *path, const char *text);

typedef struct
{
  guint line;
  SpPasswordLine *account;
} SpOcservUser;

/* Lines that are no such thing are left out and counted. */
GPtrArray *sp_ocserv_read_users (const char *path, guint *ret_strange, GError **error);
/* The same; nothing is left of `text` afterwards. */
GPtrArray *sp_ocserv_parse_users (char *text, guint *ret_strange);

G_END_DECLS
