/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Keys of other computers, as lines of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
 */

typedef struct
{
  char *kind;        /* "ED25519" */
  char *fingerprint; /* "SHA256:…", as ssh-keygen -l writes it */
} SpHostKey;

void sp_host_key_free (SpHostKey *key);

/* Those in `lines`; what is no line of a key is left out.  Free with g_ptr_array_unref().  PURE. */
GPtrArray *sp_host_key_read (const char *lines);

/* From now on ssh knows them, when it is given this file.  Errors: G_IO_ERROR. */
gboolean sp_host_key_trust (const char *lines, const char *path, GError **error);

G_END_DECLS
