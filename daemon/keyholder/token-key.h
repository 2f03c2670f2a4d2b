/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

#include "walls/keyholder-token.h"

G_BEGIN_DECLS

/* The server's key in a token: a room of its own, which main starts when it is asked to, speaks
 * with the token.  Nothing here waits for it: each signature has a deadline, after which the room
 * is ended and, with growing pauses, another one started.  A PIN that was wrong is tried no more.
 */

#define SP_TOKEN_OPEN_SECONDS 30 /* to start the room, and to find the key */
#define SP_TOKEN_SIGN_SECONDS 4  /* less than a worker waits */

/* How it is with the key now; the text is empty when it is READY.  May free the key's signer. */
typedef void (*SpTokenChanged) (gpointer user_data,
                                const SpSigner *signer,
                                SpTokenState state,
                                const char *text);
/* Of no length: there is no signature. */
typedef void (*SpTokenSigned) (gpointer user_data, const guint8 *signature, guint16 length);

/* Begins in the next turn of the loop; texts are copied.  The key belongs to `signer` from now on,
 * which is that of the certificate. */
void sp_token_key_new (SpKeyholder *keyholder,
                       SpSigner *signer,
                       const char *uri,
                       const char *pin,
                       SpTokenChanged changed,
                       gpointer user_data);
/* What is open is answered with no signature; NULL is fine. */
void sp_token_key_free (SpTokenKey *key);

/* `done` is called once, perhaps at once. */
void sp_token_key_sign (SpTokenKey *key,
                        const SpSignerTask *task,
                        SpTokenSigned done,
                        gpointer user_data);

/* Handlers for the wall to main (link/link.h). */
void sp_token_key_started (gpointer user_data, guint32 serial, gconstpointer message, int *fds);
void sp_token_key_refused (gpointer user_data, guint32 serial, gconstpointer message, int *fds);

G_END_DECLS
