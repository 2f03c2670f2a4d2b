/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The key that the app shows to other computers, for who has none of their own or keeps theirs from
 * it: ED25519, made once by ssh-keygen, in `folder`, which is made with it.  It has no passphrase:
 * who reads this person's files can use it, and nobody else. */

/* Where it is in the folder. */
char *sp_own_key_get_path (const char *folder);

/* Makes it unless it is there.  The finish returns the public key in one line, as it stands in an
 * authorized_keys file.  Errors: SP_REMOTE_ERROR_NO_KEY. */
void sp_own_key_make (const char *folder,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer data);
char *sp_own_key_make_finish (GAsyncResult *result, GError **error);

G_END_DECLS
